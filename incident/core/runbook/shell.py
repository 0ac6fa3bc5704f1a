"""Reading shell text without running it: where a logical line ends, and which simple commands it is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

MAX_JOINED = 200  # physical lines of one logical line
MAX_CHARACTERS = 20_000  # of one command that is looked into
_MAX_DEPTH = 6

_HEREDOC = re.compile(r"""(?<!<)<<(?!<)(-?)\s*(?:'([A-Za-z_]\w*)'|"([A-Za-z_]\w*)"|\\?([A-Za-z_]\w*))""")
_OPENS = re.compile(
    r"(?:^|[;&|(]|\bdo\b|\bthen\b|\belse\b)\s*(?:for|while|until|select|if|case)\b|(?:^|[;&|)])\s*\{(?=\s|$)"
)
_SHUTS = re.compile(r"(?:^|[;&|)]|\s)(?:done|fi|esac)\b|(?:^|;)\s*\}(?=\s|[;|&>]|$)")
_TELLING = re.compile(r"[\\'\"#()]")  # without these, a line is what it seems
_COMPOUND = re.compile(r"\b(?:for|while|until|select|if|case|done|fi|esac)\b|[{}]")
_GOES_ON = re.compile(r"(?:&&|\|\|?)\s*\Z")


@dataclass(frozen=True, slots=True)
class Logical:
    """One logical line: `count` physical lines from `start` (from 0). Incomplete: something stays open in it."""

    start: int
    count: int
    text: str
    complete: bool = True


@dataclass(slots=True)
class _State:
    quote: str = ""
    parens: int = 0
    compounds: int = 0
    heredocs: list[tuple[str, bool]] = field(default_factory=list)
    goes_on: bool = False

    @property
    def open(self) -> bool:
        return bool(self.quote or self.heredocs or self.goes_on) or self.parens > 0 or self.compounds > 0


def logical_line(lines: Sequence[str], start: int) -> Logical:
    """The logical line that begins at `start`; without its trailing comment, otherwise byte for byte."""
    state = _State()
    kept: list[str] = []
    for index in range(start, min(len(lines), start + MAX_JOINED)):
        line = lines[index]
        if state.heredocs and not state.quote:
            word, dashed = state.heredocs[0]
            kept.append(line)
            if (line.lstrip("\t") if dashed else line).rstrip() == word:
                state.heredocs.pop(0)
        else:
            kept.append(_take(line, state))
        if not state.open:
            return Logical(start, len(kept), _without_loose_end(kept))
    alone = _take(lines[start], _State()).rstrip()
    return Logical(start, 1, alone, complete=False)


def _without_loose_end(kept: Sequence[str]) -> str:
    """The lines as one text; a backslash before an empty line, which bash would pass on as an argument, goes."""
    text = "\n".join(kept).rstrip()
    if len(kept) > 1 and not kept[-1].strip() and text.endswith("\\"):
        text = text[:-1].rstrip()
    return text


def _take(line: str, state: _State) -> str:
    bare, comment = _bare(line, state)
    code = bare[:comment]
    state.goes_on = code.endswith("\\") or (not state.quote and bool(_GOES_ON.search(code)))
    if "<<" in bare:
        state.heredocs.extend(
            (found[2] or found[3] or found[4], bool(found[1]))
            for found in _HEREDOC.finditer(line[:comment])
            if bare.startswith("<<", found.start())
        )
    if _COMPOUND.search(code):
        state.compounds = max(0, state.compounds + len(_OPENS.findall(code)) - len(_SHUTS.findall(code)))
    return line[:comment].rstrip() if comment < len(line) else line


def _bare(line: str, state: _State) -> tuple[str, int]:
    """The line with what is quoted made opaque, and where its comment begins (its length without one)."""
    if not state.quote and not _TELLING.search(line):
        return line, len(line)
    bare: list[str] = []
    skip = False
    before = " "
    for place, char in enumerate(line):
        if skip:
            skip, shown = False, "_"
        elif char == "\\" and state.quote != "'":
            skip = place < len(line) - 1
            shown = "_" if skip else "\\"
        elif state.quote:
            state.quote = "" if char == state.quote else state.quote
            shown = "_"
        elif char in "'\"":
            state.quote, shown = char, "_"
        elif char == "#" and before in " \t;":
            return "".join(bare).ljust(len(line)), place
        else:
            state.parens = max(0, state.parens + (char == "(") - (char == ")"))
            shown = char
        bare.append(shown)
        before = char
    return "".join(bare), len(line)


@dataclass(slots=True)
class Parsed:
    """The simple commands of a shell text, nested ones included."""

    commands: list[tuple[str, ...]] = field(default_factory=list)
    writes: bool = False  # output goes into a file
    fed: bool = False  # something in it gets its input from a pipe, a file or a heredoc
    odd: bool = False  # something in it was not understood


def parse(text: str) -> Parsed:
    """Take a command apart; never raises, what it cannot follow is `odd`."""
    parsed = Parsed()
    if len(text) > MAX_CHARACTERS:
        parsed.odd = True
    else:
        _Lexer(text, parsed, 0).run()
    return parsed


class _Lexer:
    def __init__(self, text: str, parsed: Parsed, depth: int) -> None:
        self.text = text
        self.parsed = parsed
        self.depth = depth
        self.at = 0
        self.words: list[str] = []
        self.word: list[str] | None = None
        self.into_file = False  # the next word is where output goes
        self.from_file = False  # the next word is where input comes from
        self.heredocs: list[str] = []

    def run(self) -> None:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "'\"`\\$":
                self._special(char)
            elif char in " \t":
                self._end_word()
                self.at += 1
            elif char in "\n;|()":
                self.parsed.fed |= char == "|" and "||" not in self.text[max(0, self.at - 1) : self.at + 2]
                self._end_command()
                self.at += 1
                if char == "\n" and self.heredocs:
                    self._skip_heredocs()
            elif char in "<>&":
                self._redirection(char)
            elif char == "#" and self.word is None:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                self._add(char)
                self.at += 1
        self._end_command()
        self.parsed.odd |= bool(self.heredocs)

    def _add(self, text: str) -> None:
        if self.word is None:
            self.word = []
        self.word.append(text)

    def _end_word(self) -> None:
        if self.word is None:
            return
        word, self.word = "".join(self.word), None
        if self.into_file:
            harmless = word in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-") or word.isdigit()
            self.parsed.writes |= not harmless
            self.into_file = False
        elif self.from_file:
            self.from_file = False
        else:
            self.words.append(word)

    def _end_command(self) -> None:
        self._end_word()
        self.parsed.odd |= self.into_file or self.from_file
        self.into_file = self.from_file = False
        if self.words:
            self.parsed.commands.append(tuple(self.words))
        self.words = []

    def _special(self, char: str) -> None:
        if char == "\\":
            following = self.text[self.at + 1 : self.at + 2]
            if following != "\n":
                self._add(following)
            self.at += 2
        elif char == "'":
            end = self.text.find("'", self.at + 1)
            self.parsed.odd |= end < 0
            end = len(self.text) if end < 0 else end
            self._add(self.text[self.at + 1 : end])
            self.at = end + 1
        elif char == '"':
            self._double()
        else:
            self._expansion()

    def _double(self) -> None:
        self._add("")
        self.at += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                return
            if char == "\\":
                self._add(self.text[self.at + 1 : self.at + 2])
                self.at += 2
            elif char in "$`":
                self._expansion()
            else:
                self._add(char)
                self.at += 1
        self.parsed.odd = True

    def _expansion(self) -> None:
        rest = self.text[self.at : self.at + 3]
        if rest[0] == "`":
            end = self.text.find("`", self.at + 1)
            self._nested(self.at + 1, end)
        elif rest.startswith("$("):
            self._nested(self.at + 2, _shutting(self.text, self.at + 1))
        else:
            self._add("$")
            self.at += 1

    def _nested(self, start: int, end: int) -> None:
        if end < 0 or self.depth >= _MAX_DEPTH:
            self.parsed.odd = True
            self.at = len(self.text) if end < 0 else end + 1
            return
        inner = self.text[start:end]
        if not inner.startswith("("):  # `$((...))` only counts
            _Lexer(inner, self.parsed, self.depth + 1).run()
        self._add("$()")
        self.at = end + 1

    def _redirection(self, char: str) -> None:
        rest = self.text[self.at : self.at + 3]
        if rest[:2] in ("<(", ">("):
            self._nested(self.at + 2, _shutting(self.text, self.at + 1))
        elif char == "&" and rest[:2] != "&>":
            self._end_command()
            self.at += 1
        elif rest[:2] == "<<" and rest != "<<<":
            self._heredoc()
        else:
            if self.word is not None and "".join(self.word).isdigit():
                self.word = None
            self._end_word()
            sign = re.match(r"&>>?|<<<|<>|>>|>\||[<>]", self.text[self.at : self.at + 3])
            taken = sign[0] if sign else char
            self.into_file, self.from_file = ">" in taken, ">" not in taken
            self.parsed.fed |= "<" in taken
            self.at += len(taken)
            if self.text[self.at : self.at + 1] == "&":
                self.at += 1

    def _heredoc(self) -> None:
        self._end_word()
        self.parsed.fed = True
        found = _HEREDOC.match(self.text, self.at)
        if found is None:
            self.parsed.odd = True
            self.at += 2
            return
        self.heredocs.append(found[2] or found[3] or found[4])
        self.at = found.end()

    def _skip_heredocs(self) -> None:
        for word in self.heredocs:
            end = re.compile(rf"^\t*{word}\s*$", re.MULTILINE).search(self.text, self.at)
            body = self.text[self.at : end.start() if end else len(self.text)]
            self.parsed.odd |= end is None or "$(" in body or "`" in body
            self.at = end.end() if end else len(self.text)
        self.heredocs = []


def _shutting(text: str, opened: int) -> int:
    """Where the parenthesis that opens at `opened` is shut, or -1."""
    depth = 0
    quote = ""
    skip = False
    for place in range(opened, len(text)):
        char = text[place]
        if skip:
            skip = False
        elif char == "\\" and quote != "'":
            skip = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return place
    return -1
