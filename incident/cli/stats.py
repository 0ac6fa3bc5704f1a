"""`incident stats`: what all incidents say together."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from incident.cli.actions import found_in
from incident.cli.verb import config_arguments, config_of, print_json, print_table, say
from incident.config import Config
from incident.core.check.health import Past
from incident.core.check.past import past_of
from incident.core.incident import Incident
from incident.core.stats import Shipped, Spread, Use, dots, shipped, spreads, uses
from incident.core.when import age
from incident.errors import IncidentError, UsageError

_NAME, _WIDTH = 24, 30  # characters of a duration's name, and of its row of dots


class Stats:
    """Durations, runbooks, pages for nothing, action items."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Since when, and how."""
        config_arguments(page)
        page.add_argument("--days", type=int, default=365, metavar="N", help="incidents of so many days; default: 365")
        page.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: argparse.Namespace) -> int:
        """Print them."""
        from incident import world

        if options.days < 1:
            raise UsageError(f"{options.days} days", at="--days", hint="give 1 or more")
        config = config_of(options)
        now = datetime.now(UTC)
        since = now - timedelta(days=min(options.days, 36_500))
        log = world.log(config, read_only=True)
        real = [one for one in log.incidents() if not one.drill and one.opened_at and one.opened_at >= since]
        told = spreads(real), uses(real, _reviewed(config)), _shipped(config, now.date())
        pages = past_of(((one, log.events(one.id)) for one in real), now)
        if options.json:
            print_json(_as_json(real, since, *told) | {"pages": _pages_json(pages)})
        else:
            _print(real, since, now, *told)
            _print_pages(pages)
        return 0


def _reviewed(config: Config) -> list[tuple[str, date | None]]:
    """Every runbook with the day of its last review."""
    from incident import world
    from incident.core.runbook.front import front_matter
    from incident.sources.runbooks import Folders

    shelf = Folders(world.roots(config))
    found = []
    for one in shelf.listing():
        with contextlib.suppress(IncidentError):  # it went away meanwhile
            lines = shelf.read(f"{one.root}/{one.path}").data.decode("utf-8-sig", "replace").splitlines()
            found.append((one.path, front_matter(lines).reviewed))
    return found


def _shipped(config: Config, today: date) -> Shipped:
    return shipped((one.page for one in found_in(config.postmortems)) if config.postmortems.is_dir() else (), today)


def _print(
    real: Sequence[Incident],
    since: datetime,
    now: datetime,
    told: Sequence[Spread],
    books: Sequence[Use],
    items: Shipped,
) -> None:
    count = f"{len(real)} incident{'' if len(real) == 1 else 's'}"
    print(f"{count} since {since:%Y-%m-%d}; drills are not counted\n")
    _print_spreads(told)
    if books:
        print()
        print_table(
            ("USED", "LAST", "REVIEWED", "SKIPPED", "BY HAND", "RUNBOOK"),
            [
                (
                    str(use.times),
                    f"{age(now - use.last)} ago" if use.last else "never",
                    use.reviewed.isoformat() if use.reviewed else "-",
                    str(use.skipped),
                    str(use.by_hand),
                    use.path,
                )
                for use in books
            ],
        )
    if items.written:
        late = f", {items.overdue} of them overdue" if items.overdue else ""
        print(
            f"\nAction items: {items.written} written, {items.shipped} shipped ({items.in_time} by their review),"
            f" {items.dropped} dropped, {items.open} open{late}"
        )
    else:
        say("No action item is written in any post-mortem.")


def _print_spreads(told: Sequence[Spread]) -> None:
    """One row of dots for each duration, all on one scale; beside it the same in words."""
    if not told:
        print("No duration is known: an incident needs two milestones.")
        return
    low = min(spread.values[0][0] for spread in told)
    high = max(spread.values[-1][0] for spread in told)
    scale = f"{age(low)} .. {age(high)}, each step doubles"
    print(f"{'DURATION':<{_NAME}}  {scale:<{_WIDTH}}  {'N':>4}  {'MEDIAN |':<8}  RANGE")
    for spread in told:
        name, row = spread.name.replace("_", " "), dots(spread, _WIDTH, low, high)
        ends = f"{age(spread.values[0][0])} .. {age(spread.values[-1][0])}"
        print(f"{name:<{_NAME}}  {row}  {len(spread.values):>4}  {age(spread.median):<8}  {ends}")


def _print_pages(pages: Mapping[str, Past]) -> None:
    """The alerts that paged without anything being done, the worst first."""
    idle = sorted((item for item in pages.items() if item[1].idle), key=lambda item: (-item[1].idle, item[0]))
    if idle:
        print()
        print_table(
            ("FOR NOTHING", "PAGED", "ALERT (a page that needs nobody is a bug in its rule)"),
            [(str(past.idle), str(past.incidents), name) for name, past in idle],
        )


def _pages_json(pages: Mapping[str, Past]) -> list[dict[str, Any]]:
    return [
        {
            "alert": name,
            "paged": past.incidents,
            "for_nothing": past.idle,
            "without_runbook": past.bare,
            "days": past.days,
        }
        for name, past in sorted(pages.items())
    ]


def _as_json(
    real: Sequence[Incident], since: datetime, told: Sequence[Spread], books: Sequence[Use], items: Shipped
) -> dict[str, Any]:
    return {
        "since": since.date().isoformat(),
        "incidents": len(real),
        "durations": [
            {
                "name": spread.name,
                "median_seconds": spread.median.total_seconds(),
                "values": [{"incident": name, "seconds": value.total_seconds()} for value, name in spread.values],
            }
            for spread in told
        ],
        "runbooks": [
            {
                "path": use.path,
                "used": use.times,
                "last": use.last.isoformat() if use.last else None,
                "reviewed": use.reviewed.isoformat() if use.reviewed else None,
                "steps_skipped": use.skipped,
                "commands_by_hand": use.by_hand,
            }
            for use in books
        ],
        "action_items": {name: getattr(items, name) for name in items.__slots__},
    }
