"""`incident signals`: the golden signals of what fires, or of a service."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from incident.cli.firing import firing
from incident.cli.verb import config_arguments, config_of, print_json, print_table, say
from incident.config import Config
from incident.core.alert import Alert, Severity
from incident.core.matcher import parse
from incident.core.onset import Onset
from incident.core.signals import Signal, amount, sparkline
from incident.core.signals.words import beside, past_words, since_words
from incident.core.text import one_line
from incident.core.when import iso
from incident.errors import SourceError, UsageError

if TYPE_CHECKING:
    from incident.engine.signals import GoldenSignals

MOST = 20  # alerts whose signals are asked for: a Prometheus in an outage has other work
_BARS = 12


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found beside one alert, or why nothing was."""

    alert: Alert
    signals: tuple[Signal, ...] = ()
    since: str = ""
    onset: Onset | None = None
    queries: tuple[tuple[str, str], ...] = ()
    failed: SourceError | None = None


class Signals:
    """`incident signals`: values, trends and limits, now."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Whose, and how."""
        config_arguments(page)
        page.add_argument("matcher", nargs="*", metavar="MATCHER", help='alerts such as severity=page or name=~"api.*"')
        page.add_argument("--service", metavar="NAME", help="of a service or job, whether or not something fires")
        page.add_argument("--since", action="store_true", help="also look for when it started")
        page.add_argument("--promql", action="store_true", help="print every query that was sent")
        page.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Ask once; 3 when a source failed."""
        import asyncio  # takes longer to load than the other verbs take to run

        config = config_of(options)
        if options.service and options.matcher:
            raise UsageError("--service asks for a service, matchers for alerts", hint="take one of them")
        answers, failures, now = asyncio.run(_ask(config, options))
        failures += [answer.failed for answer in answers if answer.failed is not None]
        if options.json:
            print_json({
                "at": iso(now),
                "signals": [_as_json(answer, options.promql) for answer in answers],
                "failed": [{"error": e.what, "at": e.at, "hint": e.hint} for e in failures],
            })  # fmt: skip
        else:
            _print(answers, options.promql)
            if not answers and not failures:
                say("Nothing fires." if not options.matcher else "Nothing that fires matches.")
        for failure in failures:
            say(f"incident: {failure}")
        return SourceError.exit_code if failures else 0


async def _ask(config: Config, options: argparse.Namespace) -> tuple[list[_Answer], list[SourceError], datetime]:
    """The answers, what failed, and when it was. Raises UsageError."""
    from incident import world

    clock = world.RealClock()
    golden, source = world.golden_signals(config, clock, world.access_of(config), since=options.since)
    alerts = [_service(options.service, clock.now())]
    failures: list[SourceError] = []
    if not options.service:
        if not config.alertmanager:
            raise UsageError("no Alertmanager says what fires", hint="--service NAME asks for a service's signals")
        alerts, failures = await firing(config, [parse(text) for text in options.matcher])
    if len(alerts) > MOST:
        say(f"{len(alerts)} alerts fire; these are the first {MOST}. MATCHER narrows them.")
    try:
        answers = [await _read(golden, alert, since=options.since) for alert in alerts[:MOST]]
    finally:
        await golden.close()
        await source.aclose()
    return answers, failures, clock.now()


async def _read(golden: GoldenSignals, alert: Alert, *, since: bool) -> _Answer:
    try:
        signals = await golden.settled(alert)
    except SourceError as failed:
        return _Answer(alert, failed=failed)
    found, why = golden.start_of(alert) if since else (None, "")
    words = f"{found.name} {since_words(found)} UTC" if found else why
    return _Answer(alert, signals, words, found.since if found else None, golden.queries(alert))


def _service(name: str | None, now: datetime) -> Alert:
    """A service as an alert that nothing fired."""
    return Alert("", "", Severity.INFO, now, "", labels={"service": one_line(name or "")})


def _print(answers: list[_Answer], promql: bool) -> None:
    """A table, then since when, then the queries."""
    rows = []
    for answer in answers:
        for signal in answer.signals:
            about = answer.alert.name or answer.alert.service
            shown = amount(signal.value, signal.unit) if signal.value is not None else "-"
            beside_it = beside(signal) or signal.missing
            bars = sparkline(signal.trend, _BARS)
            rows.append((about, signal.name, shown, bars, beside_it, past_words(signal), signal.nature.value))
    if rows:
        print_table(("ALERT", "SIGNAL", "VALUE", "LAST 30 MIN", "BESIDE", "BEFORE", "IS A"), rows)
    for answer in answers:
        about = answer.alert.name or answer.alert.service
        if answer.since:
            print(f"\n{about} since: {one_line(answer.since)}")
        if promql:
            for purpose, query in answer.queries:
                print(f"\n# {one_line(about)}, {one_line(purpose)}\n{query}")


def _as_json(answer: _Answer, promql: bool) -> dict[str, Any]:
    alert, onset = answer.alert, answer.onset
    data: dict[str, Any] = {
        "alert": alert.name,
        "fingerprint": alert.fingerprint,
        "service": alert.service,
        "labels": dict(alert.labels),
        "signals": [_signal_as_json(signal) for signal in answer.signals],
        "error": answer.failed.what if answer.failed else None,
    }
    if answer.since:
        found = _onset_as_json(onset) if onset else None
        data["since"] = {"words": answer.since, "found": found}
    if promql:
        data["queries"] = [{"for": purpose, "query": query} for purpose, query in answer.queries]
    return data


def _onset_as_json(onset: Onset) -> dict[str, Any]:
    times = {"from": iso(onset.after), "to": iso(onset.by), "precision": onset.precision.value}
    return {**times, "before": onset.before, "since": onset.level, "query": onset.query}


def _signal_as_json(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "value": signal.value,
        "unit": signal.unit,
        "limit": signal.limit,
        "floor": signal.floor,
        "beyond": signal.beyond,
        "yesterday": signal.yesterday,
        "last_week": signal.last_week,
        "nature": signal.nature.value,
        "trend": list(signal.trend),
        "at": iso(signal.at),
        "missing": signal.missing,
        "origin": signal.origin,
        "query": signal.query,
        "scale": signal.scale,
    }
