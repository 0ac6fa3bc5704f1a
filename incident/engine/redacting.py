"""Redaction: a row, what is said of it elsewhere in the log, and what its command printed into files, for good."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from incident.core.corrections import run_of, to_redact_with
from incident.core.facts import Redacted
from incident.engine.commands import Commands
from incident.engine.log import Log
from incident.engine.news import IncidentChanged, News
from incident.engine.reading import InWriter, Reading
from incident.errors import JournalError

EraseOutput = Callable[[str, str], bool]  # incident, run -> whether there was anything; raises OSError


class Redacting:
    """Carries redactions out, and finishes one that a crash interrupted."""

    def __init__(
        self,
        log: Log,
        reading: Reading,
        commands: Commands,
        erase: EraseOutput,
        in_writer: InWriter,
        tell: Callable[[News], None],
    ) -> None:
        self._log = log
        self._reading = reading
        self._commands = commands
        self._erase = erase
        self._in_writer = in_writer
        self._tell = tell

    def has_output(self, incident: str, event: str) -> bool:
        """Whether a row is about a command whose output goes with it."""
        known = self._log.event(incident, event)
        return known is not None and bool(run_of(known.fact))

    async def redact(self, incident: str, event: str, why: str) -> None:
        """Take what stands in a row off the disk for good: the row first, then what its command printed.

        Raises UsageError, JournalError.
        """
        await self._reading.whole(incident)
        try:
            for row in (*to_redact_with(self._log.events(incident), event), event):
                order = await self._in_writer(self._log.redact, incident, row, why)
                if isinstance(order.fact, Redacted) and order.fact.run:
                    self._commands.forget(order.fact.run)
                    await self._in_writer(self._erase_of, incident, order.fact.run)
        finally:
            self._tell(IncidentChanged(incident))

    async def finish(self) -> None:
        """Remove the output of commands whose rows are redacted, and that a crash left. What fails is tried again."""
        with contextlib.suppress(JournalError):
            await self._in_writer(self._finish)

    def _finish(self) -> None:
        for order in self._log.orders():
            if isinstance(order.fact, Redacted) and order.fact.run:
                with contextlib.suppress(JournalError):
                    self._erase_of(order.incident, order.fact.run)

    def _erase_of(self, incident: str, run: str) -> None:
        try:
            self._erase(incident, run)
        except OSError as broken:
            raise JournalError(
                f"the row is redacted, but what the command printed is still there: {broken.strerror}",
                at=str(broken.filename or ""),
                hint="the next start tries again; or remove the file",
            ) from None
