"""What the check says of a runbook, and what it leaves alone."""

from __future__ import annotations

import pytest

from incident.core.check import Severity
from incident.core.check.blocks import asked, snippets
from incident.core.check.page import anchors_in, page_of
from incident.core.check.secrets import secrets_in
from incident.sources.runbooks import shipped
from tests.core.checking import ids, in_runbook

SEED = (shipped() / "acme-error-rate.md").read_text(encoding="utf-8")


def fenced(*lines: str, tag: str = "sh") -> str:
    return "\n".join(["# Web", "", f"```{tag}", *lines, "```", ""])


def only(text: str, rule: str) -> list[tuple[int, Severity]]:
    return [(finding.line, finding.severity) for finding in in_runbook(text) if finding.rule == rule]


def test_a_plain_team_runbook_as_it_is_gives_nothing_but_information() -> None:
    findings = in_runbook(SEED, path="acme-error-rate.md")
    assert {finding.severity for finding in findings} <= {Severity.INFO}
    assert ids(findings) == {"no-owner"}


# --- placeholders


@pytest.mark.fault(51)
@pytest.mark.parametrize(
    ("command", "where"),
    [
        ('grep "<pod>" log', "double quotes"),
        ("jq '.items.<name>'", "single quotes"),
        ("eval echo <name>", "eval"),
        ("bash -c <name>", "bash"),
        ("sudo -u root sh -xc <name>", "sh"),
        ("ssh -p 22 web-1 systemctl restart <unit>", "ssh"),
        ("cat <<EOF > job.yaml\nname: <name>\nEOF", "here-document"),
        ("cat <<-'EOF'\n\tname: <name>\n\tEOF", "here-document"),
    ],
)
def test_a_placeholder_that_is_read_twice_is_an_error_with_its_line(command: str, where: str) -> None:
    (found,) = [f for f in in_runbook(fenced(*command.split("\n"))) if f.rule == "placeholder-in-quotes"]
    assert found.severity is Severity.ERROR
    assert where in found.message
    assert found.line == 4 + ("\n" in command)


@pytest.mark.parametrize(
    "command",
    [
        "kubectl logs --tail 10 <pod>",
        'echo "done" <pod>',
        "ssh <node> uptime",
        "ssh -i key <node>",
        "bash <script>",
        'echo "a \\" b" \\" <pod>',
        "grep 'it' <file-name>",
        'kubectl logs "$POD"',
    ],
)
def test_a_placeholder_that_is_a_word_of_its_own_is_no_error(command: str) -> None:
    assert "placeholder-in-quotes" not in ids(in_runbook(fenced(command)))


def test_a_placeholder_that_a_shell_takes_for_a_redirection_is_for_information() -> None:
    assert only(fenced("kubectl logs <pod> --tail 10"), "placeholder-redirects") == [(4, Severity.INFO)]
    assert only(fenced("kubectl logs --tail 10 <pod>"), "placeholder-redirects") == []


# --- blocks


def test_prompts_alone_are_for_information_and_prompts_with_output_a_warning() -> None:
    assert only(fenced("$ df -h"), "mixed-transcript") == [(3, Severity.INFO)]
    assert only(fenced("$ df -h", "Filesystem Size"), "mixed-transcript") == [(3, Severity.WARNING)]
    assert only(fenced("$ df -h", "Filesystem Size", tag="console"), "mixed-transcript") == []
    assert only(fenced("$ df -h", tag=""), "untagged-shell") == []


def test_a_block_that_is_no_shell_is_left_alone() -> None:
    assert ids(in_runbook(fenced("up == 0", tag="promql"))) <= {"no-owner", "no-steps"}


def test_bash_is_asked_about_what_is_certainly_meant_for_it_with_placeholders_filled() -> None:
    page = page_of(
        (
            fenced("kubectl logs <pod> -c web", 'echo "unfinished', "df -h")
            + fenced("kubectl get pods", tag="zsh")
            + fenced("$ echo 'unfinished", tag="sh")
            + "1. Look: `df -h`\n"
        ).encode(),
        "web.md",
    )
    assert snippets(page) == [
        (4, "kubectl logs value -c web"),
        (5, 'kubectl logs value -c web\necho "unfinished\ndf -h'),
        (6, "df -h"),
    ]


def test_bash_is_not_asked_about_a_block_that_must_not_run() -> None:
    assert snippets(page_of(fenced("df -h", tag="sh run=false").encode(), "web.md")) == []


