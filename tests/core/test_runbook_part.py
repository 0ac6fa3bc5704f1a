"""One heading's part of a file that serves many alerts."""

from __future__ import annotations

import pytest

from incident.core.runbook import Runbook
from incident.core.runbook.part import part_of
from incident.core.runbook.read import read
from incident.errors import RunbookError

TEXT = """# Cluster runbook

1. Take a breath

## KubeAPIDown

The API is gone.

### Diagnosis

1. Look: `kubectl get nodes`

### Mitigation

1. Restart it:

   ```sh
   systemctl restart kube-apiserver
   echo 'open
   ```

## Etcd: slow disk

| alert | do |
|---|---|
| EtcdSlow | wait |

1. Look: `iostat -x 1 5`

## KubeAPIDown

1. Another one

## Escalation

- The lead, after 30 minutes

##
"""


@pytest.fixture
def whole() -> Runbook:
    return read(TEXT.encode(), "cluster-runbook.md")


def test_an_anchor_opens_its_heading_alone_with_the_lines_and_identities_of_the_whole(whole: Runbook) -> None:
    part = part_of(whole, "kubeapidown")
    assert part.title == "KubeAPIDown"
    assert [section.title for section in part.sections] == ["KubeAPIDown", "Diagnosis", "Mitigation"]
    assert [(step.text, step.lines[0]) for step in part.steps] == [("Look", 11), ("Restart it:", 15)]
    assert [part.commands[index].text for step in part.steps for index in step.commands] == [
        "kubectl get nodes",
        "systemctl restart kube-apiserver",
        "echo 'open",
    ]
    assert [part.sections[step.section].title for step in part.steps] == ["Diagnosis", "Mitigation"]
    assert {step.id for step in part.steps} <= {step.id for step in whole.steps}
    assert (part.path, part.sha256) == (whole.path, whole.sha256)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("KubeAPIDown", 5),
        ("kube-api-down", 5),
        ("#kubeapidown-1", 30),
        ("etcd-slow-disk", 22),
        ("etcd_slow_disk", 22),
        ("Diagnosis", 9),
        (5, 5),
        ("11", 9),
        (26, 22),
        (9_999, 38),
    ],
)
def test_a_part_is_found_by_anchor_words_or_line(whole: Runbook, place: str | int, line: int) -> None:
    assert part_of(whole, place).sections[0].line == line


@pytest.mark.parametrize("place", [1, "3", "cluster-runbook", "Cluster runbook"])
def test_the_title_and_what_stands_before_the_first_heading_mean_the_whole(whole: Runbook, place: str | int) -> None:
    assert part_of(whole, place) is whole


def test_notices_and_contacts_go_with_their_lines(whole: Runbook) -> None:
    assert [notice[:8] for notice in whole.notices] == ["line 19:"]
    assert part_of(whole, "mitigation").notices == whole.notices
    assert part_of(whole, "etcd-slow-disk").notices == ()
    assert part_of(whole, "etcd-slow-disk").contacts == ()
    assert len(part_of(whole, "escalation").contacts) == 1


def test_a_notice_about_the_file_stays_with_every_part() -> None:
    whole = read(b"---\nreviewed: x\n---\n## One\n\n1. Wait\n\n## Two\n", "x.md")
    assert part_of(whole, "two").notices == whole.notices != ()


def test_a_dead_anchor_is_refused_with_what_is_there(whole: Runbook) -> None:
    with pytest.raises(RunbookError) as refused:
        part_of(whole, "kubeapidwn")
    assert refused.value.what == "there is no heading #kubeapidwn in it"
    assert "#kubeapidown" in refused.value.hint
    for nothing in ("zzzzzzzzzzzz", "", "#"):
        with pytest.raises(RunbookError) as lost:
            part_of(whole, nothing)
        assert lost.value.hint == "leave the # away to open it all"
