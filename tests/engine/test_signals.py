"""The golden signals over time: one round at a time, the last good values of a dead source, what was usual."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from incident.core.alert import Alert
from incident.core.onset import Onset
from incident.core.signals import Series, Signal
from incident.engine.asked import KEPT, AskedSource
from incident.engine.signals import DAY, WEEK, GoldenSignals
from incident.errors import SourceError
from tests.fakes import ERRORS, START, FakeClock, FakeSignals, page

QUERY = 'sum(rate(http_requests_total{job="acme",status=~"5.."}[5m]))'
OWN = replace(ERRORS, query=QUERY, own=True, scale=100.0)


@dataclass
class SlowSignals(FakeSignals):
    """A source that answers `read` when a test says so, and counts what is under way."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reads: list[str] = field(default_factory=list)
    under_way: int = 0
    most: int = 0

    async def read(self, alert: Alert) -> tuple[Signal, ...]:
        self.reads.append(alert.fingerprint)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.gate.wait()
            return await super().read(alert)
        finally:
            self.under_way -= 1


def golden(source: FakeSignals | None, clock: FakeClock, *, responded: bool = False) -> GoldenSignals:
    return GoldenSignals(source, clock, 5.0, lambda _: responded)


async def round_is_over(signals: GoldenSignals) -> None:
    assert signals._round is not None
    await asyncio.wait({signals._round})


async def test_without_a_source_there_are_no_signals() -> None:
    signals = golden(None, FakeClock())
    assert await signals.read(page()) == ()
    assert await signals.course(ERRORS, START, START, 1.0) == ()
    assert signals.queries(page()) == ()
    await signals.close()


