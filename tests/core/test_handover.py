"""A handover says who holds it, what is open, believed, decided and tried, and what ends when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from incident.core import facts
from incident.core.escalation import Rule, communication
from incident.core.event import Event, next_id
from incident.core.facts import Fact
from incident.core.handover import (
    Arrival,
    Handover,
    Steps,
    arrival,
    as_json,
    giving,
    handover,
    is_offered,
    recipient,
    taking,
)
from incident.core.incident import Incident, fold
from incident.core.runbook import Branch, Form, Runbook, Section, SectionKind, Step
from incident.core.when import Precision
from incident.errors import UsageError
from tests.fakes import ME, START

DEPLOY = Branch(1, "it correlates with a deploy", "w-deploy", "f-1")
OTHERWISE = Branch(1, "no recent deploy", "w-other", "f-1")
SECTIONS = tuple(
    Section(line, 2, branch.condition if branch else "First", SectionKind.OTHER, branch)
    for line, branch in enumerate((None, DEPLOY, OTHERWISE), 1)
)


def step(identity: str, section: int) -> Step:
    return Step(identity, (1, 1), identity, section, Form.ORDERED, branch=SECTIONS[section].branch)


BOOK = Runbook("a.md", "00", "A", SECTIONS, (step("look", 0), step("wait", 0), step("roll", 1), step("scale", 2)), ())
OPENED = facts.IncidentOpened("Errors on checkout", "SEV2", "acme")
FIRED = facts.AlertFired("o", "f", "Up", "page", START - timedelta(minutes=4), "am")
RUN = facts.CommandStarted("r1", "gh run", ("gh", "run"), "/", "/o", effect="changes", expected="5 min")
READ = facts.CommandStarted("r2", "gh list", ("gh", "list"), "/", "/o", effect="reads")
ASKED = facts.ApprovalAsked("q", "gh x", ("gh", "x"), "/", "kim@laptop", "acme/shop")
LEAD = facts.Joined("kim", "lead")
LATER = START + timedelta(minutes=30)


class Story:
    """An incident's events, each recorded a second after the one before."""

    def __init__(self, *what: Fact) -> None:
        self.events: list[Event] = []
        for fact in what:
            self.tell(fact)

    def tell(self, fact: Fact, **more: Any) -> str:
        now = START + timedelta(seconds=len(self.events))
        identity = next_id(now, self.events[-1].id if self.events else "", 0)
        self.events.append(replace(Event(identity, "INC-1", now, fact, ME, now), **more))
        return identity

    @property
    def incident(self) -> Incident:
        return fold("INC-1", self.events)

    def handed(self, runbook: Runbook | str = BOOK) -> Handover:
        return handover(self.incident, self.events, runbook, LATER)


def handed(*what: Fact, runbook: Runbook | str = BOOK) -> Handover:
    return Story(*what).handed(runbook)


def test_it_says_who_has_the_lead_since_when_and_whether_it_was_taken() -> None:
    opened = handed(OPENED, LEAD, facts.Joined("lee", "scribe"))
    assert (opened.lead, opened.lead_since, opened.taken) == ("kim", START + timedelta(seconds=1), True)
    assert opened.others == {"lee": "scribe"}
    given = handed(OPENED, LEAD, facts.HandedOver("ana", "errors fall"))
    assert (given.lead, given.lead_since, given.taken) == ("ana", START + timedelta(seconds=2), False)
    taken = handed(OPENED, LEAD, facts.HandedOver("ana"), facts.Joined("lee", "lead"), facts.Joined("ana", "lead"))
    assert (taken.lead, taken.lead_since, taken.taken) == ("ana", START + timedelta(seconds=2), True)
    back = handed(OPENED, LEAD, facts.HandedOver("ana"), facts.HandedOver("kim"))
    assert (back.lead, back.taken) == ("kim", False)
    nobody = handed(OPENED)
    assert (nobody.lead, nobody.lead_since, nobody.is_open) == ("", None, True)


def test_the_lead_is_given_to_somebody_else() -> None:
    state = Story(OPENED, LEAD).incident
    assert giving(state, "ana", "errors fall") == facts.HandedOver("ana", "errors fall")
    for to in ("", "kim"):
        with pytest.raises(UsageError):
            giving(state, to)


