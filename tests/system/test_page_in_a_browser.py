"""The exported page in a real browser: it asks for nothing, complains of nothing, and can be read at any width."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.core.postmortem import Manner, write
from incident.exports import html
from tests.golden.cases import CASES, NOW
from tests.system.browser import Browser, found

pytestmark = [
    pytest.mark.skipif(
        found() is None and not os.environ.get("CI"), reason="there is no Chromium on this machine (Debian: chromium)"
    ),
    pytest.mark.xdist_group("browser"),
]

# Contrast by the formula of WCAG 2, of every text in the drawing and on the page against the ground behind it.
CONTRAST = """(() => {
  const parsed = c => (c.match(/[0-9.]+/g) || []).map(Number);
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = parsed(c).map(v => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const ratio = c => { const l = light(c); return (Math.max(l, ground) + .05) / (Math.min(l, ground) + .05); };
  const all = [...document.querySelectorAll('svg text, p, li, td, th, h1, h2, h3')];
  const ink = e => e.namespaceURI.endsWith('svg') ? getComputedStyle(e).fill : getComputedStyle(e).color;
  return Math.min(...all.filter(e => e.getClientRects().length).map(e => ratio(ink(e))));
})()"""
LETTERS = """(() => { const shown = [...document.querySelectorAll('svg text')].filter(e => e.getClientRects().length);
  return Math.min(...shown.map(e => e.getBoundingClientRect().height)); })()"""
DRAWINGS = "[...document.querySelectorAll('svg.chart')].filter(e => e.getClientRects().length).map(e => e.classList[1])"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT = """(() => [...document.querySelectorAll('svg text')].filter(e => e.getClientRects().length).filter(e => {
  const a = e.getBoundingClientRect(), b = e.ownerSVGElement.getBoundingClientRect();
  return a.left < b.left - 1 || a.right > b.right + 1; }).map(e => e.textContent))()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = found()
    assert path is not None, "CI has to install a Chromium"
    with Browser(path, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(params=sorted(CASES))
def page(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    log = CASES[request.param]()
    path = tmp_path / "page.html"
    path.write_text(write(html.export, log.folded(), log.events, NOW, Manner()), encoding="utf-8")
    return path.as_uri()


@pytest.mark.fault(70)
def test_a_page_asks_for_nothing_and_complains_of_nothing(browser: Browser, page: str) -> None:
    seen = browser.show(page)
    assert seen.requests == [page]
    assert seen.complaints == []
    assert browser.value("document.querySelectorAll('script').length") == 0


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_can_be_read_at_every_width_in_light_and_dark(
    browser: Browser, page: str, width: int, dark: bool
) -> None:
    browser.look(width, dark=dark)
    browser.show(page)
    assert browser.value(DRAWINGS) == (["narrow"] if width == 400 else ["wide"])
    assert browser.value(OVERFLOW) <= 0
    assert browser.value(CUT) == []
    assert browser.value(CONTRAST) >= 4.5
    assert browser.value(LETTERS) >= 11


def test_a_page_can_be_read_on_paper(browser: Browser, page: str) -> None:
    browser.look(720, dark=True, paper=True)
    browser.show(page)
    assert browser.value(DRAWINGS) == ["wide"]
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.value(CONTRAST) >= 4.5
    assert browser.value(LETTERS) >= 8


def test_a_page_with_a_script_and_a_picture_would_be_seen(browser: Browser, tmp_path: Path) -> None:
    """Shows that the tests above can fail."""
    path = tmp_path / "bad.html"
    path.write_text("<img src=file:///nowhere.png><script>throw new Error('ran')</script>", encoding="utf-8")
    seen = browser.show(path.as_uri())
    assert "file:///nowhere.png" in seen.requests
    assert any("ran" in one for one in seen.complaints)
