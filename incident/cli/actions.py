"""The verbs on action items: what is open in every post-mortem, and the follow-up review four weeks on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident.cli.verb import config_of, print_json, print_table, say
from incident.core.actions import ActionItem, ActionPage, Outcome
from incident.errors import IncidentError, UsageError

if TYPE_CHECKING:
    from incident.exports.written import Written


@dataclass(frozen=True, slots=True)
class Found:
    """A post-mortem with action items, and the file that it was read from."""

    page: ActionPage
    written: Written


def folder_argument(page: argparse.ArgumentParser) -> None:
    """Where the post-mortems are."""
    page.add_argument("--config", metavar="FILE", help="this configuration instead of the usual places")
    page.add_argument("--postmortems", metavar="DIR", help="the folder of the post-mortems; default: as configured")


class Actions:
    """`incident actions`: what is open, late and without an owner, over all post-mortems."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which, and how."""
        folder_argument(page)
        page.add_argument("incident", nargs="?", metavar="ID", help="only of this post-mortem: its id or its file")
        page.add_argument("--all", action="store_true", help="also what shipped or was dropped")
        page.add_argument("--owner", metavar="NAME", help="only of this owner")
        page.add_argument("--check", action="store_true", help="exit 1 when one is overdue, ownerless or without a day")
        page.add_argument("--ics", metavar="FILE", help="write a calendar of what is due; - for stdout")
        page.add_argument("--ticket", metavar="N", help="make a ticket for this item of ID, after showing what is sent")
        page.add_argument("--yes", action="store_true", help="with --ticket: send it without asking")
        page.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: argparse.Namespace) -> int:
        """List them, or make a ticket for one."""
        today = datetime.now(UTC).date()
        found = pages(options)
        if options.ticket is not None:
            return _ticket(options, found)
        rows = [
            (one.page, item)
            for one in found
            for item in (one.page.written if options.all else one.page.open)
            if options.owner is None or item.owner.lower() == options.owner.lower()
        ]
        rows.sort(key=lambda row: (not row[1].open, row[1].due or date.max, row[0].name, row[1].line))
        late = [row for row in rows if _wanting(row[1], today)]
        if options.ics is not None:
            return _calendar([one.page for one in found], options.ics)
        if options.json:
            print_json([_as_json(page, item, today) for page, item in rows])
        elif rows:
            print_table(
                ("DUE", "STATE", "OWNER", "POST-MORTEM", "#", "ACTION", "TICKET"),
                [
                    (i.due_text or "-", _state(i, today), i.owner or "-", p.name, i.number, i.action, i.ticket or "-")
                    for p, i in rows
                ],
            )
        for one in _reviews_due(found, today):
            say(f"{one.name}: the follow-up review was due on {one.follow_up}; `incident review {one.name}` holds it")
        say(_counted(rows, late, found))
        return 1 if options.check and late else 0


class Review:
    """`incident review ID`: what became of each action item, four weeks on."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which post-mortem, and what became of its items."""
        folder_argument(page)
        page.add_argument("incident", metavar="ID", help="the post-mortem: its id or its file")
        page.add_argument("--shipped", metavar="N", nargs="+", action="extend", default=[], help="these shipped")
        page.add_argument(
            "--open", metavar=("N", "WHY"), nargs=2, action="append", default=[], help="not shipped, and why"
        )
        page.add_argument(
            "--dropped", metavar=("N", "WHY"), nargs=2, action="append", default=[], help="given up, and why"
        )
        page.add_argument("--json", action="store_true", help="the items as they stand, as JSON; nothing is asked")

    def run(self, options: argparse.Namespace) -> int:
        """Hold the review: what the arguments say, else ask for each item that is open. 1 when something stays open."""
        from incident.core.actions.page import read
        from incident.core.actions.review import reviewed
        from incident.exports.written import write_back

        today = datetime.now(UTC).date()
        [one] = pages(options)
        verdicts = _told(options)
        if options.json and not verdicts:
            print_json([_as_json(one.page, item, today) for item in one.page.written])
            return 1 if one.page.open else 0
        if not one.page.open and not verdicts:
            say(f"{one.page.name}: nothing is open.")
            return 0
        if not verdicts:
            verdicts = _asked(one.page, today)
        if verdicts:
            text = reviewed(one.page, verdicts, today)
            write_back(one.written, text)
            after = read(text, str(one.written.path))
            left = len(after.open) if after else 0
            ended = "closed: nothing is open" if not left else f"{left} still open"
            say(f"{one.page.name}: the review stands in {one.written.path}; {ended}")
            return 1 if left else 0
        say(f"{one.page.name}: nothing was written down.")
        return 1


def _ticket(options: argparse.Namespace, found: Sequence[Found]) -> int:
    from incident.cli.ticketing import make

    if not options.incident:
        raise UsageError("say which post-mortem", hint=f"incident actions ID --ticket {options.ticket}")
    return make(config_of(options), found[0].page, found[0].written, options.ticket, yes=options.yes)


