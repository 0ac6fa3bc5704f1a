"""Which runbook belongs to an alert. A wrong one is worse than none."""

from __future__ import annotations

import pytest

from incident.core.match import Confidence, Match, match
from incident.core.ports import Listed

ROOT = "/srv/team/runbooks"


def shelf(*paths: str, root: str = ROOT) -> tuple[Listed, ...]:
    return tuple(Listed(path, root) for path in paths)


def page(path: str, *headings: str, rows: tuple[str, ...] = (), alerts: tuple[str, ...] = ()) -> Listed:
    numbered = tuple((line, text) for line, text in enumerate(headings, 1))
    return Listed(path, ROOT, numbered, alerts, tuple((100 + n, row) for n, row in enumerate(rows)))


def linked(link: str, listing: tuple[Listed, ...], name: str = "SomeAlert", key: str = "runbook_url") -> Match:
    return match({"alertname": name}, {key: link}, listing)


def test_the_seeds_alert_opens_the_seeds_runbook() -> None:
    found = match(
        {"alertname": "AcmeErrorBudgetFastBurn", "severity": "page", "job": "acme"},
        {"summary": "Acme error rate burning budget fast", "runbook": "https://wiki.acme.com/runbooks/acme-error-rate"},
        shelf("acme-error-rate.md", "acme-latency.md", "dependency-down.md"),
    )
    assert (found.path, found.root, found.confidence) == ("acme-error-rate.md", ROOT, Confidence.SURE)
    assert found.reason == "found by the last part of its link"


def test_the_seeds_link_is_enough_whatever_the_folder_is_called() -> None:
    found = linked("https://wiki.acme.com/runbooks/acme-error-rate", shelf("acme-error-rate.md", root="/tmp/rb"))
    assert (found.path, found.confidence) == ("acme-error-rate.md", Confidence.LIKELY)


def test_the_configuration_wins_over_everything() -> None:
    listing = (*shelf("a.md", "other/SomeAlert.md"), page("c.md", alerts=("SomeAlert",)))
    mapped = match({"alertname": "SomeAlert"}, {"runbook": "other/SomeAlert.md"}, listing, {"SomeAlert": "./a.md"})
    assert (mapped.path, mapped.confidence) == ("a.md", Confidence.SURE)
    full = match({"alertname": "SomeAlert"}, {}, listing, {"SomeAlert": f"{ROOT}/a.md"})
    assert full.path == "a.md"
    gone = match({"alertname": "SomeAlert"}, {}, listing, {"SomeAlert": "gone.md"})
    assert gone.path is None
    assert "which is not among the runbooks" in gone.reason


def test_a_links_beginning_may_be_mapped_to_a_folder() -> None:
    listing = shelf("a/README.md", "b/README.md")
    mapping = {"https://wiki/x/": "b", "https://wiki/": "a", "SomeOther": "a/README.md"}
    assert match({}, {"runbook": "https://wiki/x/README.md"}, listing, mapping).path == "b/README.md"
    assert match({}, {"runbook": "https://elsewhere/x"}, listing, mapping).path is None


def test_front_matter_claims_before_a_link() -> None:
    listing = (page("claims.md", alerts=("SomeAlert",)), *shelf("linked/by-name.md"))
    found = linked("linked/by-name.md", listing, "somealert")
    assert (found.path, found.confidence) == ("claims.md", Confidence.SURE)


def test_two_claims_ask() -> None:
    found = match({"alertname": "A"}, {}, (page("x.md", alerts=("A",)), page("y.md", alerts=("A",))))
    assert (found.path, found.confidence) == (None, Confidence.AMBIGUOUS)
    assert [candidate.path for candidate in found.candidates] == ["x.md", "y.md"]


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("docs/web/README.md", "docs/web/README.md"),
        ("./docs/web/README.md", "docs/web/README.md"),
        (f"{ROOT}/docs/web/README.md", "docs/web/README.md"),
        ("team/runbooks/docs/web/README.md", "docs/web/README.md"),
        ("docs/web", "docs/web/README.md"),
        ("kafka/consumer-lag", "docs/kafka/consumer_lag.md"),
        ("consumer-lag.md", "docs/kafka/consumer_lag.md"),
        ("README.md", None),
        ("/etc/docs/web/README.md", None),
        ("https://github.com/team/runbooks/blob/main/docs/web/README.md", "docs/web/README.md"),
        ("https://gitlab.example.com/org/team/runbooks/-/blob/main/docs/web/README.md", "docs/web/README.md"),
        ("https://github.com/team/other/wiki/consumer-lag", None),
        ("https://runbooks.example.com/docs/kafka/consumerlag/", "docs/kafka/consumer_lag.md"),
        ("https://runbooks.example.com/kafka/Consumer-Lag.html", "docs/kafka/consumer_lag.md"),
        ("https://runbooks.example.com/consumer-lag.html", "docs/kafka/consumer_lag.md"),
        ("https://runbooks.example.com/teams/b/consumer-lag", None),
        ("https://intranet.example.com/web", None),
        ("https://intranet.example.com/x/docs/web/", "docs/web/README.md"),
        ("https://github.com/other/thing/blob/main/web/README.md", None),
        ("https://example.com/site.html", "source/site.html.md.erb"),
        ("https://example.com", None),
    ],
)
def test_where_a_link_leads(link: str, path: str | None) -> None:
    listing = shelf("docs/web/README.md", "docs/db/README.md", "docs/kafka/consumer_lag.md", "source/site.html.md.erb")
    assert linked(link, listing).path == path


