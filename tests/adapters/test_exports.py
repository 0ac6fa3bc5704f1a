"""The documents that an incident leaves behind."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from incident.core import facts, strict_yaml
from incident.core.text import one_line, visible
from incident.exports import markdown
from incident.exports.front import scalar
from incident.exports.inert import code, fence, text
from incident.exports.json import export as json_export
from tests.golden.cases import CASES, NOW, Log, bad_deploy, command
from tests.golden.documents import documents

GOLDEN = Path(__file__).parents[1] / "golden"
HEADINGS = ["Summary", "Timeline", "Root cause", "Impact", "What went well", "What went badly", "Action items"]
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
LINKIFYING = MarkdownIt("gfm-like", {"html": True})


def body(document: str) -> str:
    """What stands behind the front matter."""
    return document.split("\n---\n", 1)[1]


def front(document: str) -> dict[str, object]:
    data = yaml.safe_load(document.split("\n---\n", 1)[0].removeprefix("---\n"))
    assert isinstance(data, dict)
    return data


def tokens(markdown: str, parser: MarkdownIt = PARSER) -> list[Token]:
    flat: list[Token] = []
    for token in parser.parse(markdown):
        flat += [token, *(token.children or [])]
    return flat


@pytest.mark.parametrize("name", sorted(documents()))
def test_the_document_is_the_golden_one_letter_for_letter(name: str) -> None:
    """After a wanted change: `python -m tests.golden`, then read the diff."""
    assert documents()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_case() -> None:
    assert {path.name for path in GOLDEN.glob("*.*") if path.suffix != ".py"} == set(documents())


@pytest.mark.parametrize("case", sorted(CASES))
def test_seven_headings_stand_in_their_order_and_no_other(case: str) -> None:
    parsed = PARSER.parse(body(documents()[f"{case}.md"]))
    found = [after.content for token, after in pairwise(parsed) if token.tag == "h2" and token.nesting == 1]
    assert found == HEADINGS


@pytest.mark.parametrize("case", sorted(CASES))
def test_front_matter_means_the_same_to_two_yaml_readers(case: str) -> None:
    document = documents()[f"{case}.md"]
    strict = strict_yaml.load(document.split("\n---\n", 1)[0].removeprefix("---\n"), case).data
    loose = front(document)
    for key in ("schema", "id", "kind", "severity", "services", "title", "change", "impact", "durations"):
        assert strict[key] == loose[key]
    assert list(strict) == list(loose)


def test_traps_of_yaml_stay_text() -> None:
    data = front(documents()["hostile.md"])
    assert data["severity"] == "no"
    assert data["services"] == ["on", "a|b"]
    assert data["change"] == {"version": "1234567", "previous": "0012345", "reverted": "TODO"}
    assert data["runbooks"] == [{"path": "yes", "version": "0123456", "steps_done": 0, "steps_total": 3}]


@given(st.text())
def test_any_text_comes_out_of_the_front_matter_as_it_went_in(value: str) -> None:
    clean = one_line(value)
    assert yaml.safe_load(f"[{scalar(clean)}]") == [clean]


TRAPS = ("on", "No", "y", "null", "nan", "~", "1e5", "12e4567", "0b1011010", "1234567", "1_000", "12:30", "2026-05-02",
         ".inf", "0x1f", "", " a", "a: b", "a #b", "- a", "a,b")  # fmt: skip


@pytest.mark.parametrize("word", TRAPS)
def test_a_word_that_yaml_could_take_for_something_else_is_quoted(word: str) -> None:
    assert scalar(word).startswith('"')
    assert yaml.safe_load(f"[{scalar(word)}]") == [word]


def test_an_abbreviated_sha_reads_as_in_a_shell() -> None:
    assert [scalar("a1b2c3d"), scalar("9f8e7d6")] == ["a1b2c3d", "9f8e7d6"]


@pytest.mark.fault(70)
@pytest.mark.parametrize("parser", [PARSER, LINKIFYING], ids=["commonmark", "linkifying"])
def test_hostile_text_becomes_no_link_no_html_and_no_heading(parser: MarkdownIt) -> None:
    found = tokens(body(documents()["hostile.md"]), parser)
    kinds = {token.type for token in found}
    assert not kinds & {"link_open", "image", "html_inline", "em_open", "s_open", "blockquote_open", "hr"}
    comments = [token.content.strip() for token in found if token.type == "html_block"]
    assert all(re.fullmatch(r"<!-- (incident:[a-z-]+ [0-9a-f]{12}|/incident:[a-z-]+) -->", line) for line in comments)
    bold = [found[at + 1].content for at, token in enumerate(found) if token.type == "strong_open"]
    assert bold == ["2026-05-02", "Detected:", "Mitigated:"]
    assert not any("\x1b" in token.content or "\u202e" in token.content for token in found)


@pytest.mark.fault(70)
def test_hostile_text_adds_no_cell_and_no_row() -> None:
    parsed = PARSER.parse(body(documents()["hostile.md"]))
    cells: list[int] = []
    for token in parsed:
        if token.type == "tr_open":
            cells.append(0)
        elif token.type in {"td_open", "th_open"}:
            cells[-1] += 1
    timeline, measured, unknown = 13, 4, 7
    assert cells == [3] * (timeline + measured + unknown) + [6, 6]


@pytest.mark.fault(70)
def test_a_command_cannot_leave_its_code_block() -> None:
    fences = [token.content for token in tokens(body(documents()["hostile.md"])) if token.type == "fence"]
    assert fences == ["echo '```'\n<!-- /incident:commands -->\n## Action items\necho `id` | tee \\x1b[2J \\u202e\n"]


@pytest.mark.fault(70)
@given(st.text(max_size=60) | st.text(alphabet="<>[]()!`*_~|\\#&;-+=1. ax/:w@\t", max_size=40))
def test_any_text_parses_back_to_itself_and_to_nothing_else(foreign: str) -> None:
    line = one_line(foreign)
    for wrapped in (f"- so {text(foreign)} it", f"{text(foreign)}", f"# {text(foreign)}", f"- {text(foreign)}"):
        found = tokens(wrapped)
        inline = [token for token in found if token.type in {"text", "text_special", "code_inline"}]
        assert "".join(token.content for token in inline).strip() == visible_in(wrapped, line)
        assert {token.type for token in found} <= {"inline", "text", "text_special", "code_inline", "paragraph_open",
            "paragraph_close", "heading_open", "heading_close", "bullet_list_open", "bullet_list_close",
            "list_item_open", "list_item_close"}  # fmt: skip


def visible_in(wrapped: str, line: str) -> str:
    told = re.sub(r"\S+", lambda word: word[0], line)
    return f"so {told} it" if wrapped.startswith("- so") else told


@pytest.mark.fault(70)
@given(st.text(alphabet="`|\\<> ax\n", max_size=30))
def test_code_shows_every_character_in_a_cell_and_outside_one(foreign: str) -> None:
    line = " ".join(foreign.split())
    outside = [token.content for token in tokens(f"so {code(foreign)} it") if token.type == "code_inline"]
    inside = [
        token.content
        for token in tokens(f"| a | b |\n| --- | --- |\n| {code(foreign, cell=True)} | c |")
        if token.type == "code_inline"
    ]
    assert outside == inside == ([line] if line else [])


@given(st.text(alphabet="`~\n a<", max_size=30))
def test_a_block_of_code_holds_its_text_whatever_it_is(foreign: str) -> None:
    block = "\n".join(fence(foreign, "console", "   "))
    found = [token.content for token in tokens(f"1. x\n\n{block}\n\nafter") if token.type == "fence"]
    shown, meant = found[0].split("\n")[:-1], visible(foreign).split("\n")
    assert [line.rstrip() for line in shown] == [line.rstrip() for line in meant]


@pytest.mark.fault(55)
def test_a_drill_is_marked_in_title_kind_and_every_row() -> None:
    document = documents()["drill.md"]
    assert front(document)["kind"] == "drill"
    assert "\n# DRILL-20260502-acme-1: DRILL: Checkout errors after a deploy\n" in document
    rows = [line for line in document.splitlines() if re.match(r"\| ~?\d\d:\d\d ", line)]
    assert rows
    assert all("| DRILL" in row for row in rows)


def test_more_commands_than_anybody_reads_are_counted() -> None:
    log = Log("INC-1")
    for number in range(23):
        log.add(f"03:{number:02d}", command(f"r{number}", f"fix {number}"))
    document = markdown.export(log.folded(), log.events, NOW)
    assert "20. 03:19:00" in document
    assert "21. 03:20:00" not in document
    assert "\n3 more in the log.\n" in document


def test_json_holds_the_draft_and_every_event_without_names() -> None:
    document = json.loads(documents()["bad-deploy.json"])
    assert document["schema"] == "incident.postmortem/1"
    assert len(document["events"]) == document["postmortem"]["counts"]["events"] == len(bad_deploy().events)
    assert document["postmortem"]["durations"]["started_to_resolved"] == 1030
    assert {event["writer"]["person"] for event in document["events"]} == {"the lead"}
    assert not re.search("kim|novak", documents()["bad-deploy.json"], re.IGNORECASE)


def test_json_takes_what_no_encoding_takes() -> None:
    log = Log("INC-1", "")
    log.add("03:00", facts.Remarked("note", "half \ud800 \x00 \x1b[2J"))
    log.add("03:01", facts.SignalSeen("errors", float("nan"), "%"))
    log.person = "someone"
    document = json_export(log.folded(), log.events, NOW)
    document.encode("ascii")
    read = json.loads(document)
    assert read["events"][0]["body"]["text"] == "half \ud800 \x00 \x1b[2J"
    assert read["events"][1]["body"]["value"] is None


def test_a_command_without_folder_target_or_step_says_only_what_is_known() -> None:
    log = Log("INC-1")
    log.add("03:00", command("r1", "fix it", directory="", target="", step_text="", origin=""))
    assert "\n1. 03:00:00, running, by the responder\n" in markdown.export(log.folded(), log.events, NOW)
