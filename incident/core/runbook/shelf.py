"""The runbooks on the shelf by path, name, heading and claim, so that an alert finds its own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from incident.core.ports import Listed
from incident.core.runbook.links import Link
from incident.core.runbook.outline import anchors

_SUFFIX = re.compile(r"(?:\.(?:html?|md|markdown|mdx|erb|adoc|rst|txt))+\Z", re.IGNORECASE)
_FOLDER_PAGES = frozenset({"readme", "index"})  # such a file is what its folder is called
_EVERYWHERE = _FOLDER_PAGES | {"runbook", "runbooks", "playbook", "playbooks", "default", "main", "home", "overview"}
# Folders that only say that runbooks are in them.
_CONTAINERS = frozenset(
    {"runbooks", "runbook", "playbooks", "playbook", "docs", "wiki", "pages", "sop", "sops", "alerts"}
)
_HEADING_FRAME = re.compile(r"\A(?:alertname|alert)|(?:alert)\Z")

# Words that say what kind of trouble it is, and not whose: an alert's name made of these alone is nobody's own.
COMMON = frozenset(
    """
    high low too many few error errors rate ratio latency slow fast critical warning warn alert alerts down up
    cpu memory mem disk usage request requests duration long service services pod pods node host instance
    instances oom missing failed failing failure failures count absent not available availability space full
    queue lag job jobs target targets restart restarts restarting crash looping burn budget slo traffic
    saturation load average large size percent response http the and time timeout timeouts unavailable unhealthy
    percentile percentage 5xx 4xx 500 404 p99 p95
    """.split()  # noqa: SIM905 - a table of words reads better so
)


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """A name without case, blanks, dashes, dots: `Kube API-latency` and `kube_api_latency` are one."""
    return re.sub(r"[\W_]+", "", text.casefold())


def words_of(name: str) -> frozenset[str]:
    """The words of a CamelCase, kebab-case or snake_case name, lower case."""
    parts = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+[a-z]*", name)
    return frozenset(part.lower() for part in parts if len(part) > 1 and not part.isdigit())


@dataclass(frozen=True, slots=True)
class Book:
    """A runbook with its names folded."""

    listed: Listed
    folders: tuple[str, ...]  # of its root and path
    own: tuple[str, ...]  # its path under the root; a README goes by its folder
    stem: str
    page: bool  # its file name is one that many folders have
    words: frozenset[str]

    @property
    def whole(self) -> tuple[str, ...]:
        """Every name on the way to it."""
        return (*self.folders, *self.own)


@dataclass(frozen=True, slots=True)
class Place:
    """A runbook, and the line in it that is meant, from 1."""

    book: Book
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a link leads to, and in words how that is known."""

    books: tuple[Book, ...] = ()
    reason: str = ""
    sure: bool = False


class Shelved:
    """An index over a listing."""

    def __init__(self, listing: Sequence[Listed]) -> None:
        self.books = tuple(_book(listed) for listed in listing)
        self.stems: dict[str, list[Book]] = defaultdict(list)
        self.last: dict[str, list[Book]] = defaultdict(list)
        self.claims: dict[str, list[Place]] = defaultdict(list)
        self.headings: dict[str, list[Place]] = defaultdict(list)
        for book in self.books:
            self.stems[book.stem].append(book)
            self.last[book.own[-1]].append(book)
            for alert in book.listed.alerts:
                self.claims[alert.casefold()].append(Place(book))
            for position, (line, text) in enumerate(book.listed.headings):
                folded = fold(text)
                for name in {folded, _HEADING_FRAME.sub("", folded)} - {""}:
                    self.headings[name].append(Place(book, line if position else None))

    def by_path(self, path: str) -> list[Book]:
        """The runbooks at exactly this path, under a root or in full."""
        wanted = path.removeprefix("./")
        return [b for b in self.books if wanted in (b.listed.path, f"{b.listed.root}/{b.listed.path}")]

    def linked(self, link: Link, name: str) -> Found:
        """The runbooks that a link means; several when it cannot be told."""
        if link.host:
            return self._by_address(link, name)
        return self._by_written_path(link)

    def default_of(self, service: str) -> list[Book]:
        """The runbooks for whatever else a service does."""
        wanted = (f"{service}default", f"default{service}")
        return [b for b in self.books if b.stem in wanted or b.whole[-2:] == (service, "default")]

    def alike(self, name: str, limit: int) -> list[tuple[Book, tuple[str, ...]]]:
        """Runbooks whose names share telling words with this one, the most alike first."""
        words = words_of(name)
        scored = []
        for book in self.books:
            shared = words & book.words
            if len(shared) > 1 and shared - COMMON:
                scored.append((len(shared) / len(words | book.words), book, tuple(sorted(shared))))
        scored.sort(key=lambda entry: (-entry[0], entry[1].listed.path))
        return [(book, shared) for _, book, shared in scored[:limit]]

    def _by_written_path(self, link: Link) -> Found:
        if link.absolute:
            return Found(tuple(self.by_path(link.absolute)), "found by the path that its annotation gives", sure=True)
        exact = self.by_path("/".join(link.segments))
        if exact:
            return Found(tuple(exact), "found by the path that its annotation gives", sure=True)
        wanted, page = _names(link.segments)
        books = self.last.get(wanted[-1], ())
        deep = [book for book in books if _shared(wanted, book.whole) >= 2 and _used_up(wanted, book)]
        if deep:
            return Found(_longest(wanted, deep), "found by the end of the path that its annotation gives")
        alone = [book for book in books if len(wanted) == 1 and not page and not book.page]
        return Found(tuple(alone), "found by the file name that its annotation gives")

    def _by_address(self, link: Link, name: str) -> Found:
        wanted, page = _names(link.segments)
        books = [book for book in self.last.get(wanted[-1], ()) if _may_be(wanted, book, link, page, name)]
        best = _longest(wanted, books)
        one_name = bool(best) and (len(best[0].own) == 1 or _shared(wanted, best[0].whole) == 1)
        reason = "found by the last part of its link" if one_name else "found by its link"
        sure = bool(best) and (best[0].stem == fold(name) or _shared(wanted, best[0].whole) > 1)
        return Found(best, reason, sure)


