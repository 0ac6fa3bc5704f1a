"""The blameless lint: what it warns about, what it leaves alone, and where it says that a sentence stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.blameless import FAMILIES, Hit, Part, Sentence, Weight, look, look_at, sentences
from incident.core.blameless.reading import reading

BLAME = """
blame-human-error | Human mistake was the main reason for the data loss.
blame-human-error | Due to operator error the wrong cluster was drained.
blame-human-error | Fat-fingered the region name.
blame-should-have | Priya should have double-checked the migration before merging.
blame-should-have | The engineer on duty could have prevented this by reading the runbook.
blame-should-have | Had the on-call followed the runbook, the outage would have been five minutes.
blame-should-have | She should never have restarted the primary.
blame-should-have | If the developer had just read the documentation, none of this would have happened.
blame-should-have | If only the reviewer had looked at the plan.
blame-should-have | A more experienced engineer would have caught this.
blame-should-have | The new tool should never have been rushed to production.
blame-should-have | Ops should have known better than to deploy on a Friday.
blame-failed | The author forgot to bump the version.
blame-failed | The on-call missed the page because he was asleep.
blame-failed | The database administrators overlooked the disk alert.
blame-failed | Somebody misconfigured the load balancer.
blame-failed | The incident commander was too slow to escalate.
blame-failed | The outage happened because Jordan ignored the canary warnings.
blame-human-error | The engineer's failure to verify the target led to the deletion.
blame-failed | The on-call person did nothing for twenty minutes.
blame-failed | The change was made by Tom, who rushed it.
blame-procedure | The procedure was not followed.
blame-procedure | The engineer violated the change freeze policy.
blame-procedure | The engineer deployed without approval.
blame-procedure | The release manager did not follow the checklist.
blame-did-not-check | The team lead did not communicate the change.
blame-did-not-check | No one checked the dashboard after the deploy.
blame-did-not-check | The reviewers approved the change without reading it.
blame-did-not-check | Marcus didn't read the release notes.
blame-failed | Whoever wrote this migration did not test it.
blame-judgement | The on-call engineer was negligent.
blame-judgement | Poor judgement by the duty manager prolonged the outage.
blame-judgement | The cause was an inattentive engineer.
blame-judgement | It was a silly mistake.
blame-judgement | The review was done by a lazy reviewer.
blame-person-cause | The incident was Sam's fault.
blame-person-cause | It was Dana's mistake.
blame-person-cause | The mistake was made by a contractor.
blame-person-cause | Sam broke production.
blame-person-cause | The admin ran the command on the wrong host.
blame-person-cause | The outage was caused by an intern.
blame-person-cause | The blame lies with the night shift.
blame-person-cause | Whoever approved the change is responsible for this outage.
blame-be-careful | Engineers need to be more careful when editing Terraform.
blame-be-careful | Remind engineers to read the runbook.
blame-be-careful | Everyone should double-check the namespace before running kubectl delete.
blame-be-careful | Please pay attention to the warnings next time.
blame-discipline | The responder must be retrained on the deploy tooling.
blame-discipline | Disciplinary action will be considered.
blame-discipline | We need to hold the team accountable for this.
blame-why-not | Why was nobody watching the graphs?
blame-why-not | Why did the DBA not take a backup first?
blame-why-not | Who approved this change?
blame-other-team | The ops team never reads our change announcements.
blame-other-team | The vendor failed to tell us about the maintenance.
blame-judgement | The platform team's negligence left the certificate to expire.
""".strip().split("\n")

FINE = """
The etcd operator failed to reconcile the cluster.
The Prometheus operator ignored the new rule group because of a label.
Cache misses increased tenfold.
The service was lazily initialised; lazy loading hid the error.
`git blame` shows that the line came with commit a1b2c3d.
User errors (4xx) stayed flat.
This was not human error: the console showed the wrong cluster.
We do not write "human error" here.
The word "human error" explains nothing.
We failed you, and we are sorry.
The responder did not have access to the production project.
The on-call engineer could not reach the VPN.
The reviewer approved the change; the diff did not show the generated file.
The admin API ignored the timeout.
The scheduler forgot the pod's affinity after the restart.
Nobody was paged because the route had no receiver.
The engineer who ran the command saw a prompt that named staging.
The runbook did not mention the second region.
The developer portal failed to load for 12 minutes.
No one person or change is the cause.
The load balancer is responsible for routing requests to healthy pods.
Retrain the anomaly model with the new traffic.
The secondary did not catch up for 4 minutes.
The vendor fixed the issue at 05:00.
The responders did not know that the flag was shared, because nothing lists its readers.
The on-call engineer expected the deploy to be reversible because the runbook says so.
The validation job skipped the file because its name was unknown.
Three engineers joined within ten minutes.
The engineers were careful to drain one node at a time.
The error was caused by a missing index.
The reviewer bot did not comment on the pull request.
The alert should fire within five minutes.
The sloppy quorum accepted the write.
A page fault's handler ran twice.
The engineer could have been paged sooner.
""".strip().split("\n")


@pytest.mark.parametrize("line", BLAME)
def test_a_sentence_that_blames_somebody_is_warned_about(line: str) -> None:
    family, _, text = line.partition(" | ")
    hit = look(text)
    assert hit is not None
    assert (hit.weight, hit.family.id) == (Weight.WARNING, family)


@pytest.mark.parametrize("text", FINE)
def test_what_only_sounds_like_blame_is_no_warning(text: str) -> None:
    hit = look(text)
    assert hit is None or hit.weight is Weight.HINT


SENTENCES = (Path(__file__).parent / "blameless_sentences.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", SENTENCES)
def test_sentences_of_many_makes_are_told_apart(line: str) -> None:
    """A line with + blames somebody, one with - does not."""
    hit = look(line[2:])
    assert (hit is not None and hit.weight is Weight.WARNING) is line.startswith("+")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
def test_every_family_finds_its_own_example_and_not_what_could_stand_there(family: object) -> None:
    assert family in FAMILIES
    known = next(one for one in FAMILIES if one is family)
    hit = look(known.bad)
    assert hit is not None
    assert hit.family is known
    assert hit.weight is (Weight.WARNING if known.warns else Weight.HINT)
    assert look(known.good) is None


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("We overlooked the second region.", "blame-we"),
        ("Clients should have received a 429.", "blame-counterfactual"),
        ("The limit was obviously too low.", "blame-hindsight"),
        ("The delay is unacceptable.", "blame-judgement"),
        ("The header was overlooked.", "blame-did-not-check"),
        ("The engineer accidentally closed the tunnel.", "blame-person-cause"),
        ("The responder did not acknowledge the second page.", "blame-did-not-check"),
    ],
)
def test_what_is_only_worth_a_second_look_is_a_hint(text: str, family: str) -> None:
    hit = look(text)
    assert hit is not None
    assert (hit.weight, hit.family.id) == (Weight.HINT, family)


def test_people_of_the_incident_are_known_by_their_names() -> None:
    text = "At 03:10 ana opened the graph, and Novak missed the second step."
    assert look(text) is None
    hit = look(text, ("ana", "Kim Novak"))
    assert hit is not None
    assert (hit.weight, hit.words) == (Weight.WARNING, "Novak missed")


def test_a_name_is_not_guessed() -> None:
    assert look("Zookeeper missed the heartbeat.") is None
    assert look("Jordan missed the heartbeat.") is None
    assert look("Jordan missed the heartbeat.", ("Jordan",)) is not None


def test_in_the_parts_that_ask_for_it_a_wish_is_no_hint() -> None:
    text = "It could have been worse."
    assert look(Sentence(text, part=Part.CAUSE)) is not None
    for part in (Part.WELL, Part.LUCKY, Part.ACTIONS):
        assert look(Sentence(text, part=part)) is None


DOCUMENT = """---
title: the engineer forgot it
---
# INC-1

