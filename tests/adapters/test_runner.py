"""Commands as real processes: what runs is what was asked for, its output is all there, and its end is what it was."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import incident
from incident.core.ports import Batch, Ending, Order
from incident.errors import RunError
from incident.runner import LocalRunner
from incident.runner.lines import BURST, KEPT, LEFT_OUT

ROOT = Path(incident.__file__).parents[1]


@dataclass(slots=True)
class Bench:
    """A folder to run commands in."""

    folder: Path
    runs: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def order(self, *argv: str, directory: Path | None = None) -> Order:
        self.runs += 1
        output = str(self.folder / f"{self.runs}.out")
        return Order(f"r{self.runs}", argv, str(directory or self.folder), output, self.environment)

    def output(self) -> Path:
        return self.folder / f"{self.runs}.out"

    async def run(self, *argv: str, runner: LocalRunner | None = None) -> tuple[list[str], Ending]:
        running = await (runner or LocalRunner()).start(self.order(*argv))
        lines = [line async for batch in running.batches() for line in batch.lines]
        return lines, await running.wait()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def parent(process: int) -> int:
    """The process that started another."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def peak_memory(process: int) -> int:
    """The most memory that a process ever had, in kB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_the_output_comes_line_by_line_and_lies_in_its_file(bench: Bench) -> None:
    lines, ending = await bench.run("sh", "-c", "echo out; echo err >&2; printf 'no end'")
    assert lines == ["out", "err", "no end"]
    assert bench.output().read_text() == "out\nerr\nno end"
    assert stat.S_IMODE(bench.output().stat().st_mode) == 0o600
    assert ending.exit == 0
    assert ending.size == 14
    assert ending.head == ("out", "err", "no end")
    assert ending.tail == ()
    assert ending.left == ()
    assert not ending.stopped
    assert ending.seconds > 0


async def test_arguments_reach_the_program_byte_for_byte_and_no_shell_reads_them(bench: Bench) -> None:
    hostile = ("; rm -rf /", "$(id)", "`id`", "a\nb", "*", "", "-rf", "'\"", "\udcff")
    _, ending = await bench.run(sys.executable, "-c", "import sys, json; print(ascii(sys.argv[1:]))", *hostile)
    assert ending.head == (ascii(list(hostile)),)


@pytest.mark.fault(39)
@pytest.mark.parametrize("status", [0, 1, 126, 127, 137, 141, 255])
async def test_the_exit_status_is_exactly_the_command_s(bench: Bench, status: int) -> None:
    _, ending = await bench.run("sh", "-c", f"exit {status}")
    assert ending.exit == status


@pytest.mark.fault(39)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
async def test_a_command_that_a_signal_ended_has_its_negative_number(bench: Bench, number: signal.Signals) -> None:
    _, ending = await bench.run("sh", "-c", f"kill -{number.value} $$")
    assert ending.exit == -number
    assert not ending.stopped


async def test_an_inherited_wish_not_to_know_how_children_end_does_not_turn_a_failure_into_success(
    bench: Bench,
) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        _, ending = await bench.run("sh", "-c", "exit 3")
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert ending.exit == 3


@pytest.mark.fault(35)
async def test_a_child_that_keeps_the_output_open_does_not_keep_the_command_from_ending(bench: Bench) -> None:
    lines, ending = await bench.run("sh", "-c", "sleep 600 & echo $!")
    (child,) = ending.left
    os.kill(child, signal.SIGKILL)
    assert lines == [str(child)]
    assert ending.exit == 0


@pytest.mark.fault(40)
async def test_a_command_that_reads_gets_an_end_of_file_and_no_terminal(bench: Bench) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"keys meant for the tool")
    before = os.dup(0)
    os.dup2(reading, 0)
    try:
        lines, ending = await bench.run("sh", "-c", "cat; read line; echo status $?; exec 3</dev/tty")
    finally:
        os.dup2(before, 0)
        for handle in (reading, writing, before):
            os.close(handle)
    assert lines[0] == "status 1"
    assert "/dev/tty" in lines[1]
    assert ending.exit != 0


@pytest.mark.fault(40)
async def test_a_command_has_a_session_of_its_own(bench: Bench) -> None:
    lines, _ = await bench.run(*python("import os; print(os.getsid(0) == os.getpid() == os.getpgid(0))"))
    assert lines == ["True"]


@pytest.mark.fault(43)
async def test_secrets_and_the_tool_s_own_settings_are_not_inherited(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENT_TOKEN", "canary")
    monkeypatch.setenv("PROM_TOKEN", "canary")
    monkeypatch.setenv("PAGER", "less")
    monkeypatch.setenv("KEPT", "yes")
    bench.environment["REGION"] = "eu"
    _, ending = await bench.run("env", runner=LocalRunner({"PROM_TOKEN"}))
    assert "canary" not in bench.output().read_text()
    environment = dict(line.split("=", 1) for line in bench.output().read_text().splitlines() if "=" in line)
    assert environment["KEPT"] == "yes"
    assert environment["REGION"] == "eu"
    assert environment["PAGER"] == environment["GIT_PAGER"] == "cat"
    assert not [name for name in environment if name.startswith("INCIDENT_")]
    assert ending.exit == 0


@pytest.mark.fault(42)
async def test_in_a_deleted_directory_nothing_runs(bench: Bench) -> None:
    gone = bench.folder / "gone"
    order = bench.order("touch", str(bench.folder / "ran"), directory=gone)
    with pytest.raises(RunError, match=r"working directory is not there") as refused:
        await LocalRunner().start(order)
    assert refused.value.at == str(gone)
    assert refused.value.hint
    assert list(bench.folder.iterdir()) == []


@pytest.mark.fault(46)
@pytest.mark.parametrize("path", [".", "", "bin", "bin::.", "/nowhere:."])
async def test_a_program_in_the_working_directory_is_never_found_by_accident(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for place in (bench.folder, bench.folder / "bin"):
        place.mkdir(exist_ok=True)
        (place / "gh").write_text("#!/bin/sh\ntouch ran\n")
        (place / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", path)
    monkeypatch.chdir(bench.folder)
    with pytest.raises(RunError, match=r"no program gh") as refused:
        await LocalRunner().start(bench.order("gh", "workflow", "run"))
    assert "./gh" in refused.value.hint
    assert not (bench.folder / "ran").exists()
    assert not bench.output().exists()


@pytest.mark.fault(46)
async def test_a_shell_finds_no_program_in_the_working_directory_either(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench.folder / "gh").write_text("#!/bin/sh\ntouch ran\n")
    (bench.folder / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f".::{os.environ['PATH']}")
    _, ending = await bench.run("sh", "-c", "cd .; gh-that-is-nowhere || exec ./gh-neither || gh")
    assert ending.exit != 0
    assert not (bench.folder / "ran").exists()


async def test_a_program_that_is_named_with_its_path_is_run_from_the_working_directory(bench: Bench) -> None:
    (bench.folder / "tool.sh").write_text("#!/bin/sh\necho $0 in $PWD\n")
    (bench.folder / "tool.sh").chmod(0o755)
    lines, _ = await bench.run("./tool.sh")
    assert lines == [f"{bench.folder}/tool.sh in {bench.folder}"]


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        ((), "no command"),
        (("",), "no command"),
        (("gh-that-is-nowhere",), "no program gh-that-is-nowhere"),
        (("./missing",), "no program ./missing"),
        (("./folder",), "no program that may be executed"),
        (("./plain",), "no program that may be executed"),
        (("./no-interpreter",), "its first line names is not there"),
        (("./empty",), "cannot execute the file"),
        (("echo", "a\0b"), "cannot be started: embedded null byte"),
        (("echo", "\ud800"), "cannot be started"),
        (("echo", "x" * 10_000_000), "longer than this system allows"),
    ],
)
async def test_what_cannot_be_started_says_why_and_leaves_nothing(
    bench: Bench, argv: tuple[str, ...], what: str
) -> None:
    (bench.folder / "folder").mkdir()
    (bench.folder / "plain").write_text("echo plain")
    for name, text in (("no-interpreter", "#!/no/such/program\n"), ("empty", "")):
        (bench.folder / name).write_text(text)
        (bench.folder / name).chmod(0o755)
    with pytest.raises(RunError, match=what) as refused:
        await LocalRunner().start(bench.order(*argv))
    assert refused.value.hint
    assert not bench.output().exists()


async def test_a_program_on_the_path_that_may_not_be_executed_is_named_with_its_place(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench.folder / "rollback").write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{bench.folder}")
    with pytest.raises(RunError, match=r"rollback may not be executed") as refused:
        await LocalRunner().start(bench.order("rollback"))
    assert refused.value.at == f"{bench.folder}/rollback"


async def test_without_a_place_for_its_output_nothing_runs_and_no_output_is_overwritten(bench: Bench) -> None:
    order = bench.order("sh", "-c", "echo new; touch ran")
    bench.output().write_text("of an earlier run")
    with pytest.raises(RunError, match=r"output cannot be made") as refused:
        await LocalRunner().start(order)
    assert refused.value.at == order.output
    assert bench.output().read_text() == "of an earlier run"
    assert not (bench.folder / "ran").exists()


@pytest.mark.fault(37)
async def test_a_progress_bar_shows_its_last_state_and_a_huge_line_its_beginning(bench: Bench) -> None:
    code = r"""
