"""What an author adds to a block or a step: it can only make a command safer, and what is malformed is said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.runbook import Attributes, Command, Input, Runbook, Runnable
from incident.core.runbook.attributes import KEYS, of_comment, of_fence, stricter
from incident.core.runbook.read import read

RANK = [Runnable.YES, Runnable.PROBABLE, Runnable.NO]


def of(text: str) -> Runbook:
    return read(text.encode(), "x.md")


def fence(info: str) -> tuple[Command, tuple[str, ...]]:
    runbook = of(f"```{info}\nuptime\n```\n")
    return runbook.commands[0], runbook.notices


ALL = Attributes(
    run=False,
    confirm="production",
    interactive=True,
    background=True,
    cwd="a dir/x",
    name="drain",
    timeout=600,
    undo="undrain",
    verify="4",
)


REST = 'interactive background cwd="a dir/x" name=drain timeout=10m undo=undrain verify=4'
COMMAS = "interactive=true, background=yes, cwd='a dir/x', name=drain, timeout=600s, undo=undrain, verify=4"
JSON = (
    '{"run": false, "confirm": "production", "interactive": true, "background": true, "cwd": "a dir/x", '
    '"name": "drain", "timeout": "10m", "undo": "undrain", "verify": 4}'
)


@pytest.mark.parametrize(
    "info",
    [
        f"sh {{ run=false confirm=production {REST} }}",
        f"sh {{run=no, confirm=production, {COMMAS}}}",
        f"sh {JSON}",
        f"sh run=false confirm=production {REST}",
        f"sh{{run=off confirm: production {REST}}}",
    ],
)
def test_a_fence_takes_its_attributes_in_braces_as_json_and_as_bare_words(info: str) -> None:
    command, notices = fence(info)
    assert command.attributes == ALL
    assert command.runnable is Runnable.NO
    # Neither a step with the number 4 nor a block called undrain is there.
    assert notices == ("line 2: there is no step or block `undrain`",)


@pytest.mark.parametrize(
    ("info", "cwd"),
    [
        (r'sh { cwd="a \"b\" } c, d" confirm }', 'a "b" } c, d'),
        ("sh { cwd='a } , =b' confirm }", "a } , =b"),
        ('sh {"cwd": "} \\" , {", "confirm": true}', '} " , {'),
        ("sh { confirm,, cwd=/srv/x-y_1 , }", "/srv/x-y_1"),
    ],
)
def test_quotes_commas_and_braces_inside_strings_end_nothing(info: str, cwd: str) -> None:
    command, notices = fence(info)
    assert command.attributes == Attributes(confirm="yes", cwd=cwd)
    assert notices == ()


@pytest.mark.parametrize(
    ("info", "runnable"),
    [
        ("sh", Runnable.YES),
        ("sh { name=x }", Runnable.YES),
        ("sh { confirm=false run=true interactive=0 }", Runnable.YES),
        ("sh { confirm }", Runnable.PROBABLE),
        ("sh confirm=production", Runnable.PROBABLE),
        ("sh interactive", Runnable.PROBABLE),
        ("sh { background=true }", Runnable.PROBABLE),
        ("sh { run=false }", Runnable.NO),
        ("sh { run=false run=true }", Runnable.NO),
    ],
)
def test_a_command_that_asks_is_copied_first_and_a_forbidden_one_never_runs(info: str, runnable: Runnable) -> None:
    assert fence(info)[0].runnable is runnable


@pytest.mark.parametrize(
    ("info", "notice"),
    [
        ("sh { name=x", "its attributes cannot be read: the brace stays open"),
        ('sh { cwd="x }', 'its attributes cannot be read: `cwd="x` is not `key=value`'),
        ('sh {"name": x}', "its attributes cannot be read: this is not valid JSON"),
        ("sh { name=x & }", "its attributes cannot be read: `&` is not `key=value`"),
        ("sh confirm='x", "its attributes cannot be read: `confirm='x` is not `key=value`"),
        ("sh { confirm=perhaps }", "the attribute `confirm=perhaps` cannot be read"),
        ("sh { timeout=soon }", "the attribute `timeout=soon` cannot be read"),
        ("sh { timeout=0m }", "the attribute `timeout=0m` cannot be read"),
        ("sh { name=x name=y }", "the attribute `name=y` cannot be read"),
        ("sh { cwd='' }", "the attribute `cwd=` cannot be read"),
        ('sh {"confirm": [1]}', "the attribute `confirm` cannot be read"),
        ('sh {"cwd": "a\\u202eb"}', "the attribute `cwd=ab` cannot be read"),
        ("sh { undo=$(x) }", "the attribute `undo=$(x)` cannot be read"),
        ("sh { confrim }", "the attribute `confrim` is not known; did you mean `confirm`?"),
        ("sh confirn", "the attribute `confirn` is not known; did you mean `confirm`?"),
        ("sh { " + "x" * 3_000 + " }", "its attributes cannot be read: they have 3,004 characters"),
        ("sh confirm " + "x" * 3_000, "its attributes cannot be read: they have 3,008 characters"),
    ],
)
def test_a_malformed_attribute_makes_the_block_ask_and_says_why(info: str, notice: str) -> None:
    command, notices = fence(info)
    assert command.runnable is Runnable.PROBABLE
    assert command.attributes.confirm == "yes"
    assert notices == (f"line 2: {notice}",)


def test_an_unknown_key_is_said_and_changes_nothing() -> None:
    command, notices = fence("sh { zzz=1 }")
    assert (command.runnable, command.attributes) == (Runnable.YES, Attributes())
    assert notices == ("line 2: the attribute `zzz` is not known",)


@pytest.mark.parametrize("info", ["sh linenums=1", 'bash title="a b"', "sh (copy)", "sh hl_lines=2", "sh # x"])
def test_words_that_belong_to_other_tools_are_left_to_them(info: str) -> None:
    command, notices = fence(info)
    assert (command.runnable, command.attributes, notices) == (Runnable.YES, Attributes(), ())


def test_what_is_odd_is_said_once_for_a_block() -> None:
    notices = of("```sh { confirm=x }\nuptime\nls /\n```\n").notices
    assert notices == ("line 2: the attribute `confirm=x` cannot be read",)


def test_attributes_of_a_block_that_is_no_command_say_nothing() -> None:
    assert of("```yaml { confirm=x }\na: b\n```\n").notices == ()
    assert of_fence("").attributes == of_fence("{sh} run=false").attributes == Attributes()


def test_a_comment_behind_a_step_marks_it_and_its_commands() -> None:
    runbook = of(
        "1. Roll back: `kubectl rollout undo deploy/x` (5 min) <!-- incident: confirm=production verify=2 undo=3 -->\n"
        "2. Verify it\n   <!-- incident: timeout=2m -->\n3. Go on\n\n   ```sh\n   uptime\n   ```\n\n"
        "<!-- incident: run=false -->\n"
    )
    first, second, third = runbook.steps
    assert first.text == "Roll back"
    assert first.attributes == Attributes(confirm="production", verify="2", undo="3")
    assert runbook.commands[0].attributes == first.attributes
    assert runbook.commands[0].runnable is Runnable.PROBABLE
    assert second.attributes == Attributes(timeout=120)
    assert third.attributes == Attributes(run=False)
    assert runbook.commands[1].runnable is Runnable.NO
    assert runbook.notices == ()


def test_a_comment_inside_a_step_with_sub_steps_marks_the_innermost() -> None:
    runbook = of("1. Look\n   1. Check it <!-- incident: confirm -->\n   2. Check that\n2. Go\n")
    assert [step.attributes.confirm for step in runbook.steps] == ["", "yes", "", ""]


def test_comments_that_belong_nowhere_point_nowhere_or_cannot_be_read_are_said() -> None:
    runbook = of(
        "# T\n<!-- incident: confirm -->\n\ntext\n\n1. Wait <!-- incident: undo=9 -->\n"
        "2. Run `ls /` <!-- incident: { -->\n"
        '3. Sleep <!-- incident: {"confirm": true} -->\n4. Go <!-- incident: a& -->\n5. Say `<!-- incident: x -->`\n'
        "6. Stop <!-- incident: confirm\n-->\n"
    )
    assert list(runbook.notices) == [
        "line 2: this comment belongs to no step",
        "line 7: its attributes cannot be read: the brace stays open",
        "line 9: its attributes cannot be read: `a&` is not `key=value`",
        "line 6: there is no step or block `9`",
    ]
    assert [step.attributes.confirm for step in runbook.steps] == ["", "yes", "yes", "yes", "", "yes"]
    assert runbook.commands[0].runnable is Runnable.PROBABLE


def test_ordinary_comments_say_nothing() -> None:
    runbook = of("1. Wait <!-- the incident: was long ago? no -->\n")
    assert runbook.steps[0].attributes == Attributes()
    assert runbook.notices == ()


WORDS = st.one_of(st.sampled_from(KEYS), st.text(max_size=8))
VALUES = st.one_of(
    st.sampled_from(["true", "false", "production", "10m", "x", '"a b"', "'}'", '"', "{", "}", ","]),
    st.text(max_size=8),
)
PAIRS = st.lists(st.tuples(WORDS, st.sampled_from(["", "=", ":", " "]), VALUES), max_size=6)


@given(PAIRS, st.sampled_from([("", ""), ("{", "}"), ("{", ""), ("{ ", " }")]))
@settings(max_examples=300, deadline=None)
def test_no_attribute_whatever_makes_a_command_less_safe(
    pairs: list[tuple[str, str, str]], around: tuple[str, str]
) -> None:
    written = " ".join("".join(pair) for pair in pairs).replace("\n", " ").replace("\r", " ").replace("`", "")
    text = f"{around[0]}{written}{around[1]}"
    plain = of("```sh\nuptime\n```\n").commands[0]
    for command in of(f"```sh {text}\nuptime\n```\n").commands:
        assert RANK.index(command.runnable) >= RANK.index(plain.runnable)
        assert command.effect is plain.effect
    commented = of(f"1. Run `uptime -p` <!-- incident: {text} -->\n").commands
    assert all(command.text == "uptime -p" for command in commented)
    of_comment(text)


@given(*[st.builds(Attributes, run=st.booleans(), confirm=st.sampled_from(["", "yes", "production"]))] * 2)
def test_two_attributes_together_are_as_strict_as_either(one: Attributes, other: Attributes) -> None:
    both = stricter(one, other)
    assert both == stricter(other, one)
    assert not both.run or (one.run and other.run)
    assert bool(both.confirm) == bool(one.confirm or other.confirm)


FRONT = """---
title: T
owner: team-backend
reviewed: 2026-05-02
review_every: 90d
alerts: [One]
requires: {tools: [gh, kubectl]}
inputs:
  previous: {pattern: '[0-9a-f]{7,40}', from: "git log --format=%h -5", help: last good SHA}
  zone: {}
