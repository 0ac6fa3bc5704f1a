"""A command has a supervisor of its own: it outlives the console, is found again, and its end is never lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import incident
from incident.core.ports import Batch, Order
from incident.errors import RunError
from incident.runner import LocalRunner
from incident.runner.beside import result_of
from incident.runner.running import EndedRun, LocalRunning
from incident.runner.wire import MARK
from tests.adapters.test_runner_stop import TROUBLE, lives, until_ended

ROOT = Path(incident.__file__).parents[1]
RUN = f"INC-1/1-{os.getpid():x}"  # other tests may run beside this one

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waiting for somebody else's process needs Linux")


def order(folder: Path, *argv: str, outlives: bool = True, **more: object) -> Order:
    return Order(RUN, argv, str(folder), str(folder / "1.log"), outlives=outlives, **more)  # type: ignore[arg-type]  # fields of an order


async def first(running: LocalRunning | EndedRun) -> Batch:
    """The first batch with whole lines."""
    async for batch in running.batches():
        if batch.lines:
            return batch
    raise AssertionError("it printed nothing")


async def everything(running: LocalRunning | EndedRun) -> list[str]:
    return [text async for batch in running.batches() for text in batch.lines]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def holding(secret: bytes, *paths: Path) -> list[Path]:
    """The files in which something stands."""
    return [path for path in paths if secret in path.read_bytes()]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


def mode_of(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def marked() -> set[int]:
    """Every process that carries the mark of the run."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and lives(int(entry.name)):
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"{MARK}={RUN} ".encode() in environment:
                found.add(int(entry.name))
    return found


async def ended(processes: Iterable[int]) -> None:
    """Return when none of them lives."""
    for process in processes:
        await asyncio.to_thread(until_ended, process)


CONSOLE = """
import asyncio, json, os, signal, sys
from pathlib import Path
from incident.core.ports import Order
from incident.runner import LocalRunner

async def main():
    folder, script, outlives, then = sys.argv[1:]
    order = Order({run!r}, ("bash", "-c", script), folder, folder + "/1.log", outlives=outlives == "outlives")
    running = await LocalRunner(term_after=0.2, kill_after=0.2).start(order)
    async for batch in running.batches():
        if batch.lines:
            stat = Path(f"/proc/{{running.process}}/stat").read_text()
            print(json.dumps([running.process, int(stat.rpartition(")")[2].split()[1]), batch.lines[0]]), flush=True)
            break
    if then == "leave":
        await running.leave()
    if then in ("die", "leave"):
        os.kill(os.getpid(), signal.SIGKILL)
    if then == "hang up":
        signal.pause()
    asyncio.create_task(running.wait())

asyncio.run(main())
"""


def console(folder: Path, script: str, *words: str) -> subprocess.Popen[bytes]:
    """A console of its own that starts a command, and prints its process and the first line of its output."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CONSOLE.format(run=RUN), str(folder), script, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@asynccontextmanager
async def started(*words: str, folder: Path) -> AsyncIterator[tuple[int, int, str, subprocess.Popen[bytes]]]:
    """Such a console: with the command's process, its supervisor, and the line. It says nothing else."""
    with console(folder, *words) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = await asyncio.to_thread(process.stdout.readline)
        if not told:
            raise AssertionError(process.stderr.read().decode())
        pid, supervisor, text = json.loads(told)
        try:
            yield pid, supervisor, text, process
        finally:
            process.kill()
            assert process.stderr.read().decode() == ""


@pytest.mark.fault(32)
@pytest.mark.parametrize("then", ["die", "end", "leave"])
async def test_a_command_and_its_output_outlive_the_console_and_are_found_again(tmp_path: Path, then: str) -> None:
    os.mkfifo(tmp_path / "go")
    script = "echo begun; read x < go; echo went on; exit 3"
    policy = "reads" if then == "leave" else "outlives"
    async with started(script, policy, then, folder=tmp_path) as (process, _, text, tool):
        assert text == "begun"
        assert await asyncio.to_thread(tool.wait) == (0 if then == "end" else -signal.SIGKILL)
    assert lives(process)
    found = await LocalRunner().attach(RUN, str(tmp_path / "1.log"))
    assert isinstance(found, LocalRunning)
    assert found.process == process
    assert (await first(found)).lines == ("begun",)
    await asyncio.to_thread((tmp_path / "go").write_text, "\n")
    assert await everything(found) == ["went on"]
    ending = await found.wait()
    assert (ending.exit, ending.head, ending.stopped, ending.left) == (3, ("begun", "went on"), False, ())
    assert (tmp_path / "1.log").read_text() == "begun\nwent on\n"


