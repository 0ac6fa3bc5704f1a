"""What an update says, its exact bytes, and when there was the last one."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event
from incident.core.facts import Fact
from incident.core.incident import Incident, fold
from incident.core.runbook.read import read
from incident.core.updates import again, body, doing, draft, last_update
from tests.fakes import ME, SEED, START

BOOK = read(SEED.read_bytes(), SEED.name)
FIRED = facts.AlertFired("a1@x", "a1", "AcmeErrorBudgetFastBurn", "page", START, "am")
STARTED = facts.CommandStarted("r1", "gh run", ("gh",), "/", "/o", step_text="Roll back")


def state(*what: Fact) -> tuple[Incident, list[Event]]:
    told = [facts.IncidentOpened("Acme error rate", "SEV2"), *what]
    events = [
        Event(f"{at:04}", "INC-1", START + timedelta(minutes=at), fact, ME, START) for at, fact in enumerate(told)
    ]
    return fold("INC-1", events), events


def test_the_draft_says_what_users_see_since_when_what_is_done_and_when_more_is_said() -> None:
    incident, _ = state(FIRED, STARTED)
    text = draft(incident, BOOK, START + timedelta(minutes=12), timedelta(minutes=30))
    assert text.splitlines() == [
        "SEV2 Acme error rate: we are on it",
        "Users see: HTTP 500 / 502 on the affected requests",
        "Since: 03:07 UTC",
        "Being done: Roll back (running, since 03:09 UTC)",
        "Next update: by 03:49 UTC",
    ]


def test_the_draft_of_little_is_short_and_of_what_is_over_promises_nothing() -> None:
    little, _ = state()
    assert draft(little, None, START).splitlines() == ["SEV2 Acme error rate: we are on it", "Since: 03:07 UTC"]
    assert draft(Incident("INC-1"), None, START) == " : we are on it"
    mitigated, _ = state(FIRED, facts.MilestoneSet("mitigated"))
    assert draft(mitigated, None, START).startswith("SEV2 Acme error rate: mitigated since 03:09 UTC")
    resolved, _ = state(FIRED, facts.MilestoneSet("resolved"))
    assert "resolved since" in draft(resolved, None, START, timedelta(minutes=30))
    assert "Next update" not in draft(resolved, None, START, timedelta(minutes=30))


def test_what_is_done_is_what_runs_else_what_ran_last_else_the_next_step() -> None:
    nothing, _ = state()
    assert doing(nothing, "Open dashboard") == "Next step: Open dashboard"
    assert doing(nothing) == ""
    ended, _ = state(STARTED, facts.CommandFinished("r1", 0, 4.0))
    assert doing(ended) == "Done last: Roll back (exit 0, 4s at 03:08 UTC)"
    two, _ = state(STARTED, facts.CommandStarted("r2", "ls", ("ls",), "/", "/o"), facts.CommandFinished("r2", 0, 1.0))
    assert doing(two) == "Being done: Roll back (running, since 03:08 UTC)"


@given(st.text())
def test_nothing_in_a_text_can_call_anybody_or_become_a_link(text: str) -> None:
    sent = json.loads(body(text))
    assert list(sent) == ["text"]
    assert not {"<", ">"} & set(sent["text"])
    assert sent["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_the_last_update_was_sent_from_here_or_said_elsewhere() -> None:
    assert last_update(*state()) == (None, None)
    incident, events = state(facts.Remarked("update", "by phone"), facts.Remarked("note", "x"))
    assert last_update(incident, events) == (START + timedelta(minutes=1), None)
    sent = (facts.UpdateBegun("s1", "a", "#x"), facts.UpdateSent("s1", "a", "#x"))
    incident, events = state(facts.Remarked("update", "by phone"), *sent)
    assert last_update(incident, events)[0] == START + timedelta(minutes=3)


def test_one_of_which_nobody_knows_whether_it_arrived_counts_as_none_until_another_did() -> None:
    lost = (facts.UpdateBegun("s1", "a", "#x"), facts.UpdateLost("s1", "no answer"))
    incident, events = state(*lost)
    last, unsure = last_update(incident, events)
    assert last is None
    assert unsure is not None
    assert unsure.send == "s1"
    assert last_update(*state(*lost, facts.Remarked("update", "by phone")))[1] is None


def test_the_very_words_that_arrived_or_may_have_are_known_again() -> None:
    incident, _ = state(facts.UpdateBegun("s1", "a", "#x"), facts.UpdateFailed("s1", "refused"))
    assert again(incident, "a") is None
    incident, _ = state(facts.UpdateBegun("s1", "a", "#x"), facts.UpdateLost("s1", "no answer"))
    assert again(incident, "a") is not None
    assert again(incident, "b") is None
