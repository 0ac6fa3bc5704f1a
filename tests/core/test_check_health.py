"""What a live server and past incidents say of alert rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from incident.core import facts
from incident.core.check import Severity
from incident.core.check.health import NOTHING, Learned, Loaded, Past, Seen, Stretch, alike, wanted
from incident.core.check.past import anything_done, past_of
from incident.core.check.selectors import Matcher, Selector, selectors
from incident.core.event import Event
from incident.core.incident import Incident, fold
from tests.core.checking import LIBRARY, in_rules, rules_in
from tests.fakes import ME, START

RULE = """
groups:
- name: web
  rules:
  - alert: AcmeErrors
    expr: {expr}
    for: {wait}
    labels: {{severity: page}}
    annotations: {{summary: It fails, runbook: https://wiki.acme.com/runbooks/{link}}}
"""

Row = tuple[str, Severity, str, str]


def found(expr: str, learned: Learned, *, wait: str = "5m", link: str = "disk-full") -> list[Row]:
    """Rule, severity, message and hint of what only the outside can tell."""
    asked = ("absent-metric", "no-series", "for-outlasts-data", "rule-fails", "rule-not-loaded", "nothing-done",
             "never-a-runbook")  # fmt: skip
    findings = in_rules(RULE.format(expr=expr, wait=wait, link=link), LIBRARY, learned)
    return [(one.rule, one.severity, one.message, one.hint) for one in findings if one.rule in asked]


# -- selectors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ('sum by (job) (rate(a{x="1",y=~"5.."}[5m])) / on(job) group_left(z) sum(rate(a[5m])) > 0.005 * 14 # b{c="d"}',
         ['a{x="1",y=~"5.."}', "a"]),
        ("sum(rate(a[5m])) by (job) > bool 1", ["a"]),
        ("sum without (job) (a) > 1", ["a"]),
        ("avg_over_time(up[5m:1m] offset 1h) < inf", ["up"]),
        ("max_over_time(a{b='}'}[1h]) > 1", ["a{b='}'}"]),
        ('{__name__=~"x.*", job != "b"} > 1', ['{__name__=~"x.*",job!="b"}']),
        ('a{job=~"b$"} > 1', ['a{job=~"b$"}']),
        ("a > 1 and a > 2", ["a"]),
        ("job:a:rate5m > 1", ["job:a:rate5m"]),
        ("vector(1)", []),
        ("absent(a)", []),
        ("absent_over_time(a[5m]) or absent(b)", []),
        ("a[5m", []),
        ("rate(a[$__interval]) > 1", []),
        ('a{b="{{ c }}"} > 1', []),
        ("{} > 1", []),
    ],
)  # fmt: skip
def test_every_selector_of_an_expression_is_found_once(expression: str, texts: list[str]) -> None:
    assert [one.text for one in selectors(expression)] == texts


def test_a_rule_does_not_need_what_is_only_one_side_of_or_or_what_is_left_out() -> None:
    assert [one.needed for one in selectors("a > 1 and b > 1")] == [True, True]
    assert [one.needed for one in selectors("a > 1 or b > 1")] == [False, False]
    assert [one.needed for one in selectors("a > 1 unless b")] == [True, False]


def test_a_matcher_knows_whether_it_picks_something_and_whether_its_label_is_an_outcome() -> None:
    picks = [
        Matcher("job", op, value).picks for op, value in (("=", '"a"'), ("=~", '".+"'), ("!=", '"a"'), ("=", '""'))
    ]
    assert picks == [True, False, False, False]
    assert [Matcher(label, "=", '"x"').outcome for label in ("status", "grpc_code", "job", "namespace")] == [
        True, True, False, False,
    ]  # fmt: skip


# -- a live server ----------------------------------------------------------------------------------------------------


def test_offline_nothing_is_said_that_only_the_outside_can_tell() -> None:
    assert found("sum(faild_total) > 1", NOTHING) == []


def test_a_metric_that_is_not_there_is_named_with_the_one_that_was_meant() -> None:
    learned = Learned(seen={"faild": Seen(False, False, False, near=("failed_total",))})
    assert found("sum(faild) > 1", learned) == [
        ("absent-metric", Severity.WARNING, "no series of faild for 7 days, so that AcmeErrors cannot fire",
         "did you mean failed_total?")
    ]  # fmt: skip
    unlike = Learned(seen={"faild": Seen(False, False, False)})
    assert found("sum(faild) > 1", unlike)[0][3] == "find out who sends it, or delete the rule"
    (either,) = found("sum(faild) > 1 or b > 2", learned)
    assert either[1:3] == (Severity.INFO, "no series of faild for 7 days, which AcmeErrors looks at")


def test_a_label_that_matches_nothing_is_blamed_with_the_values_that_there_are() -> None:
    blamed = Learned(
        seen={"a{job='b',x='y'}": Seen(False, False, blamed=Matcher("job", "=", "'b'"), near=("web", "api"))}
    )
    ((_, severity, message, hint),) = found("sum(a{job='b',x='y'}) > 1", blamed)
    assert severity is Severity.WARNING
    assert (
        message == "no series of a{job='b',x='y'} for 7 days: job='b' matches nothing, so that AcmeErrors cannot fire"
    )
    assert hint == "the label has web, api"
    together = Learned(seen={"a{job='b',x='y'}": Seen(False, False)})
    assert found("sum(a{job='b',x='y'}) > 1", together)[0][3] == "mend its labels"


def test_a_status_that_has_not_come_up_yet_is_for_information() -> None:
    blamed = Learned(seen={"a{status='503'}": Seen(False, False, blamed=Matcher("status", "=", "'503'"))})
    ((_, severity, _, hint),) = found("sum(a{status='503'}) > 1", blamed)
    assert (severity, hint) == (Severity.INFO, "if it has just not happened yet, all is well; else mend its labels")
    together = Learned(seen={"a{code='503'}": Seen(False, False)})
    assert found("sum(a{code='503'}) > 1", together)[0][1] is Severity.INFO


def test_what_is_there_now_or_was_lately_is_no_finding() -> None:
    assert found("a > 1", Learned(seen={"a": Seen()})) == []
    assert found("a > 1", Learned(seen={"a": Seen(now=False)})) == []


def test_for_that_lasts_longer_than_the_data_never_fires() -> None:
    learned = Learned(stretches={"a > 1": Stretch(360, 86_400)})
    ((_, severity, message, _),) = found("a > 1", learned, wait="30m")
    assert severity is Severity.WARNING
    assert message == ("AcmeErrors waits for 30m, and in 1d its data never lasted longer than 6m without a gap")
    assert found("a > 1", learned, wait="5m") == []


def test_a_rule_that_the_server_cannot_evaluate_has_another_one_of_or_has_not_loaded() -> None:
    broken = Learned(rules=(Loaded("AcmeErrors", "web", "a > 1", "err", "many-to-many"),))
    ((rule, severity, message, _),) = found("a > 1", broken)
    assert (rule, severity) == ("rule-fails", Severity.ERROR)
    assert message == "the server cannot evaluate AcmeErrors: many-to-many"
    mute = Learned(rules=(Loaded("AcmeErrors", "web", "b", "err"),))
    assert "it does not say why" in found("a > 1", mute)[0][2]
    gone = Learned(rules=(Loaded("Other"),))
    assert found("a > 1", gone)[0][1:3] == (
        Severity.WARNING, "AcmeErrors is not among the 1 alert rules of the server",
    )  # fmt: skip
    other = Learned(rules=(Loaded("AcmeErrors", "web", "a > 2"),))
    assert found("a > 1", other)[0][1:3] == (Severity.INFO, "the server has another expression for AcmeErrors: a > 2")
    assert found("a > 1", Learned(rules=(Loaded("AcmeErrors", "web", "a > 1"),))) == []


def test_an_expression_is_the_same_however_the_server_prints_it() -> None:
    assert alike("sum(rate(a{x='1'}[5m])) by (job) > 1 # why", 'sum by (job) (rate(a{x="1"}[5m])) > 1')
    assert not alike("a > 1", "a > 2")


def test_what_is_asked_is_every_selector_once_and_every_wait_that_may_outlast_its_data() -> None:
    short = RULE.format(expr="a > 2", wait="10s", link="x").partition("rules:\n")[2]
    file = rules_in(RULE.format(expr="a > 1", wait="5m", link="x") + short)
    asked, waiting = wanted([file])
    assert asked == (Selector("a"),)
    assert [rule.expression for rule in waiting] == ["a > 1"]


# -- past incidents ---------------------------------------------------------------------------------------------------


def test_a_page_that_nobody_had_to_act_on_is_counted() -> None:
    ((rule, severity, message, _),) = found("a > 1", Learned(past={"AcmeErrors": Past(9, 8, 0, 90)}))
    assert (rule, severity) == ("nothing-done", Severity.WARNING)
    assert message == (
        "in 90 days AcmeErrors paged in 9 incidents, and in 8 of them nothing was done: "
        "no command, no step, no finding, no decision"
    )
    assert "in all of them" in found("a > 1", Learned(past={"AcmeErrors": Past(2, 2, 0, 90)}))[0][2]


@pytest.mark.parametrize("past", [Past(9, 4, 0, 90), Past(1, 1, 0, 90), Past(0, 0, 0, 90)])
def test_one_calm_night_or_a_few_are_no_finding(past: Past) -> None:
    assert found("a > 1", Learned(past={"AcmeErrors": past})) == []


def test_an_alert_that_never_had_a_runbook_is_named_until_it_has_one() -> None:
    never = Learned(past={"AcmeErrors": Past(3, 0, 3, 90)})
    assert [one[0] for one in found("a > 1", never, link="nowhere")] == ["never-a-runbook"]
    assert found("a > 1", never) == []
    assert found("a > 1", Learned(past={"AcmeErrors": Past(3, 0, 2, 90)}), link="nowhere") == []


def told(
    *what: facts.Fact, severity: str = "page", drill: bool = False, opened: datetime = START
) -> tuple[Incident, list[Event]]:
    """An incident of one alert, resolved and closed, and what else was written down."""
    fired = facts.AlertFired("a1@x", "a1", "AcmeErrors", severity, opened, "am")
    told_facts = [facts.IncidentOpened("x", drill=drill), fired, *what, facts.AlertResolved("a1@x", "AcmeErrors")]
    events = [Event(f"{at:028d}", "INC-1", opened, fact, ME, opened) for at, fact in enumerate(told_facts)]
    return fold("INC-1", events), events


TICK = facts.StepTicked("s", "Roll back", "done")
NOW = START + timedelta(days=3)


def test_pages_are_counted_with_those_in_which_nothing_was_done() -> None:
    book = facts.RunbookOpened("a.md", "0", "A", "")
    known = [told(), told(book), told(book, TICK), told(facts.Remarked("finding", "it was DNS"))]
    assert past_of(known, NOW) == {"AcmeErrors": Past(4, 2, 2, 90)}


@pytest.mark.parametrize(
    "fact",
    [
        TICK,
        facts.BranchChosen("g", "b", "if"),
        facts.CommandStarted("r", "ls", ("ls",), "/", "/o"),
        facts.Remarked("decision", "we wait"),
        facts.Remarked("update", "we are on it"),
        facts.HandedOver("kim"),
    ],
)
def test_something_was_done_when_anybody_acted_or_judged(fact: facts.Fact) -> None:
    assert anything_done(*told(fact))


@pytest.mark.parametrize(
    "fact", [facts.Acknowledged("a1@x", "AcmeErrors"), facts.Remarked("note", "zzz"), facts.Joined("kim")]
)
def test_an_ack_and_a_note_are_nothing_done(fact: facts.Fact) -> None:
    assert not anything_done(*told(fact))


def test_drills_tickets_old_ones_and_what_goes_on_do_not_count() -> None:
    still = fold("INC-1", told()[1][:-1])
    assert past_of([told(drill=True), told(severity="ticket")], NOW) == {}
    assert past_of([told()], START + timedelta(days=91)) == {}
    assert past_of([(still, ())], NOW) == {}
    assert past_of([told()], START + timedelta(hours=2)) == {}
    closed = [*told()[1][:-1], replace(told()[1][0], id="9", fact=facts.IncidentClosed())]
    assert past_of([(fold("INC-1", closed), closed)], START + timedelta(hours=2)) != {}
    assert past_of([(Incident("INC-2"), ())], NOW) == {}
