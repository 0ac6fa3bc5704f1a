"""What is done when the journal cannot take an event: again, then with the ballast's room, then into the lifeboat."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from incident.core.event import Event, from_json
from incident.errors import IncidentExists, JournalError
from incident.journal.ballast import Ballast
from incident.journal.connection import DiskError
from incident.journal.lifeboat import LINES, Boat, Lifeboat
from incident.journal.row import body_of
from incident.journal.writing import Ready

UNREAD = ".unread"
Write = Callable[[Sequence[Ready]], tuple[Event, ...]]  # raises JournalError


class Refuge:
    """The ladder of one journal. Not for two threads at once."""

    def __init__(self, journal: Path, places: Sequence[Path], notices: list[str]) -> None:
        self._journal = journal
        self._notices = notices
        self._ballast = Ballast(journal.with_name("ballast"))
        self._lifeboat = Lifeboat(journal, places)
        self.behind = ""  # a file of an earlier process that could not be moved into the journal yet

    @property
    def where(self) -> str:
        """The file with events that could not be written yet, "" when there is none."""
        return self._lifeboat.where

    def prepare(self) -> None:
        """Hold some room back on the journal's disk."""
        self._ballast.load()

    def save(self, ready: Sequence[Ready], write: Write) -> tuple[Event, ...]:
        """Write the events. Raises IncidentExists, or JournalError that says where they are kept instead."""
        try:
            stored = self._pressed(ready, write)
        except IncidentExists:
            raise
        except JournalError as trouble:
            raise self._kept_aside(ready, trouble) from None
        self._lifeboat.clear()
        return stored

    def bring_in(self, write: Write) -> None:
        """Move what processes that are gone have left in their lifeboats into the journal. What fails is a notice."""
        self.behind = ""
        for boat in self._lifeboat.left():
            try:
                self._bring(boat, write)
            except (OSError, JournalError) as error:
                self.behind = str(boat.path)
                self._notices.append(f"{boat.path} holds events that could not be moved into the journal yet: {error}")
                boat.close()

    def tell(self) -> None:
        """Say where events wait that are not in the journal yet, for one who only reads it."""
        for path in self._lifeboat.files(LINES):
            self._notices.append(f"{path} holds events that are not in the journal yet; the next console moves them in")

    def unread(self) -> list[Path]:
        """Files of earlier processes with lines that could not be understood; a person has to look at them."""
        return self._lifeboat.files(UNREAD)

    def close(self) -> None:
        """Let go of the files; what is in them stays for the next process."""
        self._lifeboat.close()

    def _pressed(self, ready: Sequence[Ready], write: Write) -> tuple[Event, ...]:
        try:
            return write(ready)
        except DiskError:
            pass
        try:
            return write(ready)
        except DiskError:
            if not self._ballast.drop():
                raise
        self._notices.append(
            f"the disk of {self._journal} is full or failing: the last room was given up, free some more"
        )
        return write(ready)

    def _kept_aside(self, ready: Sequence[Ready], trouble: JournalError) -> JournalError:
        try:
            self._lifeboat.keep({each.event.id: body_of(each.data, 0) for each in ready})
        except OSError:
            return JournalError(
                f"{trouble.what}; what is not saved is in memory only", at=trouble.at, hint=trouble.hint
            )
        kept = f"what is not saved is kept in {self._lifeboat.where} and moved here by itself"
        return JournalError(f"{trouble.what}; {kept}", at=trouble.at, hint=trouble.hint)

    def _bring(self, boat: Boat, write: Write) -> None:
        """Move a file's events into the journal, then remove it. Raises OSError, JournalError."""
        texts, torn = boat.read()
        ready: dict[str, Ready] = {}
        strange = 0
        for text in texts:
            try:
                event = from_json(json.loads(text))
                ready[event.id] = Ready.made_of(event, self._journal)
            except (ValueError, KeyError, TypeError, RecursionError, JournalError):
                strange += 1
        if ready:
            write(list(ready.values()))
            self._notices.append(f"{len(ready)} events that could not be saved before were moved here from {boat.path}")
        if strange:
            kept = boat.path.with_suffix(UNREAD)
            boat.path.rename(kept)
            boat.close()
            self._notices.append(f"{strange} lines in {kept} could not be understood")
            return
        if torn:
            self._notices.append(f"{torn} lines of {boat.path} were torn before they were written down")
        boat.remove()
