"""Times as people read and type them: UTC, with the precision that is really known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.when import (
    Moment,
    Precision,
    age,
    clock,
    duration,
    from_iso,
    iso,
    minute,
    parse,
    run_time,
    split_time,
    understood,
)
from incident.errors import UsageError

NOW = datetime(2026, 5, 2, 3, 7, 12, 345, tzinfo=UTC)
SECOND, MINUTE, ABOUT = Precision.SECOND, Precision.MINUTE, Precision.ABOUT
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
AWARE = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001 - bounds are naive


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@settings(deadline=None)
@given(AWARE)
def test_a_written_time_reads_back_as_the_same_moment_in_utc(when: datetime) -> None:
    text = iso(when)
    assert text.endswith("Z")
    assert from_iso(text) == when
    assert from_iso(text).tzinfo is UTC
    assert from_iso(when.isoformat()) == when


def test_a_time_is_shown_in_utc_whatever_its_offset() -> None:
    berlin = datetime(2026, 5, 2, 1, 4, 41, tzinfo=timezone(timedelta(hours=2)))
    assert (iso(berlin), minute(berlin), clock(berlin)) == ("2026-05-01T23:04:41Z", "23:04", "23:04:41")
    assert iso(NOW) == "2026-05-02T03:07:12.000345Z"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-05-02T03:07:12.123456789Z", "2026-05-02T03:07:12.123456"),
        ("2026-05-02T03:07:12.1234567899999999+01:00", "2026-05-02T02:07:12.123456"),
        ("2026-05-02T03:07:12.5Z", "2026-05-02T03:07:12.500000"),
        ("2026-05-02T00:30:00+05:30", "2026-05-01T19:00:00"),
        ("20260502T030712Z", "2026-05-02T03:07:12"),
    ],
)
def test_a_source_may_write_any_offset_and_nanoseconds(text: str, read: str) -> None:
    assert from_iso(text) == at(read)


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-05-02T03:07:00", "2026-05-02", "2026-13-02T03:07:00Z", "2026-05-02T25:00:00Z", "\x00",
     "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"],
)  # fmt: skip
def test_what_is_no_moment_is_a_value_error_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError):
        from_iso(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"), (0.99, "0s"), (59.99, "59s"), (60, "1m00s"), (151, "2m31s"), (3599.9, "59m59s"), (3600, "1h00m"),
        (3660, "1h01m"), (86399, "23h59m"), (86400, "1d00h"), (187_200, "2d04h"), (8_640_000, "100d00h"),
        (-0.5, "0s"), (-1, "-1s"), (-90, "-1m30s"), (-7200, "-2h00m"),
    ],
)  # fmt: skip
def test_a_duration_is_cut_to_two_units_and_never_rounded_up(seconds: float, shown: str) -> None:
    assert duration(timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"), (0.04, "0s"), (0.05001, "0.1s"), (0.34, "0.3s"), (1, "1s"), (3.96, "4s"), (3.97, "4s"),
        (9.94, "9.9s"),
        (9.96, "10s"), (10.4, "10s"), (59.94, "59s"), (59.99, "1m00s"), (151.0, "2m31s"), (3600, "1h00m"),
        (-0.5, "-0.5s"),
    ],
)  # fmt: skip
def test_a_run_shows_tenths_only_while_they_matter(seconds: float, shown: str) -> None:
    assert run_time(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "0s"), (0, "0s"), (59.99, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86399, "23h"), (777_600, "9d")],
)
def test_an_age_is_one_unit(seconds: float, shown: str) -> None:
    assert age(timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("typed", "when", "precision"),
    [
        ("03:07", "2026-05-02T03:07:00", MINUTE),
        (" 3:07 ", "2026-05-02T03:07:00", MINUTE),
        ("03:07:12", "2026-05-02T03:07:12", SECOND),
        ("~03:05", "2026-05-02T03:05:00", ABOUT),
        ("00:00", "2026-05-02T00:00:00", MINUTE),
        ("03:07:13", "2026-05-01T03:07:13", SECOND),
        ("03:08", "2026-05-01T03:08:00", MINUTE),
        ("~23:58", "2026-05-01T23:58:00", ABOUT),
        ("-5m", "2026-05-02T03:02:12.000345", MINUTE),
        ("-90s", "2026-05-02T03:05:42.000345", SECOND),
        ("-4h", "2026-05-01T23:07:12.000345", MINUTE),
        ("-2d", "2026-04-30T03:07:12.000345", MINUTE),
        ("2026-05-02T03:07:00Z", "2026-05-02T03:07:00", SECOND),
        ("2026-05-02T03:07Z", "2026-05-02T03:07:00", MINUTE),
        ("2026-05-02 05:07+0200", "2026-05-02T03:07:00", MINUTE),
        ("20260502T0307Z", "2026-05-02T03:07:00", MINUTE),
        ("2026-05-02T03Z", "2026-05-02T03:00:00", ABOUT),
        ("2026-05-02T03:07:00.25+00:00", "2026-05-02T03:07:00.250000", SECOND),
        ("~2026-05-02T03:07:00Z", "2026-05-02T03:07:00", ABOUT),
        ("fri 23:50", "2026-05-01T23:50:00", MINUTE),
        ("Friday  23:50:10", "2026-05-01T23:50:10", SECOND),
        ("~fri 23:50", "2026-05-01T23:50:00", ABOUT),
        ("sat 03:07", "2026-05-02T03:07:00", MINUTE),
        ("sat 03:08", "2026-04-25T03:08:00", MINUTE),
        ("sun 03:07", "2026-04-26T03:07:00", MINUTE),
        ("today 03:00", "2026-05-02T03:00:00", MINUTE),
        ("yesterday 23:50", "2026-05-01T23:50:00", MINUTE),
        ("05-02 03:07", "2026-05-02T03:07:00", MINUTE),
        ("05-02 03:08", "2025-05-02T03:08:00", MINUTE),
        ("12-31 23:59", "2025-12-31T23:59:00", MINUTE),
        ("02-29 12:00", "2024-02-29T12:00:00", MINUTE),
        ("2026-05-01 23:50", "2026-05-01T23:50:00", MINUTE),
    ],
)
def test_a_typed_time_keeps_the_precision_with_which_it_was_typed(typed: str, when: str, precision: Precision) -> None:
    assert parse(typed, NOW) == Moment(at(when), precision)


def test_just_after_midnight_a_time_before_it_is_yesterdays() -> None:
    midnight = at("2026-03-01T00:00:00")
    assert parse("23:59", midnight).at == at("2026-02-28T23:59:00")
    assert parse("00:00", midnight).at == midnight
    assert parse("00:00:01", midnight).at == at("2026-02-28T00:00:01")
    assert parse("-1m", midnight).at == at("2026-02-28T23:59:00")


@settings(deadline=None)
@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_time_or_an_error_that_says_how_to_write_one(text: str) -> None:
    try:
        said = parse(text, NOW).at.tzname()
    except UsageError as error:
        said = error.hint
    assert said == "UTC" or "03:07" in str(said)


@pytest.mark.parametrize(
    "typed",
    ["", "5m", "-5", "- 5m", "-5M", "-99999m", "24:00", "3:7", "03:60", "~", "~-5m", "03:07 pm", "٠٣:٠٧",
     "03:07\n04:08",
     "2026-05-02", "2026-05-02T03:07", "0001-01-01T00:00+05:00", "02-30 03:07", "2025-02-29 03:07", "0000-01-01 03:07",
     "today 03:08", "2026-05-03 03:07", "fri", "yesterday", "fr 23:50", "5-2 03:07", "02:58..", "..03:01",
     "02:58..03:01..03:02", "noon..03:01"],
)  # fmt: skip
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        parse(typed, NOW)


@pytest.mark.parametrize(
    ("line", "when", "rest"),
    [
        ("-5m saw 502 in logs", "2026-05-02T03:02:12.000345", "saw 502 in logs"),
        ("  03:07   two  blanks ", "2026-05-02T03:07:00", "two  blanks"),
        ("~03:05\tabout then", "2026-05-02T03:05:00", "about then"),
        ("03:07\nbelow", "2026-05-02T03:07:00", "below"),
        ("fri 23:50 the deploy", "2026-05-01T23:50:00", "the deploy"),
        ("yesterday 23:50 the deploy", "2026-05-01T23:50:00", "the deploy"),
        ("05-01 23:50 the deploy", "2026-05-01T23:50:00", "the deploy"),
        ("2026-05-01T23:50:00Z the deploy", "2026-05-01T23:50:00", "the deploy"),
        ("02:58..03:01 errors", "2026-05-02T02:58:00", "errors"),
    ],
)
def test_a_time_in_front_of_a_note_is_when_it_happened(line: str, when: str, rest: str) -> None:
    moment, words = split_time(line, NOW)
    assert moment is not None
    assert (moment.at, words) == (at(when), rest)


@pytest.mark.parametrize(
    "line",
    ["saw 502 in logs", " -5m ", "03:07", "5 pods gone", "-v was set", "", "25:00 x", "yesterday we deployed",
     "sun 12:00", "02-30 03:07 x", "03:00..03:30 errors", "today 23:00 x", "-5M x", "fri 23:50..x y"],
)  # fmt: skip
def test_a_first_word_that_is_no_time_stays_in_the_note(line: str) -> None:
    assert split_time(line, NOW) == (None, line.strip())


@pytest.mark.parametrize(
    ("typed", "begin", "end"),
    [
        ("02:58..03:01", "2026-05-02T02:58:00", "2026-05-02T03:01:00"),
        ("02:58 .. 03:01", "2026-05-02T02:58:00", "2026-05-02T03:01:00"),
        ("~02:58..~03:01", "2026-05-02T02:58:00", "2026-05-02T03:01:00"),
        ("23:58..00:03", "2026-05-01T23:58:00", "2026-05-02T00:03:00"),
        ("03:00..03:07:12", "2026-05-02T03:00:00", "2026-05-02T03:07:12"),
        ("22:00..23:00", "2026-05-01T22:00:00", "2026-05-01T23:00:00"),
        ("fri 23:50..00:10", "2026-05-01T23:50:00", "2026-05-02T00:10:00"),
        ("fri 23:50..23:55", "2026-05-01T23:50:00", "2026-05-01T23:55:00"),
        ("fri 23:50..23:50", "2026-05-01T23:50:00", "2026-05-01T23:50:00"),
        ("fri 23:50..sat 00:10", "2026-05-01T23:50:00", "2026-05-02T00:10:00"),
        ("23:50..sat 00:10", "2026-05-01T23:50:00", "2026-05-02T00:10:00"),
        ("02:58..-5m", "2026-05-02T02:58:00", "2026-05-02T03:02:12.000345"),
        ("-10m..-5m", "2026-05-02T02:57:12.000345", "2026-05-02T03:02:12.000345"),
    ],
)
def test_a_range_begins_and_ends_in_the_past(typed: str, begin: str, end: str) -> None:
    assert parse(typed, NOW) == Moment(at(begin), Precision.RANGE, at(end))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("02:58..03:30", "is not over"),
        ("fri 23:50..03:30", "is not over"),
        ("-5m..-10m", "ends before it begins"),
        ("2026-05-01 10:00..2026-05-03T00:00:00Z", "is not over"),
    ],
)
def test_a_range_that_goes_on_or_runs_backwards_is_refused_and_not_guessed(typed: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse(typed, NOW)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("03:07", "03:07 UTC"),
        ("03:07:12", "03:07:12 UTC"),
        ("~03:05", "about 03:05 UTC"),
        ("03:08", "2026-05-01 03:08 UTC"),
        ("02:58..03:01", "02:58 to 03:01 UTC"),
        ("02:58:30..03:01", "02:58:30 to 03:01 UTC"),
        ("23:58..00:03", "2026-05-01 23:58 to 2026-05-02 00:03 UTC"),
    ],
)
def test_the_echo_says_what_was_understood_with_its_date_when_that_is_not_today(typed: str, read: str) -> None:
    assert understood(parse(typed, NOW), NOW) == read


@settings(deadline=None)
@given(
    st.sampled_from(["03:07", "~23:58", "-5m", "fri 23:50", "yesterday 23:50", "05-02 03:07", "23:58..00:03"]), OFFSETS
)
def test_the_zone_of_this_machine_never_matters(typed: str, zone: timezone) -> None:
    assert parse(typed, NOW.astimezone(zone)) == parse(typed, NOW)


@settings(deadline=None)
@given(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    st.times(),
    AWARE.filter(lambda when: when.year > 2).map(lambda when: when.astimezone(UTC)),
)
def test_a_weekday_is_the_last_one_on_which_it_was_so_late(day: str, time: object, now: datetime) -> None:
    moment = parse(f"{day} {str(time)[:5]}", now)
    assert timedelta(0) <= now - moment.at < timedelta(days=7)
    assert moment.at.strftime("%a").lower() == day
