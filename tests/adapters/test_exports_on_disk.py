"""An export on disk: brought up to date, never over what a person wrote; and the formats that can be asked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.postmortem.blocks import marked, merge
from incident.errors import ExportError
from incident.exports import file, markdown, registry
from tests.golden.cases import NOW, bad_deploy, hostile
from tests.golden.documents import documents

# --- bringing a document up to date


def test_untouched_blocks_follow_the_log_and_human_lines_stay() -> None:
    log = bad_deploy()

    early = markdown.export(log.folded(), log.events[:12], NOW)
    human = early.replace("- TODO what set it off", "- The batch size was unbounded.").replace(
        "authors: [TODO]", "authors: [the lead]"
    )
    late, kept = merge(human, documents()["bad-deploy.md"])
    assert kept == []
    assert "**Resolved:** AcmeErrorBudgetFastBurn cleared" in late
    assert "- The batch size was unbounded." in late
    assert "authors: [the lead]" in late
    assert merge(late, documents()["bad-deploy.md"]) == (late, [])


def test_an_edited_block_stays_and_is_named() -> None:
    old = documents()["only-an-alert.md"].replace("QueueLagHigh fired:", "the queue stood still:")
    merged, kept = merge(old, documents()["bad-deploy.md"])
    assert kept == ["summary"]
    assert "the queue stood still:" in merged
    assert "Roll back:" in merged


def test_windows_line_ends_are_no_edit_and_a_blank_is_one() -> None:
    blank = documents()["only-an-alert.md"].replace("| | |\n", "| | |  \n")
    assert merge(blank, documents()["bad-deploy.md"])[1] == ["timeline"]
    old = documents()["only-an-alert.md"].replace("\n", "\r\n")
    merged, kept = merge(old, documents()["bad-deploy.md"])
    assert kept == []
    assert "\n" not in merged.replace("\r\n", "")
    assert "Roll back:" in merged


def test_a_block_that_a_person_removed_stays_away() -> None:
    document = documents()["bad-deploy.md"]
    without = re.sub(r"<!-- incident:trigger .*?/incident:trigger -->\n", "", document, flags=re.DOTALL)
    assert merge(without, document) == (without, ["trigger"])


def test_a_block_that_the_new_version_no_longer_has_stays() -> None:
    old = "\n".join(["mine", *marked("older", ["a"]), "end"]) + "\n"
    assert merge(old, "\n".join(marked("newer", ["b"]))) == (old, ["newer"])


@pytest.mark.parametrize(
    "broken",
    [
        "<!-- /incident:a -->\n",
        "<!-- incident:a 000000000000 -->\nno end\n",
        "<!-- incident:a 000000000000 -->\n<!-- incident:b 000000000000 -->\n<!-- /incident:b -->\n",
        "<!-- incident:a 000000000000 -->\n<!-- /incident:b -->\n",
        "\n".join([*marked("a", ["x"]), *marked("a", ["x"])]),
        "a person's own file, with no marker at all\n",
    ],
)
def test_a_document_whose_markers_do_not_pair_up_is_left_alone(broken: str) -> None:
    assert merge(broken, "\n".join(marked("a", ["new"]))) == (broken, ["a"])


SOME_LINES = ["line", "", "<!-- /incident:a -->", *marked("a", ["x"]), *marked("b", ["y"])]


@given(st.lists(st.sampled_from(SOME_LINES), max_size=12))
def test_no_human_line_is_ever_lost_in_a_merge(lines: list[str]) -> None:
    old = "\n".join(lines)
    merged, _ = merge(old, "\n".join([*marked("a", ["new a"]), *marked("b", ["new b"])]))
    assert merged.count("line") == old.count("line")


# --- on disk


def test_a_first_export_makes_the_file_and_a_second_keeps_what_was_written_in_it(tmp_path: Path) -> None:
    path = tmp_path / "INC-1.md"
    assert file.save_markdown(path, documents()["only-an-alert.md"]) == []
    path.write_text(path.read_text().replace("- TODO what set it off", "- A person knows."))
    path.chmod(0o640)
    assert file.save_markdown(path, documents()["bad-deploy.md"]) == []
    assert "- A person knows." in path.read_text()
    assert "Roll back:" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["INC-1.md"]


def test_an_export_that_changes_nothing_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "INC-1.md"
    file.save_markdown(path, documents()["bad-deploy.md"])
    before = path.stat()
    file.save_markdown(path, documents()["bad-deploy.md"])
    assert path.stat().st_ino == before.st_ino


def test_a_link_to_the_document_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text(documents()["only-an-alert.md"])
    link.symlink_to(real)
    file.save_markdown(link, documents()["bad-deploy.md"])
    assert link.is_symlink()
    assert "Roll back:" in real.read_text()


@pytest.mark.fault(6)
def test_a_full_disk_while_exporting_leaves_the_previous_export_whole(tmp_path: Path) -> None:
    """A file-size limit stops the write half-way, as a full disk does."""
    path = tmp_path / "INC-1.json"
    file.save(path, documents()["bad-deploy.json"])
    before = path.read_bytes()
    script = f"""
        import resource, sys
        from pathlib import Path
        from incident.errors import ExportError
        from incident.exports import file
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            file.save(Path({str(path)!r}), "x" * 100_000)
        except ExportError as error:
            print(error)
            sys.exit(7)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False, env=_environment()
    )
    assert ended.returncode == 7, ended.stderr
    assert "cannot be written" in ended.stdout
    assert "what was there before is still there" in ended.stdout
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["INC-1.json"]


