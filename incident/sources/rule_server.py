"""A live Prometheus, asked about alert rules: which it has loaded, and which series their selectors find."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from incident.core.check.alert_rules import AlertRule
from incident.core.check.health import DAYS, Loaded, Seen, Stretch
from incident.core.check.selectors import Matcher, Selector
from incident.core.expression import split_comparison
from incident.core.ports import Clock
from incident.core.text import one_line, plain
from incident.errors import SourceError
from incident.sources.access import OPEN, Access
from incident.sources.failure import RefusedError
from incident.sources.http import Server
from incident.sources.signals.prometheus import parse

_SHOWN = 5  # values of a label that are shown
_LOOK = 86_400.0  # seconds that are looked at for gaps
_STEPS = 1_500  # points of one answer


class RuleServer:
    """One Prometheus, asked one thing at a time. Every method raises SourceError."""

    def __init__(self, url: str, *, clock: Clock, access: Access = OPEN) -> None:
        """The server's URL with any path prefix. Raises UsageError."""
        self._server = Server(url, kind="a Prometheus", clock=clock, access=access)
        self._clock = clock
        self._metrics: tuple[str, ...] | None = None

    @property
    def url(self) -> str:
        """Where it is, without credentials."""
        return self._server.place.url

    async def rules(self) -> tuple[Loaded, ...] | None:
        """Its alert rules; None where it has none at all, and is perhaps not the one that evaluates them."""
        data = await self._data("/api/v1/rules", {"type": "alert"})
        try:
            found = [
                Loaded(
                    one_line(str(rule["name"])),
                    one_line(str(group["name"])),
                    plain(str(rule["query"])),
                    str(rule.get("health", "unknown")),
                    one_line(str(rule.get("lastError", "")), 300),
                )
                for group in data["groups"]
                for rule in group["rules"]
                if rule.get("type", "alerting") == "alerting"
            ]
        except (LookupError, TypeError, AttributeError):
            raise self._odd("/api/v1/rules") from None
        return tuple(found) or None

    async def seen(self, selector: Selector) -> Seen:
        """What it has of a selector, and where it has nothing, why."""
        if await self._count(selector.text):
            return Seen()
        if await self._lately(selector.text):
            return Seen(now=False)
        if not selector.metric:
            return Seen(now=False, lately=False)
        if not await self._there(selector.metric):
            return Seen(now=False, lately=False, metric=False, near=await self._like(selector.metric))
        for matcher in selector.matchers:
            if matcher.picks and not await self._there(f"{selector.metric}{{{matcher.text}}}"):
                near = await self._values(selector.metric, matcher)
                return Seen(now=False, lately=False, blamed=matcher, near=near)
        return Seen(now=False, lately=False)

    async def stretch(self, rule: AlertRule) -> Stretch | None:
        """The longest time without a gap in what a rule compares; None where that cannot be told."""
        parts = split_comparison(rule.expression)
        step = max(15.0, min(60.0, rule.waits // 4), _LOOK / _STEPS)
        now = self._clock.now()
        query = f"count({parts.query if parts else rule.expression})"
        span = {
            "start": f"{(now - timedelta(seconds=_LOOK)).timestamp():.0f}",
            "end": f"{now.timestamp():.0f}",
            "step": f"{step:g}",
        }
        try:
            samples = parse((await self._server.get_json("/api/v1/query_range", {"query": query, **span})).data)
        except RefusedError:
            return None
        times = [at for sample in samples for at, _ in sample.points]
        return longest(times, step, now)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._server.aclose()

    async def _count(self, selector: str) -> float:
        """How many series it has now."""
        answer = await self._server.get_json("/api/v1/query", {"query": f"count({selector})"})
        return next((sample.points[-1][1] for sample in parse(answer.data) if sample.points), 0.0)

    async def _there(self, selector: str) -> bool:
        """Whether it has series of it now, or had some lately."""
        return bool(await self._count(selector)) or await self._lately(selector)

    async def _lately(self, selector: str) -> bool:
        """Whether it had series in the last days, though it has none now.

        The names are an answer of a few bytes, but as coarse as the server's blocks; only where there are some is the
        past itself looked at.
        """
        return bool(await self._listed("__name__", selector)) and bool(
            await self._count(f"last_over_time({selector}[{DAYS}d])")
        )

    async def _values(self, metric: str, matcher: Matcher) -> tuple[str, ...]:
        """The values that the label has, the likeliest to be meant first."""
        known = [one_line(str(value), 60) for value in await self._listed(matcher.label, metric)]
        near = difflib.get_close_matches(matcher.value[1:-1], known, _SHOWN, 0.6)
        return tuple(near or known[:_SHOWN])

    async def _like(self, metric: str) -> tuple[str, ...]:
        if self._metrics is None:
            self._metrics = tuple(str(name) for name in await self._listed("__name__", ""))
        return tuple(one_line(name, 80) for name in difflib.get_close_matches(metric, self._metrics, 2, 0.75))

    async def _listed(self, label: str, selector: str) -> Sequence[str]:
        now = self._clock.now()
        params = {
            "start": f"{(now - timedelta(days=DAYS)).timestamp():.0f}",
            "end": f"{now.timestamp():.0f}",
            **({"match[]": selector} if selector else {}),
        }
        data = await self._data(f"/api/v1/label/{label}/values", params)
        if not isinstance(data, list):
            raise self._odd(f"/api/v1/label/{label}/values")
        return data

    async def _data(self, path: str, params: Mapping[str, str]) -> Any:
        answer = (await self._server.get_json(path, params)).data
        if not isinstance(answer, dict) or answer.get("status") != "success" or "data" not in answer:
            raise self._odd(path)
        return answer["data"]

    def _odd(self, path: str) -> SourceError:
        return SourceError("its answer does not have the shape of a Prometheus's", at=f"{self.url}{path}",
                           hint="is this a Prometheus? a proxy may answer in its place")  # fmt: skip


def longest(times: Sequence[float], step: float, now: datetime) -> Stretch | None:
    """The longest run of points that follow each other; None without data, or for a first run that still goes on."""
    if not times:
        return None
    runs = [[times[0], times[0]]]
    for before, at in pairwise(times):
        if at - before > step * 1.5:
            runs.append([at, at])
        runs[-1][1] = at
    if len(runs) == 1 and now.timestamp() - runs[0][1] < step * 2:
        return None
    return Stretch(max(end - start for start, end in runs) + step, _LOOK)
