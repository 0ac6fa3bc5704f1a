"""Runbooks as real files: what is listed, what is read, and what is refused."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from incident.core.match import match
from incident.errors import RunbookError
from incident.sources import runbooks
from incident.sources.runbooks import Folders, shipped


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
