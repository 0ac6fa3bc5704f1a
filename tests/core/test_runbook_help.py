"""The help page for authors says what is so: each of its claims, with what holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from incident.core.match import Match, match
from incident.core.ports import Listed
from incident.core.runbook import Attributes, Input, Runbook, Runnable
from incident.core.runbook.part import part_of
from incident.core.runbook.read import read
from incident.core.verification import Watch, watch_of

PAGE = Path(__file__).parents[2] / "incident" / "tui" / "help" / "runbooks.md"


def of(text: str) -> Runbook:
    return read(text.encode(), "x.md")


def texts(text: str) -> list[str]:
    return [step.text for step in of(text).steps]


def runnable(text: str) -> list[Runnable]:
    return [command.runnable for command in of(text).commands]


def marked(attributes: str) -> Attributes:
    return of(f"```sh {attributes}\nuptime\n```\n").commands[0].attributes


def found(
    *files: Listed,
    labels: Mapping[str, str] | None = None,
    link: str = "",
    mapping: Mapping[str, str] | None = None,
) -> Match:
    own = {"alertname": "ReaperStuck", **(labels or {})}
    return match(own, {"runbook_url": link} if link else {}, files, mapping or {})


def file(path: str, headings: tuple[tuple[int, str], ...] = (), alerts: tuple[str, ...] = ()) -> Listed:
    return Listed(path, "/runbooks", ((1, "Title"), *headings), alerts)


def steps() -> None:
    text = "## Steps\n\n1. One\n\n- [ ] Two\n\n* Restart three\n\nCheck four.\n\n## More\n\n```sh\nuptime -p\n```\n"
    assert texts(text) == ["One", "Two", "Restart three", "Check four.", "uptime -p"]


def no_steps() -> None:
    assert not texts("## Meaning\n\nThere are two causes:\n\n1. A disk is full\n")
    assert not texts("## Symptoms\n\n- Requests fail\n")
    assert not texts("## Resources\n\n- [Read the manual](https://x)\n")
    assert not texts("## Mitigation\n\nIf you need further help, contact the team.\n")


def logical_lines() -> None:
    assert len(of("```sh\nls \\\n  /tmp\nuptime\n```\n").commands) == 2
    (command,) = of("```\n$ uptime\nup 3 days\n```\n").commands
    assert (command.text, command.expected_output) == ("uptime", "up 3 days")


def untagged() -> None:
    assert runnable("```\nkubectl get pods\n```\n") == [Runnable.PROBABLE]


def spans() -> None:
    assert runnable("## Steps\n\n- Run `ls /tmp`\n") == [Runnable.YES]
    assert runnable("## Steps\n\nRun `ls /tmp` now.\n") == [Runnable.NO]


def other_languages() -> None:
    for info, line in (("yaml", "a: b"), ("json", '{"a": 1}'), ("sql", "select 1;"), ("promql", "sum(rate(x[5m]))")):
        assert runnable(f"```{info}\n{line}\n```\n") == []


def parameters() -> None:
    (command,) = of("```sh\nkubectl -n <ns> logs [pod] NAME-OF-POD $CONTAINER\n```\n").commands
    assert command.parameters == ("<ns>", "[pod]", "NAME-OF-POD", "$CONTAINER")


def expected() -> None:
    assert of("1. Wait (5 min)\n").steps[0].expected == "5 min"


def ways() -> None:
    text = "".join(f"## {word} it rains\n\n1. Go {word}\n\n" for word in ("If", "When", "Unless", "Otherwise,"))
    assert {step.branch.group for step in of(text).steps if step.branch} == {1}
    assert all(step.branch for step in of(text).steps)


def contacts() -> None:
    (contact,) = of("## Escalation\n\n- The lead, after 30 minutes\n").contacts
    assert contact.due_seconds == 1800


def ticks() -> None:
    before = of("1. Look: `ls /a`\n2. Go on\n").steps
    edited = of("Words.\n\n1. New\n2. Look: `ls /a`\n3. Go on\n").steps
    assert [step.id for step in before] == [step.id for step in edited[1:]]
    assert of("1. Look: `ls /b`\n").steps[0].id != before[0].id


def claims_alerts() -> None:
    assert of("---\nalerts: [ReaperStuck]\n---\n").alerts == ("ReaperStuck",)


def looks_after() -> None:
    runbook = of("---\nowner: team\nreviewed: 2026-05-02\nreview_every: 90d\n---\n")
    assert (runbook.owner, str(runbook.reviewed), runbook.review_every) == ("team", "2026-05-02", 90)


def needs() -> None:
    assert of("---\nrequires: {tools: [gh]}\n---\n").requires == ("gh",)


def declares() -> None:
    front = "inputs: {sha: {pattern: '[0-9a-f]{7,40}', from: \"git log --format=%h\",\n  help: last good one}}"
    assert of(f"---\n{front}\n---\n").inputs == (
        Input("sha", "[0-9a-f]{7,40}", "git log --format=%h", "last good one"),
    )


def fences() -> None:
    forms = ("{ name=drain confirm=production }", '{"name": "drain", "confirm": "production"}')
    for form in (*forms, "name=drain confirm=production"):
        assert marked(form) == Attributes(name="drain", confirm="production")


def comments() -> None:
    (step,) = of("1. Wait <!-- incident: confirm verify=4 undo=5 -->\n").steps
    assert step.attributes == Attributes(confirm="yes", verify="4", undo="5")


def shown_done() -> None:
    for attribute, signals, alerts in (
        ("errors", ("errors",), ()), ("p99", ("p99",), ()), ("alert", (), ("",)), ("alert:Up", (), ("Up",)),
    ):  # fmt: skip
        book = of(f"1. Have a look <!-- incident: check={attribute} -->\n")
        assert watch_of(book.steps[0], book) == Watch(signals, alerts)
    book = of("1. Verify error rate drops\n2. Verify error rate drops <!-- incident: check=none -->\n3. Have a look\n")
    assert [watch_of(step, book) for step in book.steps] == [Watch(("errors",)), None, None]


def forbids() -> None:
    assert runnable("```sh run=false\nuptime\n```\n") == [Runnable.NO]


def asks() -> None:
    assert runnable("```sh confirm\nuptime\n```\n") == [Runnable.PROBABLE]
    assert marked("confirm=production").confirm == "production"


def terminal() -> None:
    assert (marked("interactive").interactive, marked("background").background) == (True, True)


def where_and_when() -> None:
    assert (marked("cwd=/srv timeout=10m").cwd, marked("cwd=/srv timeout=10m").timeout) == ("/srv", 600)


def points() -> None:
    text = "```sh name=undrain\nuptime\n```\n\n1. Check <!-- incident: undo=undrain verify=1 -->\n"
    assert of(text).notices == ()
    assert of(text.replace("verify=1", "verify=7")).notices == ("line 5: there is no step or block `7`",)


def malformed() -> None:
    runbook = of("```sh { confirm\nuptime\n```\n")
    assert runbook.commands[0].runnable is Runnable.PROBABLE
    assert runbook.notices == ("line 2: its attributes cannot be read: the brace stays open",)


def mapped() -> None:
    both = file("mapped.md"), file("claims.md", alerts=("ReaperStuck",))
    assert found(*both, mapping={"ReaperStuck": "mapped.md"}).path == "mapped.md"


def claimed() -> None:
    both = file("claims.md", alerts=("ReaperStuck",)), file("linked.md")
    assert found(*both, link="linked.md").path == "claims.md"


def linked() -> None:
    both = file("storage/linked.md"), file("ReaperStuck.md")
    assert found(*both, link="storage/linked.md").path == "storage/linked.md"
    assert found(*both, link="https://wiki.example.com/storage/linked").path == "storage/linked.md"
    label = {"runbook": "storage/linked.md"}
    assert found(*both, labels=label).path == "storage/linked.md"


def named() -> None:
    assert found(file("reaper-stuck.md"), file("other.md")).path == "reaper-stuck.md"
    by_heading = found(file("other.md", headings=((7, "ReaperStuck"),)))
    assert (by_heading.path, by_heading.line) == ("other.md", 7)


def default() -> None:
    assert found(file("acme-default.md"), labels={"service": "acme"}).path == "acme-default.md"
    assert found(file("acme/default.md"), labels={"service": "acme"}).path == "acme/default.md"


def several() -> None:
    offered = found(file("a/reaper-stuck.md"), file("b/reaper-stuck.md"))
    assert (offered.path, len(offered.candidates)) == (None, 2)
    assert found(file("x.md"), link="https://elsewhere.example.com/a/y").path is None


def parts() -> None:
    assert texts("# T\n\n## One\n\n1. Wait\n\n## Two\n\n1. Go\n") == ["Wait", "Go"]
    assert [s.text for s in part_of(of("# T\n\n## One\n\n1. Wait\n\n## Two\n\n1. Go\n"), "two").steps] == ["Go"]


def verbs() -> None:
    """Held by tests/adapters/test_runbooks_on_disk.py, which runs them."""


HOLDS: dict[str, Callable[[], None]] = {
    "A numbered item": steps,
    "Causes, symptoms": no_steps,
    "Each logical line": logical_lines,
    "A line may be": untagged,
    "A code span": spans,
    "YAML, JSON": other_languages,
    "<name>, [name]": parameters,
    "(5 min)": expected,
    "Headings next to": ways,
    "Bullets under Escalation": contacts,
    "A tick stays": ticks,
    "alerts: [Name]": claims_alerts,
    "owner, reviewed": looks_after,
    "requires:": needs,
    "inputs:": declares,
    "```sh {": fences,
    "<!-- incident:": comments,
    "run=false": forbids,
    "confirm:": asks,
    "interactive:": terminal,
    "cwd=DIR": where_and_when,
    "undo=5": points,
    "check=errors": shown_done,
    "What cannot be read": malformed,
    "runbook_map": mapped,
    "alerts: in": claimed,
    "the link in": linked,
    "the alert's name": named,
    "a file called": default,
    "Several that fit": several,
    "FILE#heading": parts,
    "incident runbook show": verbs,
    "incident runbook match": verbs,
}


def claims() -> list[str]:
    return [line.removeprefix("- ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]


@pytest.mark.parametrize("claim", claims())
def test_what_the_page_claims_is_so(claim: str) -> None:
    (holds,) = [check for beginning, check in HOLDS.items() if claim.startswith(beginning)]
    holds()


def test_every_line_of_the_page_fits_an_80_column_terminal() -> None:
    assert max(len(line) for line in PAGE.read_text(encoding="utf-8").splitlines()) < 80
