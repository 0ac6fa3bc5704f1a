"""`python -m tests.faults`: writes tests/FAULTS.md, which tests cover which numbered fault, from the tests' marks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS / "FAULTS.md"
TITLES = (
    # the timeline on disk
    "writer killed at any moment",
    "power lost between any two system calls",
    "crash while the schema is changed",
    "disk full on append",
    "disk full, then freed",
    "disk full while exporting",
    "the disk fails to sync",
    "half a line written to the fallback file",
    "read-only home",
    "home on a network disk",
    "eight processes append at once",
    "eight processes make the journal at once",
    "another process holds the lock for long",
    "the file's end is cut or garbage",
    "a bit flipped in the middle",
    "the file's end cut off cleanly",
    "a journal of a newer version",
    "the clock steps back or jumps ahead",
    "two laptops whose clocks differ",
    "the shared store is down",
    "two responders roll back at the same moment",
    "crash while the shared store is down",
    "a late commit on the server",
    "a client that edits or forges events",
    "SQLite of the versions with the WAL bug",
    "the journal can be read by others",
    "100,000 events",
    "NUL, surrogates and 1 MB in an event",
    # processes and the terminal
    "the console is ended by a signal",
    "a command that ignores INT and TERM",
    "children that flee from being stopped",
    "console killed, command to go on",
    "console killed, command to be stopped",
    "outcome unknown after a crash",
    "a child keeps the pipe open",
    "gigabytes of output",
    "a line of 300 kB, progress bars",
    "binary output, characters cut in two",
    "exit statuses and what they mean",
    "a command that reads stdin or the terminal",
    "an interactive command that is killed",
    "the working directory is gone",
    "the tool's token in its environment",
    "ten commands at once, one hangs",
    "timeouts of zero, below zero, for ever",
    "programs found only in the working directory",
    # commands and their values
    "shell syntax in a label",
    "a label that looks like an option",
    "a command that differs from what was confirmed",
    "invisible and look-alike characters in a command",
    "placeholders inside quotes, heredocs, eval, ssh",
    "read-only mode, every way that changes something",
    "the same rollback twice",
    "approving one's own action",
    "a drill that runs a real-looking rollback",
    "a drill's journal sent to the real store",
    # text from outside
    "escape sequences in every widget",
    "escape sequences cut off or split",
    "square brackets that look like markup",
    "markup that would act when clicked",
    "bidirectional and zero-width characters",
    "combining marks, emoji, wide characters",
    "a 1 MB annotation",
    "5,000 alerts with 200 labels",
    "a lone surrogate in JSON",
    "links to files, editors and odd schemes",
    "images and raw HTML in a runbook",
    "Markdown made to be slow",
    "a crash with a token in a variable",
    "hostile text in an export",
    "hostile labels on a terminal and in a pipe",
    "output that clears the screen",
    "the window's title",
    "tiny terminals, resizes, dumb terminals, no colour",
    # secrets
    "known secrets are found, clean text is left",
    "a secret split over blocks or by colours",
    "the tool's own token in an output",
    "hashes and names that are no secrets",
    "patterns made slow by their input",
    "an export with doubtful places and nobody to ask",
    "planted secrets anywhere on disk",
    # HTTP and files
    "a redirect to another server with a key",
    "redirects to http, files, in circles",
    "slow, endless and silent answers",
    "compressed bombs, huge bodies and headers",
    "certificates and TLS that are off",
    "a proxy and a token over plain http",
    "server errors and Retry-After",
    "a write that timed out after it arrived",
    "JSON that is deep, huge, double or HTML",
    "YAML bombs and tags",
    "YAML values that change their type",
    "runbook paths that lead out or never end",
    "addresses in annotations that must not be fetched",
    "a runbook that changes before it runs",
    "secrets in a readable file or an argument",
    "library names in the working directory",
    "an altered wheel",
    "an audit that could audit nothing",
    "no DNS, no IPv4, a captive portal",
)


def marks() -> Iterator[tuple[int, str]]:
    """Every mark in the tests: its number, and `folder/file.py: test`."""
    for path in sorted(TESTS.rglob("test_*.py")):
        place = path.relative_to(TESTS).as_posix()
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef):
                for number in _numbers(test.decorator_list):
                    yield number, f"{place}: {test.name}"


def _numbers(decorators: list[ast.expr]) -> Iterator[int]:
    for decorator in decorators:
        for call in ast.walk(decorator):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.fault":
                yield from (ast.literal_eval(argument) for argument in call.args)


def covering() -> dict[int, list[str]]:
    """The tests of each fault that has any, each once."""
    found: dict[int, list[str]] = {}
    for number, test in marks():
        tests = found.setdefault(number, [])
        if test not in tests:
            tests.append(test)
    return found


def page() -> str:
    """The whole table."""
    found = covering()
    lines = [
        "# Faults and the tests that cover them",
        "",
        f"{len(found)} of {len(TITLES)} are covered. Written by `python -m tests.faults` from the marks in the tests.",
        "",
        "| # | fault | tests |",
        "| --- | --- | --- |",
    ]
    for number, title in enumerate(TITLES, 1):
        tests = "<br>".join(f"`{test}`" for test in found.get(number, [])) or "not yet"
        lines.append(f"| {number} | {title} | {tests} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
