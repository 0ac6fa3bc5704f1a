"""One sentence, or all of a document, held against the families of blame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from incident.core.blameless.families import FAMILIES, NAMED, Family, Weight
from incident.core.blameless.people import pieces
from incident.core.blameless.sentences import Part, Sentence, sentences

LONGEST = 1_000  # characters of a sentence that are looked at

_NEGATED = re.compile(
    r"(?:\bnot|n['’]t|\bno|\bnever|\bnor|\bneither|\brather than|\binstead of|\bwithout|\bfree of|\bavoid(?:s|ed|ing)?|"
    r"\bnobody|\bno[ -]one|\bnothing|\bstop|\bless about|\bbeyond|\breduc\w+|\bprevent\w*|"
    r"\bminimi[sz]\w+|\beliminat\w+|"
    r"\bchance of|\brisk of|\bprone to|\broom for|\bpotential for|\bpossibility of)\b[^.;:!?]{0,40}\Z",
    re.IGNORECASE,
)
_MENTIONS = re.compile(r"[\"“”„«»][^\"“”„«»]{1,60}[\"“”«»]|(?<!\w)['‘][^'’‘]{1,60}['’](?!\w)")
# What reads like blame and is none.
_QUIET = re.compile(
    r"`|\bgit blame\b|\bno blame\b|\bblame-?less(?:ly|ness)?\b|\bwe failed (?:you|our|them)\b|\bnot "
    r"(?:to|about) (?:assign\w* )?blam\w+|"
    r"\bnot (?:the |any(?:one|body)'?s? |a )?fault of\b|\bjust culture\b",
    re.IGNORECASE,
)
# In these parts a sentence about what might have been is what is asked for.
_MAY_WONDER = frozenset({Part.WELL, Part.LUCKY, Part.ACTIONS})


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found in a sentence: where, how much it weighs, and the words."""

    family: Family
    weight: Weight
    line: int  # of the document, from 1
    words: str


def look_at(text: str, people: Iterable[str] = ()) -> list[Hit]:
    """Everything found in a Markdown document, by line. `people` are the incident's own."""
    known = tuple(people)
    return [hit for sentence in sentences(text) if (hit := look(sentence, known)) is not None]


def look(sentence: Sentence | str, people: Sequence[str] = ()) -> Hit | None:
    """The strongest thing found in a sentence, None when there is nothing."""
    one = Sentence(sentence) if isinstance(sentence, str) else sentence
    text = one.text[:LONGEST]
    if _QUIET.search(text):
        return None
    mentions = [found.span() for found in _MENTIONS.finditer(text)]
    best: Hit | None = None
    for family, warns, hints in _compiled(tuple(people)):
        if found := _first(text, warns, mentions, asserted=family.asserted):
            return Hit(family, Weight.WARNING, one.line_at(found.start()), found[0].strip())
        if best is None and one.part not in _MAY_WONDER:
            found = _first(text, hints, mentions, asserted=family.asserted)
            best = Hit(family, Weight.HINT, one.line_at(found.start()), found[0].strip()) if found else None
    return best


def _first(
    text: str, patterns: Sequence[re.Pattern[str]], mentions: Sequence[tuple[int, int]], *, asserted: bool
) -> re.Match[str] | None:
    for pattern in patterns:
        for found in pattern.finditer(text):
            if asserted and _NEGATED.search(text[: found.start()]):
                continue
            if any(begin <= found.start() and found.end() <= end for begin, end in mentions):
                continue
            return found
    return None


@lru_cache(32)
def _compiled(
    people: tuple[str, ...],
) -> tuple[tuple[Family, tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]], ...]:
    known = {**pieces(people), **NAMED}
    name = re.compile(r"(?<![A-Z\[\\])(" + "|".join(sorted(known, key=len, reverse=True)) + r")(?![A-Za-z])")

    def made(pattern: str) -> re.Pattern[str]:
        while (filled := name.sub(lambda hit: known[hit[1]], pattern)) != pattern:
            pattern = filled
        return re.compile(pattern, re.IGNORECASE)

    return tuple((family, tuple(map(made, family.warns)), tuple(map(made, family.hints))) for family in FAMILIES)
