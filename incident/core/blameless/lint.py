"""One sentence, or all of a document, held against the families of blame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from incident.core.blameless.families import FAMILIES, NAMED, Family, Weight
from incident.core.blameless.people import pieces
from incident.core.blameless.reading import reading
from incident.core.blameless.sentences import Part, Sentence, sentences

LONGEST = 1_000  # characters of a sentence that are looked at

_NEGATED = re.compile(
    r"(?:(?<!should )\bnot|(?<!should)n['’]t|\bno|\bnever|\bnor|\bneither|\brather than|\bcalling (?:it|this|that)|"
    r"\blabel\w* (?:it|this|that)|\binstead of|\bwithout|"
    r"\bfree of|\bavoid(?:s|ed|ing)?|"
    r"\bnobody|\bno[ -]one|\bnothing|\bstop|\bless about|\bbeyond|\breduc\w+|\bprevent\w*|"
    r"\bminimi[sz]\w+|\beliminat\w+|"
    r"\bchance of|\brisk of|\bprone to|\broom for|\bpotential for|\bpossibility of)\b[^.;:!?]{0,40}\Z",
    re.IGNORECASE,
)
_MENTIONS = re.compile(r"[\"“”„«»][^\"“”„«»]{1,60}[\"“”«»]|(?<!\w)['‘][^'’‘]{1,60}['’](?!\w)")
# What reads like blame and is none: also that nobody is to blame, and what a program is by design.
_QUIET = re.compile(
    r"`|\bgit blame\b|\bno blame\b|\bblame-?less(?:ly|ness)?\b|\bwe failed (?:you|our|them)\b|\bnot "
    r"(?:to|about) (?:assign\w* )?blam\w+|"
    r"\bnot (?:the |any(?:one|body)'?s? |a )?fault of\b|\bjust culture\b|"
    r"\b(?:nobody|no[ -]one) (?:is|was|were) (?:at fault|to blame)\b|"
    r"\b(?:parser|lexer|decoder|compiler|client|library|scheduler|matcher|loader|optimi[sz]er|evaluator|iterator|"
    r"strategy|algorithm|quorum),? (?:which |that )?(?:is|was|are|were|has been|had been)(?: \w+){0,3} "
    r"(?:careless|sloppy|lazy|greedy|naive|stupid|dumb)\b|"
    r"\b(?:careless|sloppy|lazy)[- ](?:quorum|evaluation|loading|mode|consumer|strategy|eviction|parsing)\b|"
    r"\b(?:kubernetes|k8s|helm|prometheus|redis|postgres\w*|kafka|etcd|\w+-(?:manager|controller)) operators?\b|"
    r"\b(?:named|called) (?:careless|sloppy|lazy)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"(?:nobody|no[ -]one|none of \w+)\b", re.IGNORECASE)
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
    read = reading(one.text[:LONGEST], tuple(people))
    text = read.text
    if _QUIET.search(text):
        return None
    mentions = [found.span() for found in _MENTIONS.finditer(text)]
    best: Hit | None = None
    for family, warns, hints in _compiled():
        if found := _first(text, warns, mentions, family):
            return Hit(family, Weight.WARNING, one.line_at(read.origin(found.start())), read.words(found))
        if best is None and one.part not in _MAY_WONDER:
            found = _first(text, hints, mentions, family)
            line = one.line_at(read.origin(found.start())) if found else 0
            best = Hit(family, Weight.HINT, line, read.words(found)) if found else None
    return best


def _first(
    text: str, patterns: Sequence[re.Pattern[str]], mentions: Sequence[tuple[int, int]], family: Family
) -> re.Match[str] | None:
    for pattern in patterns:
        for found in pattern.finditer(text):
            if family.asserted and _NEGATED.search(text[: found.start()]):
                continue
            if family.deed and _NOBODY.match(found[0].lstrip()):
                continue
            if any(begin <= found.start() and found.end() <= end for begin, end in mentions):
                continue
            return found
    return None


@lru_cache(1)
def _compiled() -> tuple[tuple[Family, tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]], ...]:
    known = {**pieces(), **NAMED}
    name = re.compile(r"(?<![A-Z\[\\])(" + "|".join(sorted(known, key=len, reverse=True)) + r")(?![A-Za-z])")

    def made(pattern: str) -> re.Pattern[str]:
        while (filled := name.sub(lambda hit: known[hit[1]], pattern)) != pattern:
            pattern = filled
        return re.compile(pattern, re.IGNORECASE)

    return tuple((family, tuple(map(made, family.warns)), tuple(map(made, family.hints))) for family in FAMILIES)
