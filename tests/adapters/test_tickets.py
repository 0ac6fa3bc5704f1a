"""Tickets for action items: shown first, made once, found again, and their address written back."""

from __future__ import annotations

import io
import json
import stat
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from incident.cli import main
from incident.core.actions.page import read
from incident.core.actions.ticket import ticket_for

DOCUMENT = """---
id: INC-1
title: Errors on checkout
---
## Action items

| # | Action | Type | Owner | Due | Ticket |
| --- | --- | --- | --- | --- | --- |
| 1 | Limit the pool; "now" $(x) | prevent | kim | 2026-05-20 | TODO |
| 2 | Page on it | detect | lee | 2026-05-20 | SHOP-3 |
| 11 | Drop the index | prevent | kim | 2026-05-20 | |
"""


class Desk:
    """A tracker in memory that speaks as GitLab, Gitea and Jira do."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.heard: list[tuple[str, str]] = []
        self.refuse = 0
        self.signed: set[str] = set()
        self.drop_answer = False

    def answer(self, method: str, target: str, sent: dict[str, Any]) -> Any:
        path = unquote(urlsplit(target).path)
        params = {key: values[0] for key, values in parse_qs(urlsplit(target).query).items()}
        self.heard.append((method, path))
        if method == "POST":
            self.made.append(sent)
        number = len(self.made)
        if "/api/v4/projects/acme/shop/issues" in path:
            shape = [
                {"web_url": f"{self.url}/g/{n}", "description": one["description"]}
                for n, one in enumerate(self.made, 1)
            ]
            return {"web_url": f"{self.url}/g/{number}"} if method == "POST" else shape
        if "/api/v1/repos/acme/shop/issues" in path:
            shape = [{"html_url": f"{self.url}/t/{n}", "body": one["body"]} for n, one in enumerate(self.made, 1)]
            return {"html_url": f"{self.url}/t/{number}"} if method == "POST" else shape
        assert path == "/rest/api/2/issue" if method == "POST" else 'project = "SHOP"' in params["jql"]
        issues = [{"key": f"SHOP-{n}", "fields": one["fields"]} for n, one in enumerate(self.made, 1)]
        return {"key": f"SHOP-{number}"} if method == "POST" else {"issues": issues}

    url = ""


@pytest.fixture
def desk() -> Iterator[Desk]:
    here = Desk()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: Any) -> None:
            pass

        def handle_any(self) -> None:
            size = int(self.headers.get("content-length", 0))
            sent = json.loads(self.rfile.read(size)) if size else {}
            here.signed.add(self.headers.get("authorization", ""))
            if here.refuse:
                self.send_error(here.refuse)
                return
            answer = json.dumps(here.answer(self.command, self.path, sent)).encode()
            if here.drop_answer and self.command == "POST":
                self.close_connection = True
                return
            self.send_response(201 if self.command == "POST" else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = handle_any  # noqa: N815 - the names that the server calls

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A post-mortem, and a token in the environment."""
    (tmp_path / "postmortems").mkdir()
    (tmp_path / "postmortems" / "INC-1.md").write_text(DOCUMENT, encoding="utf-8")
    monkeypatch.setenv("TRACKER_TOKEN", "t-0123456789")
    return tmp_path


def configured(place: Path, tracker: str) -> list[str]:
    file = place / "config.yaml"
    file.write_text(f"postmortems: {place}/postmortems\ntickets: {tracker}\n", encoding="utf-8")
    return ["--config", str(file)]


KINDS = [
    ("gitlab", "acme/shop", "", "/g/1"),
    ("gitea", "acme/shop", "", "/t/1"),
    ("jira", "SHOP", ", user: kim", "/browse/SHOP-1"),
]


