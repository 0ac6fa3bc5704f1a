"""What the timeline says of updates and due times, in whichever order it is told."""

from __future__ import annotations

from datetime import timedelta

from incident.core import facts
from incident.core.event import Event, from_json, to_json
from incident.core.facts import Fact
from incident.core.incident import Incident, fold
from incident.core.told import Escalated, Outcome, take_escalation, take_update
from incident.core.wording import Category, Tone, category, words
from tests.fakes import ME, START


def told(*what: Fact) -> Incident:
    opened = (facts.IncidentOpened("Acme"), *what)
    events = [
        Event(f"{at:04}", "INC-1", START + timedelta(minutes=at), fact, ME, START) for at, fact in enumerate(opened)
    ]
    assert [from_json(to_json(event)) for event in events] == events
    return fold("INC-1", events)


BEGUN = facts.UpdateBegun("s1", "We are on it", "#inc")


def test_an_update_is_under_way_until_its_end_is_known() -> None:
    assert told(BEGUN).updates["s1"].outcome is Outcome.UNDER_WAY
    sent = told(BEGUN, facts.UpdateSent("s1", "We are on it", "#inc")).updates["s1"]
    assert (sent.outcome, sent.ended_at) == (Outcome.SENT, START + timedelta(minutes=2))
    failed = told(BEGUN, facts.UpdateFailed("s1", "refused")).updates["s1"]
    assert (failed.outcome, failed.reason) == (Outcome.FAILED, "refused")
    assert told(BEGUN, facts.UpdateLost("s1", "no answer")).updates["s1"].outcome is Outcome.UNKNOWN


def test_that_it_arrived_outweighs_what_another_console_believed() -> None:
    sent = facts.UpdateSent("s1", "We are on it", "#inc")
    assert told(BEGUN, facts.UpdateLost("s1", "died"), sent).updates["s1"].outcome is Outcome.SENT
    assert told(BEGUN, sent, facts.UpdateLost("s1", "died")).updates["s1"].outcome is Outcome.SENT
    assert told(facts.UpdateSent("s0", "x", "y")).updates == {}


def test_an_end_that_was_redacted_does_not_make_it_a_loose_end() -> None:
    grave = facts.Tombstone(facts.UpdateSent.kind, "kim", START)
    assert told(BEGUN, grave).updates["s1"].outcome is Outcome.SENT
    assert told(grave).updates == {}
    assert told(BEGUN, facts.Tombstone(facts.Remarked.kind, "kim", START)).updates["s1"].outcome is Outcome.UNDER_WAY


def test_a_due_time_passes_once_and_the_first_telling_stands() -> None:
    due = facts.EscalationDue("k", "VP Eng", "VP Eng if user-impact > 1 hour", 3600.0)
    state = told(due, facts.EscalationTold("k", "VP Eng"), due, facts.EscalationTold("k", "VP Eng"))
    assert state.escalations == {"k": Escalated(START + timedelta(minutes=1), START + timedelta(minutes=2))}
    assert told(facts.EscalationTold("k", "VP Eng")).escalations["k"].due_at is None


def test_other_facts_say_nothing_of_it() -> None:
    note = Event("0001", "INC-1", START, facts.Remarked("note", "x"), ME, START)
    escalations: dict[str, Escalated] = {}
    take_escalation(escalations, note)
    take_update({}, note)
    assert escalations == {}


def test_every_one_of_them_has_words() -> None:
    due = facts.EscalationDue("k", "VP Eng", "VP Eng if user-impact > 1 hour", 3600.0, 59.0)
    assert words(due) == (Tone.TICKET, "due", "VP Eng if user-impact > 1 hour")
    table = facts.EscalationDue("k", "the CTO", "impact over 1 hour", 3600.0)
    assert words(table) == (Tone.TICKET, "due", "the CTO: impact over 1 hour")
    late = facts.EscalationDue("k", "VP Eng", "VP Eng", 3600.0, 1260.0)
    assert words(late) == (Tone.TICKET, "due", "VP Eng, noticed 21m00s later")
    assert words(facts.EscalationTold("k", "VP Eng")) == (Tone.MILESTONE, "told", "VP Eng")
    assert words(BEGUN) == (Tone.QUIET, "update", "goes to #inc")
    assert words(facts.UpdateSent("s1", "a\nb", "#inc")) == (Tone.JUDGED, "update", "a / b (sent to #inc)")
    assert words(facts.UpdateFailed("s1", "refused")) == (Tone.BAD, "update not sent", "refused")
    assert words(facts.UpdateLost("s1", "died")) == (Tone.BAD, "update, outcome unknown", "died")
    assert category(BEGUN) is Category.REMARKS
    assert category(due) is Category.PEOPLE
    ticked = facts.StepTicked("x", "Verify", because="errors 0.3 % under 7 % for 2m")
    assert words(ticked) == (Tone.GOOD, "done", "Verify - errors 0.3 % under 7 % for 2m")
