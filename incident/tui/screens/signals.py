"""Signals: every golden signal of an alert as a row, and the chosen one over time with what happened meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from incident.core import facts
from incident.core.alert import Alert
from incident.core.facts import Milestone
from incident.core.incident import Incident
from incident.core.signals import Point, Signal
from incident.core.signals.words import course_words, evidence, past_words, since_words, when_words
from incident.core.text import one_line, shorten
from incident.core.when import clock
from incident.engine.news import AlertsSeen, IncidentChanged, News
from incident.errors import IncidentError
from incident.tui import actions
from incident.tui.paint import Line, RuleLine, Span, column, rule, wrap
from incident.tui.screens.place import Place
from incident.tui.theme import AMBER, DIM, FAINT, JUDGED, KEY, LINK, PAGE, STRONG, TEXT
from incident.tui.widgets import signals as signal_lines
from incident.tui.widgets.bands import Band, Foot
from incident.tui.widgets.lines import Fixed, Lines
from incident.tui.widgets.plot import Mark, Plot, drawn, legend

ROWS = 12  # of signals at most; more scroll
TALL = 30  # lines from which on there is room for an empty one
WORDS = 32  # characters of a mark's words
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Range:
    """How much time is shown."""

    name: str
    span: timedelta
    step: float  # seconds between two points


RANGES = (
    Range("30m", timedelta(minutes=30), 10.0),
    Range("3h", timedelta(hours=3), 60.0),
    Range("24h", timedelta(hours=24), 180.0),
    Range("7d", timedelta(days=7), 600.0),
)
BEFORE = timedelta(minutes=10)  # that are shown at least before an alert, for what led to it
PAST: tuple[tuple[str, timedelta | None], ...] = (("", None), ("yesterday", DAY), ("last week", WEEK))
Key = tuple[str, str, str]  # signal, range, past


class SignalsScreen(Place):
    """The signals of one alert, in an incident or before there is one."""

    BINDINGS: ClassVar[list[BindingType]] = list(actions.bindings(actions.SIGNALS))
    where = actions.SIGNALS

    def __init__(self, identity: str | None, alert: Alert | None) -> None:
        super().__init__()
        self._identity = identity
        self._alert = alert
        self._signals: tuple[Signal, ...] = ()
        self._trouble = "" if alert is not None else "there is no alert whose signals could be shown"
        self._range = 0
        self._past = 0
        self._courses: dict[Key, tuple[datetime, tuple[Point, ...]]] = {}  # with the end of the time that was asked for
        self._no_course: dict[Key, str] = {}
        self._picture: tuple[tuple[Plot, int, int] | None, list[Line]] = (None, [])

    def compose(self) -> ComposeResult:
        """The band, the signals, the course of one, the keys."""
        yield Band()
        yield Lines(id="signals")
        course = Lines(id="course", cursor=False)
        course.can_focus = False
        yield course
        yield Foot()

    def on_mount(self) -> None:
        """Show what is known, and ask."""
        self._range = _range_for(self.engine.now() - self._alert.starts_at) if self._alert else 0
        self.draw_bands()
        self.draw_rows()
        self.read()

    def on_resize(self) -> None:
        """Another size is another drawing."""
        self.draw_rows()

    def heard(self, news: News) -> None:
        """A change or a command of the incident is a mark; a look at the sources may have news."""
        if isinstance(news, IncidentChanged | AlertsSeen):
            self.draw_course()
        self.draw_bands()

    def beat(self) -> None:
        """Values get old."""
        self.draw_bands()
        self.read()

    def concerned(self) -> tuple[str | None, Alert | None]:
        """The same incident and alert."""
        return self._identity, self._alert

    # -- asking -------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask for values, then for the course of the chosen signal; what is young enough is not asked for again."""
        if self._alert is None:
            return
        if self.engine.parts.signals is None:
            self._trouble = "no Prometheus is set up: `prometheus: URL` in the configuration, or --prometheus URL"
            self.draw_rows()
            return
        if not any(worker.group == "signals" and not worker.is_finished for worker in self.workers):
            self._read(self._alert)

    @work(group="signals", exit_on_error=False)
    async def _read(self, alert: Alert) -> None:
        known, trouble = self._signals, self._trouble
        try:
            self._signals, self._trouble = await self.engine.signals(alert), ""
        except IncidentError as failed:
            self._trouble = f"{failed.what}{f' - {failed.hint}' if failed.hint else ''}"
        if (known, trouble) != (self._signals, self._trouble):
            self.draw_rows()
        await self._read_course()

    async def _read_course(self) -> None:
        """The chosen signal over the chosen time, and over the past one that it is compared with."""
        signal, shown, now = self.chosen, RANGES[self._range], self.engine.now()
        if signal is None or not signal.query:
            return
        for name, back in (PAST[0], PAST[self._past]) if self._past else (PAST[0],):
            key, end = (signal.name, shown.name, name), now - (back or timedelta(0))
            asked, _ = self._courses.get(key, (None, ()))
            if asked is not None and (end - asked).total_seconds() < shown.step:
                continue
            try:
                points = await self.engine.golden.course(signal, end - shown.span, end, shown.step)
            except IncidentError as failed:
                self._no_course[key] = failed.what
                continue
            self._no_course.pop(key, None)
            self._courses[key] = (end, points)
            self.draw_course()

    # -- painting -----------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> Signal | None:
        """The signal under the cursor."""
        selected = self.query_one("#signals", Lines).selected
        return next((signal for signal in self._signals if signal.name == selected), None)

    def draw_bands(self) -> None:
        """What it is about."""
        super().draw_bands()
        about = self._alert.title if self._alert is not None else "no alert"
        service = self._alert.service if self._alert is not None else ""
        self.band([
            (0, [("signals  ", DIM), (service or about, STRONG)]),
            (2, [(self._identity or "", DIM)]),
            (3, [(about, DIM)] if service else []),
        ])  # fmt: skip

    def draw_rows(self) -> None:
        """Every signal; then the course of the chosen one, for which the rest of the screen is left."""
        rows = self.query_one("#signals", Lines)
        width = self.size.width
        blocks = [Fixed(self._row(signal, width), key=signal.name, selectable=True) for signal in self._signals]
        words = self._trouble or ("" if self._signals else "Asking for the signals…")
        told = (
            [Line([(text, AMBER if self._trouble else DIM)]) for text in wrap(words, max(20, width - 4))]
            if words
            else []
        )
        rows.show([*blocks, *([Fixed(*told)] if told else [])])
        rows.styles.height = min(ROWS, max(1, self.size.height // 3), len(blocks) + len(told))
        self.call_after_refresh(self.draw_course)  # it takes the room that is left

    def _row(self, signal: Signal, width: int) -> Line:
        """Name, value, trend, limit; what it was; symptom or cause."""
        spans = signal_lines.spans(signal, columns=True)
        if signal.value is None:
            return Line(spans)
        spans[-1] = column(spans[-1][0], 19, spans[-1][1])
        if width >= 100:
            spans.append((past_words(signal), DIM))
        return Line(spans, [(signal.stale, AMBER), ("  " if signal.stale else "", DIM), (signal.nature.value, DIM)])

    def draw_course(self) -> None:
        """The drawing, and the same in words."""
        course = self.query_one("#course", Lines)
        signal, width = self.chosen, max(30, self.size.width - 4)  # the margins, and the place of the scroll bar
        if signal is None:
            course.show([])
            return
        told = self._told(signal, width)
        room = course.size.height - len(told) - 1  # the title
        title = rule(f"{signal.name}, last {RANGES[self._range].name}", self._title_note(signal))
        picture: list[Line | RuleLine] = []
        plot = self._plot(signal)
        if plot is not None and room >= 6:
            picture = [*self._drawn(plot, width, min(room, 24))]
        course.show([Fixed(title, *picture, *told)])

    def _drawn(self, plot: Plot, width: int, height: int) -> list[Line]:
        """The drawing; the same one is not made twice."""
        known, lines = self._picture
        if known != (plot, width, height):
            lines = drawn(plot, width, height)
            self._picture = ((plot, width, height), lines)
        return lines

    def _title_note(self, signal: Signal | None) -> str:
        past = PAST[self._past][0]
        if not past or signal is None:
            return "[ ] other times   w compares"
        known = self._courses.get((signal.name, RANGES[self._range].name, past))
        return f"· {past}" if known is None or known[1] else f"no values {past}"

    def _plot(self, signal: Signal) -> Plot | None:
        shown = RANGES[self._range]
        end, points = self._courses.get((signal.name, shown.name, ""), (None, ()))
        if end is None:
            return None
        past, back = PAST[self._past]
        _, usual = self._courses.get((signal.name, shown.name, past), (None, ())) if past else (None, ())
        moved = tuple((at + back, value) for at, value in usual) if back else ()
        return Plot(
            points, signal.unit, signal.limit, signal.floor, end - shown.span, end, shown.step * 3, moved, self._marks()
        )

    def _told(self, signal: Signal, width: int) -> list[Line]:
        """What the drawing shows, in words; since when; and where the numbers come from."""
        plot = self._plot(signal)
        lines: list[Line] = []
        if plot is not None:
            lines += legend(plot, width)
            lines += [Line([(text, TEXT)]) for text in wrap(course_words(signal, plot.points), width)]
        else:
            key = (signal.name, RANGES[self._range].name, "")
            words = self._no_course.get(key) or signal.missing or "Asking for its course…"
            lines.append(Line([(words, AMBER if key in self._no_course else DIM)]))
        if width < 96 and (past := past_words(signal)):
            lines.append(Line([(past, DIM)]))
        lines.append(Line(self._since(signal)))
        return [*([Line()] if self.size.height >= TALL else []), *lines]

    def _since(self, signal: Signal) -> list[Span]:
        """When it started, as the data say; or why they do not say it."""
        if self._identity is None or self._alert is None:
            return [(f"{signal.origin}   ", FAINT), ("v", KEY), (" shows the PromQL", DIM)]
        found, why = self.engine.golden.start_of(self._alert)
        if found is None:
            return [(f"no start in the data: {why}", DIM)]
        name = "" if found.name == signal.name else f"{found.name} "
        spans: list[Span] = [(f"since: {name}{since_words(found)} UTC", STRONG)]
        mark = self.engine.incident(self._identity).marks.get(Milestone.STARTED)
        if mark is None:
            return [*spans, ("   ", DIM), ("M", KEY), (" takes it", DIM)]
        return [*spans, (f"   started stands at {understood_as_mark(mark.at)}", DIM)]

    def _marks(self) -> list[Mark]:
        """What happened: changes, alerts, commands, milestones."""
        marks = [
            Mark(c.at, "◆", shorten(c.name, WORDS), AMBER) for c in self.engine.changes.known if self._ours(c.service)
        ]
        if self._alert is not None:
            marks.append(Mark(self._alert.starts_at, "▲", "this alert", PAGE))
        return [*marks, *(_marks_of(self.engine.incident(self._identity), self._alert) if self._identity else [])]

    def _ours(self, service: str) -> bool:
        """Whether a change may be about the alert's service."""
        return not service or self._alert is None or not self._alert.service or service == self._alert.service

    # -- keys ---------------------------------------------------------------------------------------------------

    @on(Lines.Moved, "#signals")
    def _moved(self) -> None:
        self.draw_course()
        self.read()

    def action_longer(self) -> None:
        """More time."""
        self._show_range(1)

    def action_shorter(self) -> None:
        """Less time."""
        self._show_range(-1)

    def _show_range(self, by: int) -> None:
        if not 0 <= self._range + by < len(RANGES):
            self.say(f"{RANGES[self._range].name} is the {'longest' if by > 0 else 'shortest'} time shown here.")
            return
        self._range += by
        self.draw_course()
        self.read()

    def action_compare(self) -> None:
        """Beside it the same time yesterday, last week, or nothing."""
        self._past = (self._past + 1) % len(PAST)
        self.draw_course()
        self.read()

    def action_promql(self) -> None:
        """Every query that was sent, word for word."""
        from incident.tui.screens.sheets import TextSheet

        if self._alert is None:
            self.say("There is no alert here.")
            return
        self.app.push_screen(TextSheet("PromQL, as it was sent", promql(self.engine.golden.queries(self._alert))))

    def action_copy(self) -> None:
        """Copy the query of the chosen signal."""
        signal = self.chosen
        if signal is None or not signal.query:
            self.say("There is no query to copy here.")
            return
        self.app.copy_to_clipboard(signal.query)
        self.say(f"Copied: {one_line(signal.query)}")

    def action_refresh(self) -> None:
        """Ask again now."""
        self._courses.clear()
        if self._alert is not None:
            self.engine.golden.again(self._alert)
        self.read()


def promql(queries: tuple[tuple[str, str], ...]) -> str:
    """Each query below what it is for."""
    return "\n\n".join(f"{purpose}\n{query}" for purpose, query in queries) or "Nothing was sent yet."


def understood_as_mark(at: datetime) -> str:
    """A milestone's time."""
    return f"{clock(at)} UTC"


def _marks_of(incident: Incident, alert: Alert | None) -> list[Mark]:
    """An incident's own alerts, changes, commands and milestones."""
    own = alert.occurrence if alert is not None else ""
    marks = [
        Mark(record.start.at, "▲", shorten(record.name, WORDS), PAGE)
        for occurrence, record in incident.alerts.items()
        if occurrence != own
    ]
    marks += [
        Mark(record.at, "$", shorten(one_line(record.started.text), WORDS), LINK)
        for record in incident.commands.values()
    ]
    marks += [Mark(mark.at, "●", milestone.value, JUDGED) for milestone, mark in incident.marks.items()]
    return marks


def take_start(place: Place, identity: str | None, alert: Alert | None) -> None:
    """Put the start that the data show onto the timeline, or say why not."""
    if identity is None or alert is None:
        place.say("Nobody responds to this alert yet; enter on it opens its incident.")
        return
    found, why = place.engine.golden.start_of(alert)
    mark = place.engine.incident(identity).marks.get(Milestone.STARTED)
    if found is None or found.since is None:
        place.say(f"No start is known from the data: {why}.")
    elif mark is not None:
        place.say(f"started stands at {understood_as_mark(mark.at)} already; ! sets another time.")
    else:
        place.run_worker(_take(place, identity, found), group="start", exclusive=True, exit_on_error=False)


async def _take(place: Place, identity: str, signal: Signal) -> None:
    found = signal.since
    if found is None:
        return
    why = f"{signal.name} {since_words(signal)} UTC"
    fact = facts.MilestoneSet(Milestone.STARTED.value, why, (evidence(signal),))
    moment = found.moment
    try:
        await place.engine.record(
            identity, fact, at=moment.at, precision=moment.precision, source="person", until=moment.until
        )
    except IncidentError as error:
        place.say_error(error)
    else:
        place.say(f"started is {when_words(found, signal.at.date())} UTC; ! sets another time.")


def _range_for(age: timedelta) -> int:
    """The shortest time in which an alert stands in the middle or right of it, with what led to it."""
    return next((at for at, one in enumerate(RANGES) if one.span >= 2 * age + BEFORE), len(RANGES) - 1)
