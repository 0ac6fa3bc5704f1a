"""A scenario is proven before anybody plays it: what is out of reach is said with its line, and the rest is played."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from incident.core import facts
from incident.core.event import Event
from incident.core.incident import fold
from incident.drills import scenario as scenarios
from incident.drills.checking import look, prove
from incident.drills.reach import may_match
from incident.drills.skeleton import blank, from_events
from incident.errors import DrillError
from incident.game.coverage import Library, coverage, stray
from incident.sources.runbooks import Folders, shipped
from tests.adapters.small_drill import SOUND
from tests.fakes import ME

WHOLE = """
truth: it was the cable
hints: [look]
objectives: [see it]
hotwash: [How was it?]
wrong:
  - {why: it does nothing, do: [ack, ask help], ends: {fault: true}}
"""
MEASURED = SOUND.replace("measures:\n", "measures:\n  harmful: {event: fixed, count: true}\n") + WHOLE
SMALL = SOUND + WHOLE  # without the measure: the solution would count as harmful


def found(text: str) -> list[tuple[str, str]]:
    return [(one.at.rpartition(":")[2], one.what) for one in look(scenarios.load(text, "small.yaml")) if one.serious]


@pytest.mark.parametrize("name", scenarios.names())
async def test_every_shipped_scenario_is_proven_without_a_remark(name: str) -> None:
    scenario = scenarios.find(name)
    assert [*look(scenario), *await prove(scenario)] == []


def test_fifteen_scenarios_are_shipped_each_small_and_whole() -> None:
    assert len(scenarios.names()) == 15
    for name in scenarios.names():
        scenario = scenarios.find(name)
        assert len(scenarios.text_of(scenarios.FOLDER / f"{name}.yaml").splitlines()) <= 120, name
        assert scenario.wrong, name
        assert len(scenario.hotwash) == 5, name
        assert scenario.slo is not None, name
    assert min(scenarios.names(), key=lambda name: scenarios.find(name).length) == "bad-deploy"


def test_a_sound_scenario_has_nothing_to_say() -> None:
    assert found(SMALL) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("above: 7", "above: 99", "10", "the alert Burn can never fire: `errors` stays between 0.2 and 19"),
        ("at: 1m", "at: 11m", "12", "the inject `i1` can never come: it comes after the drill's end"),
        ("at: 1m", "at: 1m, unless: {version: a1b2c3d}", None, ""),
        ("emits: fixed}", "emits: fixed, if: {version: never}}", "14", "this command is never answered so: `version`"),
        ("signals:\n", "signals:\n  calm: {base: 1, when: [{if: {version: x}, ramp: {to: 2, over: 1s}}]}\n", "8",
         "`calm` can never go to 2: `version` is never x"),
        ("commands:\n", 'commands:\n  - {match: ["..."]}\n', "15", "the command in line 14 takes all of these"),
        ('say: "yes"}', 'say: "yes", if: {version: x}}', "16", "this answer is never given: `version` is never x"),
        ('say: "yes"}', 'say: "yes", emits: ack}', "16", "`ack` is what a player does; it cannot be emitted"),
        ("rules:\n", "rules:\n  - {if: {version: x}, after: 5s, emits: odd}\n", "18",
         "this rule can never act: `version` is never x"),
        ("measures:\n", "measures:\n  told: {event: command, match: [other]}\n", "20",
         "the measure `told` can never be taken"),
        ("measures:\n", "measures:\n  told: {event: ask, match: [nobody]}\n", "20",
         "the measure `told` can never be taken"),
        ("measures:\n", "measures:\n  told: {event: reply, match: [i9]}\n", "20",
         "the measure `told` can never be taken"),
        ("measures:\n", "measures:\n  told: {state: fault}\n", None, ""),
        ("hints: [look]", "hints: [{if: {version: x}, say: look}]", "24", "this hint can never be given"),
        ("run fix]", "run fxi]", "21", "no command of this scenario is meant by this line"),
        ("run fix]", "\"run fix 'it\"]", "21", "this is no command: No closing quotation"),
        ("ask help]", "run other]", "28", "no command of this scenario is meant by this line"),
    ],
)  # fmt: skip
def test_what_is_out_of_reach_is_said_with_its_line(old: str, new: str, line: str | None, what: str) -> None:
    assert old in SMALL
    said = found(SMALL.replace(old, new, 1))
    if line is None:
        assert said == []
    else:
        assert [(at, words) for at, words in said if at == line and what in words], said


def test_an_inject_upon_what_never_happens_is_out_of_reach() -> None:
    text = SMALL.replace("emits: fixed}", "emits: fixed, if: {version: x}}").replace("at: 1m", "upon: fixed")
    assert ("12", "the inject `i1` can never come: nothing emits `fixed`") in found(text)
    never = SMALL.replace("at: 1m", "at: 1m, unless: {calm: 1}").replace("state: {", "state: {calm: 1, ")
    assert ("12", "the inject `i1` is never called for: what it waits for always holds") in found(never)


def test_what_a_drill_needs_to_teach_is_asked_for_and_is_no_error() -> None:
    missing = [one.what for one in look(scenarios.load(SOUND, "small.yaml"))]
    assert "`wrong` is missing" in missing
    assert "`truth` is missing" in missing
    assert not [one for one in look(scenarios.load(SOUND, "small.yaml")) if one.serious]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("set: {fault: false}, ", "", "the solution does not recover within 10m00s"),
        ("emits: fixed}", "emits: fixed, if: {version: older}}", "the solution runs what the drill does not know"),
        ("do: [ack, ask help]", "do: [ack, run fix]", "this wrong way recovers"),
        ("ends: {fault: true}", "ends: {fault: false}", "this wrong way does not end as told: `fault` is true"),
        ("for: 30s", "for: 11m", "no page came within 600 seconds"),
    ],
)
async def test_what_only_playing_shows_is_found_by_playing(old: str, new: str, what: str) -> None:
    assert old in SMALL
    said = await prove(scenarios.load(SMALL.replace(old, new, 1), "small.yaml"))
    assert [one for one in said if what in one.what], said


async def test_a_solution_that_does_harm_is_found_and_so_is_what_never_happened() -> None:
    said = [one.what for one in await prove(scenarios.load(MEASURED, "small.yaml"))]
    assert "the solution does what is counted as harmful" in said
    quiet = SMALL.replace("rules:\n", "rules:\n  - {upon: handover, emits: odd}\n").replace("at: 1m", "upon: odd")
    said = [one.what for one in await prove(scenarios.load(quiet, "small.yaml"))]
    assert any("the inject `i1` never came" in words for words in said)


async def test_a_drill_that_cures_itself_is_remarked() -> None:
    text = SMALL.replace("rules:\n", "rules:\n  - {if: {fault: true}, after: 3m, set: {fault: false}}\n")
    said = [one.what for one in await prove(scenarios.load(text, "small.yaml"))]
    assert "it recovers although nobody does anything" in said


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        (("gh", "run"), ("gh", "run", "list"), True),
        (("gh", "run", "list"), ("gh", "run"), False),
        (("gh", "..."), ("gh", "run"), True),
        (("gh", "<x>"), ("gh", "run"), True),
        (("gh", "run"), ("gh", "<x>"), True),
        (("aws",), ("gh",), False),
    ],
)
def test_two_patterns_may_mean_the_same_command(one: tuple[str, ...], other: tuple[str, ...], may: bool) -> None:
    assert may_match(one, other) is may


# --- runbooks


def library() -> Library:
    return Library.of(Folders([shipped()]))


def test_every_way_and_step_of_a_shipped_scenario_stands_in_a_runbook() -> None:
    books = library()
    for name in scenarios.names():
        assert stray(scenarios.find(name), books) == []


def test_a_way_that_no_runbook_has_is_said_with_its_line() -> None:
    text = SMALL.replace("[ack, run fix]", "[ack, choose nothing at all, tick Dance, run fix]")
    said = stray(scenarios.load(text, "small.yaml"), library())
    assert [(one.at, one.what) for one in said if one.serious] == [
        ("small.yaml:21", "no runbook has the way `nothing at all`"),
        ("small.yaml:21", "no runbook has the step `Dance`"),
    ]
    assert [one.what for one in said if not one.serious] == ["the page Burn leads to no runbook"]


def test_coverage_says_which_parts_of_the_runbooks_no_drill_exercises() -> None:
    known = [scenarios.find(name) for name in scenarios.names()]
    told = {one.path: one for one in coverage(known, library())}
    rates = told["acme-error-rate.md"]
    assert "bad-deploy" in rates.opened_by
    assert [bool(way.drills) for way in rates.ways] == [True, True]
    [command] = rates.commands
    assert (command.line, "bad-deploy" in command.drills) == (17, True)
    assert not any(part.drills for part in told["certificate-expiry.md"].ways)
    assert {step.text: bool(step.drills) for step in rates.steps}["Verify error rate drops in dashboard."]
    assert any(part.known_to and not part.drills for one in told.values() for part in one.commands)


# --- skeletons


async def test_the_blank_scenario_is_commented_and_sound() -> None:
    text = blank("queue-full")
    scenario = scenarios.load(text, "queue-full.yaml")
    assert [*look(scenario), *await prove(scenario)] == []
    assert text.count("#") > 15
    with pytest.raises(DrillError, match="is no name"):
        blank("Not A Name")


def at(minute: int, second: int = 0) -> datetime:
    return datetime(2026, 5, 2, 3, minute, second, tzinfo=UTC)


def log(*what: tuple[datetime, facts.Fact]) -> list[Event]:
    return [Event(f"{n:03}", "INC-20260502-acme-1", when, fact, ME, when) for n, (when, fact) in enumerate(what)]


def past(*more: tuple[datetime, facts.Fact]) -> str:
    fired = facts.AlertFired("o", "f", "Burn", "page", at(4), "am", {"alertname": "Burn", "severity": "page"},
                             {"runbook": "acme-error-rate"}, "x > 7")  # fmt: skip
    argv = ("bash", "-c", "gh workflow run rollback.yml -f sha=9f8e7d6")
    events = log(
        (at(0), facts.ChangeSeen("deploy", "a1b2c3d", "9f8e7d6", "acme", "cart: batch")),
        (at(4), facts.IncidentOpened("Checkout fails: {again}", "SEV2", "acme")),
        (at(4), fired),
        (at(5), facts.SignalSeen("Error Rate", 19.2, "%", "q", 7.0)),
        (at(6), facts.BranchChosen("g", "b", "it correlates with a deploy (most common)")),
        (at(7), facts.CommandStarted("r1", "gh ...", argv, "/srv", "/out")),
        (at(7, 4), facts.CommandFinished("r1", 0, 4.2, head=("Created {event}",))),
        (at(8), facts.ChangeSeen("deploy", "9f8e7d6", "a1b2c3d", "acme", "Roll back")),
        (at(8), facts.CommandStarted("r2", "gh ...", argv, "/srv", "/out")),
        (at(9), facts.StepTicked("s", "Roll back", "done")),
        (at(20), facts.SignalSeen("Error Rate", 0.3, "%", "q", 7.0)),
        (at(21), facts.AlertResolved("o", "Burn")),
        *more,
    )
    return from_events(fold("INC-20260502-acme-1", events), events)


async def test_a_past_incident_becomes_a_scenario_with_one_question_left() -> None:
    text = past()
    scenario = scenarios.load(text, "inc.yaml")
    assert [deed.verb for deed in scenario.solution] == ["ack", "choose", "run", "run", "tick"]
    [command] = scenario.commands
    assert command.match == ("gh", "workflow", "run", "rollback.yml", "-f", "sha=9f8e7d6")
    assert (command.takes, command.output) == (4.0, "Created (event)")
    assert (scenario.alerts[0].name, scenario.alerts[0].thresholds[0].above) == ("Burn", 7.0)
    assert [deploy.at for deploy in scenario.deploys] == [-195.0]
    assert scenario.signals[0].name == "error_rate"
    assert text.count("QUESTION") == 2
    said = [one.what for one in [*look(scenario), *await prove(scenario)] if one.serious]
    assert any("recovered" in words or "does not recover" in words for words in said)


async def test_the_answer_to_the_question_makes_the_scenario_sound() -> None:
    data = yaml.safe_load(past())
    data["commands"][0]["set"] = {"fault": False}
    scenario = scenarios.load(yaml.safe_dump(data), "inc.yaml")
    assert [one for one in [*look(scenario), *await prove(scenario)] if one.serious] == []


def test_an_incident_without_signals_gets_a_guess_that_is_said() -> None:
    events = log(
        (at(4), facts.IncidentOpened("Something")),
        (at(4), facts.AlertFired("o", "f", "Burn", "page", at(4), "am")),
        (at(5), facts.CommandStarted("r1", "ls", ("ls",), "/srv", "/out")),
        (at(5, 3), facts.CommandFinished("r1", 2, 0.1)),
    )
    text = from_events(fold("INC-20260502-acme-1", events), events)
    scenario = scenarios.load(text, "inc.yaml")
    assert scenario.signals[0].name == "errors"
    assert scenario.commands[0].status == 2
    assert "or a guess" in text


def test_a_scenario_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(DrillError, match="cannot be read"):
        scenarios.find(str(tmp_path / "none.yaml"))
    large = tmp_path / "large.yaml"
    large.write_text("#" * 300_000)
    with pytest.raises(DrillError, match="too large"):
        scenarios.find(str(large))
    own = tmp_path / "own.yaml"
    own.write_text(SOUND)
    assert scenarios.find(str(own)).name == "own"