async def test_however_often_it_is_asked_one_round_is_under_way() -> None:
    source, clock = SlowSignals(signals=(OWN,)), FakeClock()
    signals = golden(source, clock)
    others = [page(f"Other{at}", fingerprint=f"f{at}") for at in range(6)]
    asking = [asyncio.create_task(signals.read(alert)) for alert in (page(), page(), *others)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert source.reads == ["a1"]
    source.gate.set()
    answers = await asyncio.gather(*asking)
    assert all(answer[0].value == 19.2 for answer in answers)
    assert source.most == 1
    assert sorted(source.reads) == ["a1", *(f"f{at}" for at in range(6))]


async def test_a_reader_that_went_away_neither_ends_the_round_nor_leaves_one_behind() -> None:
    source, clock = SlowSignals(signals=(OWN,)), FakeClock()
    signals = golden(source, clock)
    for _ in range(5):
        asking = asyncio.create_task(signals.read(page()))
        waiting = asyncio.create_task(signals.read(page("Other", fingerprint="b")))
        await asyncio.sleep(0)
        asking.cancel()
        waiting.cancel()
        await asyncio.gather(asking, waiting, return_exceptions=True)
    assert source.reads == ["a1"]
    source.gate.set()
    assert (await signals.read(page()))[0].value == 19.2
    assert source.reads == ["a1"]


async def test_values_are_asked_for_again_when_they_are_old() -> None:
    source, clock = SlowSignals(signals=(OWN,)), FakeClock()
    source.gate.set()
    signals = golden(source, clock)
    await signals.read(page())
    clock.move(4)
    await signals.read(page())
    assert source.reads == ["a1"]
    clock.move(2)
    await signals.read(page())
    assert source.reads == ["a1", "a1"]


async def test_who_asks_again_gets_new_values_at_once() -> None:
    source, clock = SlowSignals(signals=(OWN,)), FakeClock()
    source.gate.set()
    signals = golden(source, clock, responded=True)
    signals.again(page())
    await signals.settled(page())
    assert signals.start_of(page())[1] == "there are only 0 values to look at"
    signals.again(page())
    assert signals.start_of(page())[1] == "it was not looked for yet"
    await signals.read(page())
    assert source.reads == ["a1", "a1"]


@pytest.mark.fault(84)
async def test_a_dead_source_keeps_the_last_good_values_with_their_age_and_is_not_asked_at_once() -> None:
    source, clock = SlowSignals(signals=(OWN,)), FakeClock()
    source.gate.set()
    signals = golden(source, clock)
    await signals.shown(page())
    source.error = SourceError("connection refused")
    clock.move(120)
    [kept] = await signals.shown(page())
    assert (kept.value, kept.stale, kept.at) == (19.2, "2m old: connection refused", START)
    await signals.shown(page())
    assert source.reads == ["a1", "a1"]
    with pytest.raises(SourceError, match="connection refused"):
        await signals.read(page())
    source.error = None
    clock.move(10)
    [back] = await signals.shown(page())
    assert back.stale == ""


async def test_a_source_that_never_answered_says_why() -> None:
    source = FakeSignals(error=SourceError("connection refused"))
    with pytest.raises(SourceError, match="connection refused"):
        await golden(source, FakeClock()).shown(page())


async def test_a_round_that_breaks_is_not_begun_again_and_again() -> None:
    class Broken(FakeSignals):
        async def read(self, alert: Alert) -> tuple[Signal, ...]:
            raise ZeroDivisionError

    signals = golden(Broken(), FakeClock())
    with pytest.raises(SourceError, match="was not finished"):
        await signals.read(page())
    assert signals._round is not None
    with pytest.raises(ZeroDivisionError):
        await signals._round


async def test_after_a_round_it_is_known_what_was_usual_at_this_hour() -> None:
    points = tuple((START - back, value / 100) for back, value in ((WEEK, 0.2), (DAY, 0.1)))
    source, clock = FakeSignals(signals=(OWN,), series={QUERY: (Series({}, points),)}), FakeClock()
    signals = golden(source, clock)
    [first] = await signals.read(page())
    assert first.usual is None
    await round_is_over(signals)
    [second] = await signals.read(page())
    assert (second.yesterday, second.last_week, second.usual) == pytest.approx((0.1, 0.2, 0.2))
    assert (await signals.settled(page()))[0].yesterday == pytest.approx(0.1)


async def test_a_past_that_cannot_be_had_is_left_out() -> None:
    gone = Series({}, ((START - WEEK, math.nan),))
    source = FakeSignals(signals=(OWN, replace(OWN, name="p99", value=None), replace(OWN, name="x", query="")),
                         series={QUERY: (gone,)})  # fmt: skip
    signals = golden(source, FakeClock())
    [own, *_] = await signals.settled(page())
    assert (own.yesterday, own.last_week, own.usual) == (None, None, None)


async def test_a_course_is_in_the_signals_own_unit_and_of_its_own_series() -> None:
    points = ((START - timedelta(minutes=1), 0.5), (START, 0.25))
    series = (Series({"pod": "a"}, points), Series({"pod": "b"}, ((START, 9.0),)))
    source = FakeSignals(series={QUERY: series})
    signals = golden(source, FakeClock())
    mine = replace(OWN, labels={"pod": "a"})
    assert [value for _, value in await signals.course(mine, START - WEEK, START, 60.0)] == [50.0, 25.0]
    assert await signals.course(replace(OWN, labels={"pod": "c"}), START - WEEK, START, 60.0) == ()


# -- since when -----------------------------------------------------------------------------------------------------


class Steps(FakeSignals):
    """A source whose series rises from one level to another at a moment, and that takes values each so many seconds."""

    def __init__(self, at: datetime, scrape: float, *, sharp: bool = True, level: Callable[[datetime], float]) -> None:
        super().__init__(signals=(OWN,))
        self.moment, self.scrape, self.sharp, self.level = at, scrape, sharp, level
        self.asked: list[str] = []

    async def instant(self, query: str, at: datetime | None = None) -> tuple[Series, ...]:
        self.asked.append(query)
        if "changes(" not in query:
            return ()
        seen = self.scrape <= 30 or "600s" in query  # rarer values do not change within a minute
        return (Series({}, ((START, self.scrape if seen else math.nan),)),)

    async def over(self, query: str, start: datetime, end: datetime, step: float) -> tuple[Series, ...]:
        self.asked.append(query)
        if not self.sharp and query != QUERY:
            raise SourceError("this drill plays no series for the query")
        count = int((end - start).total_seconds() // step) + 1
        times = [start + timedelta(seconds=step * place) for place in range(count)]
        return (Series({}, tuple((at, self.level(at)) for at in times)),)


def step_at(moment: datetime) -> Callable[[datetime], float]:
    return lambda at: 0.19 if at >= moment else 0.001


FIRED = page().starts_at


async def start(source: FakeSignals, *, responded: bool = True) -> tuple[GoldenSignals, tuple[Signal, ...]]:
    signals = golden(source, FakeClock(), responded=responded)
    return signals, await signals.settled(page())


async def test_the_start_is_found_to_the_interval_in_which_values_are_taken() -> None:
    moment = FIRED - timedelta(minutes=6, seconds=22)
    source = Steps(moment, 15.0, level=step_at(moment))
    signals, [own] = await start(source)
    assert own.since is not None
    assert own.since.after <= moment <= own.since.by
    assert own.since.by - own.since.after <= timedelta(seconds=30)
    assert (own.since.before, own.since.level) == pytest.approx((0.1, 19.0))
    assert own.since.query.endswith("[60s]))")
    found, why = signals.start_of(page())
    assert found is not None
    assert (found.since, why) == (own.since, "")


async def test_every_query_that_was_sent_is_told() -> None:
    moment = FIRED - timedelta(minutes=6)
    source = Steps(moment, 15.0, level=step_at(moment))
    signals, _ = await start(source)
    assert set(source.asked) <= {query for _, query in signals.queries(page())}
    assert signals.queries(page())[0] == ("errors: value and course", QUERY)


async def test_nobody_looks_for_the_start_of_what_nobody_responds_to() -> None:
    source = Steps(FIRED, 15.0, level=step_at(FIRED))
    signals, [own] = await start(source, responded=False)
    assert own.since is None
    assert signals.start_of(page()) == (None, "it was not looked for yet")
    assert not [query for query in source.asked if "changes(" in query]


async def test_a_query_that_cannot_be_sharpened_is_asked_as_it_is() -> None:
    moment = FIRED - timedelta(minutes=30)
    _, [own] = await start(Steps(moment, 60.0, sharp=False, level=step_at(moment)))
    assert own.since is not None
    assert own.since.query == QUERY


async def test_what_began_yesterday_is_found_in_the_days_before() -> None:
    moment = FIRED - timedelta(hours=20)
    _, [own] = await start(Steps(moment, 60.0, level=step_at(moment)))
    assert own.since is not None
    assert own.since.after <= moment <= own.since.by
    assert own.since.by - own.since.after <= timedelta(minutes=2)


async def test_a_start_that_cannot_be_seen_is_not_claimed_and_looked_for_again_later() -> None:
    source = Steps(FIRED, 15.0, level=lambda _: 0.19)
    signals, [own] = await start(source)
    assert own.since is None
    assert signals.start_of(page())[1].startswith("no step stands out")
    before = len(source.asked)
    await signals.settled(page())
    assert len(source.asked) == before


async def test_where_values_are_few_a_shorter_time_is_looked_at() -> None:
    moment = FIRED - timedelta(seconds=40)

    def young(at: datetime) -> float:
        return math.nan if at < FIRED - timedelta(minutes=5) else step_at(moment)(at)

    _, [own] = await start(Steps(moment, 1.0, level=young))
    assert own.since is not None
    assert own.since.after <= moment <= own.since.by


async def test_a_slow_rise_is_about_right() -> None:
    began = FIRED - timedelta(minutes=40)

    def rising(at: datetime) -> float:
        return 0.001 + max(0.0, min(1.0, (at - began).total_seconds() / 1800)) * 0.3

    _, [own] = await start(Steps(began, 60.0, level=rising))
    assert own.since is not None
    assert own.since.slow
    assert abs(own.since.after - began) < timedelta(minutes=6)


async def test_without_a_signal_there_is_no_start() -> None:
    signals, _ = await start(FakeSignals(signals=(replace(OWN, value=None, missing="gone"),)))
    assert signals.start_of(page()) == (None, "there is no signal whose course could show it")


async def test_a_source_that_dies_while_it_is_looked_for_leaves_it_open() -> None:
    class Dying(FakeSignals):
        async def over(self, query: str, start: datetime, end: datetime, step: float) -> tuple[Series, ...]:
            raise SourceError("connection refused")

    signals, [own] = await start(Dying(signals=(OWN,)))
    assert own.since is None
    await round_is_over(signals)
    assert signals.start_of(page())[1] == "it could not be looked for: connection refused"


async def test_the_start_is_looked_for_as_soon_as_somebody_responds() -> None:
    moment = FIRED - timedelta(minutes=6)
    responding: list[str] = []
    source = Steps(moment, 15.0, level=step_at(moment))
    signals = GoldenSignals(source, FakeClock(), 5.0, lambda alert: alert.occurrence in responding)
    await signals.settled(page())
    responding.append(page().occurrence)
    await signals.read(page())
    await round_is_over(signals)
    assert (await signals.read(page()))[0].since is not None


async def test_what_other_parts_of_the_console_ask_is_told_too() -> None:
    source = AskedSource(FakeSignals(signals=(OWN,)))
    signals = GoldenSignals(source, FakeClock(), 5.0, lambda _: False)
    await signals.settled(page())
    await source.instant("up")
    await source.over("sum(up)", START, START, 1.0)
    told = signals.queries(page())
    assert told[0] == ("errors: value and course", QUERY)
    assert told[-2:] == (("asked elsewhere in this console", "sum(up)"), ("asked elsewhere in this console", "up"))
    assert source.name == "prom"


async def test_only_the_last_queries_are_remembered() -> None:
    source = AskedSource(FakeSignals())
    for number in range(KEPT + 5):
        await source.instant(f"q{number}")
    assert len(source.queries) == KEPT
    assert "q4" not in source.queries
    await source.aclose()


def test_an_onset_as_a_milestone_keeps_its_range() -> None:
    found = Onset(START, START + timedelta(seconds=15), 0.1, 19.0)
    assert found.moment.until == datetime(2026, 5, 2, 3, 7, 27, tzinfo=UTC)
