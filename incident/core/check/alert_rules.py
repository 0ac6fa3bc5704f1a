"""Rules about alert rules: whether a page is worth being woken for, and leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from incident.core.alert import Severity as Urgency
from incident.core.alert import severity_of
from incident.core.check.around import Library
from incident.core.check.expressions import divides_by_traffic, looks_only_at_causes, needs_no_for
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.match import Match, match
from incident.core.runbook import Runbook
from incident.core.runbook.links import Link, link_in, links_of, shown


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alert rule as its file has it. Lines are counted from 1."""

    line: int
    group: str
    name: str
    expression: str
    holds: bool  # it has `for:` or `keep_firing_for:`
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)  # of `expr`, `labels`, `labels.severity`, ...
    waits: float = 0.0  # seconds of its `for:`

    def at(self, *keys: str) -> int:
        """The line of the first of these keys that stands in the file, else the rule's own."""
        return next((self.lines[key] for key in keys if key in self.lines), self.line)

    @property
    def severity(self) -> str:
        """The word its severity label has, or "" ."""
        return next((self.labels[key] for key in _SEVERITY_LABELS if self.labels.get(key)), "")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The alert rules of one file, and the file's lines."""

    path: str
    raw: tuple[str, ...]
    rules: tuple[AlertRule, ...]


_SEVERITY_LABELS = ("severity", "priority", "level", "urgency")
_TICKET_WORDS = frozenset(
    {"warning", "warn", "ticket", "task", "major", "minor", "high", "medium", "low", "average", "error", "notify",
     "email", "slack", "p2", "p3", "p4", "p5", "sev2", "sev3", "sev4", "sev5", "s3", "s4", "2", "3", "4", "5"}
)  # fmt: skip
_FILES_A_TICKET = re.compile(
    r"(?i)\b(?:file|open|create|raise|log)\s+(?:a|an)\s+(?:\w+\s+){0,2}(?:ticket|issue|bug|jira|story)\b"
)
_WORDS = ("summary", "description", "message", "title")


def _example(body: str) -> str:
    """A file with one rule."""
    return f"groups:\n- name: web\n  rules:\n  - alert: DiskFull\n{body}"


_RATIO = "    expr: sum(rate(failed_total[5m])) / sum(rate(asked_total[5m])) > 0.1\n"
_ANNOTATED = "    annotations: {summary: Writes fail, runbook: https://wiki.acme.com/runbooks/disk-full}\n"
_GOOD = f"{_RATIO}    for: 5m\n    labels: {{severity: page}}\n{_ANNOTATED}"
_CPU = "    expr: avg(rate(node_cpu_seconds_total{mode!='idle'}[5m])) > 0.8\n    for: 5m\n"