def test_a_page_that_every_repository_has_needs_its_repository() -> None:
    listing = shelf("runbook.md", root="/src/kubernetes-mixin")
    own = linked("https://github.com/x/kubernetes-mixin/tree/master/runbook.md", listing)
    foreign = linked("https://github.com/x/coredns-mixin/tree/master/runbook.md", listing)
    assert (own.path, foreign.path) == ("runbook.md", None)


def test_the_alerts_own_name_makes_one_shared_segment_enough() -> None:
    listing = shelf("deep/DiskFull.md", "deep/other.md")
    assert linked("https://wiki/teams/x/diskfull", listing, "DiskFull").path == "deep/DiskFull.md"
    assert linked("https://wiki/teams/x/other", listing, "DiskFull").reason.endswith(
        "the file carries the alert's name"
    )


def test_two_files_that_a_link_may_mean_ask_unless_one_carries_the_alerts_name() -> None:
    listing = (Listed("a/x/disk.md", "/r1"), Listed("b/x/disk.md", "/r1"))
    found = linked("https://wiki/x/disk", listing)
    assert found.path is None
    assert [candidate.path for candidate in found.candidates] == ["a/x/disk.md", "b/x/disk.md"]
    named = (Listed("docs/disk/README.md", "/r1"), Listed("docs/disk.md", "/r1"))
    assert linked("https://wiki/docs/disk", named, "X").path is None
    assert linked("https://wiki/docs/disk", named, "Disk").path == "docs/disk.md"


def test_the_same_path_under_two_roots_is_the_earlier_roots() -> None:
    listing = (*shelf("acme.md", root="/team"), *shelf("acme.md", root="/shipped"))
    assert match({"alertname": "Acme"}, {}, listing).root == "/team"


def test_links_are_read_from_labels_too_and_empty_ones_are_none() -> None:
    listing = shelf("docs/web.md", "docs/db.md")
    assert (
        match(
            {"playbook": "docs/web.md"}, {"runbook": "TODO", "runbookUrl": " ", "dashboard": "docs/db.md"}, listing
        ).path
        == "docs/web.md"
    )
    assert match({"runbook": "docs/db.md"}, {"runbook_url": "docs/web.md"}, listing).path == "docs/web.md"


def test_the_second_link_counts_when_the_first_is_dead() -> None:
    found = match({}, {"runbook": "https://wiki/gone/away", "runbook_url": "docs/web.md"}, shelf("docs/web.md"))
    assert found.path == "docs/web.md"


@pytest.mark.fault(66, 93, 94)
@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("../../etc/passwd", "leads out of the runbook folders"),
        ("docs/%2e%2e/%2e%2e/etc/passwd", "leads out of the runbook folders"),
        ("https://x/../../etc/passwd", "leads out of its folder"),
        ("https://x/%2e%2e/etc/passwd", "leads out of its folder"),
        ("file:///etc/passwd", "is not followed"),
        ("vscode://file/etc/passwd", "is not followed"),
        ("//evil.example.com/x", "is not followed"),
        ("ssh://-oProxyCommand=x/y", "is not followed"),
        ("docs/we\u202eb.md", "hidden characters"),
        ("x" * 3_000, "too long"),
        ("https://[::1/x", "cannot be read"),
        ("docs/{{ $labels.type }}/README.md", "template"),
        ("http://169.254.169.254/latest/meta-data", "leads to none of the runbooks"),
        ("https://user:secret@wiki.acme.com:8443/x", "leads to none of the runbooks"),
        ("/etc/passwd", "leads to none of the runbooks"),
    ],
)
def test_a_link_that_leads_out_opens_nothing_and_says_why(link: str, why: str) -> None:
    found = linked(link, shelf("docs/web.md", "etc/passwd.md"))
    assert found.path is None
    assert why in found.reason
    assert "secret" not in found.reason