@pytest.mark.parametrize(("kind", "project", "more", "address"), KINDS)
def test_a_ticket_is_shown_made_and_written_into_its_cell(
    kind: str, project: str, more: str, address: str, place: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(place, f"{{{kind}: {project}, url: {desk.url}, token: {{env: TRACKER_TOKEN}}{more}}}")
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 0
    out, err = capsys.readouterr()
    assert out == f"{desk.url}{address}\n"
    assert '"Limit the pool; \\"now\\" $(x)"' in err
    assert "t-0123456789" not in err
    text = (place / "postmortems" / "INC-1.md").read_text()
    assert text == DOCUMENT.replace("2026-05-20 | TODO", f"2026-05-20 | {desk.url}{address}")
    assert desk.signed == ({"Basic a2ltOnQtMDEyMzQ1Njc4OQ=="} if more else {"Bearer t-0123456789"})


@pytest.mark.parametrize(("kind", "project", "more", "address"), KINDS)
def test_when_the_answer_was_lost_the_next_try_finds_the_ticket_instead_of_making_another(
    kind: str, project: str, more: str, address: str, place: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(place, f"{{{kind}: {project}, url: {desk.url}, token: {{env: TRACKER_TOKEN}}{more}}}")
    words = ["actions", "INC-1", "--ticket", "11", "--yes", *config]
    desk.drop_answer = True
    assert main(words) == 3
    assert (place / "postmortems" / "INC-1.md").read_text() == DOCUMENT
    desk.drop_answer = False
    assert main(words) == 0
    assert "An earlier try made it already." in capsys.readouterr().err
    assert len(desk.made) == 1
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 0
    assert len(desk.made) == 2  # the mark of item 1 is not found in that of item 11


def test_nothing_is_sent_before_somebody_said_yes(
    place: Path, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(place, f"{{gitea: acme/shop, url: {desk.url}, token: {{env: TRACKER_TOKEN}}}}")

    class No:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return "\n"

    monkeypatch.setattr("sys.stdin", No())
    assert main(["actions", "INC-1", "--ticket", "1", *config]) == 1
    assert "Nothing was sent." in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["actions", "INC-1", "--ticket", "1", *config]) == 2
    assert desk.heard == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["INC-1", "--ticket", "2"], 2, "has a ticket: SHOP-3"),
        (["INC-1", "--ticket", "7"], 2, "no action item '7'"),
        (["--ticket", "1"], 2, "say which post-mortem"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_sent(
    words: list[str], code: int, said: str, place: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(place, f"{{gitea: acme/shop, url: {desk.url}, token: {{env: TRACKER_TOKEN}}}}")
    assert main(["actions", *words, "--yes", *config]) == code
    assert said in capsys.readouterr().err
    assert desk.heard == []


@pytest.mark.fault(88)
def test_a_tracker_that_refuses_leaves_the_document_as_it_was(
    place: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(place, f"{{gitlab: 17, url: {desk.url}, token: {{env: TRACKER_TOKEN}}}}")
    desk.refuse = 401
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 3
    assert "does not accept the credentials" in capsys.readouterr().err
    assert (place / "postmortems" / "INC-1.md").read_text() == DOCUMENT


def test_an_answer_of_another_shape_is_no_ticket(place: Path, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    config = configured(place, f"{{gitlab: 17, url: {desk.url}/elsewhere, token: {{env: TRACKER_TOKEN}}}}")
    desk.answer = lambda method, target, sent: {"url": "x"} if method == "POST" else []  # type: ignore[method-assign]  # the answer is what the test is about
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 3
    assert "does not name the ticket" in capsys.readouterr().err
    desk.answer = lambda method, target, sent: {"web_url": "javascript:x"} if method == "POST" else []  # type: ignore[method-assign]  # the answer is what the test is about
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 3
    desk.answer = lambda method, target, sent: ["text"]  # type: ignore[method-assign]  # the answer is what the test is about
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 3
    assert "shape of a search" in capsys.readouterr().err


GH = """#!{python}
import json, pathlib, sys
log = pathlib.Path({log!r})
done = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
words = sys.argv[1:]
if words[:2] == ["issue", "list"]:
    made = [one for one in done if one[1] == "create"]
    print(json.dumps([{{"url": f"https://github.example/{{n}}", "body": one[-1]}} for n, one in enumerate(made)]))
else:
    log.open("a").write(json.dumps(words) + "\\n")
    print("Creating issue in acme/shop\\n" + {answer!r})
    sys.exit({code})
"""


def gh(place: Path, monkeypatch: pytest.MonkeyPatch, answer: str = "https://github.example/0", code: int = 0) -> Path:
    """A program `gh` on the path that writes down what it was asked to make."""
    folder = place / "bin"
    folder.mkdir(exist_ok=True)
    log = place / "gh.log"
    program = folder / "gh"
    program.write_text(GH.format(python=sys.executable, log=str(log), answer=answer, code=code))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return log


def test_on_github_gh_gets_exactly_the_words_that_were_shown(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = gh(place, monkeypatch)
    config = configured(place, "{github: acme/shop}")
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 0
    out, err = capsys.readouterr()
    [words] = [json.loads(line) for line in log.read_text().splitlines()]
    shown = [json.loads(line) for line in err.splitlines() if line.startswith("  ")]
    assert shown == words
    page = read(DOCUMENT, str(place / "postmortems" / "INC-1.md"))
    assert page is not None
    assert words[-1] == ticket_for(page, page.item("1")).text
    assert out == "https://github.example/0\n"
    (place / "postmortems" / "INC-1.md").write_text(DOCUMENT)
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", *config]) == 0
    assert len(log.read_text().splitlines()) == 1


def test_gh_that_fails_or_says_nothing_useful_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(place, "{github: acme/shop}")
    words = ["actions", "INC-1", "--ticket", "1", "--yes", *config]
    gh(place, monkeypatch, code=4)
    assert main(words) == 3
    assert "gh ended with exit 4" in capsys.readouterr().err
    (place / "gh.log").unlink()
    gh(place, monkeypatch, answer="done")
    assert main(words) == 3
    assert "did not print the ticket's address" in capsys.readouterr().err
    (place / "bin" / "gh").write_text("#!/bin/sh\necho no list\n")
    assert main(words) == 3
    assert "did not print a list" in capsys.readouterr().err
    (place / "bin" / "gh").unlink()
    assert main(words) == 3
    assert "gh is not installed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tracker", "said"),
    [
        ("{}", "is one of github"),
        ("{github: a/b, jira: X}", "is one of github"),
        ("{gitlab: a/b}", "needs a url and a token"),
        ("{github: a/b, url: http://x}", "unknown key `url`"),
        ("{github: nothing}", "cannot be"),
        ("{jira: shop, url: http://x, token: {env: T}}", "cannot be"),
        ("{jira: SHOP, url: http://x, token: abc}", "may not hold the secret"),
    ],
)
def test_a_tracker_that_cannot_be_used_is_refused_with_its_line(
    tracker: str, said: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["actions", *configured(place, tracker)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "config.yaml:2" in err


def test_without_a_tracker_it_says_how_to_name_one(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "config.yaml").write_text(f"postmortems: {place}/postmortems\n")
    assert main(["actions", "INC-1", "--ticket", "1", "--yes", "--config", str(place / "config.yaml")]) == 2
    assert "no tracker is configured" in capsys.readouterr().err
