"""Whether a command names something that cannot be taken back: a safety net of words, on top of what is known."""

from __future__ import annotations

import re

# As a word of the command, or its beginning: `delete`, `delete-stack`, `purge_queue`, `DROP TABLE`, `/api/delete`.
_VERBS = """
    delete del destroy drop dropdb dropuser truncate terminate purge wipe wipefs erase nuke shred flushall flushdb mkfs
    shutdown halt reboot poweroff rm rmi rmdir rb unlink prune uninstall undeploy deregister decommission deprovision
    drain evict revoke pkill killall lvremove vgremove pvremove userdel groupdel fdisk sgdisk parted force-delete
"""
_VERB = re.compile(rf"(?<![\w.-])(?:{'|'.join(_VERBS.split())})(?![A-Za-z0-9])", re.IGNORECASE)
_FLAG = re.compile(
    r"(?<![^\s'\"])--?(?:force|hard|delete|purge|prune|destroy|mirror|no-preserve-root|grace-period[=\s]0|replicas[=\s]0)"
    r"(?![A-Za-z0-9])"
)
_BREAKS = re.compile(r"[;&|()`\n]")
# Words that only together destroy something, within one simple command.
_TOGETHER = tuple(
    (frozenset(words.split()), re.compile(rf"(?:{pattern})\Z"))
    for words, pattern in (
        ("git push", r"-\w*[fd]\w*|[+:]\S+"),
        ("git branch", r"-\w*D\w*"),
        ("git", "clean"),
        ("terraform", "apply"),
        ("tofu", "apply"),
        ("terragrunt", r"(?:run-all-)?apply"),
        ("pulumi", "up"),
        ("dd", r"of=\S+"),
        ("kill", r"-(?:9|KILL|SIGKILL)"),
        ("crontab", r"-\w*r\w*"),
        ("iptables", r"-[FX]|--flush"),
        ("kubeadm", "reset"),
        ("rabbitmqctl", "(?:force_)?reset|forget_cluster_node"),
        ("down", "-v|--volumes"),
        ("find", r"-delete"),
    )
)


def is_destructive(text: str) -> bool:
    """Whether some word of the command destroys. In doubt it does; a quoted command counts as its own words do."""
    if _VERB.search(text) or _FLAG.search(text):
        return True
    for part in _BREAKS.split(re.sub(r"['\"]", " ", text)):
        words = {word.rpartition("/")[2] or word: word for word in part.split()}
        for needed, pattern in _TOGETHER:
            if needed <= words.keys() and any(pattern.match(word) for word in words.values()):
                return True
    return False
