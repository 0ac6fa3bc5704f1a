"""The verbs that look something up: what fires, a runbook and whose it is, the help, and which configuration counts."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.answers import Answers, alert
from tests.system.terminal import ROOT, from_a_shell

SEED = ROOT / "runbooks" / "acme-error-rate.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with the seed's runbook."""
    (tmp_path / "runbooks").mkdir()
    shutil.copy(SEED, tmp_path / "runbooks")
    return tmp_path


def data_of(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document of a run that went well; nothing in it can act on a terminal."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    return json.loads(done.stdout)


# -- what fires, and its runbook ------------------------------------------------------------------------------------


@pytest.fixture
def firing() -> Iterator[Answers]:
    """A server on which a page and a ticket fire."""
    page = alert(
        "AcmeErrorBudgetFastBurn", fingerprint="a1", service="acme", endpoint="/api/v1/checkout",
        annotations={"summary": "Burning fast", "runbook": "https://wiki.acme.com/runbooks/acme-error-rate"},
    )  # fmt: skip
    with Answers(alert("QueueLag", severity="ticket", fingerprint="b2", ago=7_300), page) as server:
        yield server


def test_alerts_are_a_table_with_pages_first(home: Path, firing: Answers) -> None:
    done = from_a_shell("alerts", "--alertmanager", firing.url, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    head, page, ticket = (line.split() for line in done.stdout.splitlines())
    assert head == ["SEV", "AGE", "ALERT", "SERVICE", "WHERE", "STATE", "RUNBOOK"]
    assert page == ["page", "4m", "AcmeErrorBudgetFastBurn", "acme", "/api/v1/checkout", "active", "acme-error-rate.md"]
    assert ticket == ["ticket", "2h", "QueueLag", "active", "none"]


def test_alerts_as_json_hold_the_labels_and_why_this_runbook(home: Path, firing: Answers) -> None:
    answer = data_of(from_a_shell("alerts", "--json", home=home, environment={"INCIDENT_ALERTMANAGER": firing.url}))
    assert set(answer) == {"at", "alerts", "failed"}
    assert answer["failed"] == []
    page, ticket = answer["alerts"]
    assert set(page) == {
        "fingerprint", "name", "severity", "state", "starts_at", "age_seconds", "service", "place", "summary",
        "labels", "annotations", "source", "runbook",
    }  # fmt: skip
    assert page["labels"]["endpoint"] == "/api/v1/checkout"
    assert (page["runbook"]["path"], page["runbook"]["confidence"]) == ("acme-error-rate.md", "sure")
    assert page["runbook"]["reason"] == "found by the last part of its link"
    assert ticket["runbook"]["path"] is None


@pytest.mark.parametrize(
    ("matchers", "names"),
    [
        (["severity=page"], ["AcmeErrorBudgetFastBurn"]),
        (["QueueLag"], ["QueueLag"]),
        (['alertname=~"Acme.*"', "service=acme"], ["AcmeErrorBudgetFastBurn"]),
        (["severity!=page"], ["QueueLag"]),
        (["service=nobody"], []),
    ],
)
def test_matchers_choose_among_the_alerts(matchers: list[str], names: list[str], home: Path, firing: Answers) -> None:
    done = from_a_shell("alerts", "--json", "--alertmanager", firing.url, *matchers, home=home)
    assert [found["name"] for found in data_of(done)["alerts"]] == names
    if not names:
        text = from_a_shell("alerts", "--alertmanager", firing.url, *matchers, home=home)
        assert (text.returncode, text.stdout, text.stderr) == (0, "", "Nothing that fires matches.\n")


def test_calm_is_said_on_standard_error(home: Path) -> None:
    with Answers() as server:
        done = from_a_shell("alerts", "--alertmanager", server.url, home=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Nothing fires.\n")


def test_a_source_that_fails_is_exit_3_and_never_looks_like_calm(home: Path) -> None:
    text = from_a_shell("alerts", "--alertmanager", "http://127.0.0.1:9", home=home)
    assert (text.returncode, text.stdout) == (3, "")
    assert text.stderr == (
        "incident: http://127.0.0.1:9/api/v2/alerts: connection refused - is it running, and is this its port?\n"
    )
    encoded = from_a_shell("alerts", "--json", "--alertmanager", "http://127.0.0.1:9", home=home)
    assert encoded.returncode == 3
    answer = json.loads(encoded.stdout)
    assert answer["alerts"] == []
    assert answer["failed"][0]["error"] == "connection refused"


def test_without_a_source_alerts_says_how_to_name_one(home: Path) -> None:
    done = from_a_shell("alerts", home=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("incident: no Alertmanager is set up - --alertmanager URL, or `alertmanager: URL`")


def test_a_runbook_is_shown_by_name_by_path_and_by_file_in_the_published_shape(home: Path) -> None:
    (home / "elsewhere").mkdir()
    by_name = data_of(from_a_shell("runbook", "show", "acme-error-rate", "--json", home=home))
    by_file = data_of(from_a_shell("runbook", "show", str(SEED), "--json", home=home / "elsewhere"))
    assert {**by_file, "path": ""} == {**by_name, "path": ""}
    assert set(by_name) >= {"path", "sha256", "title", "sections", "steps", "commands"}
    assert set(by_name["sections"][0]) >= {"line", "level", "title", "kind", "branch"}
    assert set(by_name["steps"][0]) >= {
        "id", "lines", "text", "section", "form", "branch", "check", "expected", "commands",
    }  # fmt: skip
    [command] = by_name["commands"]
    assert set(command) >= {
        "line", "lines", "block", "text", "language", "origin", "runnable", "effect", "parameters", "expected_output",
    }  # fmt: skip
    assert (command["line"], command["parameters"], command["effect"]) == (17, ["<previous>"], "changes")
    step = next(step for step in by_name["steps"] if step["commands"])
    assert step["branch"] == {"group": 1, "condition": "it correlates with a deploy (most common)"}
    text = from_a_shell("runbook", "show", "acme-error-rate.md", home=home)
    assert text.returncode == 0
    assert "$ gh workflow run rollback.yml -f sha=<previous>   [changes, yes]" in text.stdout


def test_a_runbook_that_is_not_there_or_not_alone_is_refused(home: Path) -> None:
    missing = from_a_shell("runbook", "show", "nothing", home=home)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.startswith("incident: there is no runbook 'nothing' under the roots")
    for team in ("a", "b"):
        (home / "runbooks" / team).mkdir()
        (home / "runbooks" / team / "same.md").write_text("# Same\n")
    several = from_a_shell("runbook", "show", "same", home=home)
    assert several.returncode == 1
    assert several.stderr == "incident: several runbooks are named same - a/same.md, b/same.md\n"
    assert from_a_shell("runbook", "show", "b/same.md", home=home).returncode == 0


def test_an_alert_as_json_is_matched_to_its_runbook_from_a_pipe_and_from_a_file(home: Path) -> None:
    asked = {
        "labels": {"alertname": "Any"},
        "annotations": {"runbook": "https://wiki.acme.com/runbooks/acme-error-rate"},
    }
    (home / "alert.json").write_text(json.dumps(asked))
    piped = from_a_shell("runbook", "match", "-", "--root", str(ROOT / "runbooks"), "--json", home=home / "runbooks",
                         text=json.dumps(asked))  # fmt: skip
    found = data_of(piped)
    assert set(found) == {"path", "root", "line", "reason", "confidence", "candidates"}
    assert (found["path"], found["confidence"], found["root"]) == ("acme-error-rate.md", "sure", str(ROOT / "runbooks"))
    text = from_a_shell("runbook", "match", "alert.json", home=home)
    assert (text.returncode, text.stdout) == (0, "acme-error-rate.md\n")
    assert text.stderr == "found by the last part of its link (sure)\n"
    nothing = from_a_shell("runbook", "match", home=home, text='{"labels": {"alertname": "AcmeErrors"}}')
    assert nothing.stdout == "no runbook\n"
    assert "(ambiguous)" in nothing.stderr


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "this is no JSON"),
        ("[" * 100_000, "this is no JSON"),
        ("[]", "this is not an alert"),
        ('{"labels": 7}', "this is not an alert"),
        ('{"annotations": ["x"]}', "this is not an alert"),
    ],
    ids=["nonsense", "deep", "a list", "a number for labels", "a list for annotations"],
)
def test_what_is_no_alert_is_refused_with_the_shape_that_is_wanted(text: str, said: str, home: Path) -> None:
    done = from_a_shell("runbook", "match", "-", home=home, text=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'incident: -: {said} - give {{"labels": {{...}}, "annotations": {{...}}}}\n'


def test_an_alert_file_that_is_not_there_is_named(home: Path) -> None:
    done = from_a_shell("runbook", "match", "none.json", home=home)
    assert done.returncode == 2
    assert done.stderr == "incident: none.json: this file cannot be read: No such file or directory\n"


# -- help, configuration, places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("alerts", "enter"),
        ("respond", "exact command first, and nothing runs"),
        ("timeline", "Keys"),
        ("review", "TODO"),
        ("keys", "| key | where | does |"),
        ("config", "alertmanager  URL, or a list of URLs"),
        ("", "usage: incident "),
    ],
)
def test_every_help_page_is_printed(page: str, words: str, home: Path) -> None:
    done = from_a_shell("help", *([page] if page else []), home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout


def test_the_command_line_wins_over_the_environment_and_the_environment_over_the_file(home: Path) -> None:
    places = {}
    for name in ("file", "environment", "option"):
        places[name] = home / name
        places[name].mkdir()
        (places[name] / "book.md").write_text(f"# Book of the {name}\n")
    (home / ".config" / "incident").mkdir(parents=True)
    (home / ".config" / "incident" / "config.yaml").write_text("runbooks: ../../file\n")
    environment = {"INCIDENT_RUNBOOKS": str(places["environment"])}

    def title(*options: str, environment: dict[str, str] | None = None) -> str:
        return str(
            data_of(from_a_shell("runbook", "show", "book", "--json", *options, home=home, environment=environment))[
                "title"
            ]
        )

    assert title() == "Book of the file"
    assert title(environment=environment) == "Book of the environment"
    assert title("--runbooks", str(places["option"]), environment=environment) == "Book of the option"
