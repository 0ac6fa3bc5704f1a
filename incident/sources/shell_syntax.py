"""Asking bash whether it can read a text. `bash -n` runs nothing of it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from shutil import which

from incident.core.runbook.shell import logical_line

_BATCH = 100  # texts read by one bash, one behind the other
_SECONDS = 20.0
_STOP = ")"  # no shell reads past it: when it stops earlier, or not at all, one of the texts is to blame
_CUT_OFF = "delimited by end-of-file"  # bash only warns of a here-document without its end
_PLACE = re.compile(r"\A.*?line (\d+): (.*)\Z", re.DOTALL)
_NEAR = re.compile(r"bash: .*?line \d+: ")


class BashSyntax:
    """What bash says about texts; every text is asked about once."""

    def __init__(self) -> None:
        self._bash = which("bash")
        self._known: dict[str, str] = {}

    def complaint(self, text: str) -> str:
        """What bash says about a text it cannot read, "" when it can, or where there is no bash."""
        if text not in self._known:
            self.learn([text])
        return self._known[text]

    def learn(self, texts: Iterable[str]) -> None:
        """Ask about many texts at once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if self._bash is None:
            self._known.update(dict.fromkeys(new, ""))
            return
        for start in range(0, len(new), _BATCH):
            self._learn(new[start : start + _BATCH])

    def _learn(self, batch: Sequence[str]) -> None:
        """Read the batch as one script; where it stops, the culprit alone, and what stands behind it again."""
        whole = [text for text in batch if logical_line(text.split("\n"), 0).complete]
        self._alone(set(batch) - set(whole))
        while whole:
            length = sum(text.count("\n") + 1 for text in whole)
            line, _ = self._ask("\n".join([*whole, _STOP]))
            if line == length + 1:
                self._known.update(dict.fromkeys(whole, ""))
                return
            if not 0 < line <= length:  # one of them swallowed the end
                self._alone(whole)
                return
            upto = _holding(whole, line)
            culprit = whole[upto]
            self._alone([culprit])
            if self._known[culprit]:
                self._known.update(dict.fromkeys(whole[:upto], ""))
            else:
                self._alone(whole[:upto])
            whole = whole[upto + 1 :]

    def _alone(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._known[text] = self._ask(text)[1]

    def _ask(self, text: str) -> tuple[int, str]:
        """The line at which bash stops, from 1, and what it says; (0, "") when it reads everything."""
        with tempfile.TemporaryFile() as script:
            script.write(text.replace("\0", "").encode("utf-8", "replace") + b"\n")
            script.seek(0)
            # Nothing of the caller's environment: BASH_ENV would be run before the text is read.
            try:
                done = subprocess.run(  # noqa: S603 - the text is read, not run: that is what -n does
                    [str(self._bash), "--norc", "--noprofile", "-O", "extglob", "-n"],
                    stdin=script,
                    capture_output=True,
                    env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                    timeout=_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                return 0, ""
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        if done.returncode == 0 and _CUT_OFF not in said:
            return 0, ""
        place = _PLACE.match(said)
        return (int(place[1]), place[2]) if place else (1, _NEAR.sub("", said))


def _holding(texts: Sequence[str], line: int) -> int:
    """Which of the texts, one behind the other, holds this line."""
    ends = 0
    for index, text in enumerate(texts):
        ends += text.count("\n") + 1
        if line <= ends:
            return index
    return len(texts) - 1
