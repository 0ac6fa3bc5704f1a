"""Scenarios: the YAML files beside this one, read and checked, so that a drill never stumbles over a typing error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from incident.core import strict_yaml
from incident.drills.clock import WEEKDAYS
from incident.drills.fields import Fields, nearest, seconds_of
from incident.drills.model import (
    AlertPlan,
    Ask,
    CommandPlan,
    Condition,
    Deed,
    Deploy,
    Effects,
    Inject,
    MeasurePlan,
    Ramp,
    Rule,
    Scenario,
    SignalPlan,
    Threshold,
)
from incident.errors import DrillError

FOLDER = Path(__file__).parent
FORMAT = 1
HAPPENINGS = ("ack", "runbook.open", "branch", "step", "note", "update", "command")  # what a player can do
_VERBS = ("ack", "run", "ask", "wait", "choose", "tick")
_ALONE = ("ack",)  # verbs that need nothing behind them
_KEYS = (
    "drill", "id", "title", "objectives", "players", "length", "seed", "start", "slo", "state", "deploys", "signals",
    "alerts", "injects", "commands", "asks", "rules", "measures", "hints", "truth", "solution", "hotwash",
)  # fmt: skip
_EFFECTS = ("set", "emits", "deploys")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
HOLE = re.compile(r"\{([a-z_][a-z0-9_]*)(?::([a-z0-9_.]+))?\}")  # in a command's output: {version}, {since:EVENT}


def names() -> tuple[str, ...]:
    """The scenarios that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def find(name: str) -> Scenario:
    """A scenario by its name. Raises DrillError with the nearest name when there is none."""
    if name not in names():
        raise DrillError(f"there is no drill `{name}`", hint=nearest(name, names()))
    path = FOLDER / f"{name}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as broken:
        raise DrillError(f"the scenario cannot be read: {broken}", at=str(path)) from None
    return load(text, path.name)


def load(text: str, name: str) -> Scenario:
    """A scenario from its YAML. Raises DrillError with `name:line`, and the nearest key for an unknown one."""
    document = strict_yaml.load(text, name, DrillError)
    top = Fields(document).only(*_KEYS)
    if top.whole("drill") != FORMAT:
        raise top.wrong(f"this is drill format {top.whole('drill')}", "drill", hint=f"this program reads {FORMAT}")
    return _Reader(top, name).scenario()


