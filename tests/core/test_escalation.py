"""Who is to be told when, what has become of it, and the message."""

from __future__ import annotations

from datetime import datetime, timedelta

from incident.core import facts
from incident.core.escalation import (
    Due,
    Rule,
    Stand,
    communication,
    due_fact,
    dues,
    message,
    pressing,
    rules,
    unrecorded,
)
from incident.core.event import Event
from incident.core.facts import Fact, Milestone
from incident.core.incident import Incident, fold
from incident.core.runbook.read import read
from tests.fakes import ME, SEED, START

BOOK = read(SEED.read_bytes(), SEED.name)
FIRED = facts.AlertFired("a1@x", "a1", "AcmeErrorBudgetFastBurn", "page", START, "am")
HOUR = timedelta(hours=1)
VP = Rule("VP Eng", "VP Eng if user-impact > 1 hour", HOUR, Milestone.MITIGATED, origin="acme-error-rate.md:27")


def events(*what: Fact | tuple[float, Fact]) -> list[Event]:
    told = [(0.0, one) if isinstance(one, facts.Fact) else one for one in what]
    return [
        Event(f"{at:04}", "INC-1", START + timedelta(minutes=minutes), fact, ME, START)
        for at, (minutes, fact) in enumerate(told)
    ]


def state(*what: Fact | tuple[float, Fact]) -> Incident:
    return fold("INC-1", events(facts.IncidentOpened("Acme is down", "SEV2"), FIRED, *what))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def one(incident: Incident, minutes: float, rule: Rule = VP) -> Due:
    [due] = dues(incident, [rule], at(minutes))
    return due


def test_the_seed_runbook_names_three_people_and_one_time() -> None:
    found = rules(BOOK.contacts, "acme-error-rate.md")
    assert [(rule.who, rule.after, rule.unless) for rule in found] == [
        ("Primary on-call", None, Milestone.RESOLVED),
        ("Secondary", None, Milestone.RESOLVED),
        ("VP Eng", HOUR, Milestone.MITIGATED),
    ]
    assert found[2].origin.startswith("acme-error-rate.md:")


def test_what_runbook_and_configuration_both_say_is_there_once() -> None:
    same = Rule("vp eng", "vp eng", HOUR, Milestone.MITIGATED, origin="the configuration")
    other = Rule("CTO", "CTO", 2 * HOUR, Milestone.MITIGATED, origin="the configuration")
    found = rules(BOOK.contacts, "x.md", (same, other))
    assert [rule.who for rule in found] == ["Primary on-call", "Secondary", "vp eng", "CTO"]


def test_a_due_time_counts_from_when_it_started_else_from_when_it_was_seen() -> None:
    assert one(state(), 1).at == at(60)
    earlier = state((-10, facts.MilestoneSet("started")))
    assert one(earlier, 1).at == at(50)
    assert one(fold("INC-1", events(facts.IncidentOpened("x"))), 1).at == at(60)
    old = facts.AlertFired("t1@x", "t1", "QueueLagHigh", "ticket", START - timedelta(hours=3), "am")
    assert one(state(old), 1).at == at(60)
    assert one(fold("INC-1", events((5, facts.IncidentOpened("x")), old)), 6).at == at(65)
    assert one(fold("INC-1", []), 1).stand is Stand.UNTIMED


def test_it_waits_passes_and_is_told() -> None:
    assert one(state(), 59).stand is Stand.WAITING
    passed = one(state(), 60)
    assert (passed.stand, passed.passed) == (Stand.PASSED, True)
    told = one(state((61, facts.EscalationTold(VP.key, "VP Eng"))), 62)
    assert (told.stand, told.told_at) == (Stand.TOLD, at(61))


