"""The blameless lint: sentences that make a person the cause. It warns, says why, and never rewrites."""

from __future__ import annotations

from incident.core.blameless.families import FAMILIES, Family, Weight
from incident.core.blameless.lint import Hit, look, look_at
from incident.core.blameless.sentences import Part, Sentence, sentences

__all__ = ["FAMILIES", "Family", "Hit", "Part", "Sentence", "Weight", "look", "look_at", "sentences"]
