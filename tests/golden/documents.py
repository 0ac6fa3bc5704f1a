"""The golden documents by file name, as the exporters make them today."""

from __future__ import annotations

from incident.core.postmortem import Audience, Manner, write
from incident.exports import html, json, markdown
from tests.golden.cases import CASES, NOW

PUBLIC = Manner(Audience.PUBLIC)


def documents() -> dict[str, str]:
    """Every case as Markdown; the fullest one also as JSON, as a page and for everybody."""
    made = {f"{name}.md": markdown.export(case().folded(), case().events, NOW) for name, case in CASES.items()}
    log = CASES["bad-deploy"]()
    return {
        **made,
        "bad-deploy.json": json.export(log.folded(), log.events, NOW),
        "bad-deploy.html": html.export(log.folded(), log.events, NOW),
        "bad-deploy.public.md": write(markdown.export, log.folded(), log.events, NOW, PUBLIC),
    }
