"""The post-mortem on its way out: the draft as it would be exported, what people wrote in it, and its files.

What people write lives in the exported Markdown file and nowhere else; a text that is being typed lies on the desk.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from incident.core import facts
from incident.core.check.finding import Finding
from incident.core.postmortem import Audience, names, write
from incident.core.postmortem.blocks import lines_of, merge
from incident.core.postmortem.passages import Passage, passages, rewritten
from incident.core.text import one_line
from incident.engine.impact import Impact
from incident.engine.log import Log
from incident.engine.parts import Parts
from incident.engine.response import Record
from incident.errors import UsageError

MARKDOWN = "md"


@dataclass(frozen=True, slots=True)
class Draft:
    """The post-mortem as an export would leave it now."""

    path: str
    text: str
    kept: tuple[str, ...] = ()  # computed blocks that stay as a person left them
    file: str | None = None  # what the file held when it was read; None when there is none yet
    findings: tuple[Finding, ...] = ()  # what the check found in it and nobody allowed


class Drafts:
    """Builds, shows, edits and writes the documents of every incident."""

    patience = 8.0  # seconds that an export waits for the numbers of the impact

    def __init__(
        self, parts: Parts, log: Log, record: Record, impact: Impact, whole: Callable[[str], Awaitable[None]]
    ) -> None:
        """`whole` returns when all of an incident's events are read."""
        self._parts = parts
        self._log = log
        self._record = record
        self._impact = impact
        self._whole = whole

    def path_of(self, identity: str, form: str = MARKDOWN, audience: Audience = Audience.INTERNAL) -> str:
        """Where an export goes when nobody says where."""
        middle = ".public" if audience is Audience.PUBLIC else ""
        return f"{self._parts.settings.postmortems}/{identity}{middle}.{form}"

    async def text(self, identity: str, form: str = MARKDOWN, audience: Audience = Audience.INTERNAL) -> str:
        """A fresh document, without what people wrote in an earlier one. Raises UsageError for an unknown format."""
        if form not in self._parts.exporters:
            known = ", ".join(sorted(self._parts.exporters))
            raise UsageError(f"there is no format {form!r}", hint=f"known: {known}")
        await self._whole(identity)
        written = None
        if form != MARKDOWN:
            written = await asyncio.to_thread(self._parts.paper.read, self.path_of(identity, audience=audience))
        manner = replace(self._parts.manner, audience=audience, written=written or "")
        incident, events = self._log.incident(identity), self._log.events(identity)
        exporter = self._parts.exporters[form]()
        made = await asyncio.to_thread(write, exporter, incident, events, self._parts.clock.now(), manner)
        return self._parts.redactor.text(made)

    async def read(self, identity: str) -> Draft:
        """The Markdown as an export would leave it now, with what people wrote. Raises UsageError, ExportError."""
        fresh = await self.text(identity)
        path = self.path_of(identity)
        old = await asyncio.to_thread(self._parts.paper.read, path)
        text, kept = (fresh, []) if old is None else merge(old, fresh)
        found = await asyncio.to_thread(self._checked, text, path, self.people(identity))
        return Draft(path, text, tuple(kept), old, tuple(found))

    def _checked(self, text: str, path: str, people: Sequence[str]) -> list[Finding]:
        from incident.core.check.postmortem import check  # with YAML, when a draft is looked at

        found = check(text.encode("utf-8", "replace"), path, {}, self._parts.manner.headings, people=people)
        return [finding for finding in found if not finding.allowed]

    async def allow(self, identity: str, finding: Finding, why: str) -> None:
        """Leave a finding in place, by a comment before its line, with a reason. Raises UsageError, ExportError."""
        draft = await self.read(identity)
        if finding not in draft.findings:
            raise UsageError("this finding is not there any more")
        if not why.strip():
            raise UsageError("a finding is only left in place with a reason")
        lines = lines_of(draft.text)
        passage = next((one for one in passages(draft.text) if one.start < finding.line <= one.end), None)
        if passage is None:
            raise UsageError(
                "it stands in a part that is computed from the timeline", hint="correct the row there: t, then c"
            )
        comment = f"<!-- incident-check: allow {finding.rule} because {one_line(why).replace('--', '-')} -->\n"
        inside = "".join([*lines[passage.start : finding.line - 1], comment, *lines[finding.line - 1 : passage.end]])
        await self.rewrite(identity, passage, inside.strip("\r\n"))

    def people(self, identity: str) -> tuple[str, ...]:
        """The names of everybody in an incident."""
        return names(self._log.incident(identity), self._log.events(identity))

    async def rewrite(self, identity: str, was: Passage, words: str) -> int:
        """Put a person's words into the file, which is made if need be; how many secrets were masked in them.

        Raises UsageError when somebody else changed this part meanwhile, ExportError when it cannot be written.
        """
        masked, count = self._parts.redactor.masked(words)
        draft = await self.read(identity)
        text = rewritten(draft.text, was, masked)
        await asyncio.to_thread(self._parts.paper.replace, draft.path, text, draft.file)
        if draft.file is None:
            await self._record(identity, facts.Exported(draft.path, MARKDOWN))
        return count

    async def export(
        self, identity: str, form: str = MARKDOWN, path: str = "", audience: Audience = Audience.INTERNAL
    ) -> tuple[str, tuple[str, ...]]:
        """Measure what is over, then write; where it is, and what a person had written there and was kept."""
        with contextlib.suppress(TimeoutError):  # a document without the numbers is better than none
            async with asyncio.timeout(self.patience):
                await self._impact.measure(identity, only_over=True)
        text = await self.text(identity, form, audience)
        path = path or self.path_of(identity, form, audience)
        kept = await asyncio.to_thread(self._parts.publish, path, text)
        await self._record(identity, facts.Exported(path, form))
        return path, kept

    def place_for_typing(self, identity: str, passage: Passage) -> str:
        """The name on the desk under which a half-typed text lies."""
        stem = PurePath(self.path_of(identity)).stem
        return f"{stem} {passage.heading or 'title'} {passage.number}"
