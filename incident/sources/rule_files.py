"""Alert rules as files: plain Prometheus rule groups, or a PrometheusRule resource of Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from incident.core.budget.spans import seconds_in
from incident.core.check.alert_rules import AlertRule, RuleFile
from incident.core.strict_yaml import Document, load
from incident.core.text import one_line, plain
from incident.errors import IncidentError

SUFFIXES = (".yml", ".yaml", ".rules", ".alerts")
MAX_BYTES = 4 * 1024 * 1024

_NEXT_DOCUMENT = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)
_LINE_END = re.compile("\r\n?|\n")
_TEMPLATE = re.compile(
    r"^\s*(?:-\s+)?(?:\{\{|\{%|<%)|\{\{-|\{\{`|\{\{\s*(?:\.[A-Z]\w+\.|include |template |toYaml )|<%=", re.MULTILINE
)
_HAS_ALERTS = re.compile(r"(?:^\s*(?:-\s+)?|[{,]\s*)[\"']?alert[\"']?\s*:", re.MULTILINE)


class RuleFileError(IncidentError):
    """A file with alert rules that Prometheus could not read either."""


class SkippedRuleFileError(RuleFileError):
    """A file with alert rules that may be right, and is beyond what is read here."""


def rule_file(text: str, path: str) -> RuleFile | None:
    """The alert rules in a file; None when it is no rule file at all.

    Raises RuleFileError, or SkippedRuleFileError for a template, with `path:line`.
    """
    if not _HAS_ALERTS.search(text):
        return None
    try:
        rules = [rule for document in documents(text, path, RuleFileError) for rule in _rules(document)]
    except RuleFileError as broken:
        if _TEMPLATE.search(text):
            raise SkippedRuleFileError(
                "this is a template, and its alert rules were not checked",
                at=broken.at,
                hint="render it first, with `helm template` or jsonnet for example, and check the result",
            ) from None
        if not broken.what.startswith("this is not valid YAML"):
            raise SkippedRuleFileError(broken.what, at=broken.at, hint=broken.hint) from None
        raise
    return RuleFile(path, tuple(_LINE_END.split(text)), tuple(rules)) if rules else None


def documents(text: str, path: str, error: type[IncidentError]) -> Iterator[Document]:
    """Each YAML document of a file, its lines counted from the file's first. Raises `error` with `path:line`."""
    start = 0
    ends = [found.start() for found in _NEXT_DOCUMENT.finditer(text)]
    for end in [*ends, len(text)]:
        own = text[start:end].removeprefix("---")
        if own.strip():
            yield load("\n" * text.count("\n", 0, start) + own, path, error)
        start = end


def _rules(document: Document) -> Iterator[AlertRule]:
    data = document.data
    if not isinstance(data, dict):
        return
    resources = data.get("items") if isinstance(data.get("items"), list) else None
    if resources is not None:
        for index, resource in enumerate(resources):
            yield from _resource(document, resource, ("items", index))
    else:
        yield from _resource(document, data, ())


def _resource(document: Document, data: Any, path: tuple[str | int, ...]) -> Iterator[AlertRule]:
    if isinstance(data, dict) and isinstance(data.get("spec"), dict):
        data, path = data["spec"], (*path, "spec")
    groups = data.get("groups") if isinstance(data, dict) else None
    for number, group in enumerate(groups if isinstance(groups, list) else []):
        rules = group.get("rules") if isinstance(group, dict) else None
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict) and rule.get("alert"):
                yield _rule(document, rule, group, (*path, "groups", number, "rules", index))


def _rule(document: Document, rule: dict[str, Any], group: dict[str, Any], path: tuple[str | int, ...]) -> AlertRule:
    lines = {
        ".".join(map(str, at[len(path) :])): line for at, line in document.lines.items() if at[: len(path)] == path
    }
    return AlertRule(
        line=lines[""],
        group=one_line(str(group.get("name", ""))),
        name=one_line(str(rule["alert"])),
        expression=plain(str(rule.get("expr", ""))),
        holds=any(str(rule.get(key, "0s")) not in ("0", "0s", "0m", "None") for key in ("for", "keep_firing_for")),
        labels=_texts(rule.get("labels")),
        annotations=_texts(rule.get("annotations")),
        lines=lines,
        waits=seconds_in(str(rule.get("for", ""))) or 0.0,
    )


def _texts(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    return {one_line(key): plain(str(value)) for key, value in data.items() if value is not None}
