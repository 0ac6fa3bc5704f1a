"""The console's end: a supervisor is started, or an old one found at its door, and then they talk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import incident
from incident.errors import RunError
from incident.runner import wire
from incident.runner.beside import door_of

_START = "import sys; sys.path.append(sys.argv[1]); from incident.runner.{} import main; main()"
_ROOT = str(Path(incident.__file__).resolve().parent.parent)
_BLOCK = 65_536


class Channel:
    """Two-way talk with one supervisor. For one listener."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._heard = bytearray()

    async def say(self, data: bytes) -> None:
        """Send it; nothing happens when nobody is there any more, as `hear` tells."""
        with contextlib.suppress(OSError, ValueError):  # the second when it was closed here
            await asyncio.get_running_loop().sock_sendall(self._connection, data)

    async def hear(self) -> list[tuple[str, str]]:
        """The next words, at least one; none when the supervisor is gone."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                block = await loop.sock_recv(self._connection, _BLOCK)
            except OSError:
                block = b""
            if not block:
                return []
            self._heard += block
            if words := wire.heard(self._heard):
                return words

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()


def supervise(output: str, handle: int) -> tuple[Channel, int]:
    """Start a supervisor that writes to an open file; it waits for its order. Its process. Raises RunError."""
    ours, its = socket.socketpair()
    try:
        with its, _door(output) as door:
            handles = (its.fileno(), door.fileno(), handle)
            pid = start_python("supervisor", handles, [subprocess.DEVNULL] * 3, session=True)
    except OSError as error:
        ours.close()
        raise RunError(
            f"no process can be made that watches over the command: {error.strerror or error}",
            at=sys.executable,
            hint="see `ps`, `free` and `ulimit -u`",
        ) from None
    return Channel(ours), pid


def knock(output: str) -> Channel | None:
    """Talk to the supervisor that watches over a run; None when there is none."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(door_of(output)) as path:
            connection.connect(path)
    except OSError:
        connection.close()
        return None
    return Channel(connection)


def ask_how_it_ended(pid: int) -> bool:
    """Whether a supervisor that was started here has ended; the system forgets it then."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def start_python(module: str, handles: Sequence[int], streams: Sequence[int], *, session: bool = False) -> int:
    """Start `main` of a module of this package with nothing but some open handles; its process. Raises OSError."""
    process = subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-I", "-S", "-c", _START.format(module), _ROOT, *(str(handle) for handle in handles)],
        env={},
        stdin=streams[0],
        stdout=streams[1],
        stderr=streams[2],
        start_new_session=session,
        pass_fds=handles,
    )
    # Its end is asked for by its number. Without this the object would complain when it is dropped on leaving.
    process.returncode = 0
    return process.pid


def _door(output: str) -> socket.socket:
    """A listening socket for later consoles. Raises OSError."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(door_of(output)) as path:
            door.bind(path)
            Path(path).chmod(0o600)
        door.listen()
    except BaseException:
        door.close()
        raise
    return door


@contextlib.contextmanager
def _short(path: str) -> Iterator[str]:
    """The same place by a path that is short enough for the address of a socket."""
    place = Path(path)
    folder = os.open(place.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        by_handle = Path(f"/proc/self/fd/{folder}")
        if by_handle.is_dir():
            yield str(by_handle / place.name)
            return
        with tempfile.TemporaryDirectory(prefix="i") as beside:
            link = Path(beside) / "d"
            link.symlink_to(place.parent.resolve())
            yield str(link / place.name)
    finally:
        os.close(folder)
