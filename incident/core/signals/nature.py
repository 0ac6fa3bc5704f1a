"""Symptom or cause, in a word: what users feel, or what may lie behind it."""

from __future__ import annotations

import re

from incident.core.signals.model import Nature

_SYMPTOMS = frozenset({"latency", "errors", "mean", "p50", "p90", "p95", "p99"})
_CAUSES = frozenset({"saturation"})
_FELT = re.compile(
    r"error|fail|5xx|\"5\.\.|5\.\.\"|success|availab|latency|duration|response_time|_seconds_bucket|quantile|"
    r"burn|slo[:_]|sli[:_]|probe_success",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"cpu|memory|mem_|heap|disk|filesystem|inode|queue|backlog|lag|pool|connections|throttl|restart|oom|load1|load5|"
    r"fds|file_descriptor|threads|saturation|replicas|\bup\b|node_|kube_|container_",
    re.IGNORECASE,
)


def nature_of(name: str, query: str = "") -> Nature:
    """What a signal of this name, or of this query, is; unsaid where both or neither could be meant."""
    if name in _SYMPTOMS:
        return Nature.SYMPTOM
    if name in _CAUSES:
        return Nature.CAUSE
    felt, behind = bool(_FELT.search(query)), bool(_BEHIND.search(query))
    if felt == behind:
        return Nature.UNSAID
    return Nature.SYMPTOM if felt else Nature.CAUSE
