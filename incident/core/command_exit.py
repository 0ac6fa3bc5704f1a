"""What an exit status means, in words; nothing where a number alone says as much."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

# The numbers that are the same on every system.
_SIGNALS = {
    1: "HUP, its terminal went away",
    2: "INT, interrupted",
    3: "QUIT, told to quit",
    4: "ILL, crashed",
    6: "ABRT, gave up by itself",
    8: "FPE, crashed",
    9: "KILL, killed",
    11: "SEGV, crashed",
    13: "PIPE, nobody read the rest of its output; rarely a failure",
    14: "ALRM, its own alarm",
    15: "TERM, told to end",
}
# Behind 128 only those that no common program uses for something else, as git does with 129.
_FROM_SHELL = {128 + number: _SIGNALS[number] for number in (2, 3, 6, 9, 11, 13, 15)}
_BY_CONVENTION = {126: "a program may not be executed", 127: "a program was not found", **_FROM_SHELL}
_MEANINGS = {
    **{(grep, 1): "no match" for grep in ("grep", "egrep", "fgrep", "zgrep", "rg", "ag", "pgrep")},
    ("diff", 1): "they differ",
    ("cmp", 1): "they differ",
    ("ssh", 255): "ssh itself failed",
    ("timeout", 124): "it took too long",
}
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PUNCTUATION = frozenset("();<>|&")
# Any other redirection can fail by itself, and then the shell's 1 looks like the program's.
_HARMLESS = re.compile(r"2>&1|[12&]?>{1,2}\s*/dev/null(?=\s|$|\|)")


def words_for(exit: int, argv: Sequence[str]) -> str:  # noqa: A002 - the name that the word has everywhere here
    """The meaning of an exit status for this command; "" for 0 and for one that means only what the program says.

    A negative status is a signal, as is 128 and the signal's number from a shell.
    """
    if exit < 0:
        return _SIGNALS.get(-exit, f"ended by signal {-exit}")
    if exit == 127 and _is_shell(argv):
        return "a program or a variable was not found"  # bash -u ends with it for a variable that is not set
    return _MEANINGS.get((_deciding_program(argv), exit)) or _BY_CONVENTION.get(exit, "")


def _is_shell(argv: Sequence[str]) -> bool:
    return bool(argv) and _name(argv[0]) in _SHELLS


def _deciding_program(argv: Sequence[str]) -> str:
    """The program whose status this is; "" where that is not certain."""
    if not _is_shell(argv):
        return _name(argv[0]) if argv else ""
    options = argv[1:-1]
    if "-c" not in options or any("pipefail" in option for option in options):
        return ""
    return _last_of_pipeline(argv[-1])


def _last_of_pipeline(script: str) -> str:
    """The last program of a script that is one pipeline; "" for any other, where an earlier one may have decided."""
    if "\n" in script.strip() or "\\|" in script:
        return ""
    # Quotes stay in the words, so that a quoted bar is no pipe.
    lexer = shlex.shlex(_HARMLESS.sub(" ", script), posix=False, punctuation_chars=True)
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        return ""
    last: list[str] = []
    for word in tokens:
        if word == "|":
            last = []
        elif word and set(word) <= _PUNCTUATION:
            return ""
        else:
            last.append(word)
    program = next((word for word in last if not _ASSIGNMENT.match(word)), "")
    return _name(program)


def _name(program: str) -> str:
    """The last part of a program's path."""
    return program.rpartition("/")[2]
