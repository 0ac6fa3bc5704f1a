"""Whether a sentence asks its reader for something."""

from __future__ import annotations

import pytest

from incident.core.runbook.asks import asks, is_check

ASKING = """
Check the logs.
Please restart the pod.
First, drain the node.
If the pod is stuck, delete it.
If the pod is stuck then, you'll need to delete it.
Once it is back, you should see □ in the list.
You can try restarting the pod.
To publish it, run the □ task.
Images: fix registry access.
Make sure there is enough memory.
Need to increase the limit.
It is highly recommended to scale out.
Log in to the host.
Restart □.
It is slow. Increase the quota.
Escalate.
For example, to get a list, use □
Commit, push, merge, and apply the chart.
If you see errors, or none at all, please ask the team.
"""

SILENT = """
The pod is stuck.
Access to the buckets is granted by hand.
Logs are in Kibana.
Log lines of the proxy
Release notes
Note that you can delete it.
NOTE: restart it
See the dashboard.
Refer to the manual.
If you cannot resolve the issue, see the following resources:
If you have further questions, contact the team.
Should it be restarted?
You will see an error.
You are on call.
We log events.
Check-ups are done by others
Check, of course
By following these steps, you can set it up.
Triage noise and dashboards
42
[!WARNING]
"""


@pytest.mark.parametrize("sentence", ASKING.strip().split("\n"))
def test_it_asks(sentence: str) -> None:
    assert asks(sentence)


@pytest.mark.parametrize("sentence", SILENT.strip().split("\n"))
def test_it_does_not_ask(sentence: str) -> None:
    assert not asks(sentence)


def test_strictly_only_orders_ask() -> None:
    assert asks("Restart the pod.", strictly=True)
    assert asks("Consider the timing.", strictly=True)
    assert not asks("You can restart the pod.", strictly=True)
    assert not asks("It is recommended to restart.", strictly=True)


def test_after_too_many_lead_ins_nobody_reads_on() -> None:
    assert asks("Then now please also check it.")
    assert not asks("Then now please also first next just so check it.")


def test_turning_to_others_asks_where_help_is_the_subject() -> None:
    footer = "If you have any questions, please ask the team."
    assert asks(footer, for_help=True)
    assert not asks(footer)


@pytest.mark.parametrize(
    ("sentence", "check"),
    [
        ("Verify it works.", True),
        ("Make sure it works.", True),
        ("If it is back, confirm with the team.", True),
        ("Restart it. Verify it works.", False),
        ("It works. Check it.", True),
        ("A fact.", False),
        ("42. Nothing", False),
    ],
)
def test_what_is_a_check(sentence: str, check: bool) -> None:
    assert is_check(sentence) is check
