"""How near a change is: time x same service x kind, and never a word of cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core import facts
from incident.core.change import Change, ChangeKind, Outcome
from incident.core.change_rank import (
    CAVEAT,
    LIKELY,
    Ranked,
    Trouble,
    during,
    nearest,
    number,
    plausible,
    ranked,
    same_service,
    trouble_in,
    trouble_of,
    verdict,
)
from incident.core.event import Event
from incident.core.incident import fold
from tests.core.ranking_cases import NONE, Case, cases
from tests.fakes import DEPLOY, ME, START, page, ticket

TROUBLE = Trouble(START, ("acme",))
CASES = cases()
# These cannot be told from time, service and kind; whoever makes the ranking better takes them out.
BEYOND = {
    "a dependency was deployed and nobody maps them",
    "an innocent deploy minutes before a provider broke",
    "a leak that takes five hours",
    "the pipeline's clock is four minutes ahead",
}


def change(minutes: float, version: str = "v", service: str = "acme", **more: object) -> Change:
    return replace(DEPLOY, at=START - timedelta(minutes=minutes), version=version, previous="", service=service, **more)  # type: ignore[arg-type]  # fields of it


def one(changed: Change, trouble: Trouble = TROUBLE) -> Ranked:
    [rank] = ranked([changed], trouble)
    return rank


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in BEYOND], ids=lambda case: case.name)
def test_a_labelled_case_is_judged_as_it_turned_out(case: Case) -> None:
    assert case.found == case.likely


def test_the_right_change_is_first_in_nine_of_ten_cases_and_what_is_beyond_it_is_named() -> None:
    assert {case.name for case in CASES if case.found != case.likely} == BEYOND
    named = [case.found == case.likely for case in CASES if case.likely != NONE]
    assert len(CASES) >= 40
    assert sum(named) / len(named) >= 0.9


@pytest.mark.parametrize(
    ("changed", "arithmetic"),
    [
        (change(0), "1 (0s before, half after 30m) × 1 (same service) × 1 (a deploy) = 1"),
        (change(30), "0.5 (30m00s before, half after 30m) × 1 (same service) × 1 (a deploy) = 0.5"),
        (
            change(10, kind=ChangeKind.CONFIG),
            "0.75 (10m00s before, half after 30m) × 1 (same service) × 0.8 (a config change) = 0.6",
        ),
        (
            change(10, service="", kind=ChangeKind.INFRASTRUCTURE),
            "0.75 (10m00s before, half after 30m) × 0.5 (it names no service) × 0.5 (an infrastructure change) = 0.19",
        ),
        (
            change(10, service="acme-worker", outcome=Outcome.FAILED),
            "0.75 (10m00s before, half after 30m) × 0.7 (acme-worker is akin to acme) × 1 (a deploy, failed) = 0.52",
        ),
        (
            change(10, service="mail"),
            "0.75 (10m00s before, half after 30m) × 0.1 (another service, mail) × 1 (a deploy) = 0.08",
        ),
        (
            change(-0.5),
            "0.5 (30s after, clocks may differ by that) × 1 (same service) × 1 (a deploy) = 0.5",
        ),
        (
            change(-5, began=START - timedelta(minutes=1)),
            "1 (under way when it began) × 1 (same service) × 1 (a deploy) = 1",
        ),
        (
            change(20, outcome=Outcome.RUNNING),
            "1 (under way when it began) × 1 (same service) × 1 (a deploy, still running) = 1",
        ),
    ],
)
def test_every_factor_is_shown_with_its_words(changed: Change, arithmetic: str) -> None:
    assert one(changed).arithmetic == arithmetic


def test_a_trouble_without_a_service_has_nothing_to_compare_with() -> None:
    assert one(change(0), Trouble(START)).words[1] == "no service to compare with"
    assert one(change(0, service="--"), TROUBLE).words[1] == "it names no service"


def test_what_began_after_the_start_and_what_has_no_time_has_no_rank() -> None:
    assert ranked([change(-2), change(-1.1), change(3, dated=False)], TROUBLE) == ()
    assert nearest([change(-2), change(3, dated=False)], TROUBLE) is None


def test_what_began_within_a_minute_after_the_start_is_unsure_however_long_it_took() -> None:
    rank = one(change(-9, began=START + timedelta(seconds=20)))
    assert (rank.time, rank.words[0]) == (0.5, "20s after, clocks may differ by that")


def test_the_nearest_likely_change_is_found_without_looking_at_old_ones() -> None:
    near, far = change(7, "near"), change(60 * 24, "far")
    found = nearest([far, near], TROUBLE)
    assert found is not None
    assert found.change == near
    assert nearest([far], TROUBLE) is None
    assert nearest([change(7, service="mail")], TROUBLE) is None


@pytest.mark.parametrize(
    ("changed", "distance", "gap"),
    [
        (change(7), "7m before the alert", "7m before"),
        (change(-3), "3m after the alert", "3m after"),
        (change(-3, began=START - timedelta(minutes=1)), "under way at the alert", "under way"),
        (change(3, dated=False), "nobody knows when", "nobody knows when"),
    ],
)
def test_the_distance_is_said_in_words(changed: Change, distance: str, gap: str) -> None:
    assert (TROUBLE.distance(changed), TROUBLE.gap(changed)) == (distance, gap)


def test_without_an_alert_changes_are_so_long_ago() -> None:
    trouble = trouble_of((), START)
    assert trouble.distance(change(7)) == "7m ago"
    assert trouble.distance(change(20, outcome=Outcome.RUNNING)) == "under way"


def test_a_change_whose_end_nobody_reported_is_not_under_way_for_ever() -> None:
    old = change(60 * 24, outcome=Outcome.RUNNING)
    assert (TROUBLE.gap(old), one(old).likely) == ("1d before", False)


def test_the_trouble_is_the_first_alert_with_every_service_that_its_labels_name() -> None:
    alerts = [page(), ticket(deployment="orders-db")]
    trouble = trouble_of(alerts, START)
    assert (trouble.start, trouble.said) == (ticket().starts_at, "the alert")
    assert trouble.services == ("acme", "orders", "orders-db")


def test_a_start_that_a_person_set_counts_before_the_alerts() -> None:
    def event(number: int, fact: facts.Fact, minutes: int) -> Event:
        return Event(f"{number:012x}{0:016x}", "I", START - timedelta(minutes=minutes), fact, ME, START)

    alert = page()
    fired = facts.AlertFired(
        alert.occurrence, alert.fingerprint, alert.name, "page", alert.starts_at, "am", alert.labels
    )
    incident = fold("I", [event(1, fired, 4)])
    assert trouble_in(incident, START).start == alert.starts_at
    incident = incident.apply(event(2, facts.MilestoneSet("started"), 20))
    trouble = trouble_in(incident, START)
    assert (trouble.start, trouble.said, trouble.services) == (START - timedelta(minutes=20), "the start", ("acme",))


def test_several_that_are_near_are_told_apart_by_a_person() -> None:
    ranks = ranked([change(5, "a"), change(8, "b"), change(9, "c"), change(10, "d"), change(100, "e")], TROUBLE)
    assert [rank.change.version for rank in plausible(ranks)] == ["a", "b", "c", "d"]
    said = verdict(ranks, TROUBLE)
    assert said == "4 changes are plausible: deploy a 0.86, deploy b 0.79, deploy c 0.77 and 1 more."
    assert "and" not in verdict(ranks[:2], TROUBLE)


def test_the_verdict_names_the_likely_one_or_says_that_there_is_none() -> None:
    assert verdict(ranked([change(7, "a")], TROUBLE), TROUBLE) == "Likely: deploy a, 7m before the alert (0.81)."
    far = verdict(ranked([change(600, "a")], TROUBLE), TROUBLE)
    assert far == "No likely change. The nearest: deploy a, 10h before the alert (0.05)."
    assert verdict((), TROUBLE) == "No likely change: no feed knows of one before the alert."
    assert plausible(()) == ()


def test_no_word_says_that_a_change_caused_anything() -> None:
    said = [verdict(ranked(list(case.changes), case.trouble), case.trouble) for case in CASES] + [CAVEAT]
    said += [rank.arithmetic for case in CASES for rank in ranked(case.changes, case.trouble)]
    for words in said:
        assert not any(word in words.lower() for word in ("cause", "because", "due to", "guilty", "culprit", "blame"))


def test_of_two_in_one_second_the_one_that_replaced_the_other_is_first() -> None:
    first = replace(DEPLOY, version="v2", previous="v1")
    second = replace(DEPLOY, version="v3", previous="v2")
    for both in ([first, second], [second, first]):
        assert [rank.change.version for rank in ranked(both, TROUBLE)] == ["v3", "v2"]
    again = replace(DEPLOY, version="v3", previous="v3")
    assert len(ranked([again, second], TROUBLE)) == 2


def test_services_are_compared_by_their_words() -> None:
    assert same_service("Checkout API", "checkout-api")
    assert same_service("checkout-service", "checkout")
    assert same_service("", "")
    assert same_service("service", "service")
    assert not same_service("checkout", "cart")


def test_numbers_are_short() -> None:
    assert [number(value) for value in (1.0, 0.5, 0.81, 0.0)] == ["1", "0.5", "0.81", "0"]


times = st.integers(-200, 5_000).map(lambda minutes: START - timedelta(minutes=minutes))
changes = st.builds(
    Change,
    at=times,
    version=st.sampled_from(["v1", "v2", "v3", ""]),
    previous=st.sampled_from(["v1", "v2", ""]),
    kind=st.sampled_from(ChangeKind),
    service=st.sampled_from(["acme", "acme-worker", "mail", "", "a,b"]),
    title=st.sampled_from(["", "x"]),
    began=st.none() | times,
    outcome=st.sampled_from(Outcome),
    dated=st.booleans(),
)


@given(st.lists(changes, max_size=12), st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_how_the_feeds_tell_it(known: list[Change], chance: Random) -> None:
    shuffled = [*known, *known]
    chance.shuffle(shuffled)
    assert ranked(shuffled, TROUBLE) == ranked(known, TROUBLE)
    assert [rank.score for rank in ranked(known, TROUBLE)] == sorted(
        (r.score for r in ranked(known, TROUBLE)), reverse=True
    )


@given(changes)
def test_a_rank_lies_between_nothing_and_one_and_is_what_is_printed(known: Change) -> None:
    for rank in ranked([known], TROUBLE):
        assert 0 <= rank.score <= 1
        factors = [float(part.split(" (")[0]) for part in rank.arithmetic.partition(" = ")[0].split(" × ")]
        assert (
            round(factors[0] * factors[1] * factors[2], 2) == rank.score == float(rank.arithmetic.rpartition("= ")[2])
        )
        assert rank.likely == (rank.score >= LIKELY)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_of_two_that_are_alike_the_nearer_one_is_never_behind(one_minute: int, other_minute: int) -> None:
    near, far = sorted((one_minute, other_minute))
    first, *_ = ranked([change(far, "far"), change(near, "near")], TROUBLE)
    assert first.change.version == "near" or near == far


@given(st.lists(changes, max_size=8))
def test_the_nearest_is_the_first_of_the_ranking_when_that_is_likely(known: list[Change]) -> None:
    ranks = ranked(known, TROUBLE)
    assert nearest(known, TROUBLE) == (ranks[0] if ranks and ranks[0].likely else None)


def test_what_went_through_on_the_service_since_it_began_is_told_oldest_first() -> None:
    later = [change(-5, version="b"), change(-3, version="a"), change(7, version="before")]
    odd = [
        change(-4, version="c", service="mailer"),
        change(-4, version="d", service=""),
        change(-4, version="e", outcome=Outcome.RUNNING),
        change(-0.5, version="f"),  # clocks may differ by that
    ]
    assert [made.version for made in during([*later, *odd, *later], TROUBLE)] == ["a", "b"]
