"""What a supervisor does for a command: keeps secrets out, shows what is unfinished, waits for who is left behind."""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from incident.core.ports import Order
from incident.errors import RunError, UsageError
from incident.runner import LocalRunner
from incident.runner.beside import door_of, result_of
from incident.runner.channel import Channel, supervise
from incident.runner.launch import sealed
from incident.runner.running import LocalRunning
from incident.runner.wire import line
from tests.adapters.test_supervisor import ROOT, RUN, ended, files_in, first, holding, order, parent

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waiting for somebody else's process needs Linux")


async def test_the_signals_of_a_terminal_do_not_reach_the_supervisor(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    running = await LocalRunner().start(order(tmp_path, "sh", "-c", "echo ready; read x < go; exit 5"))
    await first(running)
    supervisor = parent(running.process)
    assert os.getsid(supervisor) == supervisor
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGTSTP):
        os.kill(supervisor, number)
    await asyncio.to_thread((tmp_path / "go").write_text, "\n")
    assert (await running.wait()).exit == 5


@pytest.mark.fault(43)
async def test_no_secret_stands_in_the_arguments_or_environment_of_a_supervisor(tmp_path: Path) -> None:
    runner = LocalRunner(secrets=lambda: ("canary-known-4711",))
    asked = order(tmp_path, "sleep", "600", environment={"DEPLOY_TOKEN": "canary-set-4711"})
    running = await runner.start(asked)
    supervisor = parent(running.process)
    its = [Path(f"/proc/{supervisor}/{what}") for what in ("cmdline", "environ")]
    assert holding(b"canary", *its) == []
    assert holding(b"canary-set-4711", Path(f"/proc/{running.process}/environ"))
    assert holding(b"canary", *files_in(tmp_path)) == []
    await running.stop()
    assert holding(b"canary", *files_in(tmp_path)) == []


@pytest.mark.fault(76, 77)
@pytest.mark.parametrize("between", ["", r"\033[31m"])
async def test_a_secret_that_arrives_in_pieces_does_not_reach_the_disk(tmp_path: Path, between: str) -> None:
    secret = "tr0ub4dor-and-3-more"
    os.mkfifo(tmp_path / "go")
    script = f"printf 'it is {secret[:7]}{between}'; read x < go; printf '{secret[7:]}!\\n'; echo {secret}"
    running = await LocalRunner(secrets=(secret,)).start(order(tmp_path, "bash", "-c", script))
    async for batch in running.batches():
        if batch.unfinished:
            break
    await asyncio.to_thread((tmp_path / "go").write_text, "\n")
    ending = await running.wait()
    assert ending.head == ("it is [redacted]!", "[redacted]")
    assert holding(secret[7:].encode(), *files_in(tmp_path)) == []
    assert ending.size > (tmp_path / "1.log").stat().st_size - 20


