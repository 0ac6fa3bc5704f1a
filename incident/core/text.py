"""Foreign text made inert: what comes from outside can neither move the cursor nor hide what it says."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 65_536  # characters kept of one foreign value; an annotation of megabytes helps nobody read it
_SAYS_HOW_MUCH = 200  # a limit from which on there is room to say how much was cut

# ECMA-48 sequences. OSC, DCS, SOS, PM and APC run to BEL or ST; an unterminated one must not swallow the text
# behind it, so only its introducer goes and what follows stays as plain characters. A body stops at any other
# control: so no character is looked at twice, whatever is pumped in.
_ESCAPES = re.compile(
    r"""
      (?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?                              # CSI
    | (?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])                          # string sequences...
      (?:[^\x07\x1b\x80-\x9f]{0,4096}+(?:\x07|\x1b\\|\x9c))?           # ...with their body when they end
    | \x1b[ -/]*+[0-~]?                                                # two-byte escapes
    """,
    re.VERBOSE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_SURROGATES = re.compile("[\ud800-\udfff]")

_PICTOGRAPHS = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# What Unicode lets a screen leave out, and bidirectional controls; then variation selectors and joiners unless they
# belong to an emoji.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LONE_SELECTOR = re.compile(f"(?<![{_PICTOGRAPHS}])[\ufe0e\ufe0f](?:(?!\u20e3)|(?<![0-9#*].))", re.DOTALL)
_LONE_JOINER = re.compile(f"(?<![{_PICTOGRAPHS}])(?<![{_PICTOGRAPHS}]\ufe0f)\u200d|\u200d(?![{_PICTOGRAPHS}])")
_UNSEEN = re.compile(f"{_INVISIBLE.pattern}|{_LONE_SELECTOR.pattern}|{_LONE_JOINER.pattern}|\u2800", re.DOTALL)
_SYMBOLS = re.compile(r"[^\x00-\u02ff\w\s]{4,}")  # every combining mark is among these
_MARKS = 3  # combining marks on one character; more of them climb into the lines around

_LIKE_LETTERS = (
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u0501\u04bb\u04cf\u051b\u051d\u0475"  # Cyrillic
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0405\u0408\u050c"
    "\u03bf\u03bd\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"  # Greek
    "\u0585\u0578\u057d\u0570\u0261\u0251\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff"
)
_LIKE_WORD = re.compile(f"(?<!\\w)[A-Za-z0-9_]*+([{_LIKE_LETTERS}])[A-Za-z0-9_{_LIKE_LETTERS}]*+(?!\\w)")
_LIKE_SIGN = re.compile(
    "[\u2010-\u2015\u2212\ufe58\ufe63\u2018\u2019\u201c\u201d\u201e\u2032\u2033\u00b4\u037e\u2044\u2215\u29f8\u2217\u2223"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff5e]"
)
_QUOTED = re.compile(r"""'[^']*+'?|"(?:\\.|[^"\\])*+"?""", re.DOTALL)


def plain(text: str, limit: int = LIMIT) -> str:
    """Foreign text without escapes, controls or invisible characters; newlines and tabs stay.

    At most `limit` characters; what was cut is said at the end. Doing it twice changes nothing.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    text, said = _cut(text, limit)
    text = _LINE_ENDS.sub("\n", text)
    text = _ESCAPES.sub("", text)
    text = _CONTROLS.sub("", text)
    text = _INVISIBLE.sub("", text)
    text = _LONE_SELECTOR.sub("", text)
    text = _LONE_JOINER.sub("", text)
    if stacked := _stacked_marks(text):
        text = "".join(char for place, char in enumerate(text) if place not in stacked)
    return _SURROGATES.sub("\ufffd", text) + said


def one_line(text: str, limit: int = 2_000) -> str:
    """`plain`, on one line: runs of white space become one blank."""
    return " ".join(plain(text, limit).split())


def visible(text: str) -> str:
    """The text for reading character by character: what would be invisible or act on a terminal is spelled out."""
    if text.isascii() and text.isprintable():
        return text
    unseen = {found.start() for found in _UNSEEN.finditer(text)} | _stacked_marks(text)
    return "".join(
        char if place not in unseen and (char in "\n\u200d" or char.isprintable()) else _spelled_out(char)
        for place, char in enumerate(text)
    )


def hides_something(text: str) -> bool:
    """Whether the text holds a character that `visible` has to spell out; a tab is one."""
    return visible(text) != text


def look_alike(text: str) -> str:
    """The first character of a shell command that is easily taken for an ASCII one, "" when there is none.

    A letter counts in a word that otherwise reads as ASCII; a dash, quote or other sign counts outside quotes.
    """
    if text.isascii():
        return ""
    if word := _LIKE_WORD.search(text):
        return word[1]
    sign = _LIKE_SIGN.search(_QUOTED.sub(" ", text))
    return sign[0] if sign else ""


def shorten(text: str, width: int) -> str:
    """The text in at most `width` characters, with `…` where something was cut."""
    if len(text) <= width:
        return text
    return text[: width - 1].rstrip() + "…" if width > 1 else "…"[: max(0, width)]


def _cut(text: str, limit: int) -> tuple[str, str]:
    """The beginning that fits, and the words for what does not."""
    if len(text) <= limit:
        return text, ""
    if limit < _SAYS_HOW_MUCH:
        return text[: max(0, limit - 1)], "…"[: max(0, limit)]
    kept = limit - len(f"… ({len(text)} more characters)")
    return text[:kept], f"… ({len(text) - kept} more characters)"


def _stacked_marks(text: str) -> set[int]:
    """The places of combining marks that stand on too many others."""
    found: set[int] = set()
    for run in _SYMBOLS.finditer(text):
        height = 0
        for place, char in enumerate(run[0], run.start()):
            height = height + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
            if height > _MARKS:
                found.add(place)
    return found


def _spelled_out(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
