"""How long the post-mortem of a very long incident takes, in every format."""

from __future__ import annotations

from time import process_time

from incident.core import facts
from incident.core.incident import fold
from incident.core.postmortem import Audience, Manner, write
from incident.core.postmortem.blocks import merge
from incident.core.when import Precision
from incident.exports import html, json, markdown
from tests.bench.figures import Figure, Section
from tests.golden.cases import NOW, Log, bad_deploy, command

EVENTS = 10_000
GOAL = 2.0  # seconds
_FORMATS = {
    "Markdown": (markdown.export, Manner()),
    "HTML": (html.export, Manner()),
    "JSON": (json.export, Manner()),
    "Markdown for everybody": (markdown.export, Manner(Audience.PUBLIC)),
}


def measure() -> Section:
    """The processor time of one export, the fold of its log not counted."""
    log = _long()
    events = log.events
    incident = fold(log.incident, events)
    figures = []
    for name, (exporter, manner) in _FORMATS.items():
        began = process_time()
        text = write(exporter, incident, events, NOW, manner)
        took = process_time() - began
        figures.append(Figure(f"{len(events):,} events as {name}", took * 1e3, "ms", goal="2 s", met=took <= GOAL))
        if name == "Markdown":
            began = process_time()
            merge(text.replace("- TODO", "- known"), text)
            figures.append(Figure("merged with an edited one", (process_time() - began) * 1e3, "ms"))
    return Section(f"export of {len(events):,} events", tuple(figures))


def _long() -> Log:
    """The incident that has everything, and thousands of signals, notes, steps and commands on top."""
    log = bad_deploy()
    for number in range(EVENTS * 5 // 6):
        clock = f"03:{8 + number % 10:02d}:{number % 60:02d}"
        match number % 5:
            case 0:
                log.add(clock, facts.SignalSeen("errors", 10 + number % 7, "%", "sum(rate(x))", 7.0))
            case 1:
                log.add(clock, facts.Remarked("note", f"Kim looked at graph {number}"), precision=Precision.ABOUT)
            case 2:
                log.add(clock, facts.StepTicked(f"s{number}", f"step {number}"))
            case 3:
                log.command(clock, clock, command(f"x{number}", f"kubectl get pods -n shop-{number}", effect="reads"))
            case _:
                log.add(clock, facts.Remarked("decision", f"go on with {number}"))
    return log
