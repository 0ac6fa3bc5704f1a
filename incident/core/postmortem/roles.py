"""Persons as roles: no name of a responder reaches a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from incident.core.text import one_line, shorten

# Accounts that several people share, and words that are no name. As text they mean the machine's account.
_ACCOUNTS = frozenset(
    {"root", "admin", "administrator", "debian", "ubuntu", "ec2-user", "operator", "oncall", "on-call", "user",
     "runner", "nobody", "responder", "lead", "you", "drill"}
)  # fmt: skip
_NOBODY = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Roles:
    """The incident's people by role, and a filter that puts roles where their names stand."""

    titles: Mapping[str, str]  # by person: `lead`, `responder 2`
    names: re.Pattern[str] = _NOBODY

    def of(self, person: str) -> str:
        """`the lead`, `responder 2`."""
        title = self.titles.get(person, "responder")
        return title if title[-1:].isdigit() else f"the {title}"

    @property
    def several(self) -> bool:
        """Whether it matters who did something."""
        return len(self.titles) > 1

    def prose(self, text: str, limit: int = 2_000) -> str:
        """Foreign text on one line, with roles in the place of names."""
        return self.names.sub(lambda hit: self.of(self._person(hit[0])), one_line(text, limit))

    def code(self, text: str) -> str:
        """A command or a path with `<role>` in the place of names; all else stays as it is."""
        return self.names.sub(lambda hit: f"<{self.of(self._person(hit[0])).removeprefix('the ')}>", text)

    def _person(self, found: str) -> str:
        """Who is meant by a name or a part of one; "" when letters without a clear case leave it open."""
        whole = (person for person in self.titles if one_line(person).casefold() == found.casefold())
        part = (person for person in self.titles if found in one_line(person).split())
        return next(whole, "") or next(part, "")


def roles_of(people: Mapping[str, str], writers: Iterable[str]) -> Roles:
    """The roles of everybody who joined or wrote. `people` is role by person; who never joined is a responder."""
    roles = {person: shorten(one_line(role).lower(), 40) or "responder" for person, role in people.items()}
    for person in writers:
        roles.setdefault(person, "responder")
    names = _pattern(roles)
    roles = {person: "responder" if names.search(role) else role for person, role in roles.items()}
    titles: dict[str, str] = {}
    for person, role in roles.items():
        alike = [other for other, its in roles.items() if its == role]
        titles[person] = role if len(alike) == 1 else f"{role} {alike.index(person) + 1}"
    return Roles(titles, names)


def _pattern(people: Iterable[str]) -> re.Pattern[str]:
    """Full names in any case, and each of several parts as it is written; as whole words only."""
    full: set[str] = set()
    parts: set[str] = set()
    for person in people:
        name = one_line(person)
        if len(name) > 1 and name.casefold() not in _ACCOUNTS:
            full.add(name)
            words = name.split()
            parts.update(word for word in words if len(words) > 1 and len(word) > 2)
    if not full:
        return _NOBODY
    ways = [f"(?i:{re.escape(name)})" for name in sorted(full, key=len, reverse=True)]
    ways += [re.escape(part) for part in sorted(parts, key=len, reverse=True)]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(ways)})(?![^\W_])")
