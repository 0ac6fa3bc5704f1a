"""Which lines of a code block, and which code spans, are commands - judged line by line, because fence tags lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from incident.core.runbook.asks import asks
from incident.core.runbook.attributes import of_fence
from incident.core.runbook.effects import ASSIGNMENT
from incident.core.runbook.model import PLAIN, Attributes, Origin, Runnable
from incident.core.runbook.shell import Logical, logical_line
from incident.core.runbook.tools import BUILT_IN, ENGLISH, KNOWN, WRAPPERS
from incident.core.text import plain

_SCRIPTS = frozenset({"sh", "bash", "zsh", "ksh", "shell", "dash", "fish"})
_TRANSCRIPTS = frozenset(
    {"console", "shell-session", "shellsession", "sh-session", "bash-session", "terminal", "session"}
)
_PROMPT = re.compile(
    r"\s*(?:(?:\[?[\w.-]+@[\w.-]+(?:[ :][^\]$#%]{0,80})?\]?|(?:sh|bash)-[\d.]+|PS1?) ?([$#%])"
    r"|(?:[A-Za-z][\w.-]*[ \t]+(?=\$))?([$%]))(?:\s+|$)"
)
_ROOT_PROMPT = re.compile(r"\s*#\s+")
_GOING_ON = re.compile(r"\s*>\s?")
_PATH_WORD = re.compile(r"(?:\.{1,2}|~|\$\w+|\$\{\w+\})?/?(?:[\w.@-]+/)+[\w.@+-]+\Z|[\w.-]+\.(?:sh|py|rb|pl)\Z")
_PROGRAM = re.compile(r"[a-z][a-z0-9]*(?:[_.+-][a-z0-9]+)*\Z")
_OUTPUT = re.compile(
    r"""\s*(?: [\[\]{}<|+*=-] | \d | \w+:(?:\s|$) | \w+\s*=\s | \w+\ "[^"]*"\ \w+ | [A-Z]+(?:[ ]{2,}[A-Z][A-Z()-]*)+
    | [\w/.-]+\ (?:created|deleted|configured|unchanged|patched|scaled|restarted)\s*$ )""",
    re.VERBOSE,
)
_LOGGED = re.compile(r"\s*(?:level|msg|time|ts|caller|severity|logger)=\S")
_FUNCTION = re.compile(r"\s*(?:function\s+)?[A-Za-z_][\w-]*\s*\(\)\s*\{")
_NOT_SHELL = re.compile(  # a database's prompt, a setting, part of a query, a line of a table
    r"\s*(?:[\w.]*=[#>*-]?[#>]\s|\w+\s+=\s|gem\s+['\"]|export default\b|(?:and|or|unless|on)\b|\w+ (?:by|without) ?\("
    r"|(?i:select|insert into|update|delete from|create|drop|alter|truncate|grant|explain)\s[^\n]*;\s*\Z"
    r"|\w+=[^\s;]*,\s*\Z|\w+=\"[^\"]*\",|\w+ \(\d|\w+ *\|[ \w]*\|.*\||(?:.*[ ]{2,}\|){2})"
)
_MAY_GO_ON = re.compile(r"[\\'\"({|&<]")
_INSIDE = frozenset({"then", "else", "elif", "do", "done", "fi", "esac"})  # parts of a command, never its beginning
_TEST = re.compile(r"\s*\[\[? .+ \]\]?\s*(?:&&|\|\||;|\Z)")
_SHOWS_OUTPUT = re.compile(
    r"\b(?:output|respon[sd]\w*|results?|looks? (?:something )?like|similar to|returns?|errors?|messages?|prints?"
    r"|(?:will|may|might|should|would) (?:see|show|return|look|print|display|output)|log (?:lines?|entr\w+)"
    r"|logs? the following|shows?|displays?)\b[^.]{0,80}[:.]?\s*\Z",
    re.IGNORECASE,
)
_TO_RUN = re.compile(r"\b(?:run|running|execut\w+|commands?|invok\w+|type|using)\b[^.]{0,80}:\s*\Z", re.IGNORECASE)
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
    attributes: Attributes = PLAIN
    odd: tuple[str, ...] = ()  # what cannot be read of its attributes


def commands_in_block(content: str, first: int, info: str, *, indented: bool, introduction: str = "") -> list[Found]:
    """The commands of a code block whose content begins at line `first`, and which these words introduce."""
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
        shows_output = bool(_SHOWS_OUTPUT.search(introduction)) and not asks(introduction)
        scripted = scripted and not shows_output
        alike = scripted or (not language and _all_alike(lines, bool(_TO_RUN.search(introduction))))
        found = _script(lines, first, origin, scripted=scripted, alike=alike)
    written = of_fence(info)
    return [replace(command, attributes=written.attributes, odd=written.odd) for command in found] if info else found


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
            last = first + at + logical.text.count("\n")
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


def _all_alike(lines: Sequence[str], to_run: bool) -> bool:
    """Whether every line may be a command, and something says that they are: the words before, or a known program."""
    known = [trust(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return None not in known and (to_run or True in known)


def _script(lines: Sequence[str], first: int, origin: Origin, *, scripted: bool, alike: bool) -> list[Found]:
    found = []
    at = broken = 0
    while at < len(lines) and broken < MAX_BROKEN:
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            at += 1
            continue
        if not (scripted or alike or _MAY_GO_ON.search(lines[at]) or trust(lines[at])):  # no command begins here
            at += 1
            continue
        logical = logical_line(lines, at)
        broken += not logical.complete
        runnable = _runnable(logical, scripted, alike)
        if runnable is not None:
            indent = len(logical.text) - len(logical.text.lstrip())
            text = logical.text[indent:] if logical.count == 1 else logical.text
            found.append(Found(first + at, first + at + text.count("\n"), text, origin, runnable))
            at += logical.count
        else:
            at += logical.count if logical.complete else 1
    return found


def _runnable(logical: Logical, scripted: bool, alike: bool) -> Runnable | None:
    """Whether a line of a block without prompts runs; None when it is no command at all."""
    text = logical.text
    known = trust(text)
    if not text.strip() or known is None or not (scripted or _stands_alone(text, known) or (alike and not known)):
        return None
    if not logical.complete:
        return Runnable.NO
    return Runnable.YES if scripted and known else Runnable.PROBABLE


def _stands_alone(text: str, known: bool) -> bool:
    """Whether a line is a command even though nothing around it says so."""
    return known and not _reads_like_prose(text) and text.split()[0] not in BUILT_IN


def trust(text: str) -> bool | None:
    """Whether this is a command: True, its program is known; False, it may be one; None, it is not."""
    if _LOGGED.match(text) or _NOT_SHELL.match(text):
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
