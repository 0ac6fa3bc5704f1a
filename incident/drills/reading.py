"""A scenario out of its YAML: every word is checked against what the scenario itself defines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from incident.core.change import ChangeKind, Outcome
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
    Hint,
    Inject,
    MeasurePlan,
    Objective,
    Ramp,
    Rule,
    Scenario,
    SignalPlan,
    Threshold,
    Wrong,
)
from incident.errors import DrillError

# What a player can do; `emits` of a scenario adds its own.
HAPPENINGS = (
    "ack", "runbook.open", "branch", "step", "note", "finding", "decision", "update", "reply", "ask", "handover",
    "severity", "milestone", "close", "export", "command",
)  # fmt: skip
# The verbs of a way through, and what each of them makes happen.
VERBS = {
    "ack": "ack", "run": "command", "ask": "ask", "reply": "reply", "wait": "", "choose": "branch", "tick": "step",
    "note": "note", "find": "finding", "decide": "decision", "update": "update", "handover": "handover",
    "close": "close",
}  # fmt: skip
_ALONE = ("close",)  # verbs with nothing behind them; behind `ack` an alert may stand
KEYS = (
    "drill", "id", "title", "objectives", "players", "length", "seed", "start", "slo", "state", "deploys", "signals",
    "alerts", "injects", "commands", "asks", "rules", "measures", "hints", "truth", "solution", "wrong", "hotwash",
)  # fmt: skip
_EFFECTS = ("set", "emits", "deploys")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
HOLE = re.compile(r"\{([a-z_][a-z0-9_]*)(?::([a-z0-9_.]+))?\}")  # in a command's output: {version}, {since:EVENT}
_ERRORS, _TRAFFIC = ("errors", "error_rate"), ("traffic", "rps")  # the signals that an objective is about, by name


class Reader:
    """Reads one scenario; knows its state variables, signals and events, so that every mention is checked."""

    def __init__(self, top: Fields, name: str) -> None:
        self._top = top
        self._name = name
        self._state = top.scalars("state")
        self._signals = top.within("signals").keys
        emitting = [*top.each("commands"), *top.each("asks"), *top.each("rules")]
        self._emitted = {entry.text("emits") for entry in emitting if entry.has("emits")}
        self._asks = [entry.text("id") for entry in top.each("asks")]
        self._injects = [entry.text("id") for entry in top.each("injects")]
        self._alerts = [entry.texts("labels").get("alertname", "") for entry in top.each("alerts")]

    def scenario(self) -> Scenario:
        top = self._top
        players = top.within("players").only("min", "max") if top.has("players") else None
        measures = tuple(self._measure(key) for key in top.within("measures").keys)
        if not any(m.name == "recovered" and (m.threshold or m.state) for m in measures):
            raise top.within("measures").wrong("a measure `recovered` with a signal or a state is missing")
        weekday, clock = self._start()
        return Scenario(
            name=self._name,
            id=top.text("id"),
            title=top.text("title"),
            objectives=top.lines("objectives"),
            players=(players.whole("min", 1), players.whole("max", 1)) if players else (1, 1),
            length=top.seconds("length"),
            seed=top.whole("seed", 0),
            weekday=weekday,
            clock=clock,
            slo=self._slo(),
            state=self._state,
            deploys=tuple(self._deploy(entry) for entry in top.each("deploys")),
            signals=tuple(self._signal(key) for key in self._signals),
            alerts=tuple(self._alert(entry) for entry in top.each("alerts")),
            injects=tuple(self._inject(entry) for entry in top.each("injects")),
            commands=tuple(self._command(entry) for entry in top.each("commands")),
            asks=tuple(self._ask(entry) for entry in top.each("asks")),
            rules=tuple(self._rule(entry) for entry in top.each("rules")),
            measures=measures,
            hints=self._hints(),
            truth=top.text("truth", ""),
            solution=self._deeds(top, "solution"),
            wrong=tuple(self._wrong(entry) for entry in top.each("wrong")),
            hotwash=top.lines("hotwash"),
            place=top.at(),
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

    def _slo(self) -> Objective | None:
        if not self._top.has("slo"):
            return None
        entry = self._top.within("slo").only("target", "window", "errors", "traffic")
        target = entry.number("target")
        if not 0 < target < 1:
            raise entry.wrong("`target` has to be between 0 and 1", "target", hint="write 0.995 for 99.5 %")
        for key in ("errors", "traffic"):
            if entry.has(key):
                self._known(entry, key, entry.text(key), self._signals)
        errors, traffic = (next((n for n in names if n in self._signals), "") for names in (_ERRORS, _TRAFFIC))
        return Objective(
            target, entry.seconds("window", 28 * 86_400.0), entry.text("errors", errors), entry.text("traffic", traffic)
        )

    def _deploy(self, entry: Fields) -> Deploy:
        entry.only("at", "version", "previous", "by", "title", "service", "kind", "outcome")
        kind = entry.text("kind", ChangeKind.DEPLOY.value)
        outcome = entry.text("outcome", Outcome.DONE.value)
        self._known(entry, "kind", kind, [kind.value for kind in ChangeKind])
        self._known(entry, "outcome", outcome, [outcome.value for outcome in Outcome])
        return Deploy(
            version=entry.text("version"),
            previous=entry.text("previous", ""),
            by=entry.text("by", ""),
            title=entry.text("title", ""),
            service=entry.text("service", ""),
            at=entry.seconds("at", 0.0),
            kind=ChangeKind(kind),
            outcome=Outcome(outcome),
        )

    def _signal(self, name: str) -> SignalPlan:
        entry = self._top.within("signals").within(name).only("base", "noise", "unit", "when")
        return SignalPlan(
            name=name,
            base=entry.number("base"),
            noise=entry.number("noise", 0.0),
            unit=entry.text("unit", ""),
            ramps=tuple(self._ramp(when) for when in entry.each("when")),
            place=entry.at(),
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
            place=entry.at(),
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
        if self._injects.count(entry.text("id")) > 1:
            raise entry.wrong(f"two injects are called `{entry.text('id')}`", "id", hint="give each its own id")
        return Inject(
            id=entry.text("id"),
            via=entry.text("via"),
            sender=entry.text("from"),
            text=entry.text("text"),
            at=entry.seconds("at") if entry.has("at") else None,
            upon=self._event(entry, "upon"),
            after=entry.seconds("after", 0.0),
            unless=self._condition(entry, "unless") if entry.has("unless") else None,
            expects=entry.lines("expects"),
            objective=entry.whole("objective", 0),
            place=entry.at(),
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
            note=entry.text("note", ""),
            place=entry.at(),
        )

    def _ask(self, entry: Fields) -> Ask:
        entry.only("id", "who", "about", "if", "say", "takes", *_EFFECTS)
        return Ask(
            id=entry.text("id"),
            who=entry.text("who"),
            say=entry.text("say"),
            takes=entry.seconds("takes", 0.0),
            effects=self._effects(entry),
            about=entry.text("about", entry.text("id").replace("_", " ")),
            condition=self._condition(entry, "if"),
            place=entry.at(),
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
            place=entry.at(),
        )

    def _hints(self) -> tuple[Hint, ...]:
        """Each is a text, or a mapping of a text and a condition."""
        return tuple(
            Hint(entry.text("say"), self._condition(entry, "if"), entry.at())
            if isinstance(entry, Fields)
            else Hint(entry[0], place=entry[1])
            for entry in self._top.either("hints", "say", "if")
        )

    def _wrong(self, entry: Fields) -> Wrong:
        entry.only("why", "do", "ends")
        return Wrong(entry.text("why"), self._deeds(entry, "do"), self._condition(entry, "ends"), entry.at())

    def _effects(self, entry: Fields) -> Effects:
        deploy = self._deploy(entry.within("deploys")) if entry.has("deploys") else None
        return Effects(self._condition(entry, "set"), entry.text("emits", ""), deploy)

    def _measure(self, name: str) -> MeasurePlan:
        entry = self._top.within("measures").within(name)
        within = entry.seconds("within") if entry.has("within") else None
        if entry.has("signal"):
            signal = entry.text("signal")
            self._known(entry, "signal", signal, self._signals)
            threshold = self._threshold(entry, signal, "signal", "within")
            return MeasurePlan(name, threshold=threshold, within=within, place=entry.at())
        if entry.has("state"):
            variable = entry.only("state", "within").text("state")
            self._known(entry, "state", variable, self._state)
            return MeasurePlan(name, state=variable, within=within, place=entry.at())
        entry.only("event", "match", "count", "within")
        event, match = self._event(entry, "event"), entry.lines("match")
        return MeasurePlan(name, event, match, count=entry.flag("count"), within=within, place=entry.at())

    def _deeds(self, entry: Fields, key: str) -> tuple[Deed, ...]:
        deeds = []
        for index, line in enumerate(entry.lines(key)):
            verb, _, rest = line.strip().partition(" ")
            rest = rest.strip()
            at = entry.at(key, index)
            if verb not in VERBS:
                raise DrillError(f"unknown step `{verb}`", at=at, hint=nearest(verb, VERBS))
            if verb != "ack" and bool(rest) == (verb in _ALONE):
                raise DrillError(f"`{verb}` {'stands alone' if rest else 'needs something behind it'}", at=at)
            if verb == "ack" and rest and rest not in self._alerts:
                raise DrillError(f"there is no alert `{rest}`", at=at, hint=nearest(rest, self._alerts))
            if verb == "ask" and rest not in self._asks:
                raise DrillError(f"nobody can be asked `{rest}`", at=at, hint=nearest(rest, self._asks))
            if verb == "reply" and rest not in self._injects:
                raise DrillError(f"there is no message `{rest}`", at=at, hint=nearest(rest, self._injects))
            if verb == "wait" and (seconds_of(rest) or -1.0) < 0:
                raise DrillError("`wait` needs a time", at=at, hint="write wait 5m")
            deeds.append(Deed(verb, rest, at))
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
