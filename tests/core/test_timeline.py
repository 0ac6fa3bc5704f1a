"""The timeline in words: every fact has some, and every reader gets the same ones."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.event import Event, next_id, to_json
from incident.core.facts import KINDS, Fact
from incident.core.timeline import Tone, as_json, in_order, row_of, rows, stamp
from incident.core.when import Precision
from tests.fakes import ME, START


def recorded(fact: Fact, *, at: float = 0, precision: Precision = Precision.SECOND, number: int = 0) -> Event:
    now = START + timedelta(seconds=number)
    return Event(next_id(now, "", 0), "INC-1", START + timedelta(seconds=at), fact, ME, now, precision)


FIRED = facts.AlertFired("o", "f", "Up", "page", START, "am")
ENDED = facts.CommandFinished("r", 0, 4.2, head=("a", " last said "))
WORDS: list[tuple[Fact, Tone, str]] = [
    (facts.IncidentOpened("Errors", "SEV1"), Tone.QUIET, "opened SEV1 Errors"),
    (facts.IncidentClosed(), Tone.MILESTONE, "closed"),
    (facts.IncidentClosed("calm"), Tone.MILESTONE, "closed calm"),
    (facts.IncidentReopened("it is back"), Tone.MILESTONE, "open again it is back"),
    (FIRED, Tone.PAGE, "page Up fired"),
    (facts.AlertFired("o", "f", "", "ticket", START, "am"), Tone.TICKET, "ticket (alert without a name) fired"),
    (facts.AlertFired("o", "f", "Up", "info", START, "am"), Tone.PLAIN, "info Up fired"),
    (facts.AlertResolved("o", "Up"), Tone.GOOD, "resolved Up"),
    (facts.AlertResolved("o", ""), Tone.GOOD, "resolved (alert without a name)"),
    (facts.Acknowledged("o", "Up"), Tone.MILESTONE, "acknowledged Up"),
    (facts.SourceLost("am", "timed out"), Tone.BAD, "source lost am: timed out"),
    (facts.SourceBack("am"), Tone.QUIET, "source back am"),
    (
        facts.RunbookOpened("a.md", "00", "A", "named by the alert"),
        Tone.QUIET,
        "runbook a.md opened, named by the alert",
    ),
    (facts.BranchChosen("f", "b", "a deploy"), Tone.JUDGED, "branch a deploy"),
    (facts.BranchChosen("f", "b", "a deploy", (), "6 min"), Tone.JUDGED, "branch a deploy - 6 min"),
    (facts.BranchUnchosen("f", "a deploy"), Tone.JUDGED, "branch a deploy: choice taken back"),
    (facts.StepTicked("s", "Look"), Tone.GOOD, "done Look"),
    (facts.StepTicked("s", "Look", "skipped"), Tone.QUIET, "skipped Look"),
    (facts.StepTicked("s", "Look", "delegated"), Tone.QUIET, "delegated Look"),
    (facts.StepUnticked("s", "Look"), Tone.QUIET, "open again Look"),
    (facts.ParameterSet("pod", "web-0", "typed by you"), Tone.QUIET, "parameter pod = web-0 (typed by you)"),
    (facts.CommandStarted("r", "gh x", ("gh", "x"), "/", "/o"), Tone.COMMAND, "$ gh x"),
    (ENDED, Tone.GOOD, "ended exit 0, 4.2s: last said"),
    (facts.CommandFinished("r", 1, 60, head=("a",), tail=("b", " ")), Tone.BAD, "ended exit 1, 1m00s: b"),
    (facts.CommandFinished("r", 1, 1, meaning="no match", head=("",)), Tone.BAD, "ended exit 1 (no match), 1s"),
    (facts.CommandFinished("r", -15, 9, stopped=True), Tone.BAD, "stopped exit -15, 9s"),
    (facts.CommandFailed("r", "no such program"), Tone.BAD, "did not start no such program"),
    (facts.CommandLost("r", "the console ended"), Tone.BAD, "outcome unknown the console ended"),
    (facts.SignalSeen("errors", 19.2, "%"), Tone.PLAIN, "signal errors 19.2 %"),
    (facts.SignalSeen("p99", 1.9, "s", "q", 0.5), Tone.PLAIN, "signal p99 1.9 s, limit 500 ms"),
    (facts.ChangeSeen("deploy", "a1b2c3d"), Tone.PLAIN, "deploy a1b2c3d"),
    (facts.ChangeSeen("config", "7", "6", "acme", "cart: batch"), Tone.PLAIN, "config 7 (was 6): cart: batch"),
    (facts.Remarked("note", "hm"), Tone.PLAIN, "note hm"),
    (facts.Remarked("finding", "I believe"), Tone.JUDGED, "finding I believe"),
    (facts.Remarked("song", "la"), Tone.PLAIN, "song la"),
    (facts.Joined("lee", "scribe"), Tone.QUIET, "joined lee as scribe"),
    (facts.MilestoneSet("mitigated"), Tone.MILESTONE, "mitigated"),
    (facts.MilestoneSet("mitigated", "errors fell"), Tone.MILESTONE, "mitigated errors fell"),
    (facts.SeveritySet("SEV1"), Tone.PLAIN, "severity SEV1"),
    (facts.Exported("a.md", "md"), Tone.QUIET, "exported a.md"),
    (facts.Unrecognised("weather.changed", {}), Tone.QUIET, "weather.changed (written by another version)"),
    (Fact(), Tone.PLAIN, ""),
]


@pytest.mark.parametrize(("fact", "tone", "line"), WORDS)
def test_every_fact_has_its_words_and_its_tone(fact: Fact, tone: Tone, line: str) -> None:
    row = row_of(recorded(fact))
    assert (row.tone, row.line, row.who) == (tone, line, "kim")


def test_no_kind_of_fact_is_without_words() -> None:
    assert set(KINDS.values()) <= {type(fact) for fact, _, _ in WORDS}


def test_rows_stand_in_the_order_in_which_things_happened_then_were_recorded() -> None:
    events = [recorded(FIRED, at=at, number=number) for number, at in enumerate((60, -240, 60, 0))]
    assert [event.at for event in in_order(events)] == sorted(event.at for event in events)
    assert [row.id for row in rows(reversed(events))] == [events[at].id for at in (1, 3, 0, 2)]


@pytest.mark.parametrize(
    ("precision", "time", "long"),
    [
        (Precision.SECOND, "03:07", "03:07:12"),
        (Precision.MINUTE, "03:07", "03:07"),
        (Precision.ABOUT, "~03:07", "~03:07"),
    ],
)
def test_a_time_shows_no_more_than_is_known(precision: Precision, time: str, long: str) -> None:
    row = row_of(recorded(FIRED, precision=precision))
    assert (row.time, stamp(row.at, row.precision)) == (time, long)


def test_the_record_for_scripts_is_the_event_and_the_words_of_the_screen() -> None:
    event = recorded(ENDED)
    assert as_json(event) == {**to_json(event), "words": row_of(event).line}
    assert json.loads(json.dumps(as_json(event)))["at"] == "2026-05-02T03:07:12Z"
