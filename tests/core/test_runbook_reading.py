"""Ordinary team Markdown, read as it is."""

from __future__ import annotations

import pytest

from incident.core.runbook import Effect, Form, Origin, Runbook, Runnable, SectionKind
from incident.core.runbook.read import read


def of(text: str, path: str = "team/some-page.md") -> Runbook:
    return read(text.encode(), path)


def texts(text: str) -> list[str]:
    return [step.text for step in of(text).steps]


def test_a_paragraph_that_asks_is_a_step_with_its_code_block() -> None:
    runbook = of(
        "## Diagnosis\n\nCheck the operator logs:\n\n```bash\nkubectl logs deploy/operator\n```\n\nIt is slow.\n"
    )
    (step,) = runbook.steps
    assert (step.text, step.form, step.lines, step.check) == ("Check the operator logs:", Form.PARAGRAPH, (3, 7), True)
    assert runbook.commands[0].text == "kubectl logs deploy/operator"
    assert runbook.sections[0].prose == ("It is slow.",)


def test_a_code_block_takes_its_title_from_the_paragraph_before() -> None:
    runbook = of("## Steps\n\nThe pods are listed by this:\n\n```sh\nkubectl get pods\n```\n")
    (step,) = runbook.steps
    assert (step.text, step.form) == ("The pods are listed by this:", Form.BLOCK)
    assert runbook.sections[0].prose == ()


def test_a_code_block_alone_is_a_step() -> None:
    runbook = of("## Steps\n\n```sh\nkubectl get pods\nkubectl get nodes\n```\n")
    assert [(step.text, step.form, step.commands) for step in runbook.steps] == [
        ("kubectl get pods", Form.BLOCK, (0, 1))
    ]
    assert {command.block for command in runbook.commands} == {0}


def test_task_items_are_steps_wherever_they_stand() -> None:
    runbook = of("## Overview\n\n- [ ] The rollback is out\n- [x] Everybody knows\n")
    assert [(step.text, step.form) for step in runbook.steps] == [
        ("The rollback is out", Form.TASK),
        ("Everybody knows", Form.TASK),
    ]


def test_nested_items_that_ask_are_sub_steps_and_the_others_explain() -> None:
    runbook = of(
        "## Mitigation\n\n1. Reduce the load:\n    - Cancel the migrations.\n    - a noun, nothing more\n"
        "       - and under it\n    1. Scale down\n\n   It may take a while.\n"
    )
    assert [(step.number, step.text, step.depth) for step in runbook.steps] == [
        ("1", "Reduce the load:", 0),
        ("", "Cancel the migrations.", 1),
        ("1.1", "Scale down", 1),
    ]
    assert runbook.steps[0].detail == ("a noun, nothing more", "and under it", "It may take a while.")


def test_numbering_survives_flush_left_blocks() -> None:
    runbook = of("## Steps\n\n1. Log in to the bastion\n\n```sh\ntsh login\n```\n\n2. Look around\n")
    assert [(step.number, step.text, step.lines) for step in runbook.steps] == [
        ("1", "Log in to the bastion", (3, 7)),
        ("2", "Look around", (9, 9)),
    ]


def test_causes_are_no_steps_though_they_are_numbered() -> None:
    assert texts("## Something\n\nThere are two causes:\n\n1. An upload was interrupted\n2. A disk is full\n") == []
    assert texts("## Something\n\nWays it happens:\n\n1. Check the disk\n2. Look at the upload\n") == [
        "Check the disk",
        "Look at the upload",
    ]


def test_a_goal_that_introduces_a_procedure_is_no_step_of_its_own() -> None:
    assert texts("## Recovery\n\nFollow these steps:\n\n1. Stop it\n2. Start it\n") == ["Stop it", "Start it"]


def test_a_request_that_introduces_nouns_is_a_step() -> None:
    assert texts("## Recovery\n\nCreate a ticket with the following:\n\n- your name\n- the cluster\n") == [
        "Create a ticket with the following:"
    ]


def test_meaning_sections_have_no_steps_but_an_order_in_an_impact_section_is_one() -> None:
    assert texts("## Meaning\n\nIncrease the quota now.\n\n- Check this\n\n1. And this\n") == []
    assert texts("## Impact\n\n- Customers see errors\n- Escalate if it lasts\n") == ["Escalate if it lasts"]


def test_help_desk_footers_notes_and_pointers_are_no_steps() -> None:
    assert (
        texts("## Mitigation\n\nIf you cannot resolve the issue, see the following resources:\n\n- [Help](https://h)\n")
        == []
    )
    assert texts("## Mitigation\n\nNote that you can delete it.\n\nSee the other page.\n\nWho can restart it?\n") == []


