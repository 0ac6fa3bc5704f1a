"""From a runbook's line to what runs: the right value or none, and nothing that a label can smuggle in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.core.change import Change
from incident.core.change_rank import Trouble
from incident.core.command import (
    Filled,
    Preflight,
    Target,
    Tier,
    argv_for,
    default_of,
    fill,
    is_production,
    needs_shell,
    parameter_name,
    tier_of,
    why_not_a_value,
    with_values,
)
from incident.core.incident import Value
from incident.core.runbook import Effect
from incident.errors import RunError
from tests.fakes import DEPLOY, START

Labels = Mapping[str, str]


def filled(
    placeholder: str,
    *alerts: Labels,
    notes: Labels | None = None,
    earlier: Mapping[str, Value] | None = None,
    changes: tuple[Change, ...] = (),
    environment: Labels | None = None,
    back: bool = False,
) -> Filled:
    return fill(
        placeholder,
        earlier=earlier or {},
        alerts=[(labels, notes or {}) for labels in alerts or ({},)],
        changes=changes,
        trouble=Trouble(START, tuple(value for labels in alerts for value in labels.values())),
        environment=environment or {},
        back=back,
    )


@pytest.mark.parametrize(
    ("placeholder", "name", "default"),
    [
        ("<pod>", "pod", ""), ("<pod-name>", "pod-name", ""), ("$POD_NAME", "POD_NAME", ""), ("${POD_NAME}",
        "POD_NAME", ""),
        ("<replicas=3>", "replicas", "3"), ("<sel = app=web >", "sel", "app=web"), ("YYYY-MM-DD", "YYYY-MM-DD", ""),
        ("<value of pod label>", "value of pod label", ""),
    ],
)  # fmt: skip
def test_a_placeholder_has_a_name_and_may_have_a_default(placeholder: str, name: str, default: str) -> None:
    assert (parameter_name(placeholder), default_of(placeholder)) == (name, default)


@pytest.mark.parametrize(
    "placeholder",
    ["<pod>", "<pod-name>", "<POD>", "<pod name>", "$POD", "$POD_NAME", "${POD_NAME}", "<value of pod label>",
     "<value of the pod label from the alert>", "<the value of `pod` label>", "<value of label pod>", "<your-pod>",
     "<affected-pod-name>", "<value of pod annotation>", "<pod=web-9>"],
)  # fmt: skip
def test_the_ways_to_write_pod_all_mean_the_pod_label(placeholder: str) -> None:
    parameter = filled(placeholder, {"pod": "web-0", "name": "other"})
    assert (parameter.value, parameter.origin, parameter.ready) == ("web-0", "the alert's label pod", True)


@pytest.mark.parametrize("placeholder", ["<pod-id>", "<container>", "<pods>", "<name>", "<value of the pods>"])
def test_a_name_that_only_resembles_a_label_takes_no_value(placeholder: str) -> None:
    assert filled(placeholder, {"pod": "web-0", "pod_name": ""}) == Filled(placeholder, parameter_name(placeholder))


def test_a_value_comes_from_the_nearest_source_that_has_one() -> None:
    known = Value("typed-1", "typed by you")
    layers = [
        ("typed-1", "typed by you", {"earlier": {"SHA": known}}),
        ("label-1", "the alert's label sha", {"labels": {"sha": "label-1"}}),
        ("note-1", "the alert's annotation sha", {"notes": {"sha": "note-1"}}),
        ("a1b2c3d", "runs since 02:55", {"changes": (DEPLOY,)}),
        ("env-1", "the environment's SHA", {"environment": {"SHA": "env-1"}}),
        ("", "", {}),
    ]
    for first in range(len(layers)):
        have: dict[str, object] = {}
        for _, _, layer in reversed(layers[first:]):
            have |= layer
        labels = have.pop("labels", {})
        parameter = filled("$SHA", labels, **have)  # type: ignore[arg-type]  # sources of a value
        assert (parameter.value, parameter.origin) == layers[first][:2]
        assert parameter.ready == (first < len(layers) - 1)


def test_the_environment_and_the_runbooks_default_fill_only_their_own_kind_of_placeholder() -> None:
    assert filled("<region>", environment={"region": "eu"}).value == ""
    assert filled("<region=us>", environment={"region": "eu"}).value == "us"
    assert filled("<region=us>").origin == "the runbook's default"
    assert filled("<region=us east>").refused


def test_alerts_that_do_not_agree_fill_nothing() -> None:
    parameter = filled("<pod>", {"pod": "web-0"}, {"pod": "web-1"}, {})
    assert (parameter.ready, parameter.value, parameter.refused) == (
        False,
        "web-0, web-1",
        "the alerts do not agree on it",
    )
    assert filled("<pod>", {"pod": "web-0"}, {"pod": "web-0"}, {"pod": ""}).ready


def test_a_secret_stays_in_the_environment() -> None:
    secret = {"API_TOKEN": "hunter2", "AWS_SECRET_ACCESS_KEY": "s", "DB_PASSWORD": "p"}
    for name in secret:
        parameter = filled(f"${name}", {name: "label"}, environment=secret)
        assert (parameter.ready, parameter.value) == (True, f"${name}")
        assert with_values(f"curl -u x:${name} y", [parameter]) == f"curl -u x:${name} y"
    assert not filled("$API_TOKEN").ready
    assert filled("$API_TOKEN", earlier={"API_TOKEN": Value("$API_TOKEN", "before")}, environment=secret).ready


def test_a_version_comes_from_the_likely_deploy_and_says_so() -> None:
    parameter = filled("<previous>", {"job": "acme"}, changes=(DEPLOY,))
    assert (parameter.value, parameter.origin) == ("9f8e7d6", "ran until 02:55, before a1b2c3d")
    assert filled("$LAST_GOOD", changes=(DEPLOY,)).value == "9f8e7d6"
    assert filled("<sha>", changes=(DEPLOY,)).value == "a1b2c3d"
    assert not filled("<version>", changes=(DEPLOY,)).ready


def test_a_commit_is_not_filled_into_a_command_that_goes_back() -> None:
    assert not filled("<sha>", changes=(DEPLOY,), back=True).ready
    assert filled("<previous>", changes=(DEPLOY,), back=True).ready


def test_a_version_that_could_end_a_word_is_refused() -> None:
    assert filled("<sha>", changes=(replace(DEPLOY, version="a1; id"),)).refused


@pytest.mark.fault(48)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "it is empty"), ("-rf", "option"), ("--kubeconfig=/tmp/x", "option"), ("-", "option"), ("a;b", "';'"),
        ("a b", "' '"), ("web-0\n", r"'\n'"), ("a'b", "'"), ('a"b', '"'), ("$(x)", "'$()'"), ("`x`", "'`'"),
        ("a|b&c", "'|&'"),
        ("~", "'~'"), ("*", "'*'"), ("é", "'é'"), ("a\u202eb", "u202e"), ("\x00", r"\x00"), ("{a,b}", "'{}'"), ("１",
        "'１'"),
        ("".join(map(chr, range(0x4E00, 0x5000))), "丐"), ("a#b", "'#'"), ("a\\b", "\\"), ("^", "'^'"), ("!", "'!'"),
    ],
)  # fmt: skip
def test_a_value_that_could_mean_something_to_a_shell_or_an_option_is_refused(value: str, reason: str) -> None:
    said = why_not_a_value(value)
    assert reason in said
    assert len(said) < 200


@pytest.mark.parametrize(
    "value",
    ["web-0", "9f8e7d6", "/api/v1/checkout", "10.0.0.1:9100", "a=b", "x@y.z", "100%", "a,b", "+1", ".hidden", "%2e",
     "_", "="],
)  # fmt: skip
def test_ordinary_values_are_taken(value: str) -> None:
    assert why_not_a_value(value) == ""
    assert filled("<x>", {"x": value}).ready


CANARY = "CANARY"
ATTACKS = [
    "; touch CANARY", "$(touch CANARY)", "`touch CANARY`", "| touch CANARY", "& touch CANARY", "&& touch CANARY",
    "|| touch CANARY", "\ntouch CANARY", "x\ntouch CANARY\n", "'; touch CANARY; '", '"; touch CANARY; "',
    "'$(touch CANARY)'", '"$(touch CANARY)"', "a[$(touch CANARY)]", "${x:=$(touch CANARY)}", "<(touch CANARY)",
    ">CANARY",
    "x >CANARY", "\\$(touch CANARY)", '\\"; touch CANARY; \\"', "x\nEOF\ntouch CANARY\n", ") ; touch CANARY ; (",
    "}; touch CANARY; {", "x; touch CANARY #", "x\r\ntouch CANARY", "1;touch${IFS}CANARY", "{touch,CANARY}",
    "-e touch -exec touch CANARY ;", "--output=CANARY", "web-0\n;touch CANARY",
]  # fmt: skip
TEMPLATES = [
    "echo <x>", 'echo "<x>"', "echo '<x>'", "echo $(echo <x>)", "echo `echo <x>`", "cat <<EOF\n<x>\nEOF",
    'bash -c "echo <x>"', "bash -c 'echo <x>'", "eval echo <x>", "Y=<x>; echo $Y", "for i in <x>; do echo $i; done",
    "test <x> = 1 || true", "echo $((<x>+1))", "echo 'a \"<x>\" b' | sh -c 'cat'", "sort <x> </dev/null",
]  # fmt: skip


def run_in(folder: Path, *argv: str) -> bool:
    """Whether running this leaves the canary."""
    folder.mkdir()
    subprocess.run(
        argv,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
        env={"PATH": os.defpath},
    )
    return (folder / CANARY).exists()


@pytest.mark.fault(47, 48)
@pytest.mark.parametrize("template", TEMPLATES)
def test_none_of_thirty_attacks_runs_in_any_context_and_naive_replacement_runs_some(
    template: str, tmp_path: Path
) -> None:
    naive = 0
    for number, attack in enumerate(ATTACKS):
        parameter = filled("<x>", {"x": attack})
        text = with_values(template, [parameter])
        assert attack not in text
        # Even without the refusal to run what is unfilled, nothing of the attack is in what would run.
        argv, _ = argv_for(text)
        assert not run_in(tmp_path / f"ours{number}", *argv)
        naive += run_in(tmp_path / f"naive{number}", "bash", "-u", "-c", template.replace("<x>", attack))
    assert naive > 0


INERT = st.text("abcXYZ019_.:/@%+=,-", min_size=1, max_size=12).filter(lambda value: not value.startswith("-"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(INERT, min_size=1, max_size=5))
def test_a_value_that_is_taken_stays_one_word_in_every_quoting(tmp_path: Path, values: list[str]) -> None:
    line = 'printf "%s\\n" <x> "<x>" \'<x>\' $(printf %s <x>)'
    script = "\n".join(with_values(line, [Filled("<x>", "x", value)]) for value in values)
    ran = subprocess.run(["bash", "-u", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [value for value in values for _ in range(4)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <pod> <pod> <pods>", "a P P <pods>"),
        ("a $POD ${POD} $POD_NAME ${POD:-x} x$POD.y", "a V V $POD_NAME ${POD:-x} xV.y"),
        ("a '$POD' \"$POD\" \\$POD '<pod>' \"it's $POD\"", "a '$POD' \"V\" \\$POD 'P' \"it's V\""),
        ("a '\\' $POD '\\$POD'", "a '\\' V '\\$POD'"),
        ("a \\<pod> \\\\<pod>", "a \\<pod> \\\\P"),
        ("path/to/ab path/to/a YYYY-MM-DDTHH:MM YYYY-MM-DD", "long short T D"),
        ("<again>", "<pod>"),
        ("<refused> $REFUSED <unknown>", "<refused> $REFUSED <unknown>"),
        ("", ""),
    ],
)
def test_values_go_where_a_shell_would_see_a_placeholder_and_nowhere_else(text: str, shown: str) -> None:
    values = {
        "<pod>": "P", "$POD": "V", "path/to/a": "short", "path/to/ab": "long", "YYYY-MM-DD": "D",
        "YYYY-MM-DDTHH:MM": "T",
        "<again>": "<pod>", "": "never",
    }  # fmt: skip
    parameters = [Filled(placeholder, parameter_name(placeholder), value) for placeholder, value in values.items()]
    parameters += [Filled(p, parameter_name(p), "x;y", "", "odd") for p in ("<refused>", "$REFUSED")]
    assert with_values(text, parameters) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a | b", "a && b", "a; b", "a &", "a > b", "a < b", "(a)", "a *", "a ?", "a [ab]", "a {b,c}", "a $B", "a `b`",
        'a "$B"', 'a "\\n"', "a \\ b", "a !b", "a\nb", "a ~", "~/a", "a --x=~/b", "a b:~/c", "a # b", "# a",
        "A=1 b", "A+=1",
        "cd /tmp", "export A", "'cd' /tmp", "a 'b", 'a "b', "time a", "[[ a ]]", ". a", ": a",
    ],
)  # fmt: skip
def test_what_only_a_shell_understands_goes_to_a_shell(text: str) -> None:
    assert needs_shell(text)
    assert argv_for(text) == (("bash", "-u", "-c", text), True)


def test_every_word_that_bash_keeps_for_itself_goes_to_bash() -> None:
    own = subprocess.run(
        ["bash", "-c", "compgen -b; compgen -k"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(own) > 60
    assert [word for word in own if not needs_shell(f"{word} x")] == []


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("gh workflow run rollback.yml -f sha=9f8e7d6", ("gh", "workflow", "run", "rollback.yml", "-f", "sha=9f8e7d6")),
        ("a 'b c' \"d | e\" f'g'\"h\"", ("a", "b c", "d | e", "fgh")),
        (" a\tb  c ", ("a", "b", "c")),
        ("a x~y x#y 100% ^z, @b 'it;' \"~\" '$B' \"#\" ''", ("a", "x~y", "x#y", "100%", "^z,", "@b", "it;", "~",
        "$B", "#", "")),
        ("a B=1 cd é中", ("a", "B=1", "cd", "é中")),
    ],
)  # fmt: skip
def test_what_needs_no_shell_is_a_program_and_its_arguments(text: str, argv: tuple[str, ...]) -> None:
    assert argv_for(text) == (argv, False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("ab1é =:~#%^,@+-./'\"_ \t", max_size=14))
def test_without_a_shell_the_arguments_are_those_that_bash_would_make(tmp_path: Path, text: str) -> None:
    text = f"x {text}"
    if needs_shell(text):
        return
    for name in ("a", "b", "~", "1"):
        (tmp_path / name).touch()
    script = "x() { printf '%s\\0' \"$@\"; printf end; }\n" + text
    shell = ["bash", "-u", "-c", script]
    ran = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=True, env={"HOME": "/home/kim"})
    words = argv_for(text)[0][1:]
    assert ran.stdout == ("".join(f"{word}\0" for word in words) or "\0") + "end"


@pytest.mark.fault(50)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no command"), (" \t ", "no command"), ("''", "no command"), ("'' a", "no command"), ("-x; touch y",
        "an option"),
        (" --login", "an option"), ("ls \u202e", "cannot be seen"), ("ls \u200b", "cannot be seen"), ("a\u00a0b",
        "cannot be seen"),
        ("ls \x1b[31m", "cannot be seen"), ("a\rb", "cannot be seen"), ("a \x00", "cannot be seen"), ("a \ud800",
        "cannot be seen"),
        ("a \u3164", "cannot be seen"), ("a \U000e0041", "cannot be seen"), ("ls \u0430",
        "U+0430 CYRILLIC SMALL LETTER A"),
        ("kubectl get p\u043eds", "U+043E"), ("ls \u2013l", "EN DASH"),
    ],
)  # fmt: skip
def test_a_command_that_is_not_what_a_reader_takes_it_for_is_refused(text: str, words: str) -> None:
    with pytest.raises(RunError, match=words.replace("+", r"\+")):
        argv_for(text)


@pytest.mark.parametrize(
    ("text", "effect", "target", "tier"),
    [
        ("kubectl get pods", Effect.READS, "prod-eu", Tier.ONE_KEY),
        ("kubectl rollout restart deploy/x", Effect.CHANGES, "staging", Tier.CONFIRM),
        ("./fix.sh", Effect.UNKNOWN, "", Tier.CONFIRM),
        ("kubectl rollout restart deploy/x", Effect.CHANGES, "prod-eu", Tier.TYPE_TARGET),
        ("./fix.sh", Effect.UNKNOWN, "PROD-EU", Tier.TYPE_TARGET),
        ("kubectl delete pod x", Effect.CHANGES, "staging", Tier.TYPE_TARGET),
        ("psql -h prod-db -c 'select fix()'", Effect.UNKNOWN, "", Tier.TYPE_TARGET),
        ("ssh kim@prod-web:22 systemctl restart x", Effect.UNKNOWN, "", Tier.TYPE_TARGET),
        ("kubectl -n products rollout restart x", Effect.CHANGES, "", Tier.CONFIRM),
    ],
)
def test_what_destroys_or_touches_production_asks_for_more(text: str, effect: Effect, target: str, tier: Tier) -> None:
    assert tier_of(text, effect, Target(target), ("prod-*",)) is tier


@pytest.mark.parametrize(
    ("name", "patterns", "production"),
    [
        ("prod-eu", ("prod-*",), True), ("aws profile prod-eu", ("prod-*",), True),
        ("prod-eu / checkout", ("prod-eu",), True),
        ("arn:aws:eks:eu-west-1:123:cluster/prod-eu", ("prod-*",), True), ("github.com/acme/shop", ("acme",), True),
        ("gke_acme_prod-eu", ("prod-*",), False), ("gke_acme_prod-eu", ("*prod*",), True),
        ("staging", ("prod-*",), False),
        ("Prod-EU", ("prod-*",), True), ("staging + prod-eu", ("prod-*",), True), ("prod-eu", (), False),
        ("", ("*",), False),
    ],
)  # fmt: skip
def test_a_target_is_production_when_a_part_of_its_name_is(
    name: str, patterns: tuple[str, ...], production: bool
) -> None:
    assert is_production(Target(name), patterns) is production


def test_the_sheet_says_what_is_missing_and_what_has_to_be_typed() -> None:
    ready, missing = Filled("<a>", "a", "1"), Filled("<b>", "b", ";", "the alert's label b", "odd")
    sheet = Preflight(
        text="x", argv=("x",), shell=False, parameters=(ready, missing), directory="/", who="kim@laptop-7",
        target=Target("prod-eu", "kubeconfig"), effect=Effect.CHANGES, tier=Tier.CONFIRM, origin="a.md:3",
    )  # fmt: skip
    assert sheet.unfilled == (missing,)
    assert sheet.word == "prod-eu"
    assert replace(sheet, target=Target()).word == "laptop-7"
