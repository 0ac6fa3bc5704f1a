"""Incidents with known post-mortems: the logs behind the files in this folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from incident.core import facts
from incident.core.event import Event, Writer
from incident.core.facts import Fact
from incident.core.incident import Incident, fold
from incident.core.when import Precision

DAY = datetime(2026, 5, 2, tzinfo=UTC)
RUNBOOK = "acme-error-rate.md"
ROLLBACK = "gh workflow run rollback.yml -f sha=9f8e7d6"
QUERY = 'sum(rate(http_requests_total{job="acme",status=~"5.."}[5m])) / sum(rate(http_requests_total{job="acme"}[5m]))'


def at(clock: str) -> datetime:
    """`03:04:41` on the day of the incident; `+1 00:05` on the day after."""
    days, _, rest = clock.rpartition(" ")
    hours, minutes, *seconds = (int(part) for part in rest.split(":"))
    return DAY + timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=sum(seconds))


class Log:
    """Writes one incident's events; what was recorded later comes later, whenever it happened."""

    def __init__(self, incident: str, person: str = "kim") -> None:
        self.incident = incident
        self.person = person
        self._written: list[Event] = []

    @property
    def events(self) -> list[Event]:
        """All of them, as they were recorded."""
        recorded = sorted(self._written, key=lambda event: event.recorded_at)
        return [replace(event, id=f"{seq:028d}", seq=seq) for seq, event in enumerate(recorded, 1)]

    def add(
        self,
        clock: str,
        fact: Fact,
        *,
        person: str = "",
        precision: Precision = Precision.SECOND,
        source: str = "tool",
        recorded: str = "",
        until: str = "",
    ) -> None:
        """One more event; `recorded` when it was written down later than it happened, `until` the end of a range."""
        who = person or self.person
        writer = Writer(who, f"host-{len(who)}", "4711")
        when, end = at(recorded or clock), at(until) if until else None
        event = Event("", self.incident, at(clock), fact, writer, when, precision, source, until=end)
        self._written.append(event)

    def command(self, clock: str, end: str, fact: facts.CommandStarted, *, status: int = 0, person: str = "") -> None:
        """A command from its start to its end."""
        self.add(clock, fact, person=person)
        seconds = (at(end) - at(clock)).total_seconds()
        said = ("Created workflow_dispatch event",)
        self.add(end, facts.CommandFinished(fact.run, status, seconds, head=said), person=person)

    def folded(self) -> Incident:
        """The incident after all of it."""
        return fold(self.incident, self.events)


def fired(clock: str, name: str = "AcmeErrorBudgetFastBurn", place: str = "/api/v1/checkout") -> facts.AlertFired:
    """A page as the source reported it."""
    mark = f"a81f{len(name):02d}c0ffee"
    return facts.AlertFired(
        occurrence=f"{mark}@{at(clock):%Y%m%dT%H%M%S}",
        fingerprint=mark,
        name=name,
        severity="page",
        starts_at=at(clock),
        source="alertmanager",
        labels={"alertname": name, "severity": "page", "job": "acme", "path": place},
        annotations={"summary": "Acme error rate burning budget fast"},
    )


def cleared(fact: facts.AlertFired) -> facts.AlertResolved:
    """The end of an alert."""
    return facts.AlertResolved(fact.occurrence, fact.name)


def command(run: str, text: str = ROLLBACK, **more: str) -> facts.CommandStarted:
    """A command of the runbook."""
    known = {
        "directory": "/srv/acme",
        "step": "step-4",
        "step_text": "Roll back",
        "effect": "changes",
        "target": "github.com/acme/shop",
        "origin": f"{RUNBOOK}:17",
        "expected": "5 min",
    }
    return facts.CommandStarted(run, text, tuple(text.split()), output=f"/state/{run}.log", **{**known, **more})


