"""Text and facts without their secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from incident.core.facts import Fact
from incident.core.redaction.known import SHORTEST, Known
from incident.core.redaction.mask import MASK, put
from incident.core.redaction.scanner import Scanner
from incident.core.redaction.stream import Filter

# Names and numbers by which facts find each other. No secret can stand in them, and none may be harmed.
IDENTITIES = frozenset(
    (
        "approval", "branch", "change", "effect", "environment", "event", "fingerprint", "format", "group", "key",
        "left", "milestone", "named", "occurrence", "output", "remark", "request", "role", "run", "severity", "sha256",
        "step", "tick", "tier", "was",
    )
)  # fmt: skip


class Redactor:
    """Masks secrets in whole texts and in facts. `known` are values that are secrets whatever they look like.

    `count` is how many were masked so far.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = Known(known)
        self.count = 0

    def text(self, text: str) -> str:
        """The text with its secrets masked; the same text when it holds none."""
        return self.masked(text)[0]

    def masked(self, text: str) -> tuple[str, int]:
        """The same, with how many there were."""
        made, count = _masked(text, self._known)
        self.count += count
        return made, count

    def fact(self, fact: Fact) -> Fact:
        """A fact with the secrets in its values masked; the same object when it holds none. Identities stay."""
        before = {field.name: getattr(fact, field.name) for field in fields(fact) if field.name not in IDENTITIES}
        after = {name: self._value(name, value) for name, value in before.items()}
        if isinstance(before.get("name"), str) and isinstance(before.get("value"), str):
            after["value"] = self._under(before["name"], before["value"])
        if after.get("parameters"):
            typed = "\n".join((before["text"], " ".join(before["argv"])))
            after["parameters"] = self._parameters(before["parameters"], after["parameters"], typed)
        changed = {name: value for name, value in after.items() if value != before[name]}
        return replace(fact, **changed) if changed else fact

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return self._arguments(value) if name == "argv" else self._lines(value)
        if isinstance(value, Mapping):
            return {key: self._under(key, held) for key, held in value.items()}
        return [self._value(name, held) for held in value] if isinstance(value, list) else value

    def _lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Lines of one output: what begins in one of them may go on in the next."""
        if any("\n" in line for line in lines):
            return tuple(self.text(line) for line in lines)
        made = self.text("\n".join(lines)) if lines else ""
        return tuple(made.split("\n")) if lines else lines

    def _under(self, name: str, value: Any) -> Any:
        """A value that its name may show to be a secret."""
        if not isinstance(value, str) or name in IDENTITIES:
            return self._value(name, value) if name not in IDENTITIES else value
        made = self.text(value)
        if made != value or not _masked(f"{name}: {value}", self._known)[1]:
            return made
        self.count += 1
        return MASK

    def _arguments(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """Arguments, of which one may be a secret by those in front of it."""
        spans = Scanner(self._known).spans(" ".join(argv).translate(_BLANKS))
        made, begin = [], 0
        for argument in argv:
            masked = self.text(argument)
            if masked == argument:
                here = [span.within(begin, begin + len(argument)) for span in spans]
                masked, count = put([span for span in here if span], argument)
                self.count += count
            made.append(masked)
            begin += len(argument) + 1
        return tuple(made)

    def _parameters(self, before: Mapping[str, str], after: Mapping[str, str], typed: str) -> Mapping[str, str]:
        """Parameters, of which one may be a secret by where it stands in the command."""
        masked = _masked(typed, self._known)[0]
        gone = {
            name for name, value in before.items() if len(value) >= SHORTEST and value in typed and value not in masked
        }
        return {name: MASK if name in gone and value == before[name] else value for name, value in after.items()}


_BLANKS = str.maketrans("\r\n\t", "   ")


def _masked(text: str, known: Known) -> tuple[str, int]:
    stream = Filter(known)
    raw = text.encode("utf-8", "surrogatepass")
    made = stream.feed(raw) + stream.end()
    return (made.decode("utf-8", "surrogatepass"), stream.count) if made != raw else (text, 0)
