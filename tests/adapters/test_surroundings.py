"""Where commands run, and what their tools would act on: the right name, or none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from incident.core.command import Target, argv_for
from incident.core.event import Writer
from incident.errors import IncidentError
from incident.surroundings import RealSurroundings, host, login, started_at, this_process


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with a home folder beside it."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(folder)
    return folder


def target(text: str, here: Path, **environment: str) -> Target:
    environment = {"HOME": str(here.parent / "home"), **environment}
    return RealSurroundings(environment).target(argv_for(text)[0])


def git(*words: str, at: Path) -> None:
    settings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    person = ["-c", "user.name=kim", "-c", "user.email=kim@acme.com"]
    subprocess.run(["git", *person, *words], cwd=at, env=settings, check=True, capture_output=True)


def clone(folder: Path, **remotes: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git("init", "-q", at=folder)
    for name, url in remotes.items():
        git("remote", "add", name, url, at=folder)
    return folder


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("git@github.com:acme/shop.git", "github.com/acme/shop"),
        ("github.com:acme/shop", "github.com/acme/shop"),
        ("ssh://git@github.com:22/acme/shop.git", "github.com:22/acme/shop"),
        ("https://github.com/acme/shop.git", "github.com/acme/shop"),
        ("https://github.com/acme/shop.git/", "github.com/acme/shop"),
        ("https://kim:hunter2@github.com/acme/shop", "github.com/acme/shop"),
        ("https://kim:hun@ter2@github.com/acme/shop", "github.com/acme/shop"),
        ("https://kim:hunt/er2@github.com/acme/shop", "github.com/acme/shop"),
        ("https://hunter2@github.com/acme/shop?key=hunter2", "github.com/acme/shop"),
        ("git+ssh://git@host/x", "host/x"),
        ("https://host/@scope/x", "host/@scope/x"),
        ("/srv/git/shop.git", "/srv/git/shop"),
        ("file:///srv/git/shop.git", "/srv/git/shop"),
        ("../shop", "../shop"),
    ],
)
def test_a_clone_is_named_by_its_remote_without_user_or_password(here: Path, url: str, name: str) -> None:
    clone(here, origin=url)
    (here / "deep" / "er").mkdir(parents=True)
    assert target("git fetch", here) == Target(name, "git remote origin")
    assert target("git -C deep/er fetch", here) == Target(name, "git remote origin")
    assert target(f"git push {url} main", here) == Target(f"{name} / main", "the command")


def test_the_remote_is_the_one_that_the_command_would_talk_to(here: Path) -> None:
    clone(here, origin="git@github.com:kim/shop", upstream="git@github.com:acme/shop", backup="/srv/shop")
    git("remote", "set-url", "--push", "backup", "https://kim:hunter2@backup/shop", at=here)
    mine, ours = "github.com/kim/shop", "github.com/acme/shop"
    for text, name, origin in (
        ("git fetch", mine, "git remote origin"),
        ("git push --force upstream main", f"{ours} / main", "git remote upstream"),
        ("git push backup main", "backup/shop / main", "git remote backup"),
        ("git fetch backup", "/srv/shop", "git remote backup"),
        ("git push git@github.com:lee/shop main", "github.com/lee/shop / main", "the command"),
        ("glab ci run", mine, "git remote origin"),
        ("gh pr list", ours, "git remote upstream"),
        ("gh -R acme/other pr list", "acme/other", "the command's --repo"),
        ("gh run list --repo=acme/other", "acme/other", "the command's --repo"),
    ):
        assert target(text, here) == Target(name, origin), text
    git("config", "remote.backup.gh-resolved", "base", at=here)
    assert target("gh pr list", here).origin == "git remote backup"
    assert target("gh pr list", here, GH_REPO="acme/shop\x1b[2J") == Target("acme/shop", "GH_REPO")
    assert target("git fetch", here, GH_REPO="acme/shop").name == mine


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ('[remote "origin"]\n\turl = "git@h:a/b" ; mine\n', Target("h/a/b", "git remote origin")),
        ('[core]\n bare\n[remote "origin"] url=https://h/a # x\n', Target("h/a", "git remote origin")),
        (
            '[remote "origin"]\n url = h:1\n url = h:2\n[remote "origin"]\n url = h:3',
            Target("h/1", "git remote origin"),
        ),
        ('[Remote "only"]\nURL = h:1\n', Target("h/1", "git remote only")),
        ('[remote "origin"]\n fetch = x\n[branch "url"]\n url = h:9\n', None),
        ("[remote]\n pushDefault = x\n", None),
        ("\x00\xff garbage [", None),
        ("", None),
    ],
)
def test_a_git_configuration_is_read_as_git_reads_it(here: Path, config: str, found: Target | None) -> None:
    (here / ".git").mkdir()
    (here / ".git" / "config").write_text(config, encoding="latin-1")
    assert target("git fetch", here) == (found or Target(str(here), "this git clone, which has no remote"))


def test_a_worktree_and_a_submodule_have_the_remote_of_their_own_clone(here: Path) -> None:
    main = clone(here / "main", origin="git@h:acme/shop")
    git("commit", "-q", "--allow-empty", "-m", "x", at=main)
    clone(here, origin="git@h:wrong/outer")
    git("worktree", "add", "-q", "../tree", at=main)
    assert (here / "tree" / ".git").is_file()
    assert target("git -C tree fetch", here).name == "h/acme/shop"
    module = main / ".git" / "modules" / "sub"
    module.mkdir(parents=True)
    (module / "config").write_text('[remote "origin"]\n\turl = git@h:acme/sub\n')
    (main / "sub").mkdir()
    (main / "sub" / ".git").write_text("gitdir: ../.git/modules/sub\n")
    assert target("git -C main/sub fetch", here).name == "h/acme/sub"
    (main / "sub" / ".git").write_text("nothing of the kind")
    assert target("git -C main/sub fetch", here).name == "h/acme/shop"


def test_without_a_clone_there_is_no_target(here: Path) -> None:
    assert target("git push", here) == Target()
    assert target("ls -l", here) == Target()
    assert RealSurroundings({}).target(()) == Target()


def test_a_clone_that_another_place_decides_on_is_not_guessed(here: Path) -> None:
    clone(here, origin="git@h:acme/shop")
    clone(here / "other", origin="git@h:acme/other")
    for text, name in (
        ("git -C other fetch", "h/acme/other"),
        ("git -c a=b -C other fetch", "h/acme/other"),
        ("git --no-pager fetch", "h/acme/shop"),
        ("cd other && git fetch", "h/acme/other"),
        ("pushd other; git fetch; popd; git fetch", "h/acme/other"),
        ("git fetch && cd other && git fetch", "h/acme/shop + h/acme/other"),
        ("cd $PLACE && git fetch", "h/acme/other"),
        ("cd $NOWHERE && git fetch", ""),
        ("cd - && git fetch", ""),
        ("cd ~/x && git fetch", ""),
        ("cd other more && git fetch", ""),
        ("(cd other && git pull); git fetch", ""),
        ("git --git-dir=other/.git fetch", ""),
        ("git --git-dir other/.git fetch", ""),
        ("GIT_DIR=other/.git git fetch", ""),
        ('git -C "$NOWHERE" push', ""),
    ):
        assert target(text, here, PLACE="other").name == name, text
    assert target("git fetch", here, GIT_DIR="x") == Target()


def kubeconfig(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("current-context: prod-eu", "prod-eu"),
        ('current-context: "prod eu"  # mine', "prod eu"),
        ("current-context: 'prod#eu'", "prod#eu"),
        ("current-context: arn:aws:eks:eu:1:cluster/p   ", "arn:aws:eks:eu:1:cluster/p"),
        ("current-context:", ""),
        ('current-context: ""', ""),
        ("  current-context: nested", ""),
        ("x-current-context: other", ""),
        ("current-context: prod\x1b[31m-eu", "prod-eu"),
    ],
)
def test_the_context_is_what_the_kubeconfig_says(here: Path, line: str, name: str) -> None:
    path = kubeconfig(here.parent / "home" / ".kube" / "config", f"apiVersion: v1\n{line}\nkind: Config\nusers: []\n")
    assert target("kubectl get pods", here) == (Target(name, str(path)) if name else Target())


def test_kubectl_reads_the_first_of_its_files_that_names_a_context(here: Path) -> None:
    first, second = (kubeconfig(here / name, f"current-context: {name}\n") for name in ("one", "two"))
    empty = kubeconfig(here / "empty", "kind: Config\n")
    os.mkfifo(here / "pipe")
    for listed, found in (
        (f"{first}:{second}", "one"),
        (f"{empty}:{second}", "two"),
        (f":{second}", "two"),
        (f"{here}/gone:{here}/pipe:{here}:{second}", "two"),
        ("one", "one"),
        (str(empty), ""),
        (f"/{'x' * 300}:{second}", "two"),
    ):
        assert target("kubectl get pods", here, KUBECONFIG=listed).name == found, listed
    huge = kubeconfig(here / "huge", "current-context: huge\n" + "#" * 4_000_001)
    assert target("kubectl get pods", here, KUBECONFIG=str(huge)) == Target()
    assert target("cd /elsewhere/$X; kubectl get pods", here, KUBECONFIG="one") == Target()


def test_what_the_command_itself_names_outweighs_the_files(here: Path) -> None:
    path = kubeconfig(here.parent / "home" / ".kube" / "config", "current-context: staging\n")
    other = kubeconfig(here / "other", "current-context: other\n")
    for text, name, origin in (
        ("kubectl --context prod-eu delete pod x", "prod-eu", "the command's --context"),
        ("kubectl delete pod x --context=prod-eu", "prod-eu", "the command's --context"),
        ("helm --kube-context prod-eu rollback x", "prod-eu", "the command's --kube-context"),
        ("kubectl --server https://h:6443 get pods", "https://h:6443", "the command's --server"),
        (f"kubectl --kubeconfig {other} get pods", "other", str(other)),
        (f"KUBECONFIG={other} kubectl get pods", "other", str(other)),
        (f"export KUBECONFIG={other}; kubectl get pods", "other", str(other)),
        (f"X={other}; KUBECONFIG=$X kubectl get pods", "other", str(other)),
        ("kubectl config use-context prod-eu && kubectl get pods", "prod-eu", "the command's use-context"),
        ("kubectl --context $CONTEXT get pods", "prod-us", "the command's --context"),
        ("kubectl --context ${UNKNOWN} get pods", "${UNKNOWN}", "the command's --context"),
        ("kubectl exec x -- tool --context prod-eu", "staging", str(path)),
        ("timeout 10 env A=1 kubectl get pods | grep x", "staging", str(path)),
        ("if kubectl get pods; then echo; fi", "staging", str(path)),
        ("bash -c 'kubectl --context prod-eu get pods'", "prod-eu", "the command's --context"),
        ("/usr/local/bin/kubectl get pods", "staging", str(path)),
        (
            "kubectl get pods | xargs kubectl --context prod-eu delete pod",
            "staging + prod-eu",
            f"{path}; the command's --context",
        ),
        ("sudo kubectl get pods", "", ""),
        ("ssh bastion kubectl get pods | cat", "", ""),
        ("echo kubectl", "", ""),
        ("cat kubectl; grep aws x", "", ""),
    ):
        assert target(text, here, CONTEXT="prod-us") == Target(name, origin), text
    assert target("helm list", here, HELM_KUBECONTEXT="prod-eu") == Target("prod-eu", "HELM_KUBECONTEXT")


def test_aws_is_named_by_the_profile_that_it_would_use(here: Path) -> None:
    for text, environment, name, origin in (
        ("aws s3 ls", {}, "aws profile default", "no AWS_PROFILE is set"),
        ("aws s3 ls", {"AWS_PROFILE": "prod"}, "aws profile prod", "AWS_PROFILE"),
        ("aws s3 ls", {"AWS_DEFAULT_PROFILE": "prod"}, "aws profile prod", "AWS_DEFAULT_PROFILE"),
        (
            "aws s3 ls",
            {"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"},
            "aws profile a or b",
            "AWS_PROFILE, AWS_DEFAULT_PROFILE",
        ),
        ("aws s3 ls", {"AWS_ACCESS_KEY_ID": "AKIA"}, "aws keys in the environment", "AWS_ACCESS_KEY_ID"),
        ("aws --profile prod s3 ls", {"AWS_ACCESS_KEY_ID": "AKIA"}, "aws profile prod", "the command's --profile"),
        ("AWS_PROFILE=prod eksctl get cluster", {}, "aws profile prod", "AWS_PROFILE"),
        ("aws s3 ls", {"AWS_PROFILE": "pr\x1b]0;x\x07od"}, "aws profile prod", "AWS_PROFILE"),
    ):
        assert target(text, here, **environment) == Target(name, origin), (text, environment)


def test_a_line_that_uses_several_tools_names_every_target(here: Path) -> None:
    clone(here, origin="git@h:acme/shop")
    found = target("git pull && aws s3 ls", here, AWS_PROFILE="prod")
    assert found == Target("h/acme/shop + aws profile prod", "git remote origin; AWS_PROFILE")


def test_who_and_where_are_those_of_this_process(here: Path) -> None:
    surroundings = RealSurroundings({})
    assert surroundings.who == f"{login()}@{host()}"
    assert surroundings.directory == str(here)
    assert login()
    assert host() == host().strip() != ""


@pytest.mark.fault(42)
def test_a_working_directory_that_is_gone_is_an_error_in_words(here: Path) -> None:
    here.rmdir()
    with pytest.raises(IncidentError, match="the working directory is gone"):
        _ = RealSurroundings({}).directory


def python(code: str, **environment: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return ran.stdout.strip()


def test_a_login_without_a_name_is_its_number() -> None:
    code = (
        "import os; from incident.surroundings import login\n"
        "try:\n    os.setuid(54321)\nexcept PermissionError:\n    pass\nprint(login())"
    )
    names = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "")
    said = python(code, **names)
    assert said == "uid54321" if os.getuid() == 0 else said
    assert python("from incident.surroundings import login; print(login())", LOGNAME="k\x1b[31mim") == "kim"


def writer(process: str, at: str = "") -> Writer:
    return Writer("kim", at or host(), process)


@pytest.fixture
def child() -> Callable[[], subprocess.Popen[bytes]]:
    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    return start


def test_a_writer_is_alive_until_its_process_ends_even_before_anybody_collects_it(
    child: Callable[[], subprocess.Popen[bytes]],
) -> None:
    surroundings = RealSurroundings({})
    with child() as process:
        mark = f"{process.pid}-{started_at(process.pid)}"
        assert surroundings.alive(writer(mark))
        assert not surroundings.alive(writer(f"{process.pid}-1"))  # the number belongs to another process now
        assert surroundings.alive(writer(str(process.pid)))  # written where the system does not tell
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not surroundings.alive(writer(mark))
        process.wait()
        assert not surroundings.alive(writer(mark))
        assert started_at(process.pid) == ""
    assert surroundings.alive(writer(this_process()))


@pytest.mark.parametrize("process", ["", "0", "0-0", "-1", "x", "1²", "99999999999999999999", "9999999999", "4194305"])
def test_what_is_no_process_is_not_alive(process: str) -> None:
    assert not RealSurroundings({}).alive(writer(process))


def test_a_writer_on_another_machine_counts_as_alive() -> None:
    assert RealSurroundings({}).alive(writer("x", at="elsewhere"))


def test_a_process_of_somebody_else_is_alive(tmp_path: Path) -> None:
    code = (
        "import os; from incident.surroundings import RealSurroundings, host, started_at\n"
        "from incident.core.event import Writer\n"
        "try:\n    os.setuid(54321)\nexcept PermissionError:\n    pass\n"
        "print(RealSurroundings({}).alive(Writer('kim', host(), f'1-{started_at(1)}')))"
    )
    assert python(code) == "True"
