"""Play a scenario's own solution with nobody at the keys, through the same ports as the console."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence

from incident.core.alert import Severity
from incident.core.ports import Order
from incident.drills.clock import HandClock, start_of
from incident.drills.fields import seconds_of
from incident.drills.model import Deed, Scenario
from incident.drills.player import Player
from incident.drills.reading import VERBS
from incident.errors import DrillError

_PATIENCE = 600  # seconds in which a page has to come
_STRIDE = 5.0  # seconds at a time while nobody does anything; what happens in them happens at its own time


async def play(scenario: Scenario, deeds: Sequence[Deed] | None = None, outputs: str = "") -> Player:
    """Play to recovery or to the drill's end, by `deeds` or else by the solution.

    With `outputs`, the commands' output is kept in that folder. Raises DrillError when no page comes.
    """
    clock = HandClock(start_of(scenario))
    player = Player(scenario, clock)
    for number, deed in enumerate(scenario.solution if deeds is None else deeds, 1):
        await _do(player, clock, deed, f"{outputs}/{number}.log" if outputs else "")
    while player.recovered is None and not player.over:
        await clock.advance(min(_STRIDE, max(1.0, scenario.length - player.elapsed)))
    return player


async def _do(player: Player, clock: HandClock, deed: Deed, output: str) -> None:
    match deed.verb:
        case "ack":
            await _page(player, clock, deed)
            player.happened("ack")
        case "run":
            await _run(player, clock, deed.rest, output)
        case "ask":
            player.ask(deed.rest)
        case "reply":
            player.reply(deed.rest)
        case "wait":
            await clock.advance(seconds_of(deed.rest) or 0.0)
        case _:
            player.happened(VERBS[deed.verb], deed.rest)


async def _page(player: Player, clock: HandClock, deed: Deed) -> None:
    """Wait for a page, or for the alert that is named, as somebody asleep does."""
    for _ in range(_PATIENCE):
        snapshot = await player.alerts.fetch()
        if any(alert.name == deed.rest if deed.rest else alert.severity is Severity.PAGE for alert in snapshot.alerts):
            return
        await clock.advance(1.0)
    raise DrillError(f"no {deed.rest or 'page'} came within {_PATIENCE} seconds", at=deed.at)


async def _run(player: Player, clock: HandClock, text: str, output: str) -> None:
    running = await player.runner.start(Order("solution", tuple(shlex.split(text)), "/", output))
    ended = asyncio.ensure_future(running.wait())
    while not ended.done():
        await clock.advance(1.0)
    await ended
