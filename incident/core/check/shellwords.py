"""The programs a command runs and with which words, and what of its text a second reader takes apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from incident.core.runbook import Command
from incident.core.runbook.effects import ASSIGNMENT
from incident.core.runbook.shell import parse
from incident.core.runbook.tools import SKIPS_A_WORD, WRAPPERS

_HEREDOC = re.compile(r"(?<!<)<<(?!<)(-?)[ \t]*(['\"\\]?)([A-Za-z_]\w*)")
FILLED = "PARAMETER"  # what stands for a placeholder while a command is taken apart
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_SSH_TAKES_VALUE = frozenset("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w".split())  # noqa: SIM905 - a table of words reads better so


@dataclass(frozen=True, slots=True)
class Call:
    """One program with its arguments, wrappers such as sudo taken away."""

    program: str  # its name without a folder
    arguments: tuple[str, ...]

    @property
    def text(self) -> str:
        """The call on one line, for reading its effect."""
        return " ".join((self.program, *(f"'{word}'" if re.search(r"\s", word) else word for word in self.arguments)))


def filled(command: Command) -> str:
    """The command with a harmless word for each placeholder in angle brackets."""
    text = command.text
    for parameter in command.parameters:
        if parameter.startswith("<"):
            text = text.replace(parameter, FILLED)
    return text


def calls(text: str) -> Iterator[Call]:
    """Every program that a shell text runs, those in substitutions included."""
    for words in parse(text).commands:
        rest = _unwrapped(list(words))
        if rest:
            yield Call(rest[0].rpartition("/")[2], tuple(rest[1:]))


def _unwrapped(words: list[str]) -> list[str]:
    while words:
        if ASSIGNMENT.match(words[0]):
            words.pop(0)
        elif words[0] in WRAPPERS:
            wrapper = words.pop(0)
            takes_value = WRAPPERS[wrapper].split()
            while words and words[0].startswith("-"):
                del words[: 2 if words[0] in takes_value else 1]
            del words[: 1 if wrapper in SKIPS_A_WORD else 0]
        else:
            return words
    return words


def read_twice(text: str, placeholder: str) -> str:
    """Where in a command a placeholder is taken apart once more, in words; "" when it is a plain word everywhere."""
    marked = text.replace(placeholder, "\x01")
    for call in calls(marked.replace("\x01", "MARKED")):
        if reader := _second_reader(call):
            return reader
    quotes = _quotes(marked)
    return next((quotes[place] for place, char in enumerate(marked) if char == "\x01" and quotes[place]), "")


def _second_reader(call: Call) -> str:
    """The program that reads a marked word as a program of its own."""
    if call.program == "eval":
        code: Sequence[str] = call.arguments
    elif call.program in _SHELLS:
        code = _behind_flag_c(call.arguments)
    elif call.program == "ssh":
        code = _remote(call.arguments)
    else:
        return ""
    kind = f"the text that {call.program} runs"
    return kind if any("MARKED" in word for word in code) else ""


def _behind_flag_c(arguments: Sequence[str]) -> Sequence[str]:
    place = next((at for at, word in enumerate(arguments) if re.match(r"-\w*c\Z", word)), None)
    return () if place is None else arguments[place + 1 : place + 2]


def _remote(arguments: Sequence[str]) -> Sequence[str]:
    """What ssh runs on the other machine."""
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        del rest[: 2 if rest[0] in _SSH_TAKES_VALUE else 1]
    return rest[1:]


def _quotes(text: str) -> list[str]:
    """For each character what it is quoted by, in words; "" when by nothing."""
    kinds: list[str] = []
    quote = ""
    waiting: list[str] = []
    for line in text.splitlines(keepends=True):
        if waiting and not quote:
            kinds += ["a here-document"] * len(line)
            if line.strip() == waiting[0]:
                waiting.pop(0)
            continue
        skip = False
        for place, char in enumerate(line):
            kinds.append({"'": "single quotes", '"': "double quotes"}.get(quote, ""))
            if skip:
                skip = False
            elif char == "\\" and quote != "'":
                skip = True
            elif quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char == "<" and (found := _HEREDOC.match(line, place)):
                waiting.append(found[3])
    return kinds
