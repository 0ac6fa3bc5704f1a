"""A ticket for an action item: what it says, and how each tracker is asked for it. Nothing here sends anything.

Every ticket carries a mark. Before one is made the tracker is searched for the mark, so that a try whose answer was
lost does not make a second ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from incident.core.actions.item import ActionItem
from incident.core.actions.page import ActionPage
from incident.core.text import one_line, shorten

_TITLE = 200  # characters; the shortest limit among the trackers is 255


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says. `mark` stands in its text, and in no other ticket's."""

    title: str
    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request below the tracker's address; `body` is sent as JSON."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


class Tracker(Protocol):
    """How one kind of tracker is asked."""

    def search(self, ticket: Ticket) -> Request:
        """Looks for the ticket by its mark."""
        ...

    def found(self, answer: Any, ticket: Ticket) -> str:
        """The address in the answer to the search; "" when there is no such ticket. Raises LookupError, TypeError."""
        ...

    def create(self, ticket: Ticket) -> Request:
        """Makes the ticket."""
        ...

    def created(self, answer: Any) -> str:
        """The address of the new ticket. Raises LookupError, TypeError when the answer does not name it."""
        ...


def ticket_for(page: ActionPage, item: ActionItem) -> Ticket:
    """The ticket of an action item."""
    mark = f"incident-action-{page.name}-{item.number}"
    said = [
        f"Action item {item.number} of the post-mortem {page.name}{f': {page.title}' if page.title else ''}.",
        "",
        *(
            f"{name}: {value}"
            for name, value in (("Type", item.type), ("Owner", item.owner), ("Due", item.due_text))
            if value
        ),
        f"Post-mortem: {page.path.rpartition('/')[2]}",
        "",
        mark,
    ]
    return Ticket(shorten(one_line(item.action), _TITLE), "\n".join(said), mark)


def gh_search(ticket: Ticket, repository: str) -> tuple[str, ...]:
    """The argv that looks for the ticket on GitHub; it prints JSON."""
    wanted = ("--state", "all", "--search", f'"{ticket.mark}" in:body', "--json", "url,body", "--limit", "5")
    return ("gh", "issue", "list", "--repo", repository, *wanted)


def gh_create(ticket: Ticket, repository: str) -> tuple[str, ...]:
    """The argv that makes the ticket on GitHub; its last line is the address."""
    return ("gh", "issue", "create", "--repo", repository, "--title", ticket.title, "--body", ticket.text)


def tracker(kind: str, project: str, *, cloud: bool = False, type_: str = "Task") -> Tracker:
    """The tracker of a kind: gitlab, gitea or jira. `cloud` is for a Jira that its maker runs."""
    if kind == "gitlab":
        return _GitLab(project)
    return _Gitea(project) if kind == "gitea" else _Jira(project, type_, cloud)


@dataclass(frozen=True, slots=True)
class _GitLab:
    project: str  # group/name, or its number

    @property
    def _issues(self) -> str:
        return f"/api/v4/projects/{quote(self.project, safe='')}/issues"

    def search(self, ticket: Ticket) -> Request:
        return Request("GET", self._issues, {"search": ticket.mark, "in": "description", "scope": "all"})

    def found(self, answer: Any, ticket: Ticket) -> str:
        return next((str(one["web_url"]) for one in answer if ticket.mark in _lines(one["description"])), "")

    def create(self, ticket: Ticket) -> Request:
        return Request("POST", self._issues, body={"title": ticket.title, "description": ticket.text})

    def created(self, answer: Any) -> str:
        return str(answer["web_url"])


@dataclass(frozen=True, slots=True)
class _Gitea:
    project: str  # owner/name

    @property
    def _issues(self) -> str:
        return f"/api/v1/repos/{quote(self.project, safe='/')}/issues"

    def search(self, ticket: Ticket) -> Request:
        return Request("GET", self._issues, {"q": ticket.mark, "state": "all", "type": "issues"})

    def found(self, answer: Any, ticket: Ticket) -> str:
        return next((str(one["html_url"]) for one in answer if ticket.mark in _lines(one["body"])), "")

    def create(self, ticket: Ticket) -> Request:
        return Request("POST", self._issues, body={"title": ticket.title, "body": ticket.text})

    def created(self, answer: Any) -> str:
        return str(answer["html_url"])


@dataclass(frozen=True, slots=True)
class _Jira:
    project: str  # its key
    type: str
    cloud: bool

    def search(self, ticket: Ticket) -> Request:
        query = f'project = "{self.project}" AND description ~ "\\"{ticket.mark}\\""'
        path = "/rest/api/2/search/jql" if self.cloud else "/rest/api/2/search"
        return Request("GET", path, {"jql": query, "fields": "description", "maxResults": "20"})

    def found(self, answer: Any, ticket: Ticket) -> str:
        issues = answer["issues"]
        return next(
            (f"/browse/{one['key']}" for one in issues if ticket.mark in _lines(one["fields"]["description"])), ""
        )

    def create(self, ticket: Ticket) -> Request:
        fields = {
            "project": {"key": self.project},
            "issuetype": {"name": self.type},
            "summary": ticket.title,
            "description": ticket.text,
        }
        return Request("POST", "/rest/api/2/issue", body={"fields": fields})

    def created(self, answer: Any) -> str:
        return f"/browse/{answer['key']}"


def _lines(text: Any) -> list[str]:
    """A text's lines; a mark has to be a whole one, or that of item 1 would be found in item 11's."""
    return [line.strip() for line in str(text or "").splitlines()]
