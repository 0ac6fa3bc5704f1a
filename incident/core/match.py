"""Which runbook belongs to an alert, and why. A wrong runbook is worse than none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incident.core.ports import Listed
from incident.core.runbook.links import Link, link_in, links_of, shown
from incident.core.runbook.shelf import COMMON, Book, Place, Shelved, anchor_line, fold, shelved, words_of
from incident.core.text import one_line

MAX_SUGGESTIONS = 5

_SERVICE_LABELS = ("service", "service_name", "app", "application", "type", "component", "job", "team")


class Confidence(StrEnum):
    """How certain a match is. An ambiguous one opens nothing unasked."""

    SURE = "sure"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A runbook that may be meant; offered, never opened unasked."""

    path: str
    root: str
    line: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The runbook of an alert, or none; `reason` says why in words. `line` is where in the file, from 1."""

    path: str | None
    root: str
    line: int | None
    reason: str
    confidence: Confidence
    candidates: tuple[Candidate, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The published shape of `incident runbook match --json`."""
        return {
            "path": self.path,
            "root": self.root,
            "line": self.line,
            "reason": self.reason,
            "confidence": self.confidence.value,
            "candidates": [{"path": c.path, "root": c.root, "line": c.line, "why": c.why} for c in self.candidates],
        }


def match(
    alert_labels: Mapping[str, str],
    annotations: Mapping[str, str],
    shelf: Sequence[Listed],
    mapping: Mapping[str, str] | None = None,
) -> Match:
    """The runbook that belongs to an alert: mapped, claimed, linked, named, or the service's default - in this order.

    `mapping` is the configuration's: an alert's name, or the beginning of links, to a path under a root.
    """
    name = one_line(alert_labels.get("alertname", ""))
    index = shelved(shelf)
    mapped = mapping or {}
    if name in mapped:
        return _mapped(mapped[name], name, index)
    if claiming := index.claims.get(name.casefold()):
        return _one_of(claiming, f"its front matter names {name}", Confidence.SURE)
    dead = ""
    for where, value in links_of(alert_labels, annotations):
        link = link_in(value, mapped)
        if found := _linked(link, name, index):
            return found
        dead = dead or link.refused or f"the {where} {shown(value)} leads to none of the runbooks here"
    because = f"{dead}; " if dead else ""
    found = _named(name, alert_labels, index, because) or _default(alert_labels, index, because)
    return found or _nothing(name, index, dead)


def _mapped(path: str, name: str, index: Shelved) -> Match:
    books = index.by_path(path)
    if books:
        return _one_of([Place(book) for book in books], f"the configuration maps {name} to it", Confidence.SURE)
    shown = one_line(path, 200)
    return _nothing(name, index, f"the configuration maps {name} to {shown}, which is not among the runbooks")


def _one_of(places: Sequence[Place], reason: str, confidence: Confidence) -> Match:
    """The one place, or none and a choice. The same path under two roots is the earlier root's."""
    if len({place.book.listed.path for place in places}) == 1:
        own = places[0].book.listed
        return Match(own.path, own.root, places[0].line, reason, confidence)
    why = f"{len(places)} runbooks could be meant: {reason}"
    return Match(None, "", None, why, Confidence.AMBIGUOUS, _offer(places, reason))


def _offer(places: Sequence[Place], why: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(place.book.listed.path, place.book.listed.root, place.line, why) for place in places[:MAX_SUGGESTIONS]
    )


def _linked(link: Link, name: str, index: Shelved) -> Match | None:
    """The file that a written link means."""
    if link.refused or not link.segments:
        return None
    found = index.linked(link, name)
    if not found.books:
        return None
    books: Sequence[Book] = found.books
    own = [book for book in books if book.stem == fold(name)]
    books = own if len(own) == 1 else books
    confidence = Confidence.SURE if found.sure else Confidence.LIKELY
    made = _one_of([Place(book) for book in books], found.reason, confidence)
    if made.path is None or not link.anchor:
        return made
    line = anchor_line(books[0], link.anchor, name)
    anchor = one_line(link.anchor, 80)
    dead = f"; its anchor #{anchor} is not in the file, so it opens at the top" if line is None else ""
    return Match(made.path, made.root, line, made.reason + dead, made.confidence)


def _named(name: str, labels: Mapping[str, str], index: Shelved, because: str) -> Match | None:
    """The file or heading that carries the alert's own name."""
    folded = fold(name)
    if not folded:
        return None
    if books := index.stems.get(folded):
        places = [Place(book) for book in books]
        reason = f"{because}the file carries the alert's name"
        if not because or _is_own(name, labels, places):
            return _one_of(places, reason, Confidence.LIKELY if because else Confidence.SURE)
        return Match(None, "", None, reason, Confidence.AMBIGUOUS, _offer(places, reason))
    places = index.headings.get(folded, [])
    if not places:
        return None
    if _is_own(name, labels, places):
        return _one_of(places, f"{because}a heading carries the alert's name", Confidence.LIKELY)
    reason = f"{because}a heading carries the name {name}, which several services may use"
    return Match(None, "", None, reason, Confidence.AMBIGUOUS, _offer(places, "a heading carries the alert's name"))


def _is_own(name: str, labels: Mapping[str, str], places: Sequence[Place]) -> bool:
    """Whether a name says whose alert it is, itself or through a label that the file's path repeats."""
    if words_of(name) - COMMON:
        return True
    services = {fold(labels[key]) for key in _SERVICE_LABELS if labels.get(key)} - {""}
    paths = [fold(f"{place.book.listed.root}/{place.book.listed.path}") for place in places]
    return any(service in path for service in services for path in paths)


def _default(labels: Mapping[str, str], index: Shelved, because: str) -> Match | None:
    for key in _SERVICE_LABELS[:4]:
        service = fold(labels.get(key, ""))
        if service and (books := index.default_of(service)):
            reason = f"{because}it is the default of the {key} {one_line(labels[key], 80)}"
            return _one_of([Place(book) for book in books], reason, Confidence.LIKELY)
    return None


def _nothing(name: str, index: Shelved, dead: str) -> Match:
    offered = tuple(
        Candidate(book.listed.path, book.listed.root, None, f"its name shares {', '.join(shared)}")
        for book, shared in index.alike(name, MAX_SUGGESTIONS)
    )
    reason = dead or ("no runbook names this alert" if name else "the alert has no name and no link to a runbook")
    return Match(None, "", None, reason, Confidence.AMBIGUOUS, offered)
