"""What a ticket says, and how each tracker is asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from incident.core.actions import read
from incident.core.actions.ticket import Ticket, gh_create, gh_search, ticket_for, tracker

TICKET = Ticket("Limit the pool", "Action item 1\n\nincident-action-INC-1-1", "incident-action-INC-1-1")
OTHER = "Action item 11\n\nincident-action-INC-1-11"


def test_a_ticket_says_where_it_comes_from_and_carries_a_mark_of_its_own() -> None:
    page = read(
        "---\nid: INC-1\n---\n## Action items\n\n| # | Action | Owner |\n|-|-|-|\n| 1 | Limit | kim |\n", "a/b.md"
    )
    assert page is not None
    ticket = ticket_for(page, page.item("1"))
    assert ticket == Ticket(
        "Limit",
        "Action item 1 of the post-mortem INC-1.\n\nOwner: kim\nPost-mortem: b.md\n\nincident-action-INC-1-1",
        "incident-action-INC-1-1",
    )


def test_gh_is_asked_in_words_that_no_shell_reads() -> None:
    assert gh_create(TICKET, "acme/shop")[-4:] == ("--title", "Limit the pool", "--body", TICKET.text)
    assert '"incident-action-INC-1-1" in:body' in gh_search(TICKET, "acme/shop")


@pytest.mark.parametrize(
    ("kind", "project", "search", "one", "create", "answer", "address"),
    [
        (
            "gitlab", "acme/shop",
            ("/api/v4/projects/acme%2Fshop/issues", {"search": TICKET.mark, "in": "description", "scope": "all"}),
            lambda text: {"web_url": "https://g/1", "description": text},
            {"title": TICKET.title, "description": TICKET.text}, {"web_url": "https://g/1"}, "https://g/1",
        ),
        (
            "gitea", "acme/shop",
            ("/api/v1/repos/acme/shop/issues", {"q": TICKET.mark, "state": "all", "type": "issues"}),
            lambda text: {"html_url": "https://t/1", "body": text},
            {"title": TICKET.title, "body": TICKET.text}, {"html_url": "https://t/1"}, "https://t/1",
        ),
    ],
)  # fmt: skip
def test_each_tracker_is_searched_for_the_mark_and_asked_once(
    kind: str, project: str, search: Any, one: Any, create: Any, answer: Any, address: str
) -> None:
    asked = tracker(kind, project)
    request = asked.search(TICKET)
    assert (request.method, request.path, request.params) == ("GET", *search)
    assert asked.found([one(OTHER), one(TICKET.text)], TICKET) == address
    assert asked.found([one(OTHER), one(None)], TICKET) == ""
    made = asked.create(TICKET)
    assert (made.method, made.body) == ("POST", create)
    assert asked.created(answer) == address


@pytest.mark.parametrize(("cloud", "path"), [(True, "/rest/api/2/search/jql"), (False, "/rest/api/2/search")])
def test_jira_is_asked_by_its_query_language(cloud: bool, path: str) -> None:
    asked = tracker("jira", "SHOP", cloud=cloud, type_="Bug")
    request = asked.search(TICKET)
    assert request.path == path
    assert request.params["jql"] == 'project = "SHOP" AND description ~ "\\"incident-action-INC-1-1\\""'
    issues = [
        {"key": "SHOP-9", "fields": {"description": OTHER}},
        {"key": "SHOP-3", "fields": {"description": TICKET.text}},
    ]
    assert asked.found({"issues": issues}, TICKET) == "/browse/SHOP-3"
    assert asked.found({"issues": issues[:1]}, TICKET) == ""
    body = asked.create(TICKET).body
    assert body is not None
    assert body["fields"]["issuetype"] == {"name": "Bug"}
    assert asked.created({"key": "SHOP-4"}) == "/browse/SHOP-4"
