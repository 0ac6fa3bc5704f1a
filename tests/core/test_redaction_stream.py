"""A stream of bytes: however it is cut, the secrets are gone and every other byte is there."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from itertools import pairwise
from random import Random
from time import thread_time
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from incident.core.redaction import Filter, Redactor, findings
from incident.core.redaction.mask import MASKED
from incident.core.redaction.search import suspicious
from incident.core.redaction.stream import WINDOW
from incident.core.redaction.table import FORMS
from tests.core.test_redaction_forms import CLEAN, KEY_ROWS, LONG, PEM, PEM_END, SECRETS, WEAK, b64, drawn, hexed

OWN = "Own" + "-t0ken/with+odd=signs" + "?"
LINES = [line.replace("‹", "").replace("›", "") for line in (*SECRETS, *CLEAN)]


def through(data: bytes, cuts: list[int] | None = None, known: tuple[str, ...] = ()) -> bytes:
    """The whole stream, cut at these places."""
    stream = Filter(known)
    places = [0, *sorted(cuts or []), len(data)]
    made = b"".join(stream.feed(data[a:b]) for a, b in pairwise(places))
    return made + stream.end()


# -- cut anywhere ---------------------------------------------------------------------------------------------------


@pytest.mark.fault(76)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(LINES), max_size=12), st.data())
def test_a_stream_is_masked_alike_however_it_is_cut(lines: list[str], data: st.DataObject) -> None:
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = end.join(lines)
    raw = text.encode()
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=20))
    assert through(raw, cuts) == Redactor().text(text).encode()


@pytest.mark.fault(76)
def test_a_stream_that_comes_byte_by_byte_is_masked() -> None:
    text = "\n".join([*LINES, PEM, *KEY_ROWS, PEM_END, "kind: Secret", "data:", "  a: " + b64(WEAK), "end"])
    raw = text.encode()
    assert through(raw, list(range(len(raw)))) == Redactor().text(text).encode()
    assert not any(row[:12].encode() in through(raw) for row in KEY_ROWS)


@pytest.mark.fault(77)
@settings(max_examples=80, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp", "Cs"]), min_size=6, max_size=40),
    st.binary(max_size=60),
    st.data(),
)
def test_a_known_secret_never_gets_through(secret: str, around: bytes, data: st.DataObject) -> None:
    assume("redacted" not in secret and secret not in "[redacted]")
    raw = around + b" " + secret.encode() + b" " + around
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=12))
    assert secret.encode() not in through(raw, cuts, (secret,))


@pytest.mark.fault(77)
@pytest.mark.parametrize("before", ["", "u:", "us:", "user:"])
def test_a_known_secret_is_found_in_base64_in_a_url_and_in_json(before: str) -> None:
    whole = (before + OWN + ":x").encode()
    for spelled in (
        b64encode(whole), urlsafe_b64encode(whole), quote(OWN, safe="").encode(),
        re.sub("%..", lambda sign: sign[0].lower(), quote(OWN)).encode(),
        json.dumps('q"' + OWN).encode(),
    ):  # fmt: skip
        made = through(b"got " + spelled + b" back\n", known=(OWN,))
        assert made != b"got " + spelled + b" back\n"
        assert made.endswith(b" back\n")
    plain = Redactor([OWN]).text(f"<{b64encode(whole).decode()}>")
    pieces = MASKED.sub("", plain)
    assert len(pieces) <= 2 + len(b64(before)) + 8


def test_of_two_known_secrets_the_longer_one_goes_first() -> None:
    short, long = "abc-def", "abc-def-ghi-jkl"
    assert Redactor([short, long]).text(f"a {long} b {short} c") == "a [redacted] b [redacted] c"


def test_a_known_value_that_is_too_short_would_be_everywhere() -> None:
    assert Redactor(["", "  ", "prod", "abcde"]).text("abcde in prod") == "abcde in prod"


def test_a_known_secret_of_several_lines_is_found_line_by_line() -> None:
    made = Redactor(["first line of it\n}\nsecond line of it"]).text("x first line of it\n}\nsecond line of it y")
    assert made == "x [redacted]\n}\n[redacted] y"


def test_a_mask_is_not_masked_again() -> None:
    assert Redactor(["redacted"]).text("pw=[redacted: password] redacted") == "pw=[redacted: password] [redacted]"


# -- colours --------------------------------------------------------------------------------------------------------


@pytest.mark.fault(76)
def test_a_secret_with_colours_inside_is_masked_and_the_colours_go_on() -> None:
    token = "gh" + "p_" + drawn(36)
    text = f"\x1b[1mtoken \x1b[31m{token[:9]}\x1b[0m\x1b[1m{token[9:]}\x1b[0m \x1b[32mok\x1b[0m\n"
    assert Redactor().text(text) == (
        "\x1b[1mtoken \x1b[31m[redacted: git token]\x1b[0m\x1b[1m\x1b[0m \x1b[32mok\x1b[0m\n"
    )
    known = f"\x1b[1m{OWN[:5]}\x9b0m{OWN[5:]}\x1b(B\n"
    assert Redactor([OWN]).text(known) == "\x1b[1m[redacted]\x9b0m\x1b(B\n"


@pytest.mark.parametrize("stray", ["\x1b", "\x1b ", "\x1b[", "\x1b(", "\x9b"])
def test_a_stray_escape_in_front_of_a_secret_saves_it_not(stray: str) -> None:
    token = "gh" + "p_" + drawn(36)
    made = Redactor([OWN]).text(f"{stray}{OWN} {stray}{token} \x1b[1m{OWN}")
    assert OWN[1:] not in made
    assert token[4:] not in made


def test_coloured_lines_without_secrets_pass_as_they_are() -> None:
    raw = b"\x1b[32mok\x1b[0m pod-1\n\x1b]8;;https://acme.test\x1b\\x\x1b]8;;\x1b\\\n\x1b\n\x1b["
    assert through(raw) == raw
    mixed = raw + b"\npassword=" + WEAK.encode() + b"\n" + raw
    assert through(mixed) == raw + b"\npassword=[redacted: password]\n" + raw


def test_an_address_in_a_hyperlink_is_looked_at() -> None:
    made = Redactor().text(f"\x1b]8;;https://acme.test/?token={LONG}\x1b\\here\x1b]8;;\x1b\\")
    assert LONG[:5] not in made


# -- every other byte -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=4_000), st.lists(st.integers(0, 4_000), max_size=8))
def test_binary_passes_byte_for_byte_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    stream = Filter()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    made = b"".join(stream.feed(data[a:b]) for a, b in pairwise(places)) + stream.end()
    assert made == data or stream.count


def test_broken_characters_beside_a_secret_stay() -> None:
    raw = b"\xff\xfe\xc3( password=" + WEAK.encode() + b" \xe2\x82\x00\n"
    assert through(raw) == b"\xff\xfe\xc3( password=[redacted: password] \xe2\x82\x00\n"


def test_a_lone_surrogate_stays() -> None:
    assert Redactor().text(f"\ud800 \udcff password={WEAK}") == "\ud800 \udcff password=[redacted: password]"


def test_a_line_is_given_out_when_it_ends_and_not_before() -> None:
    stream = Filter()
    assert stream.feed(b"10 %") == b""
    assert stream.feed(b"\r20 %\r") == b"10 %\r20 %\r"
    assert stream.feed(b"a\nb") == b"a\n"
    assert stream.feed(b"") == b""
    assert stream.end() == b"b"
    assert stream.end() == b""


# -- a line without an end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [b"x", b"\0", "\N{GRINNING FACE}".encode(), b"word ", b"password\xff", b"\x1b[1m"])
def test_an_endless_line_is_given_out_piece_by_piece_as_it_is(unit: bytes) -> None:
    raw = unit * (400_000 // len(unit))
    stream = Filter()
    made, most = b"", 0
    for begin in range(0, len(raw), 7_000):
        made += stream.feed(raw[begin : begin + 7_000])
        most = max(most, begin + 7_000 - len(made))
    assert most <= WINDOW + 7_000
    assert made + stream.end() == raw
    assert through(raw + b"\nnext\n") == raw + b"\nnext\n"


def test_a_secret_anywhere_in_an_endless_line_is_masked() -> None:
    for before in (10, WINDOW - 20_000, WINDOW - 18_500, WINDOW - 18_432, WINDOW - 30, WINDOW, 3 * WINDOW - 7):
        raw = b"x" * before + b" token=" + LONG.encode() + b" " + b"y" * 90_000
        for step in (1_000, 65_536, 300_000):
            made = through(raw, list(range(0, len(raw), step)))
            assert made == raw.replace(LONG.encode(), b"[redacted: token]")


def test_a_secret_that_does_not_end_is_masked_to_its_end() -> None:
    raw = b"password=" + (LONG * 5_000).encode() + b" and on\n"
    assert through(raw) == b"password=[redacted: password] and on\n"
    assert through(raw, list(range(0, len(raw), 999))) == b"password=[redacted: password] and on\n"
    short = b"password=" + (LONG * 500).encode() + b" and on\n"
    assert through(short) == b"password=[redacted: password] and on\n"


# -- what is clean stays, and twice is once -------------------------------------------------------------------------

_WORD = st.from_regex(r"[a-z]{2,9}", fullmatch=True)
_CLEAN = st.one_of(
    _WORD,
    st.lists(_WORD, min_size=2, max_size=4).map("/".join),
    st.integers(0, 10**9).map(lambda seed: f"{Random(seed).getrandbits(160):040x}"),
    st.integers(0, 10**9).map(lambda seed: f"sha256:{Random(seed).getrandbits(256):064x}"),
    st.uuids().map(str),
    st.integers(0, 10**9).map(lambda seed: f"checkout-{Random(seed).getrandbits(40):010x}-x7k2q"),
    st.datetimes().map(lambda at: at.isoformat()),
)


@pytest.mark.fault(78)
@settings(max_examples=150, deadline=None)
@given(st.lists(_CLEAN, max_size=30), st.sampled_from([" ", "\n", ", ", " | "]))
def test_words_paths_hashes_and_identities_stay(parts: list[str], between: str) -> None:
    text = between.join(parts)
    assert Redactor().masked(text) == (text, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=6).map(" ".join))
def test_masking_twice_changes_nothing(text: str) -> None:
    made = Redactor().text(text)
    assert Redactor().text(made) == made


# -- how long it takes ----------------------------------------------------------------------------------------------

_PUMPS = (
    "1", "a", "A", " ", "=", '"', "'", "\\", "/", ".", "-", "_", ":", "@", "a=", "a ", "a-", "a_", "::", '\\"', '" ',
    "a=b&", "eyJ.", "://a:", "password=", "key=", "mysql -", "a=b; ", "\x1b[1;", "echo a |",
    "-----BEGIN " + "PRIVATE KEY-----",
)  # fmt: skip


def _least(work: Callable[[str], object], line: str) -> float:
    took = []
    for _ in range(3):
        begin = thread_time()
        work(line)
        took.append(thread_time() - begin)
    return min(took)


@pytest.mark.fault(79)
def test_no_pumped_line_keeps_a_pattern_busy() -> None:
    """Eight times the characters take about eight times as long: 64 times would be a pattern that looks back."""
    units = [*_PUMPS, *sorted({need for form in FORMS for need in form.needs})]
    slow = []
    for unit in units:
        short, long = (unit * (size // len(unit) + 1) for size in (4_000, 32_000))
        before = _least(Redactor().text, short[:4_000])
        if before > 0.002 and _least(Redactor().text, long[:32_000]) > 30 * before:
            slow.append(unit)
    assert not slow


@pytest.mark.parametrize("line", [line.replace("‹", "").replace("›", "") for line in SECRETS])
def test_the_quick_search_passes_over_no_line_with_a_secret(line: str) -> None:
    assert suspicious(line.encode(), ())


# -- for a person to decide -----------------------------------------------------------------------------------------


def test_findings_say_where_and_of_which_kind_and_not_what() -> None:
    text = f"a\r\npassword: {WEAK}\nseed {drawn(44)}\nsha {hexed(40)} {OWN}\n"
    found = list(findings(text, (OWN,)))
    assert [(one.line, one.kind, one.sure) for one in found] == [
        (2, "password", True),
        (3, "random text", False),
        (4, "known secret", True),
    ]
    assert not any(WEAK in repr(one) for one in found)
    assert re.split(r"\r?\n", text)[1][found[0].start : found[0].end] == WEAK
