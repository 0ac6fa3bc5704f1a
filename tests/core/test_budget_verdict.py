"""Go or no go, and a budget in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.budget.burn import Alarm, Burn, pairs
from incident.core.budget.figures import percent, times
from incident.core.budget.slo import Sli, Slo, sli_of
from incident.core.budget.spending import Spending
from incident.core.budget.standing import Standing
from incident.core.budget.verdict import GUARDRAIL, Go, Risk, Verdict, by_budget, reserve_of, verdict, verdict_on, worst
from incident.core.budget.words import (
    alarm_words,
    allowance,
    as_json,
    burn_words,
    left_words,
    line,
    pace_words,
    promise,
    reading_words,
    rows,
    spending_words,
    worst_of,
)
from tests.core.test_budget import ACME, BY_SHARE, BY_TIME, DAY, NOW

ORDER = [Go.GO, Go.GUARDRAIL, Go.UNKNOWN, Go.NO_GO]
SHARES = st.floats(-2, 1)
TO_GO = st.none() | st.floats(0, 1)
ALARMS = st.sampled_from(Alarm)
RISKS = st.sampled_from(Risk)


def stands(left: float | None = 0.63, rate: float | None = 9.2, *, slo: Slo = ACME, **more: object) -> Standing:
    """A budget with one burn, over the last hour."""
    burns = {3600.0: Burn(3600.0, None if rate is None else rate * slo.budget, rate, 10_000, 460)}
    base = Standing(slo, NOW, left, "" if left is not None else "no series", 1_000_000, 1850, burns, Alarm.NONE)
    return replace(base, **more)  # type: ignore[arg-type]  # fields of it


# -- the course's own answers -----------------------------------------------------------------------------------------


def test_70_per_cent_left_and_12_days_to_go_is_go_with_a_guardrail_for_a_risky_change() -> None:
    said = verdict(0.7, 12 / 28, Risk.RISKY)
    assert said.go is Go.GUARDRAIL
    assert said.why == f"70 % left and 43 % of the window to go: {GUARDRAIL}"
    assert all(words in GUARDRAIL for words in ("early in the window", "a quick rollback", "watching"))


def test_5_per_cent_left_at_the_start_of_the_window_is_no_go() -> None:
    for risk in (Risk.RISKY, Risk.NORMAL):
        assert verdict(0.05, 1.0, risk).go is Go.NO_GO
    assert "wait for the next window" in verdict(0.05, 1.0, Risk.RISKY).why
    assert "A rollback or a fix for it may go" in verdict(0.05, 1.0, Risk.RISKY).why


@pytest.mark.parametrize(
    ("left", "to_go", "risk", "go"),
    [
        (0.0, None, Risk.LOW, Go.NO_GO),
        (-0.3, 0.1, Risk.LOW, Go.NO_GO),
        (0.05, None, Risk.LOW, Go.GUARDRAIL),
        (0.1, None, Risk.LOW, Go.GO),
        (0.09, None, Risk.NORMAL, Go.NO_GO),
        (0.2, None, Risk.NORMAL, Go.GUARDRAIL),
        (0.25, None, Risk.NORMAL, Go.GO),
        (0.3, 1.0, Risk.NORMAL, Go.GUARDRAIL),
        (0.5, 1.0, Risk.NORMAL, Go.GO),
        (0.24, None, Risk.RISKY, Go.NO_GO),
        (0.25, None, Risk.RISKY, Go.GUARDRAIL),
        (0.19, 0.0, Risk.RISKY, Go.NO_GO),
        (1.0, 1.0, Risk.RISKY, Go.GUARDRAIL),
    ],
)
def test_the_table(left: float, to_go: float | None, risk: Risk, go: Go) -> None:
    assert by_budget(left, to_go, risk) is go
    assert verdict(left, to_go, risk).go is go


def test_the_reserve_is_half_of_what_is_to_go() -> None:
    assert [reserve_of(to_go) for to_go in (None, 0.0, 0.5, 1.0, 2.0, -1.0)] == [0.25, 0.0, 0.25, 0.5, 0.5, 0.0]


def test_a_fast_burn_stops_everything_and_a_slow_one_wants_a_guardrail() -> None:
    assert verdict(1.0, None, Risk.LOW, Alarm.PAGE).go is Go.NO_GO
    slow = verdict(1.0, None, Risk.LOW, Alarm.TICKET)
    assert (slow.go, "it burns slowly" in slow.why) == (Go.GUARDRAIL, True)
    assert verdict(0.0, None, Risk.LOW, Alarm.TICKET).go is Go.NO_GO


def test_weak_numbers_want_a_guardrail_and_none_at_all_are_no_verdict() -> None:
    weak = verdict(1.0, None, Risk.LOW, doubt="it rests on 3 requests")
    assert weak.why == f"100 % left, but it rests on 3 requests: {GUARDRAIL}"
    assert "how fast it burns is not known" in verdict(1.0, None, Risk.LOW, Alarm.UNKNOWN).why
    assert verdict(None, None, Risk.LOW) == Verdict(Go.UNKNOWN, "what is left is not known")
    assert verdict(None, None, Risk.LOW, doubt="no series").why == "no series"
    assert verdict(None, None, Risk.LOW, Alarm.PAGE).go is Go.NO_GO


@given(SHARES, SHARES, TO_GO, RISKS, ALARMS, st.booleans())
def test_more_budget_left_never_turns_go_into_no_go(
    one: float, other: float, to_go: float | None, risk: Risk, alarm: Alarm, doubt: bool
) -> None:
    less, more = sorted((one, other))
    verdicts = [verdict(left, to_go, risk, alarm, doubt="few" if doubt else "") for left in (less, more)]
    assert ORDER.index(verdicts[0].go) >= ORDER.index(verdicts[1].go)


@given(SHARES, TO_GO, ALARMS)
def test_less_risk_never_turns_go_into_no_go(left: float, to_go: float | None, alarm: Alarm) -> None:
    found = [ORDER.index(verdict(left, to_go, risk, alarm).go) for risk in Risk]
    assert found == sorted(found)


@given(SHARES, st.floats(0, 1), st.floats(0, 1), RISKS)
def test_less_of_the_window_to_go_never_turns_go_into_no_go(left: float, one: float, other: float, risk: Risk) -> None:
    less, more = sorted((one, other))
    assert ORDER.index(by_budget(left, less, risk)) <= ORDER.index(by_budget(left, more, risk))


@given(SHARES, TO_GO, RISKS)
def test_an_alarm_never_makes_a_verdict_better(left: float, to_go: float | None, risk: Risk) -> None:
    calm = ORDER.index(verdict(left, to_go, risk).go)
    assert all(ORDER.index(verdict(left, to_go, risk, alarm).go) >= calm for alarm in Alarm)


def test_the_worst_of_several_counts() -> None:
    said = [Verdict(go, "") for go in (Go.GO, Go.NO_GO, Go.UNKNOWN, Go.GUARDRAIL)]
    assert worst(said).go is Go.NO_GO
    assert worst([said[0], said[3]]).go is Go.GUARDRAIL


# -- on how a budget stands -------------------------------------------------------------------------------------------


def test_the_pace_of_now_counts_before_a_pair_of_windows_does() -> None:
    fast = verdict_on(stands(rate=20), Risk.LOW)
    assert (fast.go, fast.why) == (Go.NO_GO, "it burns 20x over the last 1h: first find out what that is")
    slow = verdict_on(stands(rate=9.2), Risk.LOW)
    assert (slow.go, "it burns 9.2x over the last 1h" in slow.why) == (Go.GUARDRAIL, True)
    assert verdict_on(stands(rate=5), Risk.LOW).go is Go.GO
    assert verdict_on(stands(rate=1, alarm=Alarm.TICKET, pair=pairs(28 * DAY)[2]), Risk.LOW).go is Go.GUARDRAIL
    assert verdict_on(stands(rate=1, alarm=Alarm.PAGE), Risk.LOW).go is Go.NO_GO


def test_a_burn_that_is_over_by_now_is_told_by_the_windows_that_still_hold_it() -> None:
    page = verdict_on(stands(rate=0, alarm=Alarm.PAGE, pair=pairs(28 * DAY)[1]), Risk.NORMAL)
    assert (page.go, page.why) == (Go.NO_GO, "it burnt above 5.6x over 6h and 30m: first find out what that is")
    gone = verdict_on(stands(rate=None, alarm=Alarm.PAGE, pair=pairs(28 * DAY)[1]), Risk.NORMAL)
    assert gone.why == page.why
    ticket = verdict_on(stands(rate=1, alarm=Alarm.TICKET, pair=pairs(28 * DAY)[2]), Risk.LOW)
    assert "but it burnt above 2.8x over 1d and 2h" in ticket.why


def test_a_pace_that_rests_on_few_requests_is_no_alarm_of_its_own() -> None:
    few = {3600.0: Burn(3600.0, 0.3, 60, 10, 3)}
    assert verdict_on(stands(burns=few), Risk.LOW).go is Go.GO
    assert verdict_on(stands(burns={}), Risk.LOW).go is Go.GO
    assert verdict_on(stands(slo=replace(ACME, window=3600.0)), Risk.LOW).go is Go.GO


def test_what_a_budget_rests_on_is_doubted_aloud() -> None:
    assert "there is data for 7d only" in verdict_on(stands(rate=1, covered=0.25), Risk.LOW).why
    assert "it rests on 100 requests, of which not one may fail" in verdict_on(stands(rate=1, asked=100), Risk.LOW).why
    assert verdict_on(stands(None), Risk.LOW) == Verdict(Go.UNKNOWN, "no series")
    assert verdict_on(stands(rate=1, asked=None), Risk.LOW).go is Go.GO


# -- in words ---------------------------------------------------------------------------------------------------------


def test_the_line_beside_an_alert() -> None:
    assert line(stands()) == "budget 63 % left, gone in 1d 22h"
    assert line(stands(rate=0.2)) == "budget 63 % left"
    assert line(stands(), timedelta(minutes=7)) == "budget 63 % left, gone in 1d 22h, 7m old"
    assert line(stands(covered=0.2)) == "budget 63 % left, gone in 1d 22h, little data"
    few = {300.0: Burn(300.0, 0.3, 60, 10, 3)}
    assert line(stands(burns=few)) == "budget 63 % left, gone in 7h 03m, few requests"
    assert line(stands(-0.32)) == "budget gone, 32 % overspent"
    assert line(stands(0.0)) == "budget gone"
    assert line(stands(None)) == ""
    assert left_words(stands(None)) == "unknown: no series"


def test_the_one_to_show_is_the_one_that_is_gone_first() -> None:
    soon, later, calm, gone = stands(0.5, 20), stands(0.5, 2), stands(0.1, 0.1), stands(-0.1, 0)
    assert worst_of([later, soon, calm]) is soon
    assert worst_of([calm, stands(0.9, 0.1)]) is calm
    assert worst_of([soon, gone]) is gone
    assert worst_of([stands(None)]) is None


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.63, "63 %"), (0.042, "4.2 %"), (0.0031, "0.31 %"), (1.0, "100 %"), (0.9999, ">99 %"), (0.0, "0 %"),
     (0.00001, "<0.01 %"), (-0.00001, "0 %"), (-0.32, "-32 %"), (12.5, "1,250 %"), (1.0004, "100 %")],
)  # fmt: skip
def test_a_part_is_never_shown_as_all_or_nothing(share: float, words: str) -> None:
    assert percent(share) == words


def test_rates_are_short() -> None:
    assert [times(rate) for rate in (38.6, 9.94, 0.4, 0.01, 0, 1234)] == [
        "39x",
        "9.9x",
        "0.4x",
        "<0.1x",
        "0.0x",
        "1,234x",
    ]


def test_what_is_promised_and_allowed() -> None:
    assert promise(ACME) == "99.5 % over 28 days"
    assert promise(replace(ACME, window=3600.0, since=NOW)) == "99.5 % over 1h 00m, in fixed windows"
    assert allowance(ACME, 1_000_000) == (
        "5,000 of 1,000,000 requests may fail; as time, about 202 minutes of complete failure"
    )
    assert allowance(ACME, 100) == "0.5 of 100 requests may fail; as time, about 202 minutes of complete failure"
    assert allowance(replace(ACME, window=float(DAY)), None) == "about 7.2 minutes of complete failure"


def test_which_reading_it_is_is_said() -> None:
    assert "every request counts the same" in reading_words(ACME)
    assert "every minute counts the same" in reading_words(BY_TIME)
    assert "how many requests there were is not known" in reading_words(BY_SHARE)


def test_the_pace_in_words() -> None:
    assert pace_words(stands()) == "9.2x over the last 1h: gone in 1d 22h at this pace"
    assert pace_words(stands(rate=0.4)) == "0.4x over the last 1h: it lasts for good at this pace"
    fixed = replace(ACME, since=NOW - timedelta(days=27, hours=20))
    assert pace_words(stands(slo=fixed)) == "9.2x over the last 1h: it lasts to the end of the window at this pace"
    assert pace_words(stands(-0.1)) == "9.2x over the last 1h"
    assert pace_words(stands(rate=None)) == "how fast it burns is not known"


def test_the_alarm_in_words() -> None:
    fast, _, slow, _ = pairs(28 * DAY)
    assert alarm_words(stands()) == "none: no pair of windows is above its rate"
    assert alarm_words(stands(alarm=Alarm.UNKNOWN)) == "not known"
    assert alarm_words(stands(alarm=Alarm.PAGE, pair=fast)) == "page: it burns fast, above 13.44x over 1h and 5m"
    assert alarm_words(stands(alarm=Alarm.TICKET, pair=slow)) == "ticket: it burns slowly, above 2.8x over 1d and 2h"


def test_a_burn_says_what_it_rests_on() -> None:
    assert burn_words(Burn(300, 0.1, 20, 100, 10)) == "20x  10 of 100 failed"
    assert burn_words(Burn(300, 0.1, 20)) == "20x"
    assert burn_words(Burn(300, asked=0)) == "no requests"
    assert burn_words(Burn(300)) == "unknown"


def spent(share: float | None = 0.12, failed: float | None = 600) -> Spending:
    start = NOW - timedelta(minutes=17)
    return Spending(
        ACME, start, NOW, share, 5000, failed, 0.12, "" if share is not None else "no series", (("q", "x"),)
    )


def test_what_an_incident_spent_in_words() -> None:
    assert spending_words(spent()) == "12 % of the budget, 600 of 5,000 requests failed, 02:50 to 03:07 UTC"
    assert spending_words(spent(failed=None)) == "12 % of the budget, 02:50 to 03:07 UTC"
    assert spending_words(spent(None)) == "unknown (no series), 02:50 to 03:07 UTC"


def test_the_rows_say_everything_that_is_known_and_what_it_rests_on() -> None:
    few = {300.0: Burn(300.0, 0.3, 60, 10, 3)}
    noted = replace(ACME, note="as told", since=NOW - timedelta(days=16))
    found = stands(burns=few, slo=noted, covered=0.4)
    told = dict(rows(found, spent(), Verdict(Go.GO, "there is plenty"), Risk.RISKY))
    assert list(told) == [
        "promise", "budget", "left", "to go", "incident", "pace", "alarm", "last 5m", "counted", "data", "careful",
        "note", "verdict",
    ]  # fmt: skip
    assert told["left"] == "63 % left; 1,850 requests failed"
    assert told["to go"] == "43 % of the window, 12d"
    assert told["data"] == "there is data for 40 % of the window"
    assert told["verdict"] == "GO for a risky change: there is plenty"
    short = dict(rows(stands(failed=None, covered=0.99)))
    assert short["left"] == "63 % left"
    assert {"to go", "incident", "data", "careful", "note", "verdict"}.isdisjoint(short)


def test_the_published_shape_has_null_for_what_is_unknown() -> None:
    known = as_json(stands(), spent(), Verdict(Go.GO, "x"))
    assert (known["left"], known["verdict"], known["incident"]["share"]) == (0.63, "go", 0.12)
    assert known["burns"]["1h"]["rate"] == 9.2
    unknown = as_json(Standing(replace(ACME, sli=Sli(ratio="x")), NOW), None, Verdict(Go.UNKNOWN, "x"))
    assert [unknown[key] for key in ("left", "burn_rate", "empty_in_seconds", "incident", "missing")] == [None] * 5
    assert as_json(stands(), spent(None), Verdict(Go.GO, "x"))["incident"]["missing"] == "no series"


def test_an_indicator_of_rates_says_that_it_is_a_share() -> None:
    assert reading_words(replace(ACME, sli=sli_of("job:all$window", bad="job:bad$window"))).startswith("as its query")
