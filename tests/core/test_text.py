"""Foreign text is inert: it can neither reach the terminal as control codes nor hide what it says."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.text import LIMIT, hides_something, look_alike, one_line, plain, shorten, visible

BIDI = "".join(map(chr, (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
HIDDEN = "\u00ad\u034f\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u2060\u2064\u3164\ufe00\ufeff\uffa0\ufff9\U0001d173"
TAGS = "".join(map(chr, (0xE0001, *range(0xE0020, 0xE0080), 0xE0100)))
NASTY = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))] + list(
    BIDI + HIDDEN + TAGS + "\u200d\ufe0e\ufe0f\u20e3\u0301\u0e49\u2028\u2029\ud800\udfff\U0001f525❤👩1a;[]\\mé中"
)
HOSTILE = st.lists(st.one_of(st.sampled_from(NASTY), st.characters(), st.text(max_size=3))).map("".join)


@pytest.mark.fault(57, 58, 61, 65)
@pytest.mark.parametrize(
    ("foreign", "inert"),
    [
        ("plain enough", "plain enough"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b[?1049l\x1b[38;2;1;2;3mred\x1b[1 q", "red"),
        ("\x1b[31", ""),
        ("a\x1b[", "a"),
        ("a\x1b", "a"),
        ("split \x1b" + "[2Jin two", "split in two"),
        ("\x1b]0;evil\x07title", "title"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==\x9cclip", "clip"),
        ("\x9d0;evil\x07title", "title"),
        ("\x1b]0;never ends", "0;never ends"),
        ("\x1b]0;aborted\x1b[31m by another", "0;aborted by another"),
        ("\x1b]0;" + "x" * 5_000 + "\x07", "0;" + "x" * 5_000),
        ("\x1bPq#0\x1b\\dcs", "dcs"),
        ("\x1bXsos\x9c|\x1b^pm\x9c|\x1b_apc\x07|\x90dcs\x07|\x98sos\x9c|\x9epm\x9c|\x9fapc\x9c|", "|" * 7),
        ("\x1bcreset \x1b(0charset \x1b#8\x1b=", "reset charset "),
        ("bell\x07 back\x08 del\x7f nul\x00 nel\x85c1\x80", "bell back del nul nel\nc1"),
        ("a\r\nb\rc\u2028d\u2029e\x0bf\x0cg", "a\nb\nc\nd\nefg"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        (f"b{BIDI}i{HIDDEN}d{TAGS}i", "bidi"),
        ("half \ud83d pair", "half \ufffd pair"),
        (
            "👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ⚠\ufe0f",
            "👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ⚠\ufe0f",
        ),
        ("a\u200db 👩\u200d x\ufe0f #\ufe0fx ❤\ufe0f\ufe0f a\ufe0f\u200d🔥", "ab 👩 x #x ❤\ufe0f a🔥"),
        ("🏴" + TAGS, "🏴"),
    ],
)
def test_what_acts_on_a_terminal_or_hides_is_gone_and_the_rest_stays(foreign: str, inert: str) -> None:
    assert plain(foreign) == inert


@pytest.mark.fault(62)
@pytest.mark.parametrize("mark", ["\u0301", "\u0489", "\u0e49", "\u064b", "\u05bf", "\u20dd", "\u1dc4"])
def test_combining_marks_do_not_climb_over_the_lines_around(mark: str) -> None:
    assert plain("a" + mark * 60 + "b") == "a" + mark * 3 + "b"
    assert visible("a" + mark * 4).count(mark) == 3
    assert plain("e\u0301 ệ 한국어 ไม่ได้ ▁▂▃ ┌──┐ …—„“") == "e\u0301 ệ 한국어 ไม่ได้ ▁▂▃ ┌──┐ …—„“"


@settings(deadline=None)
@given(HOSTILE)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for limit in (0, 1, 7, 250, LIMIT):
        once = plain(text * 9, limit)
        assert plain(once, limit) == once
        assert one_line(one_line(text * 9, limit), limit) == one_line(text * 9, limit)


@settings(deadline=None)
@given(HOSTILE)
def test_no_control_escape_or_bidirectional_character_survives(text: str) -> None:
    cleaned = plain(text)
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\n\t"]
    assert not set(cleaned) & set(BIDI + HIDDEN + TAGS)
    line = one_line(text)
    assert line == line.strip()
    assert not set(line) & set("\n\t")
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


@settings(deadline=None)
@given(HOSTILE)
def test_what_is_spelled_out_for_reading_hides_nothing(text: str) -> None:
    shown = visible(text)
    assert not hides_something(shown)
    assert not set(shown) & set(BIDI + HIDDEN + TAGS + "\u2800\u00a0\t\x1b")
    assert all(c == "\n" or c.isprintable() or c == "\u200d" for c in shown)
    assert hides_something(text) == (shown != text)
    if not hides_something(text):
        assert plain(text) == text


def test_every_invisible_character_of_unicode_is_spelled_out_and_told_apart() -> None:
    formats = {
        chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }
    unseen = (formats | set(HIDDEN + TAGS + "\u200d\u00a0\u2003\u2800\ufe0f")) - {"\n"}
    spelled = {visible(char) for char in unseen}
    assert len(spelled) == len(unseen)
    assert all(text.isascii() and text.startswith("\\") for text in spelled)
    assert visible("a\tb\x1b\u00e9\u202e\U000e0041\nc") == "a\\x09b\\x1bé\\u202e\\U000e0041\nc"


@pytest.mark.fault(63)
def test_a_megabyte_is_cut_and_what_was_cut_is_said() -> None:
    text = plain("x" * 2**20)
    assert len(text) <= LIMIT
    kept = text.partition("…")[0]
    assert text == f"{kept}… ({2**20 - len(kept)} more characters)"
    assert plain("x" * LIMIT) == "x" * LIMIT
    assert plain("x" * 50, 20) == "x" * 19 + "…"
    assert plain("\x1b[31m" * 10, 0) == ""


@pytest.mark.fault(79)
@pytest.mark.parametrize(
    "pump",
    [
        "\x1b[", "\x1b[1;", "\x1b", "\x1b]", "]", "\x9d", "\x9d\x1b", "\x9b", "\x90\x9c", "\x1b]x\x9d", "\x1b ",
        "\u0301", "\u200d", "\u200d❤", "\ufe0f", "❤\ufe0f", "а", "aа", "'", '"', '"\\', "1\ufe0f",
    ],
)  # fmt: skip
def test_pumped_patterns_cost_no_more_than_their_length(pump: str) -> None:
    """A quarter of a megabyte of a quadratic pattern would hang this test for minutes rather than make it slow."""
    text = (pump * 2**18)[: 2**18] + "ж"
    assert len(plain(text, 2**19)) <= len(text)
    assert visible(text)
    assert look_alike(text) in ("", "а")


@pytest.mark.fault(50)
@pytest.mark.parametrize(
    ("command", "odd"),
    [
        ("kubectl get p\u043eds", "\u043e"),
        ("\u0441\u043e\u0440\u0443 a b", "\u0441"),
        ("kubectl \u2013n shop get pods", "\u2013"),
        ("rm \u2014force", "\u2014"),
        ("echo \u201chi\u201d", "\u201c"),
        ("ls \uff0fetc", "\uff0f"),
        ("\uff4cs", "\uff4c"),
        ("\U0001d430hoami", "\U0001d430"),
        ("echo 'a' \u037e rm b", "\u037e"),
        ("kubectl get pods", ""),
        ("echo 'it\u2019s \u201cdown\u201d \u2013 again'", ""),
        ('echo "it\u2019s \\" \u201cdown\u201d"', ""),
        ("echo Сервис недоступен, café, 5 µs, 中文", ""),
    ],
)
def test_a_character_that_is_easily_taken_for_another_is_found(command: str, odd: str) -> None:
    assert look_alike(command) == odd


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a cd", 3, "a…"), ("abc", 1, "…"), ("abc", 0, ""), ("abc", -1, "")],
)
def test_a_text_is_shortened_to_its_width(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short
