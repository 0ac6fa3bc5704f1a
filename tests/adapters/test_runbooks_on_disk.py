"""Runbooks as real files: what is listed, what is read, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from incident.core.match import match
from incident.errors import RunbookError
from incident.sources import runbooks
from incident.sources.runbooks import Folders, shipped
from tests.bench import reading


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "web.md").write_text("# Web\n\n## Down\n")
    (folder / "acme.markdown").write_text("---\ntitle: Acme\nalerts: [AcmeDown]\n---\n| Row | x |\n")
    (folder / "notes.txt").write_text("# no\n")
    (folder / ".git").mkdir()
    (folder / ".git" / "hidden.md").write_text("# no\n")
    (tmp_path / "secret.md").write_text("# secret\n")
    return folder


def test_the_runbooks_that_come_with_the_program_are_found_in_a_checkout() -> None:
    listed = {listed.path for listed in Folders([shipped()]).listing()}
    assert {"acme-error-rate.md", "acme-latency.md", "dependency-down.md"} <= listed


def test_an_installed_program_finds_them_inside_its_package(tmp_path: Path) -> None:
    package = Path(runbooks.__file__).parents[1]
    installed = tmp_path / "site" / "incident"
    (installed / "shipped_runbooks").mkdir(parents=True)
    for part in ("sources", "core", "errors.py"):
        (installed / part).symlink_to(package / part)
    (installed / "__init__.py").write_text("")
    code = "from incident.sources.runbooks import shipped; print(shipped())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path / "site")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == installed / "shipped_runbooks"


def test_every_markdown_file_is_listed_with_its_headings(root: Path) -> None:
    acme, web = Folders([root, root.parent / "missing"]).listing()
    assert (web.path, web.root, web.headings) == ("docs/web.md", str(root), ((1, "Web"), (3, "Down")))
    assert (acme.path, acme.alerts, acme.headings, acme.rows) == (
        "acme.markdown",
        ("AcmeDown",),
        ((1, "Acme"),),
        ((5, "Row"),),
    )
    assert match({"alertname": "AcmeDown"}, {}, (acme, web)).path == "acme.markdown"


def test_unchanged_files_are_not_read_again_and_changed_ones_are(root: Path) -> None:
    folders = Folders([root])
    first = folders.listing()
    assert all(new is old for new, old in zip(folders.listing(), first, strict=True))
    (root / "docs" / "web.md").write_text("# Web\n\n## Another heading\n")
    assert folders.listing()[1].headings[1] == (3, "Another heading")
    (root / "docs" / "web.md").unlink()
    assert [listed.path for listed in folders.listing()] == ["acme.markdown"]


def test_a_file_that_lies_under_two_roots_is_listed_once(root: Path) -> None:
    folders = Folders([root, root / "docs", root])
    assert [listed.path for listed in folders.listing()] == ["acme.markdown", "docs/web.md"]
    assert folders.roots == (root, root / "docs")


@pytest.mark.parametrize("asked", ["docs/web.md", "{root}/docs/web.md", "web"])
def test_a_runbook_is_read_by_its_path_or_its_name(root: Path, asked: str) -> None:
    file = Folders([root]).read(asked.format(root=root))
    data = (root / "docs" / "web.md").read_bytes()
    assert (file.path, file.root, file.data) == ("docs/web.md", str(root), data)
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert Path(file.location) == root / "docs" / "web.md"


def test_a_full_path_through_a_link_to_the_root_is_inside_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "by-another-name").symlink_to(root)
    file = Folders([root]).read(str(tmp_path / "by-another-name" / "docs" / "web.md"))
    assert file.path == "docs/web.md"


@pytest.mark.fault(95)
def test_a_file_that_changes_between_two_reads_has_another_hash(root: Path) -> None:
    folders = Folders([root])
    before = folders.read("docs/web.md").sha256
    (root / "docs" / "web.md").write_text("# Web\n\nrm -rf /\n")
    assert folders.read("docs/web.md").sha256 != before


@pytest.mark.fault(93)
@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ("", "no file name"),
        ("docs/web.md\0.png", "no file name"),
        ("docs/\x1b[2Jweb.md", "no file name"),
        ("../secret.md", "leads out of"),
        ("docs/../../secret.md", "leads out of"),
        ("{outside}", "in none of the runbook folders"),
        ("/etc/passwd", "in none of the runbook folders"),
        ("/dev/zero", "in none of the runbook folders"),
        ("%2e%2e/secret.md", "no such runbook"),
        ("docs/gone.md", "no such runbook"),
        ("gone", "no such runbook"),
        ("link-out.md", "a link out of"),
        ("dir-out/secret.md", "a link out of"),
        ("dangling.md", "cannot be opened"),
        ("circle.md", "cannot be opened"),
        ("docs", "not a regular file"),
        ("pipe.md", "not a regular file"),
        ("big.md", "too large for a runbook: 4.0 MB"),
        ("twice", "several runbooks have this name"),
    ],
)
def test_what_may_not_be_read_is_refused_with_a_reason(root: Path, tmp_path: Path, asked: str, what: str) -> None:
    (root / "link-out.md").symlink_to(tmp_path / "secret.md")
    (root / "dir-out").symlink_to(tmp_path)
    (root / "dangling.md").symlink_to(root / "nowhere.md")
    (root / "circle.md").symlink_to(root / "circle.md")
    os.mkfifo(root / "pipe.md")
    (root / "big.md").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    for folder in ("a", "b"):
        (root / folder).mkdir()
        (root / folder / "twice.md").write_text("# twice\n")
    with pytest.raises(RunbookError, match=what) as refused:
        Folders([root]).read(asked.format(outside=tmp_path / "secret.md"))
    assert refused.value.hint
    assert "\x1b" not in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_refused_in_words(root: Path) -> None:
    (root / "docs" / "web.md").chmod(0)
    with pytest.raises(RunbookError, match="Permission denied"):
        Folders([root]).read("docs/web.md")


@pytest.mark.fault(93)
def test_a_listing_passes_over_what_cannot_be_read_and_does_not_hang(root: Path, tmp_path: Path) -> None:
    os.mkfifo(root / "pipe.md")
    (root / "link-out.md").symlink_to(tmp_path / "secret.md")
    (root / "dangling.md").symlink_to(root / "nowhere.md")
    (root / "bi\u202edi.md").write_text("# x\n")
    (root / "dir.md").mkdir()
    (root / "link-in.md").symlink_to(root / "docs" / "web.md")
    assert [listed.path for listed in Folders([root]).listing()] == ["acme.markdown", "link-in.md", "docs/web.md"]


@pytest.mark.fault(63)
def test_a_huge_file_is_listed_by_its_beginning(root: Path) -> None:
    (root / "huge.md").write_bytes(b"# Huge\n" + b"text\n" * 300_000 + b"# Behind\n")
    huge = next(listed for listed in Folders([root]).listing() if listed.path == "huge.md")
    assert huge.headings == ((1, "Huge"),)


def test_without_folders_there_is_nothing_to_read() -> None:
    assert Folders([]).listing() == ()
    with pytest.raises(RunbookError, match="no such runbook") as refused:
        Folders([]).read("x.md")
    assert refused.value.hint == "runbooks are read from: none"


def _incident(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    checkout = Path(__file__).parents[2]
    command = [sys.executable, "-m", "incident", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=checkout, timeout=60)


def test_one_heading_of_a_file_is_shown_by_its_anchor(tmp_path: Path) -> None:
    file = tmp_path / "cluster-runbook.md"
    file.write_text("# Cluster\n\n## KubeAPIDown\n\n1. Look: `ls /a`\n\n## EtcdDown\n\n1. Look: `ls /b`\n")
    shown = json.loads(_incident("runbook", "show", f"{file}#etcddown", "--json").stdout)
    assert (shown["title"], [command["text"] for command in shown["commands"]]) == ("EtcdDown", ["ls /b"])
    named = _incident("runbook", "show", "cluster-runbook#kubeapidown", "--json", "--runbooks", str(tmp_path))
    assert [command["line"] for command in json.loads(named.stdout)["commands"]] == [5]
    refused = _incident("runbook", "show", f"{file}#nowhere-at-all")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "there is no heading #nowhere-at-all in it" in refused.stderr


def test_a_file_with_a_hash_in_its_name_is_still_a_file(tmp_path: Path) -> None:
    file = tmp_path / "c#.md"
    file.write_text("1. Wait\n")
    assert json.loads(_incident("runbook", "show", str(file), "--json").stdout)["steps"][0]["text"] == "Wait"


def test_the_page_for_authors_names_verbs_that_work(tmp_path: Path) -> None:
    (tmp_path / "DiskFull.md").write_text("1. Wait <!-- incident: confrim -->\n")
    page = _incident("help", "runbooks").stdout
    assert "incident runbook show FILE" in page
    assert "incident runbook match ALERT" in page
    shown = _incident("runbook", "show", str(tmp_path / "DiskFull.md"))
    assert "did you mean `confirm`?" in shown.stderr
    alert = json.dumps({"labels": {"alertname": "DiskFull"}, "annotations": {}})
    matched = _incident("runbook", "match", "-", "--root", str(tmp_path), stdin=alert)
    assert matched.stdout == "DiskFull.md\n"
    assert "the file carries the alert's name" in matched.stderr


def test_the_cost_of_reading_is_measured_for_any_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reading.main([str(tmp_path)]) == 2
    (tmp_path / "x.md").write_text("1. Wait\n")
    assert reading.main([str(tmp_path)]) == 0
    assert "files          1" in capsys.readouterr().out
