"""`incident check` as it is typed: real files, real bash, real exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from incident.cli import main
from incident.cli.checked import Job, look_at, named_files
from incident.config import Config
from incident.core.check import RULES
from incident.errors import UsageError
from incident.sources.checked_files import FilesAround, bytes_of
from incident.sources.runbooks import shipped
from incident.sources.shell_syntax import BashSyntax
from tests.core.checking import TODAY

GOOD = "---\nowner: web\n---\n# Disk full\n\n1. Check it: `df -h`\n\n## Escalation\n- on-call: PagerDuty\n"
PIPE = "# Collector\n\n1. Install it: `curl -s https://acme.com/x.sh | sh`\n"
RULE = (
    "groups:\n- name: web\n  rules:\n  - alert: DiskFull\n    expr: up == 0\n    for: 2m\n"
    "    labels: {severity: page}\n    annotations: {summary: Writes fail, runbook: runbooks/disk-full.md}\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good runbook, and no configuration from elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("INCIDENT_CONFIG", raising=False)
    monkeypatch.delenv("INCIDENT_RUNBOOKS", raising=False)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "disk-full.md").write_text(GOOD)
    return tmp_path


def test_the_runbook_folder_is_checked_when_nothing_is_named_and_a_good_one_exits_with_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "1 file checked: nothing found\n")


def test_the_shipped_runbooks_and_a_good_rule_pass(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "slo.yml").write_text(RULE.replace("runbooks/disk-full.md", "https://wiki.acme.com/runbooks/disk-filling"))
    assert main(["check", str(shipped()), "--rules", "slo.yml"]) == 0
    assert capsys.readouterr().out == ""


def test_findings_exit_with_1_and_name_file_line_and_rule(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "runbooks" / "collector.md").write_text(PIPE)
    assert main(["check", "runbooks"]) == 1
    said = capsys.readouterr()
    assert said.out.split("\n")[0] == (
        "runbooks/collector.md:3: pipe-to-shell warning: this runs what it downloads, unread"
    )
    assert said.err.startswith("2 files checked: 1 warning; ")
    assert "\x1b" not in said.out + said.err


def test_information_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "runbooks" / "web.md").write_text("# Web\n\n1. Check it.\n")
    assert main(["check"]) == 0
    assert main(["check", "--info"]) == 1
    assert "runbooks/web.md:1: no-owner info:" in capsys.readouterr().out


def test_tools_that_are_not_here_are_shown_when_asked_for(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "runbooks" / "web.md").write_text("# Web\n\n```sh\nacme-no-such-tool status\nls\n```\n")
    assert main(["check", "--tools"]) == 1
    assert [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()[::2]] == ["tool-missing info"]


def test_json_and_sarif_are_one_document_on_stdout(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    allowed = PIPE.replace("1.", "<!-- incident-check: allow pipe-to-shell because it is ours -->\n1.")
    (here / "runbooks" / "collector.md").write_text(PIPE)
    (here / "runbooks" / "own.md").write_text(allowed)
    assert main(["check", "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["path"], found["line"], found["rule"]) == ("runbooks/collector.md", 3, "pipe-to-shell")
    assert main(["check", "--format", "sarif"]) == 1
    said = capsys.readouterr()
    results = json.loads(said.out)["runs"][0]["results"]
    assert [bool(result.get("suppressions")) for result in results] == [False, True]
    assert "1 allowed in place" in said.err


def test_every_rule_is_listed_and_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--list"]) == 0
    listed = capsys.readouterr().out
    for name, rule in RULES.items():
        assert name in listed
        assert main(["check", "--explain", name]) == 0
        assert rule.why in capsys.readouterr().out


def test_a_rule_that_is_not_there_is_a_usage_error_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "pipe-to-shel"]) == 2
    assert "did you mean `pipe-to-shell`?" in capsys.readouterr().err
    assert main(["check", "--explain", "zzz"]) == 2
    assert "--list" in capsys.readouterr().err


def test_a_path_that_is_not_there_and_nothing_at_all_are_usage_errors(here: Path, tmp_path: Path) -> None:
    assert main(["check", "gone.md"]) == 2
    assert main(["check", "--rules", "gone.yml"]) == 2
    (here / "runbooks" / "disk-full.md").unlink()
    (here / "runbooks").rmdir()
    with pytest.raises(UsageError, match="nothing to check"):
        named_files([], [], Config())


def test_alert_rules_are_held_to_the_runbooks_around_them(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "rules").mkdir()
    (here / "rules" / "web.yml").write_text(
        RULE + RULE.partition("rules:\n")[2].replace("disk-full", "gone").replace("DiskFull", "Gone")
    )
    (here / "rules" / "values.yml").write_text("image: web\n")
    (here / "runbooks" / "nobody.md").write_text(GOOD.replace("Disk full", "Nobody"))
    assert main(["check", "runbooks", "--rules", "rules", "--info"]) == 1
    said = capsys.readouterr()
    assert [line.split(" ")[0:2] for line in said.out.splitlines() if line.startswith("r")] == [
        ["rules/web.yml:13:", "dead-runbook-link"],
        ["runbooks/nobody.md:1:", "unnamed-runbook"],
    ]
    assert said.err.startswith("3 files checked")


def test_a_page_whose_runbook_says_to_file_a_ticket_is_found_in_real_files(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "runbooks" / "disk-full.md").write_text("# Disk full\n\n1. Check the disk.\n2. File a ticket.\n")
    (here / "web.yml").write_text(RULE)
    assert main(["check", "runbooks", "web.yml"]) == 1
    assert "page-for-ticket warning" in capsys.readouterr().out


def test_templates_are_skipped_with_a_notice_and_broken_yaml_is_an_error(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(7):
        (here / f"mixin-{number}.yml").write_text(
            "groups:\n{{- range .Values.x }}\n- rules:\n  - alert: A\n{{- end }}\n"
        )
    (here / "broken.yml").write_text("groups:\n- rules:\n  - alert: A\n   expr: x\n")
    assert main(["check", "."]) == 1
    said = capsys.readouterr()
    assert "broken.yml:4: bad-yaml error:" in said.out
    assert said.err.count("this is a template") == 5
    assert "not checked: 2 more files" in said.err


def test_a_configuration_is_checked_and_a_secret_in_it_is_not_repeated(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = here / "incident.yaml"
    config.write_text("prometheus: http://p:9090\nchanges:\n- {name: d, command: [d, --token=9fK2mQx7Lw4TzR8vB]}\n")
    assert main(["check", "--config", "incident.yaml"]) == 1
    said = capsys.readouterr().out
    assert "incident.yaml:3: config-secret error" in said
    assert "9fK2mQx7" not in said
    config.write_text("prometheus: http://p:9090\nalertmanger: http://a:9093\n")
    assert main(["check", "incident.yaml"]) == 1
    said = capsys.readouterr().out
    assert "incident.yaml:2: bad-config error" in said
    assert "did you mean `alertmanager`?" in said


def test_what_cannot_be_opened_is_told_and_the_rest_is_checked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(here / "runbooks" / "pipe.md")
    (here / "runbooks" / "huge.md").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    os.mkfifo(here / "rules.yml")
    assert main(["check", "runbooks", "rules.yml"]) == 1
    said = capsys.readouterr()
    assert "runbooks/pipe.md:1: unreadable error: this is not a regular file" in said.out
    assert "runbooks/huge.md:1: unreadable error: this file is too large" in said.out
    assert "not checked: rules.yml: this is not a regular file" in said.err


def test_links_are_looked_up_beside_the_runbook(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "runbooks" / "web.md").write_text(
        "# Web\n\n1. Check [disk](disk-full.md#escalation), [gone](disk-full.md#gone), [folder](../runbooks#x),\n"
        "   [disk](disk-full), [none](none.md).\n"
    )
    assert main(["check", "runbooks/web.md"]) == 1
    said = capsys.readouterr().out
    assert [line.split(" ")[1] for line in said.splitlines()[::2]] == ["dead-anchor", "dead-link"]
    around = FilesAround(here / "runbooks" / "web.md", {})
    assert around.anchors("gone.md") is None
    assert around.holds("disk-full")


def test_a_runbook_folder_from_the_configuration_is_named_as_seen_from_here(here: Path) -> None:
    files = named_files([], [], Config(runbooks=(here / "runbooks",)))
    assert files.runbooks == [Path("runbooks/disk-full.md")]
    away = named_files([], [], Config(runbooks=(shipped(),)))
    assert all(path.is_absolute() for path in away.runbooks)


def test_many_runbooks_are_shared_among_processes_and_nothing_is_lost(here: Path) -> None:
    many = here / "many"
    many.mkdir()
    for number in range(160):
        (many / f"page-{number:03}.md").write_text(PIPE)
    done = subprocess.run(
        [sys.executable, "-m", "incident", "check", "many", "--format", "json"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert [one["path"] for one in found] == [f"many/page-{number:03}.md" for number in range(160)]


def test_one_process_finds_what_many_would(here: Path) -> None:
    (here / "collector.md").write_text(PIPE)
    job = Job(TODAY, tools=False, led_to=frozenset())
    assert {finding.rule for finding in look_at([Path("collector.md")], job)} >= {"pipe-to-shell", "unnamed-runbook"}


def test_it_starts_without_screen_network_or_engine() -> None:
    heavy = ("textual", "rich", "httpx", "asyncio", "incident.engine", "incident.world")
    code = (
        "import sys; from incident.cli import main; main(['check']);"
        f"print([module for module in {heavy} if module in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


# --- bash


def test_bash_judges_each_text_alone_however_many_are_asked_at_once() -> None:
    syntax = BashSyntax()
    texts = {
        "ls -l": False,
        "ls | | wc": True,
        "for i in 1 2; do echo $i; done": False,
        "done": True,
        'echo "open': True,
        'shut"': True,
        "cat <<EOF\nx\nEOF": False,
        "cat <<EOF\nx": True,
        "echo ok )": True,
        "if true; then echo x; fi": False,
        "ls @(a|b)": False,
        "echo \0 nul": False,
    }
    syntax.learn(texts)
    assert {text: bool(syntax.complaint(text)) for text in texts} == texts
    assert syntax.complaint("ls | | wc") == "syntax error near unexpected token `|'"


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
def test_the_culprit_is_found_wherever_it_stands_in_a_batch(count: int) -> None:
    syntax = BashSyntax()
    texts = [f"echo {number}\necho" for number in range(count)] + ["( ( )"] + ["ls"]
    syntax.learn(texts)
    assert [text for text in texts if syntax.complaint(text)] == ["( ( )"]


def test_nothing_that_bash_is_asked_about_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "env.sh").write_text(f"touch {here}/ran-env\n")
    monkeypatch.setenv("BASH_ENV", str(here / "env.sh"))
    syntax = BashSyntax()
    for text in (f"touch {here}/ran", f"x=$(touch {here}/ran)", f"`touch {here}/ran`", f"set +n; touch {here}/ran"):
        assert syntax.complaint(text) == ""
    assert not (here / "ran").exists()
    assert not (here / "ran-env").exists()


def test_without_bash_nothing_is_complained_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert BashSyntax().complaint("ls | | wc") == ""


def test_a_file_is_read_whole_or_refused(here: Path) -> None:
    assert bytes_of(here / "runbooks" / "disk-full.md") == GOOD.encode()
