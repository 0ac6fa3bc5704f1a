"""Foreign text made inert: what comes from outside can neither move the cursor nor hide what it says."""

from __future__ import annotations

import re

LIMIT = 65_536  # characters kept of one foreign value; an annotation of megabytes helps nobody read it

# ECMA-48 sequences. OSC, DCS, SOS, PM and APC run to BEL or ST; an unterminated one must not swallow the text
# behind it, so only its introducer goes and what follows stays as plain characters.
_ESCAPES = re.compile(
    r"""
      (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?                                # CSI
    | (?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])                          # string sequences...
      (?:[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c))?                 # ...with their body when they end
    | \x1b[ -/]*[0-~]?                                                 # two-byte escapes
    """,
    re.VERBOSE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# A zero-width joiner is part of an emoji when a pictograph or a variation selector stands before it.
_LONE_JOINER = re.compile("(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]")
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED_MARKS = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")


def plain(text: str, limit: int = LIMIT) -> str:
    """Foreign text without escapes, controls or invisible characters; newlines and tabs stay.

    At most `limit` characters; what was cut is said at the end.
    """
    cut = len(text) > limit
    if cut:
        dropped = len(text) - limit
        text = text[:limit]
    text = _LINE_ENDS.sub("\n", text)
    text = _ESCAPES.sub("", text)
    text = _CONTROLS.sub("", text)
    text = _INVISIBLE.sub("", text)
    text = _LONE_JOINER.sub("", text)
    text = _STACKED_MARKS.sub(r"\1", text)
    text = _SURROGATES.sub("\ufffd", text)
    return f"{text}… ({dropped} more characters)" if cut else text


def one_line(text: str, limit: int = 2_000) -> str:
    """`plain`, on one line: runs of white space become one blank."""
    return " ".join(plain(text, limit).split())


def visible(text: str) -> str:
    """The text byte for byte for reading: whatever would be invisible or act on a terminal becomes a visible escape."""
    shown = []
    for char in text:
        if char == "\n" or (char.isprintable() and not _INVISIBLE.match(char) and char not in "\u200c\u200d"):
            shown.append(char)
        elif ord(char) <= 0xFF:
            shown.append(f"\\x{ord(char):02x}")
        elif ord(char) <= 0xFFFF:
            shown.append(f"\\u{ord(char):04x}")
        else:
            shown.append(f"\\U{ord(char):08x}")
    return "".join(shown)


def hides_something(text: str) -> bool:
    """Whether the text holds a character that `visible` has to spell out; a tab is one."""
    return visible(text) != text


def shorten(text: str, width: int) -> str:
    """The text in at most `width` characters, with `…` where something was cut."""
    if len(text) <= width:
        return text
    return text[: width - 1].rstrip() + "…" if width > 1 else "…"[:width]
