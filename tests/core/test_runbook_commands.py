"""Which lines are commands, byte for byte, and what must be filled in before they run."""

from __future__ import annotations

import pytest

from incident.core.runbook import Effect, Origin, Runbook, Runnable
from incident.core.runbook.parameters import parameters_of, variables_set
from incident.core.runbook.read import read

YES, PROBABLE, NO = Runnable.YES, Runnable.PROBABLE, Runnable.NO


def of(text: str) -> Runbook:
    return read(text.encode(), "x.md")


def fenced(body: str, info: str = "sh") -> list[tuple[str, Runnable]]:
    return [(command.text, command.runnable) for command in of(f"```{info}\n{body}\n```\n").commands]


def test_each_logical_line_of_a_script_is_a_command() -> None:
    body = (
        "# first a comment\n\nkubectl get pods \\\n  -n acme   # trailing\necho 'two\nlines'\n"
        "cat <<EOF | kubectl apply -f -\n"
        "a: <b>\n\tEOF\nEOF\ncat <<-'X'\n\tb\n\tX\n"
        "echo a &&\n  echo b |\n  cat\nfor p in a b; do\n  echo $p\ndone\n"
        "if true; then\n  echo '# kept'\nfi\nf() {\n  ls\n}\nx=(\n  a\n)\necho \"it's #1\" '\"' \\# \\"
    )
    assert fenced(body) == [
        ("kubectl get pods \\\n  -n acme", YES),
        ("echo 'two\nlines'", YES),
        ("cat <<EOF | kubectl apply -f -\na: <b>\n\tEOF\nEOF", YES),
        ("cat <<-'X'\n\tb\n\tX", YES),
        ("echo a &&\n  echo b |\n  cat", YES),
        ("for p in a b; do\n  echo $p\ndone", YES),
        ("if true; then\n  echo '# kept'\nfi", YES),
        ("f() {\n  ls\n}", YES),
        ("x=(\n  a\n)", PROBABLE),
        ("echo \"it's #1\" '\"' \\# \\", NO),
    ]


def test_lines_of_one_block_share_its_number_and_know_their_lines() -> None:
    commands = of("```sh\nls /\necho a \\\n  b\n```\n\n```sh\nls /tmp\n```\n").commands
    assert [(c.lines, c.block, c.origin) for c in commands] == [
        ((2, 2), 0, Origin.FENCE),
        ((3, 4), 0, Origin.FENCE),
        ((8, 8), 1, Origin.FENCE),
    ]


def test_a_transcript_gives_commands_and_what_they_should_print() -> None:
    runbook = of(
        "```console\n$ kubectl get pods\nNAME   READY\nweb-0  1/1\n\n# and then\n"
        "$ echo 'a\n> b'\na\nb\n$ cat <<EOF\nx\nEOF\nx\n$\n```\n"
    )
    assert [(c.text, c.expected_output, c.lines) for c in runbook.commands] == [
        ("kubectl get pods", "NAME   READY\nweb-0  1/1", (2, 2)),
        ("echo 'a\nb'", "a\nb", (7, 8)),
        ("cat <<EOF\nx\nEOF", "x", (11, 13)),
    ]
    assert {c.origin for c in runbook.commands} == {Origin.TRANSCRIPT}
    assert {c.runnable for c in runbook.commands} == {YES}


@pytest.mark.parametrize(
    ("info", "line", "text"),
    [
        ("", "$ kubectl get pods", "kubectl get pods"),
        ("console", "# systemctl restart kubelet", "systemctl restart kubelet"),
        ("console", "sh-5.1# cat /etc/hosts", "cat /etc/hosts"),
        ("bash", "[root@web-0 ~]# uptime", "uptime"),
        ("", "kim@host:~$ uptime", "uptime"),
        ("", "   $ uptime", "uptime"),
        ("sh", "web-01-prod $ uptime", "uptime"),
        ("sh", "workstation     $ uptime", "uptime"),
        ("yaml", "$ kubectl get pods", "kubectl get pods"),
    ],
)
def test_a_prompt_is_stripped_and_nothing_else(info: str, line: str, text: str) -> None:
    assert [command for command, _ in fenced(line, info)] == [text]


