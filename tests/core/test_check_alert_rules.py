"""What the check says of alert rules."""

from __future__ import annotations

import pytest

from incident.core.check import Severity
from incident.core.check.alert_rules import AlertRule, home_of
from incident.core.check.around import Library
from incident.core.check.expressions import (
    divides_by_traffic,
    looks_back,
    looks_only_at_causes,
    metrics,
    needs_no_for,
)
from incident.core.ports import Listed
from incident.sources.rule_files import RuleFileError, SkippedRuleFileError, rule_file
from tests.core.checking import LIBRARY, ids, in_rules, rules_in

BURN = """
groups:
- name: acme-slo
  rules:
  - alert: AcmeErrorBudgetFastBurn
    expr: |
      (
        sum(rate(http_requests_total{job="acme",status=~"5.."}[5m]))
        / sum(rate(http_requests_total{job="acme"}[5m]))
      ) > 0.005 * 14   # 14 times the normal burn
    for: 2m
    labels: { severity: page }
    annotations:
      summary: "Acme error rate burning budget fast"
      runbook: "https://wiki.acme.com/runbooks/disk-full"
"""


def one(expr: str, severity: str = "page", more: str = "    for: 5m\n", notes: str = "summary: x") -> str:
    return (
        f"groups:\n- name: web\n  rules:\n  - alert: DiskFull\n    expr: {expr}\n{more}"
        f"    labels: {{severity: {severity}}}\n    annotations: {{{notes}}}\n"
    )


def test_a_symptom_with_for_severity_summary_and_runbook_is_only_told_about_its_division() -> None:
    findings = in_rules(BURN)
    assert [(f.rule, f.severity, f.line) for f in findings] == [("silent-division", Severity.INFO, 6)]


@pytest.mark.parametrize(
    "expression",
    [
        "100 - avg by (instance) (rate(node_cpu_seconds_total{mode='idle'}[5m])) * 100 > 80",
        "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1",
        "node_load5 > 10 and on (instance) up == 1",
        "node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.2",
        "1 - kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes > 0.8",
        "avg(system_cpu_usage) > 0.8",
    ],
)
def test_cpu_memory_load_and_disk_alone_are_causes(expression: str) -> None:
    assert looks_only_at_causes(expression)
    assert "page-on-cause" in ids(in_rules(one(f'"{expression}"')))
    assert "cause-threshold" in ids(in_rules(one(f'"{expression}"', "warning")))


@pytest.mark.parametrize(
    "expression",
    [
        "sum(rate(http_requests_total{status=~'5..'}[5m])) > 1",
        "predict_linear(node_filesystem_avail_bytes[1h], 4 * 3600) < 0",
        "node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.03",
        "node_filesystem_avail_bytes / node_filesystem_size_bytes * 100 < 3",
        "100 - 100 * node_filesystem_avail_bytes / node_filesystem_size_bytes > 97",
        "1 - node_filesystem_avail_bytes / node_filesystem_size_bytes >= 0.97",
        "node_filesystem_avail_bytes < on (device) disk_limit_free",
        "node_filesystem_avail_bytes < node_filesystem_size_bytes / 10",
        "rate(node_cpu_seconds_total[5m]) > 0.8 and rate(http_errors_total[5m]) > 1",
        "sum(kube_resourcequota) / sum(kube_node_status_allocatable) > 1.5",
        "absent(node_load1)",
    ],
)
def test_symptoms_forecasts_and_a_disk_that_is_all_but_full_are_not(expression: str) -> None:
    assert not looks_only_at_causes(expression)


def test_the_series_of_an_expression_are_its_words_without_labels_functions_and_grouping() -> None:
    text = (
        "sum by (job) (rate(a_total{x='b_total'}[5m:1m])) / on (job) group_left c:ratio offset 5m > bool 0.5 # d_total"
    )
    assert metrics(text) == {"a_total", "c:ratio"}


@pytest.mark.parametrize(
    ("expression", "enough"),
    [
        ("up == 0", False),
        ("rate(x_total[1m]) > 1", False),
        ("rate(x_total[1h30m]) > 1", True),
        ("increase(x_total[1m]) > 0", True),
        ("time() - last_backup > 86400", True),
        ("certificate_expiry_days < 7", True),
        ("cert_not_after < 7", True),
        ("probe_ssl_earliest_cert_expiry < 7", True),
        ("backup_timestamp_seconds < 7", True),
        ("vector(1)", True),
        ("absent(up)", True),
        ("1 == 1", True),
    ],
)
def test_a_page_needs_for_unless_one_sample_is_enough(expression: str, enough: bool) -> None:
    assert needs_no_for(expression) is enough
    assert ("no-for" not in ids(in_rules(one(f'"{expression}"', more="")))) is enough


