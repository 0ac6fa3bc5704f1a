"""Which changes were there when it started."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from incident.core.change import Change, before
from tests.fakes import DEPLOY, START


def test_only_changes_up_to_the_start_count_the_newest_first() -> None:
    at_start = replace(DEPLOY, at=START, version="now")
    later = replace(DEPLOY, at=START + timedelta(microseconds=1), version="later")
    older = replace(DEPLOY, at=START - timedelta(days=9), version="older")
    assert before((older, later, at_start, DEPLOY), START) == (at_start, DEPLOY, older)
    assert before((), START) == ()
    assert before((later,), START) == ()


def test_of_two_in_the_same_second_the_one_that_replaced_the_other_is_newer() -> None:
    old = Change(at=START, version="9f8e7d6", previous="77c0ffe")
    new = Change(at=START, version="a1b2c3d", previous="9f8e7d6")
    other = Change(at=START, version="zzz")
    assert before((old, new), START) == before((new, old), START) == (new, old)
    assert before((other, other), START) == (other, other)
