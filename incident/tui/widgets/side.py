"""What stands beside the checklist: signals, what changed before, and the newest rows of the timeline."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from incident.core.event import Event
from incident.core.facts import Milestone
from incident.core.incident import Incident
from incident.core.signals import Signal
from incident.core.timeline import stamp
from incident.core.when import minute
from incident.tui.paint import Line, Span, column
from incident.tui.theme import AMBER, DIM, KEY, STRONG
from incident.tui.widgets import signals as signal_lines
from incident.tui.widgets.lines import Fixed, Lines
from incident.tui.widgets.timeline_list import TimelineList

CHANGES = 2  # changes shown
_TAKE: list[Span] = [("M", KEY), (" takes it   ", DIM), ("m", KEY), (" shows it", DIM)]


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
        events: tuple[Event, ...],
        unsaved: Collection[str],
        signals: Sequence[Signal],
        no_signals: str,
        watching: Sequence[Line] = (),
        budget: str = "",
    ) -> None:
        """Paint everything; `no_signals` says why there are none, `watching` is what is due and what is proposed.

        `budget` is how the error budget stands, "" while that is not known.
        """
        self.query_one("#recent", TimelineList).draw(events, unsaved)
        lines = signal_lines.lines(signals)
        if no_signals:
            lines.append(Line([("signals    ", DIM), (no_signals, AMBER)]))
        if budget:
            lines.append(Line([column("budget", signal_lines.NAME, DIM), (budget.removeprefix("budget "), STRONG)]))
        began = _began(incident, signals)
        changed = _changed(incident)
        lines += began
        for more in (list(watching), changed):
            lines += [*([Line()] if lines and more else []), *more]
        facts = self.query_one("#facts", Lines)
        facts.show([Fixed(*lines)] if lines else [])
        facts.styles.height = len(lines)


class Strip(Lines):
    """The same on one line, where there is no room for the side."""

    def __init__(self) -> None:
        super().__init__(cursor=False)
        self.can_focus = False

    def draw(
        self,
        incident: Incident,
        signals: Sequence[Signal],
        no_signals: str,
        watching: tuple[Sequence[Span], Sequence[Span]] = ((), ()),
    ) -> None:
        """What is proposed; else the first signal, and whoever is due or the last change."""
        spans: list[Span] = signal_lines.strip(signals, 1) or [(no_signals, AMBER), ("   ", DIM)]
        proposed, due = watching
        if proposed:
            spans = list(proposed)
        elif due:
            spans += due
        elif incident.changes:
            at, change = max(incident.changes, key=lambda entry: entry[0])
            was = f" was {change.previous}" if change.previous else ""
            spans += [(f"{minute(at)} ", DIM), (f"{change.change} {change.version}", STRONG), (was, DIM)]
        self.show([Fixed(Line(spans))])


def _began(incident: Incident, signals: Sequence[Signal]) -> list[Line]:
    """When it started, as the data say, while nobody has said it."""
    signal = next((signal for signal in signals if signal.since is not None), None)
    if signal is None or signal.since is None or Milestone.STARTED in incident.marks or not incident.is_open:
        return []
    name = column("since", signal_lines.NAME, DIM)
    moment = signal.since.moment
    when: Span = (stamp(moment.at, moment.precision, moment.until), STRONG)
    return [Line([name, when, (f" ({signal.name})", DIM)]), Line([column("", signal_lines.NAME, DIM), *_TAKE])]


def _changed(incident: Incident) -> list[Line]:
    changes = sorted(incident.changes, key=lambda entry: entry[0], reverse=True)
    lines = [Line([("What changed", DIM)])] if changes else []
    for at, change in changes[:CHANGES]:
        was = f" was {change.previous}" if change.previous else ""
        lines.append(Line([(f"{minute(at)} ", DIM), (f"{change.change} {change.version}", STRONG), (was, DIM)]))
        if change.title:
            lines.append(Line([(f"      {change.title}", DIM)]))
    return lines