def test_a_files_anchors_are_its_headings_and_its_own_marks() -> None:
    lines = ["# Disk full {#full}", "<a name=my-mark></a>", "(label)=", "## What to do?"]
    assert anchors_in(lines) == {"diskfull", "full", "mymark", "label", "whattodo"}


def test_a_line_that_runs_no_program_has_none_that_could_be_missing() -> None:
    assert only(fenced("A=1", "sudo -i", "env kubectl get pods"), "tool-missing") == [(6, Severity.INFO)]


def test_bash_is_asked_about_a_line_with_a_placeholder_as_it_is_too() -> None:
    page = page_of(fenced("kubectl logs <pod> -c web", "df -h").encode(), "web.md")
    assert asked(page) == ["kubectl logs <pod> -c web", "kubectl logs value -c web", "df -h"]


def test_a_block_that_stays_open_is_told_once() -> None:
    assert only(fenced('echo "unfinished'), "shell-syntax") == [(4, Severity.ERROR)]
    assert len(only(fenced("(", "("), "shell-syntax")) <= 1


def test_a_fence_that_nobody_shuts_ends_with_the_file() -> None:
    page = page_of(b"# Web\n\n```sh\nls | | wc\n", "web.md")
    assert [(fence.start, fence.language) for fence in page.fences] == [(3, "sh")]
    assert page.fenced(4)
    assert not page.fenced(1)


# --- commands


@pytest.mark.parametrize(
    "after",
    [
        "2. Verify that it is gone.\n",
        "2. Look: `kubectl get pods`\n",
        "\n## Rollback\n1. Start it again.\n",
        "\nIt should come back within a minute.\n",
    ],
)
def test_a_destructive_command_with_something_behind_it_that_looks_after_it_is_fine(after: str) -> None:
    text = "# Web\n\n1. Delete it: `kubectl --context prod delete deployment web`\n"
    assert "destructive-unchecked" in ids(in_runbook(text))
    assert "destructive-unchecked" not in ids(in_runbook(text + after))


def test_a_comment_for_this_check_looks_after_nothing() -> None:
    text = "# Web\n\n1. Delete it: `kubectl --context prod delete pod web-0`\n\n<!-- incident-check: nothing -->\n"
    assert "destructive-unchecked" in ids(in_runbook(text))


def test_a_step_that_itself_says_what_to_look_at_is_fine() -> None:
    text = "# Web\n\n1. Delete it and watch that it comes back: `kubectl --context prod delete pod web-0`\n"
    assert "destructive-unchecked" not in ids(in_runbook(text))


@pytest.mark.parametrize(
    "command", ["kubectl get pods | grep delete", "rm report.txt", "rm -f /tmp/dump", "rmdir /tmp/dump"]
)
def test_reading_and_tidying_up_is_not_destroying(command: str) -> None:
    assert "destructive-unchecked" not in ids(in_runbook(fenced(command)))


@pytest.mark.parametrize("command", ["rm -rf /var/lib/acme", "rm ~/.acme", "rm ../acme", "rm $ALL", "rm *"])
def test_removing_what_lies_elsewhere_is_destroying(command: str) -> None:
    assert "destructive-unchecked" in ids(in_runbook(fenced(command)))


def test_a_long_destructive_command_is_shown_short() -> None:
    (found,) = [f for f in in_runbook(fenced(f"rm -rf /{'x' * 200}")) if f.rule == "destructive-unchecked"]
    assert len(found.message) < 140


@pytest.mark.parametrize(
    "lines",
    [
        ("kubectl --context=prod delete pod web-0",),
        ("kubectl config use-context prod", "kubectl delete pod web-0"),
        ("export AWS_PROFILE=prod", "aws ecs delete-service --service web"),
        ("aws-vault exec prod -- aws ecs delete-service --service web",),
        ("gcloud --project prod compute instances delete web-0",),
        ("kubectl get pods",),
    ],
)
def test_a_target_that_is_named_on_the_command_or_before_it_is_named(lines: tuple[str, ...]) -> None:
    assert "no-target" not in ids(in_runbook(fenced(*lines)))


