"""All the rules, and each kind of file held to its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from incident.core.actions import lint as actions
from incident.core.actions.page import ActionPage
from incident.core.check import alert_rules, blocks, commands, document, health, links, placeholders, postmortem
from incident.core.check.alert_rules import RuleFile
from incident.core.check.allowance import UNCLEAR_ALLOWANCE, allowances, settle
from incident.core.check.around import Around, Library
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.health import Learned
from incident.core.check.page import Page
from incident.core.check.secrets import secrets_in
from incident.core.match import Match

BAD_YAML = Rule(
    "bad-yaml",
    About.ALERT_RULES,
    Severity.ERROR,
    "Prometheus does not load a rule file that is not valid YAML, and goes on without all of its alerts.",
    "groups:\n- name: web\n  rules:\n  - alert: DiskFull\n   expr: up == 0\n",
    alert_rules.SILENT_DIVISION.good,
)
BAD_CONFIG = Rule(
    "bad-config",
    About.CONFIG,
    Severity.ERROR,
    "A configuration that is not accepted keeps the console from starting, in the middle of an incident.",
    "prometheus: ftp://prometheus\nalertmanger: http://am:9093\n",
    "prometheus: http://prometheus:9090\nalertmanager: http://am:9093\n",
)
CONFIG_SECRET = Rule(
    "config-secret",
    About.CONFIG,
    Severity.ERROR,
    "Secrets stand in files of their own with mode 0600; the configuration is shown, copied and kept in a repository.",
    "prometheus: http://prometheus:9090\nchanges:\n- {name: deploys, command: [deploys, --token=9fK2mQx7Lw4TzR8vB]}\n",
    "prometheus: http://prometheus:9090\nchanges:\n- {name: deploys, command: [deploys, --token-file=/run/token]}\n",
)

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        *placeholders.RULES, *blocks.RULES, *commands.RULES, *links.RULES, *document.RULES, UNCLEAR_ALLOWANCE,
        *alert_rules.RULES, *health.RULES, *postmortem.RULES, *actions.RULES, BAD_YAML, BAD_CONFIG, CONFIG_SECRET,
    )
}  # fmt: skip


def check_runbook(page: Page, around: Around) -> list[Finding]:
    """Everything found in a runbook, by line; what its author allows is marked so."""
    found = [
        finding for part in (placeholders, blocks, commands, links, document) for finding in part.check(page, around)
    ]
    made, unclear = allowances(
        page.runbook.path, page.raw, lambda line: "#" if page.fenced(line) else "<!--", RULES.keys()
    )
    return in_order(settle([*found, *unclear], made))


def check_alert_rules(
    file: RuleFile, library: Library, led: Sequence[Match], learned: Learned = health.NOTHING
) -> list[Finding]:
    """Everything found in a file of alert rules, by line; what its author allows is marked so.

    `led` is where each of its rules leads, `learned` what a live server and past incidents told.
    """
    made, unclear = allowances(file.path, file.raw, lambda line: "#", RULES.keys())
    found = [*alert_rules.check(file, library, led), *health.check(file, learned, led)]
    return in_order(settle([*found, *unclear], made))


def check_actions(pages: Sequence[ActionPage], today: date) -> list[Finding]:
    """Everything found in the action items of these post-mortems; what their authors allow is marked so.

    What an earlier one still asks for counts as repeated in the later one. `today` is UTC.
    """
    found: list[Finding] = []
    ordered = sorted(pages, key=lambda page: (page.follow_up or date.max, page.path))
    for place, page in enumerate(ordered):
        made, _ = allowances(page.path, page.lines, lambda line: "<!--", RULES.keys())
        found += settle(actions.check(page, today, ordered[:place]), made)
    return in_order(found)


def check_config(path: str, raw: tuple[str, ...], refused: tuple[int, str, str] | None) -> list[Finding]:
    """Everything found in a configuration; `refused` is why it is not accepted: line, what, what next."""
    found = [BAD_CONFIG.found(path, *refused)] if refused else []
    found += [
        CONFIG_SECRET.found(path, line, f"this looks like {kind}", "keep it in a file of its own, and name that file")
        for line, kind in secrets_in(raw)
    ]
    made, unclear = allowances(path, raw, lambda line: "#", RULES.keys())
    return in_order(settle([*found, *unclear], made))


def in_order(findings: list[Finding]) -> list[Finding]:
    """By line, then rule; each finding once."""
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.path, finding.line, finding.rule))
