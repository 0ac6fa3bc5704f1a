"""The smallest useful Textual program: a header, a list, a footer. What it costs is the price of the framework."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Header, OptionList

OPTIONS = 200


class Minimal(App[None]):
    """Nothing but the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move('down')", "Down"),
        Binding("k", "move('up')", "Up"),
        Binding("q", "quit", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        yield Header()
        yield OptionList(*(f"option {number:04}" for number in range(OPTIONS)))
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    def action_move(self, way: str) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if way == "down" else options.action_cursor_up()


if __name__ == "__main__":
    Minimal().run()