@pytest.mark.fault(32)
async def test_an_end_that_no_console_saw_is_there_for_the_next_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    script = "echo begun; read x < go; echo bye; kill -9 $$"
    async with started(script, "outlives", "die", folder=tmp_path) as (process, supervisor, _, _):
        pass
    await asyncio.to_thread((tmp_path / "go").write_text, "\n")
    await ended([process, supervisor])
    found = await LocalRunner().attach(RUN, str(tmp_path / "1.log"))
    assert isinstance(found, EndedRun)
    assert await everything(found) == ["begun", "bye"]
    ending = await found.wait()
    assert (ending.exit, ending.size, ending.tail) == (-signal.SIGKILL, 10, ())
    assert mode_of(result_of(str(tmp_path / "1.log"))) == 0o600
    await found.stop()
    await found.leave()
    assert found.rung == ""
    assert names_in(tmp_path) == ["1.log", "1.result", "go"]


@pytest.mark.fault(33)
@pytest.mark.parametrize("script", TROUBLE.values(), ids=TROUBLE.keys())
async def test_of_a_command_that_only_reads_nothing_is_left_when_the_console_is_killed(
    tmp_path: Path, script: str
) -> None:
    async with started(script, "reads", "die", folder=tmp_path) as (process, supervisor, child, _):
        pass
    await ended([supervisor])
    assert not lives(process)
    assert marked() == set()
    assert not lives(int(child))
    found = await LocalRunner().attach(RUN, str(tmp_path / "1.log"))
    ending = await found.wait()
    assert ending.stopped
    assert ending.left == ()


@pytest.mark.fault(29)
async def test_when_the_terminal_is_gone_a_command_that_only_reads_is_stopped(tmp_path: Path) -> None:
    async with started("echo $$; sleep 600", "reads", "hang up", folder=tmp_path) as (process, _, _, tool):
        tool.send_signal(signal.SIGHUP)
        await asyncio.to_thread(tool.wait)
        await ended([process])
    assert not lives(process)


@pytest.mark.fault(34)
async def test_without_its_supervisor_the_outcome_is_unknown_and_who_still_runs_is_named(tmp_path: Path) -> None:
    running = await LocalRunner().start(order(tmp_path, "sh", "-c", "echo ready; sleep 600 & wait"))
    await first(running)
    members = marked()
    assert running.process in members
    os.kill(parent(running.process), signal.SIGKILL)
    with pytest.raises(RunError, match=r"its supervisor was killed before it ended") as seen:
        await running.wait()
    assert await everything(running) == []
    assert str(running.process) in seen.value.what
    with pytest.raises(RunError) as later:
        await LocalRunner().attach(RUN, str(tmp_path / "1.log"))
    assert later.value.what == seen.value.what
    assert later.value.at == str(tmp_path / "1.log")
    assert later.value.hint
    for process in members:
        assert str(process) in later.value.what
        os.kill(process, signal.SIGKILL)
    await ended(members)
    with pytest.raises(RunError, match=r"nothing of it runs any more"):
        await LocalRunner().attach(RUN, str(tmp_path / "1.log"))


@pytest.mark.fault(34)
async def test_the_one_process_that_is_left_without_its_supervisor_is_named(tmp_path: Path) -> None:
    running = await LocalRunner().start(order(tmp_path, "sleep", "600"))
    os.kill(parent(running.process), signal.SIGKILL)
    with pytest.raises(RunError, match=f"; process {running.process} of it still runs"):
        await running.wait()
    await running.stop()
    await running.leave()
    os.kill(running.process, signal.SIGKILL)


async def test_a_run_that_left_nothing_behind_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nothing is known"):
        await LocalRunner().attach(RUN, str(tmp_path / "1.log"))
    with pytest.raises(RunError, match=r"console ended before it did"):
        await LocalRunner().attach(RUN, "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"state": "ended"}', '{"state": "begun", "process": "x"}', "\udcff"])
async def test_a_result_that_cannot_be_read_is_no_good_end(tmp_path: Path, text: str) -> None:
    (tmp_path / "1.result").write_text(text, errors="surrogateescape")
    with pytest.raises(RunError, match=r"nothing is known"):
        await LocalRunner().attach(RUN, str(tmp_path / "1.log"))


async def test_a_supervisor_that_is_stopped_does_not_hold_up_the_console(tmp_path: Path) -> None:
    running = await LocalRunner().start(order(tmp_path, "sleep", "600"))
    supervisor = parent(running.process)
    os.kill(supervisor, signal.SIGSTOP)
    with pytest.raises(RunError, match=r"does not answer") as silent:
        await LocalRunner(answer=0.1).attach(RUN, str(tmp_path / "1.log"))
    assert str(supervisor) in silent.value.hint
    os.kill(supervisor, signal.SIGCONT)
    await running.stop()


async def test_two_consoles_see_the_same_command_and_either_stops_it(tmp_path: Path) -> None:
    one = await LocalRunner().start(order(tmp_path, "sh", "-c", "echo ready; exec sleep 600"))
    other = await LocalRunner().attach(RUN, str(tmp_path / "1.log"))
    assert (await first(one)).lines == (await first(other)).lines == ("ready",)
    await other.stop()
    assert await one.wait() == await other.wait()
    assert (await one.wait()).exit == -signal.SIGINT
    assert isinstance(await LocalRunner().attach(RUN, str(tmp_path / "1.log")), EndedRun)
