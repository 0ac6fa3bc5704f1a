"""Words are found again, whatever is typed, and what was redacted is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incident.cli import main
from incident.core import facts
from incident.journal.search import Page, search
from tests.adapters.test_cli import IDENTITY, home, recorded, write
from tests.system.terminal import from_a_shell

__all__ = ["home", "recorded"]

PAGES = [
    Page("incident", "INC-1", "Checkout errors", "2026-05-02", "03:09 roll back\n03:11 connection pool exhausted"),
    Page("incident", "INC-2", "Slow search", "2026-04-11", "the pool of connections was fine\nrollback refused"),
    Page("post-mortem", "postmortems/INC-1.md", "Checkout errors", "2026-05-02", "# X\nA café closed its pool."),
]


def places(words: str) -> list[str]:
    return [hit.page.place for hit in search(words, PAGES)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("exhausted", ["INC-1"]),
        ("connec pool", ["INC-1", "INC-2"]),
        ('"connection pool"', ["INC-1"]),
        ("cafe", ["postmortems/INC-1.md"]),
        ("INC-2", ["INC-2"]),
        ("pool nowhere", []),
        ('" "', []),
        ("NOT pool OR", []),
        ("pool* AND (", []),
    ],
)
def test_a_page_is_found_by_all_of_its_words(words: str, found: list[str]) -> None:
    assert sorted(places(words)) == found


def test_a_word_in_the_title_weighs_more_and_the_newest_comes_first_among_equals() -> None:
    assert places("checkout")[0] in ("INC-1", "postmortems/INC-1.md")
    same = [Page("incident", f"INC-{day}", "Same", f"2026-05-{day}", "text") for day in (11, 30, 20)]
    assert [hit.page.place for hit in search("same", same)] == ["INC-30", "INC-20", "INC-11"]
    assert len(search("same", same, most=2)) == 2


def test_the_words_are_shown_where_they_stand() -> None:
    [hit] = search("exhausted", PAGES)
    assert hit.pieces[1] == "exhausted"
    assert "pool" in hit.pieces[0]


@given(st.text(max_size=40))
@example("0\x00")
def test_nothing_that_is_typed_is_an_error(words: str) -> None:
    assert len(search(words, PAGES)) <= len(PAGES)


def test_past_incidents_and_their_documents_are_searched_from_a_shell(recorded: Path) -> None:
    folder = recorded / "postmortems"
    folder.mkdir(exist_ok=True)
    (folder / "INC-old.md").write_text("# The gate\n\n2026-04-11: the environment gate asked for a reviewer.\n")
    (folder / "odd.md").write_bytes(b"\xff")
    write(recorded, IDENTITY, [(facts.Remarked("finding", "the gate waits for a reviewer"), 130)])
    done = from_a_shell("search", "gate", "review", home=recorded)
    assert done.returncode == 0
    assert IDENTITY in done.stdout
    assert "2026-04-11  post-mortem" in done.stdout
    assert "asked for a reviewer" in done.stdout
    assert "odd.md" in done.stderr
    found = json.loads(from_a_shell("search", "gate", "--json", home=recorded).stdout)
    assert {one["kind"] for one in found} == {"incident", "post-mortem"}
    nothing = from_a_shell("search", "unheard", home=recorded)
    assert (nothing.returncode, nothing.stdout) == (1, "")


def test_a_post_mortem_is_named_by_its_heading_and_by_the_day_it_began(recorded: Path) -> None:
    write(recorded, IDENTITY, [(facts.Remarked("finding", "the gate waits for a reviewer"), 130)])
    assert from_a_shell("export", IDENTITY, home=recorded).returncode == 0
    hits = json.loads(from_a_shell("search", "gate waits", "--json", home=recorded).stdout)
    [found] = [one for one in hits if one["kind"] == "post-mortem"]
    assert found["title"].startswith(f"{IDENTITY}: ")
    assert found["day"] == "2026-05-02"


def test_there_has_to_be_a_word(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "?"]) == 2
    assert "no word to look for" in capsys.readouterr().err