@pytest.mark.parametrize(
    ("info", "line"),
    [
        ("console", "# this is only a remark, of many words"),
        ("promql", "$ rate(x[5m]) > 1"),
        ("sh", "# kubectl delete pod web-0"),
        ("console", "I0428 02:23:13.498282   11418 daemon.go:1250] Enabling"),
        ("bash", "ERROR: failed to add keys"),
        ("bash", 'pod "web-0" deleted'),
        ("bash", "deployment.apps/web restarted"),
        ("bash", "NAME   READY   STATUS"),
        ("bash", "Everything went well."),
        ("bash", 'level=info msg="evaluating a rule"'),
        ("bash", "then it printed something, in words."),
        ("bash", "{"),
        ("", "frobctl snap ls"),
        ("", "find the pod that fails."),
        ("yaml", "make: it so"),
        ("json", '{"a": 1}'),
        ("sql", "select 1"),
        ("{tip}", "ls /tmp"),
        ("text", "a tool b"),
        ("jsonnet", "local x = import 'y.libsonnet';"),
        ("ruby", 'set :application, "web"'),
        ("", "select * from x"),
        ("sh", "sudo"),
        ("sh", "//comment"),
        ("sh", "web-0   Running   1   2d   3"),
        ("sh", "shop_production=# select name from pg_settings;"),
        ("", 'gem "rails", "7"'),
        ("", 'mount = "ci"'),
        ("", "id |  name   | state |   created"),
        ("sh", "psql (14.2)"),
        ("sh", "sum by(resource) (rate(x[5m]))"),
        ("sh", "or"),
        ("", "drop table if exists x;"),
        ("", 'namespace="monitoring",'),
        ("", "export default function() {"),
    ],
)
def test_what_is_no_command_is_not_taken_for_one(info: str, line: str) -> None:
    assert fenced(line, info) == []


@pytest.mark.parametrize(
    ("info", "line", "runnable"),
    [
        ("sh", "kubectl get pods", YES),
        ("sh", "frobctl snap ls", PROBABLE),
        ("sh", "./drain.sh --now", YES),
        ("sh", "scripts/drain", PROBABLE),
        ("sh", "drain.py", PROBABLE),
        ("sh", "X=1", YES),
        ("sh", "X=1 sudo -E uptime", YES),
        ("sh", 'X="$(date)" Y=2', YES),
        ("sh", "X=$(frobctl get x)", YES),
        ("sh", "sudo -n uptime", YES),
        ("sh", "/usr/bin/uptime", YES),
        ("sh", "[ -f x ] && rm x", YES),
        ("console", "kubectl get pods", PROBABLE),
        ("", "kubectl get pods", PROBABLE),
        ("yaml", "kubectl edit pvc x", PROBABLE),
        ("", "find /tmp -name x", PROBABLE),
        ("", "$ frobctl snap ls", PROBABLE),
        ("", "$ echo 'open", NO),
        ("sh {run=false}", "uptime", NO),
        ("sh {name=drain confirm=production}", "uptime", PROBABLE),
        ("sh { interactive=true }", "frob it", PROBABLE),
        ("{sh}", "uptime", None),
    ],
)
def test_how_far_a_line_is_trusted(info: str, line: str, runnable: Runnable | None) -> None:
    assert fenced(line, info) == ([(line.removeprefix("$ "), runnable)] if runnable else [])


def test_the_lines_under_a_command_in_a_wrongly_tagged_block_are_no_commands() -> None:
    assert fenced("kubectl edit pvc www-web-0\nspec:\n  accessModes:\n  - ReadWriteOnce", "yaml") == [
        ("kubectl edit pvc www-web-0", PROBABLE)
    ]


def test_an_indented_block_loses_its_indentation_and_no_more() -> None:
    (command,) = of("Run this:\n\n    kubectl get pods  -n x\n").commands
    assert (command.text, command.origin, command.lines) == ("kubectl get pods  -n x", Origin.INDENTED, (3, 3))


def test_a_fence_in_a_list_loses_the_lists_indentation() -> None:
    (command,) = of("1. Look:\n\n   ```sh\n   cat <<EOF\n     kept\n   EOF\n   ```\n").commands
    assert (command.text, command.lines) == ("cat <<EOF\n  kept\nEOF", (4, 6))


def test_a_block_that_shows_output_is_not_run() -> None:
    assert of("The output is similar to:\n\n```sh\nsomething happened\n```\n").commands == ()


