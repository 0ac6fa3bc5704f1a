"""From a runbook's command to what would run: parameters filled, target named, tier decided."""

from __future__ import annotations

import fnmatch
import re
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from incident.core import change_versions
from incident.core.change import Change
from incident.core.change_rank import Trouble
from incident.core.destructive import is_destructive
from incident.core.incident import Value
from incident.core.runbook import Effect
from incident.core.text import hides_something, look_alike, shorten
from incident.errors import RunError

# A value of these characters is inert in every quoting context of a shell: nothing in it can end a word or begin one.
_INERT = re.compile(r"[A-Za-z0-9_.:/@%+=,][A-Za-z0-9_.:/@%+=,-]*\Z")
_VALUE_OF = re.compile(r"(?:the )?value of (?:the )?(?:label )?(\S+)(?: (?:label|annotation).*)?\Z", re.IGNORECASE)
_SECRET = re.compile(r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|(?:API|ACCESS|PRIVATE|AUTH)_?KEY")
# What bash keeps for itself: a program of the same name, where there is one, may do something else.
_SHELL_WORDS = frozenset(
    {".", ":", "[", "[[", "]]", "alias", "bg", "bind", "break", "builtin", "caller", "case", "cd", "command",
     "compgen", "complete", "compopt", "continue", "coproc", "declare", "dirs", "disown", "do", "done", "echo", "elif",
     "else", "enable", "esac", "eval", "exec", "exit", "export", "false", "fc", "fg", "fi", "for", "function",
     "getopts", "hash", "help", "history", "if", "in", "jobs", "kill", "let", "local", "logout", "mapfile", "popd",
     "printf", "pushd", "pwd", "read", "readarray", "readonly", "return", "select", "set", "shift", "shopt", "source",
     "suspend", "test", "then", "time", "times", "trap", "true", "type", "typeset", "ulimit", "umask", "unalias",
     "unset", "until", "wait", "while"}
)  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_QUOTE_OR_NAME = r"\\.|['\"]|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})"
_BY_HAND = "read it in the runbook, and type it by hand if it is right"

Alerts = Sequence[tuple[Mapping[str, str], Mapping[str, str]]]  # labels and annotations of each


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
    undo: str = ""  # the step or block that takes it back, as the runbook says
    verify: str = ""  # the step or block that shows whether it helped
    refused: str = ""  # why it cannot run from here, whatever its values
    terminal: bool = False  # it gets the real terminal, because somebody has to talk to it
    endless: bool = False  # it does not end by itself; stopping it is its end
    unverified: str = ""  # the run of this very command whose outcome is unknown, until somebody looks
    approvers: bool = False  # a second person has to agree
    variables: tuple[Filled, ...] = ()  # what earlier commands of the incident set, and this one looks up
    sets: tuple[str, ...] = ()  # variables that it sets for later commands
    typed: bool = False  # a person typed or edited it
    undoes: str = ""  # the deploy that it takes back, in words

    @property
    def unfilled(self) -> tuple[Filled, ...]:
        """Parameters that still need a value."""
        return tuple(parameter for parameter in self.parameters if not parameter.ready)

    @property
    def word(self) -> str:
        """What has to be typed at the highest tier."""
        return self.target.name or self.who.partition("@")[2]


def parameter_name(placeholder: str) -> str:
    """The name of a parameter: `<pod-name>` is pod-name, `$POD_NAME` POD_NAME, `<name=default>` name, `[pod]` pod."""
    bare = placeholder.strip().strip("<>[]").lstrip("$").strip("{}").strip()
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
        odd = "".join(dict.fromkeys(re.sub(r"[A-Za-z0-9_.:/@%+=,-]", "", value)))[:20]
        return f"it holds {odd!r}; letters, digits and _ . : / @ % + = , - are safe"
    return ""


def fill(
    placeholder: str,
    *,
    earlier: Mapping[str, Value],
    alerts: Alerts,
    changes: tuple[Change, ...],
    trouble: Trouble,
    environment: Mapping[str, str],
    back: bool = False,
) -> Filled:
    """A parameter's value: an earlier answer, the alerts' labels and annotations, a recent change, the environment.

    `alerts` are (labels, annotations); `trouble` is what changes are measured against; `back` says that the command
    goes back to an earlier version. Without any value it is "".
    """
    name = parameter_name(placeholder)
    variable = placeholder.startswith("$")
    if variable and _SECRET.search(name) and environment.get(name):
        return Filled(placeholder, name, placeholder, "the environment, where it stays")
    if name in earlier:
        return _checked(placeholder, name, earlier[name].value, earlier[name].origin)
    if filled := _from_alerts(placeholder, name, alerts):
        return filled
    if offer := change_versions.filled(name, changes, trouble, back=back):
        return _checked(placeholder, name, offer.value, offer.origin)
    if variable and environment.get(name):
        return _checked(placeholder, name, environment[name], f"the environment's {name}")
    if default := default_of(placeholder):
        return _checked(placeholder, name, default, "the runbook's default")
    return Filled(placeholder, name)


def _checked(placeholder: str, name: str, value: str, origin: str) -> Filled:
    return Filled(placeholder, name, value, origin, why_not_a_value(value))


def _from_alerts(placeholder: str, name: str, alerts: Alerts) -> Filled | None:
    """The value that the alerts give it; refused when they do not agree on one."""
    for kind, maps in (("label", [labels for labels, _ in alerts]), ("annotation", [notes for _, notes in alerts])):
        for key in _keys_for(name):
            values = list(dict.fromkeys(known[key] for known in maps if known.get(key)))
            if len(values) == 1:
                return _checked(placeholder, name, values[0], f"the alert's {kind} {key}")
            if values:
                listed = shorten(", ".join(values), 200)
                return Filled(placeholder, name, listed, f"the alerts' {kind} {key}", "the alerts do not agree on it")
    return None


def _keys_for(name: str) -> tuple[str, ...]:
    """The label names that a parameter's name may mean: `pod-name`, `POD_NAME`, `value of pod label` all mean pod."""
    meant = _VALUE_OF.sub(r"\1", name).strip("`'\"")
    folded = re.sub(r"[\s-]+", "_", meant).lower()
    bare = re.sub(r"_name\Z|\A(your|the|my|affected|failing)_", "", folded)
    return tuple(dict.fromkeys((meant, folded, bare)))


def with_values(text: str, parameters: Sequence[Filled]) -> str:
    """The command with every ready value in its place; placeholders without one stay as they are.

    So does what is no placeholder to a shell: `\\$NAME`, and `$NAME` in single quotes.
    """
    ready = [parameter for parameter in parameters if parameter.ready]
    variables = {parameter.name: parameter.value for parameter in ready if parameter.placeholder.startswith("$")}
    written = {parameter.placeholder: parameter.value for parameter in ready if parameter.placeholder[:1] != "$"}
    longest_first = sorted(filter(None, written), key=len, reverse=True)
    tokens = re.compile("|".join([*map(re.escape, longest_first), _QUOTE_OR_NAME]), re.DOTALL)
    shown: list[str] = []
    at, quote = 0, ""
    while token := tokens.search(text, at):
        shown.append(text[at : token.start()])
        at, word = token.end(), token[0]
        if word in written:
            word = written[word]
        elif word in ("'", '"'):
            quote = word if not quote else "" if quote == word else quote
        elif quote == "'":  # neither a backslash nor a dollar sign means anything here
            at, word = token.start() + 1, word[0]
        else:
            word = variables.get(token[1] or token[2], word)
        shown.append(word)
    return "".join(shown) + text[at:]


def needs_shell(text: str) -> bool:
    """Whether the text means something only to a shell: operators, expansions, assignments, words of its own."""
    quote, before_it = "", " "
    for char in text:
        if quote == "'":
            quote = "" if char == "'" else quote
        elif char in "$`\\":
            return True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "|&;<>()*?[]{}!\n" or (char in "~#" and before_it in " \t=:"):
            return True
        before_it = char
    if quote:
        return True
    words = shlex.split(text)
    return bool(words) and (words[0] in _SHELL_WORDS or bool(_ASSIGNMENT.match(text.lstrip())))


def argv_for(text: str) -> tuple[tuple[str, ...], bool]:
    """The program and arguments, and whether a shell is among them. `bash -u` refuses variables that are not set.

    Raises RunError when there is no program, or when the text is not what a reader takes it for.
    """
    if hides_something(text.replace("\t", " ")):
        raise RunError("this command holds characters that cannot be seen", hint=_BY_HAND)
    if odd := look_alike(text):
        what = f"U+{ord(odd):04X} {unicodedata.name(odd, '')}".strip()
        raise RunError(f"this command holds `{odd}` ({what}), which is easily taken for another", hint=_BY_HAND)
    if text.lstrip().startswith("-"):
        raise RunError("this begins with an option and names no program", hint=_BY_HAND)
    if needs_shell(text):
        return ("bash", "-u", "-c", text), True
    words = tuple(shlex.split(text))
    if not words or not words[0]:
        raise RunError("there is no command here")
    return words, False


def tier_of(text: str, effect: Effect, target: Target, production: Sequence[str]) -> Tier:
    """What a person has to do before it runs. `production` are patterns such as `prod-*` for names in the target.

    A command that itself names production, a host for example, counts as well.
    """
    if effect is Effect.READS:
        return Tier.ONE_KEY
    if is_destructive(text) or concerns(text, target, production):
        return Tier.TYPE_TARGET
    return Tier.CONFIRM


def raised(tier: Tier, confirm: str) -> Tier:
    """The tier with what the runbook's author asks for: `yes`, `production` or nothing. It is never lowered."""
    asked = {"yes": Tier.CONFIRM, "production": Tier.TYPE_TARGET}.get(confirm, tier)
    order = list(Tier)
    return max(tier, asked, key=order.index)


def is_production(target: Target, production: Sequence[str]) -> bool:
    """Whether the configuration calls this target, or a part of its name, production."""
    return _names_one_of(target.name, production)


def concerns(text: str, target: Target, patterns: Sequence[str]) -> bool:
    """Whether a command acts on, or itself names, something that one of these patterns matches."""
    return is_production(target, patterns) or _names_one_of(text, patterns)


def _names_one_of(text: str, patterns: Sequence[str]) -> bool:
    names = {text, *text.split(), *re.split(r"[\s/:@='\",]+", text)} - {""}
    return any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns for name in names)
