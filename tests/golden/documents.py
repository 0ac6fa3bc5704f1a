"""The golden documents by file name, as the exporters make them today."""

from __future__ import annotations

from incident.exports import json, markdown
from tests.golden.cases import CASES, NOW


def documents() -> dict[str, str]:
    """Every case as Markdown, and the fullest one as JSON too."""
    made = {f"{name}.md": markdown.export(case().folded(), case().events, NOW) for name, case in CASES.items()}
    log = CASES["bad-deploy"]()
    return {**made, "bad-deploy.json": json.export(log.folded(), log.events, NOW)}
