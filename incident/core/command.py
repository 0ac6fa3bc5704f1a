"""From a runbook's command to what would run: parameters filled, target named, tier decided."""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from incident.core.change import Change, before
from incident.core.incident import Value
from incident.core.runbook import Effect
from incident.core.text import hides_something
from incident.core.when import minute
from incident.errors import RunError

# A value of these characters is inert in every quoting context of a shell: nothing in it can end a word or begin one.
_INERT = re.compile(r"[A-Za-z0-9_.:/@%+=,][A-Za-z0-9_.:/@%+=,-]*\Z")
_VALUE_OF = re.compile(r"(?:the )?value of (?:the )?(\S+)(?: label.*)?\Z", re.IGNORECASE)
_BUILTINS = frozenset(
    {"cd", "export", "source", ".", "set", "unset", "alias", "eval", "exec", "read", "type", "ulimit", "umask", "if",
     "for", "while", "until", "case", "function", "[[", "time", "trap", "wait", "pushd", "popd", "declare", "local"}
)  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_DESTRUCTIVE = re.compile(
    r"\b(delete|destroy|drop|truncate|terminate|purge|wipe|flushall|flushdb|mkfs\S*|shutdown|reboot|poweroff|rmi?"
    r"|force-delete|prune|uninstall|deregister\S*|--force|--hard)\b",
    re.IGNORECASE,
)
_PREVIOUS = frozenset({"previous", "previous-sha", "previous-version", "last-good", "last-good-sha", "good-sha"})
_CURRENT = frozenset({"sha", "version", "commit", "image-tag"})


class Tier(StrEnum):
    """How much a person has to do before a command runs."""

    ONE_KEY = "one key"  # it only reads
    CONFIRM = "confirm"  # it changes something, or may
    TYPE_TARGET = "type the target"  # it destroys, or touches production


@dataclass(frozen=True, slots=True)
class Target:
    """What a command would act on, as its own tool would decide, and from where that is known."""

    name: str = ""  # `github.com/acme/shop`, `prod-eu / checkout`; "" when the tool has none
    origin: str = ""  # `git remote origin`, `~/.kube/config`


@dataclass(frozen=True, slots=True)
class Filled:
    """A parameter with its value, or without one."""

    placeholder: str  # as written
    name: str
    value: str = ""
    origin: str = ""
    refused: str = ""  # why the value may not be used

    @property
    def ready(self) -> bool:
        """There is a value, and it may be used."""
        return bool(self.value) and not self.refused


@dataclass(frozen=True, slots=True)
class Preflight:
    """Everything a person reads before a command runs, and exactly what then runs."""

    text: str  # the command with its values, byte for byte
    argv: tuple[str, ...]
    shell: bool
    parameters: tuple[Filled, ...]
    directory: str
    who: str  # user@host
    target: Target
    effect: Effect
    tier: Tier
    origin: str  # runbook.md:17
    expected: str = ""
    step: str = ""
    step_text: str = ""
    warnings: tuple[str, ...] = ()
    template: str = ""  # the command as written

    @property
    def unfilled(self) -> tuple[Filled, ...]:
        """Parameters that still need a value."""
        return tuple(parameter for parameter in self.parameters if not parameter.ready)

    @property
    def word(self) -> str:
        """What has to be typed at the highest tier."""
        return self.target.name or self.who.partition("@")[2]


def parameter_name(placeholder: str) -> str:
    """The name of a parameter: `<pod-name>` is pod-name, `$POD_NAME` POD_NAME, `<name=default>` name."""
    bare = placeholder.strip().strip("<>").lstrip("$").strip("{}").strip()
    return bare.partition("=")[0].strip()


def default_of(placeholder: str) -> str:
    """The default in `<name=default>`, or "" ."""
    return placeholder.strip().strip("<>").partition("=")[2].strip()


def why_not_a_value(value: str) -> str:
    """Why a value may not be put into a command, in words; "" when it may."""
    if not value:
        return "it is empty"
    if value.startswith("-"):
        return "it begins with - and would be read as an option"
    if not _INERT.match(value):
        odd = "".join(dict.fromkeys(c for c in value if not re.match(r"[A-Za-z0-9_.:/@%+=,-]", c)))
        return f"it holds {odd!r}; letters, digits and _ . : / @ % + = , - are safe"
    return ""


