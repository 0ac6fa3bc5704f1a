"""`incident approve`: the second person reads the same preflight, and says yes or no."""

from __future__ import annotations

import argparse
import sys

from incident.cli.verb import config_arguments, config_of, print_json, say
from incident.core.incident import Approval, Incident
from incident.core.runbook import Effect
from incident.core.text import one_line, visible
from incident.core.when import age
from incident.engine.approvals import answer, why_not_by
from incident.engine.log import Log
from incident.errors import JournalError, UsageError


class Approve:
    """Answers what waits for a second person."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which request, who answers, and how."""
        config_arguments(page)
        page.add_argument("request", nargs="?", metavar="REQUEST", help="default: the only one that waits")
        page.add_argument("--person", metavar="NAME", help="who answers; default: you, as the configuration names you")
        page.add_argument("--refuse", metavar="WHY", help="say no, and why")
        page.add_argument("--list", action="store_true", help="only show what waits")
        page.add_argument("--json", action="store_true", help="what waits, for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Show it, ask, and write the answer down."""
        from incident import world

        config = config_of(options)
        log = world.log(config)
        waiting = _waiting(log)
        if options.json or options.list:
            _show_all(waiting, as_json=options.json)
            return 0
        incident, request, known = _chosen(waiting, options.request)
        person = one_line(options.person or world.writer(config).person)
        if why := why_not_by(incident, request, person):
            raise UsageError(why, hint="a second person answers, by --person NAME or with a configuration of their own")
        for line in preflight_lines(incident, known):
            print(line)
        approved = options.refuse is None
        if approved and not _typed(_word(known)):
            say("Not approved; nothing was written down.")
            return 1
        fact = answer(incident, request, person, approved=approved, reason=one_line(options.refuse or ""))
        if not log.write([log.stamp(incident.id, fact, source="person")]):
            raise log.trouble or JournalError("the answer could not be saved")
        say(f"{'Approved' if approved else 'Refused'} by {person}; it is on the timeline of {incident.id}.")
        return 0


def preflight_lines(incident: Incident, known: Approval) -> list[str]:
    """What the first person's preflight shows, as lines of text."""
    asked = known.asked
    effect = {Effect.READS.value: "only reads", Effect.CHANGES.value: "changes something"}
    facts = [
        ("incident", f"{incident.id}  {incident.severity}  {incident.title}"),
        ("asked by", known.requester),
        ("step", asked.step_text),
        *((name, f"{value}") for name, value in asked.parameters.items()),
        ("target", f"{asked.target or 'none that is known'}   {asked.target_origin and 'from ' + asked.target_origin}"),
        ("runs in", f"{asked.directory}   as {asked.who}"),
        ("argv", "bash -u -c (the line above)" if asked.shell else " · ".join(visible(word) for word in asked.argv)),
        ("effect", effect.get(asked.effect, "not known to only read; treat it as a change")),
        ("from", asked.origin),
        *(("!", warning) for warning in asked.warnings),
    ]
    return ["", f"  {visible(asked.text)}", "", *(f"  {name:<10}{text.rstrip()}" for name, text in facts if text)]


def _waiting(log: Log) -> dict[str, tuple[Incident, Approval]]:
    """What waits for an answer, by request, the oldest first."""
    known = [
        (approval.at, request, incident, approval)
        for incident in log.open_incidents()
        for request, approval in incident.approvals.items()
        if not approval.answered and not approval.withdrawn
    ]
    return {request: (incident, approval) for _, request, incident, approval in sorted(known, key=lambda one: one[:2])}


def _chosen(waiting: dict[str, tuple[Incident, Approval]], named: str | None) -> tuple[Incident, str, Approval]:
    if not waiting:
        raise UsageError("nothing waits for a second person")
    if named is None and len(waiting) > 1:
        raise UsageError("several requests wait", hint="name one: " + ", ".join(waiting))
    request = named if named is not None else next(iter(waiting))
    if request not in waiting:
        raise UsageError(f"{one_line(request, 80)} does not wait for an answer", hint="`incident approve --list`")
    return waiting[request][0], request, waiting[request][1]


def _show_all(waiting: dict[str, tuple[Incident, Approval]], *, as_json: bool) -> None:
    from incident import world

    now = world.RealClock().now()
    if as_json:
        print_json(
            [
                {"request": request, "incident": incident.id, "asked_by": one.requester, "text": one.asked.text,
                 "argv": list(one.asked.argv), "target": one.asked.target, "directory": one.asked.directory}
                for request, (incident, one) in waiting.items()
            ]
        )  # fmt: skip
        return
    for request, (_, one) in waiting.items():
        print(f"{request}  {age(now - one.at)}  {one.requester}: {visible(one.asked.text)}")
    if not waiting:
        say("Nothing waits for a second person.")


def _word(known: Approval) -> str:
    """What has to be typed: the target's name, else the machine's."""
    return known.asked.target or known.asked.who.partition("@")[2]


def _typed(word: str) -> bool:
    """Whether the person types the word; asked on the terminal, so that no pipe can say yes by accident."""
    say("")
    say(f"type {word} to approve, anything else leaves it waiting:")
    return sys.stdin.readline().strip() == word
