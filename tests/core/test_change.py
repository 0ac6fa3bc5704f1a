"""Which changes were there when it started."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from incident.core.change import before
from tests.fakes import DEPLOY, START


def test_only_changes_up_to_the_start_count_the_newest_first() -> None:
    at_start = replace(DEPLOY, at=START, version="now")
    later = replace(DEPLOY, at=START + timedelta(microseconds=1), version="later")
    older = replace(DEPLOY, at=START - timedelta(days=9), version="older")
    assert before((older, later, at_start, DEPLOY), START) == (at_start, DEPLOY, older)
    assert before((), START) == ()
    assert before((later,), START) == ()
