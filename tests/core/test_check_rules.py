"""Every rule of the check is explained, and its own examples prove it."""

from __future__ import annotations

import pytest

from incident.core.actions import read
from incident.core.check import RULES, About, Finding, Rule, check_config
from incident.core.check.allowance import UNCLEAR_ALLOWANCE
from incident.core.check.report import explanation
from incident.core.check.rules import BAD_CONFIG, BAD_YAML, check_actions
from incident.sources.rule_files import RuleFileError
from tests.core.checking import TODAY, in_postmortem, in_rules, in_runbook, rules_in

RUNBOOK_RULES = [rule for rule in RULES.values() if rule.about is About.RUNBOOK and rule is not UNCLEAR_ALLOWANCE]
ALERT_RULES = [rule for rule in RULES.values() if rule.about is About.ALERT_RULES and rule is not BAD_YAML]


def found_in(rule: Rule, text: str) -> list[Finding]:
    if rule.about is About.RUNBOOK:
        findings = in_runbook(text, led_to="Nobody" not in text)
    elif rule.about is About.ALERT_RULES:
        findings = in_rules(text)
    elif rule.about is About.POST_MORTEM:
        page = read(text, "INC-1.md")
        findings = [*in_postmortem(text), *check_actions([page] if page else [], TODAY)]
    else:
        findings = check_config("config.yaml", tuple(text.split("\n")), None)
    return [finding for finding in findings if finding.rule == rule.id]


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if rule not in (BAD_YAML, BAD_CONFIG)], ids=lambda r: r.id
)
def test_the_bad_example_of_every_rule_is_found_and_the_good_one_is_not(rule: Rule) -> None:
    bad = found_in(rule, rule.bad)
    assert bad, rule.bad
    assert {finding.severity for finding in bad} == {rule.severity}
    assert all(1 <= finding.line <= rule.bad.count("\n") + 1 and finding.hint for finding in bad)
    assert not found_in(rule, rule.good), rule.good


def test_the_bad_example_of_broken_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(RuleFileError, match="not valid YAML") as refused:
        rules_in(BAD_YAML.bad)
    assert refused.value.at == "rules.yml:5"
    assert rules_in(BAD_YAML.good).rules


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_is_explained_with_both_examples_and_how_to_leave_it(rule: Rule) -> None:
    told = explanation(rule)
    assert rule.why in told
    assert len(rule.why) > 40
    assert all(line.strip() in told for line in (*rule.bad.split("\n"), *rule.good.split("\n")))
    assert f"incident-check: allow {rule.id} because REASON" in told


@pytest.mark.parametrize("rule", RUNBOOK_RULES, ids=lambda rule: rule.id)
def test_every_runbook_rule_can_be_left_in_place_for_the_whole_file(rule: Rule) -> None:
    allow = f"<!-- incident-check: allow {rule.id} because it is an exercise -->\n"
    front, mark, body = rule.bad.partition("---\n#")
    text = f"{front}---\n{allow}#{body}" if mark else allow + rule.bad
    found = found_in(rule, text)
    assert found
    assert {finding.allowed for finding in found} == {"it is an exercise"}


@pytest.mark.parametrize("rule", ALERT_RULES, ids=lambda rule: rule.id)
def test_every_alert_rule_rule_can_be_left_in_place_for_the_whole_file(rule: Rule) -> None:
    found = found_in(rule, f"# incident-check: allow {rule.id} because it is an exercise\n{rule.bad}")
    assert found
    assert {finding.allowed for finding in found} == {"it is an exercise"}


def test_rule_names_are_plain_words_and_each_is_there_once() -> None:
    assert len(RULES) == len({rule.why for rule in RULES.values()})
    assert all(name == name.lower() and name.replace("-", "").isalpha() for name in RULES)
