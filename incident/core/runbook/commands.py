"""Which lines of a code block, and which code spans, are commands - judged line by line, because fence tags lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from incident.core.runbook.effects import ASSIGNMENT
from incident.core.runbook.model import Origin, Runnable
from incident.core.runbook.shell import Logical, logical_line
from incident.core.runbook.tools import BUILT_IN, ENGLISH, KNOWN, WRAPPERS
from incident.core.text import plain

_SCRIPTS = frozenset({"sh", "bash", "zsh", "ksh", "shell", "dash", "fish"})
_TRANSCRIPTS = frozenset(
    {"console", "shell-session", "shellsession", "sh-session", "bash-session", "terminal", "session"}
)
_PROMPT = re.compile(
    r"\s*(?:(?:\[?[\w.-]+@[\w.-]+(?:[ :][^\]$#%]{0,80})?\]?|(?:sh|bash)-[\d.]+|PS1?) ?([$#%])|([$%]))(?:\s+|$)"
)
_ROOT_PROMPT = re.compile(r"\s*#\s+")
_GOING_ON = re.compile(r"\s*>\s?")
_REFUSES = re.compile(r"\brun\s*[=:]\s*[\"']?false\b")
_WARNS = re.compile(r"\b(?:confirm|interactive|background)\b")
_PATH_WORD = re.compile(r"(?:\.{1,2}|~|\$\w+|\$\{\w+\})?/?(?:[\w.@-]+/)+[\w.@+-]+\Z|[\w.-]+\.(?:sh|py|rb|pl)\Z")
_PROGRAM = re.compile(r"[a-z][a-z0-9]*(?:[_.+-][a-z0-9]+)*\Z")
_OUTPUT = re.compile(
    r"""\s*(?: [\[\]{}<|+*=-] | \d | \w+:(?:\s|$) | \w+\s*=\s | \w+\ "[^"]*"\ \w+ | [A-Z]+(?:[ ]{2,}[A-Z][A-Z()-]*)+
    | [\w/.-]+\ (?:created|deleted|configured|unchanged|patched|scaled|restarted)\s*$ )""",
    re.VERBOSE,
)
_LOGGED = re.compile(r"\s*(?:level|msg|time|ts|caller|severity|logger)=\S")
_FUNCTION = re.compile(r"\s*(?:function\s+)?[A-Za-z_][\w-]*\s*\(\)\s*\{")
_INSIDE = frozenset({"then", "else", "elif", "do", "done", "fi", "esac"})  # parts of a command, never its beginning
_TEST = re.compile(r"\s*\[\[? .+ \]\]?\s*(?:&&|\|\||;|\Z)")
_COLUMNS = re.compile(r"\S {3,}\S.* {3,}\S")
_ARGUMENT = re.compile(r"(?:^|\s)(?:--?\w|[./~$<]\S|\S+[/=:]\S|[|>]\s)|\s['\"]")
MAX_BROKEN = 20  # commands with something open after which a block is given up
MAX_OUTPUT = 4_000  # characters of expected output kept with a command


@dataclass(frozen=True, slots=True)
class Found:
    """A command as it stands in the file; lines are 1-based, both ends included."""

    start: int
    end: int
    text: str
    origin: Origin
    runnable: Runnable
    expected_output: str | None = None


def commands_in_block(content: str, first: int, info: str, *, indented: bool, shows_output: bool) -> list[Found]:
    """The commands of a code block whose content begins at line `first`; `shows_output`: its introduction says so."""
    lines = content.removesuffix("\n").split("\n")
    language = re.split(r"[\s{,]", info.strip().lstrip("{").strip().lower(), maxsplit=1)[0] if info else ""
    scripted = language in _SCRIPTS
    session = language in _TRANSCRIPTS
    if any(_PROMPT.match(line) for line in lines) or (session and any(_root_prompt(line) for line in lines)):
        found = _transcript(lines, first, shell=scripted or session or not language)
    elif info.lstrip().startswith("{"):
        found = []
    else:
        origin = Origin.INDENTED if indented else Origin.FENCE
        found = _script(lines, first, origin, scripted=scripted and not shows_output)
    return [_as_attributes_say(command, info) for command in found]


def _as_attributes_say(command: Found, info: str) -> Found:
    """Attributes can only make a command safer."""
    attributes = info.partition(" ")[2] or info.partition("{")[2]
    runnable = command.runnable
    if _REFUSES.search(attributes) or "\ufffd" in command.text:
        runnable = Runnable.NO
    elif _WARNS.search(attributes) and runnable is Runnable.YES:
        runnable = Runnable.PROBABLE
    return Found(command.start, command.end, command.text, command.origin, runnable, command.expected_output)


def _root_prompt(line: str) -> bool:
    found = _ROOT_PROMPT.match(line)
    if found is None:
        return False
    behind = line[found.end() :]
    known = trust(behind)
    return known is True or (known is False and bool(_ARGUMENT.search(behind)))


def _prompt(line: str, dollars: bool) -> int:
    """How many characters of the line are a prompt; 0 when it has none."""
    if found := _PROMPT.match(line):
        return found.end()
    found = None if dollars else _ROOT_PROMPT.match(line)
    return found.end() if found and _root_prompt(line) else 0


def _transcript(lines: Sequence[str], first: int, *, shell: bool) -> list[Found]:
    found: list[Found] = []
    dollars = any(_PROMPT.match(line) for line in lines)
    at = broken = 0
    while at < len(lines) and broken < MAX_BROKEN:
        prompt = _prompt(lines[at], dollars)
        if not prompt:
            at += 1
            continue
        following = next((i for i in range(at + 1, len(lines)) if _prompt(lines[i], dollars)), len(lines))
        logical = _prompted(lines[at:following], prompt)
        broken += not logical.complete
        output = _output(lines[at + logical.count : following])
        known = trust(logical.text)
        if logical.text and (shell or known):
            runnable = Runnable.YES if shell and known else Runnable.PROBABLE
            runnable = runnable if logical.complete else Runnable.NO
            last = first + at + logical.count - 1
            found.append(Found(first + at, last, logical.text, Origin.TRANSCRIPT, runnable, output))
        at += logical.count
    return found


def _prompted(lines: Sequence[str], prompt: int) -> Logical:
    """The logical line behind a prompt; `> ` at the beginning of its further lines is the shell's own."""
    own = [lines[0][prompt:], *lines[1:]]
    logical = logical_line(own, 0)
    if logical.count > 1 and all(_GOING_ON.match(line) for line in own[1 : logical.count]):
        return logical_line([own[0], *(_GOING_ON.sub("", line, count=1) for line in own[1:])], 0)
    return logical


