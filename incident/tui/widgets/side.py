"""What stands beside the checklist: signals, what changed before, and the newest rows of the timeline."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from incident.core.event import Event
from incident.core.incident import Incident
from incident.core.signals import Signal
from incident.core.when import minute
from incident.tui.paint import Line, Span
from incident.tui.theme import AMBER, DIM, STRONG
from incident.tui.widgets import signals as signal_lines
from incident.tui.widgets.lines import Fixed, Lines
from incident.tui.widgets.timeline_list import TimelineList

CHANGES = 2  # changes shown


class Side(Vertical):
    """The right half where there is room for one."""

    def compose(self) -> ComposeResult:
        """Facts above, the timeline below."""
        facts = Lines(id="facts", cursor=False)
        facts.can_focus = False
        yield facts
        yield TimelineList(id="recent", cursor=False)

    def draw(
        self,
        incident: Incident,
        events: Sequence[Event],
        unsaved: Collection[str],
        signals: Sequence[Signal],
        no_signals: str,
    ) -> None:
        """Paint everything; `no_signals` says why there are none."""
        self.query_one("#recent", TimelineList).draw(events, unsaved)
        lines = signal_lines.lines(signals)
        if no_signals:
            lines.append(Line([("signals    ", DIM), (no_signals, AMBER)]))
        changed = _changed(incident)
        lines += [*([Line()] if lines and changed else []), *changed]
        facts = self.query_one("#facts", Lines)
        facts.show([Fixed(*lines)] if lines else [])
        facts.styles.height = len(lines)


class Strip(Lines):
    """The same on one line, where there is no room for the side."""

    def __init__(self) -> None:
        super().__init__(cursor=False)
        self.can_focus = False

    def draw(self, incident: Incident, signals: Sequence[Signal], no_signals: str) -> None:
        """The first signal and the last change."""
        spans: list[Span] = signal_lines.strip(signals, 1) or [(no_signals, AMBER), ("   ", DIM)]
        if incident.changes:
            at, change = max(incident.changes, key=lambda entry: entry[0])
            was = f" was {change.previous}" if change.previous else ""
            spans += [(f"{minute(at)} ", DIM), (f"{change.change} {change.version}", STRONG), (was, DIM)]
        self.show([Fixed(Line(spans))])


def _changed(incident: Incident) -> list[Line]:
    changes = sorted(incident.changes, key=lambda entry: entry[0], reverse=True)
    lines = [Line([("What changed before", DIM)])] if changes else []
    for at, change in changes[:CHANGES]:
        was = f" was {change.previous}" if change.previous else ""
        lines.append(Line([(f"{minute(at)} ", DIM), (f"{change.change} {change.version}", STRONG), (was, DIM)]))
        if change.title:
            lines.append(Line([(f"      {change.title}", DIM)]))
    return lines
