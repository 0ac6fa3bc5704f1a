"""What of a section a person would tick: its steps with their commands, and the prose that remains."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from incident.core.runbook.asks import CONDITION, asks, is_check
from incident.core.runbook.blocks import Block
from incident.core.runbook.commands import Found, command_in_span, commands_in_block
from incident.core.runbook.contacts import contact, contacts_of_table
from incident.core.runbook.inline import Inline, inline
from incident.core.runbook.model import Contact, Form, Origin, Runnable, SectionKind
from incident.core.text import one_line, plain

_EXPECTED = re.compile(
    r"\s*\((?:takes?\s+|about\s+|approx\.?\s+|around\s+|up to\s+|within\s+)*((?:~|≈|<\s?)?\s?\d+(?:\.\d+)?"
    r"(?:\s?(?:-|–|to)\s?~?\d+(?:\.\d+)?)?\s?(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?))\)",
    re.IGNORECASE,
)
_NO_PROCEDURE = re.compile(
    r"\b(?:caus|reason|circumstance|scenario|symptom|ways?\b|options? (?:are|is)|situations?\b|conditions?\b|possibilit"
    r"|factors?\b|components?\b|consists? of|contains?\b|includes?\b|following (?:issue|problem|error|metric|alert)s?"
    r"|is (?:one|any) of|such as|resources|explanations?|assum|benefits|drawbacks|types? of)",
    re.IGNORECASE,
)
_LINK_ALONE = re.compile(r"\[[^\[\]]{1,300}\]\([^()\s]{0,1000}\)[.\s]*\Z")
_QUIET = frozenset({SectionKind.MEANING, SectionKind.IMPACT})
_ACTS = frozenset({SectionKind.DIAGNOSIS, SectionKind.MITIGATION, SectionKind.ROLLBACK, SectionKind.VERIFICATION})
_BACKGROUND = frozenset({SectionKind.CONTEXT, SectionKind.DASHBOARDS, SectionKind.OTHER})
_FURNITURE = re.compile(r"\[\[?_?TOC_?\]?\]\Z|\[![A-Z]+\]\Z|<%.*%>\Z", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class Draft:
    """A step before it knows its section's branch and its identity."""

    start: int
    end: int
    text: str
    form: Form
    number: str = ""
    depth: int = 0
    conditional: bool = False
    check: bool = False
    expected: str = ""
    commands: list[int] = field(default_factory=list)
    detail: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Commands:
    """The commands found so far in the document, and the code block each belongs to."""

    found: list[tuple[Found, int]] = field(default_factory=list)
    blocks: int = 0

    def add(self, commands: Sequence[Found]) -> list[int]:
        """Take the commands of one block; returns their positions."""
        first = len(self.found)
        self.found.extend((command, self.blocks) for command in commands)
        self.blocks += bool(commands)
        return list(range(first, len(self.found)))


