"""Headings become sections: what each is for, and which of them are the ways of a fork."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from incident.core.runbook.blocks import Block
from incident.core.runbook.model import Branch, SectionKind

# The first pattern that fits a heading decides, so the more telling words come first.
_KINDS = (
    (SectionKind.CONTEXT, r"^(?:references?|additional|related|background)\b | pre-?req | resources$"),
    (SectionKind.ROLLBACK, r"roll(?:ing)?[ ]?-?backs? | revert | undo | back[ ]?out | recent[ ]changes?"),
    (SectionKind.ESCALATION, r"""escalat | contacts?\b | who[ ]to | whom | on-?call | supports?\b | communicat
        | notif(?:y|ication)[ ]\w+ | stakeholder"""),
    (SectionKind.IMPACT, r"impacts? | severit | blast[ ]radius | customers?\b.*affect | affected | consequences?"),
    (SectionKind.VERIFICATION, r"""verif | validat | confirm | post-?checks? | smoke[ ]test | sanity | acceptance
        | how[ ]to[ ]tell | is[ ]it[ ](?:real|fixed|over)"""),
    (SectionKind.MEANING, r"""meanings?\b | what[ ](?:it|this|does|the[ ]alert).*\bmean
        | symptoms? | alert[ ]details? | explanation | definition$ | what[ ]happen | conditions?\b
        | what[ ](?:is|are)[ ](?:this|happening|wrong|the[ ](?:alert|problem|issue))
        | when[ ](?:does|is|will)[ ].*(?:fire|trigger)"""),
    (SectionKind.OTHER, r"prevent | tuning | false[ ]positives? | silenc | post-?mortem | follow-?up | improve"),
    (SectionKind.DASHBOARDS, r"""dashboards? | ^(?:\w+[ ]){0,2}metrics\b | graphs? | panels? | observab | quick[ ]checks
        | useful[ ]queries | logs?$ | logging | ^logs?\b"""),
    (SectionKind.DIAGNOSIS, r"""diagnos(?:is|e|ing)\b | investigat | triage | trouble-?shoot | debug | first[ ]\d+[ ]min
        | identif | root[ ]cause | causes?\b | analysis | assess | where[ ]to[ ]look"""),
    (SectionKind.MITIGATION, r"""mitigat | resolution | resolv | remediat | fix(?:es|ing)?\b | solutions?\b | actions?\b
        | recover | restor | repair | how[ ]to | how[ ]do[ ]i | steps?\b | procedures?\b | workaround
        | contain(?:ment)?\b | eradicat | instructions? | what[ ]to[ ]do | respon[ds]"""),
    (SectionKind.CONTEXT, r"""context | requirement | architecture | links?$ | resources | see[ ]also | dependenc
        | services?$ | glossary | definitions | further[ ]reading | notes?$ | examples?$ | what[ ](?:is|are)\b
        | access[ ](?:request|required|approval|control) | introduction | lessons | table[ ]of[ ]contents | ^toc$
        | history | appendix | how[ ](?:it|this)[ ]works | functionality | alert[ ]behaviou?r | owner | metadata
        | goals?\b | things[ ]to | considerations | caveats | limitations | terminology | concepts? | ^faq | scope\b
        | policy | mitre | motivation | ^design | authors?$"""),
)  # fmt: skip
# What hints at a section's kind when nothing else does; under a section that has a kind, it is of that one's.
_WEAK_KINDS = (
    (SectionKind.MEANING, r"overview | descriptions?\b | summary | about\b"),
    (SectionKind.DIAGNOSIS, r"\bcheck(?:s|ing)?\b | inspect | detect | observe | examin | find(?:ing)?\b"),
    (
        SectionKind.MITIGATION,
        r"""restart | reboot | scal(?:e|ing)\b | replac | clean-?up | delet | remov | creat | updat
        | \badd(?:ing)?[ ] | deploy | migrat | enabl | disabl | increas | decreas | expand | \brun(?:ning)?[ ]
        | install | configur | set(?:ting)?[ ]?up\b | rotat | upgrad | drain | failover""",
    ),
)


def _compiled(kinds: Iterable[tuple[SectionKind, str]]) -> tuple[tuple[SectionKind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern, re.IGNORECASE | re.VERBOSE)) for kind, pattern in kinds)


_BY_WORDS = _compiled(_KINDS)
_BY_WEAK_WORDS = _compiled(_WEAK_KINDS)
_FORK = re.compile(
    r"(?P<word>if|when|in case(?: of)?|unless|otherwise|else)\b[\s,:]*(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_ALERT_NAME = re.compile(
    r"(?:alert:? +)?(?:[A-Z][a-z0-9]+){2,}[A-Z]*\w*\Z|(?:alert:? +)?[A-Z]+[a-z]\w*[A-Z]\w*\Z", re.ASCII
)
_QUESTION = re.compile(r"when (?:to|do|does|did|is|are|should|will|was|were|not to)\b|.*\?\s*\Z", re.IGNORECASE)


@dataclass(slots=True)
class Part:
    """A heading and the blocks under it, before the next heading."""

    line: int
    level: int
    title: str
    blocks: list[Block] = field(default_factory=list)
    path: tuple[str, ...] = ()  # titles of the headings around it and its own
    parent: int | None = None
    words: SectionKind | None = None  # what its heading says it is for
    inherited: bool = False  # that is said by a heading further up
    hinted: bool = False  # that is no more than a hint
    remedy: bool = False  # it stands under Troubleshooting, where each heading is a symptom and its cure
    branch: Branch | None = None


def kind_by_words(title: str) -> SectionKind | None:
    """What a heading's words say its section is for; None when they say nothing, or a condition."""
    if not title or is_condition(title):
        return None
    return next((kind for kind, pattern in _BY_WORDS if pattern.search(title)), None)


