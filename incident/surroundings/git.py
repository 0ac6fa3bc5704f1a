"""The remote, and for a push the branch, that git and the forges' own tools act on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from incident.core.command import Target
from incident.surroundings.place import Place, before_verb, flag, moved, named, text_of

_ADDRESS = re.compile(r"[\w+.-]+://|[\w.-]+@[\w.-]+:")
_WITH_VALUE = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--super-prefix"})
_PUSH_WITH_VALUE = frozenset({"-o", "--push-option", "--receive-pack", "--exec", "--repo"})
_STEERS = re.compile(r"(?i)(?:remote|url|branch|push|include|includeif)\.")
_TAKES_ADDRESS = frozenset({"push", "fetch", "pull", "clone", "ls-remote", "submodule", "archive", "request-pull"})
_SWITCHES_BRANCH = frozenset({"checkout", "switch"})
_EVERYTHING = {"--all": "all branches", "--branches": "all branches", "--mirror": "every ref", "--tags": "all tags"}
_BRANCH, _REMOTES = "git branch", "git remotes"


@dataclass(slots=True)
class _Clone:
    """A clone, with what git's settings say in it."""

    folder: Path
    head: str  # the branch that is checked out; "" when there is none or the line itself switched it
    settings: dict[str, list[str]] = field(default_factory=dict)  # `remote.origin.url`: its values, in order

    def value(self, key: str) -> str:
        """What a setting is, where the last one counts."""
        return self.settings.get(key, [""])[-1]

    @property
    def remotes(self) -> dict[str, str]:
        """The remotes by name, in the order of the settings; of several addresses, the first."""
        named_ones = (re.fullmatch(r"remote\.(.+)\.url", key) for key in self.settings)
        return {found[1]: self.settings[found[0]][0] for found in named_ones if found}


def git_target(tool: str, words: Sequence[str], place: Place) -> Target:
    """`github.com/acme/shop`, and ` / main` for what would be pushed there."""
    if tool != "git":
        if repo := flag(words, "-R", "--repo"):
            return named(repo, "the command's --repo")
        if tool == "gh" and place.value("GH_REPO"):
            return named(place.value("GH_REPO"), "GH_REPO")
        clone = None if _is_steered((), place) else _clone(place.folder, place)
        return Target() if clone is None else _of_forge(tool, clone)
    front, rest = before_verb(words, _WITH_VALUE)
    clone = None if _is_steered(front, place) else _clone(_folder(front, place.folder), place)
    target = _of_git(rest, clone)
    if rest[:1] and rest[0] in _SWITCHES_BRANCH and "--" not in rest:
        place.switched[_BRANCH] = None
    elif rest[:1] in (["remote"], ["config"]) and len(rest) > 2:
        place.switched[_REMOTES] = None
    return target


def bare_address(url: str) -> str:
    """`github.com/acme/shop`: without scheme, user, password, query and `.git`."""
    if found := re.match(r"[\w+.-]+://(.*)", url):
        rest = found[1].partition("?")[0]
        host = rest.partition("/")[0]
        if "@" in host or not re.fullmatch(r"[\w.-]*(?::[0-9]*)?", host):  # a password may hold a slash
            rest = rest.rpartition("@")[2]
    else:
        rest = re.sub(r"\A(?:[^/]*@)?([\w.-]+):/*", r"\1/", url)
    return rest.rstrip("/").removesuffix(".git")


def _is_steered(front: Sequence[str], place: Place) -> bool:
    """Whether the command or a variable points git at another clone or other settings."""
    if flag(front, "--git-dir") or place.value("GIT_DIR") or place.switched.get(_REMOTES, "") is None:
        return True
    if any(name.startswith(("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS")) for name in place.variables):
        return True
    return any(_STEERS.match(after) for before, after in pairwise(front) if before == "-c")


def _of_forge(tool: str, clone: _Clone) -> Target:
    """What a forge's tool takes for the repository."""
    remotes = clone.remotes
    resolved = [name for name in remotes if f"remote.{name}.gh-resolved" in clone.settings and tool == "gh"]
    preferred = [*resolved, *(["upstream", "github"] if tool == "gh" else []), "origin", *remotes]
    return _with_remote(clone, next((name for name in preferred if name in remotes), ""), pushes=False)


def _of_git(rest: Sequence[str], clone: _Clone | None) -> Target:
    verb, words = (rest[0], list(rest[1:])) if rest else ("", [])
    pushes = verb == "push"
    plain = _arguments(words) if pushes else [word for word in words if not word.startswith("-")]
    address = next((word for word in plain if _ADDRESS.match(word)), "") if verb in _TAKES_ADDRESS else ""
    if address:
        branch = _pushed(words, plain[1:], clone, "") if pushes and plain[0] == address else ""
        return named(" / ".join(filter(None, (bare_address(address), branch))), "the command")
    if clone is None:
        return Target()
    remotes = clone.remotes
    asked = plain[0] if pushes and plain else flag(words, "--repo") if pushes else ""
    if pushes and asked and asked not in remotes:
        return named(
            " / ".join(filter(None, (bare_address(asked), _pushed(words, plain[1:], clone, "")))), "the command"
        )
    remote = asked or next((word for word in plain if word in remotes), "") or _usual_remote(clone, pushes=pushes)
    target = _with_remote(clone, remote, pushes=pushes)
    branch = _pushed(words, plain[1:], clone, remote) if pushes and remote in remotes else ""
    return named(f"{target.name} / {branch}" if target.name and branch else target.name, target.origin)


def _arguments(words: Sequence[str]) -> list[str]:
    """The words of a push that are no flags: the remote, then what is pushed."""
    kept = []
    rest = iter(words)
    for word in rest:
        if word in _PUSH_WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            kept.append(word)
    return kept


def _usual_remote(clone: _Clone, *, pushes: bool) -> str:
    """The remote of a command that names none."""
    own = f"branch.{clone.head}"
    preferred = (
        *((clone.value(f"{own}.pushremote"), clone.value("remote.pushdefault")) if pushes else ()),
        clone.value(f"{own}.remote") if clone.head else "",
    )
    alone = next(iter(clone.remotes), "") if len(clone.remotes) == 1 else "origin"
    return next(filter(None, preferred), alone)


def _with_remote(clone: _Clone, remote: str, *, pushes: bool) -> Target:
    if not clone.remotes or remote == ".":
        return named(str(clone.folder), "this git clone" + ("" if clone.remotes else ", which has no remote"))
    if _ADDRESS.match(remote):
        return named(bare_address(remote), "the branch's own settings")
    own = clone.settings.get(f"remote.{remote}.pushurl", []) if pushes else []
    addresses = own or clone.settings.get(f"remote.{remote}.url", [])
    replaced = [_replaced(clone, address, pushes=pushes and not own) for address in addresses]
    # A push goes to every address, a fetch to the first.
    shown = dict.fromkeys(bare_address(address) for address in (replaced if pushes else replaced[:1]))
    return named(" + ".join(shown), f"git remote {remote}")


def _replaced(clone: _Clone, address: str, *, pushes: bool) -> str:
    """The address after git's own `url.NEW.insteadOf = OLD`; the longest OLD counts."""
    for key in (*(["pushinsteadof"] if pushes else []), "insteadof"):
        found = [
            (old, name.removeprefix("url.").removesuffix(f".{key}"))
            for name, values in clone.settings.items()
            if name.startswith("url.") and name.endswith(f".{key}")
            for old in values
            if old and address.startswith(old)
        ]
        if found:
            old, new = max(found, key=lambda pair: len(pair[0]))
            return new + address.removeprefix(old)
    return address


def _pushed(words: Sequence[str], named_refs: Sequence[str], clone: _Clone | None, remote: str) -> str:
    """What a push would write to over there; "" where it is not certain."""
    everything = next((said for option, said in _EVERYTHING.items() if option in words), "")
    if everything and not (everything == "all tags" and named_refs):
        return everything
    head = clone.head if clone else ""
    if named_refs:
        refs = [_over_there(ref, head) for ref in named_refs if ref != "tag"]
        return ", ".join(refs) if all(refs) else ""
    if clone is None or f"remote.{remote}.push" in clone.settings or f"remote.{remote}.mirror" in clone.settings:
        return ""
    return head if clone.value("push.default") in ("", "simple", "current") else ""


def _over_there(ref: str, head: str) -> str:
    """The far side of `main`, `HEAD:release`, `+main`, `:gone`."""
    near, colon, far = ref.lstrip("+").partition(":")
    name = far if colon else near
    return head if name in ("HEAD", "@") else re.sub(r"\Arefs/(?:heads|tags)/", "", name)


def _folder(front: Sequence[str], folder: Path | None) -> Path | None:
    """The folder that git works in, with each `-C` before its verb."""
    for before, after in pairwise(front):
        if before == "-C":
            folder = moved(folder, [after])
    return folder


def _clone(folder: Path | None, place: Place) -> _Clone | None:
    """The clone that a folder belongs to, None without one."""
    if folder is None:
        return None
    for parent in (folder, *folder.parents):
        found = _own_and_common(parent / ".git")
        if found is not None:
            own, common = found
            settings: dict[str, list[str]] = {}
            for file in (*_files_for_everybody(place), common / "config"):
                for key, value in _settings_in(file):
                    settings.setdefault(key, []).append(value)
            head = text_of(own / "HEAD").strip()
            branch = head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else ""
            return _Clone(parent, "" if _BRANCH in place.switched else branch, settings)
    return None


def _own_and_common(dot_git: Path) -> tuple[Path, Path] | None:
    """The folder with HEAD and the one with the settings; `.git` is a folder, or a file of a worktree or submodule."""
    if dot_git.is_dir():
        return dot_git, dot_git
    pointer = text_of(dot_git)
    if not pointer.startswith("gitdir:"):
        return None
    own = dot_git.parent / pointer.removeprefix("gitdir:").strip()
    common = text_of(own / "commondir").strip()
    return own, own / common if common else own


def _files_for_everybody(place: Place) -> list[Path]:
    """The system's and the person's settings, the weakest first."""
    if place.value("GIT_CONFIG_GLOBAL"):
        own = [Path(place.value("GIT_CONFIG_GLOBAL"))]
    else:
        wide = place.value("XDG_CONFIG_HOME")
        own = [Path(wide or place.home / ".config") / "git" / "config", place.home / ".gitconfig"]
    without = place.value("GIT_CONFIG_NOSYSTEM").lower() in ("1", "true", "yes", "on")
    system = [] if without else [Path(place.value("GIT_CONFIG_SYSTEM") or "/etc/gitconfig")]
    return [file for file in (*system, *own) if str(file) != os.devnull]


def _settings_in(file: Path) -> Iterator[tuple[str, str]]:
    """The settings as `section.name.key`, and their values; what a section is called counts as it is written."""
    section = ""
    for line in text_of(file).splitlines():
        rest = line
        if found := re.match(r'\s*\[\s*([\w.-]+)(?:\s+"((?:\\.|[^"\\])*)")?\s*\]\s*(.*)', line):
            name = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else None
            section = found[1].lower() if name is None else f"{found[1].lower()}.{name}"
            rest = found[3]
        if setting := re.match(r"\s*([\w-]+)\s*=\s*(.*)", rest):
            yield f"{section}.{setting[1].lower()}", re.sub(r"\s+[#;].*|\s+\Z", "", setting[2]).strip('"')
