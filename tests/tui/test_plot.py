"""A course drawn with dots: what is where, what is joined, and that nothing sticks out."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.tui.paint import width_of
from incident.tui.theme import AMBER, PAGE
from incident.tui.widgets.plot import Mark, Plot, drawn, legend
from tests.fakes import START

HOUR = timedelta(hours=3)


def plot(
    values: list[float], *, limit: float | None = None, floor: bool = False, marks: tuple[Mark, ...] = (),
    usual: list[float] | None = None, span: timedelta = HOUR,
) -> Plot:  # fmt: skip
    return Plot(_course(values, span), "%", limit, floor, START - span, START, span.total_seconds() / 20,
                _course(usual or [], span), marks)  # fmt: skip


def _course(values: list[float], span: timedelta) -> tuple[tuple[datetime, float], ...]:
    step = span / max(1, len(values) - 1)
    return tuple((START - span + at * step, value) for at, value in enumerate(values))


def text(of: Plot, width: int = 60, height: int = 10) -> list[str]:
    return ["".join(piece for piece, _ in line.left) for line in drawn(of, width, height)]


def row_of(lines: list[str], column: int) -> int:
    """The first row in which a column holds a dot."""
    return next(at for at, line in enumerate(lines) if len(line) > column and "⠀" < line[column] <= "⣿")


def test_a_step_is_low_before_it_and_high_after_it_with_its_limit_between() -> None:
    lines = text(plot([0.1] * 60 + [19.0] * 20, limit=7.0))
    assert lines[0].startswith("20.0 % ┤")
    assert lines[7].startswith("   0 % ┤")
    assert next(line for line in lines if "╌" in line).startswith("   7 % ┤")
    assert row_of(lines, 10) == 7
    assert row_of(lines, 58) == 0
    assert lines[8].strip().startswith("└")
    assert "01:00" in lines[9]


def test_a_gap_is_not_joined() -> None:
    lines = text(plot([5.0] * 40 + [math.nan] * 40 + [5.0] * 40))
    body = "\n".join(lines[:8])
    middle = [line[28:40] for line in lines[:8]]
    assert any("⠀" < char <= "⣿" for char in body)
    assert not any("⠀" < char <= "⣿" for line in middle for char in line)


def test_what_was_usual_lies_under_the_course() -> None:
    lines = text(plot([10.0] * 40, usual=[1.0] * 40))
    assert "·" in lines[7] or "·" in lines[6]
    assert "·" not in lines[row_of(lines, 20)]


def test_values_beyond_the_limit_are_loud_and_the_others_are_not() -> None:
    styles = {style for line in drawn(plot([1.0, 20.0], limit=7.0), 60, 10)[:2] for piece, style in line.left
              if piece.strip(" │┤")}  # fmt: skip
    assert PAGE in styles
    low = {style for line in drawn(plot([1.0, 2.0], limit=7.0), 60, 10)[:8] for _, style in line.left}
    assert PAGE not in low
    floor = drawn(plot([99.0, 95.0], limit=98.0, floor=True), 60, 10)
    assert any(style == PAGE for _, style in floor[7].left)


def test_a_limit_far_above_does_not_flatten_the_course() -> None:
    lines = text(plot([1.0, 2.0] * 20, limit=500.0))
    assert not any("╌" in line for line in lines)
    assert "500" not in "\n".join(lines)


def test_what_happened_stands_on_the_axis_and_is_spelled_out_below_it() -> None:
    marks = (Mark(START - HOUR / 2, "◆", "deploy a1b2c3d", AMBER), Mark(START - HOUR * 2, "▲", "too early", PAGE))
    shown = plot([1.0] * 40, marks=marks)
    axis = text(shown)[8]
    assert axis[8 + 26] == "◆" or "◆" in axis[30:40]
    assert "▲" not in axis
    [line] = legend(shown, 60)
    assert "".join(piece for piece, _ in line.left) == "◆ 01:37 deploy a1b2c3d"


def test_of_many_marks_the_last_ones_are_spelled_out_and_the_others_counted() -> None:
    marks = tuple(Mark(START - timedelta(minutes=at), "$", f"command {at}", AMBER) for at in range(1, 20))
    lines = legend(plot([1.0] * 5, marks=marks), 60)
    words = ["".join(piece for piece, _ in line.left) for line in lines]
    assert len(words) == 2
    assert words[0].startswith("1")
    assert "earlier" in words[0]
    assert words[1].endswith("command 1")
    assert legend(plot([1.0]), 60) == []
    assert legend(plot([1.0], marks=(Mark(START, "$", "x" * 200, AMBER),)), 20, rows=0) == []


@pytest.mark.parametrize("days", [0.02, 0.125, 1, 7])
def test_times_on_the_axis_are_whole_and_never_run_into_each_other(days: float) -> None:
    lines = text(plot([1.0] * 30, span=timedelta(days=days)), 80)
    times = lines[-1].split()
    assert len(times) >= 2
    assert all(len(time) == 5 and time[2] in ":-" for time in times)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(st.floats(), st.floats(-1e3, 1e3)), max_size=60), st.integers(20, 130), st.integers(3, 30),
    st.one_of(st.none(), st.floats(-1e6, 1e6)), st.booleans(),
)  # fmt: skip
def test_whatever_is_drawn_stays_in_its_place(
    values: list[float], width: int, height: int, limit: float | None, floor: bool
) -> None:
    lines = drawn(plot([value for value in values if abs(value) < 1e15 or value != value], limit=limit, floor=floor),
                  width, height)  # fmt: skip
    assert len(lines) == max(4, height - 2) + 2
    widths = {width_of(line.left) for line in lines}
    assert len(widths) == 1
    assert max(widths) <= max(width, 60)
