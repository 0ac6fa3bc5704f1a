"""A team's own shape of a post-mortem: its headings, its template; what cannot be used is said with its place."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from incident import world
from incident.config import Config
from incident.config.model import PostMortem
from incident.core.postmortem import HEADINGS, Manner, write
from incident.core.postmortem.blocks import merge
from incident.errors import ExportError
from incident.exports import html, markdown
from incident.exports.file import Files, template
from incident.exports.schema import schema, text
from tests.golden.cases import CASES, NOW, Log, bad_deploy, hostile

OURS = ("Zusammenfassung", "Zeitleiste", "Ursachen", "Wirkung", "Was gut ging", "Was schlecht ging", "Maßnahmen")
TEMPLATE = """{{ head }}

Wiki page of {{ postmortem.id }}, {{ postmortem.alerts | length }} alerts, {{ postmortem.clock_stepped }}.

{% for name in headings %}
## {{ name }}

{% endfor %}
{{ timeline }}

{{ summary }}
"""


def exported(log: Log, manner: Manner) -> str:
    return write(markdown.export, log.folded(), log.events, NOW, manner)


def test_a_teams_own_words_stand_in_the_places_of_the_seven_headings() -> None:
    made = exported(bad_deploy(), Manner(headings=OURS))
    found = [line[3:] for line in made.split("\n") if line.startswith("## ")]
    assert found == list(OURS)
    plain = exported(bad_deploy(), Manner())
    for ours, theirs in zip(OURS, HEADINGS, strict=True):
        made = made.replace(f"\n## {ours}\n", f"\n## {theirs}\n")
    assert made == plain
    assert "Zeitleiste" in write(html.export, bad_deploy().folded(), bad_deploy().events, NOW, Manner(headings=OURS))


def test_a_heading_is_text() -> None:
    made = exported(bad_deploy(), Manner(headings=("*a* <b>", *OURS[1:])))
    assert "## \\*a\\* \\<b>" in made


def test_a_template_puts_the_parts_where_it_likes_and_they_stay_alive() -> None:
    log = bad_deploy()
    manner = Manner(template=TEMPLATE, headings=OURS)
    made = exported(log, manner)
    assert "Wiki page of INC-20260502-acme-1, 1 alerts, TODO." in made
    assert made.index("incident:timeline") < made.index("incident:summary")
    early = write(markdown.export, log.folded(), log.events[:10], NOW, manner)
    human = early.replace("Wiki page", "My own words; wiki page")
    merged, kept = merge(human, made)
    assert kept == []
    assert "My own words; wiki page" in merged
    assert "**Resolved:**" in merged


@pytest.mark.fault(70)
def test_what_a_template_puts_in_is_inert() -> None:
    made = exported(hostile(), Manner(template="{{ postmortem.title }} | {{ postmortem.runbooks[0].path }}"))
    assert "\\<script>" in made
    assert "\n#" not in made


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a\nb {% for %}", "template:2"),
        ("{{ nothing_like_it }}", "it may use "),
        ("{{ postmortem.title.__class__.__mro__ }}", "unsafe"),
        ("{{ 1 / 0 }}", "division"),
        ("{% for n in range(1000000000) %}{% endfor %}", "Range too big"),
        ("{% include '/etc/passwd' %}", "cannot be filled"),
        ("x" * 200_001, "longer than"),
    ],
)
def test_a_template_that_cannot_be_used_is_said_and_nothing_is_made(source: str, said: str) -> None:
    with pytest.raises(ExportError) as refused:
        exported(bad_deploy(), Manner(template=source))
    assert said in str(refused.value)


def test_without_jinja_a_template_says_what_to_install_and_everything_else_works() -> None:
    script = """
        import sys
        sys.modules["jinja2"] = None
        from incident.core.postmortem import Manner, write
        from incident.errors import ExportError
        from incident.exports import markdown
        from tests.golden.cases import NOW, bad_deploy
        log = bad_deploy()
        assert "## Summary" in write(markdown.export, log.folded(), log.events, NOW, Manner())
        try:
            write(markdown.export, log.folded(), log.events, NOW, Manner(template="x"))
        except ExportError as error:
            print(error)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert "pip install 'incident[template]'" in ended.stdout


def test_the_template_is_read_from_the_file_that_the_configuration_names(tmp_path: Path) -> None:
    path = tmp_path / "ours.md.j2"
    with pytest.raises(ExportError, match="not there"):
        template(path)
    path.write_text("{{ head }}\nours\n", encoding="utf-8")
    manner = world.manner(Config(postmortem=PostMortem(path, OURS)), public=True, written="x")
    assert (manner.template, manner.headings, manner.audience, manner.written) == (
        "{{ head }}\nours\n",
        OURS,
        "public",
        "x",
    )
    assert world.manner(Config()) == Manner()


def test_the_documents_on_disk_are_read_and_replaced_whole(tmp_path: Path) -> None:
    files, path = Files(), str(tmp_path / "new" / "INC-1.md")
    assert files.read(path) is None
    files.replace(path, "one", None)
    assert files.read(path) == "one"
    with pytest.raises(ExportError, match="changed while"):
        files.replace(path, "two", "something else")
    assert files.read(path) == "one"
    with pytest.raises(ExportError, match="folder cannot be made"):
        files.replace(str(tmp_path / "new" / "INC-1.md" / "x.md"), "two", None)


def test_the_published_schema_is_shipped_as_it_is_used() -> None:
    assert json.loads(text()) == schema()


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_document_is_the_same_however_often_it_is_made(case: str) -> None:
    log = CASES[case]()
    assert exported(log, Manner()) == exported(CASES[case](), Manner())