## Summary
<!-- a comment: the engineer forgot it -->
All is well. The engineer forgot
to run it.

## Root cause
### Trigger
- [ ] Human error.
  > quoted: a careless change

```
the engineer forgot it
```

| When | What |
| --- | --- |
| 03:04 | the **engineer** *forgot* to [look](https://example.org) |

<!--
the engineer forgot it
-->
### Where we got lucky
1. It could have been worse, e.g. at noon. `the engineer forgot it` <b>ok</b> https://e.org/should-have-been
"""


def told(hits: list[Hit]) -> list[tuple[int, str]]:
    return [(hit.line, hit.family.id) for hit in hits]


def test_findings_name_the_line_in_which_they_begin() -> None:
    assert told(look_at(DOCUMENT)) == [
        (8, "blame-failed"),
        (13, "blame-human-error"),
        (14, "blame-judgement"),
        (22, "blame-failed"),
    ]


def test_a_sentence_knows_the_part_that_it_stands_in() -> None:
    parts = {one.text.strip(): one.part for one in sentences(DOCUMENT)}
    assert parts["All is well."] is Part.SUMMARY
    assert parts["Human error."] is Part.CAUSE
    assert [part for text, part in parts.items() if text.startswith("It could")] == [Part.LUCKY]


def test_a_finding_on_the_second_line_of_a_sentence_has_that_line() -> None:
    text = "Nothing was wrong with the plan, and the review\nwas done well, but the engineer\nforgot to run it.\n"
    assert told(look_at(text)) == [(2, "blame-failed")]


def test_a_document_of_nothing_has_no_sentences() -> None:
    assert list(sentences("")) == []
    assert list(sentences("---\nno end\n\n***\n")) == [Sentence("no end", 2, Part.NONE, ((0, 2),))]


def test_a_sentence_without_lines_is_on_its_own() -> None:
    assert Sentence("x", 7).line_at(0) == 7


def test_windows_line_ends_change_nothing() -> None:
    assert told(look_at(DOCUMENT.replace("\n", "\r\n"))) == told(look_at(DOCUMENT))


@given(st.text(alphabet="TheengineerforgotNobdy.,;:!?\n `|#->*_[]()<0123456789\"'", max_size=200))
def test_any_text_is_looked_at_and_every_line_exists(text: str) -> None:
    for hit in look_at(text):
        assert 1 <= hit.line <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "people", "words"),
    [
        ("Priya Rao should've read it.", ("Priya Rao",), "Priya Rao should've"),
        ("The gate was open; then priya forgot to shut it.", ("priya",), "priya forgot"),
        ("It was late, and Rao ignored the page.", ("Priya Rao",), "Rao ignored"),
        ("Yusuf overlooked the second zone when he moved the domain.", (), "Yusuf overlooked"),
    ],
)
def test_what_is_found_is_told_as_it_is_written(text: str, people: tuple[str, ...], words: str) -> None:
    hit = look(text, people)
    assert hit is not None
    assert words in hit.words
    assert hit.words in text


@given(st.lists(st.sampled_from(["Priya", "Rao", "should've", "could've", "a", "it", ",", "."]), max_size=12))
def test_every_place_in_a_reading_is_one_in_the_sentence(words: list[str]) -> None:
    sentence = " ".join(words)
    read = reading(sentence, ("Priya Rao",))
    ends = [read.origin(at) for at in (0, len(read.text))]
    assert ends == [0, len(sentence)]
    for hit in re.finditer(r"(?<!\w)(?:a|it)(?!\w)|[.,]", read.text):
        assert read.words(hit) == hit[0]


def test_a_path_or_a_branch_that_holds_a_name_is_no_person() -> None:
    assert reading("kim/hotfix and kim-branch and kim.example", ("kim",)).text == (
        "kim/hotfix and kim-branch and kim.example"
    )