def bad_deploy() -> Log:
    """Everything: deploy, page, runbook, branch, rollback, milestones, evidence, remarks."""
    log = Log("INC-20260502-acme-1", "Kim Novak")
    page = fired("03:04:41")
    deploy = facts.ChangeSeen(
        "deploy", "a1b2c3d", "9f8e7d6", "acme", "cart: batch price lookups", "Kim Novak", "", "github"
    )
    log.add("02:56:00", deploy, recorded="03:06:03")
    log.add("03:02:10", facts.MilestoneSet("started", "error rate left 0.1 %"), precision=Precision.MINUTE,
            source="person", recorded="03:25:00")  # fmt: skip
    log.add("03:04:41", page, source="alertmanager", recorded="03:06:01")
    log.add("03:06:01", facts.IncidentOpened("Acme error rate burning budget fast", "SEV2", "acme"))
    log.add("03:06:01", facts.Joined("Kim Novak", "lead"))
    log.add("03:06:02", facts.Acknowledged(page.occurrence, page.name))
    log.add("03:06:02", facts.ClockChecked("alertmanager", -0.4), source="alertmanager")
    log.add("03:06:02", facts.RunbookOpened(RUNBOOK, "3fa9c1e" + "0" * 57, "Acme Error Rate", "found by its link", 9))
    log.add("03:07:02", facts.SignalSeen("errors", 19.2, "%", QUERY, 7.0))
    log.add("03:07:30", facts.StepTicked("step-1", "Open dashboard"))
    log.add("03:07:50", facts.StepTicked("step-2", "Identify which endpoint(s) are erroring", "skipped"))
    log.add("03:08:00", facts.StepTicked("step-3", "Identify the start time"))
    log.add("03:08:05", facts.Remarked("finding", "starts 6 min after deploy a1b2c3d"))
    log.add("03:08:10", facts.BranchChosen("fork", "yes", "it correlates with a deploy (most common)", ("no",)))
    log.add("03:08:20", facts.ParameterSet("previous", "9f8e7d6", "ran until 02:56, before a1b2c3d"))
    log.add("03:08:40", facts.Remarked("decision", "roll back, Kim watches the dashboard"))
    log.command("03:09:12", "03:09:16", command("r1"))
    log.add("03:09:20", facts.StepTicked("step-4", "Roll back"))
    log.command("03:11:00", "03:11:01", command("r2", "gh run list --workflow rollback.yml | head -3", step="",
                step_text="", effect="reads", origin="typed by hand", expected=""), status=1)  # fmt: skip
    log.add("03:12:00", facts.SourceLost("prometheus", "no answer within 10 s"))
    log.add("03:12:40", facts.SourceBack("prometheus"))
    log.add("03:14:00", facts.Remarked("update", "rollback is running, checkout still failing for some"))
    log.add("03:15:00", facts.Remarked("note", "support saw the first tickets"), precision=Precision.ABOUT)
    log.add("03:17:30", facts.MilestoneSet("mitigated", "error rate back under 0.5 %"), source="person")
    log.add("03:18:00", facts.StepTicked("step-5", "Verify error rate drops in dashboard."))
    log.add("03:18:30", facts.ChangeSeen("deploy", "9f8e7d6", "a1b2c3d", "acme", "rollback", source="github"))
    log.add("03:19:20", cleared(page), source="alertmanager")
    log.add("03:21:00", facts.IncidentClosed("errors are back to normal"))
    for fact in measured("03:02:10", "03:19:20"):
        log.add("03:24:00", fact, source="prometheus")
    return log


def measured(start: str, end: str) -> tuple[facts.Measured, ...]:
    """What a server answered about the window of the incident."""
    began, ended = at(start), at(end)
    seconds = round((ended - began).total_seconds())
    course = [
        "0.1",
        "0.1",
        "0.4",
        "3.1",
        "9.6",
        "15.2",
        "18.3",
        "19.2",
        "18.9",
        "18.1",
        "17.7",
        "17.9",
        "17.2",
        "12.4",
        "5.1",
        "1.2",
        "0.3",
        "0.2",
    ]
    failed = f'sum(increase(http_requests_total{{job="acme",status=~"5.."}}[{seconds}s]))'
    asked = f'sum(increase(http_requests_total{{job="acme"}}[{seconds}s]))'
    how = "sum of increases over the incident, extrapolated to its ends"
    readings = "highest of 69 readings, one every 15 s"
    return (
        facts.Measured("error_ratio_peak", 19.2, "%", QUERY, began, ended, readings, tuple(course)),
        facts.Measured("requests_failed", 31406.3, "", failed, began, ended, how),
        facts.Measured("requests", 319812.7, "", asked, began, ended, how),
        facts.Measured(
            "error_budget_spent", 36.81, "%", asked, began, ended, "of acme-availability, 99.5 % over 28 days"
        ),
    )