def test_a_quote_is_a_remark_but_what_runs_in_it_counts() -> None:
    runbook = of("## Steps\n\n> [!WARNING]\n\n> Restart it only once.\n>\n> ```sh\n> systemctl restart x\n> ```\n")
    assert runbook.sections[0].prose == ("Restart it only once.",)
    assert [command.text for command in runbook.commands] == ["systemctl restart x"]
    assert runbook.steps[0].commands == (0,)


def test_what_stands_between_an_introduction_and_its_block_takes_the_title_away() -> None:
    runbook = of(
        "## Steps\n\nThe list:\n\n> a remark\n\n```sh\nls /\n```\n\n[TOC]\n\n```sh\nls /tmp\n```\n\n![](x)\n\n"
        "```sh\nls /etc\n```\n"
    )
    assert [step.text for step in runbook.steps] == ["ls /", "ls /tmp", "ls /etc"]
    assert runbook.sections[0].prose == ("The list:", "a remark")


def test_a_sub_item_of_code_alone_belongs_to_its_step() -> None:
    runbook = of(
        "## Steps\n\n1. Look\n   - ```sh\n     ls /\n     ```\n   - a noun\n     > a remark\n   -\n   > another\n"
    )
    assert [(step.text, step.commands, step.detail) for step in runbook.steps] == [("Look", (0,), ("a noun",))]
    assert runbook.sections[0].prose == ("a remark", "another")


def test_tables_stay_readable_and_are_no_steps() -> None:
    runbook = of("## Steps\n\n| what | do |\n|---|---|\n| a | Restart `x` |\n")
    assert runbook.steps == ()
    assert runbook.sections[0].prose == ("what | do", "a | Restart x")


@pytest.mark.fault(67)
def test_details_comments_scripts_and_admonitions_hide_no_step() -> None:
    text = (
        "## Steps\n<details>\n<summary>More</summary>\n\n1. Restart it\n</details>\n\n"
        "<!-- 1. Not this\n1. nor this -->\n"
        "!!! warning\n    1. Drain the node\n\n:::{note}\n1. Wait a minute\n:::\n\n{{% notice %}}\n(label)=\n"
        "<script>\n1. never\n</script>\n\n1. Uncordon `<!-- kept -->` it <!-- dropped --> now\n"
    )
    assert texts(text) == ["Restart it", "Drain the node", "Wait a minute", "Uncordon <!-- kept --> it now"]


@pytest.mark.fault(67)
def test_images_and_html_become_their_text() -> None:
    text = '## Steps\n\n1. Look at ![the graph](https://x/y.png) <img src="https://x/z.png"> and<br>wait <b>here</b>\n'
    assert texts(text) == ["Look at the graph and wait here"]


def test_a_placeholder_that_html_would_swallow_stays_visible() -> None:
    assert texts("## Steps\n\n1. Deploy <previous> to \\<x\\> from <source>, &lt;y&gt;\n") == [
        "Deploy <previous> to <x> from <source>, <y>"
    ]


def test_links_keep_their_targets_once() -> None:
    text = (
        "## Steps\n\n1. Open [the dashboard](https://g.example.com/d/a_b) and <https://x.example.com>\n"
        "2. Read [https://y.example.com](https://y.example.com), [here][ref], [short], [none], [top](#top)\n"
        "3. Look at [[nested](https://n.example.com)] and [](https://bare.example.com) ![i][ref] a] b\n\n"
        "[ref]: ./other.md\n[short]: ./short.md\n"
    )
    assert texts(text) == [
        "Open the dashboard (https://g.example.com/d/a_b) and https://x.example.com",
        "Read https://y.example.com, here (./other.md), short (./short.md), [none], top",
        "Look at [nested (https://n.example.com)] and https://bare.example.com i a] b",
    ]


def test_a_link_of_very_many_parts_is_left_as_it_is() -> None:
    (text,) = texts("## Steps\n\n1. Open [" + "a `b` " * 80 + "](https://x)\n")
    assert text.endswith("](https://x)")


def test_emphasis_goes_and_lone_marks_stay() -> None:
    text = (
        "## Steps\n\n1. **Do** _this_ ~~not~~ with `a``b` *.log snake_case_name 2 * 3 ``x`y`` ` lone and ` spaced `\n"
    )
    assert texts(text) == ["Do this not with a``b *.log snake_case_name 2 * 3 x`y lone and spaced `"]