@pytest.mark.fault(6)
def test_writing_in_place_would_have_lost_the_previous_export(tmp_path: Path) -> None:
    """The same limit without the draft beside it: shows that the test above can fail."""
    path = tmp_path / "INC-1.md"
    path.write_text("previous")
    script = f"""
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        open({str(path)!r}, "w").write("x" * 100_000)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, check=False)
    assert path.read_text() != "previous"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def test_a_missing_folder_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="No such file or directory") as caught:
        file.save_markdown(tmp_path / "gone" / "INC-1.md", "text\n")
    assert caught.value.at.endswith("gone/INC-1.md")


def test_a_file_that_is_no_text_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "INC-1.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExportError, match="not UTF-8"):
        file.save_markdown(path, "text\n")
    assert path.read_bytes() == b"\xff\xfe\x00"


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        file.save_markdown(tmp_path, "text\n")


def test_a_file_that_an_editor_saved_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """An audit hook saves the file from elsewhere as soon as the writer opens its draft."""
    path = tmp_path / "INC-1.md"
    path.write_text(documents()["only-an-alert.md"])
    script = f"""
        import os, sys
        from pathlib import Path
        from incident.errors import ExportError
        from incident.exports import file
        path = Path({str(path)!r})
        def edit_once(event, args):
            if event == "open" and str(args[0]).endswith(".tmp"):
                Path(path).write_text("as the editor saved it\\n")
        sys.addaudithook(edit_once)
        try:
            file.save_markdown(path, Path({str(path)!r}).read_text().replace("QueueLagHigh fired", "it fired") + "x")
        except ExportError as error:
            print(error)
            sys.exit(7)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False, env=_environment()
    )
    assert (ended.returncode, "changed while" in ended.stdout) == (7, True), ended.stderr
    assert path.read_text() == "as the editor saved it\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["INC-1.md"]


def test_an_export_for_machines_replaces_its_like_and_nothing_else(tmp_path: Path) -> None:
    path, notes, draft = tmp_path / "INC-1.json", tmp_path / "notes.json", tmp_path / "INC-1.md"
    file.save(path, documents()["bad-deploy.json"])
    file.save(path, documents()["bad-deploy.json"])
    file.save(path, documents()["bad-deploy.json"].replace("acme", "shop"))
    assert "shop" in path.read_text()
    notes.write_text('{"mine": true}')
    draft.write_text(documents()["only-an-alert.md"])
    for precious in (notes, draft):
        before = precious.read_bytes()
        with pytest.raises(ExportError, match="may hold what a person wrote"):
            file.save(precious, documents()["bad-deploy.json"])
        with pytest.raises(ExportError, match="may hold what a person wrote"):
            file.save_markdown(precious, documents()["bad-deploy.json"])
        assert precious.read_bytes() == before


# --- the registry


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the module path, in which packages can register exporters."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def register(folder: Path, package: str, **exporters: str) -> None:
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = [f"{name} = {value}" for name, value in exporters.items()]
    (info / "entry_points.txt").write_text("\n".join(["[incident.exports]", *lines, ""]))


OURS = {
    "html": "incident.exports.html:export",
    "md": "incident.exports.markdown:export",
    "json": "incident.exports.json:export",
}


def test_formats_of_other_packages_stand_beside_ours(packages: Path) -> None:
    register(packages, "incident-itself", **OURS)
    register(packages, "wiki-export", wiki="wiki_export:export")
    (packages / "wiki_export.py").write_text("def export(incident, events, now):\n    return f'h1. {incident.id}'\n")
    assert set(registry.names()) >= {"json", "md", "wiki"}
    log = hostile()
    assert registry.exporter("wiki")(log.folded(), log.events, NOW) == "h1. INC-20260502-acme-4"
    assert registry.exporter("md")(log.folded(), log.events, NOW) == documents()["hostile.md"]


def test_listing_the_formats_imports_none_of_them(packages: Path) -> None:
    register(packages, "incident-itself", **OURS)
    register(packages, "wiki-export", wiki="wiki_export:export")
    (packages / "wiki_export.py").write_text("raise RuntimeError('imported')\n")
    script = """
        import sys
        from incident.exports import registry
        assert {"md", "json", "wiki"} <= set(registry.names())
        assert not {"incident.exports.markdown", "incident.exports.json", "wiki_export"} & set(sys.modules)
    """
    path = f"{packages}:{Path(__file__).parents[2]}"
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, env={**os.environ, "PYTHONPATH": path})


def test_an_unknown_format_names_the_nearest(packages: Path) -> None:
    register(packages, "incident-itself", **OURS)
    with pytest.raises(ExportError) as caught:
        registry.exporter("jsn")
    assert caught.value.hint == "did you mean `json`?"
    with pytest.raises(ExportError) as caught:
        registry.exporter("powerpoint")
    assert "json, md" in caught.value.hint


def test_two_packages_with_one_name_are_refused(packages: Path) -> None:
    register(packages, "one", slides="one:export")
    register(packages, "two", slides="two:export")
    with pytest.raises(ExportError, match="two packages") as caught:
        registry.exporter("slides")
    assert caught.value.at == "one:export and two:export"


def test_a_package_that_does_not_load_is_said_without_a_traceback(packages: Path) -> None:
    register(packages, "broken", slides="no_such_module:export")
    with pytest.raises(ExportError, match="cannot be loaded"):
        registry.exporter("slides")
