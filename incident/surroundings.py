"""Where commands run: as whom, in which folder, and the ambient target of the tools that have one."""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from incident.core.command import Target
from incident.core.event import Writer
from incident.core.runbook.shell import parse
from incident.core.text import one_line
from incident.errors import IncidentError

_GIT_TOOLS = frozenset({"git", "gh", "glab", "hub"})
_KUBE_TOOLS = frozenset({"kubectl", "oc", "helm", "k9s", "stern", "flux", "velero", "istioctl"})
_AWS_TOOLS = frozenset({"aws", "eksctl", "sam", "cdk", "ecs-cli", "copilot"})
_TOOLS = _GIT_TOOLS | _KUBE_TOOLS | _AWS_TOOLS
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
# Programs that run another one as the same user on the same machine; not sudo or ssh, which read other files.
_WRAPPERS = frozenset(
    {"env", "time", "nice", "nohup", "command", "timeout", "watch", "xargs", "stdbuf", "setsid", "if", "then", "else",
     "elif", "do", "while", "until", "!", "{"}
)  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_KUBE_CONTEXT = re.compile(
    r"^current-context:[ \t]*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"'#][^\n]*?))[ \t]*(?:#.*)?$", re.MULTILINE
)
_ADDRESS = re.compile(r"[\w+.-]+://|[\w.-]+@[\w.-]+:")
_MAX_CONFIG = 4_000_000  # characters of a kubeconfig or git configuration; more is not one


def started_at(process: int) -> str:
    """When a process began, as the system counts it; "" where that cannot be read or it is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]  # a zombie has ended


def this_process() -> str:
    """This process as a writer of events: its number and when it began, for numbers are used again."""
    return f"{os.getpid()}-{started_at(os.getpid())}"


def login() -> str:
    """The login of whoever runs this."""
    try:
        return one_line(getpass.getuser()) or "unknown"
    except (KeyError, OSError):
        return f"uid{os.getuid()}"


def host() -> str:
    """This machine's name."""
    return one_line(socket.gethostname()) or "localhost"