class _Reader:
    """Reads one scenario; knows its state variables, signals and events, so that every mention is checked."""

    def __init__(self, top: Fields, name: str) -> None:
        self._top = top
        self._name = name
        self._state = top.scalars("state")
        self._signals = top.within("signals").keys
        emitting = [*top.each("commands"), *top.each("asks"), *top.each("rules")]
        self._emitted = {entry.text("emits") for entry in emitting if entry.has("emits")}

    def scenario(self) -> Scenario:
        top = self._top
        players = top.within("players").only("min", "max") if top.has("players") else None
        measures = tuple(self._measure(key) for key in top.within("measures").keys)
        if not any(measure.name == "recovered" and measure.threshold for measure in measures):
            raise top.within("measures").wrong("a measure `recovered` with a signal is missing")
        weekday, clock = self._start()
        asks = tuple(self._ask(entry) for entry in top.each("asks"))
        return Scenario(
            name=self._name.removesuffix(".yaml"),
            id=top.text("id"),
            title=top.text("title"),
            objectives=top.lines("objectives"),
            players=(players.whole("min", 1), players.whole("max", 1)) if players else (1, 1),
            length=top.seconds("length"),
            seed=top.whole("seed", 0),
            weekday=weekday,
            clock=clock,
            objective=self._objective(),
            state=self._state,
            deploys=tuple(self._deploy(entry) for entry in top.each("deploys")),
            signals=tuple(self._signal(key) for key in self._signals),
            alerts=tuple(self._alert(entry) for entry in top.each("alerts")),
            injects=tuple(self._inject(entry) for entry in top.each("injects")),
            commands=tuple(self._command(entry) for entry in top.each("commands")),
            asks=asks,
            rules=tuple(self._rule(entry) for entry in top.each("rules")),
            measures=measures,
            hints=top.lines("hints"),
            truth=top.text("truth", ""),
            solution=self._solution([ask.id for ask in asks]),
            hotwash=top.lines("hotwash"),
        )

    def _start(self) -> tuple[str, tuple[int, int]]:
        start = self._top.within("start").only("weekday", "utc")
        weekday = start.text("weekday")
        if weekday not in WEEKDAYS:
            raise start.wrong(f"`{weekday}` is no weekday", "weekday", hint=f"write one of {', '.join(WEEKDAYS)}")
        clock = _CLOCK.match(start.text("utc"))
        if not clock:
            raise start.wrong("`utc` has to be a time", "utc", hint='write it as "03:02"')
        return weekday, (int(clock[1]), int(clock[2]))

    def _objective(self) -> float:
        if not self._top.has("slo"):
            return 0.0
        return self._top.within("slo").only("target", "window").number("target")

    def _deploy(self, entry: Fields) -> Deploy:
        entry.only("at", "version", "previous", "by", "title", "service")
        return Deploy(
            version=entry.text("version"),
            previous=entry.text("previous", ""),
            by=entry.text("by", ""),
            title=entry.text("title", ""),
            service=entry.text("service", ""),
            at=entry.seconds("at", 0.0),
        )

    def _signal(self, name: str) -> SignalPlan:
        entry = self._top.within("signals").within(name).only("base", "noise", "unit", "when")
        return SignalPlan(
            name=name,
            base=entry.number("base"),
            noise=entry.number("noise", 0.0),
            unit=entry.text("unit", ""),
            ramps=tuple(self._ramp(when) for when in entry.each("when")),
        )

    def _ramp(self, when: Fields) -> Ramp:
        when.only("if", "ramp", "since")
        ramp = when.within("ramp").only("to", "over", "back")
        over = ramp.seconds("over")
        return Ramp(
            condition=self._condition(when, "if"),
            to=ramp.number("to"),
            over=over,
            back=ramp.seconds("back", over),
            since=when.seconds("since", 0.0),
        )

    def _alert(self, entry: Fields) -> AlertPlan:
        entry.only("if", "since", "labels", "annotations", "expression")
        if entry.has("if") == entry.has("since"):
            raise entry.wrong("an alert needs `if` or `since`, and not both")
        thresholds: tuple[Threshold, ...] = ()
        if entry.has("if"):
            limits = entry.within("if").only(*self._signals)
            thresholds = tuple(self._threshold(limits.within(name), name) for name in limits.keys)
        labels = entry.texts("labels")
        if not labels.get("alertname"):
            raise entry.wrong("an alert needs the label `alertname`")
        return AlertPlan(
            labels=labels,
            annotations=entry.texts("annotations"),
            expression=entry.text("expression", "").strip(),
            thresholds=thresholds,
            since=entry.seconds("since") if entry.has("since") else None,
        )

    def _threshold(self, entry: Fields, signal: str, *more: str) -> Threshold:
        entry.only("above", "below", "for", *more)
        if not (entry.has("above") or entry.has("below")):
            raise entry.wrong("a threshold needs `above` or `below`")
        return Threshold(
            signal=signal,
            above=entry.number("above") if entry.has("above") else None,
            below=entry.number("below") if entry.has("below") else None,
            hold=entry.seconds("for", 0.0),
        )

    def _inject(self, entry: Fields) -> Inject:
        entry.only("id", "at", "upon", "after", "unless", "via", "from", "text", "expects", "objective")
        if entry.has("at") == entry.has("upon"):
            raise entry.wrong("an inject needs `at` or `upon`, and not both")
        for expected in entry.lines("expects"):
            self._known(entry, "expects", expected, self._state)
        objectives = len(self._top.lines("objectives"))
        if entry.has("objective") and not 1 <= entry.whole("objective") <= objectives:
            raise entry.wrong(f"`objective` has to be from 1 to {objectives}", "objective")
        return Inject(
            id=entry.text("id"),
            via=entry.text("via"),
            sender=entry.text("from"),
            text=entry.text("text"),
            at=entry.seconds("at") if entry.has("at") else None,
            upon=self._event(entry, "upon"),
            after=entry.seconds("after", 0.0),
            unless=self._condition(entry, "unless") if entry.has("unless") else None,
        )

    def _command(self, entry: Fields) -> CommandPlan:
        entry.only("match", "if", "takes", "output", "exit", "note", *_EFFECTS)
        match = entry.lines("match")
        if not match:
            raise entry.wrong("a command needs `match`, a list of tokens")
        output = entry.text("output", "")
        holes = set(re.findall(r"<([a-z_]+)>", " ".join(match)))
        for name, event in HOLE.findall(output):
            if event:
                self._known(entry, "output", name, ("since",))
                self._known(entry, "output", event, {*self._emitted, *HAPPENINGS})
            else:
                self._known(entry, "output", name, {*self._state, *holes, "time"})
        return CommandPlan(
            match=match,
            condition=self._condition(entry, "if"),
            takes=entry.seconds("takes", 1.0),
            output=output,
            status=entry.whole("exit", 0),
            effects=self._effects(entry),
        )

    def _ask(self, entry: Fields) -> Ask:
        entry.only("id", "who", "say", "takes", *_EFFECTS)
        return Ask(
            id=entry.text("id"),
            who=entry.text("who"),
            say=entry.text("say"),
            takes=entry.seconds("takes", 0.0),
            effects=self._effects(entry),
        )

    def _rule(self, entry: Fields) -> Rule:
        entry.only("upon", "if", "after", *_EFFECTS)
        if not (entry.has("upon") or entry.has("if")):
            raise entry.wrong("a rule needs `upon` or `if`")
        return Rule(
            condition=self._condition(entry, "if"),
            upon=self._event(entry, "upon"),
            after=entry.seconds("after", 0.0),
            effects=self._effects(entry),
        )

    def _effects(self, entry: Fields) -> Effects:
        deploy = self._deploy(entry.within("deploys")) if entry.has("deploys") else None
        return Effects(self._condition(entry, "set"), entry.text("emits", ""), deploy)

    def _measure(self, name: str) -> MeasurePlan:
        entry = self._top.within("measures").within(name)
        if entry.has("signal"):
            signal = entry.text("signal")
            self._known(entry, "signal", signal, self._signals)
            return MeasurePlan(name, threshold=self._threshold(entry, signal, "signal"))
        if entry.has("state"):
            variable = entry.only("state").text("state")
            self._known(entry, "state", variable, self._state)
            return MeasurePlan(name, state=variable)
        entry.only("event", "match", "count")
        return MeasurePlan(name, self._event(entry, "event"), entry.lines("match"), count=entry.flag("count"))

    def _solution(self, asks: list[str]) -> tuple[Deed, ...]:
        deeds = []
        for index, line in enumerate(self._top.lines("solution")):
            verb, _, rest = line.strip().partition(" ")
            at = self._top.at("solution", index)
            if verb not in _VERBS:
                raise DrillError(f"unknown step `{verb}`", at=at, hint=nearest(verb, _VERBS))
            if bool(rest.strip()) == (verb in _ALONE):
                raise DrillError(f"`{verb}` {'stands alone' if rest else 'needs something behind it'}", at=at)
            if verb == "ask" and rest.strip() not in asks:
                raise DrillError(f"nobody can be asked `{rest.strip()}`", at=at, hint=nearest(rest.strip(), asks))
            if verb == "wait" and (seconds_of(rest.strip()) or -1.0) < 0:
                raise DrillError("`wait` needs a time", at=at, hint="write wait 5m")
            deeds.append(Deed(verb, rest.strip(), at))
        return tuple(deeds)

    def _condition(self, entry: Fields, key: str) -> Condition:
        if not entry.has(key):
            return {}
        entry.within(key).only(*self._state)
        return entry.scalars(key)

    def _event(self, entry: Fields, key: str) -> str:
        name = entry.text(key, "")
        if name:
            self._known(entry, key, name, {*self._emitted, *HAPPENINGS})
        return name

    def _known(self, entry: Fields, key: str, word: str, known: Iterable[str]) -> None:
        if word not in known:
            raise entry.wrong(f"`{key}` names `{word}`, which is not there", key, hint=nearest(word, known))
