"""The post-mortem as one page: whatever stands in a log is text in it, and nothing in it is fetched or runs."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest

from incident.core import facts
from incident.core.postmortem import Audience, Manner, write
from incident.core.postmortem.picture import COMMANDS, picture
from incident.exports import html, markdown
from incident.exports.chart import drawing, legend
from tests.golden.cases import CASES, NOW, Log, at, bad_deploy, command, fired, hostile, two_responders

VOID = {"meta", "br", "hr", "input", "link", "img"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "ol", "li", "table", "thead",
    "tbody", "tr", "th", "td", "div", "code", "pre", "strong", "em", "s", "a", "mark", "figure", "figcaption", "svg",
    "path", "line", "rect", "circle", "text", "b", "details", "summary", "blockquote", "hr", "br",
}  # fmt: skip


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, and whether they close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def exported(log: Log, manner: Manner | None = None) -> str:
    return write(html.export, log.folded(), log.events, NOW, manner or Manner())


def pages() -> list[str]:
    return sorted(CASES)


@pytest.mark.fault(70)
@pytest.mark.parametrize("case", pages())
def test_a_page_is_well_formed_and_holds_only_what_it_is_made_of(case: str) -> None:
    page = Page(exported(CASES[case]()))
    assert (page.crossed, page.open) == ([], [])
    assert {tag for tag, _ in page.elements} <= ALLOWED | {"title"}
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert not any(
            (value or "").strip().lower().startswith(("javascript:", "data:")) for value in attributes.values()
        )


@pytest.mark.parametrize("case", pages())
def test_nothing_in_a_page_is_fetched(case: str) -> None:
    page = Page(exported(CASES[case]()))
    for tag, attributes in page.elements:
        assert tag not in {"script", "img", "iframe", "object", "embed", "link", "base", "form", "use", "image"}
        assert not set(attributes) & {"src", "srcset", "action", "poster", "background", "xlink:href"}
        assert tag == "a" or "href" not in attributes
    assert "url(" not in exported(CASES[case]())
    assert "@import" not in exported(CASES[case]())


@pytest.mark.fault(70)
def test_hostile_text_is_text() -> None:
    page = Page(exported(hostile()))
    assert "<script>alert(1)</script>" in page.text
    assert [value for tag, attributes in page.elements if tag == "a" for value in attributes.values()] == []
    assert "\x1b" not in exported(hostile())


def test_its_own_policy_lets_its_own_style_through_and_nothing_else() -> None:
    text = exported(bad_deploy())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_what_people_wrote_in_the_markdown_stands_in_the_page() -> None:
    log = bad_deploy()
    written = markdown.export(log.folded(), log.events[:10], NOW).replace(
        "- TODO what set it off",
        "- The limit. See [the graph](https://grafana.example/d/1), ![a picture](http://e.vil/p.png), "
        "[this](javascript:alert(1)), [that](file:///etc/passwd), [mail](mailto:a@b.example) "
        "<img src=x onerror=alert(1)>",
    )
    text = exported(log, Manner(written=written))
    page = Page(text)
    links = [attributes for tag, attributes in page.elements if tag == "a"]
    assert [one.get("href") for one in links if one.get("href")] == [
        "https://grafana.example/d/1", "http://e.vil/p.png", "mailto:a@b.example",
    ]  # fmt: skip
    assert all(one["rel"] == "noreferrer noopener nofollow" for one in links if one.get("href"))
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "**Resolved:**" not in page.text
    assert "Resolved: AcmeErrorBudgetFastBurn cleared" in page.text.replace("Resolved: ", "Resolved: ")
    assert "incident:timeline" not in page.text


def test_a_drill_is_marked_at_the_top_in_the_title_and_in_every_row() -> None:
    page = Page(exported(CASES["drill"]()))
    assert "DRILL: this was an exercise, not an incident." in page.text
    assert page.text.startswith("DRILL-20260502-acme-1: DRILL: Checkout errors after a deploy")
    assert ("body", {"class": "drill"}) in page.elements


def test_a_todo_stands_out_and_the_front_matter_is_at_the_end() -> None:
    text = exported(bad_deploy())
    assert "<mark>TODO</mark>" in text
    assert text.index("Front matter") > text.index("Action items")
    assert "schema: incident.postmortem/1" in Page(text).text


def test_a_page_without_front_matter_or_title_is_a_page_all_the_same() -> None:
    page = html.page("just words\n", None, "Timeline")
    assert "<title>Post-mortem</title>" in page
    assert "just words" in page
    assert "Front matter" not in page


def test_the_drawing_stands_below_the_timelines_heading_or_else_below_the_title() -> None:
    log = bad_deploy()
    drawn = picture(log.folded(), log.events)
    text = html.page("# A\n\n## Zeitleiste\n\nx\n", drawn, "Zeitleiste")
    assert text.index("Zeitleiste") < text.index("<svg") < text.index("<p>x")
    text = html.page("# A\n\nx\n", drawn, "Zeitleiste")
    assert text.index("<h1>A") < text.index("<svg") < text.index("<p>x")
    text = html.page("x\n", drawn, "Zeitleiste")
    assert text.index("<svg") < text.index("<p>x")


def test_for_everybody_the_page_names_no_command() -> None:
    text = exported(bad_deploy(), Manner(Audience.PUBLIC))
    assert "gh workflow" not in text
    assert "a command, exit 0" in Page(text).text


# --- the drawing


def drawings(log: Log) -> list[str]:
    found = picture(log.folded(), log.events)
    assert found is not None
    return [drawing(found, narrow=False), drawing(found, narrow=True)]


def texts(svg: str) -> list[tuple[float, float, str, str]]:
    """Where every word of a drawing begins, where it ends by a generous measure, on which line, and what it says."""
    found = []
    for x, y, rest, words in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"([^>]*)>([^<]*)</text>', svg):
        width = len(unescape(words)) * 6.2
        left = float(x) - (width / 2 if "middle" in rest else 0)
        found.append((left, left + width, y, words))
    return found


@pytest.mark.parametrize("case", pages())
@pytest.mark.parametrize("wide", [True, False], ids=["wide", "narrow"])
def test_no_word_of_a_drawing_is_cut_off_or_stands_on_another(case: str, wide: bool) -> None:
    svg = drawings(CASES[case]())[0 if wide else 1]
    width = 960 if wide else 360
    shown = texts(svg)
    assert all(left >= -1 and right <= width + 8 for left, right, _, _ in shown)
    for at_, (left, right, y, words) in enumerate(shown):
        for other in shown[at_ + 1 :]:
            if other[2] == y:
                assert other[0] >= right - 3 or other[1] <= left + 3, (words, other[3])


def test_signals_alerts_changes_and_commands_stand_on_one_axis() -> None:
    wide, narrow = drawings(bad_deploy())
    for svg in (wide, narrow):
        assert svg.count('class="curve"') == 1
        assert svg.count('class="alert"') == 1
        assert svg.count('class="change"') == 2
        assert svg.count('class="command') == 2
        assert svg.count('class="at"') == 5
        assert 'class="command reads bad"' in svg
    deploy = float(re.search(r'class="change" d="M([\d.]+)', wide)[1])  # type: ignore[index]  # None fails the test as well
    alert = float(re.search(r'class="alert" x="([\d.]+)"', wide)[1])  # type: ignore[index]  # None fails the test as well
    assert deploy < alert


def test_the_numbers_are_told_below_the_drawing() -> None:
    found = picture(bad_deploy().folded(), bad_deploy().events)
    assert found is not None
    assert legend(found)[0] == (1, "02:56:00 deploy a1b2c3d")
    assert legend(found)[-1][1].startswith("03:11:00 gh run list")
    assert ">4</text>" in drawings(bad_deploy())[0]


def test_a_drawing_says_in_words_what_it_shows() -> None:
    svg = drawings(bad_deploy())[0]
    assert 'aria-label="Timeline from 02:55 to 03:20 UTC: 1 alerts, 2 changes, 2 commands. impact began 03:02,' in svg


@pytest.mark.parametrize("hours", [0.02, 0.2, 1, 7, 30, 24 * 20])
def test_an_axis_has_a_handful_of_ticks_whatever_its_length(hours: float) -> None:
    log = Log("INC-1")
    log.add("00:00", fired("00:00"))
    found = picture(log.folded(), log.events)
    assert found is not None
    longer = type(found)(
        **{n: getattr(found, n) for n in found.__slots__} | {"end": found.start + timedelta(hours=hours)}
    )
    for narrow in (False, True):
        assert 1 <= drawing(longer, narrow=narrow).count('y2="') <= 40
        assert len(texts(drawing(longer, narrow=narrow))) <= 24


def test_a_signal_without_a_limit_and_one_without_values_are_drawn_as_they_are() -> None:
    log = two_responders()
    log.add("03:08", facts.SignalSeen("p99", 1.9, "s"))
    log.add("03:09", facts.Measured("value_peak", 2.0, "", "q", at("03:04"), at("03:20"), trend=("", "")))
    svg = drawings(log)[0]
    assert svg.count('class="limit"') == 0
    assert svg.count('class="dot"') == 1


def test_more_commands_than_can_be_drawn_are_counted_below() -> None:
    log = Log("INC-1")
    for number in range(COMMANDS + 5):
        log.add(f"03:{number:02d}:00", command(f"r{number}", f"fix {number}", step_text=""))
    assert "5 more stand in the log only." in Page(exported(log)).text
