"""Trackers, asked for one ticket: looked for first, made once, never tried again by itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from incident.core.actions.ticket import Request, Ticket, Tracker, gh_create, gh_search
from incident.core.ports import Clock
from incident.core.text import one_line
from incident.errors import SourceError
from incident.sources.access import Access
from incident.sources.http import Server

_PATIENCE = 60.0  # seconds for gh
_WORDS = 300  # characters of another program's words
_LOOK = "look there before it is tried again: it may have been made"


class HttpTickets:
    """A tracker that is spoken to over HTTP."""

    def __init__(self, url: str, tracker: Tracker, *, kind: str, clock: Clock, access: Access) -> None:
        """`kind` is what it should be, with its article. Raises UsageError."""
        self._server = Server(url, kind=kind, clock=clock, access=access)
        self._tracker = tracker

    def preview(self, ticket: Ticket) -> list[str]:
        """What would be sent, line by line."""
        request = self._tracker.create(ticket)
        return [
            f"{request.method} {self._server.place.url}{request.path}",
            *json.dumps(request.body, indent=2).split("\n"),
        ]

    async def existing(self, ticket: Ticket) -> str:
        """The address of the ticket that is there already; "" for none. Raises SourceError."""
        request = self._tracker.search(ticket)
        answer = await self._ask(request)
        try:
            return self._address(self._tracker.found(answer, ticket))
        except (LookupError, TypeError):
            raise SourceError(
                "its answer does not have the shape of a search", at=self._at(request), hint="is this the right kind?"
            ) from None

    async def create(self, ticket: Ticket) -> str:
        """Make it; its address. Raises SourceError; whether it was made is not known then, unless it was refused."""
        request = self._tracker.create(ticket)
        answer = await self._ask(request)
        try:
            return self._address(self._tracker.created(answer))
        except (LookupError, TypeError):
            raise SourceError("its answer does not name the ticket", at=self._at(request), hint=_LOOK) from None

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._server.aclose()

    async def _ask(self, request: Request) -> Any:
        return (await self._server.ask_json(request.method, request.path, request.params, request.body)).data

    def _at(self, request: Request) -> str:
        return f"{self._server.place.url}{request.path}"

    def _address(self, found: str) -> str:
        """A full address; only a web address is ever written into a document."""
        address = one_line(f"{self._server.place.url}{found}" if found.startswith("/") else found, 1_000)
        if address and not address.startswith(("https://", "http://")):
            raise TypeError
        return address


class GhTickets:
    """GitHub through its own program, which is signed in already. Its argv is shown before it runs."""

    def __init__(self, repository: str, environment: Mapping[str, str], patience: float = _PATIENCE) -> None:
        self._repository = repository
        self._environment = dict(environment)
        self._patience = patience

    def preview(self, ticket: Ticket) -> list[str]:
        """The argv, one word on each line."""
        return ["gh", *(f"  {json.dumps(word, ensure_ascii=True)}" for word in gh_create(ticket, self._repository)[1:])]

    async def existing(self, ticket: Ticket) -> str:
        """The address of the ticket that is there already; "" for none. Raises SourceError."""
        printed = self._run(gh_search(ticket, self._repository))
        try:
            issues = json.loads(printed)
            return next(
                (one_line(str(one["url"])) for one in issues if ticket.mark in str(one["body"]).splitlines()), ""
            )
        except (ValueError, LookupError, TypeError, RecursionError):
            raise SourceError("gh did not print a list of issues", at="gh issue list", hint="run it by hand") from None

    async def create(self, ticket: Ticket) -> str:
        """Make it; its address. Raises SourceError; whether it was made may not be known then."""
        lines = self._run(gh_create(ticket, self._repository)).split()
        address = one_line(lines[-1]) if lines else ""
        if not address.startswith("https://"):
            raise SourceError("gh did not print the ticket's address", at="gh issue create", hint=_LOOK)
        return address

    async def aclose(self) -> None:
        """There are no connections."""

    def _run(self, argv: Sequence[str]) -> str:
        at = " ".join(argv[:3])
        environment = {**self._environment, "GH_PROMPT_DISABLED": "1", "NO_COLOR": "1"}
        try:
            done = subprocess.run(  # noqa: S603 - the argv was shown, and no shell reads it
                argv,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=environment,
                timeout=self._patience,
                check=False,
            )
        except FileNotFoundError:
            raise SourceError(
                "gh is not installed", at=at, hint="install it, or set `tickets` to another kind"
            ) from None
        except OSError as failed:
            raise SourceError(f"gh cannot be started: {failed.strerror}", at=at, hint="run it by hand") from None
        except subprocess.TimeoutExpired:
            raise SourceError(f"gh did not finish within {self._patience:g} s", at=at, hint=_LOOK) from None
        if done.returncode != 0:
            said = one_line(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2], _WORDS)
            raise SourceError(
                f"gh ended with exit {done.returncode}{f': {said}' if said else ''}", at=at, hint="gh auth status"
            )
        return done.stdout.decode("utf-8", "replace")
