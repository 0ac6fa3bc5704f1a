"""What is drawn of an incident: its times on one axis, nothing that was not there."""

from __future__ import annotations

from datetime import timedelta

from incident.core import facts
from incident.core.incident import Incident
from incident.core.postmortem import names
from incident.core.postmortem.picture import ALERTS, CHANGES, COMMANDS, Picture, picture
from tests.golden.cases import QUERY, Log, at, bad_deploy, cleared, command, fired, two_responders


def drawn(log: Log) -> Picture:
    found = picture(log.folded(), log.events)
    assert found is not None
    return found


def test_a_log_without_times_has_no_picture() -> None:
    assert picture(Incident("INC-1"), []) is None


def test_everything_stands_on_one_axis_with_a_margin() -> None:
    found = drawn(bad_deploy())
    assert found.start < at("02:56:00") < at("03:19:20") < found.end
    assert [at for at, _ in found.changes] == [at("02:56:00"), at("03:18:30")]
    assert [(span.start, span.end) for span in found.alerts] == [(at("03:04:41"), at("03:19:20"))]
    assert [(span.name, span.good, span.harmless) for span in found.commands] == [
        ("Roll back: gh workflow run rollback.yml -f sha=9f8e7d6", True, False),
        ("gh run list --workflow rollback.yml | head -3", False, True),
    ]
    assert found.left_out == 0


def test_a_measured_course_lies_inside_its_window_with_the_limit_that_was_read() -> None:
    [course] = drawn(bad_deploy()).courses
    assert (course.name, course.unit, course.limit) == ("error ratio", "%", 7.0)
    assert all(at("03:02:10") < moment < at("03:19:20") for moment, _ in course.points)
    assert max(value for _, value in course.points if value is not None) == 19.2


def test_a_gap_in_a_course_stays_a_gap() -> None:
    log = Log("INC-1")
    log.add("03:00", fired("03:00"))
    fact = facts.Measured("value_peak", 2.0, "", "q", at("03:00"), at("03:10"), trend=("1", "", "2"))
    log.add("03:11", fact)
    [course] = drawn(log).courses
    assert [value for _, value in course.points] == [1.0, None, 2.0]
    assert course.limit is None


def test_signals_that_were_read_are_drawn_where_they_were_read() -> None:
    log = Log("INC-1")
    log.add("03:00", fired("03:00"))
    for clock, value in (("03:01", 1.0), ("03:02", float("nan")), ("03:03", 3.0), ("09:00", 4.0)):
        log.add(clock, facts.SignalSeen("p99", value, "s", "q", 1.0))
    log.add("03:10", cleared(fired("03:00")))
    [course] = drawn(log).courses
    assert (course.name, course.points) == ("p99", ((at("03:01"), 1.0), (at("03:03"), 3.0)))


def test_a_signal_that_was_measured_is_not_drawn_twice() -> None:
    log = bad_deploy()
    log.add("03:08", facts.SignalSeen("errors again", 18.0, "%", QUERY, 7.0))
    assert len(drawn(log).courses) == 1


def test_a_moment_gets_a_width_and_an_open_alert_no_end() -> None:
    log = Log("INC-1")
    log.add("03:00", fired("03:00"))
    found = drawn(log)
    assert found.end - found.start > timedelta(minutes=2)
    assert found.alerts[0].end is None


def test_changes_of_the_day_before_do_not_press_it_into_a_corner() -> None:
    log = Log("INC-1")
    log.add("03:00", fired("03:00"))
    log.add("-1 03:00", facts.ChangeSeen("deploy", "old"))
    log.add("02:30", facts.ChangeSeen("deploy", "new"))
    found = drawn(log)
    assert [words for _, words in found.changes] == ["deploy new"]
    assert found.left_out == 1


def test_what_there_is_no_room_for_is_counted() -> None:
    log = Log("INC-1")
    for number in range(ALERTS + 2):
        log.add("03:00", fired("03:00", f"Alert{'x' * number}"))
    for number in range(CHANGES + 3):
        log.add(f"02:{number:02d}", facts.ChangeSeen("deploy", f"v{number}"))
    for number in range(COMMANDS + 4):
        log.add(f"03:{number:02d}", command(f"r{number}", " ", step_text=""))
    assert drawn(log).left_out == 9


def test_names_are_roles_there_and_known_to_whoever_has_to_know_them() -> None:
    log = two_responders()
    assert "ssh <lead>@bastion" in drawn(log).commands[0].name
    assert names(log.folded(), log.events) == ("kim", "ana")
