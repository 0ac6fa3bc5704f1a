"""Documents that people edit: whatever they write survives any number of exports, byte for byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.postmortem.blocks import lines_of, marked, merge, stretches
from incident.core.postmortem.passages import (
    FRONT,
    Passage,
    found_again,
    heading_at,
    passage_at,
    passages,
    rewritten,
)
from incident.errors import UsageError
from incident.exports import markdown
from tests.golden.cases import CASES, NOW

OLD = markdown.export(CASES["only-an-alert"]().folded(), CASES["only-an-alert"]().events, NOW)
NEW = markdown.export(CASES["bad-deploy"]().folded(), CASES["bad-deploy"]().events, NOW)
COMPUTED = {line for document in (OLD, NEW) for one in stretches(document) if one.name for line in one.lines}

WORDS = st.text(alphabet="abc `|#-<>!/:*_é\t\u2028\x0b", min_size=1, max_size=20).map(lambda text: f"human {text}")
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "append", "delete", "duplicate", "move", "replace"]),
        st.integers(0, 400),
        st.integers(0, 400),
        WORDS,
    ),
    max_size=8,
)


def edited(document: str, edits: list[tuple[str, int, int, str]]) -> str:
    """A document after a person has been at it: lines added, changed, deleted, copied and moved, markers among them."""
    lines = lines_of(document)
    for how, a, b, words in edits:
        at, to = a % len(lines), b % len(lines)
        end = "\r\n" if lines[at].endswith("\r\n") else "\n"
        match how:
            case "insert":
                lines.insert(at, words + end)
            case "append":
                lines[at] = lines[at].rstrip("\r\n") + f" {words}{end}"
            case "delete":
                del lines[at]
            case "duplicate":
                lines.insert(to, lines[at])
            case "move":
                lines.insert(to, lines.pop(at))
            case _:
                lines[at] = words + end
        lines = lines or ["\n"]
    return "".join(lines)


@settings(max_examples=200, deadline=None)
@given(EDITS, st.booleans(), st.lists(st.booleans(), min_size=1, max_size=3))
def test_whatever_a_person_did_to_it_survives_every_later_export(
    edits: list[tuple[str, int, int, str]], windows: bool, exports: list[bool]
) -> None:
    text = edited(OLD.replace("\n", "\r\n") if windows else OLD, edits)
    kept = [line for line in lines_of(text) if line not in COMPUTED and line.replace("\r\n", "\n") not in COMPUTED]
    touched = ["".join(one.lines) for one in stretches(text) if one.name and not one.untouched]
    for late in exports:
        text, _ = merge(text, NEW if late else OLD)
    after = lines_of(text)
    for line in kept:
        assert after.count(line) >= kept.count(line)
    assert all(block in text for block in touched)
    human = [line for line in after if "human" in line]
    assert human == [line for line in lines_of(edited_again(text)) if "human" in line]


def edited_again(text: str) -> str:
    """Exporting once more changes nothing that a person wrote, nor its order."""
    return merge(text, NEW)[0]


@given(EDITS)
def test_an_export_of_the_same_log_changes_nothing_in_an_edited_document(
    edits: list[tuple[str, int, int, str]],
) -> None:
    text = edited(OLD, edits)
    assert merge(text, OLD)[0] == text


def test_the_property_finds_a_merge_that_loses_a_line() -> None:
    """Shows that the test above can fail."""
    text = OLD.replace("- TODO what set it off", "- human words")
    careless = NEW
    assert "- human words" in merge(text, NEW)[0]
    assert "- human words" not in careless


def test_one_lost_marker_leaves_the_other_blocks_alive() -> None:
    text = re.sub(r"<!-- /incident:trigger -->\n", "", OLD)
    merged, kept = merge(text, NEW)
    assert kept == ["trigger"]
    assert "Roll back:" in merged
    assert "Last change before" not in merged


def test_a_marker_whose_partner_was_lost_before_the_next_block_is_a_line_like_any_other() -> None:
    first, second = marked("a", ["x"]), marked("b", ["y"])
    found = stretches("\n".join([*first[:-1], *second]) + "\n")
    assert [(one.name, len(one.lines)) for one in found] == [("", 2), ("b", 3)]
    assert [one.name for one in stretches("\n".join(first[:-1]))] == [""]


def test_a_copied_block_is_nobodys_to_replace() -> None:
    block = "\n".join(marked("a", ["x"])) + "\n"
    assert merge(f"{block}mine\n{block}", "\n".join(marked("a", ["new"]))) == (f"{block}mine\n{block}", ["a"])


def test_a_moved_block_is_brought_up_to_date_where_it_is() -> None:
    old = "\n".join(["mine", *marked("b", ["y"]), *marked("a", ["x"])]) + "\n"
    merged, kept = merge(old, "\n".join([*marked("a", ["new a"]), *marked("b", ["new b"])]))
    assert (merged.index("new b") < merged.index("new a"), kept) == (True, [])


def test_a_last_line_without_an_end_stays_without_one() -> None:
    old = "\n".join(marked("a", ["x"]))
    assert merge(old, "\n".join(marked("a", ["new"])))[0] == "\n".join(marked("a", ["new"]))


def test_only_a_line_feed_ends_a_line() -> None:
    assert lines_of("a\u2028b\x0bc\r\nd") == ["a\u2028b\x0bc\r\n", "d"]
    assert lines_of("") == []


# --- the parts that people write


def test_every_part_that_a_person_writes_is_known_by_its_heading() -> None:
    assert [(one.heading, one.text[:12]) for one in passages(NEW)] == [
        (FRONT, "title: Acme "),
        ("", ""),
        ("INC-20260502-acme-1: Acme error rate burning budget fast", ""),
        ("Summary", ""),
        ("Timeline", ""),
        ("Commands", ""),
        ("Trigger", "- TODO what "),
        ("Contributing factors", "- TODO often"),
        ("What made each step sensible at the time", "- TODO"),
        ("Impact", "| Measure | "),
        ("What went well", "- TODO"),
        ("Where we got lucky", "- TODO"),
        ("Where the system surprised us", "- TODO"),
        ("Runbook", "- TODO"),
        ("Action items", "| # | Action"),
    ]


def test_the_cursor_on_a_computed_part_means_the_text_beside_it() -> None:
    lines = NEW.split("\n")
    known = passage_at(NEW, lines.index("### Trigger"))
    assert known is not None
    assert known.text == "- TODO what set it off"
    below = passage_at(NEW, next(n for n, line in enumerate(lines) if line.startswith("Follow-up review")))
    assert below is not None
    assert below.heading == "Action items"
    inside = passage_at(NEW, lines.index("- TODO what set it off"))
    assert inside == known
    assert passage_at("", 0) is None
    assert heading_at(NEW, 0) == FRONT
    assert heading_at(NEW, len(lines)) == "Action items"


def part(text: str, heading: str) -> Passage:
    return next(one for one in passages(text) if one.heading == heading)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_other_words_replace_one_part_and_every_other_byte_stays(end: str) -> None:
    text = NEW.replace("\n", end)
    made = rewritten(text, part(text, "Trigger"), "- one\n- two  \n")
    assert made == text.replace("- TODO what set it off", f"- one{end}- two")
    assert part(made, "Trigger").text == "- one\n- two"


def test_words_in_a_part_that_was_empty_stand_apart_from_the_computed_text() -> None:
    made = rewritten(NEW, part(NEW, "Summary"), "It was the limit.")
    assert "<!-- /incident:summary -->\n\nIt was the limit.\n\n## Timeline" in made
    assert rewritten(NEW, part(NEW, "Summary"), "  ") == NEW
    assert merge(made, OLD)[0].count("It was the limit.") == 1


def test_a_part_can_be_emptied() -> None:
    made = rewritten(NEW, part(NEW, "Trigger"), "")
    assert made == NEW.replace("- TODO what set it off\n", "")


def test_a_part_that_was_changed_elsewhere_is_not_overwritten() -> None:
    was = part(NEW, "Trigger")
    with pytest.raises(UsageError, match="changed elsewhere"):
        rewritten(NEW.replace("- TODO what set it off", "- theirs"), was, "mine")


def test_a_part_is_found_again_when_lines_were_added_above_it() -> None:
    was = part(NEW, "Trigger")
    moved = NEW.replace("## Summary\n", "## Summary\nmore\nand more\n")
    assert found_again(moved, was).start == was.start + 2


def test_of_two_parts_alike_the_one_at_the_same_place_is_meant() -> None:
    text = "# A\n\nsame\n\n" + "\n".join(marked("a", ["x"])) + "\n\nsame\n"
    first, second = (one for one in passages(text) if one.text == "same")
    assert found_again(text, second) == second != first
    with pytest.raises(UsageError):
        found_again(text, Passage("A", 7, 0, 1, "same"))


def test_what_looks_like_a_heading_in_code_is_none() -> None:
    text = "# A\n```\n# not a heading\n```\n~~~~\n~~~\n# nor this\n~~~~\n## B\n"
    assert [one.heading for one in passages(text)] == ["A"]
    assert heading_at(text, 8) == "B"


def test_front_matter_that_never_ends_is_one_part() -> None:
    assert [one.heading for one in passages("---\na: 1\n# a comment\nb: 2\n")] == [FRONT, FRONT]
    assert [one.heading for one in passages("text\n---\nmore\n")] == [""]
