"""The post-mortem as one HTML file: what stands in the Markdown, and a drawing of the timeline.

Nothing in it is fetched and nothing runs. Every text is escaped; raw HTML in the Markdown is shown, not used.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from incident.core.event import Event
from incident.core.incident import Incident
from incident.core.postmortem import SCHEMA, Manner, is_drill
from incident.core.postmortem.blocks import merge
from incident.core.postmortem.manner import PLAIN
from incident.core.postmortem.picture import Picture, picture
from incident.core.text import one_line, plain
from incident.exports import markdown
from incident.exports.chart import drawing, legend
from incident.exports.sheet import STYLE

_COMMENT = re.compile(r"^<!--(?:(?!-->).)*-->[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_TODO = re.compile(r"\bTODO\b")
_SHORT = 200  # characters of a value above the text


def export(incident: Incident, events: Sequence[Event], now: datetime, manner: Manner = PLAIN) -> str:
    """One page, self-contained. With what people wrote in the Markdown document, where there is one."""
    document = markdown.export(incident, events, now, manner)
    if manner.written:
        document, _ = merge(manner.written, document)
    return page(document, picture(incident, events), manner.headings[1], drill=is_drill(incident))


def page(document: str, drawn: Picture | None, beside: str, *, drill: bool = False) -> str:
    """A Markdown document as a page; the drawing stands below the heading `beside`, else below the title."""
    front, body = _split(plain(document, 10_000_000))
    reader = _reader()
    tokens = reader.parse(_COMMENT.sub("", body))
    title = next((tokens[at + 1].content for at, one in enumerate(tokens) if one.tag == "h1" and one.nesting == 1), "")
    place = _behind_heading(tokens, "h2", beside) or _behind_heading(tokens, "h1", title) or 0
    before = reader.renderer.render(tokens[:place], reader.options, {})
    after = reader.renderer.render(tokens[place:], reader.options, {})
    figure, kind = _figure(drawn), " class=drill" if drill else ""
    policy = f"default-src 'none'; style-src 'sha256-{_hash(STYLE)}'; base-uri 'none'; form-action 'none'"
    mark = '<p class="drill" role="note">DRILL: this was an exercise, not an incident.</p>' if drill else ""
    return (
        "<!doctype html>\n"
        f'<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="{SCHEMA}">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(_bare(title) or 'Post-mortem')}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body{kind}>\n<main>\n{mark}{before}{figure}{after}{_facts(front)}</main>\n"
        "</body>\n</html>\n"
    )


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    reader.add_render_rule("text", _text)
    reader.add_render_rule("table_open", _table)
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    reader.add_render_rule("link_open", _link)
    return reader


def _text(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return _TODO.sub("<mark>TODO</mark>", escape(tokens[at].content))


def _table(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """A table that can be moved sideways; one of three columns is stacked where there is little room."""
    end = next(place for place in range(at, len(tokens)) if tokens[place].type == "thead_close")
    three = sum(token.type == "th_open" for token in tokens[at:end]) == 3
    return f'<div class="table"><table{" class=three" if three else ""}>\n'


def _link(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """A link that tells nobody where it was followed; anything but a web or mail address is no link."""
    target = str(tokens[at].attrGet("href") or "")
    if not target.lower().startswith(("http://", "https://", "mailto:", "#")):
        return "<a>"
    return f'<a href="{escape(target)}" rel="noreferrer noopener nofollow">'


def _behind_heading(tokens: Sequence[Token], tag: str, words: str) -> int | None:
    """The place behind a heading with these words."""
    for at, token in enumerate(tokens):
        if token.tag == tag and token.nesting == 1 and tokens[at + 1].content == words:
            return at + 3
    return None


def _figure(drawn: Picture | None) -> str:
    if drawn is None:
        return ""
    points = "".join(f"<li><b>{number}</b> {escape(words)}</li>" for number, words in legend(drawn))
    more = f"<p>{drawn.left_out} more stand in the log only.</p>" if drawn.left_out > 0 else ""
    listed = f"<ol>{points}</ol>" if points else ""
    return (
        f"<figure>\n{drawing(drawn, narrow=False)}\n{drawing(drawn, narrow=True)}\n"
        f"<figcaption>{listed}{more}</figcaption>\n</figure>\n"
    )


def _split(document: str) -> tuple[list[str], str]:
    """The front matter's lines and the rest."""
    lines = document.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        return [], document
    end = lines.index("---", 1)
    return [line for line in lines[1:end] if not line.startswith("#")], "\n".join(lines[end + 1 :])


def _facts(front: Sequence[str]) -> str:
    """The front matter as it is written, at the end, where it is in nobody's way."""
    shown = "\n".join(
        escape(one_line(line, 2_000)) if not line.startswith(" ") else f"  {escape(one_line(line, 2_000))}"
        for line in front
    )
    return f"<details><summary>Front matter</summary><pre>{shown}</pre></details>\n" if shown else ""


def _bare(title: str) -> str:
    return re.sub(r"\\(?=[^\w\s])", "", title)[:_SHORT]


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
