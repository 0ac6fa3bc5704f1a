"""What becomes of commands beyond their end: verified, counted to a step, waiting for a second person."""

from __future__ import annotations

import pytest

from incident.core import facts
from incident.core.command import Target, concerns
from incident.core.event import Event
from incident.core.incident import Incident, fold
from incident.core.runbook.parameters import variables_used
from tests.fakes import ME, START

RUN = "INC-1/1-abc"
REQUEST = "INC-1/approval-1"
STARTED = facts.CommandStarted(RUN, "gh run", ("gh", "run"), "/", "/out", step="s1")
ASKED = facts.ApprovalAsked(REQUEST, "gh run", ("gh", "run"), "/", "kim@laptop", "github.com/acme/shop")


def after(*what: facts.Fact) -> Incident:
    events = [Event(f"{at:04d}", "INC-1", START, fact, ME, START) for at, fact in enumerate(what)]
    return fold("INC-1", events)


def test_a_command_belongs_to_its_step_until_it_is_counted_to_another() -> None:
    assert after(STARTED).commands[RUN].step == "s1"
    assert after(STARTED, facts.CommandAttached(RUN, "s2", "Look")).commands[RUN].step == "s2"
    assert after(facts.CommandAttached("other", "s2", "Look")).commands == {}


def test_what_was_found_of_an_unknown_outcome_is_kept_beside_it() -> None:
    record = after(STARTED, facts.CommandLost(RUN, "gone"), facts.CommandVerified(RUN, "it ran")).commands[RUN]
    assert (record.outcome, record.verified) == ("outcome unknown", "it ran")
    assert after(facts.CommandVerified("other", "it ran")).commands == {}


def test_the_first_answer_of_a_second_person_stands() -> None:
    yes, no = (
        facts.ApprovalAnswered(REQUEST, "sam", approved=True),
        facts.ApprovalAnswered(REQUEST, "lee", approved=False),
    )
    known = after(ASKED, yes, no).approvals[REQUEST]
    assert (known.requester, known.person, known.granted) == ("kim", "sam", True)
    refused = after(ASKED, no, yes).approvals[REQUEST]
    assert (refused.person, refused.answered, refused.granted) == ("lee", True, False)


@pytest.mark.fault(54)
def test_the_requesters_own_yes_is_no_answer() -> None:
    known = after(ASKED, facts.ApprovalAnswered(REQUEST, "kim", approved=True)).approvals[REQUEST]
    assert (known.answered, known.granted) == (False, False)


def test_a_request_that_was_withdrawn_is_granted_no_more() -> None:
    yes = facts.ApprovalAnswered(REQUEST, "sam", approved=True)
    assert not after(ASKED, facts.ApprovalWithdrawn(REQUEST), yes).approvals[REQUEST].granted
    assert after(facts.ApprovalWithdrawn(REQUEST)).approvals == {}


def test_a_pattern_concerns_what_a_command_acts_on_and_what_it_names() -> None:
    assert concerns("gh run list", Target("github.com/acme/shop"), ["github.com/acme/*"])
    assert concerns("ssh prod-db-1 uptime", Target(), ["prod-*"])
    assert not concerns("gh run list", Target("github.com/other/shop"), ["github.com/acme/*"])


def test_the_variables_that_a_shell_would_look_up() -> None:
    text = "kubectl -n \"$NAMESPACE\" exec ${POD} -- sh -c 'echo $INNER' > $HOME/out \\$NOT $POD"
    assert variables_used(text) == ("NAMESPACE", "POD")


def test_an_incident_whose_opening_and_close_were_redacted_is_still_opened_closed_and_opened_again() -> None:
    def grave(was: str) -> facts.Tombstone:
        return facts.Tombstone(was, "kim", START)

    opened, closed, again = (
        grave(kind.kind) for kind in (facts.IncidentOpened, facts.IncidentClosed, facts.IncidentReopened)
    )
    assert (after(opened).title, after(opened).opened_at) == ("(redacted)", START)
    assert after(opened, closed).closed_at == START
    assert after(opened, closed, again).is_open
    assert after(grave("remark")).title == ""