async def test_a_question_is_seen_before_it_is_answered(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    script = "echo one; printf 'Continue? [y/N] '; read x < go; echo $x"
    running = await LocalRunner().start(order(tmp_path, "bash", "-c", script))
    late = None
    async for batch in running.batches():
        if batch.unfinished and late is None:
            assert batch.unfinished == "Continue? [y/N] "
            late = await LocalRunner().attach(RUN, str(tmp_path / "1.log"))
            assert (await first(late)).unfinished == "Continue? [y/N] "
            await asyncio.to_thread((tmp_path / "go").write_text, "y\n")
    assert late is not None
    assert batch.unfinished == ""
    assert (await running.wait()).head == ("one", "Continue? [y/N] y")


@pytest.mark.fault(37)
async def test_a_progress_bar_is_seen_while_it_moves(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    script = r"""
        for n in 1 2 3; do printf '\r%s0 %%' $n; done
        while [ ! -e seen ]; do printf '\r40 %%'; sleep 0.01; done
        printf '\r\033[2Kdone\n'
    """
    running = await LocalRunner().start(order(tmp_path, "bash", "-c", script))
    async for batch in running.batches():
        if batch.unfinished == "40 %":
            (tmp_path / "seen").touch()
    assert (await running.wait()).head == ("done",)


@pytest.mark.fault(35)
async def test_a_child_that_is_left_running_can_still_print_and_is_not_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    os.mkfifo(tmp_path / "done")
    script = "(read x < go; echo later; echo done > done) & echo $!"
    running = await LocalRunner().start(order(tmp_path, "bash", "-c", script))
    ending = await running.wait()
    (child,) = ending.left
    assert ending.head == (str(child),)
    supervisor = parent(child)
    await asyncio.to_thread((tmp_path / "go").write_text, "\n")
    assert await asyncio.to_thread((tmp_path / "done").read_text) == "done\n"
    await ended([child, supervisor])
    assert (tmp_path / "1.log").read_text() == f"{child}\nlater\n"
    assert await (await LocalRunner().attach(RUN, str(tmp_path / "1.log"))).wait() == ending


@pytest.mark.fault(35)
def test_who_waits_for_the_end_of_the_output_waits_for_the_child() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 600 & echo $!"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.wait()
        poller = select.poll()
        poller.register(process.stdout, select.POLLIN)
        assert poller.poll(0) == []
        os.kill(child, signal.SIGKILL)
        assert process.stdout.read() == b""


async def test_when_its_folder_is_cleared_away_the_end_is_still_seen(tmp_path: Path) -> None:
    folder = tmp_path / "output"
    folder.mkdir()
    os.mkfifo(tmp_path / "go")
    asked = Order(RUN, ("sh", "-c", "echo one; read x < go; echo two; exit 4"), str(tmp_path), str(folder / "1.log"))
    running = await LocalRunner().start(asked)
    await first(running)
    supervisor = parent(running.process)
    shutil.rmtree(folder)
    await asyncio.to_thread((tmp_path / "go").write_text, "\n")
    ending = await running.wait()
    assert (ending.exit, ending.head) == (4, ("one", "two"))
    await ended([supervisor])


async def test_a_state_folder_with_a_long_path_works(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a long name of a folder"] * 8)
    folder.mkdir(parents=True)
    running = await LocalRunner().start(order(folder, "sleep", "600"))
    assert len(door_of(str(folder / "1.log"))) > 200
    found = await LocalRunner().attach(RUN, str(folder / "1.log"))
    await found.stop()
    assert (await running.wait()).stopped


def test_the_names_beside_an_output_are_short_enough_for_a_socket() -> None:
    assert door_of("/state/1-abc.log") == "/state/1-abc.door"
    assert len(Path(door_of(f"/state/{'x' * 200}.log")).name) < 40
    assert result_of("/state/INC-1.2/1-abc.log") == "/state/INC-1.2/1-abc.result"


@pytest.mark.fault(45)
@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 1e9])
def test_a_time_between_rungs_that_is_none_is_refused(seconds: float) -> None:
    for name in ("term_after", "kill_after", "give_up_after"):
        with pytest.raises(UsageError, match=r"cannot be given"):
            LocalRunner(**{name: seconds})


@pytest.mark.fault(45)
async def test_without_patience_a_command_is_stopped_at_once(tmp_path: Path) -> None:
    runner = LocalRunner(term_after=0, kill_after=0)
    running = await runner.start(order(tmp_path, "bash", "-c", "trap '' INT TERM; echo ready; while :; do :; done"))
    await first(running)
    await running.stop()
    assert (await running.wait()).exit == -signal.SIGKILL


async def test_what_a_supervisor_says_is_shown_and_who_cannot_be_stopped_is_named(tmp_path: Path) -> None:
    ours, its = socket.socketpair()
    (tmp_path / "1.log").write_text("ready\n")
    running = LocalRunning(RUN, str(tmp_path / "1.log"), Channel(ours), [("started", "4711 100 100")])
    assert running.process == 4711
    its.sendall(line("size", "6 6") + line("trouble", "No space left on device"))
    lines = []
    async for batch in running.batches():
        lines += batch.lines
        if len(lines) >= 2:
            break
    assert lines[0] == "ready"
    assert "(the output cannot be saved: No space left on device)" in lines
    stopping = asyncio.create_task(running.stop())
    assert await asyncio.to_thread(its.recv, 100) == line("stop")
    its.sendall(line("rung", "KILL 5 ") + line("size", "7 6"))
    async for _ in running.batches():
        if running.rung:
            break
    assert running.rung == "KILL sent"
    its.sendall(line("survivors", "12 13"))
    with pytest.raises(RunError, match=r"could not be stopped") as refused:
        await stopping
    assert refused.value.at == "process 12, process 13"
    assert running.rung == ""
    its.close()
    with pytest.raises(RunError, match=r"nothing is known"):
        await running.wait()


@pytest.mark.parametrize("sent", [b"", b"\0\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\x09short", b"\xff" * 8])
async def test_a_console_that_dies_before_it_said_what_to_do_has_started_nothing(tmp_path: Path, sent: bytes) -> None:
    handle = os.open(tmp_path / "1.log", os.O_WRONLY | os.O_CREAT)
    channel, supervisor = supervise(str(tmp_path / "1.log"), handle)
    os.close(handle)
    await channel.say(sent)
    channel.close()
    _, status = await asyncio.to_thread(os.waitpid, supervisor, 0)
    assert status == 0
    assert not (tmp_path / "1.result").exists()


async def test_a_console_that_dies_while_it_gives_the_order_has_started_nothing(tmp_path: Path) -> None:
    handle = os.open(tmp_path / "1.log", os.O_WRONLY | os.O_CREAT)
    channel, supervisor = supervise(str(tmp_path / "1.log"), handle)
    os.close(handle)
    os.kill(supervisor, signal.SIGSTOP)
    await channel.say(sealed(order(tmp_path, "touch", "ran"), (), patience=(1.0, 1.0, 1.0)).packed())
    channel.close()
    os.kill(supervisor, signal.SIGCONT)
    await asyncio.to_thread(os.waitpid, supervisor, 0)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "1.result").exists()


def test_a_supervisor_loads_no_more_than_it_needs() -> None:
    code = "import sys; sys.path.append(sys.argv[1]); import incident.runner.supervisor; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(ROOT)], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "incident.runner.supervisor" in loaded
    heavy = {"asyncio", "textual", "rich", "httpx", "yaml", "subprocess", "dataclasses", "typing", "socket", "pathlib"}
    assert loaded.isdisjoint(heavy)


async def test_a_command_has_the_file_mode_mask_of_the_console(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        running = await LocalRunner().start(order(tmp_path, "sh", "-c", "umask; trap"))
    finally:
        os.umask(before)
    assert (await running.wait()).head == ("0027",)


BROKEN = """
import asyncio, sys
from pathlib import Path
from incident.core.ports import Order
from incident.errors import RunError
from incident.runner import LocalRunner

async def main():
    folder = sys.argv[1]
    sys.executable = sys.argv[2]
    try:
        await LocalRunner().start(Order("r1", ("touch", "ran"), folder, folder + "/1.log"))
    except RunError as refused:
        print(refused)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("interpreter", "said"),
    [
        ("/bin/false", "the process that watches over a command ended at once, exit 1"),
        ("/no/such/python", "no process can be made that watches over the command: No such file"),
    ],
)
def test_without_a_supervisor_nothing_runs_and_nothing_is_left(tmp_path: Path, interpreter: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BROKEN, str(tmp_path), interpreter],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
    )  # fmt: skip
    assert said in done.stdout
    assert done.stderr == ""
    assert files_in(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == []
