"""Every simple command of a line, with what it would act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from incident.core.command import Target
from incident.core.runbook.shell import parse
from incident.surroundings.clouds import aws_target, gcloud_target
from incident.surroundings.containers import docker_target, terraform_target
from incident.surroundings.git import git_target
from incident.surroundings.kube import kube_target, kubectx, kubens
from incident.surroundings.place import Place, moved

Reader = Callable[[str, list[str], Place], Target]

_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
# Programs that run another one as the same user on the same machine; not sudo or ssh, which read other files.
_WRAPPERS = frozenset(
    {"env", "time", "nice", "nohup", "command", "timeout", "watch", "xargs", "stdbuf", "setsid", "if", "then", "else",
     "elif", "do", "while", "until", "!", "{"}
)  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_READERS: Mapping[str, Reader] = {
    **dict.fromkeys(("git", "gh", "glab", "hub"), git_target),
    **dict.fromkeys(
        ("kubectl", "oc", "helm", "k9s", "stern", "flux", "velero", "istioctl", "linkerd", "cilium"), kube_target
    ),
    **dict.fromkeys(("aws", "eksctl", "sam", "cdk", "ecs-cli", "copilot"), aws_target),
    **dict.fromkeys(("gcloud", "gsutil", "bq"), gcloud_target),
    **dict.fromkeys(("docker", "docker-compose"), docker_target),
    **dict.fromkeys(("terraform", "tofu"), terraform_target),
    "kubectx": kubectx,
    "kubens": kubens,
}


def targets_of(argv: Sequence[str], place: Place) -> Iterator[Target]:
    """What each command of an argv, or of the line that it gives to a shell, would act on; the empty ones left out."""
    place.grouped = any("(" in word or "{" in word for word in argv)
    for words in _commands(argv):
        target = _target_of(words, place)
        if target.name:
            yield target


def _commands(argv: Sequence[str]) -> Iterator[list[str]]:
    """The simple commands, also of a line for a shell."""
    if argv and PurePath(argv[0]).name in _SHELLS and "-c" in argv[:-1]:
        for command in parse(argv[list(argv).index("-c") + 1]).commands:
            yield from _commands(command)
    else:
        yield list(argv)


def _target_of(words: list[str], place: Place) -> Target:
    own = replace(place, variables=dict(place.variables))
    while words and (_ASSIGNMENT.match(words[0]) or PurePath(words[0]).name in _WRAPPERS):
        word = words.pop(0)
        if PurePath(word).name in _WRAPPERS:
            known = (
                at for at, other in enumerate(words) if PurePath(other).name in _READERS or _ASSIGNMENT.match(other)
            )
            words = words[next(known, 0) :]
        else:
            name, _, value = word.partition("=")
            own.variables[name] = own.expanded(value)
    tool, rest = (PurePath(words[0]).name, [own.expanded(word) for word in words[1:]]) if words else ("", [])
    if tool in ("", "export", "declare"):
        pairs = (word.partition("=") for word in rest if _ASSIGNMENT.match(word))
        place.variables = {**own.variables, **{name: value for name, _, value in pairs}}
    elif tool == "unset":
        place.variables = {name: value for name, value in place.variables.items() if name not in rest}
    elif tool in ("cd", "pushd", "popd"):
        place.folder = None if tool == "popd" or place.grouped else moved(own.folder, rest)
    elif tool in _READERS:
        return _READERS[tool](tool, rest, own)
    return Target()