def kind_by_weak_words(title: str) -> SectionKind | None:
    """What a heading's words hint at."""
    if not title or is_condition(title):
        return None
    return next((kind for kind, pattern in _BY_WEAK_WORDS if pattern.search(title)), None)


def is_troubleshooting(title: str) -> bool:
    """Whether what stands below is a list of symptoms, each with its cure."""
    return "troubleshoot" in title.lower().replace("-", "")


def is_alert_name(title: str) -> bool:
    """Whether a heading is an alert's name, CamelCase as rules name them."""
    return bool(_ALERT_NAME.match(title))


def is_condition(title: str) -> bool:
    """Whether a heading says when what stands under it is to be done."""
    return bool(_FORK.match(title)) and not _QUESTION.match(title)


def link_up(parts: Sequence[Part]) -> None:
    """Fill in parents and paths."""
    around: list[int] = []
    for index, part in enumerate(parts):
        while around and parts[around[-1]].level >= part.level:
            around.pop()
        if part.level:
            part.parent = around[-1] if around else None
            part.path = (*(parts[part.parent].path if part.parent is not None else ()), part.title)
            around.append(index)


def mark_forks(parts: Sequence[Part], has_steps: Sequence[bool]) -> None:
    """Give runs of sibling headings that begin with If, When, Otherwise their branches.

    A way inside a way stays part of the outer one: what must not run without the outer choice cannot be chosen alone.
    """
    group = 0
    run: list[int] = []
    for index, part in enumerate(parts):
        if run and _is_under(parts, index, run[-1]):
            continue
        last = parts[run[-1]] if run else None
        beside = last is not None and (part.parent, part.level) == (last.parent, last.level)
        way = _is_way(part, beside) and _steps_under(parts, has_steps, index)
        if run and not (beside and way):
            group += 1
            _fork(parts, run, group)
            run = []
        if way:
            run.append(index)
    if run:
        _fork(parts, run, group + 1)


def _is_way(part: Part, follows: bool) -> bool:
    return is_condition(part.title) and (follows or not part.title.lower().startswith(("otherwise", "else")))


def _is_under(parts: Sequence[Part], index: int, ancestor: int) -> bool:
    up: int | None = parts[index].parent
    while up is not None and up > ancestor:
        up = parts[up].parent
    return up == ancestor


def _steps_under(parts: Sequence[Part], has_steps: Sequence[bool], index: int) -> bool:
    end = index + 1
    while end < len(parts) and _is_under(parts, end, index):
        end += 1
    return any(has_steps[index:end])


def _fork(parts: Sequence[Part], run: Sequence[int], group: int) -> None:
    fork = identity("fork", *parts[run[0]].path)
    for index in run:
        part = parts[index]
        part.branch = Branch(group, condition_of(part.title), identity("way", *part.path), fork)
        for below in range(index + 1, len(parts)):
            if not _is_under(parts, below, index):
                break
            parts[below].branch = part.branch


def condition_of(title: str) -> str:
    """A heading's condition in its own words: without a leading If, When or In case of; Unless and Otherwise stay."""
    found = _FORK.match(title)
    dropped = found is not None and found["word"].lower() not in ("unless", "otherwise", "else")
    return (found["rest"] if found is not None and dropped else "") or title


def identity(*words: str) -> str:
    """A short name that stays the same as long as these words do, white space and case aside."""
    normal = "\x1f".join(" ".join(word.split()).casefold() for word in words)
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:16]