PAGE_ON_CAUSE = Rule(
    "page-on-cause",
    About.ALERT_RULES,
    Severity.WARNING,
    "CPU, memory, load and disk are causes: users may notice nothing, and the next real page is believed less. "
    "Page on errors and slowness; make this a ticket.",
    _example(f"{_CPU}    labels: {{severity: page}}\n{_ANNOTATED}"),
    _example(_GOOD),
)
CAUSE_THRESHOLD = Rule(
    "cause-threshold",
    About.ALERT_RULES,
    Severity.INFO,
    "A fixed limit on CPU, memory, load or disk fires on days when all is well; a trend or a symptom says more.",
    _example(f"{_CPU}    labels: {{severity: warning}}\n{_ANNOTATED}"),
    _example(_GOOD),
)
NO_FOR = Rule(
    "no-for",
    About.ALERT_RULES,
    Severity.WARNING,
    "Without `for:` one bad scrape wakes somebody. An expression that counts events or looks back needs none. "
    "For information where `for: 0m` says that it is meant.",
    _example(f"    expr: up{{job='web'}} == 0\n    labels: {{severity: page}}\n{_ANNOTATED}"),
    _example(f"    expr: up{{job='web'}} == 0\n    for: 2m\n    labels: {{severity: page}}\n{_ANNOTATED}"),
)
NO_SEVERITY = Rule(
    "no-severity",
    About.ALERT_RULES,
    Severity.WARNING,
    "Without a severity nobody can tell whether to get up; this tool shows a ticket.",
    _example(f"{_RATIO}    for: 5m\n{_ANNOTATED}"),
    _example(_GOOD),
)
UNKNOWN_SEVERITY = Rule(
    "unknown-severity",
    About.ALERT_RULES,
    Severity.WARNING,
    "A severity word that nobody taught this tool is shown as a ticket, even where it means a page.",
    _example(f"{_RATIO}    for: 5m\n    labels: {{severity: urgnet}}\n{_ANNOTATED}"),
    _example(_GOOD),
)
NO_RUNBOOK = Rule(
    "no-runbook",
    About.ALERT_RULES,
    Severity.WARNING,
    "A page without a runbook leaves whoever it wakes to invent a remedy. For information where it is no page.",
    _example(
        f"{_RATIO}    for: 5m\n    labels: {{severity: page}}\n    annotations: {{summary: Writes fail}}\n"
    ).replace("DiskFull", "QueueStuck"),
    _example(_GOOD),
)
DEAD_RUNBOOK_LINK = Rule(
    "dead-runbook-link",
    About.ALERT_RULES,
    Severity.WARNING,
    "The link to the runbook leads to none of the runbooks here, to several, or to a heading that is gone. "
    "For information where no link to that web address leads to a runbook here.",
    _example(_GOOD)
    .replace("https://wiki.acme.com/runbooks/disk-full", "runbooks/gone")
    .replace("DiskFull", "QueueStuck"),
    _example(_GOOD),
)
NO_SUMMARY = Rule(
    "no-summary",
    About.ALERT_RULES,
    Severity.WARNING,
    "The summary is the first sentence that is read at 03:00; without one there is only a name.",
    _example(_GOOD).replace("summary: Writes fail, ", ""),
    _example(_GOOD),
)
PAGE_FOR_TICKET = Rule(
    "page-for-ticket",
    About.ALERT_RULES,
    Severity.WARNING,
    "The runbook only says to look and to file a ticket: that can wait until morning, so it is a ticket and no page.",
    _example(_GOOD).replace("disk-full", "certificate").replace("DiskFull", "CertificateExpires"),
    _example(_GOOD),
)
DUPLICATE_ALERT = Rule(
    "duplicate-alert",
    About.ALERT_RULES,
    Severity.WARNING,
    "The same rule stands here twice. Two expressions under one name and the same labels are for information: where "
    "they match the same series, Alertmanager takes their alerts for one.",
    _example(_GOOD) + _example(_GOOD).partition("  rules:\n")[2],
    _example(_GOOD),
)
SILENT_DIVISION = Rule(
    "silent-division",
    About.ALERT_RULES,
    Severity.INFO,
    "When nothing is asked at all, a ratio is NaN or absent and cannot fire: a complete outage may be silent. "
    "Have a second alert on the absence of traffic.",
    _example(_GOOD),
    _example(f"    expr: up{{job='web'}} == 0\n    for: 2m\n    labels: {{severity: page}}\n{_ANNOTATED}"),
)
RULES = (
    PAGE_ON_CAUSE, CAUSE_THRESHOLD, NO_FOR, NO_SEVERITY, UNKNOWN_SEVERITY, NO_RUNBOOK, DEAD_RUNBOOK_LINK, NO_SUMMARY,
    PAGE_FOR_TICKET, DUPLICATE_ALERT, SILENT_DIVISION,
)  # fmt: skip


def leads_to(rule: AlertRule, library: Library) -> Match:
    """The runbook that the console would open for this rule's alert."""
    return match({"alertname": rule.name, **rule.labels}, rule.annotations, library.listing, library.mapping)


def home_of(rule: AlertRule) -> str:
    """The web address under which a rule's runbooks are kept: host and repository; "" for a path or no link."""
    link = next((link_in(value, {}) for _, value in links_of(rule.labels, rule.annotations)), Link())
    return f"{link.host}/{link.repository}" if link.host else ""


def check(file: RuleFile, library: Library, led: Sequence[Match]) -> Iterator[Finding]:
    """Every rule about alert rules. `led` is where each of the file's rules leads."""
    seen: dict[tuple[str, tuple[tuple[str, str], ...]], AlertRule] = {}
    yield from _unknown_words(file, library)
    for rule, leads in zip(file.rules, led, strict=True):
        pages = severity_of(rule.severity, library.page, library.info) is Urgency.PAGE
        yield from _expression(file.path, rule, pages)
        if not rule.severity:
            yield NO_SEVERITY.found(
                file.path, rule.at("labels"), f"{rule.name} has no severity", "add a label `severity`"
            )  # fmt: skip
        yield from _runbook(file.path, rule, pages, library, leads)
        if not any(rule.annotations.get(key, "").strip() for key in _WORDS):
            yield NO_SUMMARY.found(
                file.path, rule.at("annotations"), f"{rule.name} does not say in a sentence what is wrong",
                "add an annotation `summary`",
            )  # fmt: skip
        key = rule.name, tuple(sorted(rule.labels.items()))
        if key in seen:
            same = seen[key].expression.split() == rule.expression.split()
            yield DUPLICATE_ALERT.found(
                file.path, rule.line, f"{rule.name} with the same labels stands in line {seen[key].line} already",
                "give one of them another name, or a label of its own", None if same else Severity.INFO,
            )  # fmt: skip
        seen.setdefault(key, rule)


