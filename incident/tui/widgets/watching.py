"""What is proposed and who is due, as a line each: beside the checklist, or in the strip where it is narrow."""

from __future__ import annotations

from datetime import datetime

from incident.core.escalation import SOON, Due, Stand
from incident.core.proposals import Proposal
from incident.core.when import age, minute
from incident.tui.paint import Line, Span
from incident.tui.theme import AMBER, DIM, GOOD, KEY, STRONG


def accepts(one: Proposal) -> list[Span]:
    """Which key makes it so."""
    if one.step is not None:
        place = f"step {one.step.number}" if one.step.number else "its step"
        return [("space", KEY), (f" on {place} ticks it", DIM)]
    return [("!", KEY), (f" {one.kind.value} since {minute(one.at)}?", DIM)]


def lines(proposal: Proposal | None, due: Due | None, now: datetime) -> list[Line]:
    """At most one due time and one proposal."""
    drawn = [Line(countdown(due, now))] if due is not None else []
    if proposal is not None:
        drawn += [Line([("? ", GOOD), (proposal.words, GOOD)]), Line([("  ", DIM), *accepts(proposal)])]
    return drawn


def countdown(due: Due, now: datetime) -> list[Span]:
    """`VP Eng due in 34m   E`, loud once it has passed."""
    if due.at is None:
        return []
    passed = due.stand is Stand.PASSED
    words = f"due {age(now - due.at)} ago" if passed else f"due in {age(due.at - now)}"
    style = AMBER if passed or due.at - now <= SOON else DIM
    return [(f"{due.rule.who} ", STRONG if passed else DIM), (words, style), ("   ", DIM), ("E", KEY)]


def note(due: Due) -> str:
    """`due 04:02`, `told 03:40`: for the line in the runbook's own list."""
    if due.told_at is not None:
        return f"told {minute(due.told_at)}"
    return f"due {minute(due.at)}" if due.at is not None and due.stand is not Stand.OVER else ""


def strip(proposal: Proposal | None, due: Due | None, now: datetime) -> tuple[list[Span], list[Span]]:
    """What stands in place of everything, and what stands behind the first signal; [] for neither of them."""
    if due is not None and due.at is not None and due.at - now <= SOON:
        return [], countdown(due, now)
    if proposal is None:
        return [], []
    return [("? ", GOOD), (proposal.words, GOOD), ("   ", DIM), *accepts(proposal)], []
