"""Colours and strengths: one dark ground, three strengths of text, one accent, red and amber only by exception."""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

from incident.core.timeline import Tone

GROUND = "#0e1218"
RAISED = "#121823"  # sheets
BAND = "#151b24"  # the top line
CHOSEN = "#1c2738"  # the ground of the selected thing
ACCENT = "#82aaff"

STRONG = Style.parse("bold #d5dbe5")
TEXT = Style.parse("#d5dbe5")
DIM = Style.parse("#7d8899")
FAINT = Style.parse("#5b6677")
RULE = Style.parse("#3a4452")
KEY = Style.parse(f"bold {ACCENT}")
LINK = Style.parse(ACCENT)
PAGE = Style.parse("bold #ff757f")
RED = Style.parse("#ff757f")
AMBER = Style.parse("#e5b567")
GOOD = Style.parse("#9bd06e")
JUDGED = Style.parse("#c099ff")
DRILL = Style.parse("bold #0e1218 on #e5b567")
ALARM = Style.parse("bold #0e1218 on #ff757f")

TONES: dict[Tone, Style] = {
    Tone.PLAIN: TEXT,
    Tone.QUIET: DIM,
    Tone.PAGE: RED,
    Tone.TICKET: AMBER,
    Tone.GOOD: GOOD,
    Tone.BAD: RED,
    Tone.JUDGED: JUDGED,
    Tone.COMMAND: LINK,
    Tone.MILESTONE: STRONG,
}

INCIDENT = Theme(
    name="incident",
    primary=ACCENT,
    secondary="#c099ff",
    warning="#e5b567",
    error="#ff757f",
    success="#9bd06e",
    accent=ACCENT,
    foreground="#d5dbe5",
    background=GROUND,
    surface=RAISED,
    panel=BAND,
    dark=True,
    variables={
        "input-cursor-background": "#d5dbe5",
        "input-selection-background": f"{ACCENT} 35%",
        "block-cursor-background": CHOSEN,
        "block-cursor-foreground": "#d5dbe5",
        "block-cursor-text-style": "bold",
        "scrollbar": "#2a3444",
        "scrollbar-hover": "#3a4452",
        "scrollbar-active": ACCENT,
        "scrollbar-background": GROUND,
        "scrollbar-background-hover": GROUND,
        "scrollbar-background-active": GROUND,
        "scrollbar-corner-color": GROUND,
    },
)