def _expression(path: str, rule: AlertRule, pages: bool) -> Iterator[Finding]:
    if looks_only_at_causes(rule.expression):
        found = PAGE_ON_CAUSE if pages else CAUSE_THRESHOLD
        what = "pages for a cause alone" if pages else "watches a cause: CPU, memory, load or disk"
        yield found.found(path, rule.at("expr"), f"{rule.name} {what}", "alert on what users notice: errors, slowness")
    if pages and not rule.holds and not needs_no_for(rule.expression):
        yield NO_FOR.found(
            path, rule.at("for", "expr"), f"{rule.name} pages at the first bad sample",
            "add `for:`, two minutes for example", Severity.INFO if "for" in rule.lines else None,
        )  # fmt: skip
    if divides_by_traffic(rule.expression):
        yield SILENT_DIVISION.found(
            path, rule.at("expr"), f"{rule.name} cannot fire while there is no traffic at all",
            "have a second alert on the absence of traffic",
        )  # fmt: skip


def _unknown_words(file: RuleFile, library: Library) -> Iterator[Finding]:
    """One finding for each severity word, where it stands first."""
    known = library.page | library.info | _TICKET_WORDS | {""}
    words: dict[str, list[AlertRule]] = {}
    for rule in file.rules:
        if rule.severity.strip().lower() not in known and "{{" not in rule.severity:
            words.setdefault(rule.severity.strip(), []).append(rule)
    for word, rules in words.items():
        first = rules[0]
        what = first.name if len(rules) == 1 else f"{first.name} and {len(rules) - 1} more here"
        yield UNKNOWN_SEVERITY.found(
            file.path,
            first.at(*(f"labels.{key}" for key in _SEVERITY_LABELS), "labels"),
            f"the severity {word!r} is not known, so that this tool shows a ticket: {what}",
            f"if it pages, write `page: [{word}]` in the configuration, else `info: [{word}]`, or use a known word",
        )


def _runbook(path: str, rule: AlertRule, pages: bool, library: Library, led: Match) -> Iterator[Finding]:
    links = list(links_of(rule.labels, rule.annotations))
    if not links and led.path is None:
        yield NO_RUNBOOK.found(
            path, rule.at("annotations"), f"no runbook belongs to {rule.name}", "add an annotation `runbook_url`",
            None if pages else Severity.INFO,
        )  # fmt: skip
    if links and library.listing and "{{" not in links[0][1]:
        line = rule.at(*(".".join(links[0][0].replace("annotation", "annotations").split(" ")), "annotations"))
        if led.path is None:
            yield DEAD_RUNBOOK_LINK.found(
                path,
                line,
                f"{rule.name}: {led.reason}",
                "mend the link, or map it with `runbook_map`",
                Severity.INFO if home_of(rule) not in {"", *library.homes} else None,
            )
        elif "its anchor #" in led.reason:
            yield DEAD_RUNBOOK_LINK.found(
                path, line, f"{rule.name}: {shown(links[0][1])} names a heading that is not in {led.path}",
                "mend the part behind #",
            )  # fmt: skip
    if pages and led.path is not None and _only_a_ticket(library.runbook(led.root, led.path)):
        yield PAGE_FOR_TICKET.found(
            path, rule.at("labels"), f"{rule.name} pages, but {led.path} only says to file a ticket",
            "make it a ticket, or write down what has to be done at once",
        )  # fmt: skip


def _only_a_ticket(runbook: Runbook | None) -> bool:
    """Whether a runbook has nothing to run and asks for nothing but looking and a ticket."""
    if runbook is None or runbook.commands or not runbook.steps:
        return False
    tickets = [step for step in runbook.steps if _FILES_A_TICKET.search(step.text)]
    return bool(tickets) and all(step.check or step in tickets for step in runbook.steps)