import sys, time
for percent in range(101):
    sys.stdout.write(f'\r{percent} %'); sys.stdout.flush()
print('\r\ndone\r'); print('x' * 300_000); print('end')
"""
    lines, ending = await bench.run(*python(code))
    assert lines == ["100 %", "done", "x" * 4_000 + "… (296000 more characters)", "end"]
    assert ending.size == bench.output().stat().st_size


@pytest.mark.fault(38)
async def test_characters_are_whole_wherever_the_output_was_torn(bench: Bench) -> None:
    code = """
import os, time
for byte in ('é€😀' * 20 + chr(10)).encode() + bytes([0xff, 0xfe, 10]):
    os.write(1, bytes([byte]))
"""
    lines, ending = await bench.run(*python(code))
    assert lines == ["é€😀" * 20, "\ufffd\ufffd"]
    assert ending.size == 20 * 9 + 4


@pytest.mark.fault(72)
async def test_output_that_acts_on_a_terminal_becomes_text(bench: Bench) -> None:
    lines, _ = await bench.run("printf", r"\033[2J\033]0;owned\007a\033[31mred\033[0m\000b\342\200\250c\n")
    assert lines == ["aredb c"]


def on_disk(folder: Path) -> int:
    """Bytes of every file in a folder."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


@pytest.mark.fault(36)
async def test_a_flood_is_counted_exactly_and_costs_bounded_disk_and_memory(bench: Bench) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    order = bench.order("sh", "-c", "echo first; seq 20000000; read go < go; echo last")
    os.mkfifo(bench.folder / "go")
    running = await LocalRunner(keep=(1 << 20, 1 << 19)).start(order)
    lines: list[str] = []
    used = 0
    async for batch in running.batches():
        lines += batch.lines
        used = max(used, on_disk(bench.folder))
        if batch.lines and batch.lines[-1] == "20000000":
            peak = peak_memory(parent(running.process))
            await asyncio.to_thread((bench.folder / "go").write_text, "\n")
    ending = await running.wait()
    size = 6 + sum(9 * 10**digits * (digits + 2) for digits in range(7)) + 10_000_001 * 9 + 5
    assert ending.size == size
    assert ending.head[:2] == ("first", "1")
    assert ending.tail[-2:] == ("20000000", "last")
    assert LEFT_OUT in lines
    assert lines[-2:] == ["20000000", "last"]
    kept = bench.output().read_bytes()
    said = re.findall(rb"\n\xe2\x80\xa6 (\d+) bytes of the output are left out here\n", kept)
    assert sum(int(count) for count in said) == ending.dropped
    assert (
        len(re.sub(rb"\n\xe2\x80\xa6 \d+ bytes of the output are left out here\n", b"", kept)) + ending.dropped == size
    )
    assert kept[: 1 << 20].decode("ascii").startswith("first\n1\n2\n")
    end = "".join(f"{number}\n" for number in range(19_980_000, 20_000_001)) + "last\n"
    assert kept.endswith(end.encode())
    assert used < 4 << 20
    assert [path.name for path in bench.folder.iterdir() if "part" in path.name] == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert peak < 60_000


