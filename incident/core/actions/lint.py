"""What keeps action items from ever shipping: no owner, no day, no ticket, a wish in the place of a deed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from incident.core.actions.item import TYPES, ActionItem
from incident.core.actions.page import ActionPage
from incident.core.check.finding import About, Finding, Rule, Severity

MOST_OPEN = 3  # real fixes that a team gets done in four weeks
_ALIKE = 0.6  # share of words that two actions have in common and are then the same one

_WISHES = frozenset(
    {"analyse", "analyze", "assess", "consider", "discuss", "ensure", "evaluate", "examine", "explore", "improve",
     "investigate", "look", "monitor", "optimise", "optimize", "research", "review", "revisit", "strengthen", "think",
     "try", "understand", "better", "more", "enhance"}
)  # fmt: skip
_WEAK = re.compile(
    r"\W*(?:be (?:more )?careful|communicate|document|educate|emphasi[sz]e|inform|raise awareness|re-?train|remind|"
    r"share|teach|tell|train|write (?:up|down)|pay (?:more )?attention|double[- ]check)\b",
    re.IGNORECASE,
)
_GROUPS = frozenset(
    {"all", "backend", "cloud", "dba", "dbas", "dev", "developers", "development", "devops", "engineering", "engineers",
     "everybody", "everyone", "frontend", "infra", "infrastructure", "it", "management", "network", "on-call", "oncall",
     "operations", "ops", "platform", "product", "qa", "security", "sre", "sres", "support", "us", "we"}
)  # fmt: skip
_GROUP_WORD = re.compile(
    r"\b(?:teams?|squads?|guild|crew|group|department|chapter|tribe|folks|people)\b", re.IGNORECASE
)
_SEVERAL = re.compile(r"\s*(?:,|/|&|\+|;|\band\b|\bor\b)\s*", re.IGNORECASE)
_SMALL = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "into", "of", "on", "or", "the", "to", "with"))

_HEAD = (
    "---\nid: INC-1\nfollow_up_review: 2026-05-30\n---\n## Action items\n\n"
    "| # | Action | Type | Owner | Due | Ticket |\n| --- | --- | --- | --- | --- | --- |\n"
)
_GOOD = "| 1 | Put a connection limit on the cart service | prevent | kim | 2026-05-20 | SHOP-17 |\n"


def _rule(name: str, severity: Severity, why: str, row: str, good: str = _GOOD) -> Rule:
    return Rule(name, About.POST_MORTEM, severity, why, _HEAD + row, _HEAD + good)


OWNER = _rule(
    "action-owner", Severity.WARNING,
    "An action item without a name beside it is nobody's; of several hundred published ones hardly any names an owner.",
    _GOOD.replace("kim", "TODO"),
)  # fmt: skip
GROUP = _rule(
    "action-group-owner", Severity.WARNING,
    "What a group owns waits for somebody else in it; one person can still hand the work to others.",
    _GOOD.replace("kim", "platform team"),
)  # fmt: skip
DUE = _rule(
    "action-due", Severity.WARNING,
    "An action item without a day, or with one that nothing can read, is never late and so never done.",
    _GOOD.replace("2026-05-20", "next month"),
)  # fmt: skip
OVERDUE = _rule(
    "action-overdue", Severity.WARNING,
    "The day has passed and nobody said what became of it; until then the same incident can happen again.",
    _GOOD.replace("2026-05-20", "2020-01-02"),
)  # fmt: skip
LATE = _rule(
    "action-after-review", Severity.WARNING,
    "The follow-up review asks what shipped; what is due only after it cannot be answered there.",
    _GOOD.replace("2026-05-20", "2099-01-01"),
)  # fmt: skip
TICKET = _rule(
    "action-ticket", Severity.WARNING,
    "Work is planned where the tickets are; an item that stands only in a document is not seen there.",
    _GOOD.replace("SHOP-17", "TODO"),
)  # fmt: skip
WISH = _rule(
    "action-wish", Severity.WARNING,
    "Nobody can say when a wish is done; an action names the deed, so that it can be ticked off.",
    _GOOD.replace("Put a connection limit on", "Investigate"),
)  # fmt: skip
TYPE = _rule(
    "action-type", Severity.WARNING,
    f"The type shows what kinds of fixes are missing; known are {', '.join(TYPES)}.",
    _GOOD.replace("prevent", "TODO"),
)  # fmt: skip
ONLY_PREVENT = _rule(
    "action-only-prevent", Severity.INFO,
    "Prevention alone bets that it works: next time somebody still has to see it sooner and end it faster.",
    _GOOD + _GOOD.replace("| 1 | Put a connection limit on", "| 2 | Retry once in"),
    _GOOD + _GOOD.replace("| 1 | Put a connection limit on", "| 2 | Page on calls of").replace("prevent", "detect"),
)  # fmt: skip
MANY = _rule(
    "action-too-many", Severity.WARNING,
    "Three real fixes get done in four weeks; a longer list is where they all get lost.",
    "".join(f"| {n} | {deed} | detect | kim | 2026-05-20 | SHOP-{n} |\n" for n, deed in enumerate(
        ("Page on open connections", "Limit the pool", "Add a canary to the deploy", "Drop the old index"), 1)),
)  # fmt: skip
WEAK = _rule(
    "action-weak", Severity.WARNING,
    "A reminder or a training asks people to be different from what they were; a change of the system needs nobody to.",
    _GOOD.replace("Put a connection limit on the cart service", "Remind everybody to look at the dashboard"),
)  # fmt: skip
REPEATS = _rule(
    "action-repeats", Severity.WARNING,
    "An earlier incident already asked for this and it is still open: it wants a decision, not a second row.",
    _GOOD + _GOOD.replace("| 1 | Put a", "| 2 | Put the"),
)  # fmt: skip
UNWRITTEN = _rule(
    "action-none", Severity.WARNING,
    "A reviewed post-mortem without an action item says that it may happen again in the same way.",
    "| 1 | TODO starts with a verb and says when it is done | prevent | TODO | TODO | TODO |\n",
)  # fmt: skip
UNWRITTEN_DRAFT = Severity.INFO  # a draft may still be empty

RULES = (OWNER, GROUP, DUE, OVERDUE, LATE, TICKET, WISH, TYPE, ONLY_PREVENT, MANY, WEAK, REPEATS, UNWRITTEN)


def check(page: ActionPage, today: date, earlier: Sequence[ActionPage] = ()) -> list[Finding]:
    """What is found in a post-mortem's action items. `earlier` are the other post-mortems; `today` is UTC."""
    if page.status == "closed":
        return []
    found = [finding for item in page.open for finding in _of(item, page, today)]
    found += _repeats(page, earlier)
    if not page.written:
        severity = UNWRITTEN_DRAFT if page.status == "draft" else None
        hint = "write at least one, or under `### Not doing` why there is none"
        return [UNWRITTEN.found(page.path, page.heading, "there is no action item", hint, severity)]
    if len(page.open) > MOST_OPEN:
        said = f"{len(page.open)} action items are open"
        hint = f"keep the {MOST_OPEN} that matter; the others go under `### Not doing`, with why"
        found.append(MANY.found(page.path, page.open[MOST_OPEN].line, said, hint))
    if len(page.written) > 1 and {item.type for item in page.written} == {"prevent"}:
        said = "every action item is there to prevent it"
        hint = "ask also what would have shown it sooner (detect) and ended it faster (mitigate)"
        found.append(ONLY_PREVENT.found(page.path, page.written[0].line, said, hint))
    return found


