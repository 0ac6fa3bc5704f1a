"""What holds for every document: ticks survive edits elsewhere, commands are the file's own bytes, nothing crashes.

RUNBOOK_MUTATIONS=10000 python -m pytest -n0 tests/core/test_runbook_properties.py -k mutation tries ten thousand.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.core.runbook import Command, Effect, Origin, Runbook, Runnable
from incident.core.runbook.outline import outline
from incident.core.runbook.part import part_of
from incident.core.runbook.read import read
from tests.core.runbook_shape import is_well_formed

MUTATIONS = int(os.environ.get("RUNBOOK_MUTATIONS", "150"))
OWN = sorted((Path(__file__).parents[2] / "runbooks").glob("*.md"))


def of(text: str) -> Runbook:
    return read(text.encode("utf-8", "replace"), "x.md")


# --- documents made of sections, each with steps that no other has -------------------------------------------------

FORMS = st.sampled_from(
    [
        "1. Restart {0}: `kubectl rollout restart deploy/{0}` (5 min)\n",
        "- [ ] Verify {0} with `kubectl get deploy {0}`\n",
        "Check the logs of {0}:\n\n```sh\nkubectl logs deploy/{0} | tail\n```\n",
        "```console\n$ kubectl get pods -l app={0}\nNAME  READY\n```\n",
        "* Delete the pods of {0}\n\n  ```bash\n  kubectl delete pod \\\n    -l app={0}  # all of them\n  ```\n",
        "1. Page the team of {0}\n   1. Tell them about {0}\n",
    ]
)
SECTION = st.lists(FORMS, min_size=1, max_size=3)
DOCUMENT = st.lists(SECTION, min_size=2, max_size=5)
KINDS = ("Diagnosis", "Mitigation", "If it grows", "Verification", "Steps for later")


def written(document: list[list[str]], edits: dict[tuple[int, int], str] | None = None) -> list[str]:
    """The sections' texts; `edits` replace the step at (section, place)."""
    texts = []
    for number, section in enumerate(document):
        steps = [
            (edits or {}).get((number, place), form.format(f"svc-{number}-{place}"))
            for place, form in enumerate(section)
        ]
        texts.append(f"## {KINDS[number]} {number}\n\n" + "\n\n".join(steps) + "\n")
    return texts


def identities(runbook: Runbook, number: int) -> list[str]:
    """The steps of the numbered section."""
    ending = f" {number}"
    return [step.id for step in runbook.steps if runbook.sections[step.section].title.endswith(ending)]


NOISE = st.sampled_from(
    [
        "",
        "\n\n\n",
        "Some words that ask for nothing.\n\n",
        "| a | b |\n|---|---|\n| c | d |\n\n",
        "> a remark\n\n",
        "<!-- a comment -->\n\n",
        "```yaml\na: b\n```\n\n",
        "## Appendix\n\n1. Read the appendix\n\n",
    ]
)


@given(DOCUMENT, st.data())
@settings(max_examples=60, deadline=None)
def test_ticks_survive_every_edit_elsewhere(document: list[list[str]], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(document) - 1), "kept section")
    before = identities(of("# T\n\n" + "\n".join(written(document))), kept)
    texts = written(document)
    for number in range(len(texts)):
        if number != kept:
            texts[number] = data.draw(st.sampled_from([texts[number], "", texts[number] + "\n1. One more\n"]))
    texts[kept] = data.draw(NOISE) + texts[kept]
    texts[kept] += "\nWhat stands above has been read twice.\n"
    edited = "# T\n\n" + data.draw(NOISE) + "\n".join(texts)
    if data.draw(st.booleans(), "Windows line ends"):
        edited = edited.replace("\n", "\r\n")
    assert before
    assert identities(of(edited), kept) == before


@given(DOCUMENT, st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_command_voids_its_tick_and_no_other(document: list[list[str]], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(document) - 1))
    place = data.draw(st.integers(0, len(document[number]) - 1))
    own = document[number][place].format(f"svc-{number}-{place}")
    changed = own.replace("kubectl", "oc") if "kubectl" in own else own.replace("the team", "both teams")
    before = of("# T\n\n" + "\n".join(written(document)))
    after = of("# T\n\n" + "\n".join(written(document, {(number, place): changed})))
    lost = {step.id for step in before.steps} - {step.id for step in after.steps}
    assert len(lost) == 1
    (voided,) = [step for step in before.steps if step.id in lost]
    assert f"svc-{number}-{place}" in " ".join([voided.text, *(before.commands[i].text for i in voided.commands)])


@given(DOCUMENT, st.data())
@settings(max_examples=40, deadline=None)
def test_a_part_has_the_identities_and_lines_of_the_whole(document: list[list[str]], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(document) - 1))
    whole = of("# T\n\n" + "\n".join(written(document)))
    part = part_of(whole, f"{KINDS[number]} {number}")
    assert [step.id for step in part.steps] == identities(whole, number)
    assert {(step.id, step.lines) for step in part.steps} <= {(step.id, step.lines) for step in whole.steps}
    own = {command.text for step in part.steps for command in (part.commands[i] for i in step.commands)}
    assert own <= {command.text for command in whole.commands}


# --- every command is made of the file's own bytes -----------------------------------------------------------------


