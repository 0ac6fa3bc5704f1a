"""What a log says by itself once the incident is over."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event
from incident.core.incident import Incident, Mark
from incident.core.postmortem import PostMortem, build, default_name
from incident.core.postmortem.findings import span, stated_seconds
from incident.core.postmortem.model import Words
from incident.core.postmortem.roles import roles_of
from incident.core.postmortem.rows import MOST
from incident.core.when import Precision
from tests.golden.cases import CASES, NOW, Log, at, bad_deploy, cleared, command, fired, no_deploy, two_responders

NOT_ASKED = ("Requests failed", "Error budget spent")  # rows that stand there when no query was answered


def draft(log: Log) -> PostMortem:
    return build(log.folded(), log.events, NOW)


def said(words: Words) -> str:
    return "".join(piece.text for piece in words)


def told(points: tuple[Words, ...]) -> list[str]:
    return [said(words) for words in points]


def rows(log: Log) -> list[str]:
    return [f"{line.label}: {said(line.what)}" if line.label else said(line.what) for line in draft(log).lines]


def test_durations_come_from_the_milestones_and_the_deploy() -> None:
    assert draft(bad_deploy()).durations == {
        "started_to_detected": timedelta(minutes=2, seconds=31),
        "detected_to_acknowledged": timedelta(minutes=1, seconds=21),
        "detected_to_mitigated": timedelta(minutes=12, seconds=49),
        "started_to_resolved": timedelta(minutes=17, seconds=10),
        "deployed_to_recovered": timedelta(minutes=23, seconds=20),
    }


def test_a_configuration_change_is_no_deploy_to_recover_from() -> None:
    log = Log("INC-1")
    page = fired("03:00")
    log.add("02:50", facts.ChangeSeen("config", "v2"))
    log.add("03:00", page)
    log.add("03:10", cleared(page))
    mortem = draft(log)
    assert "deployed_to_recovered" not in mortem.durations
    assert mortem.change is not None
    assert told(mortem.trigger) == ["Last change before the alert: config v2 at 02:50, 10m00s before."]
    assert "10m00s after config v2, " in said(mortem.summary)


def test_a_summary_says_when_after_what_and_how_long() -> None:
    assert said(draft(bad_deploy()).summary) == (
        "On 2026-05-02, 8m41s after deploy a1b2c3d (was 9f8e7d6), AcmeErrorBudgetFastBurn for acme (/api/v1/checkout)"
        " fired: up to 19.2 % of the requests failed, about 31,406 in all, for about 17 min (started to resolved),"
        " affecting roughly TODO users."
    )


def test_a_summary_without_an_alert_leaves_what_happened_open() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.IncidentOpened("checkout is slow"))
    assert said(draft(log).summary) == (
        "On 2026-05-02, TODO (what happened): TODO (what users saw) for TODO (how long), affecting roughly TODO users."
    )


def test_an_empty_log_is_about_today() -> None:
    mortem = build(Incident("INC-1"), [], NOW)
    assert (mortem.day, mortem.title, mortem.follow_up_review.isoformat()) == (NOW.date(), "TODO", "2026-05-31")


def test_a_log_that_lost_its_opening_is_about_its_first_event() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.Remarked("note", "hello"))
    assert draft(log).day == at("03:00").date()


def test_the_follow_up_review_is_four_weeks_after_the_incident() -> None:
    assert draft(bad_deploy()).follow_up_review.isoformat() == "2026-05-30"


def test_milestones_are_bold_rows_and_a_command_with_its_end_is_one() -> None:
    log = bad_deploy()
    shown = rows(log)
    assert "Impact began: error rate left 0.1 %" in shown
    assert "Acknowledged: by the lead" in shown
    assert "Roll back: gh workflow run rollback.yml -f sha=9f8e7d6, exit 0, 4s" in shown
    assert not any("ended" in row for row in shown)
    assert draft(log).counts.shown == sum(line.events for line in draft(log).lines)


def test_a_milestone_set_by_a_person_leaves_the_alert_an_ordinary_row() -> None:
    log = Log("INC-1")
    page = fired("03:04:00")
    log.add("03:04:00", page)
    log.add("03:05:00", facts.Acknowledged(page.occurrence, page.name))
    log.add("03:10:00", cleared(page))
    for clock, milestone in (("03:01", "detected"), ("03:02", "acknowledged"), ("03:20", "resolved")):
        log.add(clock, facts.MilestoneSet(milestone, "seen on the board"))
    log.add("03:21", facts.MilestoneSet("resolved"))
    assert rows(log) == [
        "Detected: seen on the board",
        "Acknowledged: seen on the board",
        "AcmeErrorBudgetFastBurn fired on acme /api/v1/checkout (severity: page)",
        "AcmeErrorBudgetFastBurn acknowledged by the responder",
        "Resolved: AcmeErrorBudgetFastBurn",
        "Set as resolved, which was set again later: seen on the board",
        "Resolved: ",
    ]


def test_a_long_night_keeps_its_milestones_and_both_its_ends() -> None:
    log = Log("INC-1")
    page = fired("03:00:00")
    log.add("03:00:00", page)
    for number in range(40):
        clock = f"03:{number + 10}:00"
        log.command(clock, clock, command(f"r{number:02d}", f"fix {number}", step_text=""))
        log.add(clock, facts.Remarked("note", f"note {number}"))
    log.add("03:55:00", cleared(page))
    shown = rows(log)
    assert len(shown) == MOST
    assert shown[0].startswith("Detected")
    assert shown[1].startswith("fix 0,")
    assert shown[-2].startswith("fix 39,")
    assert shown[-1].startswith("Resolved")
    assert not any("note" in row for row in shown)


def test_commands_that_only_read_give_way_to_those_that_change_something() -> None:
    log = Log("INC-1")
    for number in range(30):
        log.add(f"03:{number:02d}:00", command(f"r{number}", f"look {number}", effect="reads", step_text=""))
    log.add("03:40:00", command("last", "fix it", step_text=""))
    assert rows(log)[-1] == "fix it, running"


def test_a_script_shows_its_first_line_in_the_table_and_all_of_it_below() -> None:
    log = Log("INC-1")
    log.add("03:00", command("r1", "set -e\n\nmake fix\n", step_text=""))
    log.add("03:01", command("r2", " ", step_text="", directory="", target=""))
    assert rows(log) == ["set -e (and 1 more lines, see Commands), running", ", running"]
    assert draft(log).commands[0].text == "set -e\n\nmake fix\n"


def test_a_command_that_the_fold_does_not_know_has_an_unknown_outcome() -> None:
    log = Log("INC-1")
    log.add("03:00", command("r1", step_text=""))
    mortem = build(Incident("INC-1"), log.events, NOW)
    assert said(mortem.lines[0].what) == "gh workflow run rollback.yml -f sha=9f8e7d6, outcome unknown"


def test_what_a_person_decided_stands_with_its_time_as_the_reason() -> None:
    log = bad_deploy()
    log.add("03:08:11", facts.BranchChosen("fork", "yes", "it correlates", reason="six minutes"))
    log.add("03:08:12", facts.BranchUnchosen("fork", "it correlates"))
    assert told(draft(log).reasons) == [
        "03:08:05 finding: starts 6 min after deploy a1b2c3d",
        "03:08:10 branch: it correlates with a deploy (most common)",
        "03:08:11 branch: it correlates - six minutes",
        "03:08:40 decision: roll back, the lead watches the dashboard",
    ]


def test_the_runbook_section_names_what_went_otherwise() -> None:
    log = no_deploy()
    log.add("+1 00:07:00", command("r2", "aws sts get-caller-identity", expected=""))
    log.add("+1 00:07:01", facts.CommandFailed("r2", "there is no program aws"))
    stopped = command("r3", "tail -f log", expected="")
    log.add("+1 00:08:00", stopped)
    log.add("+1 00:08:09", facts.CommandFinished("r3", -2, 9.0, stopped=True))
    log.add("+1 00:09:00", facts.StepTicked("s1", "Check capacity", "skipped"))
    log.add("+1 00:09:30", facts.StepTicked("s2", "Check rate limits", "not applicable"))
    slow = command("r4", "make fix", step_text="Scale out", expected="30 s")
    log.command("+1 00:10:00", "+1 00:11:00", slow)
    log.command("+1 00:12:00", "+1 00:12:02", command("r5", "make fix", step_text="Scale out", expected="30 s"))
    lost = "aws ecs update-service --cluster acme --service acme --desired-count 8"
    assert told(draft(log).runbook_trouble) == [
        "Step skipped: Check capacity",
        f"{lost}: outcome unknown (the terminal was closed)",
        "aws sts get-caller-identity: did not start (there is no program aws)",
        "tail -f log: stopped, exit -2, 9s",
        "make fix: took 1m00s, stated 30 s",
    ]


def test_a_rollback_that_kept_its_stated_time_is_no_trouble() -> None:
    log = Log("INC-1")
    log.command("03:00:00", "03:00:04", command("r1"))
    log.add("03:04:00", facts.MilestoneSet("mitigated"))
    mortem = draft(log)
    assert mortem.runbook_trouble == ()
    assert told(mortem.went_well)[0].endswith(
        "sha=9f8e7d6 ended with exit 0 after 4s; mitigated 4m00s after it was started."
    )


def test_a_rollback_after_everything_was_over_takes_no_credit() -> None:
    log = Log("INC-1")
    page = fired("03:00:00")
    log.add("03:00:00", page)
    log.add("03:01:00", facts.MilestoneSet("mitigated"))
    log.add("03:02:00", cleared(page))
    log.command("03:03:00", "03:03:04", command("r1"))
    assert told(draft(log).went_well)[-1].endswith("ended with exit 0 after 4s.")


def test_a_rollback_that_failed_is_not_what_went_well() -> None:
    log = Log("INC-1")
    log.command("03:00:00", "03:00:04", command("r1"), status=1)
    mortem = draft(log)
    assert mortem.went_well == ()
    assert told(mortem.runbook_trouble) == ["gh workflow run rollback.yml -f sha=9f8e7d6: exit 1, 4s"]


def test_an_alert_before_the_impact_is_said_as_such() -> None:
    log = Log("INC-1")
    page = fired("03:00:00")
    log.add("03:00:00", page)
    log.add("03:00:30", facts.MilestoneSet("started"))
    log.add("02:59:00", facts.Acknowledged(page.occurrence, page.name))
    log.add("02:58:00", facts.Remarked("update", "we expect trouble"))
    log.add("03:05:00", cleared(page))
    mortem = draft(log)
    assert told(mortem.went_well) == ["The alert came 30s before the impact."]
    assert {m.name: m.value for m in mortem.measures if m.name not in NOT_ASKED} == {
        "Duration, started to detected": "-30s",
        "Duration, detected to acknowledged": "-1m00s",
        "Duration, started to resolved": "4m30s",
    }


def test_impact_that_began_after_it_was_over_gives_no_length() -> None:
    log = Log("INC-1")
    log.add("03:00:00", facts.MilestoneSet("resolved"))
    log.add("03:01:00", facts.MilestoneSet("started"))
    assert "for TODO (how long)" in said(draft(log).summary)


def test_the_worst_reading_past_its_limit_is_a_measure_with_its_query() -> None:
    log = Log("INC-1")
    for clock, value in (("03:00", 12.0), ("03:01", 19.2), ("03:02", 15.0), ("03:03", math.nan), ("03:04", 1.0)):
        log.add(clock, facts.SignalSeen("errors", value, "%", "errors / all", 7.0))
    log.add("03:05", facts.SignalSeen("p99", 1.9, "s", "", 1.0))
    log.add("03:06", facts.SignalSeen("traffic", 310.0, "/s"))
    found = {m.name: (m.value, said(m.how)) for m in draft(log).measures if m.name not in NOT_ASKED}
    assert found == {
        "Duration, started to resolved": ("TODO", "not set on the timeline: started, resolved"),
        "Highest errors on the timeline": ("19.2 %, limit 7.0 %", "errors / all read at 03:01:00"),
        "Highest p99 on the timeline": ("1.9 s, limit 1.0 s", "read at 03:05:00"),
    }


def test_without_a_start_the_time_from_the_alert_is_measured() -> None:
    names = [measure.name for measure in draft(no_deploy()).measures if measure.name not in NOT_ASKED]
    assert names[0] == "Duration, started to resolved"
    assert names[-1] == "Duration, detected to resolved"


def test_a_milestone_set_without_an_alert_measures_nothing_from_it() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.MilestoneSet("resolved"))
    log.add("02:00", facts.ChangeSeen("deploy", "a1b2c3d"))
    mortem = draft(log)
    assert [m.name for m in mortem.measures] == ["Duration, started to resolved", *NOT_ASKED]
    assert mortem.trigger == ()
    assert mortem.change is not None


def test_only_the_last_change_before_the_alert_is_named_and_reverted_only_by_a_later_change() -> None:
    log = Log("INC-1")
    page = fired("03:00:00")
    log.add("02:00", facts.ChangeSeen("deploy", "1111111", "0000000"))
    log.add("02:50", facts.ChangeSeen("deploy", "2222222", "1111111"))
    log.add("03:00:00", page)
    log.add("03:05", facts.ChangeSeen("deploy", "3333333", "2222222"))
    change = draft(log).change
    assert change is not None
    assert (change.version, change.previous, change.reverted) == ("2222222", "1111111", None)
    log.add("03:10", facts.ChangeSeen("deploy", "1111111", "3333333"))
    reverted = draft(log).change
    assert reverted is not None
    assert reverted.reverted is True


def test_changes_after_the_alert_are_not_what_stood_before() -> None:
    log = Log("INC-1")
    log.add("03:00:00", fired("03:00:00"))
    log.add("03:05", facts.ChangeSeen("deploy", "3333333", "2222222"))
    assert draft(log).change is None


def test_ticks_count_for_the_runbook_that_was_open() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.RunbookOpened("a.md", "a" * 64, "A", "typed", 5))
    log.add("03:01", facts.StepTicked("s1", "one"))
    log.add("03:02", facts.RunbookOpened("b.md", "b" * 64, "B", "typed"))
    log.add("03:03", facts.StepTicked("s2", "two"))
    log.add("03:04", facts.StepTicked("s3", "three", "skipped"))
    assert [(r.path, r.version, r.done, r.total) for r in draft(log).runbooks] == [
        ("a.md", "aaaaaaa", 1, 5),
        ("b.md", "bbbbbbb", 1, None),
    ]


def test_corrected_and_redacted_rows_are_counted_each_once() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.Remarked("note", "saw 500"))
    log.add("03:00", facts.Corrected(f"{1:028d}", "saw 502"), recorded="03:05")
    log.add("03:00", facts.Corrected(f"{1:028d}", "saw 503"), recorded="03:06")
    log.add("03:01", facts.Tombstone("remark", "kim", at("03:07"), "a name"), recorded="03:07")
    log.add("03:08", facts.Redacted(f"{4:028d}", "a name"))
    counts = draft(log).counts
    assert (counts.events, counts.shown, counts.corrected, counts.redacted) == (5, 2, 1, 1)


def test_a_clock_that_ran_backwards_is_reported_and_silence_proves_nothing() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.Remarked("note", "one"))
    log.add("03:01", facts.Remarked("note", "two"))
    first, second = log.events
    assert build(log.folded(), [first, second], NOW).clock_stepped is None
    swapped = [
        type(first)(**{**_fields(first), "seq": 2}),
        type(second)(**{**_fields(second), "seq": 1}),
    ]
    assert build(log.folded(), swapped, NOW).clock_stepped is True


def _fields(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__slots__}


def test_a_list_of_points_stops_at_ten_and_says_how_many_follow() -> None:
    log = Log("INC-1")
    for number in range(13):
        log.add(f"03:{number:02d}", facts.Remarked("decision", f"try {number}"))
    reasons = told(draft(log).reasons)
    assert len(reasons) == 11
    assert reasons[-1] == "3 more in the log"


def test_sources_that_were_lost_are_what_surprised() -> None:
    assert told(draft(bad_deploy()).surprises) == [
        "prometheus did not answer at 03:12:00: no answer within 10 s",
        "prometheus answered again at 03:12:40",
    ]


@pytest.mark.parametrize("case", sorted(CASES))
def test_no_name_of_a_person_stays_in_the_draft(case: str) -> None:
    log = CASES[case]()
    text = repr(draft(log))
    for name in ("kim", "Kim", "Novak", "mallory", "'ana"):
        assert name not in text


def test_with_several_people_each_row_says_which_role_it_was() -> None:
    lines = draft(two_responders()).lines
    decision = next(line for line in lines if said(line.what).startswith("Decision"))
    assert said(decision.what) == "Decision: the lead takes the rollback, the responder writes to support"
    assert said(decision.evidence) == "the responder"


def test_names_are_found_in_any_case_and_in_parts_but_not_inside_words() -> None:
    roles = roles_of({"Kim Novak": "lead", "will": "responder", "root": "responder", "sre2": "Pager 9"}, ["will"])
    assert roles.of("Kim Novak") == "the lead"
    assert roles.prose("KIM NOVAK asked kim novak; Kim and Novak agreed") == (
        "the lead asked the lead; the lead and the lead agreed"
    )
    assert roles.prose("kimono, WILL will, willing, root volume") == (
        "kimono, responder 1 responder 1, willing, root volume"
    )
    assert roles.code("/home/will/x") == "/home/<responder 1>/x"
    assert roles.of("sre2") == "pager 9"
    assert roles.of("a stranger") == "the responder"


def test_a_role_that_names_a_person_is_only_a_responder() -> None:
    assert roles_of({"kim": "deputy of kim"}, []).of("kim") == "the responder"
    assert roles_of({"kim": " "}, []).of("kim") == "the responder"


def test_letters_without_a_clear_case_still_become_a_role() -> None:
    roles = roles_of({"İda": "lead"}, [])
    assert "ida" not in roles.prose("ida joined, İda left, ıda came").lower().split()


def test_without_names_text_stays_as_it_is() -> None:
    assert roles_of({"": "lead", "root": "lead", "x": "lead"}, []).prose("x is root") == "x is root"


@given(st.text(min_size=2, max_size=12), st.text(max_size=40))
def test_whatever_a_name_is_it_never_breaks_the_filter(name: str, around: str) -> None:
    roles = roles_of({name: "lead"}, [])
    assert isinstance(roles.prose(f"{around} {name} {around}"), str)
    assert isinstance(roles.code(f"{around}/{name}/{around}"), str)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5 min", 300.0), ("30s", 30.0), ("2-3 hours", 10_800.0), ("~1.5 h", 5_400.0), ("", None), ("soon", None)],
)
def test_a_stated_duration_is_read_as_its_longest(text: str, seconds: float | None) -> None:
    assert stated_seconds(text) == seconds


@pytest.mark.parametrize(
    ("later", "words"),
    [("03:00:30", "less than a minute"), ("03:02:31", "about 3 min"), ("05:10:20", "about 2h10m")],
)
def test_a_span_from_a_rough_time_is_rough(later: str, words: str) -> None:
    assert span(Mark(at("03:00"), Precision.MINUTE, "person"), Mark(at(later), Precision.SECOND, "tool")) == words


def test_default_names_are_the_identity_and_safe_as_a_file() -> None:
    assert default_name(Incident("INC-20260502-acme-1")) == "INC-20260502-acme-1.md"
    assert default_name(Incident("DRILL-20260502-acme-1"), "json") == "DRILL-20260502-acme-1.json"
    assert default_name(Incident("INC-1", drill=True)) == "DRILL-INC-1.md"
    assert default_name(Incident("../../etc/pass wd\n")) == "etc-pass-wd.md"
    assert default_name(Incident("..")) == "incident.md"


def test_a_drill_says_so_in_its_title_once() -> None:
    log = Log("DRILL-20260502-acme-1")
    log.add("03:00", facts.IncidentOpened("checkout", drill=True))
    assert (draft(log).title, draft(log).drill) == ("DRILL: checkout", True)
    log.add("03:01", facts.IncidentOpened("DRILL checkout"))
    assert draft(log).title == "DRILL checkout"


def test_a_corrected_row_says_so_and_so_does_a_range_of_its_end() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.Remarked("note", "saw 500"), until="03:04", precision=Precision.RANGE)
    log.add(
        "03:02", facts.Corrected(f"{1:028d}", "saw 502"), until="03:03", precision=Precision.RANGE, recorded="03:05"
    )
    log.add("03:01", facts.Remarked("note", "calm"))
    assert rows(log) == ["Note: calm", "Note: saw 502 (until 03:03, corrected)"]


def test_a_milestone_of_a_newer_version_is_told_as_a_row() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.MilestoneSet("recovered", "slowly"))
    assert rows(log) == ["Set as recovered, which was set again later: slowly"]


def test_an_alert_that_another_log_knows_is_told_at_its_own_time() -> None:
    page = fired("03:04:41")
    log = Log("INC-1")
    log.add("03:04:41", page)
    assert said(build(Incident("INC-1"), log.events, NOW).lines[0].what).startswith(page.name)


def test_a_handover_names_roles_and_who_took_it_alone() -> None:
    log = Log("INC-1", "Kim Novak")
    log.add("03:00", facts.Joined("Kim Novak", "lead"))
    log.add("03:01", facts.HandedOver("ana"))
    log.add("03:02", facts.HandedOver("lee", "taken over from ana"), person="lee")
    assert rows(log)[1:] == [
        "Handover from responder 1 to responder 2",
        "Handover to the lead: taken over from responder 2",
    ]


def test_nobody_whom_a_fact_names_reaches_the_draft_by_name() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.ApprovalAnswered("q", "Sam Tree", approved=True))
    log.add("03:01", facts.Imported("Ana Lind saw it, said Ana", "Ana Lind", "1"), source="slack")
    log.add("03:02", facts.Tombstone("remark", "Lee Oak", at("03:03")))
    assert not [name for name in ("Sam", "Ana", "Lee", "Lind", "Oak", "Tree") if name in repr(draft(log))]


def test_a_command_whose_outcome_somebody_looked_at_says_what_was_found() -> None:
    log = Log("INC-1")
    log.add("03:00", command("r1"))
    log.add("03:01", facts.CommandLost("r1", "the terminal was closed"))
    assert draft(log).commands[0].outcome == "outcome unknown"
    log.add("03:02", facts.CommandVerified("r1", "it had run"))
    assert draft(log).commands[0].outcome == "outcome unknown, looked at: it had run"


def test_a_clock_that_was_seen_to_jump_is_reported() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.ClockStepped(-90.0))
    assert draft(log).clock_stepped is True


def test_what_a_query_gave_stands_in_the_impact_with_the_query_beside_it() -> None:
    mortem = draft(bad_deploy())
    found = {m.name: (m.value, [piece.text for piece in m.how if piece.code]) for m in mortem.measures}
    assert found["Requests failed"] == (
        "about 31,406",
        ['sum(increase(http_requests_total{job="acme",status=~"5.."}[1030s]))'],
    )
    assert found["Highest error ratio"][0] == "19.2 %"
    assert mortem.impact == {"requests_failed": "about 31,406", "error_budget_spent": "36.8 %"}
    assert "Highest errors on the timeline" not in found


def test_the_number_that_was_measured_last_stands() -> None:
    log = bad_deploy()
    log.add("03:30", facts.Measured("requests_failed", 5.0, "", "", at("03:02:10"), at("03:19:20")))
    log.add("03:31", facts.Measured("made_up", 1234567.0, "", "q", at("03:02:10"), at("03:19:20")))
    found = {m.name: (m.value, said(m.how)) for m in draft(log).measures}
    assert found["Requests failed"] == ("about 5", "03:02 to 03:19")
    assert found["Made up"] == ("1,234,567", "q 03:02 to 03:19")


def test_a_reading_below_its_floor_is_the_worst_one() -> None:
    log = Log("INC-1")
    for clock, value in (("03:00", 3.0), ("03:01", 1.0), ("03:02", 2.0)):
        log.add(clock, facts.SignalSeen("replicas", value, "", "up", 2.5, floor=True))
    [found] = [m for m in draft(log).measures if "replicas" in m.name]
    assert (found.name, found.value) == ("Lowest replicas on the timeline", "1, limit 2.5")


def test_clocks_that_differ_jump_or_stand_still_are_said() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.ClockChecked("a", 0.1))
    log.add("03:01", facts.ClockChecked("b", -4.0))
    log.add("03:02", facts.ClockChecked("b", -3.0))
    log.add("03:03", facts.Paused(720.0))
    mortem = draft(log)
    assert mortem.clock_offset == -3.0
    assert told(mortem.surprises) == ["The console did not run for 12m00s, seen at 03:03:00"]


def test_an_update_that_was_sent_is_the_first_update() -> None:
    log = Log("INC-1")
    log.add("03:00:00", fired("03:00:00"))
    log.add("03:04:00", facts.UpdateSent("s1", "we are on it", "chat"))
    mortem = draft(log)
    assert told(mortem.went_well) == ["The first update went out 4m00s after detection."]
    assert any("We are on it" in row or "we are on it" in row for row in rows(log))


def test_due_times_and_updates_that_did_not_arrive_are_rows_of_little_weight() -> None:
    log = Log("INC-1")
    log.add("03:00", facts.EscalationDue("k", "VP Eng", "over 1 hour", 3600.0))
    log.add("03:01", facts.UpdateFailed("s", "no answer"))
    assert len(rows(log)) == 2


def test_a_summary_of_a_drill_says_that_it_was_one() -> None:
    log = CASES["drill"]()
    assert said(draft(log).summary).startswith("DRILL: on 2026-05-02, ")