def no_deploy() -> Log:
    """No change before it; across midnight; a command whose end nobody saw."""
    log = Log("INC-20260502-acme-2")
    page = fired("23:58:00", "AcmeLatencyP99")
    log.add("23:58:00", page, source="alertmanager")
    log.add("23:59:10", facts.IncidentOpened("P99 above 1 s", "SEV3", "acme"))
    log.add("23:59:12", facts.Acknowledged(page.occurrence, page.name))
    log.add("23:59:12", facts.RunbookOpened("acme-latency.md", "1234567" + "0" * 57, "Acme latency", "same name", 7))
    log.add("+1 00:01:00", facts.BranchChosen("fork", "no", "no recent deploy"))
    slow = command("r1", "aws ecs update-service --cluster acme --service acme --desired-count 8",
                   step_text="Scale out", expected="", target="aws 123 eu-west-1")  # fmt: skip
    log.add("+1 00:04:00", slow)
    log.add("+1 00:06:00", facts.CommandLost("r1", "the terminal was closed"))
    log.add("+1 00:20:00", cleared(page), source="alertmanager")
    return log


def only_an_alert() -> Log:
    """Nothing but an alert that fires, and somebody who looked."""
    log = Log("INC-20260502-queue-1")
    page = facts.AlertFired("77aa@20260502T040000", "77aabbcc", "QueueLagHigh", "page", at("04:00:00"), "alertmanager")
    log.add("04:00:00", page, source="alertmanager")
    log.add("04:02:00", facts.IncidentOpened("QueueLagHigh"))
    return log


def two_responders() -> Log:
    """Two alerts, a lead and a second responder who takes over, one mitigated by the other."""
    log = Log("INC-20260502-acme-3", "kim")
    first, second = fired("03:04:41"), fired("03:07:00", "AcmeLatencyP99")
    log.add("03:04:41", first, source="alertmanager")
    log.add("03:06:00", facts.IncidentOpened("Checkout fails", "SEV1", "acme"))
    log.add("03:06:00", facts.Joined("kim"))
    log.add("03:06:10", facts.Acknowledged(first.occurrence, first.name))
    log.add("03:07:00", second, source="alertmanager")
    log.add("03:08:00", facts.Joined("ana"), person="ana")
    log.add("03:08:10", facts.Acknowledged(second.occurrence, second.name), person="ana")
    log.add("03:09:00", facts.SeveritySet("SEV2"), person="ana")
    log.add("03:09:30", facts.Remarked("decision", "ana takes the rollback, kim writes to support"))
    log.command("03:10:00", "03:10:05", command("r1", "ssh ana@bastion ./rollback.sh 9f8e7d6",
                directory="/home/ana/acme"), status=255, person="ana")  # fmt: skip
    log.command("03:12:00", "03:12:04", command("r2"), person="ana")
    log.add("03:15:00", facts.HandedOver("ana", "the rollback is out, errors are falling"), source="person")
    log.add("03:15:20", facts.Joined("ana", "lead"), person="ana")
    log.add("03:20:00", cleared(first), source="alertmanager")
    log.add("03:22:00", cleared(second), source="alertmanager")
    return log


def drill() -> Log:
    """An exercise."""
    log = Log("DRILL-20260502-acme-1")
    page = fired("03:02:10")
    log.add("03:02:10", page, source="drill")
    log.add("03:03:00", facts.IncidentOpened("Checkout errors after a deploy", "SEV2", "acme", drill=True))
    log.add("03:03:05", facts.Acknowledged(page.occurrence, page.name))
    log.command("03:04:00", "03:04:04", command("r1"))
    log.add("03:06:10", cleared(page), source="drill")
    return log


