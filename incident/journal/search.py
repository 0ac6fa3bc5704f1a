"""Words found again in past incidents and post-mortems.

The index is made in memory for one search: one on disk would keep what was redacted since, and could be out of date.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from incident.core.text import plain

_WORD = re.compile(r'"([^"]+)"|(\S+)')
_BEGIN, _END = "\x02", "\x03"  # around a word that was found, in a snippet
_TOKENS = 12  # words of a snippet


@dataclass(frozen=True, slots=True)
class Page:
    """Something to be found: a timeline or a document. `place` is its id or its path."""

    kind: str  # incident, drill, post-mortem
    place: str
    title: str
    day: str  # 2026-05-02, "" when it is not known
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that holds every word, and where: pieces of text, every second one a word that was looked for."""

    page: Page
    pieces: tuple[str, ...]


def search(words: str, pages: Iterable[Page], most: int = 20) -> list[Hit]:
    """The pages that hold all of the words, the best first; the newest first among equals.

    A word in quotes is a phrase; any other one may be the beginning of a longer word.
    """
    looked_for = _query(words)
    if not looked_for:
        return []
    every = list(pages)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(
            "CREATE VIRTUAL TABLE pages USING fts5(title, text, tokenize='unicode61 remove_diacritics 2')"
        )
        connection.executemany(
            "INSERT INTO pages(rowid, title, text) VALUES (?, ?, ?)",
            ((number, page.title, f"{page.place}\n{page.text}") for number, page in enumerate(every)),
        )
        rows = connection.execute(
            "SELECT rowid, snippet(pages, -1, ?, ?, '…', ?), bm25(pages, 4.0, 1.0) FROM pages WHERE pages MATCH ?",
            (_BEGIN, _END, _TOKENS, looked_for),
        ).fetchall()
    finally:
        connection.close()
    rows.sort(key=lambda row: every[row[0]].day, reverse=True)
    rows.sort(key=lambda row: round(row[2], 1))
    return [Hit(every[number], tuple(re.split(f"[{_BEGIN}{_END}]", shown))) for number, shown, _ in rows[:most]]


def _query(words: str) -> str:
    """The words in the index's own language, each in quotes: nothing that is typed is an operator."""
    terms = []
    for phrase, word in _WORD.findall(plain(words)):
        text = (phrase or word).replace('"', "").strip()
        if any(char.isalnum() for char in text):
            terms.append(f'"{text}"' + ("" if phrase else "*"))
    return " ".join(terms)
