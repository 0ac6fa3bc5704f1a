"""`incident actions ID --ticket N`: one ticket, shown before it is made, and its address written into the table."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Protocol

from incident.cli.verb import say
from incident.config import Config
from incident.core.actions import ActionPage
from incident.core.actions.page import with_cell
from incident.core.actions.ticket import Ticket, ticket_for
from incident.core.text import plain
from incident.errors import UsageError

if TYPE_CHECKING:
    from incident.exports.written import Written


class Desk(Protocol):
    """Where tickets are made."""

    def preview(self, ticket: Ticket) -> list[str]:
        """What would be sent."""
        ...

    async def existing(self, ticket: Ticket) -> str:
        """The address of one that is there, "" for none. Raises SourceError."""
        ...

    async def create(self, ticket: Ticket) -> str:
        """Make it; its address. Raises SourceError."""
        ...

    async def aclose(self) -> None:
        """Let go of it."""
        ...


def make(config: Config, page: ActionPage, written: Written, number: str, *, yes: bool) -> int:
    """Make the ticket of an action item, after a look at it; 1 when nobody said yes. Raises IncidentError."""
    from incident import world
    from incident.exports.written import write_back

    item = page.item(number)
    if item.ticket:
        raise UsageError(f"action item {number} has a ticket: {item.ticket}", at=f"{page.path}:{item.line}")
    if "ticket" not in (page.columns or {}):
        with_cell(page, item, "ticket", "")  # says where a column is missing, before anything is sent
    ticket = ticket_for(page, item)
    desk: Desk = world.tickets(config, dict(os.environ))
    for line in desk.preview(ticket):
        say(plain(line))
    if not yes and not _agreed():
        say("Nothing was sent.")
        return 1
    address = asyncio.run(_made(desk, ticket))
    print(address)
    write_back(written, with_cell(page, item, "ticket", address))
    say(f"{page.name}: the address stands in {page.path}:{item.line}")
    return 0


async def _made(desk: Desk, ticket: Ticket) -> str:
    try:
        found = await desk.existing(ticket)
        if found:
            say("An earlier try made it already.")
        return found or await desk.create(ticket)
    finally:
        await desk.aclose()


def _agreed() -> bool:
    """Ask. Raises UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageError("this is not a terminal", hint="look at what would be sent, then add --yes")
    print("Send it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