class RealSurroundings:
    """This machine, this user, this folder."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @property
    def who(self) -> str:
        """`kim@laptop-7`."""
        return f"{login()}@{host()}"

    @property
    def directory(self) -> str:
        """The working directory. Raises IncidentError when it is gone."""
        try:
            return str(Path.cwd())
        except FileNotFoundError:
            raise IncidentError("the working directory is gone", hint="start again from another folder") from None

    def target(self, argv: Sequence[str]) -> Target:
        """What the program would act on, read from the files and variables that it reads itself.

        A line for a shell can name several. Empty where it is not certain: after a `cd` to nobody knows where, behind
        sudo or ssh.
        """
        found: dict[str, str] = {}
        grouped = any("(" in word or "{" in word for word in argv)
        place = _Place(Path(self.directory), dict(self._environment), grouped=grouped)
        for words in _commands(argv):
            target = _target_of(words, place)
            if target.name:
                found.setdefault(target.name, target.origin)
        return Target(" + ".join(found), "; ".join(dict.fromkeys(found.values())))

    def alive(self, writer: Writer) -> bool:
        """Whether the process that wrote an event still runs; one on another machine counts as alive."""
        if writer.host != host():
            return True
        number, _, began = writer.process.partition("-")
        if not re.fullmatch(r"[1-9][0-9]{0,9}", number):
            return False
        try:
            os.kill(int(number), 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass
        return not began or started_at(int(number)) == began


@dataclass(slots=True)
class _Place:
    """Where the next command of a line runs."""

    folder: Path | None  # None: nobody knows
    variables: dict[str, str]
    context: str = ""  # of kubectl, when the line itself has switched it
    grouped: bool = False  # in a line with brackets, behind which a `cd` may not hold

    def expanded(self, word: str) -> str:
        """A word with the variables that are known."""
        return re.sub(r"\$\{?(\w+)\}?", lambda found: self.variables.get(found[1], found[0]), word)


def _commands(argv: Sequence[str]) -> Iterator[list[str]]:
    """The simple commands, also of a line for a shell."""
    if argv and PurePath(argv[0]).name in _SHELLS and "-c" in argv[:-1]:
        for command in parse(argv[list(argv).index("-c") + 1]).commands:
            yield from _commands(command)
    else:
        yield list(argv)


def _target_of(words: list[str], place: _Place) -> Target:
    own = replace(place, variables=dict(place.variables))
    while words and (_ASSIGNMENT.match(words[0]) or PurePath(words[0]).name in _WRAPPERS):
        word = words.pop(0)
        if PurePath(word).name in _WRAPPERS:
            known = (at for at, other in enumerate(words) if PurePath(other).name in _TOOLS or _ASSIGNMENT.match(other))
            words = words[next(known, 0) :]
        else:
            name, _, value = word.partition("=")
            own.variables[name] = own.expanded(value)
    tool, rest = (PurePath(words[0]).name, [own.expanded(word) for word in words[1:]]) if words else ("", [])
    if tool in ("", "export", "declare"):
        pairs = (word.partition("=") for word in rest if _ASSIGNMENT.match(word))
        place.variables = {**own.variables, **{name: value for name, _, value in pairs}}
    elif tool in ("cd", "pushd", "popd"):
        place.folder = None if tool == "popd" or place.grouped else _moved(own.folder, rest)
    elif tool in _GIT_TOOLS:
        return _git_target(tool, rest, own)
    elif tool in _KUBE_TOOLS:
        if "use-context" in rest[:-1]:
            own.context = place.context = rest[rest.index("use-context") + 1]
        return _kube_target(rest, own)
    elif tool in _AWS_TOOLS:
        return _aws_target(rest, own)
    return Target()


def _moved(folder: Path | None, words: Sequence[str]) -> Path | None:
    """The folder after a `cd`, when its name says it all."""
    if folder is None or len(words) != 1 or re.match(r"[-~]", words[0]) or re.search(r"[$*?\[]", words[0]):
        return None
    return folder / words[0]


def _flag(words: Sequence[str], *names: str) -> str:
    """The value that the last of these flags has, as `--flag value` or `--flag=value`; "" without one."""
    found = ""
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if word == "--":
            break
        if name in names:
            found = value if equals else "".join(words[at + 1 : at + 2])
    return found


def _named(name: str, origin: str) -> Target:
    return Target(one_line(name, 300), one_line(origin, 300)) if name else Target()


def _git_target(tool: str, words: Sequence[str], place: _Place) -> Target:
    if tool != "git":
        if repo := _flag(words, "-R", "--repo"):
            return _named(repo, "the command's --repo")
        if tool == "gh" and place.variables.get("GH_REPO"):
            return _named(place.variables["GH_REPO"], "GH_REPO")
    elif address := next((word for word in words if _ADDRESS.match(word)), ""):
        return _named(_bare_address(address), "the command")
    folder = _git_folder(words, place.folder) if tool == "git" else place.folder
    if folder is None or _flag(words, "--git-dir") or place.variables.get("GIT_DIR"):
        return Target()
    for parent in (folder, *folder.parents):
        config = _git_config(parent / ".git")
        if config is not None:
            remotes = _remotes_in(config)
            remote = _remote_for(tool, words, remotes)
            known = remotes.get(remote, {})
            address = (known.get("pushurl", "") if "push" in words else "") or known.get("url", "")
            if not address:
                return _named(str(parent), "this git clone, which has no remote")
            return _named(_bare_address(address), f"git remote {remote}")
    return Target()


def _git_folder(words: Sequence[str], folder: Path | None) -> Path | None:
    """The folder that git works in, with the `-C` before its verb."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "-C":
            folder = _moved(folder, words[at + 1 : at + 2])
        at += 2 if words[at] in ("-C", "-c") else 1
    return folder


def _git_config(dot_git: Path) -> Path | None:
    """The configuration of the clone that `.git` belongs to: a folder, or a file of a worktree or submodule."""
    if dot_git.is_dir():
        return dot_git / "config"
    pointer = _text_of(dot_git)
    if not pointer.startswith("gitdir:"):
        return None
    own = dot_git.parent / pointer.removeprefix("gitdir:").strip()
    common = _text_of(own / "commondir").strip()
    return (own / common if common else own) / "config"


