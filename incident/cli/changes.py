"""`incident changes`: what changed, and how near it was to an alert in time, place and kind."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from incident.cli.firing import firing
from incident.cli.verb import config_arguments, config_of, print_json, print_table, say
from incident.config import Config
from incident.core.alert import Alert
from incident.core.change import Change, newest_first
from incident.core.change_rank import CAVEAT, Ranked, Trouble, number, ranked, trouble_of, verdict
from incident.core.matcher import parse as matcher_of
from incident.core.when import iso
from incident.core.when import parse as time_of
from incident.errors import IncidentError, SourceError, UsageError

_STAMP = "%m-%d %H:%M:%S"


class Changes:
    """The recent changes, and their ranks against one alert or one time."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Against what they are measured, and how far back."""
        config_arguments(page)
        page.add_argument(
            "matcher", nargs="*", metavar="MATCHER", help='the alert, such as name=~"api.*" or service=shop'
        )
        page.add_argument("--alert", metavar="NAME", help="the alert of this name")
        page.add_argument("--at", metavar="TIME", help="instead of an alert a time: -20m, 03:07 (UTC)")
        page.add_argument("--service", metavar="NAME", action="append", help="whose trouble it is; with --at")
        page.add_argument("--since", metavar="SPAN", default="24h", help="how far back: 90m, 24h, 7d; default 24h")
        page.add_argument("--drift", action="store_true", help="ask for drift, too; a plan takes a while")
        page.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Ask every feed once, and rank what they tell."""
        import asyncio  # takes longer to load than the other verbs take to run

        from incident import world

        config, now = config_of(options), world.RealClock().now()
        if not config.changes:
            raise UsageError("no change feed is set up", hint="`incident help feeds` shows how")
        alert = asyncio.run(_alert(config, options)) if options.matcher or options.alert else None
        trouble = _trouble(options, alert, now)
        back = (trouble.start if trouble else now) - _span(options.since, now)
        changes, failures, notes = asyncio.run(_told(config, drift=options.drift))
        kept = [change for change in changes if change.at >= back or not change.dated]
        ranks = ranked(kept, trouble) if trouble else ()
        if options.json:
            print_json(_as_json(kept, trouble, ranks, alert, now, failures))
        else:
            _print(kept, trouble, ranks)
        for line in [*notes, *(f"incident: {failure}" for failure in failures)]:
            say(line)
        return SourceError.exit_code if failures else 0


async def _told(config: Config, *, drift: bool) -> tuple[tuple[Change, ...], list[IncidentError], list[str]]:
    """The changes of every feed, the newest first; why some are missing; what there is to know of the others."""
    import asyncio

    from incident import world
    from incident.core.ports import PacedSource
    from incident.engine.changes import told_by

    sources = world.change_sources(config, world.RealClock(), os.environ)
    asked = [one for one in sources if drift or not (isinstance(one, PacedSource) and one.pause == math.inf)]
    answers = await asyncio.gather(*(told_by(source) for source in asked), return_exceptions=True)
    failures = [answer for answer in answers if isinstance(answer, IncidentError)]
    told = [change for answer in answers if not isinstance(answer, BaseException) for change in answer]
    notes = [f"{one.name}: {one.note}" for one in asked if isinstance(one, PacedSource) and one.note]
    return newest_first(dict.fromkeys(told)), failures, notes


async def _alert(config: Config, options: argparse.Namespace) -> Alert:
    """The alert that is meant, the loudest where several are. Raises UsageError, SourceError."""
    if not config.alertmanager:
        raise UsageError("no Alertmanager is set up", hint="--at TIME measures against a time instead")
    alerts, failures = await firing(config, [matcher_of(text) for text in options.matcher])
    kept = [alert for alert in alerts if options.alert in (None, alert.name)]
    if failures and not kept:
        raise failures[0]
    for failure in failures:
        say(f"incident: {failure}")
    if not kept:
        raise UsageError("no alert that fires is meant by this", hint="`incident alerts` shows what fires; --at TIME")
    if len(kept) > 1:
        say(f"{len(kept)} alerts match; measured against {kept[0].title}, the loudest and newest")
    return kept[0]


def _trouble(options: argparse.Namespace, alert: Alert | None, now: datetime) -> Trouble | None:
    if options.at and alert is not None:
        raise UsageError("an alert and a time are given", at="--at", hint="keep one of them")
    if options.service and not options.at:
        raise UsageError("whose trouble it is belongs to a time", at="--service", hint="give --at, too")
    if alert is not None:
        return trouble_of([alert], now)
    if options.at:
        return Trouble(time_of(options.at, now).at, tuple(options.service or ()), "that time")
    return None


def _span(text: str, now: datetime) -> timedelta:
    try:
        return now - time_of(f"-{text.strip().removeprefix('-')}", now).at
    except UsageError:
        raise UsageError(f"{text!r} is no length of time", at="--since", hint="90m, 24h or 7d") from None


def _print(changes: Sequence[Change], trouble: Trouble | None, ranks: Sequence[Ranked]) -> None:
    if not changes:
        say("Nothing changed in that time, as far as the feeds know.")
    else:
        of = {one.change: one for one in ranks}
        heads = ("AT (UTC)", *(("DISTANCE", "RANK") if trouble else ()), "CHANGE", "WAS", "SERVICE", "BY", "TITLE")
        print_table(heads, [_row(change, trouble, of.get(change)) for change in changes])
    if trouble is None:
        return
    likely = [one for one in ranks if one.likely]
    for one in likely:
        say(f"{one.change.name}: {one.arithmetic}")
    say(f"{verdict(ranks, trouble)}{f' {CAVEAT}' if likely else ''}")


def _row(change: Change, trouble: Trouble | None, rank: Ranked | None) -> tuple[str, ...]:
    at = f"{change.at:{_STAMP}}" if change.dated else "not known"
    near = (trouble.gap(change), number(rank.score) if rank else "-") if trouble else ()
    outcome = "" if change.outcome == "done" else f"[{change.outcome}] "
    return (at, *near, change.name, change.previous, change.service, change.by, f"{outcome}{change.title}")


def _as_json(
    changes: Sequence[Change],
    trouble: Trouble | None,
    ranks: Sequence[Ranked],
    alert: Alert | None,
    now: datetime,
    failures: Sequence[IncidentError],
) -> dict[str, Any]:
    of = {one.change: one for one in ranks}
    against = None
    if trouble is not None:
        against = {
            "alert": alert.name if alert else None,
            "start": iso(trouble.start),
            "services": list(trouble.services),
            "verdict": verdict(ranks, trouble),
        }
    return {
        "at": iso(now),
        "against": against,
        "changes": [_change_as_json(change, trouble, of.get(change)) for change in changes],
        "failed": [{"error": failed.what, "at": failed.at, "hint": failed.hint} for failed in failures],
    }


def _change_as_json(change: Change, trouble: Trouble | None, rank: Ranked | None) -> dict[str, Any]:
    told = {
        "at": iso(change.at) if change.dated else None,
        "seen": None if change.dated else iso(change.at),
        "began": iso(change.began) if change.began else None,
        "kind": change.kind.value,
        "version": change.version or None,
        "previous": change.previous or None,
        "service": change.service or None,
        "by": change.by or None,
        "title": change.title or None,
        "link": change.link or None,
        "source": change.source,
        "outcome": change.outcome.value,
    }
    if trouble is None:
        return told
    score = None
    if rank is not None:
        factors = {"time": rank.time, "service": rank.service, "kind": rank.kind}
        score = {"score": rank.score, "likely": rank.likely, **factors, "arithmetic": rank.arithmetic}
    return {**told, "distance": trouble.gap(change), "rank": score}