def hostile() -> Log:
    """Text that would be a link, HTML, a table, a heading, a marker, YAML or a terminal command anywhere else."""
    log = Log("INC-20260502-acme-4", "mallory")
    bad = "<script>alert(1)</script> | [x](javascript:alert(1)) ![i](http://e.vil/i) `a` ``b``"
    bad += " <!-- /incident:timeline -->"
    page = facts.AlertFired(
        "ff@20260502T050000", "ff|00", f"# {bad}", "page", at("05:00:00"), "am|`eu`", {"job": "a|b", "path": "<b>"}
    )
    log.add("04:50:00", facts.ChangeSeen("deploy", "1234567", "0012345", "no", f"{bad}\n# heading", source="on"))
    log.add("05:00:00", page)
    log.add("05:01:00", facts.IncidentOpened(f"{bad}\n\n## Summary\n---\x1b]0;owned\x07", "no", "on"))
    log.add("05:01:01", facts.RunbookOpened("yes", "0123456" + "0" * 57, bad, bad, 3))
    log.add("05:02:00", facts.Remarked("note", f"- {bad}\n\n```\n| a | b |\n{'x' * 500}"))
    log.add(
        "05:03:00", facts.Remarked("finding", "1. *bold* __strong__ ~~gone~~ &lt;b&gt; www.e.vil a@b.example \\| \\")
    )
    log.add(
        "05:03:30", facts.Remarked("decision", "mallory said: <https://e.vil> \u202etxt.exe\u202c [ref]: http://e.vil")
    )
    script = "echo '```'\n<!-- /incident:commands -->\n## Action items\necho `id` | tee \x1b[2J \u202e"
    log.command("05:04:00", "05:04:09", command("r1", script, directory="/tmp/`x`|y", target=bad, origin=bad,
                step_text=f"roll back {bad}", expected="1 s"), status=2)  # fmt: skip
    log.add("05:05:00", facts.SignalSeen("a|b`c`", 1e9, "|", "`up{}` | <b>", 1.0))
    log.add("05:06:00", facts.SourceLost(bad, bad))
    log.add("05:07:00", facts.MilestoneSet("mitigated", f"**{bad}**"))
    log.add("05:08:00", facts.StepTicked("s9", f"> {bad}", "skipped"))
    return log


def corrected() -> Log:
    """Rows corrected in words and time, one redacted, a range, another tool's rows, a handover, a clock that jumped."""
    log = Log("INC-20260502-acme-5", "kim")
    page = fired("03:04:41")
    log.add("03:04:41", page, source="alertmanager")  # 1
    log.add("03:06:00", facts.IncidentOpened("Checkout fails", "SEV2", "acme"))  # 2
    log.add("03:06:01", facts.Joined("kim", "lead"))
    log.add("03:06:02", facts.Acknowledged(page.occurrence, page.name))
    log.add("03:07:00", facts.Remarked("note", "saw 500"), source="person")  # 5
    log.add("03:08:00", facts.MilestoneSet("mitigated", "errors fell"), source="person")  # 6
    log.add("02:58:00", facts.Remarked("finding", "errors crept up"), source="person", recorded="03:09:00",
            precision=Precision.RANGE, until="03:01:00")  # fmt: skip
    log.add("03:09:30", facts.Tombstone("remark", "kim", at("03:12:00"), "a customer's name"))
    log.add("03:07:00", facts.Corrected(f"{5:028d}", "saw 502", "typo"), source="person", recorded="03:10:00")
    log.add("03:16:00", facts.Corrected(f"{6:028d}", "", "it took longer"), source="person", recorded="03:18:00",
            precision=Precision.MINUTE)  # fmt: skip
    log.add("03:12:00", facts.Redacted(f"{8:028d}", "a customer's name"), source="person")
    log.add("03:13:00", facts.Imported("ana asks support, kim looks at the graphs", "ana", "1/U1"), source="slack")
    log.add("03:14:00", facts.HandedOver("lee", "errors are falling"), source="person")
    log.add("03:14:30", facts.Joined("lee", "lead"), person="lee")
    log.add("03:15:00", facts.ClockStepped(-90.0))
    log.add("03:15:30", facts.LinkAdded("https://grafana.example/d/1", "errors by endpoint"), source="person")
    slow = command("r1", "kubectl rollout undo deploy/acme", step_text="")
    log.add("03:15:40", slow, person="lee")
    log.add("03:15:50", facts.CommandLost("r1", "the terminal was closed"), person="lee")
    log.add("03:17:00", facts.CommandVerified("r1", "it had run: the old pods are back"), person="lee")
    log.add("03:20:00", cleared(page), source="alertmanager")
    return log


CASES = {
    "bad-deploy": bad_deploy,
    "no-deploy": no_deploy,
    "only-an-alert": only_an_alert,
    "two-responders": two_responders,
    "drill": drill,
    "hostile": hostile,
    "corrected": corrected,
}
NOW = at("+1 09:00:00")