def is_of_the_file(lines: list[str], command: Command) -> bool:
    """Whether each line of a command stands in its line of the file: prompts, indentation and comments aside."""
    first, last = command.lines
    own = lines[first - 1 : last]
    if command.origin is Origin.INLINE:
        flat = " ".join(line.lstrip(" >\t") for line in own)
        return " ".join(command.text.split()) in " ".join(flat.split())
    written_in = command.text.split("\n")
    return len(written_in) == len(own) and all(
        mine.strip() in theirs for mine, theirs in zip(written_in, own, strict=True)
    )


CONTENT = st.lists(
    st.sampled_from(
        [
            "kubectl get pods",
            "kubectl  get\tpods -l 'a  b'",
            'echo "two\nlines"',
            "ls \\\n  -l /tmp  # all",
            "$ uptime",
            "$ cat <<EOF\n> x\n> EOF",
            "cat <<'E F'",
            "cat <<EOF\n  <x>\n\tEOF\nEOF",
            "# a comment",
            "NAME  READY",
            "",
            "for x in a b; do\n  echo $x\ndone",
            "echo ünïcode — “quotes”",
            "[root@web ~]# systemctl status x",
            "echo 'open",
            "host-1 $ dig x",
            "   sed -n '1,/x/p'  f ",
            "echo a # b # c",
            "a: b",
            "psql <<< 'select 1'",
            "> quoted",
        ]
    ),
    max_size=6,
)
WRAPPED = st.sampled_from(
    [
        "```sh\n{0}\n```",
        "```\n{0}\n```",
        "~~~console\n{0}\n~~~",
        "    {1}",
        "1. Run:\n\n   ```bash\n   {2}\n   ```",
        "- `{3}` and more",
        "> ```sh\n> {4}\n> ```",
        "1. Do `{3}` (5 min)\n   `{3}`",
    ]
)


@given(st.lists(st.tuples(WRAPPED, CONTENT), max_size=4))
@settings(max_examples=200, deadline=None)
def test_every_command_is_a_part_of_its_file(blocks: list[tuple[str, list[str]]]) -> None:
    text = "\n\n".join(
        around.format(
            body := "\n".join(content),
            body.replace("\n", "\n    "),
            body.replace("\n", "\n   "),
            body.replace("\n", " ").replace("`", ""),
            body.replace("\n", "\n> "),
        )
        for around, content in blocks
    )
    lines = text.split("\n")
    for command in of(text).commands:
        assert is_of_the_file(lines, command), (command, text)


# --- nothing crashes, hangs or grows without bound -----------------------------------------------------------------

PIECES = [
    "```",
    "```sh\n",
    "~~~",
    "<!--",
    "-->",
    "<!-- incident: confirm",
    "- ",
    "1. ",
    "> ",
    "`",
    "$ ",
    "# ",
    "\n",
    "\n\n",
    "    ",
    "\t",
    '"',
    "'",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "{",
    "}",
    "\\",
    "|",
    "|-|",
    "&&",
    "<<EOF",
    "EOF",
    "If ",
    "---\n",
    "+++\n",
    "!!! note\n",
    "<details>",
    "\x00",
    "\u202e",
    "$(",
    "<x>",
    "\r",
    "{{",
    "**",
    "_",
    "=",
    ":",
    "inputs: {",
    "sh { run=",
    "\ud83d".encode("utf-8", "replace").decode(),
    "é",
    "%}",
    "::: {x}",
    "[x](",
    "]: y\n",
    "sudo ",
    "kubectl exec -it x -- ",
]


def mutated(text: str, changes: list[tuple[int, int, int, int]]) -> str:
    """The text after some changes, each (what, where, how long, which): cut, doubled, moved, or with a piece put in."""
    for what, where, length, which in changes:
        start = where % (len(text) + 1)
        end = min(len(text), start + length)
        piece = PIECES[which % len(PIECES)]
        middle = ("", text[start:end] * 2, piece, piece * (1 + length % 40), text[start:end][::-1])[what % 5]
        text = text[:start] + middle + text[end if what % 5 != 2 else start :]
    return text


def is_sound(text: str) -> None:
    """Read it in every way, and look at the shape of what comes out."""
    runbook = of(text)
    outline(text.split("\n"))
    part_of(runbook, len(text) % 97)
    is_well_formed(runbook)
    for command in runbook.commands:
        assert command.runnable is not Runnable.YES or "\ufffd" not in command.text
        assert not command.opens_console or command.effect is Effect.READS
    if "\0" not in text and "\ufffd" not in text:
        lines = re.split("\r\n?|\n", text.encode("utf-8", "replace").decode())
        assert all(is_of_the_file(lines, command) for command in runbook.commands)
    assert len(repr(runbook)) < 60 * len(text) + 100_000


CHANGES = st.lists(st.tuples(*[st.integers(0, 4), *[st.integers(0, 20_000)] * 3]), min_size=1, max_size=6)


@given(st.sampled_from(OWN), CHANGES)
@settings(max_examples=MUTATIONS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.fault(68)
def test_no_mutation_of_a_runbook_breaks_its_reading(file: Path, changes: list[tuple[int, int, int, int]]) -> None:
    is_sound(mutated(file.read_text(encoding="utf-8"), changes))
