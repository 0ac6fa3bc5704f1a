"""A list to pick from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Picks(OptionList):
    """One of a few lines; j and k move as the arrows do, and nothing in a line is read as markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self, lines: Iterable[Text], identity: str | None = None) -> None:
        super().__init__(*(Option(line) for line in lines), id=identity, markup=False)
