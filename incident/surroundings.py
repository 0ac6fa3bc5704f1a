"""Where commands run: as whom, in which folder, and the ambient target of the tools that have one."""

from __future__ import annotations

import configparser
import getpass
import os
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from incident.core.command import Target
from incident.core.event import Writer
from incident.core.text import one_line
from incident.errors import IncidentError

_GIT_TOOLS = frozenset({"git", "gh", "glab", "hub"})
_KUBE_TOOLS = frozenset({"kubectl", "oc", "helm", "k9s", "kustomize", "stern", "flux", "argocd", "velero", "istioctl"})
_AWS_TOOLS = frozenset({"aws", "eksctl", "sam", "cdk", "ecs-cli", "copilot"})
_USERINFO = re.compile(r"//[^/@]*@")


def started_at(process: int) -> str:
    """When a process began, as the system counts it; "" where that cannot be read or it is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


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
        """What the program would act on, read from the files and variables that it reads itself."""
        tool = PurePath(argv[0]).name if argv else ""
        if tool == "bash" and len(argv) > 3:  # a line for a shell: its first known tool decides
            words = re.findall(r"[\w.-]+", argv[3])
            tool = next((word for word in words if word in _GIT_TOOLS | _KUBE_TOOLS | _AWS_TOOLS), "")
        if tool in _GIT_TOOLS:
            return self._git()
        if tool in _KUBE_TOOLS:
            return self._kube()
        return self._aws() if tool in _AWS_TOOLS else Target()

    def alive(self, writer: Writer) -> bool:
        """Whether the process that wrote an event still runs; one on another machine counts as alive."""
        if writer.host != host():
            return True
        number, _, began = writer.process.partition("-")
        if not number.isdigit():
            return False
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return not began or started_at(int(number)) == began

    def _git(self) -> Target:
        if self._environment.get("GH_REPO"):
            return Target(one_line(self._environment["GH_REPO"]), "GH_REPO")
        for folder in (Path(self.directory), *Path(self.directory).parents):
            config = folder / ".git" / "config"
            if config.is_file():
                remote = _remote_of(config)
                return Target(remote, "git remote origin") if remote else Target(str(folder), "this git clone")
        return Target()

    def _kube(self) -> Target:
        named = self._environment.get("KUBECONFIG", "").split(os.pathsep)[0]
        path = Path(named).expanduser() if named else Path.home() / ".kube" / "config"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return Target()
        # A kubeconfig may hold anchors and more; only its first-level current-context is looked for.
        found = re.search(r"^current-context:\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
        return Target(one_line(found[1]), str(path)) if found else Target()

    def _aws(self) -> Target:
        for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            if self._environment.get(variable):
                return Target(f"aws profile {one_line(self._environment[variable])}", variable)
        return Target("aws profile default", "no AWS_PROFILE is set")


def _remote_of(config: Path) -> str:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return ""
    url = parser.get('remote "origin"', "url", fallback="")
    bare = _USERINFO.sub("//", url).removesuffix(".git")
    bare = re.sub(r"\A\w+://", "", bare)
    return one_line(re.sub(r"\A[\w.-]+@([\w.-]+):", r"\1/", bare))
