"""What a push would write to, held against what git itself says it would do."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from incident.core.command import Target, argv_for
from incident.surroundings import RealSurroundings


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone on `main` with three bare repositories beside it: origin, upstream, mine."""
    (tmp_path / "home").mkdir()
    for name in ("origin", "upstream", "mine"):
        git("init", "-q", "--bare", f"{name}.git", at=tmp_path)
    folder = tmp_path / "clone"
    folder.mkdir()
    git("init", "-q", "-b", "main", at=folder)
    git("commit", "-q", "--allow-empty", "-m", "x", at=folder)
    git("branch", "feature", at=folder)
    for name in ("origin", "upstream", "mine"):
        git("remote", "add", name, str(tmp_path / f"{name}.git"), at=folder)
    monkeypatch.chdir(folder)
    return folder


def environment(at: Path, **more: str) -> dict[str, str]:
    home = at.parent / "home" if at.name == "clone" else at / "home"
    person = {"GIT_AUTHOR_NAME": "kim", "GIT_AUTHOR_EMAIL": "k@acme.com"}
    committer = {"GIT_COMMITTER_NAME": "kim", "GIT_COMMITTER_EMAIL": "k@acme.com"}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", **person, **committer, **more}


def git(*words: str, at: Path, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["git", *words], cwd=at, env=environment(at, **more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or "push" in words, done.stderr
    return done


def target(text: str, clone: Path, **more: str) -> Target:
    return RealSurroundings(environment(clone, **more)).target(argv_for(text)[0])


def as_git_says(text: str, clone: Path) -> str:
    """`origin / main`, from a dry run; "" when git refuses."""
    done = git("push", "--dry-run", "--porcelain", *text.split()[2:], at=clone)
    place = re.search(r"To .*/(\w+)\.git", done.stdout)
    refs = re.findall(r"^[*+ =-]\t[^:]*:refs/(?:heads|tags)/(\S+)", done.stdout, re.MULTILINE)
    return f"{place[1]} / {', '.join(refs)}" if done.returncode == 0 and place else ""


def as_it_is_shown(text: str, clone: Path) -> str:
    found = target(text, clone)
    return found.name.replace(f"{clone.parent}/", "")


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("branch.main.remote upstream", "branch.main.merge refs/heads/main"),
        ("branch.main.remote upstream", "branch.main.merge refs/heads/main", "remote.pushDefault mine"),
        ("branch.main.remote upstream", "remote.pushDefault mine", "branch.main.pushRemote origin"),
        ("push.default current",),
        ("push.default current", "remote.pushDefault mine"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "git push", "git push origin", "git push upstream main", "git push -f mine HEAD", "git push mine @",
        "git push mine main:release", "git push mine +main:refs/heads/release", "git push -u mine feature",
        "git push mine main feature", "git push -o ci.skip mine main", "git push --repo=mine",
    ],
)  # fmt: skip
def test_a_push_is_shown_with_the_remote_and_the_branch_that_git_would_write_to(
    clone: Path, settings: tuple[str, ...], text: str
) -> None:
    for setting in settings:
        git("config", *setting.split(), at=clone)
    said = as_git_says(text, clone)
    if said:  # what git refuses to do writes nowhere
        assert as_it_is_shown(text, clone) == said


def test_where_the_branch_is_not_certain_only_the_remote_is_shown(clone: Path) -> None:
    origin = f"{clone.parent}/origin"
    for key, value in (("push.default", "matching"), ("push.default", "upstream"), ("remote.origin.push", "a:b")):
        git("config", key, value, at=clone)
        assert target("git push", clone).name == origin, (key, value)
        git("config", "--unset", key, at=clone)
    assert target("git push", clone).name == f"{origin} / main"
    assert target("git checkout feature && git push", clone).name == origin
    assert target("git checkout -- file && git push", clone).name.endswith("origin / main")
    git("config", "--file", str(clone.parent / "home" / ".gitconfig"), "push.default", "matching", at=clone)
    assert target("git push", clone).name == origin
    assert target("git push", clone, GIT_CONFIG_GLOBAL=os.devnull).name == f"{origin} / main"
    git("checkout", "-q", "--detach", at=clone)
    assert target("git push", clone, GIT_CONFIG_GLOBAL=os.devnull).name == origin


def test_a_push_of_everything_says_so(clone: Path) -> None:
    origin = f"{clone.parent}/origin"
    for text, shown in (
        ("git push --all", "all branches"),
        ("git push origin --mirror", "every ref"),
        ("git push --tags", "all tags"),
        ("git push --tags origin main", "main"),
        ("git push origin :feature", "feature"),
        ("git push --delete origin feature", "feature"),
        ("git push origin tag v1", "v1"),
    ):
        assert target(text, clone).name == f"{origin} / {shown}", text
    assert target("git push origin :", clone).name == origin
    assert target("git push ../mine.git main", clone) == Target("../mine / main", "the command")


def test_a_push_goes_to_every_address_of_its_remote_as_git_rewrites_them(clone: Path) -> None:
    git("config", "url.git@github.com:.insteadOf", "gh:", at=clone)
    git("config", "url.ssh://git@push.acme.com/.pushInsteadOf", "https://acme.com/", at=clone)
    git("config", "url.git@github.com:acme/.insteadOf", "gh:a/", at=clone)
    git("remote", "set-url", "origin", "gh:a/shop", at=clone)
    assert target("git fetch", clone).name == "github.com/acme/shop"
    git("remote", "set-url", "origin", "https://acme.com/shop", at=clone)
    assert target("git fetch", clone).name == "acme.com/shop"
    assert target("git push origin main", clone).name == "push.acme.com/shop / main"
    git("remote", "set-url", "--add", "origin", "gh:kim/shop", at=clone)
    assert target("git push origin main", clone).name == "push.acme.com/shop + github.com/kim/shop / main"
    git("config", "branch.main.remote", "git@h:lee/shop", at=clone)
    assert target("git push", clone) == Target("h/lee/shop", "the branch's own settings")
    git("config", "branch.main.remote", ".", at=clone)
    assert target("git fetch", clone) == Target(str(clone), "this git clone")


def test_a_clone_that_is_steered_from_elsewhere_is_not_guessed(clone: Path) -> None:
    origin = f"{clone.parent}/origin"
    for text, shown in (
        ("git -c remote.origin.url=git@h:x/y push", ""),
        ("git -c url.x.insteadOf=y push", ""),
        ("git -c user.name=lee push", f"{origin} / main"),
        ("git remote set-url origin git@h:x/y && git push", origin),  # the first of the two, as it is now
        ("git config push.default matching && git push", origin),
        ("git commit -m git@h:x/y", origin),
    ):
        assert target(text, clone).name == shown, text
    assert target("git push", clone, GIT_CONFIG_COUNT="1") == Target()
    assert target("gh pr list", clone, GIT_DIR="x") == Target()
    git("remote", "remove", "origin", at=clone)
    assert target("git push", clone) == Target()  # two remotes, and none of them is the usual one
    git("remote", "remove", "upstream", at=clone)
    assert as_it_is_shown("git push", clone) == "mine / main"