def pages(options: argparse.Namespace) -> list[Found]:
    """The post-mortems with action items, or the one that is named. Raises UsageError; what cannot be read is said."""
    folder = Path(options.postmortems) if options.postmortems else config_of(options).postmortems
    named = getattr(options, "incident", None)
    if named and Path(named).is_file():
        from incident.exports.written import document

        return [_page(document(Path(named)))]
    if not folder.is_dir():
        raise UsageError(
            "there is no such folder", at=str(folder), hint="`incident export` makes it; --postmortems names another"
        )
    found = list(found_in(folder))
    if not named:
        return found
    known = [one for one in found if one.page.id == named or one.written.path.stem == named]
    if not known:
        hint = f"there are: {', '.join(one.page.name for one in found[:10]) or 'none with action items'}"
        raise UsageError(f"no post-mortem in {folder} is {named!r}", hint=hint)
    return known[:1]


def found_in(folder: Path) -> Iterable[Found]:
    """Every post-mortem in a folder that has action items; what cannot be read is said."""
    from incident.core.actions.page import read
    from incident.exports.written import documents

    for one in documents(folder):
        try:
            if isinstance(one, IncidentError):
                raise one
            page = read(one.text, str(one.path))
        except IncidentError as off:
            say(f"not read: {off}")
            continue
        if page is not None:
            yield Found(page, one)


def _page(written: Written) -> Found:
    from incident.core.actions.page import read

    page = read(written.text, str(written.path))
    if page is None:
        raise UsageError("it has no section `## Action items`", at=str(written.path))
    return Found(page, written)


def _wanting(item: ActionItem, today: date) -> bool:
    return item.open and (item.overdue(today) or not item.owner or item.due is None)


def _state(item: ActionItem, today: date) -> str:
    if not item.open:
        return str(item.outcome)
    if item.due is None:
        return "no day"
    days = (item.due - today).days
    if days < 0:
        return f"{-days} d overdue"
    return "due today" if not days else f"in {days} d"


def _as_json(page: ActionPage, item: ActionItem, today: date) -> dict[str, Any]:
    return {
        "postmortem": page.name,
        "path": page.path,
        "line": item.line,
        "kind": page.kind or None,
        "number": item.number,
        "action": item.action,
        "type": item.type or None,
        "owner": item.owner or None,
        "due": item.due.isoformat() if item.due else None,
        "ticket": item.ticket or None,
        "outcome": item.outcome.value if not item.open or item.why else None,
        "why": item.why or None,
        "open": item.open,
        "overdue": item.overdue(today),
    }


def _counted(rows: Sequence[tuple[ActionPage, ActionItem]], late: Sequence[Any], found: Sequence[Found]) -> str:
    count = sum(item.open for _, item in rows)
    files = f"{len(found)} post-mortem{'' if len(found) == 1 else 's'}"
    wanting = f", {len(late)} overdue, ownerless or without a day" if late else ""
    return f"{count} open action item{'' if count == 1 else 's'} in {files}{wanting}"


def _reviews_due(found: Iterable[Found], today: date) -> list[ActionPage]:
    return [
        page
        for page in (one.page for one in found)
        if page.follow_up is not None and page.follow_up <= today and page.open and not _held(page)
    ]


def _held(page: ActionPage) -> bool:
    return any(page.follow_up is not None and review.at >= page.follow_up for review in page.reviews)


def _calendar(found: Sequence[ActionPage], place: str) -> int:
    from incident.exports.ics import calendar

    text = calendar(found, datetime.now(UTC))
    if place == "-":
        sys.stdout.write(text)
        return 0
    try:
        Path(place).write_bytes(text.encode())
    except OSError as failed:
        raise UsageError(f"the calendar cannot be written: {failed.strerror}", at=place) from None
    say(f"written: {place}")
    return 0


def _told(options: argparse.Namespace) -> dict[str, tuple[Outcome, str]]:
    verdicts: dict[str, tuple[Outcome, str]] = dict.fromkeys(options.shipped, (Outcome.SHIPPED, ""))
    for outcome, given in ((Outcome.OPEN, options.open), (Outcome.DROPPED, options.dropped)):
        for number, why in given:
            if number in verdicts:
                raise UsageError(f"action item {number} is named twice", hint="say one thing of each")
            verdicts[number] = (outcome, why)
    return verdicts


def _asked(page: ActionPage, today: date) -> dict[str, tuple[Outcome, str]]:
    """Ask for each open item. Raises UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageError("this is not a terminal", hint="--shipped N, --open N WHY, --dropped N WHY say it")
    say(f"{page.name}: {page.title}" if page.title else page.name)
    verdicts: dict[str, tuple[Outcome, str]] = {}
    for item in page.open:
        say(f"\n{item.number}. {item.action}  ({item.owner or 'no owner'}, {_state(item, today)})")
        while (word := _line("   shipped, not shipped, dropped, or enter to leave it out [s/n/d]: ").lower()) not in (
            "", "s", "n", "d", *(outcome.value for outcome in Outcome),
        ):  # fmt: skip
            say("   s, n, d or enter")
        if not word:
            continue
        outcome = {"s": Outcome.SHIPPED, "n": Outcome.OPEN, "d": Outcome.DROPPED}[word[0]]
        why = ""
        while outcome is not Outcome.SHIPPED and not why:
            why = _line("   why: ")
        verdicts[item.number] = (outcome, why)
    return verdicts


def _line(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.strip()
