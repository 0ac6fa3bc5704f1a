"""Rules about a runbook as a whole: whether it can be found, followed and trusted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from incident.core.check.around import Around
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.page import Page
from incident.core.runbook import SectionKind

NO_TITLE = Rule(
    "no-title",
    About.RUNBOOK,
    Severity.WARNING,
    "Without a title the list shows a file name, and an alert's name cannot be matched with it.",
    "1. Check the disk: `df -h`\n",
    "# Disk full\n\n1. Check the disk: `df -h`\n",
)
NO_STEPS = Rule(
    "no-steps",
    About.RUNBOOK,
    Severity.WARNING,
    "An alert leads here, and nothing here can be ticked: at 03:00 a description is no help. "
    "For information where no rule files are given.",
    "# Disk full\n\nThe disk is full. Writes fail.\n",
    "# Disk full\n\nThe disk is full. Writes fail.\n\n1. Check what is large: `du -xh /`\n",
)
UNREADABLE = Rule(
    "unreadable",
    About.RUNBOOK,
    Severity.ERROR,
    "What the tool cannot read it cannot show, and a step that is not shown is a step that is not done.",
    "---\nowner: a\nowner: b\n---\n# Disk full\n\n1. Check the disk: `df -h`\n",
    "---\nowner: a\n---\n# Disk full\n\n1. Check the disk: `df -h`\n",
)
ODD_ATTRIBUTE = Rule(
    "odd-attribute",
    About.RUNBOOK,
    Severity.WARNING,
    "What an author writes down to make a command safer does nothing when it is misspelled.",
    "---\nowner: a\n---\n# Disk full\n\n```sh { confrm }\ndf -h\n```\n",
    "---\nowner: a\n---\n# Disk full\n\n```sh { confirm }\ndf -h\n```\n",
)
NO_OWNER = Rule(
    "no-owner",
    About.RUNBOOK,
    Severity.INFO,
    "A runbook that belongs to nobody is mended by nobody.",
    "# Disk full\n\n1. Check the disk: `df -h`\n",
    "---\nowner: team-storage\n---\n# Disk full\n\n1. Check the disk: `df -h`\n",
)
STALE_REVIEW = Rule(
    "stale-review",
    About.RUNBOOK,
    Severity.WARNING,
    "The front matter promises a review that did not happen. Without such a promise nothing is said.",
    "---\nreviewed: 2020-01-01\nreview_every: 90d\n---\n# Disk full\n\n1. Check the disk: `df -h`\n",
    "---\nreviewed: 2020-01-01\n---\n# Disk full\n\n1. Check the disk: `df -h`\n",
)
NO_OTHERWISE = Rule(
    "no-otherwise",
    About.RUNBOOK,
    Severity.INFO,
    "When none of the ways fits, the reader stands there alone.",
    "# Slow\n\n## If the disk is full\n1. Delete old logs by hand.\n\n## If the network is slow\n1. Call them.\n",
    "# Slow\n\n## If the disk is full\n1. Delete old logs by hand.\n\n## Otherwise\n1. Call them.\n",
)
NO_ESCALATION = Rule(
    "no-escalation",
    About.RUNBOOK,
    Severity.INFO,
    "Whoever is stuck has to know whom to wake.",
    "# Disk full\n\n1. Check the disk: `df -h`\n",
    "# Disk full\n\n1. Check the disk: `df -h`\n\n## Escalation\n- Storage on-call: PagerDuty\n",
)
UNNAMED_RUNBOOK = Rule(
    "unnamed-runbook",
    About.RUNBOOK,
    Severity.INFO,
    "No alert rule leads here, so it is only found by those who know of it. Looked for when rule files are given.",
    "# Nobody's page\n\n1. Check the disk: `df -h`\n",
    "# Disk full\n\n1. Check the disk: `df -h`\n",
)
RULES = (
    NO_TITLE, NO_STEPS, UNREADABLE, ODD_ATTRIBUTE, NO_OWNER, STALE_REVIEW, NO_OTHERWISE, NO_ESCALATION, UNNAMED_RUNBOOK,
)  # fmt: skip

_OWNER = re.compile(r"(?i)\b(?:owned by|owner|owning team|maintain(?:ed by|er))\b")
_ESCALATES = re.compile(r"(?i)\b(?:escalat\w*|on-?call|pagerduty|opsgenie|page the|contact|reach out|slack|support)\b")
_OTHERWISE = re.compile(
    r"(?i)(?:otherwise|else|unless)\b|.*\b(?:not?|none|neither|nothing|without|isn't|doesn't|un\w+|still|other|another|any)\b"
)
_AT_LINE = re.compile(r"\(?\bline:? ?(\d+)\)?:?\s*")
# Words of a notice that something of the file is missing; others are about how something in it was taken.
_LOST = re.compile(r"could not be read|not UTF-8|UTF-16|is empty|not a text file|(?:were|was not) read")
_OPEN_QUOTE = "a quote or bracket stays open"
_FIELD = re.compile(r"\s*(reviewed|last_reviewed(?:_on)?|review_every|review_in)\s*[:=]\s*[\"']?([^\"'#\n]{1,40})")
_EVERY = re.compile(r"(\d{1,4})\s*(d|w|m|y)[a-z]*\s*\Z", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def check(page: Page, around: Around) -> Iterator[Finding]:
    """Every rule about the whole."""
    runbook, path = page.runbook, page.runbook.path
    said = [line for line in page.raw if "incident-check:" not in line]
    if not page.titled and runbook.steps:
        yield NO_TITLE.found(
            path, 1, f"this has no title but its file's name, {runbook.title}", "begin it with a `# Title` line"
        )
    if not runbook.steps and not runbook.notices:
        yield NO_STEPS.found(
            path, 1, "nothing in this runbook is a step", "write what to do as a numbered list",
            None if around.led_to else Severity.INFO,
        )  # fmt: skip
    yield from _notices(page)
    if not runbook.owner and not any(map(_OWNER.search, said)):
        yield NO_OWNER.found(path, 1, "nobody owns this runbook", "name a team: `owner:` in front matter")
    yield from _review(page, around.today)
    yield from _forks(page)
    escalates = any(section.kind is SectionKind.ESCALATION for section in runbook.sections) or bool(runbook.contacts)
    if runbook.steps and not escalates and not any(map(_ESCALATES.search, said)):
        yield NO_ESCALATION.found(path, 1, "this does not say whom to call", "add a section Escalation")
    if around.led_to is False:
        yield UNNAMED_RUNBOOK.found(
            path, 1, "no alert rule leads to this runbook", "link it from the rule, or name the alert under `alerts:`"
        )


def _notices(page: Page) -> Iterator[Finding]:
    """What the reader says of the file; a quote that stays open is told by the rule about syntax."""
    for notice in page.runbook.notices:
        if _OPEN_QUOTE not in notice:
            at = _AT_LINE.search(notice)
            words = _AT_LINE.sub("", notice, count=1) if at and notice.startswith("line") else notice
            rule = UNREADABLE if _LOST.search(notice) else ODD_ATTRIBUTE
            yield rule.found(
                page.runbook.path, int(at[1]) if at else 1, words, "`incident runbook show` shows what is read"
            )


def _review(page: Page, today: date) -> Iterator[Finding]:
    """Whether the review is due that the front matter promises."""
    mark = page.raw[0].rstrip()
    end = next((number for number, line in enumerate(page.raw[1:200], 2) if line.rstrip() == mark), 0)
    said: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(page.raw[1 : end if mark in ("---", "+++") else 0], 2):
        if field := _FIELD.match(line):
            said["every" if field[1] in ("review_every", "review_in") else "last"] = number, field[2].strip()
    every = _EVERY.match(said["every"][1]) if "every" in said else None
    if every is None or "last" not in said:
        return
    at, text = said["last"]
    try:
        last = date.fromisoformat(text[:10])
    except ValueError:
        return
    overdue = (today - last).days - int(every[1]) * _DAYS[every[2].lower()]
    if overdue > 0:
        days = "a day" if overdue == 1 else f"{overdue} days"
        yield STALE_REVIEW.found(
            page.runbook.path, at, f"its review is {days} overdue", "read it through, then write today's date here"
        )


def _forks(page: Page) -> Iterator[Finding]:
    ways: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    for section in page.runbook.sections:
        if section.branch is not None:
            ways[section.branch.fork].setdefault(section.branch.id, (section.line, section.branch.condition))
    for fork in ways.values():
        conditions = list(fork.values())
        if len(conditions) > 1 and not any(_OTHERWISE.match(condition) for _, condition in conditions):
            yield NO_OTHERWISE.found(
                page.runbook.path, conditions[0][0], f"none of these {len(conditions)} ways says what to do otherwise",
                "end with a heading that begins with Otherwise",
            )  # fmt: skip
