"""How often the ranking of changes names the right one, and how often its "no likely change" was right."""

from __future__ import annotations

import sys

from tests.bench.figures import Figure, Section
from tests.core.ranking_cases import NONE, cases

GOAL = 0.9


def measure() -> Section:
    """The labelled cases; what was judged otherwise goes to standard error."""
    known = cases()
    for case in known:
        if case.found != case.likely:
            sys.stderr.write(f"{case.name}: it was {case.likely}, the ranking says {case.found}\n")
    named = [case.found == case.likely for case in known if case.likely != NONE]
    none = [case.found == NONE for case in known if case.likely == NONE]
    said = [case.likely == NONE for case in known if case.found == NONE]
    first = sum(named) / len(named)
    return Section(
        f"ranking of changes: {len(known)} labelled cases",
        (
            Figure(f"the right change first, of {len(named)}", 100 * first, "%", goal=f"{100 * GOAL:.0f} %",
                   met=first >= GOAL),
            Figure(f"none named where there was none, of {len(none)}", 100 * sum(none) / len(none), "%"),
            Figure(f"`no likely change` was right, of {len(said)}", 100 * sum(said) / len(said), "%"),
        ),
    )  # fmt: skip
