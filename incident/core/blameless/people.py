"""Who may be meant: words for a person, and what only a person does.

A word that is not known as a person counts as one only where it did what only people do.
"""

from __future__ import annotations

_NOUNS = (
    "engineers?", "developers?", "devs?", "programmers?", "coders?", "sys-?admins?", "administrators?", "dbas?",
    "sres?",
    r"(?:first |incident )?responders?(?: \d+)?", "reviewers?", "approvers?", "authors?", "committers?", "deployers?",
    "interns?", "trainees?", "apprentices?", "juniors?", "new hires?", "newcomers?", "newbies?", "contractors?",
    "consultants?", "freelancers?", "employees?", "colleagues?", "co-?workers?", "team-?mates?", "team members?",
    "staff(?: members?)?", "staffers?", "technicians?", "architects?", "analysts?", "testers?", "designers?", "guys?",
    "(?:wo)?m[ae]n", "persons?", "people", "individuals?", "humans?", "folks?", "someone", "somebody", "anyone",
    "anybody", "everyone", "everybody", "no[ -]one", "nobody", "whoever", "s?he", "supervisors?", "boss",
    ("(?:release|product|project|program|engineering|incident|shift|duty|change|delivery|operations|ops|it|qa|account|"
    "problem|support|sales|marketing|customer|success|line|general|office|test|infrastructure|department|regional|"
    "platform|community|store|plant|facility) managers?"),
    "(?:incident )?commanders?", "scribes?", ("(?:team|tech|technical|incident|shift|project|security|platform|"
    "support|engineering|qa|data|product|design|ops|"
    "network|backend|front-?end|database|storage|mobile|infrastructure|release) leads?"), "team leaders?",
    "leadership", "management", "(?:service|code|system|change|process) owners?", "maintainers?",
    "(?:(?<=the )|(?<=our ))(?:managers?|admins?|leads?|owners?)",
    "(?:support|night|day|duty|network|security|release|platform|site reliability) (?:engineers?|agents?|staff|crew)",
    "(?:night|day|late|early|weekend) shift", "cto", "ceo",
    (r"(?:one|two|three|some|most|many|several|each|none|(?:a )?members?) of (?:the|our|them|us|my)(?: "
    r"[\w-]{1,20}){0,2} "
    "(?:engineers|developers|team|responders|reviewers|people|staff|crew|sys-?admins|operators|admins|shift)"),
    "none of us",
    ("(?:primary |secondary |backup )?on-?call(?:er|s)?(?: (?:engineers?|persons?|people|responders?|devs?|developers?|"
    "sres?|staff|lead|manager))?"),
    "qa(?: (?:engineers?|persons?|testers?|people))?",
    r"(?-i:[A-Z][a-z]{1,14})(?=,? (?:who\b|who['’]d\b|whose (?:job|idea)\b))",  # only a person is a who
)  # fmt: skip
# People, and parts of systems as well: these count only with what no system does.
_BOTH = ("operators?", "admins?", "managers?", "leads?", "primary", "secondary", "agents?", "ops", "owners?", "they")
_BARE = (
    r"(?:(?:\A|(?<=[.;:,]\s)|(?<=because\s)|(?<=when\s)|(?<=after\s)|(?<=and\s)|(?<=that\s)|(?<=if\s)|(?<=but\s)"
    r"|(?<=only\s)|(?<=is\s)|(?<=was\s))(?-i:(?:[A-Z][a-z]{1,9}-[A-Za-z][a-z]{1,9}|[A-Z][a-z]{2,11})(?: "
    r"[A-Z][a-z]{2,11})?))(?![\w-])"
)
_ADVERBS = (
    r"(?:,?\s+(?:who|also|then|still|again|even|just|simply|only|once|twice|had|has|have|both|all|\w{2,14}ly)){0,3}"
)
_PLACE = (
    r"(?:\s+(?:responsible|involved|concerned|present|in question))?(?:\s+(?:on|of|in|from|at|for|behind|"
    r"with|without|\w{3,12}ing)(?:\s+[\w'’/-]{1,30}){1,4}?)?"
)

# Looking, thinking, telling: what somebody is said not to have done.
_HEEDED = (
    r"(?:double-?check|check|notic|read|look|verif|test|review|reali[sz]|spot|think|thought|consider|ask|tell|told|"
    r"inform|notif|warn|communicat|announc|escalat|follow|validat|watch|pay|paid|bother|care|"
    r"remember(?:ed)? to|catch|caught|"
    r"anticipat|foresee|foreseen|question|confirm|inspect|updat|speak|spoke|consult|coordinat|document|proofread|"
    r"scrutini[sz]|rehears|use the|stop to|wait for|take (?:the )?(?:time|care)|look(?:ed|ing)? (?:at|into))"
)
# The same of a subject that may be a program: what no program does.
_ONLY_PEOPLE = (
    r"(?:double-?check|reali[sz]|think|thought|ask(?:ed|ing)? |tell|told|bother|care |cared|remember|"
    r"pay(?:ing)? attention|"
    r"paid (?:more |closer |better )?attention|know(?:n)? better|known|be(?:en)? (?:more )?careful|"
    r"speak up|spoken up|consult|"
    r"read (?:the|its|any|our|all|every) (?:[\w-]+ )?(?:run-?book|doc|diff|plan|warning|instruction|"
    r"manual|release notes|"
    r"message|wiki|change ?log|e-?mail|guide|handbook|readme|page|checklist|policy|ticket)|look(?:ed)? at the|"
    r"follow(?:ed|ing)? (?:the|our|any) (?:[\w-]+ )?(?:run-?book|procedure|process|polic|checklist|"
    r"instruction|rule|guideline)|"
    r"test(?:ed|ing)? (?:it|this|the|their|his|her|any)\b|double check|review(?:ed)? (?:it|the|this|their|his|her)\b)"
)
_HANDLE = r"@[a-z0-9][\w-]{1,38}"
# Getting in is what a broken system keeps a person from.
_KEPT_OUT = (
    r"(?:connect|log ?in|log on|reach|authenticate|access|ssh|open|reproduce|find|load|get (?:in|access|through))"
)


def pieces() -> dict[str, str]:
    """The pieces that the families are written with."""
    who = rf"(?<![\w/.@-])(?:{'|'.join([*_NOUNS, _HANDLE])})(?![\w/-]|\.\w)"
    both = rf"(?<![\w/.-])(?:{'|'.join(_BOTH)})(?![\w/-])"
    rest = rf"{_PLACE}{_ADVERBS}"
    return {
        "WHO": who,
        "PERSON": rf"(?:{who}){rest}",
        "SOMEONE": rf"(?:{who}|{both}){rest}",
        "SUBJECT": rf"(?:{who}|{both}|{_BARE}){rest}",
        "HEEDED": _HEEDED,
        "ONLY_PEOPLE": _ONLY_PEOPLE,
        "KEPT_OUT": _KEPT_OUT,
        "NOT": r"(?:did not|didn['’]t|never|had not|hadn['’]t|has not|hasn['’]t|have not|haven['’]t|does not|"
        r"doesn['’]t|do not|don['’]t|not)",
        "BE": r"(?:is|was|are|were|been|be|being)",
        "A": r"(?:an?|the|our|one of (?:our|the)|another|some|this|that)",
    }
