"""Rules about alert rules that only a live server and past incidents can tell: can it fire, and was it of any use?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from incident.core.budget.spans import spoken
from incident.core.check.alert_rules import AlertRule, RuleFile
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.selectors import Matcher, Selector, selectors
from incident.core.match import Match
from incident.core.promql import scan
from incident.core.text import shorten

DAYS = 7  # days that a series may be gone before it counts as never there
MANY = 2  # incidents in which nothing was done, from which on it is said


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server has of one selector."""

    now: bool = True
    lately: bool = True  # at some time in the last days
    metric: bool = True  # the same for its metric, whatever the labels
    blamed: Matcher | None = None  # the one condition that no series of the metric fulfils
    near: tuple[str, ...] = ()  # what may have been meant: metrics, or values of the label


@dataclass(frozen=True, slots=True)
class Stretch:
    """The longest time without a gap in what an expression looks at, and how far back was looked; in seconds."""

    longest: float
    looked: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """An alert rule as the server has it."""

    name: str
    group: str = ""
    query: str = ""
    health: str = "ok"  # ok, err, unknown
    error: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What became of the pages of one alert."""

    incidents: int  # that were opened for it
    idle: int  # of them, in how many nothing was done
    bare: int  # of them, in how many no runbook was opened
    days: int  # how far back the journal was read


@dataclass(frozen=True, slots=True)
class Learned:
    """Everything that the outside told. What was not asked is not judged."""

    rules: tuple[Loaded, ...] | None = None  # None: the server was not asked, or has none at all
    seen: Mapping[str, Seen] = field(default_factory=dict)  # by selector
    stretches: Mapping[str, Stretch] = field(default_factory=dict)  # by expression
    past: Mapping[str, Past] = field(default_factory=dict)  # by alert


NOTHING = Learned()


def _example(expr: str, name: str = "AcmeErrors", wait: str = "5m", link: str = "disk-full") -> str:
    return (
        f"groups:\n- name: web\n  rules:\n  - alert: {name}\n    expr: {expr}\n    for: {wait}\n"
        "    labels: {severity: page}\n"
        f"    annotations: {{summary: It fails, runbook: https://wiki.acme.com/runbooks/{link}}}\n"
    )


_GOOD = _example("sum(rate(failed_total{job='web'}[5m])) > 1")

ABSENT_METRIC = Rule(
    "absent-metric",
    About.ALERT_RULES,
    Severity.WARNING,
    "A rule over a metric that the server has not seen for a week cannot fire, whatever happens. Somebody renamed it, "
    "or nothing sends it any more. Asked of a live Prometheus.",
    _example("sum(rate(faild_total[5m])) > 1"),
    _GOOD,
)
NO_SERIES = Rule(
    "no-series",
    About.ALERT_RULES,
    Severity.WARNING,
    "A selector that matched nothing for a week keeps its rule silent. For information where the label only says how "
    "something ended: that may not have happened yet. Asked of a live Prometheus.",
    _example("sum(rate(failed_total{job='wbe'}[5m])) > 1"),
    _GOOD,
)
FOR_OUTLASTS_DATA = Rule(
    "for-outlasts-data",
    About.ALERT_RULES,
    Severity.WARNING,
    "Every gap in the data begins `for:` anew: where the data never lasts as long, the rule never fires. "
    "Asked of a live Prometheus.",
    _example("sum(batch_failed{job='web'}) > 1", wait="30m"),
    _example("sum(batch_failed{job='web'}) > 1", wait="5m"),
)
RULE_FAILS = Rule(
    "rule-fails",
    About.ALERT_RULES,
    Severity.ERROR,
    "The server cannot evaluate this rule: it fires neither now nor later, and nobody is told. "
    "Asked of a live Prometheus.",
    _example("sum(rate(failed_total{job='web'}[5m])) > 1", name="AcmeFails"),
    _GOOD,
)
NOT_LOADED = Rule(
    "rule-not-loaded",
    About.ALERT_RULES,
    Severity.WARNING,
    "What stands in a file and not on the server wakes nobody: it was not deployed, or the server refused it. "
    "Asked of a live Prometheus.",
    _example("sum(rate(failed_total{job='web'}[5m])) > 1", name="AcmeForgotten"),
    _GOOD,
)
NOTHING_DONE = Rule(
    "nothing-done",
    About.ALERT_RULES,
    Severity.WARNING,
    "An alert that asks for no human action is a bug: every such page makes the next real one less believed. Counted "
    "in past incidents: no command, no step, no finding, no decision.",
    _example("sum(rate(failed_total{job='web'}[5m])) > 1", name="AcmeCriesWolf"),
    _GOOD,
)
NEVER_A_RUNBOOK = Rule(
    "never-a-runbook",
    About.ALERT_RULES,
    Severity.WARNING,
    "It has paged, and whoever got up had no checklist, every time. Counted in past incidents.",
    _example("sum(rate(failed_total{job='web'}[5m])) > 1", name="AcmeAlone", link="nowhere"),
    _GOOD,
)
RULES = (ABSENT_METRIC, NO_SERIES, FOR_OUTLASTS_DATA, RULE_FAILS, NOT_LOADED, NOTHING_DONE, NEVER_A_RUNBOOK)


def check(file: RuleFile, learned: Learned, led: Sequence[Match]) -> Iterator[Finding]:
    """Every rule about what was learned. `led` is where each of the file's rules leads."""
    for rule, leads in zip(file.rules, led, strict=True):
        yield from _on_the_server(file.path, rule, learned)
        for selector in selectors(rule.expression):
            if (seen := learned.seen.get(selector.text)) is not None:
                yield from _selector(file.path, rule, selector, seen)
        yield from _stretch(file.path, rule, learned)
        if (past := learned.past.get(rule.name)) is not None:
            yield from _past(file.path, rule, past, leads)


