"""A small world for the check: what lies around a runbook, which runbooks there are, what bash would say."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import date

from incident.core.check import RULES, Finding, check_alert_rules, check_runbook
from incident.core.check.alert_rules import RuleFile, home_of, leads_to
from incident.core.check.around import Around, Library
from incident.core.check.health import Learned, Loaded, Past, Seen, Stretch
from incident.core.check.page import page_of
from incident.core.check.postmortem import check as check_postmortem
from incident.core.check.selectors import Matcher
from incident.core.ports import Listed
from incident.core.runbook import Runbook
from incident.core.runbook.read import read
from incident.exports.schema import schema
from incident.sources.rule_files import rule_file

TODAY = date(2026, 5, 2)
TEXTS = {
    "disk-full.md": "# Disk full\n\n1. Check what is large: `du -xh /`\n",
    "certificate.md": "# Certificate\n\n1. Check the date.\n2. File a ticket with the platform team.\n",
}
SHELF = tuple(Listed(path, "/runbooks", ((1, text.split("\n")[0][2:]),)) for path, text in TEXTS.items())


class OneNeighbour:
    """Beside every runbook lies `other.md`, with one heading, and a script."""

    def holds(self, target: str) -> bool:
        return target in ("other.md", "fix.sh", "broken.md")

    def anchors(self, target: str) -> frozenset[str] | None:
        return {"other.md": frozenset({"setup"})}.get(target)


def complaint(text: str) -> str:
    """What bash would say, judged by a few signs that it cannot read."""
    broken = "| |" in text or text.rstrip().endswith((">", "`", '"unfinished'))
    return "syntax error" if broken else ""


def around(*, tools: bool = True, led_to: bool | None = None) -> Around:
    missing = {"kubectl", "acme-ctl"}.__contains__
    return Around(TODAY, OneNeighbour(), complaint, missing if tools else None, led_to)


def runbook_of(root: str, path: str) -> Runbook | None:
    return read(TEXTS[path].encode(), path) if root == "/runbooks" else None


LIBRARY = Library(SHELF, {}, runbook_of)


def loaded(name: str, health: str = "ok", error: str = "") -> Loaded:
    return Loaded(name, "web", "sum(rate(failed_total{job='web'}[5m])) > 1", health, error)


# What a server and past incidents told: metrics misspelled, a job that is not there, data with gaps, an alert that
# pages for nothing.
LEARNED = Learned(
    seen={
        "faild_total": Seen(False, False, False, near=("failed_total",)),
        "failed_total{job='wbe'}": Seen(False, False, blamed=Matcher("job", "=", "'wbe'"), near=("web",)),
        "failed_total{status='503'}": Seen(False, False, blamed=Matcher("status", "=", "'503'"), near=("500",)),
        "failed_total{job='web'}": Seen(),
        "batch_failed{job='web'}": Seen(now=False),
    },
    stretches={"sum(batch_failed{job='web'}) > 1": Stretch(360.0, 86_400.0)},
    past={"AcmeCriesWolf": Past(9, 8, 0, 90), "AcmeAlone": Past(3, 0, 3, 90), "AcmeErrors": Past(4, 1, 4, 90)},
)
BROKEN = loaded("AcmeFails", "err", "many-to-many matching not allowed")


def in_runbook(text: str, *, path: str = "web.md", led_to: bool | None = None) -> list[Finding]:
    """What is found in a runbook of this text."""
    return check_runbook(page_of(textwrap.dedent(text).encode(), path), around(led_to=led_to))


def in_postmortem(text: str, path: str = "INC-1.md") -> list[Finding]:
    """What is found in a post-mortem of this text."""
    return check_postmortem(text.encode(), path, schema(), known=tuple(RULES))


def rules_in(text: str) -> RuleFile:
    found = rule_file(textwrap.dedent(text), "rules.yml")
    assert found is not None
    return found


def in_rules(text: str, library: Library = LIBRARY, learned: Learned = LEARNED) -> list[Finding]:
    """What is found in a file of alert rules; links to wiki.acme.com lead to runbooks elsewhere in it.

    The server has every rule of the file that is not forgotten, and one that it cannot evaluate.
    """
    file = rules_in(text)
    if learned is LEARNED:
        known = [loaded(rule.name) for rule in file.rules if rule.name not in ("AcmeForgotten", "AcmeFails")]
        same = {one.name: replace(one, query=rule.expression) for one, rule in zip(known, file.rules, strict=False)}
        learned = replace(learned, rules=(*same.values(), BROKEN))
    led = [leads_to(rule, library) for rule in file.rules]
    homes = {home_of(rule) for rule, match in zip(file.rules, led, strict=True) if match.path}
    full = Library(library.listing, library.mapping, library.runbook, frozenset(homes), library.page, library.info)
    return check_alert_rules(file, full, led, learned)


def ids(findings: list[Finding]) -> set[str]:
    """The rules of the findings that are not allowed in place."""
    return {finding.rule for finding in findings if not finding.allowed}
