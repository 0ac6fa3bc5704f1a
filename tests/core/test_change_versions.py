"""What `<previous>` and `<sha>` mean, and what going back would undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incident.core.change import Change, ChangeKind, Outcome
from incident.core.change_rank import Trouble
from incident.core.change_versions import (
    Offer,
    Undone,
    filled,
    goes_back,
    means_previous,
    means_version,
    offers,
    undone_by,
    version_before,
    version_in,
)
from tests.fakes import DEPLOY, START

TROUBLE = Trouble(START, ("acme",))


def deploy(version: str, minutes: float, previous: str = "", service: str = "acme", **more: object) -> Change:
    at = START - timedelta(minutes=minutes)
    return replace(DEPLOY, version=version, previous=previous, at=at, service=service, title="", **more)  # type: ignore[arg-type]  # fields of it


def value(name: str, *changes: Change, back: bool = False) -> str:
    offer = filled(name, changes, TROUBLE, back=back)
    return offer.value if offer else ""


@pytest.mark.parametrize("name", ["previous", "PREVIOUS", "last_good", "previous version", "good-sha"])
def test_names_that_ask_for_the_version_before(name: str) -> None:
    assert means_previous(name)
    assert means_version(name)


@pytest.mark.parametrize(
    ("name", "version"),
    [("sha", True), ("image-tag", True), ("release", True), ("REVISION", True), ("pod", False), ("stage", False)],
)
def test_only_a_name_that_means_a_version_is_offered_versions(name: str, version: bool) -> None:
    assert means_version(name) is version
    assert not means_previous(name)


def test_the_version_before_the_one_likely_deploy_is_filled_with_its_age_and_title() -> None:
    older = replace(deploy("9f8e7d6", 26 * 60), title="login: clearer message")
    assert filled("previous", (DEPLOY, older), TROUBLE) == Offer(
        "9f8e7d6",
        "ran until 02:55, before a1b2c3d; deployed 1d earlier: login: clearer message",
        "cart: batch price lookups",
    )
    assert filled("previous", (DEPLOY,), TROUBLE) == Offer(
        "9f8e7d6", "ran until 02:55, before a1b2c3d", "cart: batch price lookups"
    )


@pytest.mark.parametrize(
    ("changes", "version"),
    [
        ((), ""),
        ((deploy("v2", 5),), ""),  # nothing is known of before
        ((deploy("v2", 5), deploy("v1", 3000)), "v1"),
        ((deploy("v2", 5, "v1"), deploy("v0", 3000)), "v1"),
        ((deploy("v2", 600, "v1"),), ""),  # no likely change
        ((deploy("v3", 5, "v2"), deploy("v2", 12, "v1")), ""),  # two are plausible
        ((deploy("v3", 5, "v2"), deploy("v2", 80, "v1")), "v2"),  # the older one is far behind
        ((deploy("v3", 5, "v2"), deploy("v2", 12)), "v2"),  # two are, with one version to go back to
        ((deploy("v2", 5, "v1"), deploy("c9", 4, "c8", kind=ChangeKind.CONFIG)), ""),
        ((deploy("c9", 4, "c8", kind=ChangeKind.CONFIG),), ""),  # a configuration's version is no deploy's
        ((deploy("v2", 5, "v1"), deploy("m2", 3, "m1", service="mail")), "v1"),
        ((deploy("v2", 5, "v1", service=""), deploy("w2", 3, "w1", service="")), ""),
        ((deploy("", 5, "v1"),), ""),
        ((deploy("v2", 5, "v2"), deploy("v1", 3000)), "v1"),  # a deploy of what ran already
        ((deploy("v2", 5, outcome=Outcome.FAILED), deploy("v1", 3000)), "v1"),
        ((deploy("v2", 5), deploy("vx", 900, outcome=Outcome.FAILED), deploy("v1", 3000)), "v1"),
        ((deploy("v2", 5), deploy("", 900), deploy("v1", 3000)), ""),  # something unknown ran in between
        ((deploy("v3", -5, "v2"), deploy("v2", 5, "v1")), "v1"),  # a hotfix since
    ],
)
def test_the_version_before_is_filled_only_when_it_is_clear(changes: tuple[Change, ...], version: str) -> None:
    assert value("previous", *changes) == version
    assert value("previous", *reversed(changes)) == version


def test_a_version_that_was_taken_back_itself_is_never_filled() -> None:
    history = (deploy("v1", 8, "v2"), deploy("v2", 50, "v1"), deploy("v1", 3000, "v0"))
    assert value("previous", *history) == ""
    first, *_ = offers("previous", history, TROUBLE)
    assert (first.value, first.origin) == (
        "v2", "before deploy v1 of acme, 8m before the alert, rank 0.79  taken back itself once",
    )  # fmt: skip


def test_what_runs_since_is_filled_but_not_into_a_command_that_goes_back() -> None:
    assert filled("sha", (DEPLOY,), TROUBLE) == Offer("a1b2c3d", "runs since 02:55", "cart: batch price lookups")
    assert value("commit", DEPLOY, back=True) == ""
    since = filled("sha", (DEPLOY, deploy("b7", -5, "a1b2c3d")), TROUBLE)
    assert since is not None
    assert since.origin == "deploy a1b2c3d, 11m before the alert"
    assert value("tag", DEPLOY) == ""
    assert value("sha", DEPLOY, deploy("9f8e7d6", 14)) == ""


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("gh workflow run rollback.yml -f sha=<sha>", True), ("Roll back", True), ("helm rollback shop", True),
        ("kubectl rollout undo deployment/shop", True), ("git revert <sha>", True), ("kubectl get pods", False),
        ("Backup the database", False),
    ],
)  # fmt: skip
def test_going_back_is_recognised(text: str, back: bool) -> None:
    assert goes_back(text) is back


def test_versions_are_offered_those_of_the_likeliest_change_first() -> None:
    history = (deploy("m2", 2, "m1", service="mail"), deploy("v3", 5, "v2"), deploy("v2", 12, "v1"))
    assert [offer.value for offer in offers("previous", history, TROUBLE)] == ["v2", "v1", "m1"]
    assert [offer.value for offer in offers("sha", history, TROUBLE)] == ["v2", "v3", "v1", "m1", "m2"]
    first = offers("previous", history, TROUBLE)[0]
    assert first.origin == "before deploy v3 of acme, 5m before the alert, rank 0.86"
    assert offers("previous", (deploy("", 5), deploy("c", 5, kind=ChangeKind.CONFIG)), TROUBLE) == ()
    unnamed = offers("sha", (deploy("v3", 5, service=""),), TROUBLE)
    assert [one.origin for one in unnamed] == ["deploy v3, 5m before the alert, rank 0.43"]
    assert len(offers("sha", tuple(deploy(f"v{n}", n, f"v{n + 1}") for n in range(30)), TROUBLE)) == 8


def test_the_version_before_is_the_one_that_a_change_names_or_the_last_other_one() -> None:
    assert version_before(DEPLOY, ()) == "9f8e7d6"
    assert version_before(deploy("v2", 5), (deploy("v2", 9), deploy("v1", 20))) == "v1"
    assert version_before(deploy("v2", 5), (deploy("v1", 20, service="mail"),)) == ""


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("gh workflow run rollback.yml -f sha=9f8e7d6", "9f8e7d6"),
        ("deploy.sh --to 9f8e7d6a1b2c", "9f8e7d6a1b2c"),
        ("deploy.sh 9f8e7d6 a1b2c3d", ""),
        ("deploy.sh latest", ""),
        ("helm rollback shop 3", ""),
    ],
)
def test_a_version_is_found_in_a_command(text: str, version: str) -> None:
    assert version_in(text, (DEPLOY, deploy("3", 50))) == version


HISTORY = (deploy("v3", 5, "v2"), deploy("v2", 50, "v1"), deploy("v1", 3000, "v0"), deploy("m1", 4, service="mail"))


def test_going_back_one_version_undoes_the_last_deploy() -> None:
    undone = undone_by("9f8e7d6", (DEPLOY, deploy("9f8e7d6", 3000)), TROUBLE)
    assert undone.words(TROUBLE) == "deploy a1b2c3d (11m before the alert): cart: batch price lookups"
    assert undone_by("v2", HISTORY, TROUBLE).words(TROUBLE) == "deploy v3 (5m before the alert)"


def test_going_back_further_undoes_everything_since_the_likeliest_first() -> None:
    assert undone_by("v1", HISTORY, TROUBLE).words(TROUBLE) == "deploy v3 (5m before the alert); and 1 more: v2"
    many = tuple(deploy(f"v{n}", 100 - n, f"v{n - 1}") for n in range(1, 8))
    assert undone_by("v1", many, TROUBLE).words(TROUBLE).endswith("; and 5 more: v6, v5, v4, …")
    assert undone_by("v0", HISTORY, TROUBLE).changes[-1].version == "v1"


def test_a_deploy_that_failed_is_undone_as_well() -> None:
    failed = (deploy("v2", 5, "v1", outcome=Outcome.FAILED), deploy("v1", 3000))
    assert undone_by("v1", failed, TROUBLE).words(TROUBLE) == "deploy v2 (5m before the alert)"
    unnamed = (deploy("v2", 5, outcome=Outcome.FAILED), deploy("v1", 3000))
    assert undone_by("v1", unnamed, TROUBLE).words(TROUBLE) == "deploy v2 (5m before the alert)"


def test_what_is_odd_about_going_back_is_said() -> None:
    assert undone_by("zz9", HISTORY, TROUBLE).odd == "zz9 is no version that is known to have run before"
    runs = "v3 runs now, since 03:02: going back to it undoes nothing"
    assert undone_by("v3", HISTORY, TROUBLE).odd == runs
    only_failed = (deploy("v2", 5, outcome=Outcome.FAILED),)
    assert undone_by("v2", only_failed, TROUBLE).odd == "v2 is no version that is known to have run before"


def test_without_any_deploy_nothing_is_said() -> None:
    assert undone_by("v1", (), TROUBLE) == Undone()
    assert undone_by("v1", (deploy("c", 5, "v1", kind=ChangeKind.CONFIG),), TROUBLE) == Undone()
    assert Undone().words(TROUBLE) == ""


def test_of_two_services_with_one_version_the_likelier_one_is_meant() -> None:
    both = (deploy("r2", 5, "r1", service="mail"), deploy("r2", 6, "r1"))
    assert [change.service for change in undone_by("r1", both, TROUBLE).changes] == ["acme"]