def test_a_very_long_paragraph_is_cut_and_says_so() -> None:
    (text,) = texts("## Steps\n\n1. Check " + "word " * 5000)
    assert text.endswith("more characters)")
    assert len(text) < 8_200


@pytest.mark.parametrize(
    ("written", "expected", "text"),
    [
        ("1. Fail over (5 min)", "5 min", "Fail over"),
        ("1. Fail over (~10-15m) now", "~10-15m", "Fail over now"),
        ("1. Fail over (takes about 2 hours)", "2 hours", "Fail over"),
        ("1. Fail over (see above)", "", "Fail over (see above)"),
        ("1. `kubectl get pods` (1 min)", "1 min", "kubectl get pods"),
        ("1. Run `kubectl get pods` and look", "", "Run kubectl get pods and look"),
    ],
)
def test_an_expected_duration_is_set_apart(written: str, expected: str, text: str) -> None:
    (step,) = of(f"## Steps\n\n{written}\n").steps
    assert (step.expected, step.text) == (expected, text)


def test_an_item_that_begins_with_if_is_conditional() -> None:
    assert [step.conditional for step in of("## Steps\n\n1. If it is full, delete logs\n2. Delete logs\n").steps] == [
        True,
        False,
    ]


def test_ways_of_a_fork_may_have_sections_of_their_own() -> None:
    runbook = of(
        "## If the disk is full\n### First\n1. Delete logs\n#### When it is old\n1. Replace it\n"
        "## Otherwise\n1. Wait\n## Unless it rains\n1. Go out\n## After that\n1. Sleep\n## In case of fire\n1. Run\n"
    )
    assert [(step.text, step.branch and (step.branch.group, step.branch.condition)) for step in runbook.steps] == [
        ("Delete logs", (1, "the disk is full")),
        ("Replace it", (1, "the disk is full")),
        ("Wait", (1, "Otherwise")),
        ("Go out", (1, "Unless it rains")),
        ("Sleep", None),
        ("Run", (2, "fire")),
    ]


def test_headings_that_ask_or_hold_no_steps_are_no_ways() -> None:
    runbook = of(
        "## When does it run\n1. Check the schedule\n## If so?\n1. Check it\n## If\n1. Check that\n"
        "## Otherwise\n\nNothing.\n## Else\n1. Check more\n## If nothing\n\nIt is quiet.\n"
    )
    assert [(section.title, section.branch and section.branch.condition) for section in runbook.sections] == [
        ("When does it run", None),
        ("If so?", None),
        ("If", "If"),
        ("Otherwise", None),
        ("Else", None),
        ("If nothing", None),
    ]


def test_forks_under_different_parents_are_different() -> None:
    runbook = of("## A\n### If x\n1. Go\n## B\n### If x\n1. Go\n")
    branches = [step.branch for step in runbook.steps]
    assert [branch.group for branch in branches if branch] == [1, 2]
    assert branches[0] != branches[1]
    assert runbook.steps[0].id != runbook.steps[1].id


def test_the_same_step_twice_has_two_identities() -> None:
    ids = [step.id for step in of("## Steps\n1. Wait\n2. Wait\n3. Wait\n").steps]
    assert len(set(ids)) == 3
    assert ids[1:] == [f"{ids[0]}-2", f"{ids[0]}-3"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: From the front\n---\n# The heading\n", "The heading"),
        ("---\ntitle: From the front\n---\n# <%= title %>\n", "From the front"),
        ("---\ntitle: From the front\n---\n## Not a title\n", "From the front"),
        ("+++\ntitle = 'From TOML'\n+++\n\ntext\n", "From TOML"),
        ("## Above all\n\ntext\n\n### Below\n", "Above all"),
        ("## Only a section\n\ntext\n", "some-page"),
        ("## One\n\n## Two\n", "some-page"),
        ("## If it is so\n\n### Below\n\n1. Wait\n", "some-page"),
        ("# If it is so\n\n1. Wait\n\n# If not\n\n1. Go\n", "some-page"),
        ("text\n\n## A section\n", "some-page"),
        ("First\n=====\n\ntext\n", "First"),
        ("## Section\n\n# Later `title` [x](y)\n", "Later title x"),
        ("# <%= only %>\n", "some-page"),
    ],
)
def test_where_a_title_comes_from(text: str, title: str) -> None:
    assert of(text).title == title


