"""The post-mortem draft: what the log can say by itself; judgement is left to people."""

from incident.core.postmortem.build import build, default_name, is_drill, people
from incident.core.postmortem.model import SCHEMA, PostMortem

__all__ = ["SCHEMA", "PostMortem", "build", "default_name", "is_drill", "people"]