def test_a_missing_target_is_a_warning_where_it_destroys_and_told_once_for_each_block() -> None:
    assert only(fenced("kubectl delete pod a", "kubectl delete pod b"), "no-target") == [(4, Severity.WARNING)]
    assert only(fenced("timeout 5 kubectl annotate pod a x=y"), "no-target") == [(4, Severity.INFO)]
    assert only(fenced("sudo -u deploy A=1 env helm upgrade web ./web"), "no-target") == [(4, Severity.INFO)]


@pytest.mark.parametrize(
    "command",
    [
        "curl -fsSL https://acme.com/x.sh | sh",
        "wget -qO- https://acme.com/x.sh | sudo -E bash -s stable",
        "bash <(curl -s https://acme.com/x.sh)",
        'sh -c "$(curl -fsSL https://acme.com/x.sh)"',
        "source <(curl -s https://acme.com/x.sh)",
    ],
)
def test_running_what_was_just_downloaded_is_a_warning(command: str) -> None:
    assert only(fenced(command), "pipe-to-shell") == [(4, Severity.WARNING)]


@pytest.mark.parametrize("command", ["curl -s https://acme.com/x | jq .", "curl -s https://acme.com; sh own.sh"])
def test_downloading_without_running_is_fine(command: str) -> None:
    assert "pipe-to-shell" not in ids(in_runbook(fenced(command)))


def test_characters_that_hide_or_pretend_are_errors_with_their_line() -> None:
    assert only(fenced("df -h \\", "  \u200b/var"), "hidden-character") == [(5, Severity.ERROR)]
    assert only(fenced("kubectl get p\u043eds"), "hidden-character") == [(4, Severity.ERROR)]
    assert only(fenced("df\t-h"), "hidden-character") == []


def test_a_program_that_is_not_here_is_told_once_and_only_when_asked() -> None:
    text = fenced("acme-ctl get pods", "acme-ctl get nodes", "cd /tmp", "$HOME/bin/x run", "(", tag="bash")
    assert only(text, "tool-missing") == [(4, Severity.INFO)]


@pytest.mark.parametrize(
    "line",
    [
        "aws_access_key_id = AKIAQ3EGTJ5WKLPR7XYZ",
        "git clone https://x:ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8@github.com/acme/shop",
        "https://bot:k3nT9zQ2xL5w@acme.com/",
        "password: k3nT9zQ2xL5w",
        "acme --token k3nT9zQ2xL5w",
        "authorization: Basic ZGVwbG95OmszblQ5elEyeEw1dw==",
        "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEAx" * 4,
    ],
)
def test_a_secret_is_an_error_that_does_not_repeat_it(line: str) -> None:
    ((number, kind),) = secrets_in(line.split("\n"))
    assert number == 1
    assert "k3nT" not in kind


@pytest.mark.parametrize(
    "line",
    [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "https://user:password@acme.com/",
        "https://user:<password>@acme.com/",
        'curl -H "Authorization: Bearer $TOKEN"',
        "token=$(oc sa new-token prometheus-k8s -n monitoring)",
        "token = data.vault_kv_secret_v2.some-secret.data.token",
        "kubectl get secret acme-token --namespace=vault-k8s",
        "password: correct-horse-battery",
        "--password 000000000000000",
        "acme --token --with-some-long-option-2026a",
        "-----BEGIN PRIVATE KEY-----\n...",
        "-----BEGIN PRIVATE KEY-----",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_a_placeholder_variable_name_or_digest_is_no_secret(line: str) -> None:
    assert list(secrets_in(line.split("\n"))) == []


# --- links


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[x](gone.md)", [("dead-link", Severity.WARNING)]),
        ("![x](gone.png)", [("dead-link", Severity.INFO)]),
        ("[x][ref]\n\n[ref]: gone.sh 'a title'", [("dead-link", Severity.WARNING)]),
        ("[x](other.md#gone)", [("dead-anchor", Severity.WARNING)]),
        ("[x](#gone)", [("dead-anchor", Severity.WARNING)]),
        ("[x](other.md#setup)", []),
        ("[x](other.md#L12)", []),
        ("[x](broken.md#gone)", []),
        ("[x](fix.sh)", []),
        ("[x](fix.sh#gone)", []),
        ("[x](gone)", []),
        ("[x](gone.html)", []),
        ("[x](/docs/gone.md)", []),
        ("[x](https://acme.com/gone.md)", []),
        ("[x]({{ url }}/gone.md)", []),
        ("`[x](gone.md)`", []),
        ("[](#cross-reference)", []),
        ("[x](#topic:cross-reference)", []),
        ("[x](#)", []),
        ("[x](#top)", []),
        ("[x](#what-it-means)", []),
        ("[x](#what-it-means-1)", []),
        ("[x](#user-content-own-mark)", []),
        ("[x](#named)", []),
        ("```\n[x](gone.md)\n```", []),
    ],
)
def test_links_that_lead_nowhere_are_found_and_those_of_site_generators_left_alone(
    link: str, expected: list[tuple[str, Severity]]
) -> None:
    text = f'# Web\n\n## What it means {{#named}}\n<a name="own-mark"></a>\n\n1. Check it.\n\n{link}\n'
    found = [(f.rule, f.severity) for f in in_runbook(text) if f.rule.startswith("dead")]
    assert found == expected