def test_inline_code_with_an_assignment_or_a_wrapper_is_a_command() -> None:
    runbook = of("1. Do `sudo systemctl restart x`, `A=1 kubectl get pods`, `echo 'open`, `top`, `find it now.`\n")
    assert [command.text for command in runbook.commands] == ["sudo systemctl restart x", "A=1 kubectl get pods"]


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("x <previous> <pod-name> <previous>", ("<previous>", "<pod-name>")),
        ("x <value of namespace label from alert>", ("<value of namespace label from alert>",)),
        ("x <name=default>", ("<name=default>",)),
        ("x <none> <(ls) <<EOF < file <1> <a >b", ()),
        ("x \\<y\\> <<y>", ()),
        ("echo '<b>bold</b> <i class=x>'", ("<i class=x>",)),
        (
            "x $NAMESPACE ${POD_NAME} $NAMESPACE $lower $HOME \\$ESCAPED '$QUOTED' ${X:-y}",
            ("$NAMESPACE", "${POD_NAME}"),
        ),
        ("x YYYY-MM-DD,YYYY-MM-DD /path/to/file", ("YYYY-MM-DD,YYYY-MM-DD", "/path/to/file")),
        ("x $SET", ()),
        (
            "bash x.sh [pod_id] --host [rds-host] [directory where it is]",
            ("[pod_id]", "[rds-host]", "[directory where it is]"),
        ),
        ("x [a-z]* [n] [x|y] [options] '[abc]' a[name] [ -f x ] [COMMAND] \\[abc] [x]", ()),
        (
            "x {cluster} ${cluster} {a,b} {} '{print}' {{name}} {.x} -u '{API KEY}:{API SECRET}'",
            ("{cluster}", "{API KEY}", "{API SECRET}"),
        ),
        ("kubectl cp LOCAL_PATH POD-NAME:/REMOTE_PATH -n NAMESPACE", ("LOCAL_PATH", "REMOTE_PATH", "NAMESPACE")),
        ("kubectl get pods -n NAMESPACE -l x=$NAMESPACE; y NAMESPACE_2", ("$NAMESPACE",)),
        ("kubectl get x | grep HOSTNAME; export USER_ID; lsblk -o NAME,SIZE; x NAME=1 'POD' \"POD\" redis-cli", ()),
        ("redis-cli CLUSTER FAILOVER MASTER_NAME", ("MASTER_NAME",)),
        ("while read NODE; do echo NODE; done; x -n NODE $SET SET_ID", ()),
        ("cat <<EOF\nNAMESPACE xxx\nEOF", ()),
        ("logs ingester-XXX -p xxx axxx xxxa maxxxx", ("ingester-XXX",)),
        ("ssh your_user@host --x=your-file.yml <your-pod>", ("your_user", "your-file", "<your-pod>")),
        (
            'tsh login --reason="Issue URL or ticket URL" --x="Your own words" --y="no such words" z "The URL"',
            ("Issue URL or ticket URL", "Your own words"),
        ),
    ],
)
def test_what_has_to_be_filled_in(text: str, parameters: tuple[str, ...]) -> None:
    assert parameters_of(text, frozenset({"SET", "NODE", "SET_ID"})) == parameters


def test_a_variable_that_another_command_sets_is_no_parameter() -> None:
    runbook = of("```sh\nNAMESPACE=x\n```\n\nThen:\n\n```sh\nkubectl get pods -n $NAMESPACE $OTHER\n```\n")
    assert runbook.commands[1].parameters == ("$OTHER",)


def test_every_way_to_set_a_variable_counts() -> None:
    texts = [
        "export -x AA=1",
        "for BB in 1; do :; done",
        "read -r -p 'x' CC DD",
        "a; EE+=1",
        "local FF=2",
        "echo GG=1x",
    ]
    assert variables_set(texts) == {"AA", "BB", "CC", "DD", "EE", "FF", "GG"}


def test_an_effect_is_judged_with_its_parameters_as_words() -> None:
    (command,) = of("```sh\nkubectl -n <namespace> get pods <pod>\n```\n").commands
    assert command.effect is Effect.READS


def test_a_tagged_block_whose_introduction_asks_for_nothing_and_shows_nothing_is_a_script() -> None:
    runbook = of("The zones are managed by one team.\n\n```sh\nfrobctl zones list\nkubectl get pods\n```\n")
    assert [command.runnable for command in runbook.commands] == [PROBABLE, YES]


def test_an_untagged_block_of_programs_nobody_knows_is_probable_when_words_or_a_known_one_say_so() -> None:
    assert [c.text for c in of("Now run this command:\n\n```\nfrobctl unlock\n```\n").commands] == ["frobctl unlock"]
    mixed = of("```\nfrobctl proxy start\n\n# then\nkubectl get pods\n```\n").commands
    assert [(c.text, c.runnable) for c in mixed] == [("frobctl proxy start", PROBABLE), ("kubectl get pods", PROBABLE)]
    assert of("Some words.\n\n```\nfrobctl unlock\n```\n").commands == ()
    assert [c.text for c in of("Run:\n\n```\nfrobctl unlock\nerror: locked\n```\n").commands] == []


def test_a_backslash_before_an_empty_line_is_not_passed_on() -> None:
    runbook = of("```sh\nkubectl get pods \\\n  -A \\\n\nls /\n```\n\n```\n$ dig x \\\n   # a comment\nout\n```\n")
    assert [(c.text, c.lines) for c in runbook.commands] == [
        ("kubectl get pods \\\n  -A", (2, 3)),
        ("ls /", (5, 5)),
        ("dig x", (9, 9)),
    ]


def test_a_console_is_asked_about_first() -> None:
    runbook = of("```sh\nkubectl exec -it web-0 -- bash\nkubectl exec web-0 -- ls\n```\n")
    assert [(c.opens_console, c.runnable, c.effect) for c in runbook.commands] == [
        (True, PROBABLE, Effect.READS),
        (False, YES, Effect.READS),
    ]