def test_text_under_the_title_is_a_section_without_one() -> None:
    runbook = of("# T\n\nIt fires when x.\n\n1. Restart y\n\n[TOC]\n\n## More\n")
    assert [(section.line, section.title, section.kind) for section in runbook.sections] == [
        (0, "", SectionKind.MITIGATION),
        (9, "More", SectionKind.CONTEXT),
    ]
    assert of("# T\n\nIt fires when x.\n").sections[0].kind is SectionKind.MEANING


def test_front_matter_names_alerts_and_owner() -> None:
    runbook = of("---\ntitle: T\nowner: team-a\nalerts: [One, Two]\n---\n1. Wait\n")
    assert (runbook.alerts, runbook.owner, runbook.steps[0].lines) == (("One", "Two"), "team-a", (6, 6))
    assert of("---\nalerts: Single\n---\n").alerts == ("Single",)
    assert of("---\n- a: list\n---\n").alerts == ()


@pytest.mark.fault(91, 92)
@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: T\na: &x 1\nb: *x\n---\n",
        "---\ntitle: T\ntitle: T\n---\n",
        "---\ntitle: 'T'\nx: [\n---\n",
        "---\ntitle: T\n\tx: y\n---\n",
        "---\ntitle: T\nx: " + "y" * 20_000 + "\n---\n",
        "+++\ntitle = 'T'\nx = \n+++\n",
    ],
)
def test_broken_front_matter_is_said_and_its_title_kept(front: str) -> None:
    runbook = of(front + "1. Wait\n")
    assert runbook.title == "T"
    assert len(runbook.steps) == 1
    assert runbook.notices[0].startswith("the front matter could not be read")


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert texts("---\n1. Wait\n---\n") == ["Wait"]
    assert texts("---\n\n1. Wait\n") == ["Wait"]
    assert of("---\nnot: closed\n").notices == ()
    broken = of("---\nx: [\n---\n")
    assert (broken.title, len(broken.notices)) == ("some-page", 1)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Meaning", SectionKind.MEANING),
        ("Who to call", SectionKind.ESCALATION),
        ("How to roll back", SectionKind.ROLLBACK),
        ("Verification", SectionKind.VERIFICATION),
        ("Useful links", SectionKind.CONTEXT),
        ("Dashboards", SectionKind.DASHBOARDS),
        ("Prevention", SectionKind.OTHER),
        ("Possible Resolutions", SectionKind.MITIGATION),
        ("Quux", SectionKind.CONTEXT),
        ("Overview", SectionKind.CONTEXT),
        ("Things to consider", SectionKind.CONTEXT),
        ("Access Required", SectionKind.CONTEXT),
        ("Checking quotas", SectionKind.CONTEXT),
    ],
)
def test_a_heading_says_what_its_section_is_for(title: str, kind: SectionKind) -> None:
    assert of(f"# T\n## {title}\n\nwords\n").sections[0].kind is kind


def test_a_heading_without_telling_words_is_for_what_its_parent_is_unless_it_changes_something() -> None:
    runbook = of(
        "# T\n## Diagnosis\n### Quux\n1. Look\n### Corge\n```sh\nkubectl delete pod x\n```\n"
        "## Grault\n1. Check it\n## Garply\n1. Go\n"
    )
    assert [section.kind for section in runbook.sections][1:] == [
        SectionKind.DIAGNOSIS,
        SectionKind.MITIGATION,
        SectionKind.DIAGNOSIS,
        SectionKind.MITIGATION,
    ]


def test_what_asks_in_an_escalation_section_is_a_step_and_a_contact() -> None:
    runbook = of(
        "## Escalation\n\nIf you have questions, please ask the team.\n\n1. Page the DBA after 30 minutes\n"
        "- Lead, available 24 hours\n- Tell them: `kubectl get pods`\n"
    )
    assert [step.text for step in runbook.steps] == [
        "If you have questions, please ask the team.",
        "Page the DBA after 30 minutes",
        "Tell them",
    ]
    assert [contact.due_seconds for contact in runbook.contacts] == [1800, None, None]


def test_background_sections_take_orders_but_no_advice() -> None:
    assert texts("## Background\n\nYou can restart it.\n\nRestart the pod.\n\nIt is recommended to wait.\n") == [
        "Restart the pod."
    ]
    assert texts("## Background\n\n- Restart it\n- Wait for it\n- a fact\n") == ["Restart it", "Wait for it"]
    assert texts("## Background\n\n- Restart it\n- a fact\n- another\n") == []


