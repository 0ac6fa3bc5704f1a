"""What takes a sheet or two: an update, whom to tell, a milestone. Nothing is sent or set that was not read."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from incident.core.facts import Milestone, Remark
from incident.core.proposals import Proposal
from incident.core.runbook import Runbook
from incident.core.text import shorten
from incident.core.told import Outcome
from incident.core.when import minute
from incident.errors import IncidentError, SourceError
from incident.tui.screens.escalation import EscalationSheet
from incident.tui.screens.sheets import Pick, PickSheet
from incident.tui.screens.update import UpdateSheet

if TYPE_CHECKING:
    from incident.engine import Engine
    from incident.tui.asking import Asking

_SHOWN = 200  # characters of a line of evidence; the timeline has all of it
_OTHER, _DECLINE = "other", "decline"


async def update(console: Asking, identity: str, text: str = "") -> bool:
    """Read an update and send it, or write down that it was said elsewhere; whether it was. Raises IncidentError."""
    engine = console.engine
    desk, name = engine.parts.desk, f"{identity} message"
    text = text or desk.left(name) or await drafted(engine, identity)
    try:
        await engine.updates.look()
    except SourceError as failed:  # what cannot be sent can still be copied
        console.notify(f"It cannot be sent from here: {failed}", severity="warning", markup=False, timeout=12)
    sheet = UpdateSheet(
        "Update", text, partial(engine.updates.preview, identity), engine.parts.clock, partial(desk.leave, name)
    )
    answer = await console.push_screen_wait(sheet)
    if answer is None:
        return False
    what, words = answer
    if what == "wrote":
        await engine.response.remark(identity, Remark.UPDATE, engine.updates.preview(identity, words).text)
        desk.leave(name, "")
        return True
    delivery = await engine.updates.send(identity, engine.updates.preview(identity, words))
    if delivery.outcome is Outcome.SENT:
        desk.leave(name, "")
        console.notify("Sent; it is on the timeline.", markup=False)
        return True
    how = "Not sent" if delivery.outcome is Outcome.FAILED else "Nobody knows whether it arrived"
    console.notify(f"{how}: {delivery.reason}", severity="error", markup=False, timeout=12)
    desk.leave(name, words)
    return False


async def drafted(engine: Engine, identity: str) -> str:
    """The next update out of what is known."""
    return engine.updates.draft(identity, await _book(engine, identity), engine.parts.settings.update_every)


async def _book(engine: Engine, identity: str) -> Runbook | None:
    """The runbook in use; without it an update says a little less."""
    with contextlib.suppress(IncidentError):
        return await engine.runbooks.of(identity)
    return None


async def escalation(console: Asking, identity: str) -> None:
    """Show whom to tell, and record that they know. Raises IncidentError."""
    engine = console.engine
    await engine.escalation.look(identity, at_once=True)
    dues = engine.escalation.dues(identity)
    if not dues:
        console.notify("Neither the runbook nor the configuration says whom to tell.", markup=False)
        return
    message = partial(engine.escalation.message, identity)
    sheet = EscalationSheet(dues, engine.now(), message, can_send=engine.updates.can_send)
    answer = await console.push_screen_wait(sheet)
    if answer is None:
        return
    what, key = answer
    if what == "told":
        await engine.escalation.told(identity, key)
        return
    due = next(one for one in dues if one.rule.key == key)
    if await update(console, identity, message(due)):
        console.notify(f"E, then T says that {due.rule.who} knows.", markup=False)


async def milestone(console: Asking, identity: str) -> None:
    """Show what is proposed first; accepting it takes one key. Raises IncidentError."""
    engine = console.engine
    found = engine.proposals.of(identity)
    if not found:
        console.ask_milestone(identity)
        return
    picks = [_pick(one) for one in found]
    picks += [
        Pick(_OTHER, "another milestone", "with a time of your own"),
        Pick(_DECLINE, "not so", "these are not proposed again for a while"),
    ]
    picked = await console.push_screen_wait(PickSheet("This was seen; is it so?", picks, _question(found[0])))
    if picked == _OTHER:
        console.ask_milestone(identity)
    elif picked == _DECLINE:
        engine.proposals.decline(identity, (one.key for one in found))
    elif picked is not None:
        await engine.proposals.accept(identity, picked)


def _pick(one: Proposal) -> Pick:
    what = f"tick: {one.step.text}" if one.step else f"{_named(one)} at {_time(one.at)}"
    return Pick(one.key, what, one.words)


def _named(one: Proposal) -> str:
    return (Milestone.MITIGATED if one.kind == "mitigated" else Milestone.RESOLVED).value


def _time(at: datetime) -> str:
    return f"{minute(at)} UTC"


def _question(one: Proposal) -> str:
    return "\n".join(shorten(line, _SHOWN) for line in one.evidence)


async def safely(console: Asking, flow: Awaitable[object]) -> None:
    """Go through the sheets; what cannot be done is said."""
    try:
        await flow
    except IncidentError as error:
        console.notify(str(error), severity="error", markup=False, timeout=8)