def _remotes_in(config: Path) -> dict[str, dict[str, str]]:
    """What the configuration says of each remote; of a key that stands there twice, the first."""
    remotes: dict[str, dict[str, str]] = {}
    known: dict[str, str] = {}
    for line in _text_of(config).splitlines():
        if section := re.match(r'\s*\[\s*(\w+)(?:\s+"(.*)")?\s*\]\s*(.*)', line):
            known = remotes.setdefault(section[2] or "", {}) if section[1].lower() == "remote" else {}
            line = section[3]
        if setting := re.match(r"\s*([\w-]+)\s*=\s*(.*)", line):
            value = re.sub(r"\s+[#;].*|\s+\Z", "", setting[2]).strip('"')
            known.setdefault(setting[1].lower(), value)
    return remotes


def _remote_for(tool: str, words: Sequence[str], remotes: Mapping[str, Mapping[str, str]]) -> str:
    """The remote that the command would talk to: the one it names, else the one that its tool prefers."""
    if tool == "git":
        named = [word for word in words if word in remotes]
        preferred = [*named, "origin"]
    else:
        resolved = [name for name, known in remotes.items() if "gh-resolved" in known and tool == "gh"]
        preferred = [*resolved, *(["upstream", "github"] if tool == "gh" else []), "origin"]
    return next((name for name in (*preferred, *remotes) if name in remotes), "")


def _bare_address(url: str) -> str:
    """`github.com/acme/shop`: without scheme, user, password, query and `.git`."""
    if found := re.match(r"[\w+.-]+://(.*)", url):
        rest = found[1].partition("?")[0]
        host = rest.partition("/")[0]
        if "@" in host or not re.fullmatch(r"[\w.-]*(?::[0-9]*)?", host):  # a password may hold a slash
            rest = rest.rpartition("@")[2]
    else:
        rest = re.sub(r"\A(?:[^/]*@)?([\w.-]+):/*", r"\1/", url)
    return rest.rstrip("/").removesuffix(".git")


def _kube_target(words: Sequence[str], place: _Place) -> Target:
    for flag in ("--server", "--cluster", "--context", "--kube-context", "--kubecontext"):
        if name := _flag(words, flag):
            return _named(name, f"the command's {flag}")
    for name, origin in (
        (place.context, "the command's use-context"),
        (place.variables.get("HELM_KUBECONTEXT", ""), "HELM_KUBECONTEXT"),
    ):
        if name:
            return _named(name, origin)
    home = Path(place.variables.get("HOME") or Path.home())
    listed = _flag(words, "--kubeconfig") or place.variables.get("KUBECONFIG", "")
    paths = [Path(path) for path in listed.split(os.pathsep) if path] or [home / ".kube" / "config"]
    if place.folder is None and not all(path.is_absolute() for path in paths):
        return Target()
    for path in ((place.folder or home) / path for path in paths):
        # A kubeconfig may hold anchors and more; only its first-level current-context is looked for.
        if found := _KUBE_CONTEXT.search(_text_of(path)):
            return _named(found[1] or found[2] or found[3], str(path))
    return Target()


def _aws_target(words: Sequence[str], place: _Place) -> Target:
    if profile := _flag(words, "--profile"):
        return _named(f"aws profile {profile}", "the command's --profile")
    if place.variables.get("AWS_ACCESS_KEY_ID"):
        return Target("aws keys in the environment", "AWS_ACCESS_KEY_ID")
    variables = [name for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if place.variables.get(name)]
    profiles = dict.fromkeys(place.variables[name] for name in variables)
    if profiles:
        return _named(f"aws profile {' or '.join(profiles)}", ", ".join(variables))
    return Target("aws profile default", "no AWS_PROFILE is set")


def _text_of(path: Path) -> str:
    """A configuration file's text; "" for what cannot be read, and for what is no regular file and might block."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_CONFIG:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return ""
