"""The stop ladder: INT, TERM, KILL to everything a command started, each rung with its patience."""

from __future__ import annotations

import signal
from collections.abc import Callable

from incident.runner.family import Family

LOOK = 0.05  # seconds between two looks at who is left
_ROUNDS = 25  # of KILL in one look, against processes that make new ones faster than they die
_NAMES = ("INT", "TERM", "KILL")


class Ladder:
    """Stops a family. `patience` is in seconds: before TERM, before KILL, before giving up.

    `said` is told each rung in words: its name, the next one, and the seconds until then. `gone` answers whether all
    has ended. `survivors` are those that no signal reached, once it gave up.
    """

    def __init__(
        self,
        family: Family,
        patience: tuple[float, float, float],
        gone: Callable[[], bool],
        said: Callable[[str], None],
    ) -> None:
        self.climbing = False
        self.survivors: tuple[int, ...] = ()
        self._family = family
        self._patience = patience
        self._gone = gone
        self._said = said
        self._rung = 0
        self._until = 0.0
        self._look = 0.0

    def begin(self, now: float) -> None:
        """Send the first signal, unless it is being stopped already."""
        if self.climbing:
            return
        # Before the first signal: a child that cut every tie but to its parent is known only while that one lives.
        self._family.members()
        self.climbing, self.survivors = True, ()
        self._step_to(0, now)

    def wait(self, now: float) -> float | None:
        """Seconds until it has to look again; None when it does not climb."""
        return max(0.0, self._look - now) if self.climbing else None

    def look(self, now: float) -> None:
        """Send what is due. It has stopped climbing when nobody is left, or when it gave up."""
        if not self.climbing or now < self._look:
            return
        self._look = now + LOOK
        if self._gone():
            self.climbing = False
        elif now >= self._until:
            if self._rung < len(_NAMES) - 1:
                self._step_to(self._rung + 1, now)
            else:
                self.climbing = False
                self.survivors = self._family.members()
        elif self._rung == len(_NAMES) - 1:
            self._kill()

    def _step_to(self, rung: int, now: float) -> None:
        self._rung = rung
        self._until = now + self._patience[rung]
        self._look = now + min(LOOK, self._patience[rung])
        following = _NAMES[rung + 1] if rung + 1 < len(_NAMES) else ""
        self._said(f"{_NAMES[rung]} {self._patience[rung]:g} {following}")
        if rung == 0:
            self._family.interrupt()
        elif rung == 1:
            self._family.send(signal.SIGTERM)
        else:
            self._kill()

    def _kill(self) -> None:
        for _ in range(_ROUNDS):
            self._family.send(signal.SIGKILL)
            if self._gone():
                return