def test_a_dead_link_still_lets_the_alerts_own_page_open_but_never_a_common_name() -> None:
    dead = "https://vendor.example.com/docs/something"
    listing = (*shelf("KafkaDown.md", "HighErrorRate.md"), page("all.md", "All", "Kube API Latency Critical"))
    own = linked(dead, listing, "KafkaDown")
    assert (own.path, own.confidence) == ("KafkaDown.md", Confidence.LIKELY)
    assert own.reason.startswith("the annotation runbook_url https://vendor")
    common = linked(dead, listing, "HighErrorRate")
    assert (common.path, common.confidence) == (None, Confidence.AMBIGUOUS)
    assert [candidate.path for candidate in common.candidates] == ["HighErrorRate.md"]
    heading = linked(dead, listing, "KubeAPILatencyCritical")
    assert (heading.path, heading.line) == ("all.md", 2)


def test_without_a_link_the_name_finds_the_file_or_the_heading() -> None:
    listing = (*shelf("etcd/etcdNoLeader.md", "HighErrorRate.md"), page("all.md", "All", "Alert: CortexDown"))
    assert match({"alertname": "EtcdNoLeader"}, {}, listing).path == "etcd/etcdNoLeader.md"
    assert match({"alertname": "HighErrorRate"}, {}, listing).confidence is Confidence.SURE
    cortex = match({"alertname": "CortexDown"}, {}, listing)
    assert (cortex.path, cortex.line, cortex.confidence) == ("all.md", 2, Confidence.LIKELY)


def test_a_heading_with_a_common_name_is_offered_and_not_opened() -> None:
    listing = (page("alerts/chat.md", "Chat", "High5xxRate"),)
    found = match({"alertname": "High5xxRate"}, {}, listing)
    assert (found.path, found.confidence) == (None, Confidence.AMBIGUOUS)
    assert [(candidate.path, candidate.line) for candidate in found.candidates] == [("alerts/chat.md", 2)]
    own = match({"alertname": "High5xxRate", "service": "chat"}, {}, listing)
    assert (own.path, own.line) == ("alerts/chat.md", 2)


def test_the_title_of_a_page_is_its_top() -> None:
    assert match({"alertname": "CortexDown"}, {}, (page("x.md", "CortexDown"),)).line is None


def test_a_service_has_a_default() -> None:
    listing = shelf("payments/default.md", "auth-default.md", "web.md")
    found = match({"alertname": "Quux", "service": "payments"}, {}, listing)
    assert (found.path, found.reason) == ("payments/default.md", "it is the default of the service payments")
    assert match({"alertname": "Quux", "app": "auth"}, {"runbook": "gone/x.md"}, listing).path == "auth-default.md"
    assert match({"alertname": "Quux", "app": "web"}, {}, listing).path is None


def test_no_match_offers_what_is_alike_and_opens_nothing() -> None:
    listing = shelf("KafkaConsumerLag.md", "KafkaBrokerDown.md", "RedisDown.md")
    found = match({"alertname": "KafkaConsumerDown"}, {}, listing)
    assert found.path is None
    assert [candidate.path for candidate in found.candidates] == ["KafkaBrokerDown.md", "KafkaConsumerLag.md"]
    assert found.reason == "no runbook names this alert"
    nameless = match({}, {}, listing)
    assert (nameless.reason, nameless.candidates) == ("the alert has no name and no link to a runbook", ())


ONE_FILE = page(
    "docs/all.md",
    "Alerts",
    "Disk full",
    "Disk full",
    'Alert Name: "KubeDown"',
    "Latency(ms) - warning",
    "SomeAlert",
    rows=("Name", "RowAlert"),
)


@pytest.mark.parametrize(
    ("anchor", "name", "line"),
    [
        ("disk-full", "X", 2),
        ("disk-full-1", "X", 3),
        ("Disk-Full", "X", 2),
        ("alert-name-kubedown", "X", 4),
        ("KubeDown", "X", 4),
        ("Latency(ms)---warning", "X", 5),
        ("gone", "SomeAlert", 6),
        ("alert-name-rowalert", "X", 101),
        ("gone", "RowAlert", 101),
        ("gone", "X", None),
        ("%64isk-full", "X", 2),
        ("---", "", None),
    ],
)
def test_an_anchor_leads_to_its_line(anchor: str, name: str, line: int | None) -> None:
    found = linked(f"docs/all.md#{anchor}", (ONE_FILE,), name)
    assert (found.path, found.line) == ("docs/all.md", line)
    assert ("is not in the file" in found.reason) is (line is None)


def test_the_published_shape() -> None:
    shape = match({"alertname": "A"}, {}, (page("x.md", alerts=("A",)), page("y.md", alerts=("A",)))).as_json()
    assert shape["path"] is None
    assert shape["confidence"] == "ambiguous"
    assert shape["candidates"][0] == {"path": "x.md", "root": ROOT, "line": None, "why": "its front matter names A"}


def test_a_listing_that_grows_is_indexed_again() -> None:
    listing = [*shelf("a.md")]
    assert match({"alertname": "b"}, {}, listing).path is None
    listing.extend(shelf("b.md"))
    assert match({"alertname": "b"}, {}, listing).path == "b.md"
