"""A second terminal for whoever facilitates: orders and the drill's state as files in the drill's own folder.

No socket: a drill must not have one. A file is written whole under another name and then renamed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incident.config import Config
from incident.core.text import one_line, plain
from incident.drills.clock import PlayClock
from incident.drills.player import Player
from incident.errors import DrillError, UsageError
from incident.game.records import folders

BOOTH = "booth"  # in the drill's folder
_STATE, _ORDER, _ANSWER = "state.json", "order-", "answer-"
_LARGEST = 262_144  # bytes of a file that is believed


@dataclass(frozen=True, slots=True)
class Order:
    """What a facilitator wants: a verb, and what it is about."""

    id: str
    verb: str
    words: tuple[str, ...] = ()

    def obey(self, player: Player, clock: PlayClock | None) -> str:
        """Do it; what was done, in words. Raises DrillError."""
        first, rest = (self.words[0] if self.words else ""), " ".join(self.words[1:])
        match self.verb:
            case "send":
                player.send(first)
            case "hold":
                player.hold(first)
            case "release":
                player.hold(first, held=False)
            case "skip":
                player.skip(first)
            case "say":
                player.say(first, rest)
            case "pause" | "go" | "speed":
                _time(clock, self.verb, first)
                player.note(f"facilitator: {self.verb} {first}".rstrip())
            case _:
                raise DrillError(f"the drill does not know the order `{self.verb}`")
        return "done"


def _time(clock: PlayClock | None, verb: str, how: str) -> None:
    if clock is None:
        raise DrillError("this drill's time cannot be changed")
    if verb == "pause":
        clock.pause()
    elif verb == "go":
        clock.resume()
    else:
        clock.run_at(_speed(how))


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= 10:
        raise DrillError(f"a speed of {one_line(text, 20)!r}", hint="give 1 to 10")
    return speed


class Booth:
    """The console's side: shows how the drill stands, and takes orders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / BOOTH
        self._shown = ""

    def show(self, player: Player, clock: PlayClock | None) -> None:
        """Write down how it stands, if that changed. A disk that refuses is no reason to stop a drill."""
        text = json.dumps(state_of(player, clock), ensure_ascii=True)
        if text != self._shown:
            self._shown = text
            _write(self._folder, _STATE, text)

    def orders(self) -> list[Order]:
        """What is wanted since the last look, the oldest first. What cannot be read is dropped."""
        try:
            names = sorted(path for path in self._folder.iterdir() if path.name.startswith(_ORDER))
        except OSError:
            return []
        found = []
        for path in names:
            data = _read(path)
            path.unlink(missing_ok=True)
            if isinstance(data, dict) and isinstance(data.get("words"), list):
                words = tuple(plain(str(word)) for word in data["words"])
                found.append(Order(path.name.removeprefix(_ORDER), plain(str(data.get("verb", ""))), words))
        return found

    def answer(self, order: Order, said: str) -> None:
        """Say what became of an order."""
        _write(self._folder, f"{_ANSWER}{order.id}", json.dumps(said))


class Facilitator:
    """The other terminal's side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / BOOTH

    def state(self) -> Mapping[str, Any]:
        """How the drill stands, as it last said; {} when it never did."""
        data = _read(self._folder / _STATE)
        return data if isinstance(data, dict) else {}

    @property
    def is_running(self) -> bool:
        """Whether the drill's console is still there."""
        process = self.state().get("process")
        if not isinstance(process, int):
            return False
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def order(self, number: str, verb: str, words: tuple[str, ...]) -> None:
        """Leave an order; the drill looks every second. Raises UsageError when it cannot be left."""
        if not _write(self._folder, f"{_ORDER}{number}", json.dumps({"verb": verb, "words": list(words)})):
            raise UsageError("the order cannot be left", at=str(self._folder))

    def answer(self, number: str) -> str | None:
        """What became of an order; None while nothing did."""
        path = self._folder / f"{_ANSWER}{number}"
        said = _read(path)
        if not isinstance(said, str):
            return None
        path.unlink(missing_ok=True)
        return plain(said)


def running(config: Config, name: str = "") -> Facilitator:
    """The drill that is being played, the newest one where there are several. Raises UsageError."""
    for folder in reversed(folders(config, name)):
        found = Facilitator(folder)
        if found.is_running:
            return found
    raise UsageError("no drill is being played", hint="`incident drill` in another terminal begins one")


def state_of(player: Player, clock: PlayClock | None) -> dict[str, Any]:
    """How a drill stands, for whoever facilitates."""
    scenario = player.scenario
    posts = player.posts()
    return {
        "process": os.getpid(),
        "drill": scenario.name,
        "title": scenario.title,
        "seconds": int(player.elapsed),
        "paused": clock.paused if clock else False,
        "speed": clock.speed if clock else 1.0,
        "recovered": player.recovered is not None,
        "state": dict(player.state),
        "injects": [
            {
                "id": inject.id,
                "from": inject.sender,
                "via": inject.via,
                "text": inject.text,
                "due": posts[inject.id].due,
                "upon": inject.upon,
                "sent": posts[inject.id].sent,
                "answered": posts[inject.id].answered if inject.expects else None,
                "awaited": bool(inject.expects),
                "held": posts[inject.id].held,
                "skipped": posts[inject.id].skipped,
                "needless": posts[inject.id].needless,
            }
            for inject in scenario.injects
        ],
        "log": list(player.log[-12:]),
    }


def _write(folder: Path, name: str, text: str) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(folder / name)
    except OSError:
        return False
    return True


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return json.loads(file.read(_LARGEST))
    except (OSError, ValueError):
        return None