def test_the_lead_is_taken_by_whom_it_was_given_to_or_from_whoever_has_it() -> None:
    story = Story(OPENED, LEAD)
    joined = facts.Joined("ana", "lead")
    assert taking(story.incident, story.events, "ana") == (facts.HandedOver("ana", "taken over from kim"), joined)
    story.tell(facts.HandedOver("ana"))
    assert taking(story.incident, story.events, "ana") == (joined,)
    story.tell(joined)
    with pytest.raises(UsageError, match="ana has the lead already"):
        taking(story.incident, story.events, "ana")
    nobody = Story(OPENED)
    assert taking(nobody.incident, nobody.events, "ana")[0] == facts.HandedOver("ana", "nobody had it")


def test_what_fires_and_what_does_not_answer_is_there_with_its_time() -> None:
    known = handed(
        OPENED, FIRED, facts.SourceLost("am", "timed out"), facts.SourceLost("prom", "x"), facts.SourceBack("prom")
    )
    assert [(item.text, item.at) for item in known.firing] == [("page Up", FIRED.starts_at)]
    assert [item.text for item in known.lost_sources] == ["am does not answer: timed out"]
    assert handed(OPENED, FIRED, facts.AlertResolved("o", "Up")).firing == ()


def test_the_steps_are_those_of_the_way_that_was_taken() -> None:
    tick = facts.StepTicked("look", "look")
    chosen = facts.BranchChosen("f-1", "w-deploy", DEPLOY.condition)
    opened = facts.RunbookOpened("a.md", "00", "A", "same name")
    undecided = handed(OPENED, opened, tick, facts.StepTicked("wait", "wait", "skipped")).steps
    assert undecided == Steps("a.md", 2, 4, (), (DEPLOY.condition, OTHERWISE.condition), ("wait",))
    taken = handed(OPENED, opened, tick, chosen).steps
    assert taken == Steps("a.md", 1, 3, ("wait", "roll"))
    assert handed(OPENED, opened, runbook="it is gone").steps == Steps("a.md", unknown="it is gone")


def test_commands_are_running_unknown_or_tried() -> None:
    running = handed(OPENED, RUN)
    assert [(item.text, item.code, item.who) for item in running.running] == [("running", "gh run", "kim")]
    assert [(item.at, item.text) for item in running.ends] == [
        (START + timedelta(seconds=1, minutes=5), "by then it should have ended (5 min)")
    ]
    assert handed(OPENED, replace(RUN, expected="soon")).ends == ()
    lost = (OPENED, RUN, facts.CommandLost("r1", "the console ended"))
    assert [item.text for item in handed(*lost).unknown] == ["outcome unknown"]
    looked = handed(*lost, facts.CommandVerified("r1", "it had run"))
    assert (looked.unknown, [item.text for item in looked.tried]) == ((), ["outcome unknown, looked at: it had run"])


def test_what_only_read_and_ended_well_is_counted_and_not_listed() -> None:
    ended, failed = facts.CommandFinished("r2", 0, 4.0), facts.CommandFinished("r2", 1, 4.0)
    quiet = handed(OPENED, RUN, facts.CommandFinished("r1", 0, 4.0), READ, ended)
    assert ([item.text for item in quiet.tried], quiet.only_read) == (["exit 0, 4s"], 1)
    loud = handed(OPENED, READ, failed)
    assert ([item.text for item in loud.tried], loud.only_read) == (["exit 1, 4s"], 0)
    assert [item.text for item in handed(OPENED, RUN, facts.CommandFailed("r1", "no gh")).tried] == ["did not start"]


def test_what_waits_for_a_second_person_is_there_until_it_is_answered() -> None:
    assert [item.code for item in handed(OPENED, ASKED).waiting] == ["gh x"]
    assert handed(OPENED, ASKED, facts.ApprovalAnswered("q", "sam", approved=False)).waiting == ()
    assert handed(OPENED, ASKED, facts.ApprovalWithdrawn("q")).waiting == ()


def test_beliefs_decisions_and_the_last_update_read_as_they_were_corrected() -> None:
    story = Story(OPENED, facts.Remarked("finding", "it is the deploy"), facts.Remarked("decision", "roll back"))
    story.tell(facts.BranchChosen("f-1", "w-deploy", DEPLOY.condition, reason="6 min after"))
    story.tell(facts.BranchChosen("f-2", "w-x", "x"))
    story.tell(facts.BranchUnchosen("f-2", "x"))
    story.tell(facts.Remarked("update", "we look"))
    last = story.tell(facts.Remarked("update", "rolling back"))
    story.tell(facts.Remarked("note", "hm"))
    story.tell(facts.Corrected(last, "rolled back"), precision=Precision.ABOUT)
    known = story.handed()
    assert [item.text for item in known.believed] == ["it is the deploy"]
    assert [item.text for item in known.decided] == ["roll back", f"the way: {DEPLOY.condition} - 6 min after"]
    assert known.update is not None
    assert (known.update.text, known.update.precision) == ("rolled back", Precision.ABOUT)
    assert handed(OPENED).update is None


