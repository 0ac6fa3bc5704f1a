"""The text inside one paragraph, heading or item: markup taken away, nothing that a reader needs taken with it.

Linear in the length of the text, whatever it holds. Words such as `<previous>` stay visible, link targets stay beside
their words, code spans stay apart because some of them are commands.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from incident.core.text import one_line

MAX_CHARACTERS = 8_000  # of one paragraph; nobody reads more, and what is cut is said
_MAX_LABEL = 64  # pieces of a link's words; keeps nested brackets from costing their square

_HTML_NAMES = (
    "a|abbr|b|big|blockquote|body|br|center|cite|code|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|footer|"
    "h1|h2|h3|h4|h5|h6|head|header|hr|html|i|iframe|img|ins|kbd|li|link|main|mark|meta|nav|ol|p|picture|pre|q|s|samp|"
    "script|section|small|source|span|strike|strong|style|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|"
    "var|video|wbr"
)
# `<source>` is a tag to a browser and a placeholder to an author: bare, it is a tag only where `</source` follows.
_BARE = re.compile(r"<(\w+)>\Z")
_ALWAYS_TAGS = frozenset({"br", "hr", "wbr", "details", "summary", "div", "span"})
HTML_TAG = re.compile(rf"</?(?:{_HTML_NAMES})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_MARK = re.compile(
    r"""
      (?P<escape>\\[!-/:-@\[-`{-~])
    | (?P<ticks>`+)
    | (?P<auto><(?:https?://|mailto:)[^\s<>]{1,2000}>)
    | (?P<tag><)
    | (?P<open>!?\[)
    | (?P<close>\])
    | (?P<run>\*{1,3}|_{1,3}|~~)
    """,
    re.VERBOSE,
)
_TELLING = re.compile(r"[\\`<\[\]*_~&]")  # without these, a paragraph is plain text
_TARGET = re.compile(
    r"""\(\s*(?:<([^<>\n]{0,2000})>|([^\s<>()]{0,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,4}))
    (?:\s+(?:"[^"]{0,500}"|'[^']{0,500}'))?\s*\)""",
    re.VERBOSE,
)
_LABEL = re.compile(r"\[([^\[\]]{0,300})\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, a code span, or the target of the link whose words stand before it."""

    kind: str  # text, code, link
    text: str


@dataclass(frozen=True)  # without slots: its texts are asked for again and again, and kept
class Inline:
    """One paragraph's text in pieces."""

    pieces: tuple[Piece, ...]

    @cached_property
    def title(self) -> str:
        """The words alone, as a heading shows them."""
        return _flat("".join(p.text for p in self.pieces if p.kind != "link"), MAX_CHARACTERS)

    @cached_property
    def text(self) -> str:
        """The words with link targets in brackets behind them."""
        return self.without(())

    @property
    def codes(self) -> tuple[str, ...]:
        """The code spans, byte for byte."""
        return tuple(p.text for p in self.pieces if p.kind == "code")

    def without(self, dropped: tuple[int, ...]) -> str:
        """The text without the code spans at these positions among `pieces`."""
        shown = []
        for position, piece in enumerate(self.pieces):
            if position not in dropped:
                shown.append(f" ({piece.text})" if piece.kind == "link" else piece.text)
        return _flat("".join(shown), MAX_CHARACTERS + 100)

    @cached_property
    def spoken(self) -> str:
        """The words with every code span as one opaque word, for judging what the sentence asks."""
        said = [p.text for p in self.pieces if p.kind != "link"]
        if len(said) == len(self.pieces) and not self.codes:
            return _flat("".join(said), MAX_CHARACTERS)
        clean = (
            _flat(p.text, MAX_CHARACTERS, ends=True) if p.kind == "text" else "□"
            for p in self.pieces
            if p.kind != "link"
        )
        return " ".join("".join(clean).split())[:MAX_CHARACTERS]


def _flat(text: str, limit: int, *, ends: bool = False) -> str:
    """`one_line`, quickly where there is nothing to clean; `ends`: a blank at an end stays one blank."""
    flat = " ".join(text.split())
    if not (len(flat) <= limit and flat.isascii() and flat.isprintable()):
        flat = one_line(text, limit)
    if ends:
        flat = f"{' ' * text[:1].isspace()}{flat}{' ' * text[-1:].isspace()}"
    return flat


def inline(content: str, references: Mapping[str, str] | None = None) -> Inline:
    """Read one paragraph's Markdown; `references` maps the labels of reference links to their targets."""
    cut = content[:MAX_CHARACTERS]
    if not _TELLING.search(cut):
        pieces = [Piece("text", cut)] if cut else []
    else:
        reader = _Reader(cut, references or {})
        reader.read()
        pieces = reader.finish()
    if len(content) > MAX_CHARACTERS:
        pieces.append(Piece("text", f"… ({len(content) - MAX_CHARACTERS} more characters)"))
    return Inline(tuple(pieces))


class _Reader:
    """One pass over the text with two stacks: brackets that may become links, runs that may become emphasis."""

    def __init__(self, content: str, references: Mapping[str, str]) -> None:
        self.content = content
        self.lowered = content.lower()
        self.references = references
        self.out: list[Piece] = []
        self.brackets: list[tuple[int, str]] = []
        self.runs: dict[str, list[int]] = {}
        self.closing: dict[int, list[int]] = {}
        for found in re.finditer("`+", content):
            self.closing.setdefault(len(found[0]), []).append(found.start())

    def read(self) -> None:
        at = 0
        while found := _MARK.search(self.content, at):
            self._say(self.content[at : found.start()])
            kind = found.lastgroup or ""
            at = getattr(self, f"_{kind}")(found)
        self._say(self.content[at:])

    def finish(self) -> list[Piece]:
        merged: list[Piece] = []
        for piece in self.out:
            if piece.kind == "text":
                piece = Piece("text", html.unescape(piece.text))
                if merged and merged[-1].kind == "text":
                    merged[-1] = Piece("text", merged[-1].text + piece.text)
                    continue
            merged.append(piece)
        return [piece for piece in merged if piece.text]

    def _say(self, text: str) -> None:
        if text:
            self.out.append(Piece("text", text))

    def _escape(self, found: re.Match[str]) -> int:
        # An escaped bracket must not come back to life as an entity or a tag, so it is kept as its own piece.
        self._say(found[0][1])
        return found.end()

    def _ticks(self, found: re.Match[str]) -> int:
        places = self.closing.get(len(found[0]), [])
        following = bisect_right(places, found.start())
        if following == len(places):
            self._say(found[0])
            return found.end()
        inner = self.content[found.end() : places[following]]
        if inner[:1] in (" ", "\n") and inner[-1:] in (" ", "\n") and inner.strip():
            inner = inner[1:-1]
        self.out.append(Piece("code", inner))
        return places[following] + len(found[0])

    def _auto(self, found: re.Match[str]) -> int:
        self._say(found[0][1:-1])
        return found.end()

    def _tag(self, found: re.Match[str]) -> int:
        tag = HTML_TAG.match(self.content, found.start())
        bare = _BARE.match(tag[0]) if tag else None
        name = bare[1].lower() if bare else ""
        if tag is None or (bare and name not in _ALWAYS_TAGS and f"</{name}" not in self.lowered):
            self._say("<")
            return found.end()
        self._say(" " if tag[0].lower().startswith("<br") else "")
        return tag.end()

    def _open(self, found: re.Match[str]) -> int:
        self.brackets.append((len(self.out), found[0]))
        self._say(found[0])
        return found.end()

    def _close(self, found: re.Match[str]) -> int:
        if not self.brackets:
            self._say("]")
            return found.end()
        start, opener = self.brackets.pop()
        target, end = None, 0
        if len(self.out) - start <= _MAX_LABEL:
            target, end = self._target(found.end(), start + 1)
        if target is None:
            self._say("]")
            return found.end()
        self.out[start] = Piece("text", "")
        words = "".join(p.text for p in self.out[start:])
        if opener == "[":
            self.brackets.clear()  # a link holds no other link
            if target and not target.startswith("#") and target != words:
                self.out.append(Piece("link" if words.strip() else "text", target))
        return end

    def _target(self, at: int, inside: int) -> tuple[str | None, int]:
        if direct := _TARGET.match(self.content, at):
            return (direct[1] or direct[2] or ""), direct.end()
        label = _LABEL.match(self.content, at)
        words = label[1] if label and label[1] else "".join(p.text for p in self.out[inside:])
        known = self.references.get(" ".join(words.upper().split()))
        if known is None:
            return None, at
        return known, label.end() if label else at

    def _run(self, found: re.Match[str]) -> int:
        mark = found[0]
        before = self.content[found.start() - 1 : found.start()]
        after = self.content[found.end() : found.end() + 1]
        inside_word = before.isalnum() and after.isalnum()
        may_open = bool(after.strip()) and not (inside_word and mark[0] == "_")
        may_close = bool(before.strip()) and not (inside_word and mark[0] == "_")
        opened = self.runs.setdefault(mark, [])
        if may_close and opened:
            self.out[opened.pop()] = Piece("text", "")
            return found.end()
        if may_open:
            opened.append(len(self.out))
        self._say(mark)
        return found.end()
