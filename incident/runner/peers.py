"""The consoles that a supervisor talks to: the one that started the command, and those that found it again."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable

from incident.runner import wire

_BLOCK = 65_536
_MOST = 1 << 20  # bytes that wait for a console which does not read; news of the size is left out then


class Peer:
    """One console."""

    __slots__ = ("handle", "heard", "to_say")

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.heard = bytearray()
        self.to_say = bytearray()


class Peers:
    """Every console. `obey` is told what one of them says, `greeting` is what a new one has to know."""

    def __init__(self, poller: select.poll, obey: Callable[[str], None], greeting: Callable[[], bytes]) -> None:
        self._poller = poller
        self._obey = obey
        self._greeting = greeting
        self._door = -1
        self._door_path = ""
        self._peers: dict[int, Peer] = {}
        self.delivered = False  # somebody was told all there is to say
        self._final = False

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self._peers)

    def add(self, handle: int) -> None:
        """Talk to one more."""
        os.set_blocking(handle, False)
        self._peers[handle] = Peer(handle)
        self._poller.register(handle, select.POLLIN)
        self._say(self._peers[handle], self._greeting())

    def open_door(self, handle: int, path: str) -> None:
        """Answer at a listening socket."""
        os.set_blocking(handle, False)
        self._door, self._door_path = handle, path
        self._poller.register(handle, select.POLLIN)

    def close_door(self) -> None:
        """Nobody finds it any more."""
        if self._door >= 0:
            self._poller.unregister(self._door)
            os.close(self._door)
            self._door = -1
            try:
                os.unlink(self._door_path)  # noqa: PTH108 - the supervisor starts without pathlib
            except OSError:
                return

    def ready(self, handle: int, event: int) -> bool:
        """Take care of a handle that has news; whether it was one of these."""
        if handle == self._door:
            self._accept()
            return True
        peer = self._peers.get(handle)
        if peer is None:
            return False
        if event & select.POLLOUT:
            self._say(peer, b"")
        if handle in self._peers and event & (select.POLLIN | select.POLLHUP | select.POLLERR):
            self._listen(peer)
        return True

    def tell(self, said: bytes, *, certain: bool = True, final: bool = False) -> None:
        """Say something to all. What is not `certain` is left out for a console that does not keep up."""
        self._final = self._final or final
        for peer in list(self._peers.values()):
            if certain or not peer.to_say:
                self._say(peer, said)

    @property
    def waiting(self) -> bool:
        """Whether something is still to be said to somebody."""
        return any(peer.to_say for peer in self._peers.values())

    def _accept(self) -> None:
        with socket.socket(fileno=os.dup(self._door)) as door:
            try:
                connection, _ = door.accept()
            except OSError:
                return
        self.add(connection.detach())

    def _listen(self, peer: Peer) -> None:
        try:
            block = os.read(peer.handle, _BLOCK)
        except BlockingIOError:
            return
        except OSError:
            block = b""
        peer.heard += block
        if len(peer.heard) > _MOST:
            block = b""
        for word, _ in wire.heard(peer.heard):
            self._obey(word)
        if not block:
            self._drop(peer)

    def _say(self, peer: Peer, said: bytes) -> None:
        peer.to_say += said
        try:
            while peer.to_say:
                del peer.to_say[: os.write(peer.handle, peer.to_say)]
        except BlockingIOError:
            self._poller.modify(peer.handle, select.POLLIN | select.POLLOUT)
            return
        except OSError:
            self._drop(peer)
            return
        self._poller.modify(peer.handle, select.POLLIN)
        self.delivered = self.delivered or self._final

    def _drop(self, peer: Peer) -> None:
        if self._peers.pop(peer.handle, None) is not None:
            self._poller.unregister(peer.handle)
            os.close(peer.handle)
