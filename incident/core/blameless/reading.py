"""A sentence as the families read it: short forms written out, and everybody who is known as `Somebody`.

No name is guessed: known are the incident's own people, and whoever a pronoun says to be a person.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_SOMEBODY = "Somebody"
_HAVE = r"(?P<have>(?<=should|.could|.would|..must|.might)['’]ve\b)"
_PRONOUN = re.compile(r"\b(?:he|she|his|her|him|himself|herself)\b")
# A word that begins a clause and is followed by another one, where it is none of those that often begin one.
_NAME = re.compile(
    r"(?:\A|[,;:.] |\b(?:because|when|after|that|if|but|and|had) )"
    r"(?!(?:The|This|That|It|We|They|He|She|His|Her|When|After|Before|If|Had|As|In|On|At|By|For|From|With|While|Once|"
    r"Then|There|No|Nobody|Someone|Somebody|Everyone|Each|Every|All|Our|Its|An?|And|But|Because|Since|Although|Only|"
    r"Why|How|What|Who|Where|Due|Despite|Instead|Even|Just|To|So|Not|One|Another|Any|Some|Both|Monday|Tuesday|"
    r"Wednesday|Thursday|Friday|Saturday|Sunday)\b)([A-Z][a-z]{1,14}(?:-[A-Za-z][a-z]{1,14})?)(?![\w-])"
    r"(?=\s(?!to\b|of\b|on\b|in\b|for\b|from\b|with\b|by\b|the\b|an?\b|and\b|or\b)[a-z])"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The text to look at, and where each part of it stands in the sentence."""

    text: str
    sentence: str
    places: tuple[tuple[int, int], ...]  # offset here, offset in the sentence; the first is (0, 0)

    def origin(self, offset: int) -> int:
        """Where in the sentence something stands that stands here."""
        here, there = self.places[bisect_right(self.places, (offset, len(self.sentence))) - 1]
        return there + offset - here

    def words(self, found: re.Match[str]) -> str:
        """What was found, as it is written in the sentence."""
        return self.sentence[self.origin(found.start()) : self.origin(found.end())].strip()


def reading(sentence: str, people: Sequence[str] = ()) -> Reading:
    """The sentence with the people that are known, and with one that a pronoun says to be a person, as `Somebody`.

    Only a name at the beginning of a clause counts as a person's for a pronoun: one elsewhere may be that of what the
    person worked on.
    """
    names = tuple(people)
    if _PRONOUN.search(sentence) and (found := _NAME.search(sentence)):
        names = (*names, found[1])
    pieces: list[str] = []
    places = [(0, 0)]
    at = length = 0
    for hit in _known(names).finditer(sentence):
        put = " have" if hit["have"] else _SOMEBODY
        pieces += [sentence[at : hit.start()], put]
        length += hit.start() - at
        places.append((length, hit.start()))
        length += len(put)
        at = hit.end()
        places.append((length, at))
    return Reading("".join([*pieces, sentence[at:]]), sentence, tuple(places))


@lru_cache(256)
def _known(people: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(_written(people))
    person = rf"(?<![\w/.@-])(?:{names})(?![\w/-]|\.\w)|" if names else ""
    return re.compile(f"{person}{_HAVE}", re.IGNORECASE)


def _written(people: Iterable[str]) -> Iterator[str]:
    """How they may be called: by the whole name, however it is written, or by a part of it that is written large."""
    known = sorted({name.strip() for name in people if len(name.strip()) > 1}, key=len, reverse=True)
    yield from map(re.escape, known)
    parts = {part for name in known for part in name.split() if len(part) > 2 and part[0].isupper()}
    yield from (rf"(?-i:{re.escape(part)})" for part in sorted(parts))
