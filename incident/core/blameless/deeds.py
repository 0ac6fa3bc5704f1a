"""What somebody did, or did not do: should have, failed, did not follow, did not check."""

from __future__ import annotations

from incident.core.blameless.family import Family

DEEDS: tuple[Family, ...] = (
    Family(
        "blame-should-have",
        "What somebody should have done is known only afterwards; it explains nothing about what happened.",
        "say what was visible then, and what would have shown it sooner",
        "The engineer should have noticed the error rate.",
        "The error rate stood on a dashboard that no alert leads to.",
        warns=(
            (
                r"(?<!ing )(?<!ing a )(?<!ing an )(?<!ing the )(?:PERSON)\s(?:\w+ly )?(?:should|could|ought to|"
                r"might)(?:n['’]t| not| never)?(?: \w+ly)?(?: have|['’]ve)\b(?! (?:access|an? |the |at least|no |"
                r"more |enough|permission|their |all |already)| been (?:paged|notified|alerted|called|given|able|"
                r"informed|added|assigned|told|reached|affected|impacted))"
            ),
            (
                r"(?:SUBJECT)\s(?:should|could)(?: easily)? have (?:prevented|avoided|stopped|caught)(?: "
                r"[\w-]+){1,4} by (?:reading|running|checking|testing|asking|looking|following|paying|waiting|"
                r"telling|being|simply|just)\b"
            ),
            (
                r"(?<!so )(?<!so that )(?:SUBJECT)\s(?:should|ought to)(?:n['’]t| not| never)?(?: have|['’]ve) "
                r"(?:\w+ly )?ONLY_PEOPLE"
            ),
            r"\bif only (?:A )?(?:[\w-]+ )?(?:SOMEONE)\b",
            (
                r"\b(?:any|every)(?:one|body) (?:with|who) [^.,;]{3,40} (?:would|should|could) (?:have|know)\b|"
                r"\b(?:PERSON)\s(?:needed|ought|had) to (?:[\w-]+ ){1,6}(?:sooner|earlier|faster|more quickly|more "
                r"carefully)\b"
            ),
            (
                r"\b(?:if|unless) (?:A )?(?:[\w-]+ )?(?:PERSON) (?:had|hadn['’]t|would have)(?: \w+ly| not| only)? "
                r"(?!access|been|an? |the |more |no |any |enough|better )\w+"
            ),
            (
                r"(?:\bhad (?:A )?(?:[\w-]+ )?(?:PERSON)|(?:\A|[,;:.] |\b(?:and|but) )had (?-i:[A-Z][a-z]{2,14})) "
                r"(?:not |"
                r"only |\w+ly |simply |just )?(?:HEEDED\w*|known|been more|taken (?:\w+ ){1,3}to|taken (?:the time|"
                r"care)|"
                r"followed|waited)"
            ),
            (
                r"(?:\A|[,;:.] |\b(?:and|but) )had (?:A )?(?:[\w-]+ ){0,2}?(?:WHO) (?:not |only |\w+ly )?"
                r"(?!access|been|an? |the |more |no |any |enough|better )\w+"
            ),
            (
                r"\b(?:if|unless) (?-i:[A-Z][a-z]{1,14}(?:-[A-Za-z][a-z]+)?) (?:had|hadn['’]t)(?: \w+ly| not| only)? "
                r"(?:ONLY_PEOPLE|taken (?:the time|a (?:moment|minute|second|look)|more care)|waited for|followed the)"
            ),
            r"\b(?:a )?(?:moment|second|minute)['’]?s? (?:of )?(?:thought|attention|care) (?:by|from|on the part of)\b",
            (
                r"\b(?:reasonable|fair|not too much) to (?:expect|ask)(?: (?:of|from|that))? (?:A )?(?:[\w-]+ ){0,2}?"
                r"WHO|\b(?:too much|a lot) to (?:ask|expect) (?:of|from) (?:A )?(?:[\w-]+ ){0,2}?WHO"
            ),
            (
                r"\b(?:any|every|an? (?:more|better|less)) (?:\w+ )?(?:competent|experienced|careful|attentive|"
                r"diligent|skilled|qualified|reasonable|decent|sane|sensible|senior|qualified|good|half-decent) "
                r"[\w-]+(?: \w+)? (?:would|should|could|knows)\b"
            ),
            (
                r"\b(?:should|ought to|must)(?:n['’]t| not| never) have been (?:rushed|approved|waved|trusted|"
                r"signed|let|hired)\b"
            ),
            (
                r"\bshould(?:n['’]t)? have been (?:\w+ed|caught|seen|read|known|done|run)(?: \w+){0,3} by (?:A "
                r")?(?:[\w-]+ )?WHO"
            ),
            r"\b(?:PERSON) (?:BE) (?:supposed|meant|expected) to (?:have )?HEEDED",
            r"\bshould have known better\b|\bought to have known\b|\bknew better\b",
        ),
    ),
    Family(
        "blame-failed",
        "It measures a person against a sentence that was written afterwards; the next person will do the same.",
        "say what got in the way: what was not shown, not reachable, not known",
        "The engineer forgot to run the migration.",
        "Nothing runs the migration on a deploy, and nothing stops a deploy that lacks it.",
        warns=(
            r"\b(?:PERSON)\s(?:fail(?:ed|s|ing)? to|failing to)\b(?! KEPT_OUT)",
            (
                r"\b(?:PERSON)\s[^.,;:!?]{2,60}?,? (?:and|but|then) (?:still |then |simply |just |also |yet )?(?:did "
                r"nothing|forgot|ignored|shrugged|walked away|neglected|overlooked|left it|carried on regardless|"
                r"failed "
                r"to(?! KEPT_OUT))\b"
            ),
            (
                r"\b(?:PERSON)\s(?:chose|decided|elected|opted|preferred) (?:not )?to (?:disregard|ignore|skip|bypass|"
                r"overlook|dismiss)\b|\b(?:PERSON)\s(?:did not|didn['’]t) see fit to\b|\b(?:PERSON)\s(?:shrugged|"
                r"mistook|dithered|dawdled|procrastinated|slacked|wandered off|got distracted|took (?:a|the|his|her|"
                r"their) (?:usual )?shortcuts?|sat on|dragged (?:\w+ )?(?:feet|heels))\b"
            ),
            (
                r"\b(?:SUBJECT)\s(?:overlooked|misread|misjudged|misheard|mistook|wandered off|got distracted|dithered|"
                r"procrastinated|panicked|guessed wrong|sat on (?:it|the|our|their|his|her)|dragged (?:his|her|their|"
                r"its) (?:feet|heels)|had(?:n['’]t| not) (?:a|the faintest|any) (?:clue|idea))\b"
            ),
            r"\b(?:PERSON|TEAM)\s(?:BE) nowhere to be (?:found|seen)\b",
            r"\bfinally (?:gets?|got|getting) (?:round|around) to\b|\bfinally (?:bothered|deigned|condescended)\b",
            r"\b(?:had|could|can|did)(?:n['’]t| not| \w+){0,2} (?:be )?bother(?:ed)? to\b(?! (?:you|us|me|customers))",
            (
                r"\b(?:misjudge?ment|inattention|inattentiveness|haste|impatience|ignorance|arrogance|inexperience|"
                r"over-?confidence|forgetfulness|unwillingness|refusal|failure|indifference) (?:by|of|on the part of) "
                r"(?:A )?(?:[\w-]+ ){0,2}?WHO"
            ),
            (
                r"\b(?:PERSON|WHO)['’]s? (?:slow|sluggish|late|delayed|botched|clumsy|hasty|rash|poor|lax|half-hearted|"
                r"lacklustre) (?:\w+ )?(?:response|reaction|reply|handling|decision|work|judge?ment|review|testing|"
                r"effort|communication)\b"
            ),
            r"\bfailure (?:of|by) (?:A )?(?:[\w-]+ )?WHO(?: \w+){0,3} to\b|\bWHO['’]s? failure to\b",
            (
                r"\b(?:PERSON)\s(?:was |were )?(?:forg[eo]t(?:s|ten|ting)?|neglect(?:ed|s|ing)?|omitted|"
                r"disregard(?:ed|ing)?|ignor(?:ed|es|ing)|overlook(?:ed|s|ing)|miss(?:ed|es)|dismissed|misread|"
                r"misjudged|misdiagnosed|misinterpreted|misunderstood|mixed up|mishandled|mistyped|misconfigured|"
                r"botched|bungled|fumbled|overslept|slept through|fell asleep|lost (?:track|focus)|refused|rushed|"
                r"dropped the ball|chose to ignore|gave up|panicked|guessed)\b"
            ),
            (
                r"\b(?:PERSON)\s(?:keeps?|kept) (?:ignoring|forgetting|making|missing|skipping|breaking|pushing|"
                r"overlooking)\b"
            ),
            (
                r"\blet down by (?:A )?(?:[\w-]+ )?(?:WHO|TEAM)|\b(?:TEAM), (?:who|which) (?:never|did not|"
                r"didn['’]t|failed|refused|ignored|forgot)\b"
            ),
            (
                r"\b(?:SUBJECT)\s(?:mistyped|misspelled|fat-?fingered)\b|\b(?:PERSON)\stook (?:forever|ages)\b|"
                r"\b(?:PERSON)(?: who [^,;.!?]{3,40})?\shad no (?:idea|clue)\b"
            ),
            r"\b(?:PERSON)\s(?:gave|provided|sent|told)(?: [\w-]+){0,3} (?:wrong|incorrect|bad|outdated|false)\b",
            (
                r"\b(?:SUBJECT)\sfailed to (?:tell|ask|mention|inform|communicate|double-check|announce|document|"
                r"escalate|warn|"
                r"follow|review|proofread|consult|read the|think|realise|realize)\b|"
                r"\b(?:SUBJECT)\s(?:typed|clicked|pasted|entered|picked|merged|pushed|approved|copied) (?:\w+ )?the "
                r"wrong\b"
            ),
            (
                r"\b(?:SUBJECT)\s(?:forgot(?:ten)? (?:to|about|that)|neglected to|dropped the ball|slept through|"
                r"overslept|(?:could not|couldn['’]t) be bothered|(?:did not|didn['’]t|never) bother|fell asleep|"
                r"ignored (?:the|an?|all|our|several|every|repeated|his|her) (?:[\w-]+ ){0,2}(?:alerts?|pages?|"
                r"warnings?|run-?books?|advice|canary|graphs?|dashboards?|concerns?|procedures?|signs?|e-?mails?|"
                r"messages?))\b"
            ),
            (
                r"\b(?:PERSON)\s(?:BE) (?:n['’]t|not) (?:paying|watching|looking|careful|listening|focus\w*|"
                r"diligent|attentive|vigilant)\b"
            ),
            (
                r"\b(?:PERSON)\s(?:wasn|weren)['’]t (?:paying|watching|looking|careful|listening|focus\w*|diligent|"
                r"attentive|vigilant)\b"
            ),
            (
                r"\b(?:PERSON)\s(?:BE) (?:far |way |much )?(?:too (?:slow|hasty|lazy|tired|proud|busy|confident|"
                r"eager|impatient|quick|careless)|slow to|late to|unwilling|oblivious|distracted)\b"
            ),
            (
                r"\b(?:SUBJECT)\s(?:BE) (?:far |way |much |simply |just )?too (?:tired|lazy|careless|hasty|proud|"
                r"impatient|distracted|inexperienced)\b"
            ),
            (
                r"\bwhoever [^.,;]{1,40} (?:did nothing|should|forgot|failed|missed|ignored|did not|didn['’]t)\b|"
                r"\brubber-?stamp(?:ed|ing)\b"
            ),
            (
                r"\b(?:PERSON)\s(?:push|merg|deploy|shipp?|releas|committ?)ed (?:an? |the |some )?(?:untested|"
                r"unreviewed|broken|bad|buggy|half-finished|faulty)\b"
            ),
            (
                r"\b(?:PERSON)\s(?:took|waited|spent) (?:far |way |much )?too long\b|\b(?:PERSON)\swasted\b|"
                r"\b(?:PERSON)\s(?:did|do|does) nothing\b"
            ),
            r"\b(?:ignored|overlooked|missed|forgotten|neglected|dismissed|skipped) by (?:A )?(?:[\w-]+ )?WHO",
            (
                r", who (?:\w+ly )?(?:(?:merged|pushed|deployed|approved|ran) (?:\w+ )?without|broke|rushed|forgot|"
                r"ignored|neglected|failed to|missed|skipped|did not HEEDED|didn['’]t HEEDED)"
            ),
            r"\basleep (?:at the wheel|on the job)\b|\bdropped the ball\b|\bslept through\b",
        ),
        deed=True,
    ),
    Family(
        "blame-procedure",
        "A procedure that is passed by does not fit the work; asking why mends it, naming the breach does not.",
        "say what the procedure asked for, and what made another way the sensible one",
        "The release manager did not follow the procedure.",
        "The procedure takes 40 minutes, and a hotfix has no shorter way.",
        warns=(
            (
                r"\b(?:NOT|failed to|refused to|neglected to) (?:properly |correctly |fully |even )?(?:follow|"
                r"adhere to|comply with|abide by|stick to|respect|observe|obey)(?:ed|ing|s)? (?:the |our |any |"
                r"proper |established |standard |correct |normal |his |her |their )*(?:[\w-]+ ){0,3}?RULES\b"
            ),
            (
                r"\bRULES (?:BE|had been|has been) (?:not|n['’]t|never|simply not) (?:properly |fully |correctly "
                r")?(?:followed|adhered|respected|observed|complied)"
            ),
            r"\bRULES (?:was|were)n['’]t (?:properly )?(?:followed|adhered|respected|observed)",
            (
                r"\b(?:PERSON)\s(?:violat(?:ed|ing)|by-?pass(?:ed|ing)|circumvent(?:ed|ing)|skipp(?:ed|ing)|"
                r"br(?:oke|eaking)|disregard(?:ed|ing)|ignor(?:ed|ing)|deviat(?:ed|ing) from|went (?:against|"
                r"around)|worked around|cut corners|flouted|sidestepped|evaded|disobeyed)\b(?= (?:[\w-]+ "
                r"){0,4}?(?:RULES|gates?|protection|checks?|canary|tests?|safeguards?|process|controls?)\b|\W|\Z)"
            ),
            (
                r"\b(?:SUBJECT) (?:violated|circumvented|by-?passed|flouted|skipped) (?:the |our |all |every "
                r")(?:[\w-]+ ){0,3}?RULES\b"
            ),
            (
                r"\b(?:PERSON) (?:\w+ed|ran|made|pushed|put|took|went)(?: [\w-]+){0,6} despite (?:the |a |our |"
                r"clear |several |repeated )*(?:[\w-]+ )?(?:freeze|warnings?|polic(?:y|ies)|rules?|alerts?|advice|"
                r"instructions?|objections?)\b"
            ),
            (
                r"\bin (?:direct |clear )?(?:violation|breach|defiance) of (?:[\w-]+ ){0,4}?RULES\b|\bcut(?:ting)? "
                r"corners\b"
            ),
            (
                r"\b(?:PERSON) (?:\w+ed|ran|made|pushed|put|took|went)(?: [\w-]+){0,6} without (?:any |proper |"
                r"prior |a |the )?(?:[\w-]+ )?(?:approval|permission|authori[sz]ation|review|sign-?off|testing|"
                r"tests|a second pair|consent|following|clearance|notice)\b"
            ),
            (
                r"\b(?:contrary to|in disregard of|with no regard (?:for|to)|against) (?:the |our |all |clear |every |"
                r"his |her |their |written )*(?:[\w-]+ )?(?:polic(?:y|ies)|rules?|procedures?|advice|guidance|"
                r"instructions?|protocol|orders),? (?:A )?(?:[\w-]+ ){0,2}?(?:SUBJECT)"
            ),
            (
                r"\brules (?:do not|don['’]t|did not|didn['’]t) apply to (?:him|her|them|anyone)\b|\b(?:PERSON)\s"
                r"(?:thinks|thought|believed|believes|decided|felt) (?:that )?(?:the |our |that )?(?:RULES|checks?|"
                r"tests?|"
                r"rules) (?:\w+ )?(?:BE|were) (?:optional|beneath|for others|unnecessary|a waste)\b"
            ),
            (
                r"\b(?:PERSON) (?:had no business|was not (?:allowed|authori[sz]ed|supposed)|wasn['’]t (?:allowed|"
                r"authori[sz]ed|supposed)|acted (?:alone|on (?:his|her|their) own)|went rogue|took it upon)\b"
            ),
        ),
        hints=(r"\bwithout (?:proper |prior |any )?(?:approval|permission|authori[sz]ation|sign-?off)\b",),
    ),
    Family(
        "blame-did-not-check",
        "Nobody looks at everything; why it did not look worth checking is the finding.",
        "say what would have led a person there, and what led elsewhere",
        "The reviewer did not read the plan.",
        "The plan showed 14 deletions below the fold of the log.",
        warns=(
            (
                r"\b(?:WHO)(?: (?:who|that) [^,;.!?]{3,40})(?: \w+ly)? (?:did not|didn['’]t|never|had not|"
                r"hadn['’]t)(?: \w+ly| even)? HEEDED\w*"
            ),
            (
                r"\b(?:PERSON)\s(?:NOT|wasn['’]t|weren['’]t)(?: \w+ly| even| once)? "
                r"HEEDED\w*(?![^.!?]{0,80}\b(?:because|since|as the|due to|so that)\b)"
            ),
            r"\b(?:SUBJECT)\s(?:did not|didn['’]t|never|hadn['’]t|had not)(?: \w+ly| even| once)? ONLY_PEOPLE",
            (
                r"\b(?:nobody|no[ -]one|none of (?:them|the \w+))(?: \w+ly| ever| even| else| in the \w+| on the "
                r"\w+(?: \w+)?)?(?: has| had| was| were)? (?:noticed|notices|checked|checking|read|looked|looking|"
                r"verified|tested|reviewed|reali[sz]ed|spotted|thought|considered|asked|told|informed|warned|"
                r"followed|watching|watched|paying|paid|bothered|cared|remembered|caught|questioned|took ownership|"
                r"took the time|acted|reacted|raised|escalated|updated)\b(?![^.!?]{0,80}\b(?:because(?! apparently)|"
                r"since|as the|"
                r"due to|so that)\b)"
            ),
            (
                r"\b(?:PERSON)\s(?:NOT) (?:really |fully |even )?(?:understand (?!why\b)(?:what|how|the|it|\Z|"
                r"[.,;])|understand(?=[.,;]|\Z)|know what (?:they|he|she) (?:was|were) doing)"
            ),
            (
                r"\b(?:PERSON) (?:\w+ed|ran|made|pushed|put|took)(?: [\w-]+){0,6} without (?:even )?(?:checking|"
                r"testing|reading|asking|telling|thinking|looking|verifying|reviewing|notifying|informing|waiting|"
                r"reali[sz]ing|consulting|understanding|announcing|considering|bothering)\b"
            ),
        ),
        hints=(
            r"\b(?:BE|and|but) (?:simply |just )?(?:overlooked|forgotten|missed|ignored)(?=[.,;]|\Z| by | in | for )",
            r"\b(?:PERSON)\s(?:NOT|wasn['’]t|weren['’]t)(?: \w+ly| even)? (?:HEEDED|acknowledg|answer|respond)\w*",
            r"\b(?:nobody|no[ -]one)(?: \w+ly| ever)? (?:noticed|checked|looked|read|tested|knew|saw)\b",
        ),
    ),
)