def _on_the_server(path: str, rule: AlertRule, learned: Learned) -> Iterator[Finding]:
    if learned.rules is None:
        return
    named = [loaded for loaded in learned.rules if loaded.name == rule.name]
    same = [loaded for loaded in named if alike(loaded.query, rule.expression)]
    broken = next((loaded for loaded in same or named if loaded.health == "err"), None)
    if broken is not None:
        yield RULE_FAILS.found(
            path, rule.at("expr"), f"the server cannot evaluate {rule.name}: {broken.error or 'it does not say why'}",
            "mend the expression; `promtool check rules` reads it without a server",
        )  # fmt: skip
    elif not named:
        yield NOT_LOADED.found(
            path, rule.line, f"{rule.name} is not among the {len(learned.rules)} alert rules of the server",
            "deploy the file, and look at the server's log for what it refused",
        )  # fmt: skip
    elif not same:
        yield NOT_LOADED.found(
            path, rule.at("expr"), f"the server has another expression for {rule.name}: {shorten(named[0].query, 200)}",
            "deploy the file, or bring it up to date", Severity.INFO,
        )  # fmt: skip


def alike(one: str, other: str) -> bool:
    """Whether two expressions are the same but for blanks, comments, quotes and the order of a selector's labels."""
    return _bare(one) == _bare(other)


def _bare(expression: str) -> str:
    bare = "".join(one[0] for one in scan(expression) if one.lastgroup != "comment").lower()
    # The server prints an expression its own way, with `by` moved and blanks added: only what is in it can be compared.
    return "".join(sorted(char for char in bare if char.isalnum()))


def _selector(path: str, rule: AlertRule, selector: Selector, seen: Seen) -> Iterator[Finding]:
    if seen.now or seen.lately:
        return
    so = f"so that {rule.name} cannot fire" if selector.needed else f"which {rule.name} looks at"
    line = rule.at("expr")
    if not seen.metric:
        meant = f"did you mean {' or '.join(seen.near)}?" if seen.near else "find out who sends it, or delete the rule"
        yield ABSENT_METRIC.found(
            path, line, f"no series of {selector.metric or selector.text} for {DAYS} days, {so}", meant,
            None if selector.needed else Severity.INFO,
        )  # fmt: skip
        return
    outcome = seen.blamed.outcome if seen.blamed else any(one.outcome for one in selector.matchers)
    blame = f": {seen.blamed.text} matches nothing" if seen.blamed else ""
    hint = f"the label has {', '.join(seen.near)}" if seen.near else "mend its labels"
    yield NO_SERIES.found(
        path, line, f"no series of {selector.text} for {DAYS} days{blame}, {so}",
        f"if it has just not happened yet, all is well; else {hint}" if outcome else hint,
        Severity.INFO if outcome or not selector.needed else None,
    )  # fmt: skip


def _stretch(path: str, rule: AlertRule, learned: Learned) -> Iterator[Finding]:
    stretch = learned.stretches.get(rule.expression)
    if stretch is None or stretch.longest >= rule.waits:
        return
    yield FOR_OUTLASTS_DATA.found(
        path, rule.at("for"),
        f"{rule.name} waits for {spoken(rule.waits)}, and in {spoken(stretch.looked)} its data never lasted longer "
        f"than {spoken(stretch.longest)} without a gap",
        "shorten `for:`, or look back over the gaps with max_over_time or last_over_time",
    )  # fmt: skip


def _past(path: str, rule: AlertRule, past: Past, leads: Match) -> Iterator[Finding]:
    over = f"in {past.days} days {rule.name} paged in {past.incidents} incidents"
    if past.idle >= MANY and past.idle * 2 >= past.incidents:
        every = "all of them" if past.idle == past.incidents else f"{past.idle} of them"
        yield NOTHING_DONE.found(
            path, rule.line, f"{over}, and in {every} nothing was done: no command, no step, no finding, no decision",
            "make it a ticket, raise its limit, or delete it",
        )  # fmt: skip
    if past.incidents and past.bare == past.incidents and leads.path is None:
        yield NEVER_A_RUNBOOK.found(
            path, rule.at("annotations"), f"{over}, and never was there a runbook",
            "write one: what was done in those incidents is on their timelines",
        )  # fmt: skip


def wanted(files: Sequence[RuleFile]) -> tuple[tuple[Selector, ...], tuple[AlertRule, ...]]:
    """What to ask a server about: every selector once, and the rules whose `for:` may outlast their data."""
    rules = [rule for file in files for rule in file.rules]
    found = {selector.text: selector for rule in rules for selector in selectors(rule.expression)}
    waiting = {rule.expression: rule for rule in rules if rule.waits >= 60 and selectors(rule.expression)}
    return tuple(found.values()), tuple(waiting.values())
