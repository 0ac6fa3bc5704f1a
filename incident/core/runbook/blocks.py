"""Markdown as a tree of blocks with the lines they stand on; the only place that knows the parser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_NESTING = 48
_TASK = re.compile(r"\[[ xX]\][ \t]+")


@dataclass(slots=True)
class Block:
    """A heading, paragraph, code block, list, item, quote or table. Lines are 1-based, both ends included."""

    kind: str
    start: int
    end: int
    content: str = ""
    info: str = ""  # of a fence
    level: int = 0  # of a heading
    number: str = ""  # of an ordered item
    task: bool = False
    ordered: bool = False
    children: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tree:
    """A document's blocks, its reference links, and whether something lay too deep to be read."""

    blocks: tuple[Block, ...]
    references: dict[str, str]
    too_deep: bool


def tree(markdown: str, lines: Sequence[str]) -> Tree:
    """The document's blocks; inline markup is left in `content`."""
    environment: dict[str, dict[str, dict[str, str]]] = {}
    tokens = _parser().parse(markdown, environment)
    root = Block("root", 1, len(lines))
    open_blocks = [root]
    for token in tokens:
        _place(token, open_blocks, lines)
    references = {label: link["href"] for label, link in environment.get("references", {}).items()}
    return Tree(tuple(root.children), references, any(token.level >= MAX_NESTING - 1 for token in tokens))


@cache
def _parser() -> MarkdownIt:
    # Inline parsing is left out: on hostile text its time is not bounded. HTML blocks would swallow the steps in them.
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    return parser.disable(["html_block", "inline", "text_join"])


_CONTAINERS = {
    "bullet_list_open": "list", "ordered_list_open": "list", "list_item_open": "item", "blockquote_open": "quote",
    "table_open": "table", "tr_open": "row", "paragraph_open": "paragraph", "heading_open": "heading",
}  # fmt: skip
_CLOSERS = frozenset(name.replace("_open", "_close") for name in _CONTAINERS)


def _place(token: Token, open_blocks: list[Block], lines: Sequence[str]) -> None:
    parent = open_blocks[-1]
    if token.type in _CONTAINERS:
        start, end = _span(token, parent, lines)
        block = Block(_CONTAINERS[token.type], start, end, ordered=token.type == "ordered_list_open")
        if block.kind == "heading":
            block.level = int(token.tag[1])
        if block.kind == "item":
            block.number = token.info if parent.ordered else ""
        parent.children.append(block)
        open_blocks.append(block)
    elif token.type in _CLOSERS:
        open_blocks.pop()
    elif token.type == "inline":
        _fill(parent, token.content)
    elif token.type in ("fence", "code_block"):
        start, end = _span(token, parent, lines)
        kind = "fence" if token.type == "fence" else "indented"
        parent.children.append(Block(kind, start, end, token.content, token.info.strip()))


def _fill(block: Block, content: str) -> None:
    if block.kind == "row":
        block.content = f"{block.content} | {content}" if block.content else content
    else:
        block.content = content


def _span(token: Token, parent: Block, lines: Sequence[str]) -> tuple[int, int]:
    start, end = token.map or (parent.start - 1, parent.end)
    while end > start + 1 and not lines[end - 1].strip(" \t>"):
        end -= 1
    return start + 1, end


def mark_tasks(blocks: Sequence[Block]) -> None:
    """Turn items that begin with `[ ]` into task items."""
    for block in blocks:
        first = block.children[0] if block.kind == "item" and block.children else None
        if first is not None and first.kind == "paragraph" and (found := _TASK.match(first.content)):
            block.task = True
            first.content = first.content[found.end() :]
        mark_tasks(block.children)
