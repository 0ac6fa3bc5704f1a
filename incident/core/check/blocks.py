"""Rules about code blocks: how they are tagged, and whether a shell can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from incident.core.check.around import Around
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.page import Fence, Page
from incident.core.runbook import Command, Origin, Runnable
from incident.core.runbook.shell import logical_line

MIXED_TRANSCRIPT = Rule(
    "mixed-transcript",
    About.RUNBOOK,
    Severity.WARNING,
    "A block tagged as a script that holds prompts or output cannot be copied whole: the shell runs the output too. "
    "For information where it holds prompts alone.",
    "# Pods\n\n1. Look:\n\n   ```sh\n   $ kubectl get pods\n   NAME   READY\n   web-0  0/1\n   ```\n",
    "# Pods\n\n1. Look:\n\n   ```console\n   $ kubectl get pods\n   NAME   READY\n   web-0  0/1\n   ```\n",
)
UNTAGGED_SHELL = Rule(
    "untagged-shell",
    About.RUNBOOK,
    Severity.INFO,
    "Commands in a block without a language are only offered to be copied; tagged as sh they run with one key.",
    "# Pods\n\n1. Look:\n\n   ```\n   kubectl get pods\n   ```\n",
    "# Pods\n\n1. Look:\n\n   ```sh\n   kubectl get pods\n   ```\n",
)
SHELL_SYNTAX = Rule(
    "shell-syntax",
    About.RUNBOOK,
    Severity.ERROR,
    "A command that the shell cannot read fails when it is needed, even with every placeholder filled in.",
    "# Pods\n\n1. Look:\n\n   ```sh\n   kubectl get pods | | grep web\n   ```\n",
    "# Pods\n\n1. Look:\n\n   ```sh\n   kubectl get pods | grep web\n   ```\n",
)
RULES = (MIXED_TRANSCRIPT, UNTAGGED_SHELL, SHELL_SYNTAX)

_BASH = frozenset({"sh", "bash", "shell", "dash"})  # what `bash -n` may judge
_SCRIPTS = _BASH | {"zsh", "ksh"}
_PLACEHOLDER = re.compile(r"<[A-Za-z][^<>\n|;&]{0,100}>")


def check(page: Page, around: Around) -> Iterator[Finding]:
    """Every rule about code blocks."""
    blocks: dict[int, list[Command]] = {}
    for command in page.runbook.commands:
        if fence := page.fence_of(command):
            blocks.setdefault(fence.start, []).append(command)
    for fence in page.fences:
        if inside := blocks.get(fence.start):
            yield from _tagged(page, fence, inside)
    for line, text in snippets(page):
        if complaint := around.complaint(text):
            yield SHELL_SYNTAX.found(
                page.runbook.path, line, f"bash cannot read this: {complaint}", "mend it, or tag the block as text"
            )


def _tagged(page: Page, fence: Fence, inside: Sequence[Command]) -> Iterator[Finding]:
    path = page.runbook.path
    prompts = [command for command in inside if command.origin is Origin.TRANSCRIPT]
    output = any(command.expected_output for command in prompts)
    if prompts and fence.language in _SCRIPTS:
        holds, severity = ("prompts and output", None) if output else ("prompts", Severity.INFO)
        yield MIXED_TRANSCRIPT.found(
            path, fence.start, f"this block is tagged {fence.language} and holds {holds}",
            "tag it `console`, or leave only the commands in it",
            severity,
        )  # fmt: skip
    elif not fence.language and (len(inside) > len(prompts)):
        yield UNTAGGED_SHELL.found(path, fence.start, "these commands have no language", "tag the block `sh`")


def snippets(page: Page) -> list[tuple[int, str]]:
    """What `bash -n` is to judge: (line, text) of each command that is certainly meant for it, placeholders filled.

    Where a command is open at its end, the whole block is judged.
    """
    found: list[tuple[int, str]] = []
    whole: set[int] = set()
    for command in page.runbook.commands:
        fence = page.fence_of(command)
        if fence is None or fence.language not in _BASH:
            continue
        if logical_line(command.text.split("\n"), 0).complete:
            if command.runnable is not Runnable.NO:
                found.append((command.line, _fill(command.text)))
        elif command.origin is not Origin.TRANSCRIPT and fence.start not in whole:
            whole.add(fence.start)
            found.append((command.line, _fill("\n".join(fence.lines))))
    return found


def asked(page: Page) -> list[str]:
    """Every text that the check will ask a shell about."""
    as_written = [command.text for command in page.runbook.commands if any(p[0] == "<" for p in command.parameters)]
    return [*as_written, *(text for _, text in snippets(page))]


def _fill(text: str) -> str:
    return _PLACEHOLDER.sub("value", text)
