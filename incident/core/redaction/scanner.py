"""Finds the secrets of a text, one line after another, and puts masks in their places."""

from __future__ import annotations

import re
from string import ascii_uppercase

from incident.core.redaction.blocks import INSIDE, Follower, begun, swallowed
from incident.core.redaction.colour import bare
from incident.core.redaction.form import LONGEST
from incident.core.redaction.known import Known
from incident.core.redaction.mask import Span, merged
from incident.core.redaction.table import possible

CONTEXT = 2_048  # characters in front of a secret that may say that it is one
BEHIND = LONGEST + CONTEXT  # characters that a part of a line is looked at beyond what is given out of it
FOLLOWERS = 8  # at once
ROUNDS = 4  # of looking at a line again, without what was found
_LOWER = {ord(letter): letter.lower() for letter in ascii_uppercase}  # of some letters, more than one is the lower one
_RUN = re.compile(r"[\w+/=.%~-]*+")


class Scanner:
    """Masks line by line. `count` is how many secrets there were."""

    def __init__(self, known: Known) -> None:
        self.count = 0
        self._known = known
        self._followers: list[Follower] = []
        self._before = ""  # the lines in front, when each ends in a backslash: one command
        self._runs_on = False  # a secret goes on behind the part of the line that was looked at

    @property
    def open(self) -> bool:
        """Whether what comes next may be a secret by what stood in front of it."""
        return self._runs_on or bool(self._before or self._followers)

    def line(self, line: str, shown: int = 0) -> str:
        """A line, with its end, from `shown` on, where a part of it was given out; "" when it is inside a key block."""
        body = line.rstrip("\r\n")
        text = bare(body)
        spans = self.spans(text.text) if not shown else self._inside(text.text)
        if not shown and swallowed(text.text, spans):
            return ""
        masked = self._masked(body, self._raw(body, spans), shown, len(body))
        self._runs_on = False
        return masked + line[len(body) :]

    def part(self, line: str, shown: int) -> tuple[str, int]:
        """The same for a line whose end is not known: what can be given out of it, and up to where that goes."""
        text = bare(line)
        spans = self._raw(line, self.spans(text.text) if not shown else self._inside(text.text))
        until = max(shown, rest_from(line))
        run = _RUN.match(line, shown) if self._runs_on else None
        runs_on = run is not None and run.end() == len(line)
        if runs_on:
            until = len(line)
        for span in spans:
            if span.start < until < span.end:
                runs_on = span.end == len(line)
                until = span.end if runs_on or span.start <= shown else span.start
        masked = self._masked(line, spans, shown, until)
        self._runs_on = runs_on
        return masked, until

    def spans(self, text: str) -> list[Span]:
        """Where the secrets stand in a line's bare text. It must be the line behind the last one that was asked for."""
        found: list[Span] = []
        for follower in [*self._followers]:
            spans = follower.line(text)
            if spans is None:
                self._followers.remove(follower)
            else:
                found += spans
        for spans, follower in begun(text):
            found += spans
            self._followers = [*self._followers[1 - FOLLOWERS :], follower]
        before, self._before = self._before, ""
        if text.endswith("\\"):
            self._before = f"{before}{text[:-1]} "[-CONTEXT:]
        if before:
            here = (span.within(len(before), len(before) + len(text)) for span in self._inside(before + text))
            found += [span for span in here if span]
            return merged(found, text)
        return self._inside(text, found)

    def _inside(self, text: str, found: list[Span] | None = None) -> list[Span]:
        """The secrets that the line alone shows, with those that were found."""
        spans = found or []
        spans += [Span(*place) for place in self._known.places(text)]
        rounds = ROUNDS
        while rounds and (new := _formed(_covered(text, spans))):
            spans += new
            rounds -= 1
        return [_whole(span, text) for span in merged(spans, text)]

    def _raw(self, line: str, spans: list[Span]) -> list[Span]:
        """The secrets of a bare text in the line itself, with those that only the line shows.

        A stray escape in front of a secret would take its first character along.
        """
        text = bare(line)
        if text.text == line:
            return spans
        found = [Span(text.raw(span.start), text.raw_end(span.end), span.kind) for span in spans]
        return merged([*found, *self._inside(line)], line)

    def _masked(self, line: str, spans: list[Span], shown: int, until: int) -> str:
        text = bare(line)
        made, place = [], shown
        if self._runs_on and (run := _RUN.match(line, shown)):
            place = min(run.end(), until)
        for span in spans:
            if span.end <= place or span.start >= until:
                continue
            made.append(line[place : max(place, span.start)])
            if span.start >= place and span.kind != INSIDE:
                made.append(span.mask)
                self.count += 1
            made.append(text.escapes(max(place, span.start), span.end))
            place = span.end
        made.append(line[place:until])
        return "".join(made)


def _formed(text: str) -> list[Span]:
    """The secrets that a text shows by their form."""
    lower = text.lower() if text.isascii() else text.translate(_LOWER)
    return [Span(start, end, form.kind) for form in possible(lower) for start, end in form.places(text, lower)]


def _covered(text: str, spans: list[Span]) -> str:
    """The text with stars for what was found: one secret may have hidden another one from the patterns."""
    if not spans:
        return text
    letters = list(text)
    for span in spans:
        letters[span.start : span.end] = "*" * (span.end - span.start)
    return "".join(letters)


def rest_from(line: str) -> int:
    """Where the rest of a part of a line begins that is looked at again, together with what follows."""
    return max(len(line) - BEHIND, len(line) // 2)


def _whole(span: Span, text: str) -> Span:
    """A secret that is longer than a pattern may be goes to its end."""
    if span.end - span.start < LONGEST or not (run := _RUN.match(text, span.end)):
        return span
    return Span(span.start, run.end(), span.kind)
