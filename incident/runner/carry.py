"""The variables that a bash script leaves behind: said by itself when it ends, over a pipe of its own."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Mapping, Sequence

LARGEST = 1 << 20  # bytes of all values together; an environment takes no more
_LOWEST = 64  # the handles begin here: scripts use the small ones
_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*\Z")


class Carrying:
    """A file that bash reads before the script, and the pipe on which its EXIT trap writes the named variables.

    A script with an EXIT trap of its own, and one that becomes another program, carries nothing. Raises OSError.
    """

    def __init__(self, names: Sequence[bytes], environment: Mapping[bytes, bytes], folder: bytes) -> None:
        self._said = bytearray()
        self._names = [name for name in names if _NAME.match(name)]
        self.reading, writing = os.pipe()
        os.set_blocking(self.reading, False)
        self._writing = fcntl.fcntl(writing, fcntl.F_DUPFD_CLOEXEC, _LOWEST)
        os.close(writing)
        self._script = self._read_only_file(folder, environment.get(b"BASH_ENV", b""))
        self.environment = {b"BASH_ENV": b"/dev/fd/%d" % self._script}

    def inherit(self) -> None:
        """Let the program that this process becomes have both. For the child alone."""
        os.set_inheritable(self._writing, True)
        os.set_inheritable(self._script, True)

    def let_go(self) -> None:
        """The command has its own handles; these are of no more use here."""
        os.close(self._writing)
        os.close(self._script)

    def listen(self) -> bool:
        """Take what was written; whether more may come."""
        try:
            while block := os.read(self.reading, 65_536):
                if len(self._said) <= LARGEST:
                    self._said += block
        except BlockingIOError:
            return True
        return False

    def values(self) -> dict[str, str]:
        """The variables that were said whole."""
        *whole, _ = bytes(self._said).split(b"\0")
        found = dict(one.split(b"=", 1) for one in whole if b"=" in one)
        return {os.fsdecode(name): os.fsdecode(value) for name, value in found.items() if name in self._names}

    def _read_only_file(self, folder: bytes, own: bytes) -> int:
        """A handle of a file without a name. Raises OSError."""
        path = os.path.join(folder, b".carry-%d" % os.getpid())  # noqa: PTH118 - no pathlib in a supervisor
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            high = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, _LOWEST)
            script = _script(self._names, own, self._writing, high)
            while script:
                script = script[os.write(handle, script) :]
            os.lseek(high, 0, os.SEEK_SET)
        finally:
            os.close(handle)
            os.unlink(path)  # noqa: PTH108 - the supervisor starts without pathlib
        return high


def _script(names: Sequence[bytes], own: bytes, writing: int, reading: int) -> bytes:
    """What bash does first. `own` is the file that it would have read, in the words of the person's environment."""
    said = b"".join(
        # An array is no value that a variable of the environment can have.
        b'if [ "${%(name)s+x}" ] && [ "${!%(name)s[*]}" = 0 ]; then printf "%%s=%%s\\0" %(name)s "${%(name)s}"; fi;'
        % {b"name": name}
        for name in names
    )
    trap = b"{ set +x; } 2>/dev/null; { %s :; } 2>/dev/null >&%d || :" % (said, writing)
    lines = [b"exec %d<&-" % reading]
    if own:
        quoted = own.replace(b'"', b'\\"')
        lines += [
            b'BASH_ENV="%s"' % quoted,
            b'case $BASH_ENV in (*/*) ;; (*) BASH_ENV="./$BASH_ENV" ;; esac',
            b'if [ -r "$BASH_ENV" ]; then . "$BASH_ENV"; fi',
            b"BASH_ENV=%s" % _single_quoted(own),
        ]
    else:
        lines.append(b"unset BASH_ENV")
    return b"\n".join([*lines, b"trap %s EXIT" % _single_quoted(trap), b""])


def _single_quoted(text: bytes) -> bytes:
    return b"'" + text.replace(b"'", b"'\\''") + b"'"
