"""What one command sets, the next one can use: the values come back, and nothing else about the command changes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from incident.core.ports import Ending, Order
from incident.runner import LocalRunner

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="bash carries its variables")

SCRIPTS = (
    "REGION=eu; exit 3",
    "REGION=eu; false",
    "set -e; REGION=eu; false; REGION=us",
    "REGION=eu; kill -TERM $$",
    "REGION=eu; kill -INT $$; sleep 1",
    "REGION=$nope",
    "set -o pipefail; REGION=eu; false | true",
    "(REGION=eu; exit 4)",
    "REGION=eu; exec 3>&1; echo out >&3; echo err >&2",
    "set -x; REGION=eu; echo traced",
    "trap 'echo own' EXIT; REGION=eu",
    "REGION=eu; exec sh -c 'exit 6'",
    "echo ${BASH_ENV-unset}; trap -p INT; bash -c 'echo ${BASH_ENV-unset}'",
    'REGION=eu; for n in 64 65 66 67; do eval "exec $n>&-"; done; exit 2',
)


async def ran(folder: Path, script: str, *carry: str, number: int = 1, **environment: str) -> Ending:
    asked = Order(f"r{number}", ("bash", "-u", "-c", script), str(folder), str(folder / f"{number}.log"))
    asked = Order(asked.run, asked.argv, asked.directory, asked.output, environment=environment, carry=carry)
    return await (await LocalRunner().start(asked)).wait()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def everywhere(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


async def test_the_values_at_the_end_come_back_and_are_written_nowhere(tmp_path: Path) -> None:
    script = "POD=$(printf 'acme-7f\\nsecond'); KEY=canary-4711; OTHER=x; POD+=' end'; unset GONE"
    ending = await ran(tmp_path, script, "POD", "KEY", "GONE", GONE="set before")
    assert ending.variables == {"POD": "acme-7f\nsecond end", "KEY": "canary-4711"}
    assert ending.exit == 0
    assert b"canary" not in everywhere(tmp_path)
    assert b"acme-7f" not in everywhere(tmp_path)
    assert names_in(tmp_path) == ["1.log", "1.result"]


@pytest.mark.parametrize("script", SCRIPTS)
async def test_the_end_and_the_output_are_what_they_are_without_it(tmp_path: Path, script: str) -> None:
    plain = await ran(tmp_path, script)
    carried = await ran(tmp_path, script, "REGION", number=2)
    assert carried.exit == plain.exit
    assert carried.head == plain.head
    assert plain.variables == {}


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("REGION=eu; exit 3", {"REGION": "eu"}),
        ("REGION=", {"REGION": ""}),
        ("f() { REGION=eu; return 1; }; f", {"REGION": "eu"}),
        ("set -e; REGION=eu; false; REGION=us", {"REGION": "eu"}),
        ("REGION=é€", {"REGION": "é€"}),
        ("REGION=$'\\xff'", {"REGION": "\udcff"}),
        ("REGION=(eu us)", {}),
        ("declare -A REGION=([a]=1)", {}),
        ("(REGION=eu)", {}),
        ("unset REGION", {}),
        ("REGION=eu; exec true", {}),
        ("trap 'true' EXIT; REGION=eu", {}),
        ("REGION=eu; sleep 600 & REGION=us", {"REGION": "us"}),
    ],
)
async def test_what_comes_back_is_what_is_set_and_a_plain_value(
    tmp_path: Path, script: str, found: dict[str, str]
) -> None:
    ending = await ran(tmp_path, script, "REGION", "not a name", "$(touch ran)", "REGION;id")
    assert ending.variables == found
    for process in ending.left:
        os.kill(process, signal.SIGKILL)
    assert not (tmp_path / "ran").exists()


async def test_a_large_value_comes_back_whole_and_one_too_large_not_at_all(tmp_path: Path) -> None:
    script = "LARGE=$(printf '%0200000d' 7); HUGE=$(printf '%03000000d' 7)"
    ending = await ran(tmp_path, script, "LARGE", "HUGE")
    assert ending.variables == {"LARGE": "0" * 199_999 + "7"}
    assert ending.exit == 0


async def test_the_person_s_own_bash_env_is_read_first_and_inherited(tmp_path: Path) -> None:
    (tmp_path / "mine.sh").write_text("MINE=from-my-own\n")
    script = 'echo "$MINE $BASH_ENV"; bash -c \'echo "$MINE"\'; REGION=$MINE'
    own = {"BASH_ENV": "$HOME/mine.sh", "HOME": str(tmp_path)}
    plain = await ran(tmp_path, script, **own)
    carried = await ran(tmp_path, script, "REGION", number=2, **own)
    assert carried.head == plain.head == ("from-my-own $HOME/mine.sh", "from-my-own")
    assert carried.variables == {"REGION": "from-my-own"}
    missing = await ran(tmp_path, "REGION=eu", "REGION", number=3, BASH_ENV="no such.sh")
    assert missing.head == ()
    assert missing.variables == {"REGION": "eu"}


async def test_a_command_that_is_stopped_carries_what_it_had_set(tmp_path: Path) -> None:
    asked = Order(
        "r1", ("bash", "-u", "-c", "POD=acme-7f; echo ready; sleep 600"), str(tmp_path), str(tmp_path / "1.log"),
        carry=("POD",),
    )  # fmt: skip
    running = await LocalRunner().start(asked)
    async for batch in running.batches():
        if batch.lines:
            break
    await running.stop()
    ending = await running.wait()
    assert ending.variables == {"POD": "acme-7f"}
    assert ending.exit == -signal.SIGINT


async def test_a_program_that_is_no_bash_carries_nothing(tmp_path: Path) -> None:
    asked = Order("r1", ("env",), str(tmp_path), str(tmp_path / "1.log"), carry=("POD",))
    ending = await (await LocalRunner().start(asked)).wait()
    assert ending.variables == {}
    assert "BASH_ENV" not in (tmp_path / "1.log").read_text()


async def test_a_later_console_sees_the_end_but_no_values(tmp_path: Path) -> None:
    ending = await ran(tmp_path, "POD=canary-4711", "POD")
    assert ending.variables
    found = await LocalRunner().attach("r1", str(tmp_path / "1.log"))
    assert (await found.wait()).variables == {}
    assert await asyncio.to_thread(everywhere, tmp_path) == (tmp_path / "1.result").read_bytes()
