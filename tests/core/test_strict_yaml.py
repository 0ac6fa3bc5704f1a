"""YAML that may be wrong or hostile becomes plain data, or one error with the line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.strict_yaml import MAX_DEPTH, MAX_NODES, load
from incident.errors import ConfigError, DrillError

MERGE_BOMB = "a: &a {k: 1}\n" + "\n".join(f"b{i}: &b{i} {{<<: [*a, *a]}}" for i in range(9))
ALIAS_BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"


@pytest.mark.fault(92)
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1234567", 1234567), ("0012345", "0012345"), ("0", 0), ("-5", -5), ("-0", "-0"), ("+5", "+5"), ("1_000",
        "1_000"),
        ("0x1f", "0x1f"), ("0o17", "0o17"), ("12e4567", "12e4567"), ("1" * 19, "1" * 19), ("٣", "٣"), ("1.5", 1.5),
        ("-0.25", -0.25), ("1.5e3", 1500.0), ("1.5e999", "1.5e999"), (".5", ".5"), (".inf", ".inf"), (".nan", ".nan"),
        ("1.2.3", "1.2.3"), ("12:30", "12:30"), ("2026-05-02", "2026-05-02"), ("no", "no"), ("on", "on"), ("y", "y"),
        ("Off", "Off"), ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("'true'", "true"),
        ('"12"', "12"), ("|\n  12\n", "12\n"), (">-\n  a\n  b", "a b"), ("a # why", "a"), ("'é中🔥'", "é中🔥"),
        ("=", "="),
    ],
)  # fmt: skip
def test_a_scalar_is_a_number_or_a_switch_only_when_it_is_written_as_one(written: str, value: object) -> None:
    read = load(f"x: {written}", "f").data["x"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.fault(91, 92)
@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: &x 2", 2, "anchors"),
        ("a: 1\n\nb: *x", 3, "anchors"),
        (ALIAS_BOMB, 1, "anchors"),
        (MERGE_BOMB, 1, "anchors"),
        ("a:\n  <<: {b: 1}", 2, "merge keys"),
        ("a: !!python/object/apply:os.system [id]", 1, "tag"),
        ("a: 1\nb: !!str 5", 2, "tag"),
        ("a: ! x", 1, "tag"),
        ("a: 1\nb: 2\na: 3", 3, "`a` stands here twice"),
        ("o:\n  x: 1\n  'x': 2", 3, "`x` stands here twice"),
        ("1: a\n'1': b", 2, "`1` stands here twice"),
        ("[a, b]: 1", 1, "a key has to be a word"),
        ("? {a: 1}\n: 2", 1, "a key has to be a word"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1, "too deep"),
        ("[" * 100_000, 1, "too deep"),
        ("\n".join("- 1" for _ in range(MAX_NODES + 1)), MAX_NODES - 1, "too large"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("a:\n\t- b", 2, "blanks, not tabs"),
        ("\ta: 1", 1, "blanks, not tabs"),
        ("a: 'x\n", 2, "not valid YAML"),
        ("a: 1\r\nb: c: d", 2, "indentation, quotes and colons"),
        ("a: @x", 1, "not valid YAML"),
        ("%YAML 3.0\n---\na: 1", 1, "not valid YAML"),
        ("a: 1\nb: x\x00y", 2, "U+0000"),
        ("a: 1\r\n\r\nb: \x1b[31m", 3, "U+001B"),
        ("a: \ud800", 1, "U+D800"),
    ],
)
def test_what_surprises_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(text, "config.yaml")
    assert refused.value.at == f"config.yaml:{line}"
    assert words in str(refused.value)
    assert refused.value.hint


def test_a_scenario_is_refused_as_a_scenario() -> None:
    with pytest.raises(DrillError, match="twice"):
        load("a: 1\na: 2", "drill.yaml", DrillError)


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n", "# only a comment", "---", "null", "~"])
def test_an_empty_document_is_nothing(text: str) -> None:
    document = load(text, "f")
    assert document.data is None
    assert document.at("a") in ("f", "f:1", "f:2")


@pytest.mark.fault(92)
def test_a_file_from_windows_with_a_byte_order_mark_reads_as_any_other() -> None:
    text = "\ufeffa: 1\r\nb:\r\n  - x\r\n  - c: no\r\n"
    assert load(text, "f").data == {"a": 1, "b": ["x", {"c": "no"}]}


def test_every_value_knows_its_line_and_what_is_missing_points_around_itself() -> None:
    document = load("a: 1\nb:\n  - x\n  -\n    c: y\n    d: [1,\n      2]\n'': z\n1: w", "f")
    places: list[tuple[tuple[Any, ...], int]] = [
        ((), 1), (("a",), 1), (("b",), 2), (("b", 0), 3), (("b", 1, "c"), 5), (("b", 1, "d", 1), 7), (("",), 8),
        (("1",), 9),
        (("b", 7), 2), (("b", 1, "e", "f"), 5), (("nothing",), 1),
    ]  # fmt: skip
    for path, line in places:
        assert document.at(*path) == f"f:{line}", path
    assert document.data == {"a": 1, "b": ["x", {"c": "y", "d": [1, 2]}], "": "z", "1": "w"}


PIECES = st.sampled_from(
    ["a", ":", " ", "\n", "-", "[", "]", "{", "}", ",", "'", '"', "|", ">", "&a", "*a", "!", "%", "@", "#", "?",
     "\t", "<<",
     "\r", "\x00", "\ufeff", "é", "\u2028", "\x85", "---", "...", "1", "\\"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(PIECES, st.characters())).map("".join))
def test_whatever_stands_in_a_file_it_is_data_or_one_error_with_a_line(text: str) -> None:
    try:
        place = load(text, "f").at().removeprefix("f")
    except ConfigError as error:
        place = error.at.removeprefix("f")
    assert not place or place.removeprefix(":").isdecimal()
