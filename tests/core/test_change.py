"""Which changes were there when it started, and which names mean one version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from incident.core.change import Change, before, newest_first, same_version
from tests.fakes import DEPLOY, START


def test_only_changes_up_to_the_start_count_the_newest_first() -> None:
    at_start = replace(DEPLOY, at=START, version="now")
    later = replace(DEPLOY, at=START + timedelta(microseconds=1), version="later")
    older = replace(DEPLOY, at=START - timedelta(days=9), version="older")
    assert before((older, later, at_start, DEPLOY), START) == (at_start, DEPLOY, older)
    assert before((), START) == ()
    assert before((later,), START) == ()


def test_a_change_that_was_under_way_was_there() -> None:
    under_way = replace(DEPLOY, at=START + timedelta(minutes=5), began=START - timedelta(minutes=2))
    assert before((under_way,), START) == (under_way,)


def test_of_two_in_the_same_second_the_one_that_replaced_the_other_is_newer() -> None:
    old = Change(at=START, version="9f8e7d6", previous="77c0ffe")
    new = Change(at=START, version="a1b2c3d", previous="9f8e7d6")
    other = Change(at=START, version="zzz")
    assert before((old, new), START) == before((new, old), START) == newest_first([old, new]) == (new, old)
    assert before((other, other), START) == (other, other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a1b2c3d", "a1b2c3d", True),
        ("a1b2c3d", "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", True),
        ("a1b2c3d4", "a1b2c3d", True),
        ("a1b2c3", "a1b2c3d4e5f6", False),  # too short to be a commit
        ("v1", "v10", False),
        ("v1", "v1", True),
        ("", "", False),
        ("", "a1b2c3d", False),
        ("a1b2c3d", "a1b2c3e", False),
    ],
)
def test_a_commits_long_and_short_name_mean_one_version(one: str, other: str, same: bool) -> None:
    assert same_version(one, other) is same
    assert same_version(other, one) is same


def test_a_change_is_called_by_its_kind_and_version() -> None:
    assert DEPLOY.name == "deploy a1b2c3d"
    assert replace(DEPLOY, version="").name == "deploy of an unknown version"
    assert DEPLOY.key != replace(DEPLOY, service="other").key
