"""Which words of a command have to be replaced by a value before it can run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_ANGLE = re.compile(r"(?<![\\<])<([A-Za-z](?:[^<>\n`;|&$\"\\]{0,98}[^<>\n`;|&$\"\\\s])?)>")
_NOTHING = frozenset({"none", "nil", "null", "unset", "invalid"})  # what kubectl and friends print
_DAY = r"YYYY-MM-DD(?:[ T]HH:MM(?::SS)?Z?)?"
_DATE = re.compile(rf"\b{_DAY}(?:,{_DAY})*")  # a range is one value: its two days differ
_PATH = re.compile(r"(?<![\w.])/?path/to/[\w.*/-]+")
# `[pod_id]`, `{cluster}` as an argument, or as a part of one; a shell would take the first for a pattern of file names.
_SQUARE = re.compile(r"(?<![\w$\]*?.^!\\])\[([A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*)\](?![*+?{\[\]])")
_CURLY = re.compile(r"(?<![\w$%@.{}\\])\{([A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*)\}(?![}\w])")
# `NAMESPACE`, `POD-NAME` as a whole argument: capitals that end in a word for what has to be filled in.
_CAPITALS = re.compile(
    r"(?<![^\s=/@])((?:[A-Z][A-Z0-9]*[_-])*(?:NAME|NAMESPACE|HOST|HOSTNAME|ID|POD|NODE|CLUSTER|PATH|URL|PORT|USER"
    r"|USERNAME|BUCKET|REGION|SERVICE|PROJECT|INSTANCE|DATABASE|BRANCH|VERSION|SLUG|HERE|SUBSCRIPTION|PUBLICATION|ZONE"
    r"|DEPLOYMENT|PVC|IP|EMAIL|DIRECTORY|FILENAME))(?![^\s/@;|&)])"
)
_YOUR = re.compile(r"(?<![\w<{\[$./-])[\w-]*?\b(?:your|YOUR|insert|INSERT|replace|REPLACE)[-_][\w-]*\w(?![\w>}\]-])")
_XS = re.compile(r"(?<![\w<{\[$./@])[\w-]*(?<![A-Za-z0-9])(?:x{3,}|X{3,})(?![A-Za-z0-9])[\w-]*(?![>}\]])")
# `--reason="Issue URL or ticket URL"`: words in quotes that name what belongs there.
_WORDS = re.compile(
    r"=\"((?:[A-Za-z]+[ ]){1,9}(?:URLs?|ID|id|[Nn]ame|NAME|number|link|here|HERE|key|token|address)"
    r"|[Yy]our(?: \w+){1,9})\""
)
# Words of a usage line: they stand for anything, or for nothing.
_USAGE = re.compile(r"(?i)\b(?:options?|flags?|args?|arguments?|command)\Z")
_NAMES_WORDS = re.compile(
    r"\s*(?:sudo\s+)?(?:grep|egrep|fgrep|zgrep|rg|awk|gawk|sed|jq|printenv|echo|printf|unset|export|for|while|read|set|getconf)\b"
)
_VARIABLE = re.compile(r"(?<!\\)\$(?:([A-Z][A-Z0-9_]+)\b|\{([A-Z][A-Z0-9_]+)\})")
_UNMARKED = re.compile(r"[\[{]|[A-Z]{2}|xxx|your|insert|replace")
_DOUBLE_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
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


def variables_used(text: str) -> tuple[str, ...]:
    """The upper-case variables whose values a shell would look up in this text, each once, without its own ones."""
    quoted = [match.span() for match in _SINGLE_QUOTED.finditer(text)]
    names = [match[1] or match[2] for match in _VARIABLE.finditer(text) if not _inside(match.start(), quoted)]
    return tuple(name for name in dict.fromkeys(names) if name not in _STANDARD)


def parameters_of(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """The placeholders in a command as written, each once; `known` are the variables that something sets."""
    found = [
        (match.start(), match[0])
        for match in _ANGLE.finditer(text)
        if match[1].lower() not in _NOTHING and not _is_markup(text, match)
    ]
    found += [(match.start(), match[0]) for pattern in (_DATE, _PATH) for match in pattern.finditer(text)]
    quoted = [match.span() for match in _SINGLE_QUOTED.finditer(text)]
    found += _unmarked(text, quoted, known)
    named: set[str] = set()
    for match in _VARIABLE.finditer(text):
        name = match[1] or match[2]
        if name not in known | _STANDARD and name not in named and not _inside(match.start(), quoted):
            named.add(name)
            found.append((match.start(), match[0]))
    return tuple(dict.fromkeys(placeholder for _, placeholder in sorted(found)))


def _unmarked(text: str, quoted: Sequence[tuple[int, int]], known: frozenset[str]) -> list[tuple[int, str]]:
    """Placeholders without angle brackets; each stands alone wherever it occurs, so that nothing else is replaced."""
    found = [(match.start(1), match[1]) for match in _WORDS.finditer(text)]
    if not _UNMARKED.search(text):
        return found
    strings = [*quoted, *(match.span() for match in _DOUBLE_QUOTED.finditer(text))]
    for pattern in (_SQUARE, _CURLY):
        for match in pattern.finditer(text):
            # In quotes it may be a pattern of another language; `{API KEY}` is none.
            spelled = pattern is _CURLY and match[1].isupper() and len(match[1]) > 2
            unquoted = len(match[1]) > 2 and not _inside(match.start(), strings) and not _USAGE.search(match[1])
            if spelled or unquoted:
                found.append((match.start(), match[0]))
    found += [(match.start(), match[0]) for match in _YOUR.finditer(text)]
    first = text.partition("\n")[0] if "<<" in text else text  # what stands in a heredoc is data
    for match in (match for pattern in (_CAPITALS, _XS) for match in pattern.finditer(first)):
        if _stands_for_a_value(match[0], match.start(), text, known) and not _inside(match.start(), strings):
            found.append((match.start(), match[0]))
    return found


def _stands_for_a_value(word: str, place: int, text: str, known: frozenset[str]) -> bool:
    """Whether a word in capitals or of x's is to be replaced: no variable, no statement, and always a whole word."""
    statement = "-cli" in text and not re.search(r"[_-]", word)
    alone = len(re.findall(rf"(?<![\w$]){re.escape(word)}(?!\w)", text)) == text.count(word)
    return alone and not statement and word not in known and not _in_words(text, place)


def _inside(place: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < place < end for start, end in spans)


def _in_words(text: str, place: int) -> bool:
    """Whether this place belongs to a program whose arguments are words to look for, print or set."""
    begin = max(text.rfind(sign, 0, place) for sign in "|;&\n(") + 1
    return bool(_NAMES_WORDS.match(text, begin))


def _is_markup(text: str, match: re.Match[str]) -> bool:
    """Whether it is an element of HTML or XML: its end stands in the text too."""
    name = match[1].split()[0]
    return f"</{name}>" in text
