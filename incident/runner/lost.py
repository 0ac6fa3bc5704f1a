"""What can be said of a command whose supervisor did not see its end."""

from __future__ import annotations

import asyncio

from incident.errors import RunError
from incident.runner import result
from incident.runner.family import Family
from incident.runner.wire import MARK

_HINT = "find out what it did before you run it again"


async def lost(run: str, output: str) -> RunError:
    """The error for it, which names the processes of the run that still live."""
    known = await asyncio.to_thread(result.read, output)
    if not isinstance(known, result.Underway):
        return RunError("nothing is known of how far it came", at=output, hint=_HINT)
    left = await asyncio.to_thread(still_running, run, known)
    if len(left) == 1:
        state = f"process {left[0]} of it still runs"
    elif left:
        state = f"processes {', '.join(str(pid) for pid in left)} of it still run"
    else:
        state = "nothing of it runs any more"
    return RunError(f"its supervisor was killed before it ended; {state}", at=output, hint=_HINT)


def silent(known: result.Underway | None, output: str) -> RunError:
    """The error for a supervisor that lives and says nothing."""
    which = f"process {known.supervisor}" if known is not None else "it"
    return RunError("its supervisor does not answer", at=output, hint=f"look whether {which} is stopped")


def still_running(run: str, known: result.Underway) -> tuple[int, ...]:
    """The processes of a run that live. Reads all of /proc."""
    mark = f"{MARK}={run} {known.mark}".encode("utf-8", "surrogateescape")
    return Family(known.process, mark, began=known.began).members()
