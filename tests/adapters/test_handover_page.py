"""The handover's page: inert whatever was written down, and short whatever happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from markdown_it import MarkdownIt

from incident.core import facts
from incident.core.event import Event, next_id
from incident.core.facts import Fact
from incident.core.handover import handover
from incident.core.incident import fold
from incident.core.when import Precision
from incident.exports.handover import render
from tests.fakes import ME, START


def page(*what: Fact, precision: Precision = Precision.SECOND) -> str:
    events: list[Event] = []
    for at, fact in enumerate(what):
        now = START + timedelta(seconds=at)
        identity = next_id(now, events[-1].id if events else "", 0)
        events.append(Event(identity, "INC-1", now, fact, ME, now, precision))
    return render(handover(fold("INC-1", events), events, "No runbook was opened.", START + timedelta(minutes=30)))


OPENED = facts.IncidentOpened("Errors", "SEV2")


def test_a_drill_says_so_and_a_closed_incident_has_nothing_left_to_fire() -> None:
    assert "**DRILL**, open since 03:07 UTC" in page(facts.IncidentOpened("Errors", drill=True))
    closed = page(OPENED, *[facts.Remarked("note", "still slow")] * 60, facts.IncidentClosed())
    assert "closed since 03:08 UTC, opened 03:07; written" in closed
    assert "## Still firing" not in closed
    assert "## What ends when" not in closed


def test_an_incident_of_which_nothing_is_known_still_has_a_page() -> None:
    assert page().startswith("# Handover: INC-1\n\nclosed; written 2026-05-02 03:37 UTC.")


def test_long_lists_keep_their_newest_points_and_say_how_many_came_before() -> None:
    told = page(OPENED, *(facts.Remarked("finding", f"belief {at}") for at in range(40)))
    assert "- 25 before that, see the timeline\n- 03:07 kim: belief 25\n" in told
    assert "belief 24" not in told


def test_what_only_read_is_one_line() -> None:
    def read(run: str) -> list[Fact]:
        started = facts.CommandStarted(run, "gh list", ("gh", "list"), "/", "/o", effect="reads")
        return [started, facts.CommandFinished(run, 0, 1.0)]

    assert "- and 1 command that only read\n" in page(OPENED, *read("a"))
    assert "- and 2 commands that only read\n" in page(OPENED, *read("a"), *read("b"))


def test_times_that_are_only_about_right_say_so() -> None:
    told = page(OPENED, facts.MilestoneSet("mitigated"), facts.Remarked("finding", "hm"), precision=Precision.ABOUT)
    assert "**Milestones:** mitigated ~03:07" in told
    assert "- ~03:07 kim: hm" in told


@pytest.mark.fault(70)
def test_nothing_that_was_written_down_is_markdown_on_the_page() -> None:
    bad = "# x <b>y</b> | [a](javascript:1) ![i](http://e.vil/i) `c` \x1b[2J \u202e <!-- z -->\n- w"
    told = page(
        facts.IncidentOpened(bad, bad), facts.Joined(bad, "lead"), facts.Joined("lee", bad),
        facts.Remarked("finding", bad), facts.Remarked("decision", bad), facts.Remarked("update", bad),
        facts.CommandStarted("r", bad, ("x",), "/", "/o", expected="5 min"), facts.SourceLost(bad, bad),
        facts.ApprovalAsked("q", bad, ("x",), "/", bad, bad),
    )  # fmt: skip
    assert not [char for char in "\x1b\u202e" if char in told]
    tokens = MarkdownIt("commonmark").parse(told)
    inner = [child for token in tokens for child in token.children or ()]
    assert not {token.type for token in (*tokens, *inner)} & {
        "link_open",
        "image",
        "html_block",
        "html_inline",
        "table_open",
    }
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h1") == 1