def _output(lines: Sequence[str]) -> str | None:
    kept = list(lines)
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith("# ")):
        kept.pop()
    return plain("\n".join(kept), MAX_OUTPUT) if any(line.strip() for line in kept) else None


def _script(lines: Sequence[str], first: int, origin: Origin, *, scripted: bool) -> list[Found]:
    found = []
    at = broken = 0
    while at < len(lines) and broken < MAX_BROKEN:
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            at += 1
            continue
        logical = logical_line(lines, at)
        broken += not logical.complete
        runnable = _runnable(logical, scripted)
        if runnable is not None:
            indent = len(logical.text) - len(logical.text.lstrip())
            text = logical.text[indent:] if logical.count == 1 else logical.text
            found.append(Found(first + at, first + at + logical.count - 1, text, origin, runnable))
            at += logical.count
        else:
            at += logical.count if logical.complete else 1
    return found


def _runnable(logical: Logical, scripted: bool) -> Runnable | None:
    """Whether a line of a block without prompts runs; None when it is no command at all."""
    text = logical.text
    known = trust(text)
    if not text.strip() or known is None or (not scripted and not _stands_alone(text, known)):
        return None
    if not logical.complete:
        return Runnable.NO
    return Runnable.YES if scripted and known else Runnable.PROBABLE


def _stands_alone(text: str, known: bool) -> bool:
    """Whether a line is a command even though nothing around it says so."""
    return known and not _reads_like_prose(text) and text.split()[0] not in BUILT_IN


def trust(text: str) -> bool | None:
    """Whether this is a command: True, its program is known; False, it may be one; None, it is not."""
    if _LOGGED.match(text):
        return None
    words = text.split()
    while words and (ASSIGNMENT.match(words[0]) or words[0] in ("sudo", "!", "time")):
        if ASSIGNMENT.match(words.pop(0)) and not words:
            return True
        while words and words[0].startswith("-"):
            words.pop(0)
    if not words:
        return None
    name = words[0].rstrip(";")
    if name in _INSIDE:
        return None
    if _FUNCTION.match(text):
        return True
    if ASSIGNMENT.match(text.lstrip()) and ("$(" in text or '"' in text or "'" in text):
        return True
    if name in KNOWN or name.rpartition("/")[2] in KNOWN:
        return None if _OUTPUT.match(name) and not _TEST.match(text) else True
    if _OUTPUT.match(text) or _COLUMNS.search(text) or name.endswith((":", ",", ".")):
        return None
    if _PATH_WORD.match(name) and not name.startswith("//"):
        return name.startswith(("./", "../", "~/", "bin/", "/usr/", "/opt/"))
    if not _PROGRAM.match(name) or _reads_like_prose(text):
        return None
    return False


def _reads_like_prose(text: str) -> bool:
    words = text.split()
    first = words[0]
    if first in ENGLISH and not _ARGUMENT.search(text):
        return True
    return len(words) > 3 and not _ARGUMENT.search(text) and text.rstrip().endswith((".", ":", "?", "!"))


def command_in_span(code: str) -> bool:
    """Whether a code span in running text is a whole command: two words or more, the first a known program."""
    words = code.split()
    while words and (ASSIGNMENT.match(words[0]) or words[0] in WRAPPERS):
        words.pop(0)
    if len(words) < 2:
        return False
    known = words[0] in KNOWN
    return known and not _reads_like_prose(" ".join(words)) and logical_line([code], 0).complete
