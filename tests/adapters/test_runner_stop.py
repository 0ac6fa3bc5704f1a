"""Stopping a command stops everything it started, however that tried to get away; what stays is named."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from incident.core.ports import Order
from incident.errors import RunError
from incident.runner import LocalRunner
from incident.runner.family import Family
from incident.runner.local import LocalRunning

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


@linux
async def test_a_process_that_no_signal_reaches_is_named_by_its_number(tmp_path: Path) -> None:
    running = await started(tmp_path, "sh", "-c", "echo ready; exec sleep 600", give_up_after=0.1)
    await first_line(running)
    running._family = Unreachable(running.process, b"NAME=of this run")
    with pytest.raises(RunError, match=r"could not be stopped") as refused:
        await running.stop()
    assert refused.value.at == f"process {running.process}"
    os.kill(running.process, signal.SIGKILL)
    assert (await running.wait()).exit == -signal.SIGKILL


class Unreachable(Family):
    """The processes of somebody else, as after sudo."""

    def interrupt(self) -> None:
        return

    def send(self, number: signal.Signals) -> None:
        return


async def test_without_proc_the_process_group_is_stopped(tmp_path: Path) -> None:
    running = await started(tmp_path, "sh", "-c", "trap '' INT; sleep 600 & echo $!; wait; sleep 600")
    child = int(await first_line(running))
    running._family = Family(running.process, b"NAME=of this run", proc=tmp_path / "no proc")
    assert running._family.members() == (running.process,)
    await running.stop()
    assert not lives(child)
    assert running._family.members() == ()
    running._family.interrupt()
    assert (await running.wait()).exit == -signal.SIGTERM
