"""`incident check`: what in a runbook, an alert rule or the configuration would hurt at 03:00."""

from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.rules import RULES, check_alert_rules, check_config, check_runbook

__all__ = ["RULES", "About", "Finding", "Rule", "Severity", "check_alert_rules", "check_config", "check_runbook"]
