"""What earlier incidents say of an alert, and what they say together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core import facts
from incident.core.actions import read
from incident.core.alert import Alert, Severity
from incident.core.event import Event, Writer
from incident.core.facts import Fact
from incident.core.incident import Incident, fold
from incident.core.past import Earlier, ended
from incident.core.stats import Spread, dots, shipped, spreads, uses

DAY = datetime(2026, 4, 11, 3, 0, tzinfo=UTC)
NOW = datetime(2026, 5, 2, 3, 7, tzinfo=UTC)
WHO = Writer("kim", "laptop-7", "1")
OVER = (facts.MilestoneSet("mitigated"), 5)
ALERT = Alert("f1", "AcmeErrors", Severity.PAGE, NOW, "am", labels={"alertname": "AcmeErrors", "job": "acme"})


def fired(at: datetime, job: str = "acme", name: str = "AcmeErrors") -> facts.AlertFired:
    return facts.AlertFired(f"{name}-{at}", "f1", name, "page", at, "am", {"alertname": name, "job": job})


def command(step: str = "Roll back", text: str = "gh run", **more: str) -> facts.CommandStarted:
    words = {"effect": "changes", "origin": "book.md:9", **more}
    return facts.CommandStarted("r1", text, ("gh",), "/", "/o", step="s1", step_text=step, **words)  # type: ignore[arg-type]  # fields of it


def ran(code: int = 0, *, stopped: bool = False) -> facts.CommandFinished:
    return facts.CommandFinished("r1", code, 4.0, stopped=stopped)


def incident(name: str, *told: tuple[Fact, int], at: datetime = DAY, drill: bool = False) -> Incident:
    """An incident out of facts and the minutes at which they happened."""
    opened = facts.IncidentOpened("Errors", drill=drill)
    made = []
    for number, (fact, minutes) in enumerate([(opened, 0), *told]):
        when = at + timedelta(minutes=minutes)
        made.append(Event(f"{name}-{number:03}", name, when, fact, WHO, when))
    return fold(name, made)


def usual(name: str, at: datetime = DAY, **kind: bool) -> Incident:
    return incident(
        name, (fired(at), 0), (command(), 2), (ran(), 3), (facts.MilestoneSet("mitigated"), 9), at=at, **kind
    )


def test_an_alert_that_was_there_before_says_how_often_when_last_and_what_ended_it() -> None:
    past = [usual("INC-1", DAY - timedelta(days=9)), usual("INC-2"), usual("DRILL-3", drill=True), incident("INC-4")]
    found = Earlier(past).seen(ALERT)
    assert found is not None
    assert found.words(NOW) == "seen 2 times before, last 2026-04-11, mitigated by rollback in 9m"
    assert found.incident == "INC-2"
    assert Earlier(past[:1]).seen(ALERT, besides="INC-1") is None


def test_the_same_name_of_another_service_and_the_same_occurrence_are_not_counted() -> None:
    other = incident("INC-1", (fired(DAY, job="shop"), 0))
    same = incident(
        "INC-2", (facts.AlertFired(ALERT.occurrence, "f1", "AcmeErrors", "page", NOW, "am", ALERT.labels), 0)
    )
    assert Earlier([other, same]).seen(ALERT) is None


def test_an_alert_without_a_name_was_never_seen_before() -> None:
    nameless = replace(ALERT, name="", labels={"job": "acme"})
    bare = facts.AlertFired("x@1", "x", "", "page", DAY, "am", {"job": "acme"})
    assert Earlier([incident("INC-1", (bare, 0))]).seen(nameless) is None


def test_seen_once_and_not_over_is_said_so() -> None:
    found = Earlier([incident("INC-1", (fired(NOW - timedelta(hours=2)), 0))]).seen(ALERT)
    assert found is not None
    assert found.words(NOW) == "seen once before, last 2h ago"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([(fired(DAY), 0), (facts.MilestoneSet("resolved"), 12)], "resolved in 12m"),
        ([(fired(DAY), 0), (command(step="Scale out", text="kubectl scale"), 1), (ran(), 2), OVER],
         'mitigated by "Scale out" in 5m'),
        ([(fired(DAY), 0), (command(step="", text="kubectl scale deploy/acme"), 1), (ran(), 2), OVER],
         "mitigated by kubectl scale deploy/acme in 5m"),
        ([(fired(DAY), 0), (command(), 1), (ran(code=1), 2), OVER], "mitigated in 5m"),
        ([(fired(DAY), 0), (command(), 1), (ran(stopped=True), 2), OVER], "mitigated in 5m"),
        ([(fired(DAY), 0), (command(effect="reads"), 1), (ran(), 2), OVER], "mitigated in 5m"),
        ([(fired(DAY), 0), (command(), 1), (facts.CommandLost("r1", "gone"), 2), OVER], "mitigated in 5m"),
        ([(fired(DAY), 0), (command(), 7), (ran(), 8), OVER], "mitigated in 5m"),
        ([(facts.MilestoneSet("started"), 0), OVER], "mitigated in 5m"),
    ],
)  # fmt: skip
def test_what_ended_an_incident_is_the_last_thing_that_changed_something_and_went_well(
    told: list[tuple[Fact, int]], words: str
) -> None:
    found = ended(incident("INC-1", *told))
    assert found is not None
    assert found.words == words


def test_an_end_before_the_beginning_is_no_end() -> None:
    assert ended(incident("INC-1", (fired(DAY + timedelta(hours=1)), 0), OVER)) is None
    assert ended(incident("INC-1", OVER)) is None


def test_durations_over_incidents_have_a_median_and_a_range_and_drills_are_no_part() -> None:
    long = incident("INC-9", (fired(DAY), 0), (facts.MilestoneSet("mitigated"), 600))
    back = incident("INC-8", (fired(DAY + timedelta(hours=1)), 0), (facts.MilestoneSet("mitigated"), 1))
    [spread] = spreads([usual("INC-1"), long, usual("DRILL-2", drill=True), back])
    assert spread.name == "detected_to_mitigated"
    assert [name for _, name in spread.values] == ["INC-1", "INC-9"]
    assert spread.median == timedelta(minutes=304.5)
    [three] = spreads([usual("INC-1"), usual("INC-2"), long])
    assert three.median == timedelta(minutes=9)


def test_dots_stand_where_the_durations_are_and_the_median_is_a_bar() -> None:
    minute = timedelta(minutes=1)
    spread = Spread("x", tuple((minute * n, str(n)) for n in (1, 1, 2, 4, 16, 16, 16)))
    assert dots(spread, 5, minute, minute * 16) == ":·| ⁝"
    assert dots(Spread("x", ((minute, "1"),)), 3, minute, minute) == "|  "


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=50), st.integers(1, 60))
def test_the_median_of_any_durations_is_inside_them_and_every_row_has_its_width(seconds: list[int], width: int) -> None:
    values = tuple(sorted((timedelta(seconds=n), str(n)) for n in seconds))
    spread = Spread("x", values)
    assert values[0][0] <= spread.median <= values[-1][0]
    row = dots(spread, width, values[0][0], values[-1][0])
    assert len(row) == width
    assert row.count("|") == 1


def test_runbooks_are_told_by_use_and_by_how_fresh_they_are() -> None:
    opened = (facts.RunbookOpened("acme.md", "sha", "Acme", "by its name", 9), 1)
    one = incident(
        "INC-1", opened, (facts.StepTicked("s1", "Open", "skipped"), 2), (command(origin="typed by hand"), 3)
    )
    other = incident("INC-2", opened, (facts.RunbookOpened("gone.md", "sha", "Gone", "by hand", 2), 2), at=NOW)
    found = uses(
        [one, other, incident("DRILL-1", opened, drill=True)], [("acme.md", date(2026, 1, 2)), ("new.md", None)]
    )
    assert [(use.path, use.times) for use in found] == [("acme.md", 2), ("gone.md", 1), ("new.md", 0)]
    assert (found[0].last, found[0].reviewed, found[0].skipped, found[0].by_hand) == (NOW, date(2026, 1, 2), 1, 1)
    assert found[2].last is None


def test_action_items_are_counted_by_what_became_of_them() -> None:
    head = (
        "---\nid: INC-1\nkind: {}\nfollow_up_review: 2026-05-30\n---\n## Action items\n| # | Action | Due |\n|-|-|-|\n"
    )
    rows = (
        "| 1 | Limit | 2026-05-01 |\n| 2 | Drop | 2026-06-01 |\n| 3 | Page | 2026-06-01 |\n| 4 | Retry | 2026-05-02 |\n"
    )
    told = "\n### Follow-up review {}\n| # | Outcome | Note |\n|-|-|-|\n"
    text = head.format("incident") + rows + told.format("2026-05-30") + "| 1 | shipped | |\n| 2 | dropped | x |\n"
    text += told.format("2026-06-27") + "| 3 | shipped | |\n"
    pages = [page for page in (read(text, "a.md"), read(text.replace("incident", "drill"), "b.md")) if page]
    counted = shipped(pages, date(2026, 6, 28))
    assert (counted.written, counted.shipped, counted.in_time, counted.dropped) == (4, 2, 1, 1)
    assert (counted.open, counted.overdue) == (1, 1)
