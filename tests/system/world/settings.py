"""The configuration files of the small world's Prometheus and Alertmanager."""

from __future__ import annotations

# The windows are seconds where a team would have minutes; the rule is otherwise an ordinary fast-burn rule.
RULES = """\
groups:
- name: acme-slo
  rules:
  - alert: AcmeErrorBudgetFastBurn
    expr: |
      (
        sum(rate(http_requests_total{job="acme",status=~"5.."}[10s]))
        / sum(rate(http_requests_total{job="acme"}[10s]))
      ) > 0.005 * 14   # 14× normal burn — we'll exhaust budget in 2 days at this rate
    for: 2s
    labels: { severity: page }
    annotations:
      summary: "Acme error rate burning budget fast"
      runbook: "https://wiki.acme.com/runbooks/acme-error-rate"
- name: meta
  rules:
  - alert: Watchdog
    expr: vector(1)
    labels: { severity: none }
    annotations:
      summary: "Alerting works"
"""

ALERTMANAGER = """\
global: { resolve_timeout: 1m }
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 1h
receivers:
- name: nobody
"""


def prometheus(rules: str, acme: int, alertmanager: int) -> str:
    """prometheus.yml, from the path of the rules and the two ports."""
    return f"""\
global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}
rule_files: ["{rules}"]
scrape_configs:
- job_name: acme
  static_configs: [{{ targets: ["127.0.0.1:{acme}"] }}]
alerting:
  alertmanagers:
  - timeout: 2s
    static_configs: [{{ targets: ["127.0.0.1:{alertmanager}"] }}]
"""
