"""`incident budget`: how much failure is still allowed, how fast it goes, and whether a change may go out now."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from incident.cli.verb import config_arguments, config_of, print_json, say
from incident.errors import SourceError, UsageError

if TYPE_CHECKING:
    from incident.config import Config
    from incident.core.budget.slo import Slo
    from incident.core.budget.spending import Spending
    from incident.core.budget.standing import Standing
    from incident.core.budget.verdict import Risk, Verdict
    from incident.core.incident import Incident

RISKS = ("low", "normal", "risky")
NO_GO = 1  # exit code of a gate
_HINT = "`slos:` in the configuration says what is promised; `slo_files:` reads it from Sloth, Pyrra or OpenSLO"


class Budget:
    """The error budget, and go or no go."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which budget, for which change."""
        config_arguments(page)
        page.add_argument("slo", nargs="?", default="", metavar="SERVICE|SLO", help="default: every objective")
        page.add_argument("--risk", choices=RISKS, default="normal", help="what the change may do; default: normal")
        page.add_argument(
            "--gate", action="store_true", help="for a pipeline: 0 go, 1 no go, 2 usage, 3 nobody could say"
        )
        page.add_argument("--incident", metavar="ID", help="also what this incident has spent")
        page.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Ask, print, and for a gate say no."""
        import asyncio

        from incident import world
        from incident.core.budget.slo import chosen
        from incident.core.budget.verdict import Go, Risk, verdict_on

        config = config_of(options)
        promises = world.promises(config)
        if options.gate and promises.problems:
            raise promises.problems[0]
        for problem in promises.problems:
            say(f"incident: {problem}")
        slos = chosen(promises.slos, options.slo)
        if not slos:
            raise UsageError(_none(promises.slos, options.slo), hint=_HINT)
        if not config.prometheus:
            raise UsageError("no Prometheus is set up", hint="--prometheus URL, or `prometheus: URL`")
        incident = _incident(config, options.incident)
        risk = Risk(options.risk)
        found, spent, failed = asyncio.run(_ask(config, slos, incident))
        verdicts = [verdict_on(one, risk) for one in found]
        if options.json:
            print_json(_as_json(found, verdicts, spent, failed, risk))
        else:
            _print(found, verdicts, spent, risk)
        for error in failed:
            say(f"incident: {error}")
        said = {verdict.go for verdict in verdicts}
        if options.gate and Go.NO_GO in said:
            return NO_GO
        return SourceError.exit_code if failed or Go.UNKNOWN in said else 0


def _none(known: tuple[Slo, ...], named: str) -> str:
    if not known:
        return "no objective is set up"
    return f"there is no objective or service {named!r}; known: {', '.join(slo.title for slo in known)}"


def _incident(config: Config, named: str | None) -> Incident | None:
    from incident import world

    return world.log(config, read_only=True).incident(named) if named else None


async def _ask(
    config: Config, slos: tuple[Slo, ...], incident: Incident | None
) -> tuple[list[Standing], list[Spending], list[SourceError]]:
    """Everything afresh, one request after the other; a server that is gone is asked once."""
    from incident import world
    from incident.engine.budget import ask, ask_spent, span_of
    from incident.sources.failure import RefusedError

    clock = world.RealClock()
    source = world.signal_source(config, clock, world.access_of(config))
    found: list[Standing] = []
    spent: list[Spending] = []
    failed: list[SourceError] = []
    if source is None:
        return found, spent, failed
    start, end = span_of(incident, clock.now()) if incident else (None, clock.now())
    try:
        for slo in slos:
            try:
                found.append(await ask(source, slo, clock.now()))
                if start is not None:
                    spent.append(await ask_spent(source, slo, start, end))
            except RefusedError as refused:  # this query alone is off
                failed.append(SourceError(f"{slo.title}: {refused.what}", at=slo.origin, hint="mend its queries"))
    except SourceError as error:
        failed.append(error)
    finally:
        await source.aclose()
    return found, spent, failed


def _print(found: list[Standing], verdicts: list[Verdict], spent: list[Spending], risk: Risk) -> None:
    from incident.core.budget.words import rows

    for number, (one, verdict) in enumerate(zip(found, verdicts, strict=True)):
        if number:
            print()
        print(one.slo.title)
        mine = next((part for part in spent if part.slo is one.slo), None)
        for name, text in rows(one, mine, verdict, risk):
            print(f"  {name:<10} {text}")
        for what, query in [*one.queries, *(mine.queries if mine else ())]:
            print(f"  query      {what}\n             {_inert(query)}")


def _inert(query: str) -> str:
    from incident.core.text import visible

    return visible(" ".join(query.split()))


def _as_json(
    found: list[Standing], verdicts: list[Verdict], spent: list[Spending], failed: list[SourceError], risk: Risk
) -> dict[str, Any]:
    from incident.core.budget.verdict import worst
    from incident.core.budget.words import as_json

    verdict = worst(verdicts) if verdicts else None
    return {
        "risk": risk.value,
        "verdict": verdict.go.value if verdict and not failed else "unknown",
        "budgets": [
            as_json(one, next((part for part in spent if part.slo is one.slo), None), own)
            for one, own in zip(found, verdicts, strict=True)
        ],
        "failed": [{"error": error.what, "at": error.at, "hint": error.hint} for error in failed],
    }
