"""The timeline in words: every fact has some, and every reader gets the same ones."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.event import Event, next_id, to_json
from incident.core.facts import KINDS, Fact
from incident.core.timeline import (
    Category,
    Folded,
    Tone,
    as_corrected,
    as_json,
    folded,
    in_order,
    row_of,
    rows,
    stamp,
)
from incident.core.when import Precision
from tests.fakes import ME, START


def recorded(fact: Fact, *, at: float = 0, precision: Precision = Precision.SECOND, number: int = 0) -> Event:
    now = START + timedelta(seconds=number)
    return Event(next_id(now, "", 0), "INC-1", START + timedelta(seconds=at), fact, ME, now, precision)


FIRED = facts.AlertFired("o", "f", "Up", "page", START, "am")
ASKED = facts.ApprovalAsked("q", "gh x", ("gh", "x"), "/", "kim@laptop", "acme/shop")
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
    (
        facts.CommandFinished("r", 0, 1, left=("41", "42"), dropped=900),
        Tone.GOOD,
        "ended exit 0, 1s, 2 left running (41, 42), 900 bytes of its output were not kept",
    ),
    (facts.CommandVerified("r", "it had run"), Tone.JUDGED, "verified it had run"),
    (facts.CommandAttached("r", "s", "Look"), Tone.QUIET, "counted to Look"),
    (ASKED, Tone.JUDGED, "approval asked gh x"),
    (facts.ApprovalAnswered("q", "sam", approved=True), Tone.GOOD, "approved by sam"),
    (facts.ApprovalAnswered("q", "sam", approved=False, reason="wrong pod"), Tone.BAD, "refused by sam: wrong pod"),
    (facts.ApprovalWithdrawn("q"), Tone.QUIET, "approval nobody waits for it any more"),
    (facts.HandedOver("ana"), Tone.MILESTONE, "handover to ana"),
    (facts.HandedOver("ana", "errors are falling"), Tone.MILESTONE, "handover to ana: errors are falling"),
    (facts.LinkAdded("https://a.example/1", "graph"), Tone.PLAIN, "link graph https://a.example/1"),
    (facts.LinkAdded("https://a.example/1"), Tone.PLAIN, "link https://a.example/1"),
    (facts.Imported("we see 500s", "ana", "1"), Tone.PLAIN, "imported ana: we see 500s"),
    (facts.Imported("page Up fired"), Tone.PLAIN, "imported page Up fired"),
    (facts.Corrected("e", "saw 502"), Tone.QUIET, "correction saw 502"),
    (facts.Corrected("e", "", "it was later"), Tone.QUIET, "correction of a time - it was later"),
    (facts.Redacted("e", "a name"), Tone.QUIET, "redaction of a row - a name"),
    (facts.Tombstone("remark", "kim", START, "a name"), Tone.PLAIN, "redacted by kim: a name"),
    (facts.ClockChecked("am", 0.4), Tone.QUIET, "clock am's is within 2 s of this machine's"),
    (facts.ClockChecked("am", -90.0), Tone.BAD, "clock am's clock is 1m30s behind this machine's"),
    (facts.ClockStepped(3600.0), Tone.BAD, "clock jumped ahead by 1h00m"),
    (facts.ClockStepped(-2.5), Tone.BAD, "clock jumped back by 2.5s"),
    (facts.Paused(720.0), Tone.JUDGED, "gap the console did not run for 12m00s"),
    (facts.CommandFailed("r", "no such program"), Tone.BAD, "did not start no such program"),
    (facts.CommandLost("r", "the console ended"), Tone.BAD, "outcome unknown the console ended"),
    (facts.SignalSeen("errors", 19.2, "%"), Tone.PLAIN, "signal errors 19.2 %"),
    (facts.SignalSeen("p99", 1.9, "s", "q", 0.5), Tone.PLAIN, "signal p99 1.9 s, limit 500 ms"),
    (facts.SignalSeen("ready", 2, "", "q", 3.0, True), Tone.PLAIN, "signal ready 2, at least 3"),
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
    (
        facts.DrillBegun("bad-deploy", "Checkout fails", "guided"),
        Tone.MILESTONE,
        "drill bad-deploy, guided: Checkout fails",
    ),
    (facts.DrillDebriefed("bad-deploy", True), Tone.MILESTONE, "debrief recovered"),
    (facts.HotWashAnswered("How?", "By the graph."), Tone.JUDGED, "hot wash How? By the graph."),
    (facts.Measured("requests_failed", 1234.6, "", "q", START, START), Tone.QUIET, "measured requests failed 1,235"),
    (facts.Measured("error_ratio_peak", 19.2, "%", "q", START, START), Tone.QUIET, "measured error ratio peak 19.2 %"),
    (facts.EscalationDue("k", "VP Eng", "if impact > 1 hour", 3600), Tone.TICKET, "due VP Eng: if impact > 1 hour"),
    (
        facts.EscalationDue("k", "VP Eng", "VP Eng after 1 hour", 3600, 120.0),
        Tone.TICKET,
        "due VP Eng after 1 hour, noticed 2m00s later",
    ),
    (facts.EscalationTold("k", "VP Eng"), Tone.MILESTONE, "told VP Eng"),
    (facts.UpdateBegun("u", "we roll back", "#inc"), Tone.QUIET, "update goes to #inc"),
    (facts.UpdateSent("u", "we roll back\nmore", "#inc"), Tone.JUDGED, "update we roll back / more (sent to #inc)"),
    (facts.UpdateFailed("u", "refused (403)"), Tone.BAD, "update not sent refused (403)"),
    (facts.UpdateLost("u", "no answer"), Tone.BAD, "update, outcome unknown no answer"),
    (facts.Unrecognised("weather.changed", {}), Tone.QUIET, "weather.changed (written by another version)"),
    (Fact(), Tone.PLAIN, ""),
]


@pytest.mark.parametrize(("fact", "tone", "line"), WORDS)
def test_every_fact_has_its_words_and_its_tone(fact: Fact, tone: Tone, line: str) -> None:
    row = row_of(recorded(fact))
    assert (row.tone, row.line, row.who) == (tone, line, "kim")


def test_no_kind_of_fact_is_without_words() -> None:
    assert set(KINDS.values()) <= {type(fact) for fact, _, _ in WORDS}


def test_a_row_is_filed_under_what_it_is_about_and_what_is_left_of_one_stays_there() -> None:
    filed = {type(fact): row_of(recorded(fact)).category for fact, _, _ in WORDS}
    assert {category: sum(one is category for one in filed.values()) for category in Category} == {
        Category.ALERTS: 5, Category.COMMANDS: 9, Category.STEPS: 5, Category.REMARKS: 8, Category.MILESTONES: 5,
        Category.PEOPLE: 4, Category.CHANGES: 1, Category.SIGNALS: 2, Category.IMPORTED: 1, Category.BOOKKEEPING: 11,
    }  # fmt: skip
    assert filed[facts.Tombstone] is Category.REMARKS
    assert row_of(recorded(facts.Tombstone("a.newer.kind", "kim", START))).category is Category.BOOKKEEPING


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
        (Precision.RANGE, "03:07…", "03:07…"),
    ],
)
def test_a_time_shows_no_more_than_is_known(precision: Precision, time: str, long: str) -> None:
    row = row_of(recorded(FIRED, precision=precision))
    assert (row.time, stamp(row.at, row.precision)) == (time, long)


def test_a_range_shows_where_it_begins_and_ends() -> None:
    begin = START.replace(second=0)
    over = replace(recorded(facts.Remarked("note", "errors")), at=begin, precision=Precision.RANGE)
    row = row_of(replace(over, until=begin + timedelta(minutes=3)))
    assert (row.time, row.stamp) == ("03:07…", "03:07..03:10")
    assert row_of(replace(over, until=START)).stamp == "03:07..03:07:12"


def test_the_record_for_scripts_is_the_event_and_the_words_of_the_screen() -> None:
    event = recorded(ENDED)
    assert as_json(event) == {**to_json(event), "words": row_of(event).line, "category": "commands"}
    assert json.loads(json.dumps(as_json(event)))["at"] == "2026-05-02T03:07:12Z"


def noted(text: str, *, at: float = 0, number: int = 0) -> Event:
    return recorded(facts.Remarked("note", text), at=at, number=number)


def test_a_corrected_row_reads_as_corrected_at_its_corrected_time_and_says_so() -> None:
    note, other = noted("saw 500"), noted("calm", at=-30, number=1)
    fix = recorded(facts.Corrected(note.id, "saw 502", "typo"), at=-60, precision=Precision.MINUTE, number=2)
    first, quiet, second = rows([note, other, fix])
    assert (first.id, first.line, first.stamp) == (note.id, "note saw 502 (corrected)", "03:06")
    assert (first.corrected, first.was, first.who) == (True, "03:07:12 note saw 500", "kim")
    assert (quiet.id, quiet.line, quiet.tone, quiet.corrected) == (
        fix.id,
        "correction saw 502 - typo",
        Tone.QUIET,
        False,
    )
    assert (second.line, second.corrected, second.was) == ("note calm", False, "")
    told = as_json(note, first)
    assert (told["body"]["text"], told["words"], told["at"]) == ("saw 500", first.line, "2026-05-02T03:07:12Z")
    assert told["corrected"] == {
        "at": "2026-05-02T03:06:12Z", "precision": "minute", "until": None, "was": "03:07:12 note saw 500",
    }  # fmt: skip


def test_the_record_of_a_row_corrected_to_a_range_has_its_end() -> None:
    note = noted("errors")
    fix = recorded(facts.Corrected(note.id, ""), precision=Precision.RANGE, number=1)
    told = as_json(note, rows([note, replace(fix, until=START + timedelta(seconds=60))])[0])
    assert told["corrected"]["until"] == "2026-05-02T03:08:12Z"


def test_what_is_left_of_a_redacted_row_shows_when_who_and_why_and_no_correction_of_it() -> None:
    gone = recorded(facts.Tombstone("remark", "kim", START, "a customer's name"))
    fix = recorded(facts.Corrected(gone.id, "saw somebody"), at=-60, number=1)
    row = next(row for row in rows([gone, fix]) if row.id == gone.id)
    assert (row.line, row.corrected, row.was) == ("redacted by kim: a customer's name", False, "")
    assert row.at == START - timedelta(seconds=60)


def test_the_events_as_corrected_are_in_the_order_of_their_corrected_times() -> None:
    note, other = noted("saw 500"), noted("calm", at=-30, number=1)
    told, changed = as_corrected([note, other, recorded(facts.Corrected(note.id, "saw 502"), at=-60, number=2)])
    assert [event.id for event in told][::2] == [note.id, other.id]
    assert (told[0].fact, changed) == (facts.Remarked("note", "saw 502"), {note.id})


def signal(value: float) -> facts.SignalSeen:
    return facts.SignalSeen("errors", value, "%")


def folded_lines(*what: Fact) -> list[str]:
    return [row.line for row in folded(row_of(recorded(fact, number=at)) for at, fact in enumerate(what))]


def test_bookkeeping_folds_into_one_row_when_there_is_enough_of_it() -> None:
    quiet = facts.Exported("a.md", "md")
    assert folded_lines(quiet, quiet, facts.Remarked("note", "hm"), *[quiet] * 12) == [
        "exported a.md", "exported a.md", "note hm", "12 quiet rows",
    ]  # fmt: skip


def test_of_an_alert_that_comes_again_and_again_the_first_and_the_last_row_stay() -> None:
    back = facts.AlertResolved("o", "Up")
    flapping = [FIRED, back] * 3
    assert folded_lines(*flapping) == ["page Up fired", "4 more of Up", "resolved Up"]
    assert folded_lines(FIRED, back, FIRED) == ["page Up fired", "resolved Up", "page Up fired"]
    other = replace(FIRED, name="Slow")
    assert folded_lines(*[FIRED, other] * 3) == ["page Up fired", "page Slow fired"] * 3
    assert folded_lines(*map(signal, range(9)))[1] == "7 more of errors"
    lost, again = facts.SourceLost("am", "timed out"), facts.SourceBack("am")
    assert folded_lines(*[lost, again] * 4) == ["source lost am: timed out", "6 more of am", "source back am"]


def test_what_people_did_is_never_folded_and_neither_is_a_corrected_row() -> None:
    notes = [facts.Remarked("note", "same words")] * 9
    assert folded_lines(*notes) == ["note same words"] * 9
    events = [recorded(signal(at), at=at, number=at) for at in range(9)]
    fix = recorded(facts.Corrected(events[4].id, ""), at=4, number=20)
    shown = [row for row in rows([*events, fix]) if row.id != fix.id]
    lines = [row.line for row in folded(shown, least=2)]
    assert lines[1] == lines[5] == "2 more of errors"
    assert lines[3].endswith("(corrected)")


def test_a_fold_stands_where_its_first_row_stood() -> None:
    [fold] = folded(row_of(recorded(facts.Exported("a.md", "md"), at=at)) for at in (5, 6, 7))
    assert isinstance(fold, Folded)
    assert (fold.at, len(fold.rows)) == (START + timedelta(seconds=5), 3)
