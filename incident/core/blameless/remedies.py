"""Remedies that mend the person: be more careful, be retrained."""

from __future__ import annotations

from incident.core.blameless.family import Family

REMEDIES: tuple[Family, ...] = (
    Family(
        "blame-be-careful",
        "Care is what everybody already took; asked for more of it, people get slower, not safer.",
        "name the check, default, limit or alert that does the caring",
        "We should be more careful with deploys.",
        "A deploy stops by itself when the canary's error ratio passes 2 %.",
        warns=(
            (
                r"\b(?:be|become|remain|stay) (?:much |far |a (?:lot|bit) |even )?(?:more |very |extremely |extra |"
                r"especially |super )?(?:careful|vigilant|attentive|diligent|cautious|conscientious|disciplined|"
                r"mindful|watchful)\b(?! (?:not )?to (?:avoid|stay|keep|preserve))"
            ),
            (
                r"\b(?:being|been|stay|be|is|are|was|were) (?:much |far |a (?:lot|bit) |even )?(?:more|extra|"
                r"especially) (?:careful|vigilant|attentive|diligent|cautious|conscientious|disciplined|mindful|"
                r"watchful|alert|thorough)\b"
            ),
            (
                r"\b(?:take|taking|exercise|exercising|use|apply|show) (?:more|greater|extra|better|better|due|"
                r"utmost|proper) (?:care|caution|attention|diligence|vigilance)\b"
            ),
            (
                r"\bpay(?:ing|s)? (?:more|closer|better|extra|greater|careful|proper)? ?attention\b(?= (?:to|when|"
                r"in|before|and|next)|\W|\Z)"
            ),
            (
                r"\bremind (?:A |all |every |each )?(?:[\w-]+ ){0,2}?(?:WHO|team|teams|operators?|admins?|ops|"
                r"yourself|ourselves|them|us)\b"
            ),
            r"\b(?:be|are|were|was|being) reminded (?:that|to|of|about|how)\b",
            r"\b(?:importance|value) of (?:double-?checking|paying attention|reading (?:the|his|her|their))\b",
            (
                r"\b(?:everyone|everybody|engineers|developers|people|responders|reviewers|we all|the team|staff|"
                r"on-?call(?: engineers?)?|you|operators|authors) (?:must|needs? to|has to|have to|should|ought to|"
                r"shall|will)(?: all| always| simply| just| never| really){0,2} (?:remember|double-?check|be "
                r"careful|think (?:twice|before|harder)|know better|try harder|do better|focus|concentrate|take "
                r"responsibility|take (?:more )?(?:ownership|care)|watch|read the (?:runbook|docs)|be reminded|be "
                r"aware|learn to|stop (?:pushing|making|ignoring|skipping|rushing)|never (?:forget|again))\b"
            ),
            (
                r"\b(?:try|work) harder\b|\bthink twice\b|\bthink before\b|\bdo better next time\b|\bdon['’]t let "
                r"(?:it|this) happen again\b|\bnever forget to\b|\bremember to (?:always )?(?:check|test|verify|"
                r"double)|\bkeep (?:your|their|our) eyes? (?:open|on)\b"
            ),
            (
                r"\bmore (?:care|vigilance|diligence|discipline|caution|attention) (?:BE|must be|should be|needs to "
                r"be|has to be|is needed|when|from)\b"
            ),
        ),
        hints=(r"\b(?:raise|increase|build) awareness\b|\bcommunicate better\b|\bbetter communication\b",),
    ),
    Family(
        "blame-discipline",
        "Who reports into a punishment reports no more; the system stays as it was.",
        "write an action on the system, with an owner and a day",
        "The engineer needs to be retrained.",
        "Give the restore command a dry run that lists what it would overwrite.",
        warns=(
            (
                r"\bre-?train(?:ed|ing|s)?\b(?!(?: [\w-]+){0,3} (?:models?|classifiers?|networks?|detectors?|"
                r"embeddings?|rankers?|forecasts?|weights|algorithms?|pipelines?))(?<!model retraining)(?<!model "
                r"re-training)"
            ),
            (
                r"\b(?:disciplinary|reprimand(?:ed|s)?|written warning|formal warning|verbal warning|performance "
                r"(?:improvement plan|management)|punish\w*|sanction(?:ed)? (?:A )?WHO)\b"
            ),
            (
                r"\bdiscipline (?:A )?(?:[\w-]+ )?WHO|\b(?:fire|sack|dismiss|let go of|suspend|demote|remove) "
                r"(?:the|this|that|whoever) (?:[\w-]+ )?WHO"
            ),
            (
                r"\b(?:WHO|operators?|admins?) (?:BE|must be|should be|will be|needs? to be|has been|have been|was|"
                r"were) (?:disciplined|fired|sacked|dismissed|demoted|suspended|reprimanded|warned|spoken to|talked "
                r"to|held (?:to account|accountable|responsible)|counsel+ed|coached|trained (?:again|properly)|let "
                r"go|removed from the rota)"
            ),
            (
                r"\bhold (?:A )?(?:[\w-]+ ){0,2}?(?:WHO|people|them|him|her|team) (?:to account|accountable|"
                r"responsible)\b|\bheld (?:personally )?(?:accountable|to account)\b"
            ),
            (
                r"\b(?:WHO|operators?|admins?|team)(?: \w+){0,2} (?:needs?|requires?|should (?:get|receive|undergo|"
                r"attend|have)|must (?:get|receive|undergo|attend)|lacks?|lacked|to (?:receive|undergo|attend)) "
                r"(?:\w+ ){0,3}(?:training|coaching|education|a refresher|mentoring|supervision|course|discipline)\b"
            ),
            (
                r"\b(?:send|sent) (?:A )?(?:[\w-]+ ){1,4}?(?:back )?(?:to|on|for) (?:\w+ )?(?:training|a course|"
                r"retraining)\b|"
                r"\bappropriate (?:consequences|disciplinary)\b|\bHR (?:to|will|should|must|has to) \w+|"
                r"\b(?:have|had|having) a (?:\w+ )?(?:word|talk|conversation|chat) with [^.;]{2,40} about (?:the "
                r"importance|his|her|their)\b|"
                r"\b(?:there (?:will|must|should|need to) be|face|facing|suffer) (?:\w+ )?consequences\b|\b(?:have|"
                r"had|having) a (?:serious |stern )?(?:word|talk|conversation) with (?:A )?(?:[\w-]+ ){0,2}?WHO"
            ),
            (
                r"\b(?:revoke|take away|remove|restrict) (?:A )?(?:[\w-]+ )?WHO['’]s? (?:\w+ )?(?:access|rights|"
                r"permissions|privileges|account)"
            ),
        ),
        hints=(r"\b(?:train|educate|teach|coach) (?:A |all |every |our )?(?:[\w-]+ ){0,2}?(?:WHO|team|operators)\b",),
        asserted=True,
    ),
)