---
1. Wait
"""


def test_front_matter_declares_inputs_tools_and_reviews() -> None:
    runbook = of(FRONT)
    assert runbook.inputs == (
        Input("previous", "[0-9a-f]{7,40}", "git log --format=%h -5", "last good SHA"),
        Input("zone"),
    )
    assert runbook.requires == ("gh", "kubectl")
    assert (runbook.reviewed, runbook.review_every) == (date(2026, 5, 2), 90)
    assert runbook.notices == ()
    shown = runbook.as_json()
    assert shown["inputs"][0]["from"] == "git log --format=%h -5"
    assert (shown["reviewed"], shown["review_every_days"]) == ("2026-05-02", 90)
    assert shown["requires"] == {"tools": ["gh", "kubectl"]}


def test_an_input_accepts_whole_values_of_its_pattern_alone() -> None:
    previous = of(FRONT).inputs[0]
    assert previous.accepts("9f8e7d6")
    assert not previous.accepts("9f8e7d6; rm -rf /")
    assert not previous.accepts("xx9f8e7d6")
    assert Input("any").accepts("whatever")


def test_toml_and_the_short_forms_are_read_too() -> None:
    runbook = of("+++\nrequires = ['gh']\nreviewed = 2026-05-02\nreview_every = '2 weeks'\n+++\n")
    assert (runbook.requires, runbook.reviewed, runbook.review_every) == (("gh",), date(2026, 5, 2), 14)
    assert of("---\nreview_every: 1y\n---\n").review_every == 365


@pytest.mark.parametrize(
    ("line", "notice"),
    [
        ("inputs: [a]", "`inputs` is not `name: {pattern: ..., from: ..., help: ...}`"),
        ("inputs: {a: b}", "the input `a` is not `{pattern: ..., from: ..., help: ...}`"),
        ("inputs: {a: {pattren: x}}", "the input `a` has a key `pattren`, which is not known"),
        (
            "inputs: {a: {pattern: '['}}",
            "the pattern of the input `a` is not a regular expression of at most 200 characters",
        ),
        (
            "inputs: {a: {pattern: '(x+)+y'}}",
            "the pattern of the input `a` is not a regular expression of at most 200 characters",
        ),
        ("requires: {tools: gh}", "`requires` is not `{tools: [name, ...]}`"),
        ("reviewed: last week", "`reviewed: last week` is not a day such as 2026-05-02"),
        ("review_every: often", "`review_every: often` is not a span such as 90d, 12w or 1y"),
        ("review_every: 0d", "`review_every: 0d` is not a span such as 90d, 12w or 1y"),
    ],
)
def test_what_is_malformed_in_the_front_matter_is_said_and_the_rest_is_kept(line: str, notice: str) -> None:
    runbook = of(f"---\ntitle: T\n{line}\n---\n1. Wait\n")
    assert runbook.title == "T"
    assert runbook.notices == (f"front matter: {notice}",)
    assert all(declared.pattern == "" for declared in runbook.inputs)
    assert (runbook.reviewed, runbook.review_every, runbook.requires) == (None, None, ())