def test_for_zero_says_that_it_is_meant_and_keep_firing_for_counts() -> None:
    found = [f for f in in_rules(one("up == 0", more="    for: 0m\n")) if f.rule == "no-for"]
    assert [f.severity for f in found] == [Severity.INFO]
    assert "no-for" not in ids(in_rules(one("up == 0", more="    keep_firing_for: 5m\n")))
    assert "no-for" not in ids(in_rules(one("up == 0", "warning", more="")))


def test_looking_back_is_measured_in_seconds() -> None:
    assert looks_back("rate(a[1h30m]) + rate(b[5m:1m])") == 5400
    assert looks_back("up") == 0


@pytest.mark.parametrize(
    ("expression", "silent"),
    [
        ("rate(a[5m]) / rate(b[5m]) > 1", True),
        ("a / (rate(b[5m]) + rate(c[5m])) > 1", True),
        ("a / on (job) group_left sum(rate(b[5m]))", True),
        ("rate(a[5m]) / b > 1", False),
        ("rate(a[5m]) / 60 * rate(b[5m]) > 1", False),
        ("rate(a[5m]) / (rate(b[5m]) > 0) > 1", False),
        ("rate(a[5m]) / rate(b[5m]) > 1 or vector(1)", False),
        ("(a / b) > rate(c[5m])", False),
        ("a" * 20_000 + " / rate(b[5m])", False),
    ],
)
def test_a_ratio_over_traffic_that_may_be_gone_is_silent(expression: str, silent: bool) -> None:
    assert divides_by_traffic(expression) is silent


def test_a_severity_word_is_told_once_for_each_file_with_how_often_it_stands_there() -> None:
    two = one("up == 0", "s2") + one("up == 1", "s2").partition("rules:\n")[2].replace("DiskFull", "DiskGone")
    (found,) = [f for f in in_rules(two) if f.rule == "unknown-severity"]
    assert "DiskFull and 1 more here" in found.message
    assert "page: [s2]" in found.hint
    taught = Library(LIBRARY.listing, page=frozenset({"s2"}))
    assert "unknown-severity" not in ids(in_rules(two, taught))
    assert "unknown-severity" not in ids(in_rules(one("up == 0", "'{{ $labels.severity }}'")))


def test_a_page_without_a_runbook_is_a_warning_and_a_ticket_for_information() -> None:
    for severity, expected in (("page", Severity.WARNING), ("warning", Severity.INFO)):
        text = one("up == 0", severity).replace("DiskFull", "QueueStuck")
        assert [f.severity for f in in_rules(text) if f.rule == "no-runbook"] == [expected]
    assert "no-runbook" not in ids(in_rules(one("up == 0")))  # a runbook carries its name


def link(value: str, name: str = "QueueStuck") -> str:
    return one("up == 0", notes=f"summary: x, runbook: '{value}'").replace("DiskFull", name)


def test_a_link_that_leads_nowhere_is_a_warning_only_where_others_to_the_same_place_lead_here() -> None:
    gone = link("https://wiki.acme.com/runbooks/gone")
    assert [f.severity for f in in_rules(gone) if f.rule == "dead-runbook-link"] == [Severity.INFO]
    both = gone + BURN.partition("rules:\n")[2]
    assert [f.severity for f in in_rules(both) if f.rule == "dead-runbook-link"] == [Severity.WARNING]
    assert [f.severity for f in in_rules(link("runbooks/gone.md")) if f.rule == "dead-runbook-link"] == [
        Severity.WARNING
    ]


def test_a_link_is_not_judged_without_runbooks_or_before_it_is_filled_in() -> None:
    assert "dead-runbook-link" not in ids(in_rules(link("runbooks/gone.md"), Library()))
    assert "dead-runbook-link" not in ids(in_rules(link("https://wiki.acme.com/{{ $labels.job }}")))


def test_a_link_to_a_heading_that_is_gone_is_a_warning() -> None:
    (found,) = [f for f in in_rules(link("https://wiki.acme.com/runbooks/disk-full#gone")) if f.rule.startswith("dead")]
    assert (found.severity, found.line) == (Severity.WARNING, 8)
    assert "names a heading that is not in disk-full.md" in found.message


