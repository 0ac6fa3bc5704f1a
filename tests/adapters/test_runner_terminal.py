"""A command that somebody has to talk to has the real terminal, alone; afterwards the console has it, as it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from incident.core.ports import Order
from incident.errors import RunError
from incident.runner import LocalRunner
from tests.system.terminal import ROOT, Terminal

# A console that gives its terminal away, and says afterwards what it has of it.
CONSOLE = """
import asyncio, os, sys, termios
from incident.core.ports import Order
from incident.errors import RunError
from incident.runner import LocalRunner

async def main():
    turns = 0

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    before = termios.tcgetattr(0)
    order = Order("r1", tuple(sys.argv[2:]), os.getcwd(), "")
    running = asyncio.create_task(LocalRunner().at_terminal(order))
    if sys.argv[1] == "cancel":
        await asyncio.to_thread(lambda: open("ready").read())
        running.cancel()
    try:
        ending = await running
        print("ending", ending.exit, ending.size, ending.seconds > 0, *(["left", *ending.left] if ending.left else []))
    except RunError as failed:
        print("failed", failed)
    except asyncio.CancelledError:
        print("cancelled")
    task.cancel()
    print("the loop lived", turns > 10)
    print("foreground", os.tcgetpgrp(0) == os.getpgrp(), "modes", termios.tcgetattr(0) == before)
    print("and hears", await asyncio.to_thread(input))

asyncio.run(main())
"""


@contextmanager
def console(home: Path, *argv: str, how: str = "wait") -> Iterator[Terminal]:
    (home / "console.py").write_text(CONSOLE)
    environment = {"PYTHONPATH": str(ROOT), "PAGER": "less"}
    with Terminal(how, *argv, home=home, environment=environment, program=[sys.executable, "console.py"]) as terminal:
        yield terminal


def the_console_has_it_again(terminal: Terminal) -> None:
    terminal.wait_for("the loop lived True")
    terminal.wait_for("foreground True modes True")
    terminal.press("hello", "enter")
    terminal.wait_for("and hears hello")
    assert terminal.exit_code() == 0


def test_a_command_that_asks_gets_the_answer_and_its_end_is_seen(tmp_path: Path) -> None:
    script = "printf 'name? '; read name; echo $name has $(tty); echo $PAGER; exit 3"
    with console(tmp_path, "bash", "-c", script) as terminal:
        terminal.wait_for("name\\?")
        terminal.press("kim", "enter")
        terminal.wait_for("kim has /dev/pts/")
        terminal.wait_for("^less")
        terminal.wait_for("ending 3 0 True$")
        the_console_has_it_again(terminal)


def test_ctrl_c_reaches_the_command_and_not_the_console(tmp_path: Path) -> None:
    with console(tmp_path, "bash", "-c", "echo ready; exec sleep 600") as terminal:
        terminal.wait_for("ready")
        terminal.press("\x03")
        terminal.wait_for("ending -2 0")
        the_console_has_it_again(terminal)


WOKEN = """
import os, signal, sys
signal.signal(signal.SIGCONT, lambda *_: os.write(1, b"woken\\n"))
os.write(1, b"ready\\n")
print("got", sys.stdin.readline())
"""


def test_ctrl_z_does_not_leave_a_command_that_nobody_can_wake(tmp_path: Path) -> None:
    with console(tmp_path, sys.executable, "-c", WOKEN) as terminal:
        terminal.wait_for("ready")
        terminal.press("\x1a")
        terminal.wait_for("woken")
        terminal.press("on", "enter")
        terminal.wait_for("got on")
        terminal.wait_for("ending 0 0")
        the_console_has_it_again(terminal)


@pytest.mark.fault(41)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_command_that_is_killed_in_the_middle_leaves_the_terminal_as_it_was(
    tmp_path: Path, number: signal.Signals
) -> None:
    raw = "import os, tty, time; tty.setraw(0); print('\\x1b[?1049h\\x1b[?1000h', os.getpid(), 'raw', flush=True)\n"
    raw += "time.sleep(600)"
    with console(tmp_path, sys.executable, "-c", raw) as terminal:
        process = int(terminal.wait_for(r"(\d+) raw")[1])
        assert not terminal.is_restored
        subprocess.run(["kill", f"-{number.value}", str(process)], check=True)
        terminal.wait_for(f"ending -{number.value} 0")
        assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h")
        assert terminal.raw.rfind(b"\x1b[?1000l") > terminal.raw.rfind(b"\x1b[?1000h")
        the_console_has_it_again(terminal)


@pytest.mark.fault(41)
def test_without_taking_it_back_a_killed_command_would_leave_the_terminal_raw(tmp_path: Path) -> None:
    raw = "import os, tty, time; tty.setraw(0); print(os.getpid(), 'raw', flush=True); time.sleep(600)"
    bare = "import subprocess, sys; subprocess.call(sys.argv[1:]); print('it has ended'); input()"
    program = [sys.executable, "-c", bare, sys.executable, "-c", raw]
    with Terminal(home=tmp_path, program=program) as terminal:
        process = int(terminal.wait_for(r"(\d+) raw")[1])
        subprocess.run(["kill", "-9", str(process)], check=True)
        terminal.wait_for("it has ended")
        assert not terminal.is_restored


def test_a_command_that_nobody_waits_for_any_more_is_ended_and_the_terminal_taken_back(tmp_path: Path) -> None:
    subprocess.run(["mkfifo", str(tmp_path / "ready")], check=True)
    script = "trap '' TERM; echo ready > ready; while :; do sleep 0.1; done"
    with console(tmp_path, "bash", "-c", script, how="cancel") as terminal:
        terminal.wait_for("cancelled")
        the_console_has_it_again(terminal)


def test_what_it_leaves_running_is_named(tmp_path: Path) -> None:
    with console(tmp_path, "bash", "-c", "trap '' HUP; sleep 600 & echo child $!") as terminal:
        child = terminal.wait_for(r"child (\d+)")[1]
        terminal.wait_for(f"ending 0 0 True left {child}")
        subprocess.run(["kill", "-9", child], check=True)
        the_console_has_it_again(terminal)


def test_what_cannot_be_started_there_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty").touch(mode=0o755)
    with console(tmp_path, "./empty") as terminal:
        terminal.wait_for("failed .*cannot be started")
        the_console_has_it_again(terminal)


async def test_without_a_terminal_nothing_runs(tmp_path: Path) -> None:
    code = """
import asyncio, os
from incident.core.ports import Order
from incident.errors import RunError
from incident.runner import LocalRunner
try:
    asyncio.run(LocalRunner().at_terminal(Order("r1", ("touch", "ran"), os.getcwd(), "")))
except RunError as refused:
    print(refused)
"""
    done = subprocess.run(  # noqa: ASYNC221 - nothing else happens here
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        start_new_session=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "there is no terminal to give away" in done.stdout
    assert not (tmp_path / "ran").exists()


async def test_a_program_that_is_not_there_is_refused_before_the_terminal_is_touched(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no program gh-that-is-nowhere"):
        await LocalRunner().at_terminal(Order("r1", ("gh-that-is-nowhere",), str(tmp_path), ""))
