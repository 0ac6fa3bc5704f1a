"""The post-mortem as Markdown: seven headings, what the log knows filled in, and TODO where a person has to think."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from incident.core.event import Event
from incident.core.incident import Incident
from incident.core.postmortem import Audience, Manner, PostMortem, build
from incident.core.postmortem.blocks import marked
from incident.core.postmortem.manner import PLAIN
from incident.core.postmortem.model import TODO, CommandRun, Line, Words
from incident.core.timeline import stamp
from incident.core.when import Precision, minute
from incident.exports.front import front_matter
from incident.exports.inert import code, fence, text, words

_COMMANDS = 20  # listed in full
_NOTHING = "Nothing on the timeline."
_PUBLIC = "Persons stand here as roles and machines as labels; commands, queries and notes are left out."


def export(incident: Incident, events: Sequence[Event], now: datetime, manner: Manner = PLAIN) -> str:
    """The draft as one Markdown document; the blocks between markers can be brought up to date by `blocks.merge`."""
    return render(build(incident, events, now, manner.audience), manner)


def render(mortem: PostMortem, manner: Manner = PLAIN) -> str:
    """A built draft as Markdown, by the team's own template where it has one. Raises ExportError for a bad one."""
    if manner.template:
        from incident.exports.template import filled  # with Jinja2, which only a template needs

        return filled(manner.template, mortem, parts(mortem), manner.headings)
    made = parts(mortem)
    sections = ["\n".join(made["head"])]
    sections += [
        "\n".join([f"## {text(title)}", *made[name]]) for title, name in zip(manner.headings, BODIES, strict=True)
    ]
    return "\n\n".join(sections) + "\n"


BODIES = ("summary", "timeline", "root-cause", "impact", "went-well", "went-badly", "action-items")


def parts(mortem: PostMortem) -> dict[str, list[str]]:
    """The head, and what stands under each of the seven headings, by its name in `BODIES`."""
    bodies = (
        _block("summary", [words(mortem.summary)]),
        _timeline(mortem),
        _root_cause(mortem),
        _impact(mortem),
        [*_computed("went-well", mortem.went_well), "- TODO"],
        _badly(mortem),
        _actions(mortem),
    )
    return {"head": _head(mortem), **dict(zip(BODIES, bodies, strict=True))}


def _block(name: str, lines: Sequence[str]) -> list[str]:
    """A computed block; blank lines keep its markers out of the tables and lists around them."""
    return marked(name, ["", *lines, ""])


def _head(mortem: PostMortem) -> list[str]:
    lines = [*front_matter(mortem), "", f"# {text(mortem.id)}: {text(mortem.title)}"]
    if mortem.drill:
        lines += ["", "**DRILL**: this was an exercise, not an incident."]
    if mortem.audience is Audience.PUBLIC:
        lines += ["", _PUBLIC]
    return lines


def _timeline(mortem: PostMortem) -> list[str]:
    counts = mortem.counts
    shown = f"{counts.shown} of {counts.events} events shown"
    if mortem.audience is Audience.INTERNAL:
        shown += f"; {code(f'incident timeline {mortem.id}' + (' --drill' if mortem.drill else ''))} prints them all"
    lines = [
        f"All times UTC. `~` marks an approximate time. {shown}.",
        "",
        "| Time (UTC) | What happened | Evidence |",
        "| --- | --- | --- |",
    ]
    day: date | None = None
    for line in mortem.lines:
        if line.at.date() != day:
            day = line.at.date()
            lines.append(f"| **{day.isoformat()}** | | |")
        lines.append(_row(line, mortem.drill))
    return [*_block("timeline", lines), "", "### Commands", *_block("commands", _commands(mortem))]


def _row(line: Line, drill: bool) -> str:
    about = "~" if line.precision is Precision.ABOUT else ""
    what = words(line.what, cell=True)
    if line.label:
        what = f"**{line.label}** {what}" if what.startswith("by ") else f"**{line.label}:** {what}"
    evidence = words(line.evidence, cell=True)
    if drill:
        evidence = f"DRILL; {evidence}" if evidence else "DRILL"
    return f"| {about}{minute(line.at)} | {what.strip()} | {evidence} |".replace("|  |", "| |")


def _commands(mortem: PostMortem) -> list[str]:
    if mortem.audience is Audience.PUBLIC:
        return [f"{len(mortem.commands)} commands were run; what they were is left out here."]
    lines: list[str] = []
    for number, run in enumerate(mortem.commands[:_COMMANDS], 1):
        mark = f"{number}. "
        indent = " " * len(mark)
        watermark = "DRILL, " if mortem.drill else ""
        lines += [f"{mark}{watermark}{_told(run)}", "", *fence(run.text, "console", indent), ""]
    if len(mortem.commands) > _COMMANDS:
        lines += [f"{len(mortem.commands) - _COMMANDS} more in the log.", ""]
    return lines[:-1] or [_NOTHING]


def _told(run: CommandRun) -> str:
    """`03:09:12, exit 0, 4s, by the lead, in /srv/acme, target acme/shop, step "Roll back", acme-error-rate.md:17`."""
    facts = [stamp(run.at, Precision.SECOND), text(run.outcome), f"by {text(run.by)}"]
    if run.directory:
        facts.append(f"in {code(run.directory)}")
    if run.target:
        facts.append(f"target {text(run.target)}")
    if run.step:
        facts.append(f"step {code(run.step)}")
    if run.origin:
        facts.append(text(run.origin))
    return ", ".join(facts)


def _root_cause(mortem: PostMortem) -> list[str]:
    return [
        "### Trigger",
        *_computed("trigger", mortem.trigger),
        "- TODO what set it off",
        "",
        "### Contributing factors",
        "- TODO often more than one is stacked; each as a condition of the system",
        "",
        "### What made each step sensible at the time",
        *_computed("reasons", mortem.reasons),
        "- TODO",
    ]


def _impact(mortem: PostMortem) -> list[str]:
    head = ["| Measure | Value | How measured |", "| --- | --- | --- |"]
    measured = [
        f"| {text(measure.name, cell=True)} | {text(measure.value, cell=True)} | {words(measure.how, cell=True)} |"
        for measure in mortem.measures
    ]
    unknown = [f"| {text(name, cell=True)} | {TODO} | |" for name in mortem.unknown]
    figures = ["", "### The drill in figures", *_computed("exercise", mortem.exercise)] if mortem.drill else []
    return [*_block("impact", [*head, *measured]), "", *head, *unknown, *figures]


def _badly(mortem: PostMortem) -> list[str]:
    return [
        "### Where we got lucky",
        "- TODO",
        "",
        "### Where the system surprised us",
        *_computed("surprises", mortem.surprises),
        "- TODO",
        "",
        "### Runbook",
        *_computed("runbook", mortem.runbook_trouble),
        "- TODO",
        *(["", "### Hot wash", *_computed("hotwash", mortem.hotwash)] if mortem.drill else []),
    ]


def _actions(mortem: PostMortem) -> list[str]:
    review = f"Follow-up review: {mortem.follow_up_review.isoformat()} (four weeks)."
    return [
        "| # | Action | Type | Owner | Due | Ticket |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 1 | TODO starts with a verb and says when it is done | prevent | TODO | TODO | TODO |",
        "",
        *_block("review", [review]),
    ]


def _computed(name: str, points: tuple[Words, ...]) -> list[str]:
    """A block of points; one that has nothing to say stands there too, so that a later export can fill it."""
    return [*_block(name, [f"- {words(point)}" for point in points] or [_NOTHING]), ""]
