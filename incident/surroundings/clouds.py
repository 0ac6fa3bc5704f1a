"""The profile, account and region of the AWS tools, and the project of Google's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from incident.core.command import Target
from incident.surroundings.place import Place, flag, named, sections_of, text_of

_ACCOUNT_IN_ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):")
_PROJECT, _CONFIGURATION = "gcloud project", "gcloud configuration"


def aws_target(_: str, words: Sequence[str], place: Place) -> Target:
    """`aws profile prod / 123456789012 / eu-west-1`, as far as that is on disk."""
    asked = flag(words, "--profile")
    if not asked and place.value("AWS_ACCESS_KEY_ID"):
        return _aws("aws keys in the environment", _region(words, place, {}), "AWS_ACCESS_KEY_ID")
    variables = [name for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if place.value(name)]
    profiles = [asked] if asked else list(dict.fromkeys(place.value(name) for name in variables))
    origin = "the command's --profile" if asked else ", ".join(variables) or "no AWS_PROFILE is set"
    if len(profiles) > 1:
        return named(f"aws profile {' or '.join(profiles)}", origin)
    profile = profiles[0] if profiles else "default"
    known = _profile(profile, place)
    return _aws(f"aws profile {profile}", _account(known), _region(words, place, known), origin)


def gcloud_target(tool: str, words: Sequence[str], place: Place) -> Target:
    """`gcloud project acme-prod`."""
    switched = _switched(words, place)
    for name in ("--project", "--project_id"):
        if value := flag(words, name):
            return named(f"gcloud project {value}", f"the command's {name}")
    if switched or (tool == "bq" and (place.home / ".bigqueryrc").exists()):
        return Target()
    if project := place.value("CLOUDSDK_CORE_PROJECT"):
        return named(f"gcloud project {project}", "CLOUDSDK_CORE_PROJECT")
    if chosen := place.switched.get(_PROJECT):
        return named(f"gcloud project {chosen}", "the line's config set")
    own = place.value("CLOUDSDK_CONFIG")
    folder = place.path(own) if own else place.home / ".config" / "gcloud"
    if folder is None:
        return Target()
    active = (
        flag(words, "--configuration")
        or place.value("CLOUDSDK_ACTIVE_CONFIG_NAME")
        or text_of(folder / "active_config").strip()
    )
    active = active or "default"
    if not re.fullmatch(r"[\w-]+", active):
        return Target()
    known = sections_of(folder / "configurations" / f"config_{active}") or {}
    said = known.get("core", {}).get("project", "")
    return named(f"gcloud project {said}" if said else "", f"the configuration {active}")


def _aws(*parts: str) -> Target:
    *names, origin = parts
    return named(" / ".join(filter(None, names)), origin)


def _profile(name: str, place: Place) -> Mapping[str, str]:
    """What both of the AWS tools' files say of a profile; of the same key, the credentials' file counts."""
    known: dict[str, str] = {}
    for variable, usual, sections in (
        ("AWS_CONFIG_FILE", "config", (f"profile {name}", f'profile "{name}"', name if name == "default" else "")),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials", (name,)),
    ):
        own = place.value(variable)
        in_home = own.removeprefix("~/") if own.startswith("~/") else "" if own else f".aws/{usual}"
        path = place.home / in_home if in_home else place.path(own)
        found = (sections_of(path) if path else None) or {}
        for section in sections:
            known |= found.get(section, {})
    return known


def _account(profile: Mapping[str, str]) -> str:
    """The account that a profile ends up in, when its settings say so; a role comes before what assumes it."""
    if role := profile.get("role_arn", ""):
        found = _ACCOUNT_IN_ROLE.match(role)
        return found[1] if found else ""
    return profile.get("sso_account_id", "") or profile.get("aws_account_id", "")


def _region(words: Sequence[str], place: Place, profile: Mapping[str, str]) -> str:
    """The region; where the tools' versions differ in what counts, both."""
    if asked := flag(words, "--region"):
        return asked
    older = place.value("AWS_DEFAULT_REGION") or profile.get("region", "")
    return " or ".join(dict.fromkeys(filter(None, (place.value("AWS_REGION"), older))))


def _switched(words: Sequence[str], place: Place) -> bool:
    """Remember what this command itself switches, and whether the project is anybody's guess from here on."""
    if "config" in words and "set" in words and len(words) > 3 and words[-2] in ("project", "core/project"):
        place.switched[_PROJECT] = words[-1]
    elif "configurations" in words and "activate" in words:
        place.switched[_CONFIGURATION] = None
    return _CONFIGURATION in place.switched
