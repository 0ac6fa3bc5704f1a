"""Stopping a command stops everything it started, however that tried to get away; what stays is named."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from incident.core.ports import Order
from incident.runner import LocalRunner
from incident.runner.family import Family
from incident.runner.ladder import Ladder
from incident.runner.running import LocalRunning

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="without /proc only the process group is known")

TROUBLE = {
    "a background child": "sleep 600 & echo $!; sleep 600",
    "a child that nohup protects": "nohup sleep 600 & echo $!; sleep 600",
    "a session of its own": "setsid sh -c 'echo $$; exec sleep 600' & sleep 600",
    "a daemon": "(setsid sh -c 'echo $$; exec sleep 600' < /dev/null & ) ; sleep 600",
    "a daemon with an empty environment": "env -i setsid sh -c 'echo $$; exec sleep 600' & sleep 600",
    "deaf to INT and TERM": "trap '' INT TERM; echo $$; while :; do sleep 0.05; done",
    "deaf in the background": "sh -c 'trap \"\" INT TERM; echo $$; while :; do sleep 0.05; done' & wait",
    "stopped": "sh -c 'echo $$; kill -STOP $$' & wait",
    "each makes the next and ends": "trap '' INT TERM; f() { sleep 0.02; f & }; for n in 1 2 3 4 5 6 7 8 9 10 11 12; "
    "do f & done; echo $$; while :; do sleep 1; done",
    "new ones all the time": "trap '' INT TERM; echo $$; while :; do (trap '' INT TERM; sleep 0.2) & sleep 0.01; done",
}


async def started(folder: Path, *argv: str, **patience: float) -> LocalRunning:
    runner = LocalRunner(**{"term_after": 0.1, "kill_after": 0.1, **patience})
    return await runner.start(Order("INC-1/1-abc", argv, str(folder), str(folder / "out")))


async def first_line(running: LocalRunning) -> str:
    async for batch in running.batches():
        if batch.lines:
            return batch.lines[0]
    raise AssertionError("it printed nothing")


def lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def until_ended(process: int) -> None:
    """Return when a process that somebody else started lives no more."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([handle], [], [], 60)
        assert ready
    finally:
        os.close(handle)


@linux
@pytest.mark.fault(31)
@pytest.mark.parametrize("script", TROUBLE.values(), ids=TROUBLE.keys())
async def test_nothing_that_a_stopped_command_started_is_left(tmp_path: Path, script: str) -> None:
    running = await started(tmp_path, "sh", "-c", script)
    child = int(await first_line(running))
    assert lives(child)
    await running.stop()
    assert not lives(child)
    assert not lives(running.process)
    ending = await running.wait()
    assert ending.stopped
    assert ending.left == ()
    assert ending.exit < 0 or script.endswith("wait")


@pytest.mark.fault(30)
@pytest.mark.parametrize(
    ("deaf_to", "ended_by"), [("", signal.SIGINT), ("INT", signal.SIGTERM), ("INT TERM", signal.SIGKILL)]
)
async def test_the_ladder_goes_no_further_than_it_must(tmp_path: Path, deaf_to: str, ended_by: signal.Signals) -> None:
    code = f"""
import signal, time
for name in {deaf_to.split()!r}:
    signal.signal(getattr(signal, 'SIG' + name), signal.SIG_IGN)
if not {deaf_to!r}:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
print('ready', flush=True)
time.sleep(600)
"""
    running = await started(tmp_path, sys.executable, "-c", code)
    assert await first_line(running) == "ready"
    await running.stop()
    assert (await running.wait()).exit == -ended_by


async def test_a_command_that_ends_well_when_interrupted_keeps_its_own_status(tmp_path: Path) -> None:
    script = "trap 'echo rolled back; exit 7' INT; echo ready; while :; do sleep 0.05; done"
    running = await started(tmp_path, "bash", "-c", script, term_after=30)
    assert await first_line(running) == "ready"
    await running.stop()
    ending = await running.wait()
    assert ending.exit == 7
    assert ending.stopped
    assert ending.head == ("ready", "rolled back")