def _of(item: ActionItem, page: ActionPage, today: date) -> Iterator[Finding]:
    path, line, named = page.path, item.line, f"action item {item.number}"
    if not item.owner:
        yield OWNER.found(path, line, f"{named} has no owner", "name one person who will see to it")
    elif group := _group(item.owner):
        yield GROUP.found(path, line, f"{named} belongs to {group}", "name one person; they can hand it on")
    yield from _when(item, page, today)
    if not item.ticket:
        hint = f"`incident actions {page.name} --ticket {item.number}` makes one and writes it here"
        yield TICKET.found(path, line, f"{named} has no ticket", hint)
    first = re.match(r"\W*([a-z]+)", item.action.lower())
    if first and first[1] in _WISHES:
        hint = "say what will be different, and how one sees that it is done"
        yield WISH.found(path, line, f"{named} begins with `{first[1]}`: when is that done?", hint)
    if weak := _WEAK.match(item.action):
        hint = "change the system so that nobody has to remember: a check, a default, a limit, an alert"
        yield WEAK.found(path, line, f"{named} is a weak remedy: `{weak[0].strip()}`", hint)
    if item.type not in TYPES:
        said = f"is of the type `{item.type}`" if item.type else "has no type"
        yield TYPE.found(path, line, f"{named} {said}", f"one of {', '.join(TYPES)}")


def _when(item: ActionItem, page: ActionPage, today: date) -> Iterator[Finding]:
    path, line, named = page.path, item.line, f"action item {item.number}"
    if item.due is None:
        said = f"is due `{item.due_text}`, which is no day" if item.due_text else "has no day"
        yield DUE.found(path, line, f"{named} {said}", "give a day such as 2026-05-30")
    elif item.overdue(today):
        hint = f"`incident review {page.name}` says what became of it"
        yield OVERDUE.found(path, line, f"{named} was due on {item.due_text}, {(today - item.due).days} days ago", hint)
    elif page.follow_up is not None and item.due > page.follow_up:
        hint = "make it smaller, or move the review"
        yield LATE.found(path, line, f"{named} is due after the review on {page.follow_up.isoformat()}", hint)


def _group(owner: str) -> str:
    """What makes an owner more than one person; "" for one."""
    named = [name for name in _SEVERAL.split(owner) if name]
    if len(named) > 1:
        return f"{len(named)} owners at once"
    bare = owner.lower().lstrip("@#")
    if _GROUP_WORD.search(owner) or bare in _GROUPS or "/" in owner or owner.startswith("#"):
        return f"a group, `{owner}`"
    return ""


def _repeats(page: ActionPage, earlier: Sequence[ActionPage]) -> Iterator[Finding]:
    """Items that stand open in an earlier post-mortem, or further up in this one."""
    known = [(other, item) for other in earlier if other.path != page.path for item in other.open]
    for item in page.open:
        for other, was in known:
            if alike(item.action, was.action):
                where = "above" if other is page else f"in {other.name}"
                said = f"action item {item.number} repeats item {was.number} {where}, which is still open"
                yield REPEATS.found(
                    page.path, item.line, said, "decide on the earlier one: ship it, drop it, or move it here"
                )
                break
        known.append((page, item))


def alike(one: str, other: str) -> bool:
    """Whether two actions ask for the same, by the words that they share."""
    a, b = _words(one), _words(other)
    return bool(a and b) and len(a & b) / len(a | b) >= _ALIKE


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text.lower()) if word not in _SMALL)
