"""Foreign text for everybody: machines, addresses, paths and identifiers become labels, persons become roles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from incident.core.postmortem.roles import Roles
from incident.core.text import one_line

_LEAST = 3  # characters of a known name that is looked for in a text
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,30}://\S+|\bwww\.\S+|\bmailto:\S+", re.IGNORECASE)
_AT = re.compile(r"\S+@\S+")
_ARN = re.compile(
    r"\barn:[a-z-]+:\S+|\b\d{12}\b|\b(?:i|vpc|subnet|sg|vol|eni|ami|snap|rtb|igw|nat|acl)-[0-9a-f]{8,17}\b"
)
_ADDRESS = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?::\d{1,5})?(?![\w.]*\d)|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d\d:\d\d:\d\d\Z")
_PATH = re.compile(
    r"(?<![\w/])(?:~[\w-]*|\$HOME|/(?:home|srv|var|etc|opt|usr|tmp|root|mnt|data|run|proc|dev|lib|bin|Users|private))(?:/[^\s,;:)\]]*)?(?=[\s,;:)\]]|\Z)"
)
_FILE = re.compile(
    r"(?<![\w/])[\w./-]*[\w-]\.(?:md|py|go|rb|js|ts|java|ya?ml|json|sh|log|sql|tf|toml|conf|cfg|ini|pem|key|crt|tfstate|txt|csv|gz|zip)\b(?!\.\w)"
)
_DOTTED = re.compile(
    r"(?<![\w/@.-])(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9](?::\d{1,5})?(?![\w-])",
    re.IGNORECASE,
)
_POD = re.compile(
    r"\b[a-z0-9]+(?:-[a-z0-9]+)*-(?:[a-f0-9]{7,10}-)?[bcdfghjklmnpqrstvwxz2456789]{5}\b(?=[\s,.;:)\]'\"]|\Z)"
)
_MACHINE = re.compile(
    r"\b(?:db|web|app|api|node|host|srv|server|ip|vm|prod|stage|staging|dev|kafka|redis|pg|postgres|mysql|mongo|cache|lb|gw|"
    r"gateway|proxy|worker|master|mon|etcd|k8s|ec2|bastion|jump|laptop|desktop|build|ci|runner|es|elastic|zk|mq|rabbit)"
    r"(?:[.-]?[a-z0-9]+)*?[.-]?\d+\b",
    re.IGNORECASE,
)


class Labels:
    """Gives every machine its label, the same one wherever it is named."""

    def __init__(self, roles: Roles, hosts: Iterable[str]) -> None:
        self._roles = roles
        self._known: dict[tuple[str, str], str] = {}
        self._count: dict[str, int] = {}
        names = sorted({one_line(name) for name in hosts if len(one_line(name)) >= _LEAST}, key=len, reverse=True)
        self._hosts = re.compile(
            rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])" if names else r"(?!)", re.IGNORECASE
        )

    def of(self, kind: str, name: str) -> str:
        """`host 2`: the label of a thing; "" for nothing."""
        if not name:
            return ""
        key = (kind, name.lower())
        if key not in self._known:
            self._count[kind] = self._count.get(kind, 0) + 1
            self._known[key] = f"{kind} {self._count[kind]}"
        return self._known[key]

    def prose(self, text: str) -> str:
        """A text with labels and roles in the place of what is internal."""
        shown = _URL.sub("(link)", one_line(text))
        shown = _AT.sub("(address)", shown)
        shown = self._hosts.sub(self._host, shown)
        shown = _ARN.sub(self._thing, shown)
        shown = _ADDRESS.sub(lambda hit: hit[0] if _CLOCK.match(hit[0]) else self._host(hit), shown)
        shown = _PATH.sub("(path)", shown)
        shown = _FILE.sub("(file)", shown)
        shown = _DOTTED.sub(self._host, shown)
        shown = _POD.sub(lambda hit: self._host(hit) if any(c.isdigit() for c in hit[0]) else hit[0], shown)
        shown = _MACHINE.sub(self._host, shown)
        return self._roles.prose(shown)

    def _host(self, hit: re.Match[str]) -> str:
        return self.of("host", hit[0].partition(":")[0])

    def _thing(self, hit: re.Match[str]) -> str:
        return self.of("resource", hit[0])
