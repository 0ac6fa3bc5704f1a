"""Who is to blame: human error, words of judgement, a person as the cause, the other team, why not."""

from __future__ import annotations

from incident.core.blameless.family import Family

VERDICTS: tuple[Family, ...] = (
    Family(
        "blame-why-not",
        "Why not asks for a defence. How did it look at the time asks for what happened.",
        "ask what the person saw and expected at that moment",
        "Why didn't anyone look at the dashboard?",
        "What did the responders look at first, and what led them there?",
        warns=(
            (
                r"\bwhy (?:didn['’]t|did not|wasn['’]t|was not|weren['’]t|hadn['’]t|couldn['’]t|wouldn['’]t|"
                r"doesn['’]t|don['’]t|isn['’]t|haven['’]t|hasn['’]t) (?:A )?(?:[\w-]+ ){0,3}?(?:WHO|operators?|"
                r"admins?|team|they)\b"
            ),
            r"\bwhy (?:on earth )?(?:would|should) (?:anyone|anybody|someone|somebody|WHO|they)\b",
            (
                r"\bwhy (?:didn['’]t|wasn['’]t|weren['’]t|was|were|did) [^?.]{0,60}\bby (?:A )?(?:[\w-]+ "
                r"){0,2}?WHO[^?.]*\?"
            ),
            (
                r"\bwhy (?:did|was|has|had|is|were) (?:nobody|no[ -]one|none of the (?:engineers|reviewers|"
                r"responders|team|people|on-?call))\b|\bwhy (?:did|was|would) (?:A )?(?:[\w-]+ ){0,2}?(?:WHO|they) "
                r"(?:not|even|ever|ignore|skip|forget|fail|bother|wait|take (?:so|\w+ (?:minutes|hours))|only|\w+ "
                r"(?:it )?without)\b"
            ),
            (
                r"\bwhy did (?-i:[A-Z][a-z]{2,14}) (?:(?:not |never )?(?:HEEDED|bother)|wait [\w -]{1,30}before "
                r"(?:call|tell|ask|escalat|pag|say))\w*|"
                r"\bwhy (?:A )?(?:[\w-]+ ){0,2}?(?:WHO|they) (?:did not|didn['’]t|never|had not|hadn['’]t|failed|"
                r"ignored|forgot|skipped)\b"
            ),
            (
                r"\bhow (?:on earth )?(?:could|can|did|does|do) (?:A )?(?:[\w-]+ ){0,2}?(?:nobody|no[ -]one|WHO|they|"
                r"(?:whole |entire )?team) "
                r"(?:possibly |even |manage to |just )?(?:miss|not|ignore|forget|overlook|let|fail to|think|allow|"
                r"approve|merge)\w*"
            ),
            (
                r"\bwhat (?:on earth |the hell )?(?:was|were) (?:A )?(?:[\w-]+ ){0,2}?(?:\w+ )?thinking\b|\bwhose "
                r"(?:fault|mistake|idea|"
                r"error)\b(?! is)|\bwho(?: is| was|['’]s) (?:to blame|at fault|responsible for (?:this|the) (?:mess|"
                r"outage|incident|failure|mistake))\b"
            ),
            (
                r"\Awho (?:approved|broke|deleted|wrote|merged|pushed|signed off|did this|ran|let|allowed|forgot|"
                r"messed)\b[^.]*\?"
            ),
        ),
    ),
    Family(
        "blame-human-error",
        "Human error is where the search has to begin: what made that step look right is what can be changed.",
        "say what the system showed or allowed at that moment",
        "The root cause was human error.",
        "Staging and production had the same prompt, and the script asked for no confirmation.",
        warns=(
            (
                r"\b(?:human|operator|pilot|engineer|developer|manual operator|people|personnel)(?:['’]s)? "
                r"(?:errors?|mistakes?|typos?|slips?|blunders?|failures?|oversights?|negligence|fallibility)\b"
            ),
            (
                r"\bpebkac\b|\bfat[- ]?finger\w*|\bfinger trouble\b|\blayer 8\b|"
                r"\bbetween (?:the )?(?:chair|keyboard) and (?:the )?(?:chair|keyboard)\b"
            ),
            r"\b(?<!user )errors? (?:on the part of|made by|by) A?\s?(?:[\w-]+ )?WHO",
            r"\buser errors? by (?:A )?(?:[\w-]+ ){0,3}?(?:WHO|staff|operations)",
            r"\bhuman(?:s)? (?:BE|were) to blame\b|\bhuman inattention\b|\bhuman carelessness\b",
        ),
        asserted=True,
    ),
    Family(
        "blame-judgement",
        "A word of judgement ends the search and costs the trust that the next report depends on.",
        "leave the adjective out and say what happened, in what order",
        "A careless change took checkout down.",
        "A change of the rate limit took checkout down; the limit has no test.",
        warns=(
            (
                r"\b(?:careless(?:ly|ness)?|negligen(?:t|ce|tly)|reckless(?:ly|ness)?|incompeten(?:t|ce|tly)|"
                r"irresponsibl[ey]|inexcusabl[ey]|unforgivabl[ey]|unprofessional(?:ly)?|sloppy(?! quorum)|"
                r"sloppi(?:ly|ness)|shoddy|thoughtless(?:ly)?|foolish(?:ly|ness)?|stupid(?:ly|ity)?|idiot(?:ic|s)?|"
                r"moron(?:ic|s)?|boneheaded|clueless|inept(?:ly|itude)?|half-?assed|ham-?fisted|amateur(?:ish|s)?|"
                r"laziness|cowboys?|complacen(?:t|cy)|inattentive(?:ness)?|unthinking(?:ly)?|heedless(?:ly)?|"
                r"blunder(?:ed|s)?|cavalier|lackadaisical|slapdash|slipshod|clums(?:y|ily|iness))\b"
            ),
            (
                r"\b(?:rookie|silly|dumb|beginner['’]?s?|careless|unforced|schoolboy|basic human|amateur|"
                r"embarrassing|newbie) (?:mistakes?|errors?|slip)\b"
            ),
            (
                r"\b(?:BE|got|too|just|plain) lazy\b|\blazy (?:code |engineer|developer|review|reviewer|coding|"
                r"testing|work|approach|team|admin|operator|people|programming)\w*"
            ),
            (
                r"\b(?:unacceptable|incomprehensible|ridiculous|incredible|unbelievable) that (?:A )?(?:[\w-]+ "
                r"){0,2}?(?:WHO|TEAM|nobody)"
            ),
            (
                r"\b(?:PERSON)\s(?:BE) (?:not|n['’]t) (?:\w+ )?(?:competent|qualified|capable|careful|skilled|"
                r"diligent|attentive|experienced|good) ?(?:enough)?\b"
            ),
            (
                r"\bshrugged\b|\bdumb (?:decision|move|idea|thing)\b|\bshould be ashamed\b|\bshameful(?:ly)?\b|"
                r"\bdisgrace\w*\b"
            ),
            (
                r"\black of (?:ownership|care|attention|diligence|discipline|common sense|competence|professionalism|"
                r"attention to detail|effort|skill|seriousness|responsibility|vigilance|concentration|foresight|due "
                r"diligence|thought)\b"
            ),
            (
                r"\bpoor (?:judge?ment|decision[- ]making|work ethic|workmanship|engineering discipline)\b|\bbad "
                r"judge?ment\b"
            ),
            (
                r"\b(?:tired|sleepy|distracted|inattentive|inexperienced|unqualified|hung-?over|over-?confident|"
                r"impatient|untrained|lazy|overzealous|absent-minded|panicking)(?: [\w-]+)? (?:WHO|admins?|"
                r"operators?|managers?|leads?)"
            ),
            (
                r"\b(?:PERSON) (?:BE) (?:\w+ly )?(?:careless|lazy|inexperienced|incompetent|hasty|impatient|sloppy|"
                r"unqualified|distracted|over-?confident|clueless|ignorant|arrogant|stubborn|to blame|at fault|in "
                r"over)\b"
            ),
            r"\bin (?:its|their|his|her) infinite wisdom\b|\bwhat (?:were|was) (?:they|he|she) thinking\b",
            (
                r"\bno (?:sane|competent|sensible|serious|self-respecting|decent|half-decent|thinking) (?:\w+ )?(?:WHO|"
                r"team|person) (?:would|does|should|could)\b|\bwhat (?:a|any|every) (?:competent|sane|decent|proper|"
                r"real|good|half-decent) (?:\w+ )?(?:WHO|team) (?:does|would|can|could|should)\b"
            ),
            r"\b(?:ignorance|arrogance|incompetence|laziness|stupidity|recklessness) of (?:how|what|the|our)\b",
            (
                r"\b(?:thought|decided) (?:that )?it (?:was|would be) (?:a |an )?(?:\w+ )?(?:brilliant|great|good|fine|"
                r"clever|smart|bright|wonderful) (?:idea|moment|time) to\b"
            ),
            (
                r"\bover-?confident (?:[\w-]+ ){0,2}?(?:change|deploy\w*|engineer|decision|commit|merge|edit|fix|"
                r"rollout|"
                r"approval)\b|\b(?:too|overly) hasty in\b"
            ),
            (
                r"\b(?:diligence|care|professionalism|rigou?r|standard|attention) (?:that (?:is|was) )?(?:expected|"
                r"required|demanded) (?:of|from|at) (?:A |their |his |her |this |that )?(?:[\w-]+ )?(?:grade|level|"
                r"role|"
                r"rank|WHO|anyone)"
            ),
            (
                r"\b(?:PERSON)\s(?:managed|manages) to (?:miss|break|delete|ignore|test everything|overlook|forget|"
                r"destroy|drop|take down|wipe)\b"
            ),
            (
                r"\b(?:PERSON|WHO) without (?:any |the |proper |adequate |enough |sufficient )+(?:training|"
                r"experience|knowledge|skills?|understanding)\b"
            ),
            (
                r"\bnot (?:doing|done) (?:their|his|her|your) jobs?\b|\b(?:did not|didn['’]t) do (?:their|his|her|"
                r"your) jobs?\b"
            ),
        ),
        hints=(
            (
                r"\b(?:unacceptable|embarrassing|terrible|awful|ridiculous|absurd|appalling|horrible|hasty|hastily|"
                r"naive(?:ly)?)\b(?! bayes)"
            ),
            r"\b(?:simple|trivial|basic|obvious|avoidable) (?:mistakes?|errors?|oversights?)\b",
            (
                r"\bpoor (?:\w+ )?(?:strategy|planning|design|communication|testing|review|quality|practice|choice|"
                r"decision)s?\b"
            ),
        ),
        asserted=True,
    ),
    Family(
        "blame-person-cause",
        "Behind every person who did it stand the conditions that let it happen; naming the person hides them.",
        "name the condition: what let one change, one command or one key press reach users",
        "The outage was caused by the intern's mistake.",
        "One command deletes a volume that is in use, and every account may run it.",
        warns=(
            (
                r"\b(?:caused|triggered|introduced|broken|taken down|brought down|brought about|provoked|deleted|"
                r"destroyed) by (?:A )?(?:[\w-]+ ){0,2}?WHO(?!['’]s?\s(?:laptop|machine|branch|script|account|"
                r"session|key|token|phone|change|deploy))"
            ),
            (
                r"\b(?:because of|thanks to|due to|owing to|down to|attributed to|blamed on|traced (?:back )?to) "
                r"(?:A )?(?:[\w-]+ ){0,2}?(?:WHO|operators?|admins?|managers?)(?:['’]s? (?:\w+ )?FAULT|\s(?:not |"
                r"failing|forgetting|ignoring|neglecting|making)|[.,;!]|\Z)"
            ),
            (
                r"\b(?:caused by|due to|because of|thanks to) (?-i:[A-Z][a-z]{2,11})['’]s (?:\w+ "
                r")?(?:deploy(?:ment)?|change|commit|pull request|pr|merge|push|code|edit|typo|fix|decision)\b"
            ),
            (
                r"\b(?:mistake|fault|error|blame|oversight) (?:was|is) (?:entirely |solely |clearly "
                r")?(?-i:[A-Z][a-z]{2,11})(?:['’]s|s['’])(?!\w| \w)"
            ),
            r"\bcauses? (?:of [\w -]{1,40} )?(?:was|is) (?-i:[A-Z][a-z]{2,11}),? who\b",
            (
                r"\b(?:comes?|came|boils?|boiled) (?:all )?down to (?:A )?(?:[\w-]+ ){0,2}?(?:(?-i:[A-Z][a-z]{1,14}|"
                r"[A-Z][a-z]+-[a-z]+)|WHO)(?:,? who\b|['’]s decision| not having HEEDED\w*| not (?:checking|reading|"
                r"testing|looking|asking|telling))"
            ),
            (
                r"\bbegins? and ends? with (?:A )?(?:[\w-]+ ){0,2}?(?:WHO|[A-Z][\w-]+['’]s (?:decision|choice|change))|"
                r"\bcourtesy of (?:A )?(?:[\w-]+ ){0,2}?WHO|\battributable to (?:A )?(?:[\w-]+ ){0,2}?(?:WHO|"
                r"individual|contributor)"
            ),
            (
                r"\bresponsib(?:le|ility)(?: for [^.;]{1,40})? (?:lies|rests|falls|sits)(?: \w+ly)? (?:with|on) (?:A "
                r")?(?:[\w-]+ ){0,2}?(?:WHO|administrators?|operators?)"
            ),
            r"\b(?:PERSON)\s(?:has|had) (?:cost|ruined|spoiled)\b|\ball thanks to (?:A )?(?:[\w-]+ ){0,2}?WHO",
            r"\bfault of (?:A )?(?:[\w-]+ ){0,2}?(?:WHO|operators?|admins?)",
            r"\b(?:WHO|they)(?:['’]s?|s['’]) (?:own |\w+ ){0,2}?FAULT\b",
            (
                r"\b(?!(?:nobody|no[ -]one|anyone|segment|page|it|that|what|there|who|here)['’])(?:[\w-]+)['’]s "
                r"(?:own |sole |entire )?(?:fault|negligence|carelessness|incompetence|blunder|recklessness|"
                r"laziness)\b(?! (?:tolerance|injection|domain|isolation|model))"
            ),
            (
                r"\b(?:is|was|were|it['’]s) (?-i:[A-Z][a-z]{2,11})(?:['’]s?|s['’]) (?:own |\w+ )?(?:fault|mistake|"
                r"error|oversight)\b"
            ),
            r"\b(?:your|his|her|their) own (?:stupid |\w+ )?(?:fault|mistake|doing)\b",
            (
                r"\b(?:mistakes?|errors?|blunders?|oversights?|slip-?ups?|negligence|carelessness) (?:(?:was |were |"
                r"is )?(?:made|committed) )?(?:by|of|on the part of) (?:A )?(?:[\w-]+ ){0,2}?(?:WHO|operators?|"
                r"admins?)"
            ),
            (
                r"\b(?:PERSON) (?:made|makes|committed) (?:an? |the |some |several |this |that )?(?:[\w-]+ "
                r"){0,2}?(?:mistakes?|errors?|typos?|blunders?|slip)\b"
            ),
            (
                r"\b(?:PERSON) (?:broke|breaks|took down|brought down|knocked out|wrecked|destroyed|messed up|"
                r"screwed up|crashed|killed|caused|is the cause|was the cause|blew)\b"
            ),
            r"\b(?:PERSON|SOMEONE) (?:took|brought) (?:[\w/-]+ ){1,4}down\b",
            (
                r"\b(?:SUBJECT) (?:broke|took down|brought down|wrecked|messed up|screwed up) (?:prod(?:uction)?|"
                r"main|master|everything|the (?:site|build|deploy|release))\b"
            ),
            (
                r"\b(?:SOMEONE) (?!noticed|spotted|fixed|corrected|reported|flagged|identified|discovered|reverted|"
                r"removed|explained|"
                r"mentioned|suspected|detected)(?:\w+ed|ran|put|chose|sent|wrote|set) (?:[\w/-]+ ){0,4}?(?:in|to|on|"
                r"from|against|"
                r"into )?\s?the wrong\b"
            ),
            (
                r"\b(?:root )?causes? (?:BE) (?!not\b|never\b|no\b)(?:that )?(?:A )?(?:(?!not\b|never\b)[\w-]+ "
                r"){0,2}?WHO\b"
            ),
            (
                r"\bcauses? (?:BE) (?-i:[A-Z][a-z]{2,11}(?: [A-Z][a-z]+)?)(?:['’]s)? (?:pushing|merging|approving|"
                r"bypassing|forgetting|deploying|skipping|not |carelessly|editing|deleting|typing|failing to "
                r"(?:check|read|notice|test|tell))"
            ),
            (
                r"\b(?:WHO|whoever [^.,;]{1,60}|they|we all know who) (?:BE|bears?|carr(?:y|ies)|holds?)(?: "
                r"[\w-]+){0,2} (?:responsib(?:le|ility)|accountable|the blame|to blame|at fault|the culprit|guilty|"
                r"liable)(?: (?:for|of) )?"
            ),
            (
                r"\b(?:this|that|it|the \w+)(?: one)? (?:is|was) (?:all |entirely |squarely )?on (?:A )?(?:[\w-]+ "
                r"){0,2}?WHO"
                r"(?!['’]|-)|"
                r"\bcauses? (?:BE) (?!not\b)(?:A )?(?:[\w-]+ ){0,2}?(?:WHO|admins?|operators?|managers?)['’]s? "
                r"(?:\w+ )?"
                r"(?:decision|choice|change|command|mistake|action|failure)|"
                r"\b(?:responsible|to blame|accountable|at fault|guilty) (?:for|of) HARM (?:BE|lies|rests) (?:with |"
                r"on )?(?:A )?WHO"
            ),
            (
                r"\b(?:the )?(?:blame|fault)(?: for [^.;]{1,40})? (?:lies|rests|falls|sits|belongs|is)(?: \w+ly)? "
                r"(?:with|on|to|at)\b(?! (?:the )?(?:system|process|design))"
            ),
            (
                r"\b(?:we|i|they|everyone) (?:\w+ )?blame (?:the )?(?:WHO|[\w-]+ team)|\bculprits?\b(?= (?:BE )(?:A "
                r")?(?:[\w-]+ )?WHO)"
            ),
            (
                r"\bwhoever (?:approved|merged|wrote|deployed|pushed|signed|reviewed|made|ran|deleted|changed|did|"
                r"broke|is responsible|thought)"
            ),
            r"\bWHO (?:single-handedly|alone) ",
            (
                r"\b(?:is|was|were|are) (?:solely|entirely|fully|ultimately|personally) (?:responsible|to blame|at "
                r"fault)\b"
            ),
        ),
        hints=(
            (
                r"\b(?:PERSON) (?:accidentally|mistakenly|inadvertently|erroneously|wrongly|incorrectly|"
                r"unintentionally)\b"
            ),
            r"\b(?:a|the|this|our) (?:\w+ )?mistake\b|\bmistakenly\b|\ban oversight\b",
        ),
        asserted=True,
    ),
    Family(
        "blame-other-team",
        "Blame across a border stops the talk that is needed; there, too, stands a system with its conditions.",
        "say what each side could see, and which interface between them was silent",
        "The payments team still has not fixed the retry storm.",
        "The retry storm has no owner: neither backlog holds it since the split.",
        warns=(
            (
                r"\b(?:TEAM) (?:\w+ly |still |again |once again |simply |just |had |has |have |also |even "
                r"){0,3}(?:hasn['’]t|haven['’]t|have not|has not|not|never|failed to|forgot|refus(?:ed|es) to|"
                r"ignor(?:ed|es)|neglected|dropped the ball|broke|(?:was|were) (?:too )?(?:slow|late|unresponsive|"
                r"unwilling|careless|asleep)|promised|didn['’]t|did not|should(?:n['’]t)? have|could have|let us "
                r"down|never told|keeps? (?:breaking|ignoring|pushing)|misconfigured|overlooked|missed|blamed|took "
                r"too long|is (?:to blame|at fault|responsible for (?:this|the) (?:outage|incident))|caused|made "
                r"(?:a|the|an) (?:\w+ )?(?:mistake|error)|(?:gave|provided|sent|used|wrote|told)(?: [\w-]+){0,3} "
                r"(?:wrong|incorrect|bad|outdated))\b(?! have (?:access|visibility|a |an |any |the|enough)| (?:know|"
                r"aware|able|see|receive|get |been (?:paged|notified|told|informed|alerted|given|added))| (?:paged|"
                r"notified|alerted|aware|involved|affected|impacted))"
            ),
            (
                r"\b(?:because of|due to|thanks to|caused by|fault of|blame) (?:TEAM)(?:['’]s)?(?: FAULT| not| "
                r"failing| ignoring| refusing|[.,;!]|\Z)"
            ),
            (
                r"\b(?:[\w&/-]+ (?:team|squad|department|group)|vendor|provider|supplier)['’]s (?:\w+ )?(?:mistake|"
                r"fault|negligence|carelessness|error|failure|oversight|incompetence|lack of|refusal|problem|mess)\b"
            ),
            (
                r"\b(?:thrown|threw|throw\w*|tossed|lobbed) (?:\w+ ){0,4}over the (?:wall|fence)\b|\bsat on (?:our|"
                r"the|their) (?:[\w-]+ )?"
                r"(?:ticket|request|pull request|patch|bug report|notice|report|warning)s?\b|\b(?:left|let) (?:us|the "
                r"rest of us|everyone else|others) (?:to )?(?:clean|mop|pick up|deal)\b|"
                r"\bnot our (?:fault|problem|mistake|job)\b|\b(?:thrown|threw|throw\w*) (?:it |this )?over the "
                r"(?:wall|fence)\b|\bas usual,? (?:the )?[\w-]+ (?:team|people|folks)"
            ),
        ),
    ),
)
