"""What an incident teaches its runbook: a few lines each, in the right place, and nothing else moved."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event, next_id
from incident.core.facts import Fact
from incident.core.incident import Incident, fold
from incident.core.learn import Edit, applied, diff, kept, lessons
from incident.core.runbook import Runbook, Step
from incident.core.runbook.read import read
from tests.fakes import ME, START

TEXT = """---
title: Acme
reviewed: 2026-01-02  # by hand
---
# Acme

1. Open the dashboard
2. Roll back: `gh workflow run rollback.yml -f sha=<previous>` (5 min)
3. Verify the error rate drops
   - watch `errors`

Check the queue length.
Then go on.
## Next
text
"""
PATH = "acme.md"
OPENED = facts.RunbookOpened(PATH, "sha", "Acme", "by its name", 3)


def book(text: str = TEXT) -> Runbook:
    return read(text.encode(), PATH)


def step(words: str, text: str = TEXT) -> Step:
    return next(one for one in book(text).steps if words in one.text)


def story(*told: Fact, name: str = "INC-1", start: datetime = START) -> tuple[Incident, list[Event]]:
    events: list[Event] = []
    for number, fact in enumerate([facts.IncidentOpened("Errors"), OPENED, *told]):
        now = start + timedelta(minutes=number)
        events.append(Event(next_id(now, events[-1].id if events else "", 0), name, now, fact, ME, now))
    return fold(name, events), events


def taught(*told: Fact, text: str = TEXT, past: tuple[Incident, ...] = ()) -> list[Edit]:
    incident, events = story(*told)
    return lessons(text, book(text), incident, events, past)


def after(*told: Fact, text: str = TEXT, past: tuple[Incident, ...] = ()) -> str:
    return applied(text, taught(*told, text=text, past=past))


def typed(where: Step, text: str = "kubectl get pods", code: int = 0, origin: str = "typed by hand") -> list[Fact]:
    run = f"r-{text}-{code}"
    started = facts.CommandStarted(run, text, ("x",), "/", "/o", step=where.id, step_text=where.text, origin=origin)
    return [started, facts.CommandFinished(run, code, 4.0)]


def ran(where: Step, seconds: float, name: str = "INC-1") -> list[Fact]:
    return [
        facts.CommandStarted(f"r-{name}", "x", ("x",), "/", "/o", step=where.id, step_text="Other", origin="acme.md:8"),
        facts.CommandFinished(f"r-{name}", 0, seconds),
    ]


def test_a_command_typed_by_hand_becomes_one_of_its_step_and_the_review_moves() -> None:
    text = after(*typed(step("Verify")))
    assert "   - watch `errors`\n\n   ```sh\n   kubectl get pods\n   ```\n\nCheck the queue" in text
    assert "reviewed: 2026-05-02  # by hand\n" in text
    assert [c.text for c in book(text).commands if c.text == "kubectl get pods"]
    again = next(one for one in book(text).steps if "Verify" in one.text)
    assert book(text).commands[again.commands[-1]].text == "kubectl get pods"


def test_a_command_below_a_paragraph_or_in_the_middle_of_a_list_stays_with_its_step() -> None:
    text = after(*typed(step("Check the queue")), *typed(step("Open the"), "kubectl get nodes"))
    assert "Then go on.\n\n```sh\nkubectl get pods\n```\n\n## Next\n" in text
    assert "1. Open the dashboard\n\n   ```sh\n   kubectl get nodes\n   ```\n\n2. Roll back" in text
    assert [one.text for one in book(text).steps] == [one.text for one in book().steps]


def test_what_was_done_one_after_the_other_at_a_step_stands_in_that_order() -> None:
    first, then = typed(step("Open the"), "kubectl get nodes"), typed(step("Open the"), "kubectl get pods")
    text = after(*first, *then)
    blocks = "   ```sh\n   kubectl get nodes\n   ```\n\n   ```sh\n   kubectl get pods\n   ```\n"
    assert f"1. Open the dashboard\n\n{blocks}\n2. Roll back" in text


def test_values_of_the_incident_become_its_parameters_again() -> None:
    set_ = facts.ParameterSet("<previous>", "9f8e7d6", "changes")
    short = facts.ParameterSet("<n>", "3", "typed")
    text = after(set_, short, *typed(step("Verify"), "gh run view 9f8e7d6 -n 3 --not 9f8e7d6aa"))
    assert "gh run view <previous> -n 3 --not 9f8e7d6aa" in text


@pytest.mark.parametrize(
    "told",
    [
        typed(step("Verify"), code=1),
        typed(step("Verify"), "gh workflow run rollback.yml  -f sha=<previous>")[:1],
        typed(step("Roll back"), "gh workflow run rollback.yml  -f sha=<previous>"),
        typed(step("Verify"), "echo ```"),
        typed(step("Verify"), origin="acme.md:9"),
        [facts.Remarked("finding", "it is slow", step("Verify").id), facts.Remarked("note", "elsewhere")],
        [facts.Remarked("note", "watch `errors`", step("Verify").id)],
        [facts.StepTicked(step("Verify").id, "Verify", "skipped")],
        ran(step("Roll back"), 200),
        ran(step("Roll back"), 20),
        ran(step("Verify"), 20),
        [],
    ],
)
def test_what_is_no_lesson_changes_nothing_not_even_the_review(told: list[Fact]) -> None:
    assert taught(*told) == []


def test_an_edited_command_says_what_it_was_in_the_place_of() -> None:
    [edit, _] = sorted(
        taught(*typed(step("Verify"), origin="typed by hand, instead of acme.md:8")), key=lambda e: -e.line
    )
    assert 'step 3 "Verify the error rate drops": typed by hand in the place of acme.md:8' in edit.why


def test_a_note_at_a_step_becomes_text_of_it() -> None:
    text = after(facts.Remarked("note", "the graph lags\nby a minute", step("Verify").id))
    assert "\n\n   Note of 2026-05-02: the graph lags by a minute\n\nCheck the queue" in text


def test_a_step_that_was_skipped_every_time_is_marked_and_stays_the_same_step() -> None:
    skip = facts.StepTicked(step("Open the").id, "Open", "skipped")
    earlier, _ = story(skip, name="INC-0")
    text = after(skip, past=(earlier,))
    assert "1. Open the dashboard <!-- skipped 2 times out of 2: is it still needed? -->\n" in text
    assert step("Open the", text).id == step("Open the").id
    assert not [e for e in taught(skip, past=(earlier,), text=text) if "skipped" in e.why]
    done, _ = story(facts.StepTicked(step("Open the").id, "Open"), name="INC-0")
    assert taught(skip, past=(done,)) == []
    other, _ = story(skip, name="INC-0")
    unrelated = fold("INC-9", [e for e in story(skip, name="INC-9")[1] if not isinstance(e.fact, facts.RunbookOpened)])
    assert taught(skip, past=(unrelated,)) == []
    assert taught(skip, past=(other,))


def test_a_step_that_takes_longer_than_it_says_gets_the_measured_time() -> None:
    assert "(9 min)" in after(*ran(step("Roll back"), 8.2 * 60))
    assert "(2 h)" in after(*ran(step("Roll back"), 2 * 3600 - 5))
    quick = tuple(story(*ran(step("Roll back"), 41), name=f"INC-{n}")[0] for n in "23")
    assert "(45 s)" in after(*ran(step("Roll back"), 41), past=quick)
    assert "(5 s)" in after(*ran(step("Roll back"), 1), past=tuple(story(*ran(step("Roll back"), 1))[0] for _ in "ab"))


def test_a_rollback_takes_until_it_helped() -> None:
    where = step("Roll back")
    started = facts.CommandStarted(
        "r", "gh", ("gh",), "/", "/o", step=where.id, step_text=where.text, origin="acme.md:8"
    )
    told = [started, facts.CommandFinished("r", 0, 4.0), *[facts.Remarked("finding", "x")] * 9]
    assert "(11 min)" in after(*told, facts.MilestoneSet("mitigated"))
    assert taught(*told) == []


def test_a_stated_time_is_changed_on_the_line_on_which_it_stands_and_only_to_another_one() -> None:
    text = "# A\n\n1. Wait until it is\n   calm (5 s)\n"
    assert "   calm (15 s)\n" in after(*ran(book(text).steps[0], 12), text=text)
    quick = tuple(story(*ran(book(text).steps[0], 1), name=f"INC-{n}")[0] for n in "23")
    assert taught(*ran(book(text).steps[0], 1), text=text, past=quick) == []


@pytest.mark.parametrize(
    ("head", "moved"),
    [
        ("---\nreviewed: '2026-01-02'\n---\n", "reviewed: '2026-05-02'"),
        ("+++\nlast_reviewed_on: 2026-01-02\n+++\n", "last_reviewed_on: 2026-05-02"),
        ("---\nreviewed: 2026-05-02\n---\n", ""),
        ("---\nreviewed: soon\n---\n", ""),
        ("---\ntitle: x\n---\n", ""),
        ("", ""),
    ],
)
def test_the_day_of_the_review_moves_where_there_is_one(head: str, moved: str) -> None:
    text = head + TEXT.split("---\n")[2]
    found = after(*typed(step("Verify", text)), text=text)
    assert (moved in found) if moved else found.startswith(head)
    assert "kubectl get pods" in found


def test_a_front_matter_without_an_end_and_an_incident_without_a_beginning_move_nothing() -> None:
    text = "---\n# A\n\n1. Check: `df`\n"
    assert len(taught(*typed(book(text).steps[0]), text=text)) == 1
    incident, events = story(*typed(step("Verify")))
    unopened = fold("INC-1", events[1:])
    assert len(lessons(TEXT, book(), unopened, events, ())) == 1
    assert incident.opened_at is not None


@given(
    st.lists(st.sampled_from(["a", "", "  b", "```", "1. c"]), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 8), st.booleans()), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)
def test_changes_touch_no_other_byte(lines: list[str], places: list[tuple[int, bool]], end: str) -> None:
    edits = [Edit(line, (f"new {n}",), "", instead) for n, (line, instead) in enumerate(places) if line <= len(lines)]
    result = applied(end.join(lines) + end, edits).removesuffix(end)
    replaced = {edit.line for edit in edits if edit.instead}
    left = [line for line in result.split(end) if not line.startswith("new ")]
    assert left == [line for number, line in enumerate(lines, 1) if number not in replaced]
    added = [line for line in result.split(end) if line.startswith("new ")]
    assert len(added) == len([edit for edit in edits if not edit.instead]) + len(replaced)


def test_a_change_to_which_the_check_objects_is_left_out_with_its_words() -> None:
    edits = [Edit(1, ("good",), "one"), Edit(1, ("bad",), "two"), Edit(2, ("good too",), "three")]
    good, refused = kept("bad\nend\n", edits, lambda text: {"bad-word": text.count("bad")})
    assert [edit.why for edit in good] == ["one", "three"]
    assert [(edit.why, said) for edit, said in refused] == [("two", "bad-word")]


def test_the_diff_is_one_that_patch_takes() -> None:
    shown = diff("runbooks/a.md", "one\ntwo", "one\nthree")
    assert shown.startswith("--- a/runbooks/a.md\n+++ b/runbooks/a.md\n@@")
    assert shown.endswith("-two\n\\ No newline at end of file\n+three\n\\ No newline at end of file\n")
    assert diff("a", "x\n", "x\n") == ""
