"""The table of faults is what the tests' marks say."""

from __future__ import annotations

from tests import faults


def test_every_mark_names_a_fault_that_there_is() -> None:
    wrong = [(number, test) for number, test in faults.marks() if number not in range(1, len(faults.TITLES) + 1)]
    assert wrong == []
    assert len(faults.TITLES) == 100
    assert len(set(faults.TITLES)) == 100


def test_the_marks_are_found() -> None:
    covered = faults.covering()
    assert "adapters/test_journal_crash.py" in covered[1][0]
    assert all(tests for tests in covered.values())
    assert len(covered) > 40


def test_the_table_is_up_to_date() -> None:
    assert faults.PAGE.read_text(encoding="utf-8") == faults.page(), "python -m tests.faults writes it anew"