class Gatherer:
    """Walks the blocks of one section."""

    def __init__(
        self, kind: SectionKind | None, references: Mapping[str, str], commands: Commands, *, inherited: bool = False
    ) -> None:
        self.kind = kind
        self.inherited = inherited  # the kind is that of a heading further up
        self.references = references
        self.commands = commands
        self.steps: list[Draft] = []
        self.prose: list[str] = []
        self.contacts: list[Contact] = []
        self._inlines: dict[int, Inline] = {}

    def gather(self, blocks: Sequence[Block]) -> None:
        """Read the section's own blocks."""
        self._walk(blocks, depth=0, number="")

    def _walk(self, blocks: Sequence[Block], depth: int, number: str) -> None:
        said: Block | None = None  # the paragraph directly before
        step: Draft | None = None  # the step that a code block here would belong to
        for place, block in enumerate(blocks):
            following = blocks[place + 1] if place + 1 < len(blocks) else None
            if block.kind in ("paragraph", "heading"):
                said = block
                step = self._paragraph(block, following, depth)
            elif block.kind in ("fence", "indented"):
                step = self._code(block, said, step, depth)
                said = None
            elif block.kind == "list":
                step = self._list(block, said, depth, number) or step
                said = None
            elif block.kind == "quote":
                self._quote(block, depth)
                said = None
            else:  # a table
                if self.kind is SectionKind.ESCALATION:
                    self.contacts += contacts_of_table([(row.start, self._cells(row)) for row in block.children])
                self.prose.extend(plain(self._read(row).text) for row in block.children)
                said = None

    def _read(self, block: Block) -> Inline:
        if id(block) not in self._inlines:
            self._inlines[id(block)] = inline(block.content, self.references)
        return self._inlines[id(block)]

    def _cells(self, row: Block) -> list[str]:
        return [inline(cell.strip(), self.references).text for cell in row.content.split(" | ")]

    def _says(self, block: Block) -> bool:
        """Whether a paragraph says anything to a person."""
        read = self._read(block)
        return bool(read.text) and not _FURNITURE.match(read.title)

    def _paragraph(self, block: Block, following: Block | None, depth: int) -> Draft | None:
        read = self._read(block)
        if not self._says(block):
            return None
        spoken = read.spoken
        introduces = spoken.endswith(":") and following is not None and following.kind == "list"
        if (introduces and following is not None and self._procedure(following, block)) or self.kind in _QUIET:
            wanted = False
        else:
            for_help = self.kind is SectionKind.ESCALATION
            wanted = asks(spoken, strictly=self.kind in _BACKGROUND, for_help=for_help)
        if not wanted:
            self.prose.append(read.text)
            return None
        return self._step(block, read, Form.PARAGRAPH, depth, spans_run=False)

    def _step(self, block: Block, read: Inline, form: Form, depth: int, *, spans_run: bool, number: str = "") -> Draft:
        spoken = read.spoken
        text, expected, commands = self._inline_commands(block, read, spans_run)
        draft = Draft(
            start=block.start,
            end=block.end,
            text=text,
            form=form,
            number=number,
            depth=depth,
            conditional=bool(CONDITION.match(spoken)),
            check=is_check(spoken),
            expected=expected,
            commands=commands,
        )
        self.steps.append(draft)
        return draft

    def _inline_commands(self, block: Block, read: Inline, spans_run: bool) -> tuple[str, str, list[int]]:
        """The step's text, its expected duration and its commands; one at the text's end is set apart from it."""
        spans = [
            (i, piece.text)
            for i, piece in enumerate(read.pieces)
            if piece.kind == "code" and command_in_span(piece.text)
        ]
        found = []
        for _, code in spans:
            runnable = Runnable.YES if spans_run and "\ufffd" not in code else Runnable.NO
            line = self._line_of(block, code)
            # To Markdown the end of a line in a span is a blank; behind a backslash it is the shell's.
            text = re.sub(r"(?<!\\)\n", " ", code)
            found.append(Found(line, line + code.count("\n"), text, Origin.INLINE, runnable))
        text = read.text
        expected = ""
        if matched := _EXPECTED.search(text):
            expected = matched[1].strip()
        if spans:
            last = spans[-1][0]
            behind = "".join(p.text for p in read.pieces[last + 1 :])
            if not _EXPECTED.sub("", behind).strip(" .;"):
                text = read.without((last,))
        if expected:
            text = _EXPECTED.sub("", text, count=1)
        text = text.strip()
        if len(spans) == 1:
            text = re.sub(r"[\s:;,–—-]+\Z", "", text)
        text = text or (one_line(spans[0][1]) if spans else read.text)
        positions = [position for command in found for position in self.commands.add([command])]
        return text, expected, positions

    def _line_of(self, block: Block, code: str) -> int:
        before = block.content.partition(code)
        return block.start + before[0].count("\n") if before[1] else block.start

    def _code(self, block: Block, said: Block | None, step: Draft | None, depth: int) -> Draft | None:
        spoken = self._read(said).spoken if said else ""
        first = block.start + (block.kind == "fence")
        found = commands_in_block(
            block.content, first, block.info, indented=block.kind == "indented", introduction=spoken
        )
        positions = self.commands.add(found)
        if not found:
            shown = plain(block.content.strip("\n"))
            (step.detail if step else self.prose).append(shown)
            if step:
                step.end = max(step.end, block.end)
            return step
        if step is None:
            step = self._block_step(block, said, found, depth)
        step.commands.extend(positions)
        step.end = max(step.end, block.end)
        return step

    def _block_step(self, block: Block, said: Block | None, found: Sequence[Found], depth: int) -> Draft:
        if said is None or not self._says(said):
            step = Draft(block.start, block.end, one_line(found[0].text), Form.BLOCK, depth=depth)
            self.steps.append(step)
            return step
        self.prose.pop()  # what is now the step's title
        return self._step(said, self._read(said), Form.BLOCK, depth, spans_run=False)

    def _list(self, block: Block, said: Block | None, depth: int, number: str) -> Draft | None:
        procedure = self._procedure(block, said)
        last: Draft | None = None
        for item in block.children:
            last = self._item(item, depth, number, procedure=procedure) or last
        return last

    def _procedure(self, block: Block, said: Block | None) -> bool:
        """Whether a list's items are to be done one by one, as its form and its introduction say."""
        items = [(item, self._first(item).spoken) for item in block.children]
        if any(item.task for item, _ in items):
            return True
        asking = sum(asks(spoken, strictly=not block.ordered) for _, spoken in items)
        if said is not None and _NO_PROCEDURE.search(self._read(said).spoken):
            return asking * 3 >= len(items) * 2 and self.kind not in _QUIET
        if self.kind in _QUIET or self.kind in _BACKGROUND:
            return asking * 2 > len(items) and self.kind not in _QUIET
        return asking > 0 or block.ordered

    def _first(self, item: Block) -> Inline:
        """An item's first paragraph, when it begins with one."""
        first = item.children[0] if item.children else None
        return self._read(first) if first is not None and first.kind == "paragraph" else Inline(())

    def _item(self, item: Block, depth: int, number: str, *, procedure: bool) -> Draft | None:
        first = item.children[0] if item.children else None
        if first is None:
            return None
        own = f"{number}.{item.number}" if number and item.number else item.number
        if first.kind != "paragraph":
            self._walk(item.children, depth, own)
            return None
        read = self._read(first)
        if self.kind is SectionKind.ESCALATION and read.text:
            self.contacts.append(contact(item.start, read.text))
        if not self._wants(item, read, procedure):
            if read.text and self.kind is not SectionKind.ESCALATION:
                self.prose.append(read.text)
            self._walk(item.children[1:], depth, number)
            return None
        form = Form.TASK if item.task else Form.ORDERED if item.number else Form.BULLET
        step = self._step(first, read, form, depth, spans_run=True, number=own)
        step.end = item.end
        self._inside(item.children[1:], step, own)
        return step

    def _wants(self, item: Block, read: Inline, procedure: bool) -> bool:
        """Whether an item is a step."""
        spoken = read.spoken
        if item.task:
            return True
        if not read.text:
            return False
        if not item.number and self.kind not in _ACTS and _LINK_ALONE.match(item.children[0].content):
            return False
        asking = asks(spoken)
        if self.kind is SectionKind.ESCALATION:
            return asking and (bool(item.number) or any(command_in_span(code) for code in read.codes))
        if self.kind is SectionKind.IMPACT:
            return asks(spoken, strictly=True)
        if not procedure or self.kind is SectionKind.MEANING:
            return False
        if item.number:
            return True
        bare = spoken.strip(" .;:") == "□" and any(command_in_span(code) for code in read.codes)
        runs = any(child.kind in ("fence", "indented") and self._runs(child) for child in item.children)
        return asking or bare or runs

    def _runs(self, block: Block) -> bool:
        return bool(commands_in_block(block.content, 1, block.info, indented=False))

    def _inside(self, blocks: Sequence[Block], step: Draft, number: str) -> None:
        """What stands under an item that is a step: its commands, its sub-steps, and words about it."""
        for block in blocks:
            if block.kind == "paragraph":
                step.detail.append(self._read(block).text)
            elif block.kind in ("fence", "indented"):
                self._code(block, None, step, step.depth)
            elif block.kind == "list":
                for item in block.children:
                    if self._wants(item, self._first(item), procedure=True):
                        self._item(item, step.depth + 1, number, procedure=True)
                    else:
                        self._explain(item, step)
            else:
                self._walk([block], step.depth + 1, number)

    def _explain(self, item: Block, step: Draft) -> None:
        for block in item.children:
            if block.kind == "paragraph":
                step.detail.append(self._read(block).text)
            elif block.kind in ("fence", "indented"):
                self._code(block, None, step, step.depth)
            elif block.kind == "list":
                for inner in block.children:
                    self._explain(inner, step)
            else:
                self._walk([block], step.depth + 1, "")

    def _quote(self, block: Block, depth: int) -> None:
        """A quote is a remark; what can be run or ticked in it still counts."""
        for inner in block.children:
            if inner.kind == "paragraph":
                if self._says(inner):
                    self.prose.append(self._read(inner).text)
            else:
                self._walk([inner], depth, "")
