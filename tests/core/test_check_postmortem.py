"""Post-mortems held to their shape: what programs read, what is missing, what contradicts itself, whom it blames."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.check import Finding, Severity
from incident.core.check.postmortem import check, is_postmortem
from incident.core.check.shape import KNOWN, faults
from incident.core.postmortem.manner import HEADINGS
from incident.core.strict_yaml import load
from incident.exports.schema import schema
from tests.core.checking import ids, in_postmortem
from tests.golden.cases import CASES
from tests.golden.documents import documents

GOLDEN = documents()
WHOLE = GOLDEN["bad-deploy.md"]


def lines(findings: list[Finding], rule: str) -> list[int]:
    return [finding.line for finding in findings if finding.rule == rule]


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if words in line)


@pytest.mark.parametrize("name", [*sorted(CASES), "bad-deploy.public"])
def test_what_an_export_writes_has_no_finding(name: str) -> None:
    assert in_postmortem(GOLDEN[f"{name}.md"]) == []


@pytest.mark.parametrize(
    ("was", "said", "key"),
    [
        ("status: draft", "status: finished", "status"),
        ("kind: incident", "kind: outage", "kind"),
        ("stepped: TODO", "stepped: perhaps", "stepped"),
        ("steps_done: 4", "steps_done: -1", "steps_done"),
        ("steps_done: 4", "steps_done: many", "steps_done"),
        ("at: 2026-05-02T03:04:41Z", "at: yesterday", "detected"),
        ("  detected: {", "  noticed: {", "noticed"),
        ("authors: [TODO]", "authors: kim", "authors"),
        ("authors: [TODO]", "authors:", "authors"),
        ("follow_up_review: 2026-05-30", "follow_up_review: soon", "follow_up_review"),
        ("title: Acme error rate burning budget fast", 'title: ""', "title"),
    ],
)
def test_what_programs_cannot_read_is_found_with_its_line(was: str, said: str, key: str) -> None:
    text = WHOLE.replace(was, said, 1)
    assert line_of(text, key) in lines(in_postmortem(text), "bad-front-matter")


def test_a_missing_key_and_broken_yaml_are_found() -> None:
    found = in_postmortem(WHOLE.replace("id: INC-20260502-acme-1\n", "", 1))
    assert any("`id` is missing" in finding.message for finding in found)
    broken = WHOLE.replace("status: draft", "status: [draft", 1)
    assert lines(in_postmortem(broken), "bad-front-matter") != []
    assert lines(in_postmortem("---\nschema: incident.postmortem/1\n"), "bad-front-matter") != []
    assert lines(in_postmortem("---\n- a\n---\n"), "bad-front-matter") == [2]
    assert lines(in_postmortem("---\n---\n"), "bad-front-matter") != []
    assert in_postmortem("") != []


def test_a_heading_that_is_missing_or_in_another_place_is_found() -> None:
    assert [f.message for f in in_postmortem(WHOLE.replace("## Impact\n", "## Damage\n"))] == [
        "there is no heading `## Impact`"
    ]
    swapped = (
        WHOLE.replace("## Summary\n", "## X\n")
        .replace("## Timeline\n", "## Summary\n")
        .replace("## X\n", "## Timeline\n")
    )
    [found] = [f for f in in_postmortem(swapped) if f.rule == "missing-heading"]
    assert found.message == "`## Timeline` stands where `## Summary` belongs"
    assert found.line == line_of(swapped, "## Timeline")


def test_headings_in_a_teams_own_words_are_held_to_these_words() -> None:
    ours = tuple(f"{heading} (ours)" for heading in HEADINGS)
    text = WHOLE
    for heading, own in zip(HEADINGS, ours, strict=True):
        text = text.replace(f"\n## {heading}\n", f"\n## {own}\n")
    assert check(text.encode(), "x.md", schema(), ours) == []
    assert len(lines(check(text.encode(), "x.md", schema()), "missing-heading")) == 7


def test_a_heading_in_a_code_block_is_no_heading() -> None:
    text = WHOLE.replace("## Impact\n", "```\n## Impact\n```\n")
    assert len(lines(in_postmortem(text), "missing-heading")) == 1


@pytest.mark.parametrize("status", ["reviewed", "closed"])
def test_what_was_reviewed_holds_no_todo(status: str) -> None:
    text = WHOLE.replace("status: draft", f"status: {status}")
    assert lines(in_postmortem(text), "unfinished") == [line_of(text, "TODO")]
    one = text.replace("TODO", "known").replace("- known what set it off", "- TODO")
    assert [f.message for f in in_postmortem(one) if f.rule == "unfinished"] == [
        f"it is {status}, and a line still says TODO"
    ]


@pytest.mark.parametrize("typed", ["2m32s", "2m31s", "3m20s"])
def test_a_duration_that_fits_its_times_is_no_finding(typed: str) -> None:
    assert (
        lines(
            in_postmortem(WHOLE.replace("started_to_detected: 2m31s", f"started_to_detected: {typed}")),
            "contradicting-duration",
        )
        == []
    )


def test_a_duration_that_contradicts_its_own_times_is_found() -> None:
    text = WHOLE.replace("detected_to_acknowledged: 1m21s", "detected_to_acknowledged: 12m")
    [found] = [f for f in in_postmortem(text) if f.rule == "contradicting-duration"]
    assert (found.line, "it is 0:01:21" in found.message) == (line_of(text, "durations:"), True)
    assert lines(in_postmortem(text.replace("12m", "-1m21s")), "contradicting-duration") != []
    assert lines(in_postmortem(text.replace("12m", "TODO")), "contradicting-duration") == []
    assert lines(in_postmortem(text.replace("times:", "hours:")), "contradicting-duration") == []


def test_longer_durations_are_as_exact_as_they_are_written() -> None:
    text = WHOLE.replace("at: 2026-05-02T03:19:20Z", "at: 2026-05-02T09:19:20Z").replace("17m10s", "6h17m")
    assert lines(in_postmortem(text), "contradicting-duration") == []
    days = WHOLE.replace("at: 2026-05-02T03:19:20Z", "at: 2026-05-05T03:19:20Z").replace("17m10s", "3d00h")
    assert lines(in_postmortem(days), "contradicting-duration") == []
    assert lines(in_postmortem(days.replace("3d00h", "2d00h")), "contradicting-duration") != []


def test_an_edited_computed_part_is_worth_knowing() -> None:
    text = WHOLE.replace("affecting roughly", "hitting roughly")
    [found] = in_postmortem(text)
    assert (found.rule, found.severity, found.line) == (
        "edited-block", Severity.INFO, line_of(text, "<!-- incident:summary"),
    )  # fmt: skip


def test_blame_is_found_and_left_in_place_with_a_reason() -> None:
    text = WHOLE.replace("- TODO what set it off", "- The engineer forgot to set a limit.")
    [found] = in_postmortem(text)
    assert (found.rule, found.severity, found.line) == (
        "blame-failed", Severity.WARNING, line_of(text, "forgot to set"),
    )  # fmt: skip
    comment = "<!-- incident-check: allow blame-failed because it quotes the report -->\n"
    assert ids(in_postmortem(text.replace("- The engineer", f"{comment}- The engineer"))) == set()
    bare = "<!-- incident-check: allow blame-failed -->\n"
    assert ids(in_postmortem(text.replace("- The engineer", f"{bare}- The engineer"))) == {
        "blame-failed", "unclear-allowance",
    }  # fmt: skip


def test_people_are_known_from_the_front_matter() -> None:
    text = WHOLE.replace("- TODO what set it off", "- Novak missed the second step.")
    assert in_postmortem(text) == []
    known = text.replace("authors: [TODO]", "authors: [Kim Novak, TODO]")
    assert ids(in_postmortem(known)) == {"blame-failed"}
    lead = text.replace("roles: {lead: TODO,", "roles: {lead: Novak,")
    assert ids(in_postmortem(lead)) == {"blame-failed"}
    assert ids(check(text.encode(), "x.md", schema(), people=("Novak",))) == {"blame-failed"}


def test_a_hint_is_for_information_only() -> None:
    text = WHOLE.replace("- TODO what set it off", "- We overlooked the second region.")
    assert [(f.rule, f.severity) for f in in_postmortem(text)] == [("blame-we", Severity.INFO)]


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (WHOLE.encode(), True),
        (b"\xef\xbb\xbf" + WHOLE.encode(), True),
        (WHOLE.replace("\n", "\r\n").encode(), True),
        (b"---\nid: 1\nschema: 'incident.postmortem/2'\n---\n", True),
        (b"---\ntitle: a runbook\n---\nschema: incident.postmortem/1\n", False),
        (b"schema: incident.postmortem/1\n", False),
        (b"", False),
    ],
)
def test_a_post_mortem_is_known_by_its_schema(data: bytes, is_one: bool) -> None:
    assert is_postmortem(data) is is_one


# --- the schema itself, and our reading of it


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    words = json.dumps(schema())
    assert all(key in KNOWN for key in schema())
    assert "$ref" in words


def test_a_schema_that_says_more_than_we_read_is_refused() -> None:
    with pytest.raises(ValueError, match="multipleOf"):
        faults(3, {"multipleOf": 2})


FRONTS = [
    load(text.split("\n---\n", 1)[0].removeprefix("---\n"), name).data
    for name, text in GOLDEN.items()
    if name.endswith(".md")
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "TODO", "draft", "x", "2026-05-30", "2m31s", "2026-05-02T03:04:41Z"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["at", "name", "lead", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)  # fmt: skip


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every place of a document at which something else could stand."""
    found: list[tuple[Any, Any]] = []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        found += [(data, key), *places(value)]
    return found


@given(st.sampled_from(FRONTS), st.integers(0, 200), ANYTHING)
def test_our_reading_of_the_schema_is_everybody_elses(front: Any, place: int, value: Any) -> None:
    changed = json.loads(json.dumps(front))
    spots = places(changed)
    inside, key = spots[place % len(spots)]
    inside[key] = value
    theirs = jsonschema.Draft202012Validator(schema()).is_valid(changed)
    assert (faults(changed, schema()) == []) is theirs


@pytest.mark.parametrize("front", FRONTS)
def test_what_an_export_writes_fits_the_published_schema(front: Any) -> None:
    jsonschema.validate(front, schema())


@pytest.mark.parametrize(("value", "is_one"), [(3.0, True), (3.5, False), (True, False), (3, True)])
def test_a_whole_number_may_be_written_with_a_point(value: object, is_one: bool) -> None:
    assert (faults(value, {"type": "integer"}) == []) is is_one
    assert jsonschema.Draft202012Validator({"type": "integer"}).is_valid(value) is is_one