def test_what_was_reached_before_stops_it_and_what_came_later_only_ends_the_waiting() -> None:
    before = state((50, facts.MilestoneSet("mitigated")))
    assert (one(before, 70).stand, one(before, 70).passed) == (Stand.OVER, False)
    later = state((65, facts.MilestoneSet("mitigated")))
    assert (one(later, 70).stand, one(later, 70).passed) == (Stand.OVER, True)
    resolved = state((50, facts.AlertResolved("a1@x", "A")))
    assert one(resolved, 70).stand is Stand.OVER
    closed = state((50, facts.IncidentClosed()))
    assert one(closed, 70).stand is Stand.OVER
    seen = state((3, facts.Acknowledged("a1@x", "A")))
    assert one(seen, 70).stand is Stand.PASSED
    assert one(seen, 70, Rule("Second", "x", HOUR, Milestone.ACKNOWLEDGED)).stand is Stand.OVER


def test_one_without_a_time_is_listed_last_and_can_be_told() -> None:
    untimed = Rule("DB team", "DB team: #db", None)
    another = Rule("Support", "Support", None)
    found = dues(state(), [untimed, another, VP], at(1))
    assert [due.rule.who for due in found] == ["VP Eng", "DB team", "Support"]
    assert found[1].stand is Stand.UNTIMED
    assert one(state((5, facts.EscalationTold(untimed.key, "DB team"))), 6, untimed).stand is Stand.TOLD


def test_what_passed_is_recorded_once_at_its_own_time_and_says_how_late_it_was_noticed() -> None:
    passed = one(state(), 81)
    assert unrecorded(state(), [passed]) == (passed,)
    fact = due_fact(passed, at(81))
    assert (fact.after, fact.late, fact.who) == (3600.0, 21 * 60.0, "VP Eng")
    assert unrecorded(state((60, fact)), [passed]) == ()
    assert unrecorded(state((70, facts.IncidentClosed())), [passed]) == ()
    assert due_fact(Due(Rule("DB", "DB", None), Stand.UNTIMED), at(1)).late == 0.0


def test_the_one_to_look_at_has_passed_or_is_next() -> None:
    soon, late = Rule("A", "A", HOUR), Rule("B", "B", 2 * HOUR)
    first = pressing(dues(state(), [late, soon], at(1)))
    assert first is not None
    assert first.rule == soon
    told = state((61, facts.EscalationTold(soon.key, "A")))
    next_one = pressing(dues(told, [late, soon], at(62)))
    assert next_one is not None
    assert next_one.rule == late
    passed = pressing(dues(state(), [late, soon], at(125)))
    assert passed is not None
    assert passed.stand is Stand.PASSED
    assert pressing(()) is None


def test_the_message_says_what_since_when_how_it_stands_and_why() -> None:
    joined = state(facts.Joined("kim", "lead"))
    text = message(joined, one(joined, 72), "Being done: Roll back (running, since 04:10 UTC)", at(72))
    assert text.splitlines() == [
        "INC-1 SEV2, since 03:07 UTC (1h12m): Acme is down",
        "Not mitigated yet.",
        "Being done: Roll back (running, since 04:10 UTC)",
        "Lead: kim",
        "You hear of it because of: VP Eng if user-impact > 1 hour (acme-error-rate.md:27)",
    ]
    mitigated = state((65, facts.MilestoneSet("mitigated")))
    assert "Mitigated at 04:12 UTC, not resolved yet." in message(mitigated, one(mitigated, 72), "", at(72))
    resolved = state((65, facts.MilestoneSet("resolved")))
    assert "Resolved since 04:12 UTC." in message(resolved, one(resolved, 72), "", at(72))
    assert message(fold("INC-1", []), Due(VP, Stand.UNTIMED), "", at(0)).startswith("INC-1 : ")


def test_the_next_update_is_due_so_long_after_the_last_one() -> None:
    every = timedelta(minutes=30)
    incident = state()
    known = communication(incident, (), [VP], every, at(1))
    assert (known.last_update, known.next_update, known.unsure) == (None, at(30), None)
    said = events((10, facts.Remarked("update", "we are on it")))
    assert communication(incident, said, [VP], every, at(11)).next_update == at(40)
    assert communication(incident, said, [VP], None, at(11)).next_update is None
    assert communication(state((5, facts.IncidentClosed())), said, [VP], every, at(11)).next_update is None