async def test_a_command_that_was_suspended_is_woken_to_end_well(tmp_path: Path) -> None:
    script = "trap '' INT; trap 'exit 7' TERM; echo ready; kill -STOP $$; while :; do sleep 0.05; done"
    running = await started(tmp_path, "bash", "-c", script, kill_after=10)
    assert await first_line(running) == "ready"
    await running.stop()
    assert (await running.wait()).exit == 7


async def test_stopping_twice_is_stopping_once(tmp_path: Path) -> None:
    running = await started(tmp_path, "sleep", "600")
    await asyncio.gather(running.stop(), running.stop())
    assert (await running.wait()).exit == -signal.SIGINT
    await running.stop()


async def test_a_command_that_has_ended_is_not_said_to_have_been_stopped(tmp_path: Path) -> None:
    running = await started(tmp_path, "true")
    await running.wait()
    await running.stop()
    assert not (await running.wait()).stopped


async def test_a_stop_that_nobody_waits_for_any_more_goes_on(tmp_path: Path) -> None:
    running = await started(tmp_path, "sh", "-c", "trap '' INT TERM; echo ready; while :; do sleep 0.05; done")
    await first_line(running)
    stopping = asyncio.create_task(running.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    assert (await running.wait()).exit == -signal.SIGKILL


async def test_each_rung_is_said_with_the_next_one(tmp_path: Path) -> None:
    script = "trap 'echo heard' INT TERM; echo ready; while :; do sleep 0.05; done"
    running = await started(tmp_path, "bash", "-c", script, term_after=30, kill_after=30)
    assert await first_line(running) == "ready"
    assert running.rung == ""
    stopping = asyncio.create_task(running.stop())
    assert await first_line(running) == "heard"
    assert running.rung.startswith("INT sent, TERM in ")
    os.kill(running.process, signal.SIGKILL)
    await stopping
    assert running.rung == ""


class Unreachable(Family):
    """The processes of somebody else, as after sudo."""

    def interrupt(self) -> None:
        return

    def send(self, number: signal.Signals) -> None:
        return


def test_a_ladder_that_reaches_nobody_ends_and_names_who_is_left() -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        said: list[str] = []
        family = Unreachable(process.pid, b"NAME=of this run")
        ladder = Ladder(family, (1.0, 2.0, 3.0), lambda: False, said.append)
        now = 100.0
        assert ladder.wait(now) is None
        ladder.begin(now)
        ladder.begin(now)
        while (wait := ladder.wait(now)) is not None:
            now += wait
            ladder.look(now)
        assert ladder.survivors == (process.pid,)
        assert said == ["INT 1 TERM", "TERM 2 KILL", "KILL 3 "]
        assert now >= 106.0
        process.kill()


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_without_proc_the_process_group_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    script = "trap '' INT; sh -c 'echo $$; exec sleep 600' & wait; sleep 600"
    argv = ["sh", "-c", script]
    with subprocess.Popen(argv, start_new_session=True, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        family = Family(process.pid, b"NAME=of this run", proc=str(tmp_path / "no proc"))
        assert family.members() == (process.pid,)
        family.interrupt()
        family.send(number)
        assert process.wait() == -number
        until_ended(child)


def test_without_proc_a_process_that_has_ended_is_no_family_any_more(tmp_path: Path) -> None:
    with subprocess.Popen(["true"], start_new_session=True) as process:
        family = Family(process.pid, b"NAME=of this run", proc=str(tmp_path / "no proc"))
    assert family.members() == ()
    family.interrupt()
    family.send(signal.SIGTERM)


@linux
@pytest.mark.fault(31)
@pytest.mark.parametrize("shape", ["a session of its own", "a daemon", "a daemon with an empty environment"])
def test_killing_the_process_group_alone_would_leave_some(shape: str) -> None:
    argv = ["sh", "-c", TROUBLE[shape]]
    with subprocess.Popen(argv, start_new_session=True, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert lives(child)
        os.kill(child, signal.SIGKILL)