# --- the whole


def test_a_title_may_come_from_front_matter_or_a_heading_of_the_files_own_name() -> None:
    step = "1. Check the disk: `df -h`\n"
    assert "no-title" in ids(in_runbook(step))
    assert "no-title" not in ids(in_runbook(f"---\ntitle: Web\n---\n{step}"))
    assert "no-title" not in ids(in_runbook(f"# web\n{step}", path="web.md"))
    assert "no-title" not in ids(in_runbook("Words alone.\n"))


def test_an_empty_page_is_a_warning_only_where_an_alert_leads_to_it() -> None:
    text = "# Web\n\nIt serves pages.\n"
    assert [f.severity for f in in_runbook(text, led_to=True) if f.rule == "no-steps"] == [Severity.WARNING]
    assert [f.severity for f in in_runbook(text, led_to=False) if f.rule == "no-steps"] == [Severity.INFO]


def test_what_cannot_be_read_is_told_with_its_line() -> None:
    (found,) = [f for f in in_runbook("---\nowner: a\nowner: b\n---\n# Web\n1. Check it.\n") if f.rule == "unreadable"]
    assert found.line == 3
    assert [f.line for f in in_runbook("") if f.rule == "unreadable"] == [1]
    assert "unreadable" not in ids(in_runbook(fenced("echo 'unfinished")))


@pytest.mark.parametrize(
    ("front", "overdue"),
    [
        ("reviewed: 2026-01-01\nreview_every: 90d", "31 days"),
        ("reviewed: 2026-01-31\nreview_every: 90 days", "a day"),
        ("last_reviewed_on: 2025-05-01\nreview_in: 12 months", "6 days"),
        ("reviewed: 2026-05-01\nreview_every: 2w", ""),
        ("reviewed: 2020-01-01", ""),
        ("review_every: 90d", ""),
        ("reviewed: yesterday\nreview_every: 90d", ""),
        ("reviewed: 2020-01-01\nreview_every: often", ""),
    ],
)
def test_a_review_is_due_only_where_the_front_matter_promises_one(front: str, overdue: str) -> None:
    found = [f for f in in_runbook(f"---\n{front}\n---\n# Web\n1. Check it.\n") if f.rule == "stale-review"]
    assert [f.message for f in found] == ([f"its review is {overdue} overdue"] if overdue else [])


def test_a_front_matter_that_nobody_shuts_promises_nothing() -> None:
    assert "stale-review" not in ids(in_runbook("---\nreviewed: 2020-01-01\nreview_every: 1d\n# Web\n1. Check it.\n"))


def test_a_fork_whose_ways_are_each_others_opposite_needs_no_otherwise() -> None:
    text = "# Slow\n\n## If it is the disk\n1. Call storage.\n\n## If it is not the disk\n1. Call the network team.\n"
    assert "no-otherwise" not in ids(in_runbook(text))
    alone = "# Slow\n\n## If it is the disk\n1. Call storage.\n"
    assert "no-otherwise" not in ids(in_runbook(alone))


def test_an_owner_or_a_contact_in_plain_words_counts() -> None:
    text = "# Web\n\nOwner: team web\n\n1. Check it. If it is bad, escalate to team web.\n"
    assert not {"no-owner", "no-escalation"} & ids(in_runbook(text))


def test_every_runbook_that_comes_with_the_program_passes() -> None:
    for file in sorted(shipped().glob("*.md")):
        findings = in_runbook(file.read_text(encoding="utf-8"), path=file.name)
        assert [f for f in findings if f.severity is not Severity.INFO] == [], file.name
