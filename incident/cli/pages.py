"""`incident help`: the pages that ? shows, the keys, and the configuration's reference."""

from __future__ import annotations

import argparse

from incident.config import KEYS, places
from incident.errors import UsageError

SCREENS = ("alerts", "respond", "reading", "timeline", "review", "changes", "drills", "replay")
PAGES = (*SCREENS, "runbooks", "feeds", "keys", "config")


class Help:
    """Words about the screens, the keys and the configuration."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which page."""
        page.add_argument("page", nargs="?", default="", metavar="PAGE", help=", ".join(PAGES))

    def run(self, options: argparse.Namespace) -> int:
        """Print it."""
        match options.page:
            case "config":
                print(config_page())
            case "runbooks" | "feeds":
                from importlib.resources import files

                print((files("incident.tui") / "help" / f"{options.page}.md").read_text(encoding="utf-8").strip())
            case "keys":
                from incident.tui.actions import key_table

                print(key_table())
            case screen if screen in SCREENS:
                from incident.tui.screens.help import page

                print(page(screen))
            case "":
                from incident.cli import parser

                parser().print_help()
            case other:
                known = ", ".join(PAGES)
                raise UsageError(f"there is no page {other!r}", hint=f"known: {known}")
        return 0


def config_page() -> str:
    """Where the configuration is looked for, and every key that may stand in it."""
    found = [f"  {place}{'  (there)' if place.is_file() else ''}" for place in places()]
    keys = [f"  {key:<13} {shape}\n  {'':<13} {what}" for key, (shape, what) in KEYS.items()]
    return "\n".join(["Read from --config, INCIDENT_CONFIG, or the first of", *found, "", "Keys", *keys])
