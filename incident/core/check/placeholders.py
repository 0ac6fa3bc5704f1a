"""Rules about words that have to be replaced by a value before a command runs."""

from __future__ import annotations

from collections.abc import Iterator

from incident.core.check.around import Around
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.page import Page
from incident.core.check.shellwords import read_twice
from incident.core.runbook import Command, Runnable

PLACEHOLDER_IN_QUOTES = Rule(
    "placeholder-in-quotes",
    About.RUNBOOK,
    Severity.ERROR,
    "Inside quotes, a here-document, eval, sh -c or ssh a value is read a second time: a blank, quote or dollar sign "
    "in it becomes part of the program.",
    "# Stuck job\n\n1. Find it:\n\n   ```sh\n   ssh db-1 \"psql -c 'select * from jobs where name = <job>'\"\n   ```\n",
    "# Stuck job\n\n1. Find the job:\n\n   ```sh\n   kubectl get job <job> -o yaml\n   ```\n",
)
PLACEHOLDER_REDIRECTS = Rule(
    "placeholder-redirects",
    About.RUNBOOK,
    Severity.INFO,
    "Pasted as it is, `<name>` with something behind it makes a shell read the file `name` and write into the next "
    "word. This tool never runs an unfilled placeholder; a pasted line may.",
    "# Web\n\n1. Read the log: `kubectl logs <pod> --tail 100`\n",
    "# Web\n\n1. Read the log: `kubectl logs --tail 100 <pod>`\n",
)
RULES = (PLACEHOLDER_IN_QUOTES, PLACEHOLDER_REDIRECTS)


def check(page: Page, around: Around) -> Iterator[Finding]:
    """Both rules, at most one finding for each placeholder."""
    path = page.runbook.path
    for command in page.runbook.commands:
        for placeholder in command.parameters:
            if not placeholder.startswith("<"):
                continue
            where = read_twice(command.text, placeholder)
            if where:
                yield PLACEHOLDER_IN_QUOTES.found(
                    path,
                    _line(command, placeholder),
                    f"{placeholder} stands in {where}: a quote or dollar sign in its value becomes code",
                    "let it be a word of its own, outside the quotes, or set a variable to it first",
                )
            elif command.runnable is not Runnable.NO and not around.complaint(command.text):
                yield PLACEHOLDER_REDIRECTS.found(
                    path,
                    _line(command, placeholder),
                    f"pasted unfilled, {placeholder} is a redirection to a shell",
                    "put the placeholder last on its line: a shell then refuses to run it",
                )


def _line(command: Command, placeholder: str) -> int:
    return command.line + command.text[: command.text.index(placeholder)].count("\n")