def test_the_address_of_a_link_is_its_host_and_repository() -> None:
    def rule(value: str) -> AlertRule:
        return AlertRule(1, "", "A", "up", False, annotations={"runbook": value})

    assert home_of(rule("https://github.com/acme/shop/blob/main/a.md")) == "github.com/shop"
    assert home_of(rule("https://wiki.acme.com/a")) == "wiki.acme.com/"
    assert home_of(rule("runbooks/a.md")) == ""
    assert home_of(AlertRule(1, "", "A", "up", False)) == ""


def test_a_page_is_no_ticket_when_its_runbook_has_something_to_run_or_cannot_be_read() -> None:
    assert "page-for-ticket" in ids(in_rules(link("runbooks/certificate.md")))
    assert "page-for-ticket" not in ids(in_rules(link("runbooks/disk-full.md")))
    nobody = Library((Listed("certificate.md", "/elsewhere", ()),))
    assert "page-for-ticket" not in ids(in_rules(link("certificate.md"), nobody))


def test_the_same_rule_twice_is_a_warning_and_another_expression_under_its_name_for_information() -> None:
    first = one("up == 0")
    again = first + first.partition("rules:\n")[2]
    other = first + first.partition("rules:\n")[2].replace("up == 0", "up == 1")
    assert [f.severity for f in in_rules(again) if f.rule == "duplicate-alert"] == [Severity.WARNING]
    assert [f.severity for f in in_rules(other) if f.rule == "duplicate-alert"] == [Severity.INFO]
    assert "duplicate-alert" not in ids(in_rules(first + first.partition("rules:\n")[2].replace("page", "warning")))


# --- the files


def test_a_resource_of_kubernetes_and_several_documents_are_read_with_their_lines() -> None:
    text = "---\nkind: ConfigMap\n---\nkind: Rules\nspec:\n  groups:\n  - rules:\n    - alert: A\n      expr: up\n"
    (rule,) = rules_in(text).rules
    assert (rule.name, rule.line, rule.lines["expr"]) == ("A", 8, 9)
    listed = (
        "items:\n- spec:\n    groups:\n    - rules:\n      - alert: B\n        expr: 1\n        labels: {a: null}\n"
    )
    (rule,) = rules_in(listed).rules
    assert (rule.name, rule.expression, rule.labels) == ("B", "1", {})


@pytest.mark.parametrize(
    "text",
    [
        "a: b\n",
        "alert: x\n",
        "- alert: x\n",
        "groups: x # alert: y\nalert: z\n",
        "groups:\n- x\n- rules: y\n- rules:\n  - x\n  - record: a\n    alert: null\n",
        "items:\n- x\n- spec: {groups: 1}\nalert: y\n",
    ],
)
def test_what_holds_no_alert_rules_is_no_rule_file(text: str) -> None:
    assert rule_file(text, "rules.yml") is None


@pytest.mark.parametrize(
    "text",
    [
        "groups:\n{{- range .Values.groups }}\n- rules:\n  - alert: A\n{{- end }}\n",
        "groups:\n- name: {{ .Chart.Name }}-web\n  rules:\n  - alert: A\n",
        "groups:\n- rules:\n  - alert: A\n    labels: {{ include `x` . }}\n    expr: a\n",
        "groups:\n- rules:\n  - alert: A\n<% if x %>\n    expr: up\n",
    ],
)
def test_a_template_is_skipped_and_says_what_to_do(text: str) -> None:
    with pytest.raises(SkippedRuleFileError, match="this is a template") as skipped:
        rule_file(text, "rules.yml")
    assert "render it first" in skipped.value.hint


def test_what_prometheus_may_read_and_this_tool_does_not_is_skipped_and_broken_yaml_is_not() -> None:
    with pytest.raises(SkippedRuleFileError, match="aliases"):
        rule_file("groups: &g\n- rules:\n  - alert: A\n", "rules.yml")
    with pytest.raises(RuleFileError, match="not valid YAML") as broken:
        rule_file(
            "groups:\n- rules:\n  - alert: A\n    annotations:\n      summary: {{ $labels.job }} is down\n", "r.yml"
        )
    assert not isinstance(broken.value, SkippedRuleFileError)
    with pytest.raises(RuleFileError, match="not valid YAML") as broken:
        rule_file("groups:\n- rules:\n  - alert: A\n   expr: x\n", "rules.yml")
    assert not isinstance(broken.value, SkippedRuleFileError)
