"""Scenarios as they are read: the shipped ones are sound, and a typing error is said with its line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.drills import scenario as scenarios
from incident.drills.clock import start_of
from incident.drills.fields import seconds_of
from incident.drills.matching import captured, simple
from incident.drills.model import AlertPlan
from incident.drills.outside import fingerprint
from incident.errors import DrillError
from tests.adapters.small_drill import SOUND


def test_the_small_scenario_is_sound() -> None:
    small = scenarios.load(SOUND, "small.yaml")
    assert (small.name, small.length, small.players, small.slo) == ("small", 600.0, (1, 1), None)


@pytest.mark.parametrize(
    ("old", "new", "at", "what", "hint"),
    [
        ("drill: 1", "drill: 2", 1, "this is drill format 2", "this program reads 1"),
        ("drill: 1", "drill: 1.5", 1, "`drill` has to be a whole number", ""),
        ("drill: 1", "drill: true", 1, "`drill` has to be a number", ""),
        ("id: small", "ids: small", 2, "unknown key `ids`", "did you mean `id`?"),
        ("id: small", "zzz: small", 2, "unknown key `zzz`", "known here: alerts, asks, commands"),
        ("title: A small drill", "", 1, "`title` is missing", ""),
        ("title: A small drill", "title: [a]", 3, "`title` has to be text", "put it in quotes"),
        ("length: 10m", "length: soon", 4, "`length` has to be a time", "write 30s, 5m, 1h30m"),
        ("weekday: sat", "weekday: saturday", 5, "`saturday` is no weekday", "mon, tue"),
        ('utc: "03:02"', 'utc: "3 am"', 5, "`utc` has to be a time", 'write it as "03:02"'),
        ("start: {weekday: sat, utc: \"03:02\"}", "start: later", 5, "here have to stand keys with values", ""),
        ("state: {version: a1b2c3d,", "state: {version: [a],", 6, "`version` has to be one value", ""),
        ("base: 0.2", "bass: 0.2", 8, "unknown key `bass`", "did you mean `base`?"),
        ("base: 0.2, ", "", 8, "`base` is missing", ""),
        ("when: [{if: {fault:", "when: [{if: {fualt:", 8, "unknown key `fualt`", "did you mean `fault`?"),
        ("when: [{if: {fault: true}, ramp: {to: 19, over: 60s}}]", "when: soon", 8, "`when` has to be a list", ""),
        ("{errors: {above: 7", "{error: {above: 7", 10, "unknown key `error`", "did you mean `errors`?"),
        ("above: 7, ", "", 10, "a threshold needs `above` or `below`", ""),
        ("- {if: {errors: {above: 7, for: 30s}}, ", "- {", 10, "an alert needs `if` or `since`", ""),
        ("alertname: Burn", "name: Burn", 10, "an alert needs the label `alertname`", ""),
        ("at: 1m, ", "", 12, "an inject needs `at` or `upon`", ""),
        ("at: 1m, ", "upon: fixt, ", 12, "`upon` names `fixt`", "did you mean `fixed`?"),
        ("at: 1m, ", "at: 1m, expects: [told], ", 12, "`expects` names `told`", "fault, version"),
        ("at: 1m, ", "at: 1m, objective: 3, ", 12, "`objective` has to be from 1 to 0", ""),
        ("match: [fix], ", "", 14, "a command needs `match`", ""),
        ("done {version}", "done {verson}", 14, "`output` names `verson`", "did you mean `version`?"),
        ("done {version}", "done {since:fixd}", 14, "`output` names `fixd`", "did you mean `fixed`?"),
        ("done {version}", "done {from:fixed}", 14, "`output` names `from`", "known here: since"),
        ("set: {fault: false}", "set: {fualt: false}", 14, "unknown key `fualt`", "did you mean `fault`?"),
        ("{upon: fixed, after: 5s, ", "{after: 5s, ", 18, "a rule needs `upon` or `if`", ""),
        ("recovered: {signal", "healed: {signal", 19, "a measure `recovered` with a signal or a state is missing", ""),
        ("signal: errors", "signal: error", 20, "`signal` names `error`", "did you mean `errors`?"),
        ("below: 1, for: 10s}", "below: 1}\n  told: {state: tolt}", 21, "`state` names `tolt`", ""),
        ("below: 1, for: 10s}", "below: 1}\n  n: {event: ack, count: 1}", 21, "`count` has to be true or false", ""),
        ("[ack, run fix]", "[ack, rnu fix]", 21, "unknown step `rnu`", "did you mean `run`?"),
        ("[ack, run fix]", "[ack Brun]", 21, "there is no alert `Brun`", "did you mean `Burn`?"),
        ("[ack, run fix]", "[close it]", 21, "`close` stands alone", ""),
        ("[ack, run fix]", "[reply i2]", 21, "there is no message `i2`", "i1"),
        ("length: 10m", "length: 10m\nslo: {target: 99.5}", 5, "`target` has to be between 0 and 1", "write 0.995"),
        ("length: 10m", "length: 10m\nslo: {target: 0.99, errors: eror}", 5, "`errors` names `eror`", "did you mean"),
        ("length: 10m", "length: 10m\ndeploys: [{version: a, kind: deplyo}]", 5, "`kind` names `deplyo`", "deploy"),
        ("length: 10m", "length: 10m\nhints: [{say: a, if: {fualt: 1}}]", 5, "unknown key `fualt`", "`fault`"),
        ("length: 10m", "length: 10m\nhints: [{if: {fault: true}}]", 5, "`say` is missing", ""),
        ("length: 10m", "length: 10m\nwrong: [{why: a, do: [rnu x]}]", 5, "unknown step `rnu`", "did you mean `run`?"),
        ("[ack, run fix]", "[run]", 21, "`run` needs something behind it", ""),
        ("[ack, run fix]", "[ask hlp]", 21, "nobody can be asked `hlp`", "did you mean `help`?"),
        ("[ack, run fix]", "[wait -5m]", 21, "`wait` needs a time", "write wait 5m"),
        ("[ack, run fix]", "&a [ack]", 21, "aliases and anchors are not read", ""),
        ("drill: 1", "drill: 1\ndrill: 1", 2, "the key `drill` stands here twice", ""),
    ],
)  # fmt: skip
def test_a_typing_error_is_said_with_its_line_and_what_was_meant(
    old: str, new: str, at: int, what: str, hint: str
) -> None:
    assert old in SOUND
    with pytest.raises(DrillError) as caught:
        scenarios.load(SOUND.replace(old, new, 1), "small.yaml")
    assert caught.value.at == f"small.yaml:{at}"
    assert what in caught.value.what
    assert hint in caught.value.hint


def test_every_shipped_scenario_is_found_and_has_all_that_a_drill_needs() -> None:
    assert "bad-deploy" in scenarios.names()
    for name in scenarios.names():
        found = scenarios.find(name)
        assert found.name == name
        assert found.solution
        assert found.hints
        assert found.truth
        assert found.hotwash
        assert found.objectives
        assert len(found.injects) >= 2


def test_a_drill_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(DrillError) as caught:
        scenarios.find("bad-deplyo")
    assert caught.value.hint == "did you mean `bad-deploy`?"
    with pytest.raises(DrillError):
        scenarios.find("../bad-deploy")


def test_a_drill_begins_on_its_weekday_in_may_always_the_same() -> None:
    assert start_of(scenarios.find("bad-deploy")) == datetime(2026, 5, 2, 3, 2, tzinfo=UTC)
    for weekday, day in (("fri", 1), ("thu", 7)):
        other = scenarios.load(SOUND.replace("weekday: sat", f"weekday: {weekday}"), "small.yaml")
        assert start_of(other).day == day


def test_the_drill_says_what_the_rule_says() -> None:
    """The alert that opens the shipped runbook carries the words of the alerting rule itself."""
    alert = scenarios.find("bad-deploy").alerts[0]
    assert alert.labels == {"alertname": "AcmeErrorBudgetFastBurn", "severity": "page"}
    assert alert.annotations == {
        "summary": "Acme error rate burning budget fast",
        "runbook": "https://wiki.acme.com/runbooks/acme-error-rate",
    }
    assert "> 0.005 * 14" in alert.expression
    runbooks = Path(__file__).parents[2] / "runbooks"
    assert (runbooks / "acme-error-rate.md").is_file()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90.0), ("-6m", -360.0), ("1h30m", 5400.0), ("28d", 2_419_200.0), ("0.5s", 0.5), ("5", None), ("m", None)],
)
def test_times_are_read_with_their_units(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


ROLLBACKS = [
    ("gh", "run", "sha=good"),
    ("gh", "run", "sha=<other>"),
    ("gh", "list", "..."),
    ("gh", "run", "sha=x", "-v"),
]


@pytest.mark.parametrize(
    ("pattern", "argv", "found"),
    [
        (("gh", "run", "sha=good"), ("gh", "run", "sha=good"), {}),
        (("gh", "run", "sha=good"), ("gh", "run", "sha=bad"), None),
        (("gh", "run", "sha=good"), ("gh", "run"), None),
        (("gh", "run"), ("gh", "run", "sha=good"), None),
        (("gh", "run", "sha=<other>"), ("gh", "run", "sha=bad"), {"other": "bad"}),
        (("gh", "run", "sha=<other>"), ("gh", "run", "sha=good"), None),
        (("gh", "run", "sha=<any>"), ("gh", "run", "sha=good"), {"any": "good"}),
        (("gh", "run", "sha=<other>"), ("gh", "run", "sha="), None),
        (("gh", "list", "..."), ("gh", "list"), {}),
        (("gh", "list", "..."), ("gh", "list", "a", "b"), {}),
        (("gh", "...", "-v"), ("gh", "a", "b", "-v"), {}),
        (("gh", "...", "-v"), ("gh", "a", "b"), None),
    ],
)
def test_commands_match_token_by_token(
    pattern: tuple[str, ...], argv: tuple[str, ...], found: dict[str, str] | None
) -> None:
    known = [match for match in ROLLBACKS if match != pattern]
    assert captured(pattern, argv, known) == found


@pytest.mark.parametrize(
    ("argv", "plain"),
    [
        (("/usr/bin/gh", "run"), ("gh", "run")),
        (("bash", "-u", "-c", "gh run 'a b'"), ("gh", "run", "a b")),
        (("bash", "-u", "-c", "gh run | head"), ("bash", "-u", "-c", "gh run | head")),
        (("bash", "-u", "-c", "gh 'run"), ("bash", "-u", "-c", "gh 'run")),
        (("bash", "script.sh"), ("bash", "script.sh")),
        ((), ()),
    ],
)
def test_a_shell_around_one_plain_command_is_looked_through(argv: tuple[str, ...], plain: tuple[str, ...]) -> None:
    assert simple(argv) == plain


def test_fingerprints_are_those_of_prometheus() -> None:
    assert fingerprint(AlertPlan({})) == "cbf29ce484222325"
    watchdog = {"alertname": "Watchdog", "environment": "lab", "severity": "none"}
    assert fingerprint(AlertPlan(watchdog)) == "4ad751eb2812925c"