def fill(
    placeholder: str,
    *,
    earlier: Mapping[str, Value],
    alerts: Sequence[tuple[Mapping[str, str], Mapping[str, str]]],
    changes: tuple[Change, ...],
    since: datetime,
    environment: Mapping[str, str],
) -> Filled:
    """A parameter's value: an earlier answer, the alerts' labels and annotations, a recent change, the environment.

    `alerts` are (labels, annotations); `since` is when the trouble began (UTC). Without any, the value is "".
    """
    name = parameter_name(placeholder)
    if name in earlier:
        return _checked(placeholder, name, earlier[name].value, earlier[name].origin)
    for labels, notes in alerts:
        for kind, known in (("label", labels), ("annotation", notes)):
            for key in _keys_for(name):
                if known.get(key):
                    return _checked(placeholder, name, known[key], f"the alert's {kind} {key}")
    if change := _from_changes(name, changes, since):
        return _checked(placeholder, name, *change)
    if placeholder.startswith("$") and environment.get(name):
        return _checked(placeholder, name, environment[name], f"the environment's {name}")
    if default := default_of(placeholder):
        return _checked(placeholder, name, default, "the runbook's default")
    return Filled(placeholder, name)


def _checked(placeholder: str, name: str, value: str, origin: str) -> Filled:
    return Filled(placeholder, name, value, origin, why_not_a_value(value))


def _keys_for(name: str) -> tuple[str, ...]:
    """The label names that a parameter's name may mean: `pod-name`, `POD_NAME`, `value of pod label` all mean pod."""
    meant = _VALUE_OF.sub(r"\1", name).strip("`'\"")
    folded = re.sub(r"[\s-]+", "_", meant).lower()
    bare = re.sub(r"_(name|id)\Z|\A(your|the|my|affected|failing)_", "", folded)
    return tuple(dict.fromkeys((meant, folded, bare)))


def _from_changes(name: str, changes: tuple[Change, ...], since: datetime) -> tuple[str, str] | None:
    folded = re.sub(r"[\s_]+", "-", name).lower()
    earlier = before(changes, since)
    if not earlier or not earlier[0].version:
        return None
    newest = earlier[0]
    if folded in _PREVIOUS:
        last = newest.previous or (earlier[1].version if len(earlier) > 1 else "")
        return (last, f"ran until {minute(newest.at)}, before {newest.version}") if last else None
    if folded in _CURRENT:
        return newest.version, f"runs since {minute(newest.at)}"
    return None


def with_values(text: str, parameters: Sequence[Filled]) -> str:
    """The command with every ready value in its place; placeholders without one stay as they are."""
    for parameter in parameters:
        if parameter.ready and not parameter.placeholder.startswith("$"):
            text = text.replace(parameter.placeholder, parameter.value)
        elif parameter.ready:
            # An inert value holds no backslash, so that it is safe as a replacement.
            text = re.sub(rf"\$(?:{parameter.name}\b|{{{parameter.name}}})", parameter.value, text)
    return text


def needs_shell(text: str) -> bool:
    """Whether the text means something only to a shell: operators, expansions, assignments, built-ins."""
    quote = ""
    word_starts = True
    for char in text:
        if quote == "'":
            quote = "" if char == "'" else quote
        elif char in "$`\\":
            return True
        elif quote == '"':
            quote = "" if char == '"' else quote
        elif char in "'\"":
            quote = char
        elif char in "|&;<>()*?[]{}!\n" or (word_starts and char in "~#"):
            return True
        word_starts = not quote and char in " \t="
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    return bool(quote) or first in _BUILTINS or bool(_ASSIGNMENT.match(first))


def argv_for(text: str) -> tuple[tuple[str, ...], bool]:
    """The program and arguments, and whether a shell is among them. `bash -u` refuses variables that are not set.

    Raises RunError when the text is empty or holds characters that a reader cannot see.
    """
    if not text.strip():
        raise RunError("there is no command here")
    if hides_something(text.replace("\t", " ")):
        raise RunError(
            "this command holds characters that cannot be seen",
            hint="read it in the runbook and type it by hand if it is right",
        )
    if needs_shell(text):
        return ("bash", "-u", "-c", text), True
    return tuple(shlex.split(text)), False


def tier_of(text: str, effect: Effect, target: Target, production: Sequence[str]) -> Tier:
    """What a person has to do before it runs. `production` are patterns such as `prod-*` for target names."""
    if effect is Effect.READS:
        return Tier.ONE_KEY
    if _DESTRUCTIVE.search(text) or is_production(target, production):
        return Tier.TYPE_TARGET
    return Tier.CONFIRM


def is_production(target: Target, production: Sequence[str]) -> bool:
    """Whether the configuration calls this target production."""
    return bool(target.name) and any(fnmatch.fnmatchcase(target.name, pattern) for pattern in production)
