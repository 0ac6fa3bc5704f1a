"""The runbook in use in an incident: found for its alert, read, opened, and looked at again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from incident.core import facts
from incident.core.alert import Alert
from incident.core.incident import Incident
from incident.core.ports import RunbookFile, Shelf
from incident.core.runbook import Runbook
from incident.engine.response import Record
from incident.engine.watch import Watch
from incident.errors import RunbookError

if TYPE_CHECKING:
    from incident.core.runbook.page import PageBlock

ReadRunbook = Callable[[str], Awaitable[Runbook | None]]  # incident -> the runbook in use; raises RunbookError


class Runbooks:
    """Runbooks as they were last read, by path; `FILE#heading` names a part of a file that serves many alerts."""

    def __init__(self, shelf: Shelf, watch: Watch, incident: Callable[[str], Incident], record: Record) -> None:
        self._shelf = shelf
        self._watch = watch
        self._incident = incident
        self._record = record
        self._known: dict[str, Runbook] = {}

    async def of(self, identity: str) -> Runbook | None:
        """The runbook in use in an incident, as it was read. Raises RunbookError when it is gone."""
        path = self._incident(identity).runbook
        if not path:
            return None
        if path not in self._known:
            self._known[path], _ = await self.read(path)
        return self._known[path]

    async def page(self, identity: str) -> tuple[tuple[PageBlock, ...], str]:
        """The runbook in use as it is written, and where the file is. Raises RunbookError."""
        from incident.core.runbook.page import page  # with the Markdown parser, when it is needed

        path = self._incident(identity).runbook
        if not path:
            raise RunbookError("this incident has no runbook yet", hint="b on the checklist picks one")
        file = await self.file(path)
        return await asyncio.to_thread(page, file.data), file.location

    async def changed_on_disk(self, identity: str) -> bool:
        """Whether the runbook in use is not, or no longer, the file that was read."""
        incident = self._incident(identity)
        if not incident.runbook:
            return False
        try:
            file = await self.file(incident.runbook)
        except RunbookError:
            return True
        return file.sha256 != incident.runbooks[incident.runbook].sha256

    async def use(self, identity: str, path: str, reason: str) -> Runbook:
        """Open a runbook in an incident; also reads it again when it changed. Raises RunbookError."""
        runbook, file = await self.read(path)
        self._known[path] = runbook
        incident = self._incident(identity)
        known = incident.runbooks.get(path)
        if known is None or known.sha256 != file.sha256 or incident.runbook != path:
            opened = facts.RunbookOpened(path, file.sha256, runbook.title, reason, len(runbook.steps))
            await self._record(identity, opened)
        return runbook

    async def use_for(self, identity: str, alert: Alert) -> None:
        """Open the runbook that belongs to an alert, if one surely does."""
        found = await self._watch.match_for(alert)
        if found.path is not None:
            with contextlib.suppress(RunbookError):
                path = found.path if found.line is None else await self._part(found.path, found.line)
                await self.use(identity, path, found.reason)

    async def read(self, path: str) -> tuple[Runbook, RunbookFile]:
        """A runbook, or the part of one that `FILE#heading` names. Raises RunbookError."""
        from incident.core.runbook.part import part_of
        from incident.core.runbook.read import read  # the Markdown parser costs a tenth of a second to load

        file = await self.file(path)
        whole = await asyncio.to_thread(read, file.data, file.path)
        anchor = path.partition("#")[2]
        return replace(part_of(whole, anchor), path=path) if anchor else whole, file

    async def file(self, path: str) -> RunbookFile:
        """The file as it is now. Raises RunbookError."""
        return await asyncio.to_thread(self._shelf.read, path.partition("#")[0])

    async def _part(self, path: str, line: int) -> str:
        """`FILE#heading` for a line of a file that serves many alerts."""
        from incident.core.runbook.part import anchor_at

        whole, _ = await self.read(path)
        anchor = anchor_at(whole, line)
        return f"{path}#{anchor}" if anchor else path