def test_as_json_it_holds_only_what_json_holds() -> None:
    told = as_json(handed(OPENED, LEAD, FIRED, RUN))
    assert json.loads(json.dumps(told)) == told
    assert (told["at"], told["milestones"]["detected"]["precision"]) == ("2026-05-02T03:37:12Z", "second")
    assert told["running"][0]["code"] == "gh run"


NOBODY = fold("INC-1", [])


@pytest.mark.parametrize(
    ("typed", "person", "role", "words"),
    [
        ("", "kim", "responder", "kim joined as responder"),
        ("lee", "lee", "responder", "lee joined as responder"),
        ("lee scribe", "lee", "scribe", "lee joined as scribe"),
        ("Lee Wu, communications lead", "Lee Wu", "communications lead", "Lee Wu joined as communications lead"),
        ("-5m lee", "lee", "responder", "lee joined as responder at 03:02 UTC"),
    ],
)
def test_somebody_joins_by_a_line(typed: str, person: str, role: str, words: str) -> None:
    found = arrival(typed, NOBODY, "kim", START)
    assert (found.person, found.role, found.words(START)) == (person, role, words)
    assert "\x1b" not in arrival(f"\x1b[31m{typed}", NOBODY, "kim", START).person


def test_joining_takes_no_lead_and_happens_once() -> None:
    incident = Story(OPENED, LEAD, facts.Joined("lee", "scribe")).incident
    for typed, why in (
        ("lee scribe", "lee is in it already, as scribe"), ("kim scribe", "kim has the lead"),
        ("ana lead", "the lead is handed over"), ("kim lead", "kim is in it already, as lead"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=why):
            arrival(typed, incident, "kim", START)
    assert arrival("lee", incident, "kim", START) == Arrival("lee", "responder")


def test_the_lead_is_offered_until_it_is_taken() -> None:
    given = Story(OPENED, LEAD, facts.HandedOver("lee"))
    assert is_offered(given.incident, given.events, "lee")
    assert not is_offered(given.incident, given.events, "kim")
    taken = Story(OPENED, LEAD, facts.HandedOver("lee"), facts.Joined("lee", "lead"))
    assert not is_offered(taken.incident, taken.events, "lee")


def test_who_gets_the_lead_and_what_is_said_with_it_come_from_one_line() -> None:
    assert recipient("lee") == ("lee", "")
    assert recipient("lee watch the queue") == ("lee", "watch the queue")
    assert recipient("Lee Wu, watch it") == ("Lee Wu", "watch it")
    assert recipient("  ") == ("", "")


def test_whom_to_tell_and_when_stands_under_what_ends_when() -> None:
    told = Story(OPENED, FIRED, LEAD)
    known = (
        Rule("VP Eng", "VP Eng if user impact > 1 hour", timedelta(hours=1)),
        Rule("secondary", "secondary after 10 min", timedelta(minutes=10)),
        Rule("primary", "primary on-call", None),
    )
    incident = told.incident
    about = communication(incident, told.events, known, timedelta(minutes=15), LATER)
    page = handover(incident, told.events, BOOK, LATER, about)
    assert [(item.text, item.at) for item in page.ends] == [
        ("nobody has told secondary (secondary after 10 min)", START + timedelta(minutes=6)),
        ("the next update is due", START + timedelta(minutes=15)),
        ("tell VP Eng (VP Eng if user impact > 1 hour)", START + timedelta(minutes=56)),
    ]
    quiet = communication(incident, told.events, (), None, LATER)
    assert handover(incident, told.events, BOOK, LATER, quiet).ends == ()


def test_the_newest_update_counts_however_it_was_sent_and_one_of_which_nobody_knows_is_named() -> None:
    told = Story(OPENED, facts.Remarked("update", "by hand"))
    begun = [facts.UpdateBegun(name, text, "#inc") for name, text in (("u1", "we roll back"), ("u2", "it is over"))]
    told.tell(begun[0])
    told.tell(facts.UpdateSent("u1", "we roll back", "#inc"))
    told.tell(begun[1])
    told.tell(facts.UpdateLost("u2", "no answer"))
    page = handover(told.incident, told.events, BOOK, LATER, communication(told.incident, told.events, (), None, LATER))
    assert page.update is not None
    assert page.update.text == "we roll back"
    assert [(item.text, item.code) for item in page.unknown] == [
        ("nobody knows whether this update reached #inc", "it is over")
    ]