def test_an_item_that_is_no_step_may_hold_one() -> None:
    runbook = of(
        "## Quotas\n\n- A quota\n\n  Request an increase:\n\n  ```sh\n  aws service-quotas list-services\n  ```\n\n"
        "-\n- ```sh\n  ls /\n  ```\n"
    )
    assert [(step.text, [runbook.commands[c].text for c in step.commands]) for step in runbook.steps] == [
        ("Request an increase:", ["aws service-quotas list-services"]),
        ("ls /", ["ls /"]),
    ]


def test_a_bullet_that_is_a_command_or_holds_one_is_a_step() -> None:
    runbook = of(
        "## Steps\n\n- Restart it\n- `kubectl get pods -A`\n- pods\n  ```sh\n  kubectl get pods\n  ```\n- nothing\n"
    )
    assert [step.text for step in runbook.steps] == ["Restart it", "kubectl get pods -A", "pods"]
    assert runbook.steps[1].form is Form.BULLET


def test_inline_code_runs_from_an_item_and_only_copies_from_a_paragraph() -> None:
    runbook = of(
        "## Steps\n\nRun `kubectl get\npods` now.\n\n- Run `kubectl get nodes` and `not a tool` and `kubectl`\n"
    )
    assert [(c.text, c.lines, c.runnable, c.origin) for c in runbook.commands] == [
        ("kubectl get pods", (3, 4), Runnable.NO, Origin.INLINE),
        ("kubectl get nodes", (6, 6), Runnable.YES, Origin.INLINE),
    ]
    assert runbook.commands[0].effect is Effect.READS


def test_a_numbered_table_and_a_quote_inside_an_item_do_not_get_lost() -> None:
    runbook = of(
        "## Steps\n\n1. Compare\n\n   | a | b |\n   |---|---|\n   | c | d |\n\n   > and remember\n\n2. Go on\n"
    )
    assert runbook.sections[0].prose == ("a | b", "c | d", "and remember")
    assert [step.number for step in runbook.steps] == ["1", "2"]


def test_an_empty_numbered_item_and_an_output_block_after_a_step() -> None:
    runbook = of(
        "## Steps\n\n1.\n2. Run the job\n\n   ```\n   it worked\n   ```\n\n"
        "The output is similar to:\n\n```\nfoo 1\n```\n"
    )
    assert [(step.text, step.detail) for step in runbook.steps] == [("Run the job", ("it worked",))]
    assert runbook.sections[0].prose == ("The output is similar to:", "foo 1")


def kinds(text: str) -> dict[str, str]:
    return {section.title: section.kind.value for section in of(text).sections}


def test_the_overview_of_an_alert_is_its_meaning() -> None:
    assert kinds("# DiskFillsUp\n## Overview\n\nwords\n") == {"Overview": "meaning"}
    assert kinds("# Alerts\n## DiskFillsUp\n### Summary\n\nwords\n")["Summary"] == "meaning"
    assert kinds("# How we deploy\n## Overview\n\nwords\n") == {"Overview": "context"}


def test_a_section_that_says_nothing_is_for_what_stands_below_it() -> None:
    found = kinds(
        "# T\n## On the servers\n### Quux\n1. Go\n## Elsewhere\n### Corge\n\nwords\n## DiskFillsUp\n\nwords\n"
    )
    assert found == {
        "On the servers": "mitigation",
        "Quux": "mitigation",
        "Elsewhere": "context",
        "Corge": "context",
        "DiskFillsUp": "meaning",
    }


def test_below_troubleshooting_each_symptom_has_its_cure_below_diagnosis_each_part_still_looks() -> None:
    text = "# T\n## {0}\n### It is red\n1. Paint it\n### It is odd\n1. Check it\n### It is new\n\nwords\n"
    assert list(kinds(text.format("Trouble-shooting")).values()) == [
        "diagnosis",
        "mitigation",
        "diagnosis",
        "diagnosis",
    ]
    assert list(kinds(text.format("Diagnosis")).values()) == ["diagnosis"] * 4


def test_a_heading_that_only_hints_is_for_what_its_parent_is() -> None:
    found = kinds("# T\n## Diagnosis\n### Running it there\n```sh\nuptime\n```\n## Running it\n1. Run it\n")
    assert found == {"Diagnosis": "diagnosis", "Running it there": "diagnosis", "Running it": "mitigation"}


def test_a_bullet_that_is_a_link_alone_is_a_step_only_where_one_acts() -> None:
    assert texts("## Definitions\n\n- [Update the template](https://x)\n- Update it\n- Do it\n") == ["Update it"]
    assert texts("## Diagnosis\n\n- [Check the dashboard](https://x)\n") == ["Check the dashboard (https://x)"]
