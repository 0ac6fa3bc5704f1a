"""The guided level: which key to explain now, from what the player has done and where they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a player is. Counts are of this drill so far."""

    where: str  # the screen's name in the table of actions
    pages: int = 0  # pages that fire
    page_comes: bool = True  # the drill begins with a page
    unshown: int = 0  # alerts below the list
    opened: bool = False  # an incident is open
    closed: bool = False  # it was, and is closed by now
    ticked: int = 0
    chosen: bool = False  # a way was taken
    forks: bool = False  # there are ways to choose from
    on_command: bool = False  # the step under the cursor has a command
    ran: int = 0  # commands that were started
    running: bool = False
    messages: int = 0  # messages that were not looked at
    waiting: int = 0  # senders who wait for an answer
    recovered: bool = False
    exported: bool = False


def lesson(seen: Seen) -> str:
    """What to do next, and with which key; "" where there is nothing to say."""
    if seen.messages:
        return "Somebody wrote to you: I shows it, and enter there answers."
    if seen.where == "alerts":
        return _on_alerts(seen)
    if seen.recovered:
        return _at_the_end(seen)
    if seen.where != "respond":
        return "esc goes back to where you came from. ? says what every key does here."
    return _in_the_runbook(seen)


def _on_alerts(seen: Seen) -> str:
    if seen.unshown:
        return "Something new fires. It waits below the list, so that no row moves under your finger: . puts it in."
    if seen.opened:
        return "Your incident is open: i goes back to it, or enter on its alert."
    if seen.closed:
        return "It is closed. q leaves the drill: its facts, the truth, and a few questions."
    if not seen.page_comes:
        return (
            "This is what fires. Tickets can wait, a page cannot. j and k move, enter opens a runbook as a checklist."
        )
    if not seen.pages:
        return (
            "This is what fires. Tickets can wait, a page cannot. One comes within a quarter of a minute; j and k move."
        )
    return "A page: j and k move to it, enter acknowledges it and opens its runbook as a checklist."


def _in_the_runbook(seen: Seen) -> str:
    if seen.running:
        return (
            "It runs, and its start is on the timeline already: t shows that, esc comes back. > makes "
            "time go faster, < slower."
        )
    if seen.ran and seen.waiting:
        return "Somebody still waits for an answer: I shows who. u writes an update for everybody, P asks a person."
    if seen.ran:
        return (
            "Did it help? The signals say so, not the command. space ticks the step that verifies, n "
            "writes a note, H is a hint."
        )
    if seen.forks and not seen.chosen:
        if seen.ticked:
            return "Now decide: what changed shortly before it began? ] goes to the next way, enter on ◇ If … takes it."
        return (
            "The runbook as a checklist: space ticks what is done, ] goes to the next part, enter on ◇ "
            "If … takes that way."
        )
    if seen.on_command:
        return (
            "enter shows the command: what, where, as whom. Nothing runs before you have read it; there "
            "R runs a change."
        )
    if seen.waiting:
        return "Somebody waits for an answer: I shows who. P asks a person for something that no command can do."
    return (
        "Step by step: space ticks one, enter on one with a command shows it, $ runs a line of your own. H is a hint."
    )


def _at_the_end(seen: Seen) -> str:
    if not seen.exported:
        return (
            "It is over. x writes the post-mortem: times, commands and decisions are in it already. p shows it first."
        )
    if not seen.closed:
        return "Written. C closes the incident."
    return "q leaves the drill: its facts, the truth, and a few questions."