_kept: tuple[Sequence[Listed], Shelved] | None = None


def shelved(listing: Sequence[Listed]) -> Shelved:
    """The index over a listing; asked again with the same one, it is not built again."""
    global _kept
    kept = _kept
    if kept is None or kept[0] is not listing or not isinstance(listing, tuple):
        kept = _kept = (listing, Shelved(listing))
    return kept[1]


def anchor_line(book: Book, anchor: str, name: str) -> int | None:
    """The line an anchor means: by its slug, by its letters, by the alert's own name, or a table's row."""
    slugs = anchors(text for _, text in book.listed.headings)
    if (place := slugs.get(anchor.lower())) is not None:
        return book.listed.headings[place][0]
    meant = [fold(anchor), _HEADING_FRAME.sub("", fold(anchor)), fold(name)]
    for listed in (book.listed.headings, book.listed.rows):
        named = {fold(text): line for line, text in reversed(listed)}
        framed = {_HEADING_FRAME.sub("", folded): line for folded, line in named.items()}
        for word in meant:
            if word and (word in named or word in framed):
                return named.get(word, framed.get(word))
    return None


def _names(segments: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Folded names without file suffixes, and whether they end in a page that many folders have."""
    names = [fold(segment) for segment in segments[:-1]] + [fold(_SUFFIX.sub("", segments[-1]))]
    page = names[-1] in _EVERYWHERE
    if names[-1] in _FOLDER_PAGES and len(names) > 1:
        names.pop()
    return tuple(names), page


def _book(listed: Listed) -> Book:
    own, page = _names(listed.path.split("/"))
    stem = _SUFFIX.sub("", listed.path.rpartition("/")[2])
    folders = tuple(fold(part) for part in listed.root.split("/") if part)
    return Book(listed, folders, own, fold(stem), page, words_of(stem))


def _shared(wanted: Sequence[str], names: Sequence[str]) -> int:
    """How many names the two ways share, counted from their ends."""
    count = 0
    for left, right in zip(reversed(wanted), reversed(names), strict=False):
        if left != right:
            break
        count += 1
    return count


def _used_up(wanted: Sequence[str], book: Book) -> bool:
    """Whether nothing of the link, or nothing of the file's own path, is left over."""
    return _shared(wanted, book.whole) >= min(len(wanted), len(book.own))


def _longest(wanted: Sequence[str], books: Sequence[Book]) -> tuple[Book, ...]:
    best = max((_shared(wanted, book.whole) for book in books), default=0)
    return tuple(book for book in books if _shared(wanted, book.whole) == best)


def _may_be(wanted: tuple[str, ...], book: Book, link: Link, page: bool, name: str) -> bool:
    """Whether a web address may mean this file; one shared name alone is hardly ever enough."""
    shared = _shared(wanted, book.whole)
    if page or book.page:
        here = fold(link.repository) in book.folders if link.repository else False
        return _used_up(wanted, book) and (shared >= 2 or (here and len(wanted) == len(book.own) == 1))
    if shared >= 2 or book.stem == fold(name):
        return True
    in_container = len(wanted) > 1 and wanted[-2] in _CONTAINERS and len(book.own) == 1
    return not link.repository and (len(wanted) == 1 or in_container)
