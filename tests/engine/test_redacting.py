"""A redacted command's output goes with its row: after the tombstone, also when a crash comes between the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from incident.core import facts
from incident.core.facts import Fact
from incident.engine import Engine
from incident.errors import JournalError
from incident.world import erase_output, output_file
from tests.fakes import World

RUN = "INC-1/1-ab12cd"
STARTED = facts.CommandStarted(RUN, "curl -H token", ("curl",), "/", "/o")
ENDED = facts.CommandFinished(RUN, 0, 1.0, head=("token=canary",))


@dataclass
class Printed(World):
    """A world whose commands printed into real files."""

    state: Path = field(default_factory=Path)
    full: bool = False  # the disk cannot remove anything
    seen: list[list[str]] = field(default_factory=list)  # what was on the timeline when a file was to go

    def _erase(self, incident: str, run: str) -> bool:
        self.seen.append(self.kinds())
        if self.full:
            raise OSError(30, "Read-only file system", "/o")
        return erase_output(self.state, incident, run)


async def told(world: World, *what: Fact) -> Engine:
    engine = world.engine()
    await engine.load()
    await engine.record("INC-1", facts.IncidentOpened("Errors"), *what)
    return engine


def row(world: World, kind: str) -> str:
    return next(event.id for event in world.journal.events if event.fact.kind == kind)


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    """A run that printed."""
    Path(output_file(tmp_path, "INC-1", "1-ab12cd")).write_text("token=canary")
    return Printed(state=tmp_path)


def left(world: Printed) -> list[str]:
    return sorted(path.name for path in world.state.rglob("*.log"))


@pytest.mark.fault(81)
@pytest.mark.parametrize("kind", ["command.started", "command.finished"])
async def test_the_files_go_after_the_tombstone_is_there(printed: Printed, kind: str) -> None:
    engine = await told(printed, STARTED, ENDED, facts.Remarked("note", "hm"))
    event = row(printed, kind)
    assert engine.redacting.has_output("INC-1", event)
    assert not engine.redacting.has_output("INC-1", row(printed, "remark"))
    await engine.redacting.redact("INC-1", event, "a token")
    assert all("redacted" in kinds for kinds in printed.seen)
    assert left(printed) == []
    assert "canary" not in repr(printed.journal.events)
    assert ("curl" in repr(printed.journal.events)) is (kind == "command.finished")
    await engine.stop()


async def test_a_note_that_is_redacted_takes_no_output_with_it(printed: Printed) -> None:
    engine = await told(printed, STARTED, ENDED, facts.Remarked("note", "hm"))
    await engine.redacting.redact("INC-1", row(printed, "remark"), "a name")
    assert left(printed) == ["1-ab12cd.log"]
    await engine.stop()


async def test_what_a_crash_or_the_disk_left_goes_at_the_next_start(printed: Printed) -> None:
    engine = await told(printed, STARTED, ENDED)
    printed.full = True
    with pytest.raises(JournalError, match="the row is redacted, but what the command printed is still there"):
        await engine.redacting.redact("INC-1", row(printed, "command.finished"), "a token")
    assert left(printed) == ["1-ab12cd.log"]
    assert "canary" not in repr(printed.journal.events)
    await engine.stop()
    again = printed.engine()
    await again.load()  # the disk is as bad as before; that is no reason not to start
    await again.stop()
    assert left(printed) == ["1-ab12cd.log"]
    printed.full = False
    well = printed.engine()
    await well.load()
    assert left(printed) == []
    await well.stop()
