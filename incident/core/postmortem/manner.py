"""How a document is to be written: for whom, under which headings, from which template."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HEADINGS = (
    "Summary", "Timeline", "Root cause", "Impact", "What went well", "What went badly", "Action items",
)  # fmt: skip


class Audience(StrEnum):
    """For whom a document is: colleagues, or everybody."""

    INTERNAL = "internal"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Manner:
    """What an exporter may be told beside the incident."""

    audience: Audience = Audience.INTERNAL
    headings: tuple[str, ...] = HEADINGS  # the seven, in their order, in a team's own words
    template: str = ""  # a team's own template; "" for the shape that is built in
    written: str = ""  # the Markdown document that people edit, as it is on disk; "" when there is none


PLAIN = Manner()
