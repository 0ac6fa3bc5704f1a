"""Which words of a command have to be replaced by a value before it can run."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ANGLE = re.compile(r"(?<![\\<])<([A-Za-z](?:[^<>\n`;|&$\"\\]{0,98}[^<>\n`;|&$\"\\\s])?)>")
_NOTHING = frozenset({"none", "nil", "null", "unset", "invalid"})  # what kubectl and friends print
_DAY = r"YYYY-MM-DD(?:[ T]HH:MM(?::SS)?Z?)?"
_DATE = re.compile(rf"\b{_DAY}(?:,{_DAY})*")  # a range is one value: its two days differ
_PATH = re.compile(r"(?<![\w.])/?path/to/[\w.*/-]+")
_VARIABLE = re.compile(r"(?<!\\)\$(?:([A-Z][A-Z0-9_]+)\b|\{([A-Z][A-Z0-9_]+)\})")
_SINGLE_QUOTED = re.compile(r"'[^']*'")
_SETS = re.compile(
    r"(?:^|[\s;&|(])(?:(?:export|local|declare|readonly|typeset)\s+(?:-\w+\s+)*)?([A-Z][A-Z0-9_]+)\+?="
    r"|\bfor\s+([A-Z][A-Z0-9_]+)\s+in\b"
    r"|\bread\s+((?:-\w+\s+(?:'[^']*'\s+|\"[^\"]*\"\s+)?)*[A-Z][A-Z0-9_ ]*)",
    re.MULTILINE,
)
_STANDARD = frozenset(
    {"HOME", "PATH", "USER", "PWD", "SHELL", "HOSTNAME", "EDITOR", "VISUAL", "LANG", "TERM", "TMPDIR", "RANDOM",
     "SECONDS", "UID", "EUID", "IFS", "OLDPWD", "LOGNAME", "DISPLAY", "BASH", "LINENO", "PPID", "GOPATH", "JAVA_HOME",
     "KUBECONFIG", "NF", "NR", "FS", "OFS", "RS", "ORS", "REPLY", "COLUMNS", "LINES", "PIPESTATUS", "FUNCNAME",
     "OPTARG", "OPTIND"}
)  # fmt: skip


def variables_set(texts: Iterable[str]) -> frozenset[str]:
    """The upper-case variables that any of these commands sets."""
    names: set[str] = set()
    for text in texts:
        for found in _SETS.finditer(text):
            names.update(word for word in (found[1] or found[2] or found[3]).split() if word.isidentifier())
    return frozenset(names)


def parameters_of(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """The placeholders in a command as written, each once; `known` are the variables that something sets."""
    found = [
        (match.start(), match[0])
        for match in _ANGLE.finditer(text)
        if match[1].lower() not in _NOTHING and not _is_markup(text, match)
    ]
    found += [(match.start(), match[0]) for pattern in (_DATE, _PATH) for match in pattern.finditer(text)]
    quoted = [match.span() for match in _SINGLE_QUOTED.finditer(text)]
    named: set[str] = set()
    for match in _VARIABLE.finditer(text):
        name = match[1] or match[2]
        inside = any(start < match.start() < end for start, end in quoted)
        if name not in known | _STANDARD and name not in named and not inside:
            named.add(name)
            found.append((match.start(), match[0]))
    return tuple(dict.fromkeys(placeholder for _, placeholder in sorted(found)))


def _is_markup(text: str, match: re.Match[str]) -> bool:
    """Whether it is an element of HTML or XML: its end stands in the text too."""
    name = match[1].split()[0]
    return f"</{name}>" in text