@pytest.mark.fault(36)
async def test_without_the_cap_a_flood_would_be_on_disk_in_full(bench: Bench) -> None:
    running = await LocalRunner(keep=(1 << 30, 1 << 30)).start(bench.order("sh", "-c", "seq 2000000"))
    ending = await running.wait()
    assert on_disk(bench.folder) > ending.size > 4 << 20
    assert ending.dropped == 0


@pytest.mark.fault(36)
async def test_while_a_command_prints_as_fast_as_it_can_everybody_else_has_their_turn(bench: Bench) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    runner = LocalRunner(keep=(1 << 20, 1 << 19))
    running = await runner.start(bench.order("sh", "-c", "yes | head -c 300000000"))
    batches: list[Batch] = []
    turns_between = []
    async for batch in running.batches():
        batches.append(batch)
        turns_between.append(turns)
        turns = 0
    ending = await running.wait()
    task.cancel()
    bench.output().unlink()
    assert ending.size == batches[-1].size == 300_000_000
    assert max(len(batch.lines) for batch in batches) <= BURST + 1
    assert len(batches) <= ending.seconds * 20 + 2
    assert min(turns_between[1:-1]) > 0
    assert ending.head == ending.tail == ("y",) * KEPT


async def test_the_first_and_the_last_lines_are_kept_once_each(bench: Bench) -> None:
    _, ending = await bench.run("seq", "25")
    assert ending.head == tuple(str(number) for number in range(1, 21))
    assert ending.tail == tuple(str(number) for number in range(21, 26))


async def test_an_end_can_be_waited_for_without_reading_the_output(bench: Bench) -> None:
    running = await LocalRunner().start(bench.order("seq", "5000"))
    ending = await running.wait()
    assert ending.tail[-1] == "5000"
    (batch,) = [batch async for batch in running.batches()]
    assert batch.lines[0] == LEFT_OUT
    assert batch.lines[1:] == tuple(str(number) for number in range(3_001, 5_001))


@pytest.mark.fault(44)
async def test_one_of_ten_commands_that_hangs_holds_up_none_of_the_others(bench: Bench) -> None:
    runner = LocalRunner(term_after=0.05, kill_after=0.05)
    hanging = await runner.start(bench.order("sleep", "600"))
    others = await asyncio.gather(*(bench.run("echo", str(number), runner=runner) for number in range(9)))
    assert [lines for lines, _ in others] == [[str(number)] for number in range(9)]
    await hanging.stop()
    assert (await hanging.wait()).exit == -signal.SIGINT
