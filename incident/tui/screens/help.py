"""Help for where you are: a page of words, and every key from the table."""

from __future__ import annotations

from importlib.resources import files

from incident.tui import actions
from incident.tui.screens.sheets import TextSheet


def page(where: str) -> str:
    """The help page of a screen, as plain text with its keys."""
    words = (files("incident.tui") / "help" / f"{where}.md").read_text(encoding="utf-8").strip()
    rows = [
        f"  {' '.join(actions.written(key) for key in action.keys):<14}{action.help}" for action in actions.on(where)
    ]
    moves = [
        f"  {'j k  ↓ ↑':<14}Move; g and G go to the first and the last.",
        f"  {'pgdn pgup':<14}Move by a screenful.",
    ]
    return "\n".join([words, "", "Keys", "", *moves, *rows])


class HelpSheet(TextSheet):
    """What every key does here."""

    def __init__(self, where: str) -> None:
        super().__init__(f"Help: {where}", page(where))
