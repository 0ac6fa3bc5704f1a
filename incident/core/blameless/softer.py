"""What is worth a second look: we, what might have been, what is obvious now, the one cause."""

from __future__ import annotations

from incident.core.blameless.family import Family

SOFTER: tuple[Family, ...] = (
    Family(
        "blame-we",
        "We is kinder than a name and still a person: the condition behind it is what can be changed.",
        "make the system the subject of the sentence",
        "We overlooked the second region.",
        "The drain script lists one region.",
        hints=(
            (
                r"\b(?:we|i|our team|the team)(?: \w+ly| also| even| still| all| then| just)? (?:failed to|forgot|"
                r"neglected|overlooked|missed|ignored|dismissed|made (?:a|an|some|the) (?:\w+ )?(?:mistake|error)|"
                r"should(?:n['’]t)? have|could have|ought to have|did not (?:HEEDED)|didn['’]t (?:HEEDED)|"
                r"underestimated|misjudged|misunderstood|misconfigured|broke|were too|mistakenly|wrongly|took too "
                r"long|never (?:HEEDED)|hadn['’]t (?:HEEDED)|had not (?:HEEDED))\w*"
            ),
        ),
    ),
    Family(
        "blame-counterfactual",
        "What did not happen explains nothing; it is easily mistaken for a finding.",
        "say what happened, and put what should be different under the action items",
        "Clients should have received a 429.",
        "Clients received a 503; the limiter answers so when its backend is gone.",
        hints=(
            (
                r"\b(?:should|could|might|ought to|would)(?:n['’]t| not| never)?(?: have|['’]ve) (?:\w+ly |not |"
                r"been )?(?!to\b)\w+"
            ),
            r"\bif only\b|\b(?:entirely|easily|totally|completely) (?:preventable|avoidable)\b",
        ),
    ),
    Family(
        "blame-hindsight",
        "It is obvious only to somebody who knows how it ended.",
        "leave the word out, or say what was visible at that time",
        "The limit was obviously too low.",
        "The limit was 100; the traffic of that hour is 310.",
        hints=(
            (
                r"\b(?:obviously|clearly|in hindsight|with hindsight|in retrospect|of course|needless to say|as "
                r"expected)\b"
            ),
        ),
    ),
    Family(
        "blame-one-cause",
        "There is rarely one: several conditions, each harmless alone, came together.",
        "write contributing factors, in the plural",
        "The root cause was the missing index.",
        "Three conditions came together: the missing index, the batch size, the shared pool.",
        hints=(
            (
                r"\b(?:the|our|its) (?:sole |only |single |true |actual |real )?(?:root )?cause (?:of [\w\s-]{1,50} "
                r")?(?:was|is) (?!unknown|unclear|not |under|being)"
            ),
        ),
    ),
)
