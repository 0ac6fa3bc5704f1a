"""All families, in the order in which they are looked for: the first one found speaks for a sentence."""

from __future__ import annotations

from incident.core.blameless.deeds import DEEDS
from incident.core.blameless.family import Family, Weight
from incident.core.blameless.remedies import REMEDIES
from incident.core.blameless.softer import SOFTER
from incident.core.blameless.verdicts import VERDICTS

__all__ = ["FAMILIES", "NAMED", "Family", "Weight"]

_ORDER = (
    "blame-why-not",
    "blame-human-error",
    "blame-should-have",
    "blame-failed",
    "blame-procedure",
    "blame-did-not-check",
    "blame-judgement",
    "blame-person-cause",
    "blame-be-careful",
    "blame-discipline",
    "blame-other-team",
    "blame-we",
    "blame-counterfactual",
    "blame-hindsight",
    "blame-one-cause",
)
_KNOWN = {family.id: family for family in (*VERDICTS, *DEEDS, *REMEDIES, *SOFTER)}
FAMILIES: tuple[Family, ...] = tuple(_KNOWN[name] for name in _ORDER)

# Things that the patterns speak of, by the word in capitals that stands for them.
NAMED = {
    "FAULT": (
        r"(?:mistakes?|errors?|faults?|oversights?|negligence|carelessness|blunders?|slip-?ups?|inattention|"
        r"inexperience|incompetence|failings?|failure|ignorance|laziness|sloppiness|misjudge?ment|haste|lack of)"
    ),
    "HARM": (
        r"(?:the |this |an? |our |that )?(?:[\w-]+ ){0,3}(?:outages?|incidents?|failures?|downtime|disruption|"
        r"breakage|crash|data loss|loss|mess|problems?|issues?|error budget|degradation|page|errors)"
    ),
    "RULES": (
        r"(?:procedures?|process(?:es)?|polic(?:y|ies)|protocols?|run-?books?|rules?|guidelines?|guidance|"
        r"checklists?|instructions?|best practices?|change (?:management|control|freeze)|sops?|playbooks?|"
        r"conventions?|code review|reviews?|approvals?|standards?)"
    ),
    "TEAM": (
        r"(?:the|that|another|other|their|some other)?\s?(?:[\w&/-]+ ){1,3}(?:team|squad|group|department|crew|"
        r"guys|folks|people)|(?:the |our )?(?:vendor|supplier|hosting provider|third party|contractor company|"
        r"outsourcer|consultancy|agency)|another team|other teams?|upstream team"
    ),
}
