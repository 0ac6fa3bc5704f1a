"""The shape of a runbook once it is read. Lines are 1-based lines of the source file, both ends included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class SectionKind(StrEnum):
    """What a section is for."""

    MEANING = "meaning"
    IMPACT = "impact"
    DIAGNOSIS = "diagnosis"
    MITIGATION = "mitigation"
    ROLLBACK = "rollback"
    VERIFICATION = "verification"
    ESCALATION = "escalation"
    DASHBOARDS = "dashboards"
    CONTEXT = "context"
    OTHER = "other"


class Form(StrEnum):
    """How a step is written."""

    ORDERED = "ordered"
    TASK = "task"
    BULLET = "bullet"
    BLOCK = "block"
    HEADING = "heading"
    PARAGRAPH = "paragraph"


class Origin(StrEnum):
    """How a command is written."""

    FENCE = "fence"
    TRANSCRIPT = "transcript"
    INLINE = "inline"
    INDENTED = "indented"


class Runnable(StrEnum):
    """Whether the tool would run it: yes, only when asked twice (copy is the default), or never."""

    YES = "yes"
    PROBABLE = "probable"
    NO = "no"


class Effect(StrEnum):
    """What a command does to the world. UNKNOWN is treated as CHANGES."""

    READS = "reads"
    CHANGES = "changes"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Branch:
    """A way that can be taken or not. Ways of one `group` exclude each other unless the reader takes both."""

    group: int  # counted from 1 within the runbook
    condition: str  # the heading's text without its leading If
    id: str  # identity of this way, kept over edits elsewhere
    fork: str  # identity of the group


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, before the next heading of any level. Line 0: text before the first one."""

    line: int
    level: int
    title: str
    kind: SectionKind
    branch: Branch | None = None
    prose: tuple[str, ...] = ()  # its paragraphs and items that are no steps, as plain text


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the author of a runbook adds to a command; each can only make it safer."""

    run: bool = True  # False: it is shown, and never run from here
    confirm: str = ""  # yes, or production: the target has to be typed
    interactive: bool = False  # it needs the terminal
    background: bool = False  # it does not end by itself
    cwd: str = ""
    name: str = ""
    timeout: int | None = None  # seconds after which to ask
    undo: str = ""  # the number of a step, or the name of a block
    verify: str = ""  # the same
    check: str = ""  # what shows that a step is done: a signal, `alert`, `alert:NAME`, or `none`

    def as_json(self) -> dict[str, Any]:
        """What is set, for `incident runbook show --json`."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name) != getattr(PLAIN, name)}


PLAIN = Attributes()  # nothing was added


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter as its author declares it."""

    name: str
    pattern: str = ""  # a regular expression for the whole value; "" for the default charset
    source: str = ""  # a command whose lines are values to pick from
    help: str = ""

    def accepts(self, value: str) -> bool:
        """Whether the declared pattern allows this value; without a pattern, the caller's own rule decides."""
        return not self.pattern or re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True)
class Command:
    """One logical shell line, byte for byte but for a stripped prompt."""

    line: int
    lines: tuple[int, int]
    block: int  # commands of one code block share it
    text: str
    language: str
    origin: Origin
    runnable: Runnable
    effect: Effect
    parameters: tuple[str, ...] = ()  # as written, `<previous>`
    expected_output: str | None = None
    attributes: Attributes = PLAIN
    opens_console: bool = False  # it only opens a shell or a database's console; what is typed there is not known


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person would tick."""

    id: str  # hash of section path, text and commands: an edit elsewhere keeps it, a changed command does not
    lines: tuple[int, int]
    text: str  # without its command and duration where those are set apart
    section: int  # index into `Runbook.sections`
    form: Form
    number: str = ""  # `3`, `3.1`, "" where the file shows none
    depth: int = 0  # 1 and more for sub-steps
    branch: Branch | None = None
    conditional: bool = False  # the item itself begins with If
    check: bool = False
    expected: str = ""  # `5 min`: an expectation, never a deadline
    commands: tuple[int, ...] = ()  # indexes into `Runbook.commands`
    detail: tuple[str, ...] = ()  # what else its item says: explanations, examples, what to expect
    attributes: Attributes = PLAIN  # from a comment behind it; its commands have them too


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to tell, and when it is due if the runbook says so."""

    line: int
    text: str
    due_seconds: int | None = None  # `if user-impact > 1 hour` is 3600


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook as the tool reads it."""

    path: str
    sha256: str
    title: str
    sections: tuple[Section, ...]
    steps: tuple[Step, ...]
    commands: tuple[Command, ...]
    contacts: tuple[Contact, ...] = ()
    notices: tuple[str, ...] = ()  # what could not be read, in words
    alerts: tuple[str, ...] = ()  # the alerts its front matter claims
    owner: str = ""
    inputs: tuple[Input, ...] = ()
    requires: tuple[str, ...] = ()  # programs that have to be there
    reviewed: date | None = None
    review_every: int | None = None  # days

    def step(self, identity: str) -> Step | None:
        """The step with this identity."""
        return next((step for step in self.steps if step.id == identity), None)

    def as_json(self) -> dict[str, Any]:
        """The published shape of `incident runbook show --json`."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "title": self.title,
            "sections": [
                {
                    "line": s.line,
                    "level": s.level,
                    "title": s.title,
                    "kind": s.kind.value,
                    "branch": s.branch.group if s.branch else None,
                }
                for s in self.sections
            ],
            "steps": [
                {
                    "id": s.id,
                    "lines": list(s.lines),
                    "text": s.text,
                    "section": self.sections[s.section].title,
                    "form": s.form.value,
                    "branch": {"group": s.branch.group, "condition": s.branch.condition} if s.branch else None,
                    "check": s.check,
                    "expected": s.expected or None,
                    "commands": list(s.commands),
                }
                for s in self.steps
            ],
            "commands": [
                {
                    "line": c.line,
                    "lines": list(c.lines),
                    "block": c.block,
                    "text": c.text,
                    "language": c.language,
                    "origin": c.origin.value,
                    "runnable": c.runnable.value,
                    "effect": c.effect.value,
                    "parameters": list(c.parameters),
                    "expected_output": c.expected_output,
                    "attributes": c.attributes.as_json(),
                    "opens_console": c.opens_console,
                }
                for c in self.commands
            ],
            "contacts": [{"line": c.line, "text": c.text, "due_seconds": c.due_seconds} for c in self.contacts],
            "notices": list(self.notices),
            "alerts": list(self.alerts),
            "owner": self.owner or None,
            "inputs": [{"name": i.name, "pattern": i.pattern, "from": i.source, "help": i.help} for i in self.inputs],
            "requires": {"tools": list(self.requires)},
            "reviewed": self.reviewed.isoformat() if self.reviewed else None,
            "review_every_days": self.review_every,
        }
