"""Rules about links inside a repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from incident.core.check.around import Around
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.page import Page, Written
from incident.core.runbook.shelf import fold

DEAD_LINK = Rule(
    "dead-link",
    About.RUNBOOK,
    Severity.WARNING,
    "A link to a file that is not there costs minutes of looking for it. For information where it is a picture.",
    "# Web\n\n1. Open [the other runbook](gone.md).\n",
    "# Web\n\n1. Open [the other runbook](other.md).\n",
)
DEAD_ANCHOR = Rule(
    "dead-anchor",
    About.RUNBOOK,
    Severity.WARNING,
    "A link to a heading that was renamed opens the top of a long page.",
    "# Web\n\n1. Go on with [setting it up](other.md#no-such-heading).\n",
    "# Web\n\n1. Go on with [setting it up](other.md#setup).\n",
)
RULES = (DEAD_LINK, DEAD_ANCHOR)

_ELSEWHERE = re.compile(r"[A-Za-z][\w+.-]*:|/|\\|.*(?:\{\{|\{%|<%|\$\{|@)")
_MARKDOWN = (".md", ".markdown", ".mdx", ".md.erb")
# What is a file in the repository; a page of a generated site has none of these.
_FILES = (*_MARKDOWN, ".sh", ".py", ".rb", ".yml", ".yaml", ".json", ".txt", ".sql", ".tf", ".jsonnet", ".libsonnet")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
_LABEL = re.compile(r"#[\w-]*[:/]")  # of a site generator, for a place in any file
_LINE_NUMBER = re.compile(r"L\d+(?:-L?\d+)?\Z")


def check(page: Page, around: Around) -> Iterator[Finding]:
    """Both rules. A link that a site generator resolves in its own way is left alone."""
    for link in page.links:
        if _LABEL.match(link.target):
            continue
        if link.target.startswith("#"):
            if not _anchored(link.target[1:], page.anchors):
                yield _dead_anchor(page, link, "this file has no such heading")
        elif not _ELSEWHERE.match(link.target):
            yield from _relative(page, link, around)


def _relative(page: Page, link: Written, around: Around) -> Iterator[Finding]:
    target, _, anchor = link.target.partition("#")
    target = posixpath.normpath(unquote(target.partition("?")[0]))
    name = target.lower()
    if not around.neighbours.holds(target):
        if name.endswith(_FILES) or name.endswith(_PICTURES):
            picture = Severity.INFO if name.endswith(_PICTURES) else None
            yield DEAD_LINK.found(
                page.runbook.path, link.line, f"there is no file {target}", "mend the link, or take it out", picture
            )
    elif anchor and name.endswith(_MARKDOWN) and not _LINE_NUMBER.match(anchor):
        anchors = around.neighbours.anchors(target)
        if anchors is not None and not _anchored(anchor, anchors):
            yield _dead_anchor(page, link, f"{target} has no such heading")


def _dead_anchor(page: Page, link: Written, why: str) -> Finding:
    anchor = link.target.partition("#")[2]
    return DEAD_ANCHOR.found(
        page.runbook.path, link.line, f"#{anchor} leads nowhere: {why}", "name a heading that is there"
    )


def _anchored(anchor: str, anchors: frozenset[str]) -> bool:
    """Whether an anchor is among the folded ones; generators number headings of the same name."""
    written = unquote(anchor).removeprefix("user-content-")
    folded = fold(written)
    return not folded or written == "top" or folded in anchors or fold(re.sub(r"-\d+\Z", "", written)) in anchors
