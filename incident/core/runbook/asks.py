"""Does a sentence ask its reader to do or check something? Judged by its words, in English."""

from __future__ import annotations

import re
from functools import lru_cache

CHECKS = frozenset(
    {"verify", "check", "confirm", "ensure", "validate", "monitor", "watch", "double-check", "recheck", "re-check",
     "observe"}
)  # fmt: skip

_VERBS = CHECKS | frozenset(
    """
    abort accept acknowledge activate add adjust allow analyse analyze announce apply approve archive ask assess
    assign attach attempt authenticate backup begin block bounce bring browse build bump call cancel capture
    change choose clean clear click clone close collect compare complete commit compute configure connect consider
    consult contact contain continue convert coordinate copy cordon correct correlate count create cut
    deactivate debug decide declare decommission decrease decrement deep define delete deploy describe destroy detach
    determine diagnose dig disable discard disconnect discuss display document download drain drop dump
    edit eliminate email enable encrypt engage enter escalate escape establish estimate evaluate evict examine
    execute exit expand export extend extract failover fetch fill filter find finish fix flush follow force
    gather generate get give go grab grant grep halt handle hit identify ignore implement import include
    increase increment inform initiate inspect install invalidate investigate invite invoke isolate issue join
    keep kill label launch leave let limit list load locate lock log login look lower mark measure
    merge migrate mitigate modify mount move navigate notify obtain open optimise optimize order override page
    pass paste patch pause perform pick pin ping place plan post prepare press prevent prioritise
    prioritize proceed promote prompt provide provision prune pull purge push put query quiesce raise re-apply
    re-create re-deploy re-enable re-run re-sync re-try reach read reassign rebalance reboot rebuild recalculate
    recommission reconcile reconfigure reconnect record recover recreate redeploy redirect reduce refresh
    regenerate register reindex reinstall reissue reject rejoin release reload remediate remove rename renew
    repair repeat replace replay report reproduce request requeue rerun reschedule reset resize resolve resource
    respond restart restore resume resync retire retrieve retrigger retry return revert review revoke roll
    rollback rotate route run save scale scan schedule scroll search select send separate set setup shift shut
    sign silence simulate skip snapshot specify spin split ssh start stop store submit subscribe suspend
    swap switch sync tag tail take talk tell terminate test throttle toggle trace track transfer triage trigger
    troubleshoot truncate try tune turn type unassign unblock uncordon uninstall unlock unmount
    unpause unset untaint update upgrade upload upscale use vacuum verify view visit wait wipe work write zoom
    """.split()  # noqa: SIM905 - a table of words reads better so
)
# Verbs that more often begin a noun phrase: they ask only when an object follows.
_NOUNS = frozenset(
    """
    access backup block build call cause change count cut debug document email export failover
    filter force host import issue label limit list load lock log login monitor order page
    patch place post process prompt pull query record release report request reset resource
     return review roll rollback route scan schedule search set setup shift sign silence snapshot
    split store tail test track transfer triage trigger type view watch
    work write
    """.split()  # noqa: SIM905 - a table of words reads better so
)
_OBJECT = re.compile(
    r"(?:the|a|an|any|all|your|this|that|these|those|each|every|our|its|it|them|to|in|into|on|off|out|up|down|for|at|by"
    r"|with|through|from|over|if|whether|which|what|who|how|more|some|one|and|as|via|back|again|only|recent|other|both|new|old"
    r"|affected|related|manually|between|against|□|[<\"'`#@(]|https?:)"
    r"|[A-Z]|\d"
)
_LEAD = re.compile(
    r"(?:please|then|next|now|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|lastly|also|and|or|but|so|alternatively"
    r"|otherwise|instead|afterwards?|additionally|optionally|again|still|just|simply|safely|carefully|immediately|quickly"
    r"|always|try and|if (?:needed|necessary|so|not(?=,)|possible|applicable|yes|no|required)|step \d+|option \d+|tip"
    r"|manually"
    r"|here'?s how|for example|e\.g\.|i\.e\.|in (?:this|that|such) (?:a )?cases?|to do (?:this|so|that)|at this point"
    r"|it is worth noting that|go ahead and|feel free to|do not forget to|don'?t forget to|remember to|further)"
    r"\b[,:]?\s+",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:if|when|once|after|before|while|for|in|on|at|from|to|with|using|via|as|since|because|depending|unless|until|by"
    r"|during|under|within|through|following|given|where|assuming|should|without|based|instead|rather|otherwise)\b"
    r"[^,]{0,300}?(?:\bthen,|,|\bthen\b)\s*",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"(?:you|we|one|they)(?:'ll|’ll|'d|’d)?\s+(?:also\s+|then\s+|now\s+|first\s+)?"
    r"(?P<modal>can|could|should|must|may|might|will|need|have|want|would|are going)?\s*"
    r"(?:also\s+|then\s+|now\s+|first\s+|always\s+|still\s+|safely\s+|either\s+|simply\s+|just\s+|usually\s+)*"
    r"(?:need to\s+|have to\s+|want to\s+|like to\s+|be able to\s+|to\s+)*"
    r"(?P<verb>[\w-]+)",
    re.IGNORECASE,
)
_OBLIGES = re.compile(
    r"(?:(?:you'll\s+)?need to|must|make sure|be sure|it is (?:highly |strongly )?recom+ended|it'?s (?:best|better) to"
    r"|the (?:first|next|last) (?:step|thing) is to|a good (?:start|place to start) is|start by|try\b|consider\b)",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"if (?:you|the|this|none|all|nothing|it)\b[^,]{1,200},\s*(?:please\s+|then\s+)?"
    r"(?:see|contact|refer|open a (?:support )?(?:case|ticket)|log in to)\b"
    r"|if (?:you|the|this|none|all|nothing|it)\b.{0,200}\bopen a (?:support )?(?:case|ticket)\b"
    r"|if you (?:cannot|can't|can not|are (?:unable|not able)|still|need (?:more|further)"
    r"|have (?:any )?(?:question|further))"
    r"|for (?:more|further|additional) (?:info|detail|help)",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"(?:see|see also|refer|refers|read more|more (?:info|detail)|note|notes|nb|warning|caution|important)\b",
    re.IGNORECASE,
)

_PLEASE = re.compile(r",\s+please\s+", re.IGNORECASE)
_NOT_ASKING = re.compile(r"(?:note that|by following|note:|todo\b|tbd\b|n/a\b|\[!|<%|\{\{|briefly\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\s[-–—]\s")
CONDITION = re.compile(r"(?:if|when|whenever|unless|in case|otherwise|else|should)\b", re.IGNORECASE)
_AND_ANOTHER = re.compile(r", ([a-z-]+)")  # commit, push and merge
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")


@lru_cache(maxsize=4_096)
def asks(spoken: str, *, strictly: bool = False, for_help: bool = False) -> bool:
    """Whether a paragraph asks for something; `strictly`: only as an order; `for_help`: to turn to others counts."""
    if _NOT_ASKING.match(spoken) or (_FOOTER.match(spoken) and not for_help) or spoken.endswith("?"):
        return False
    return any(_sentence_asks(sentence, strictly) for sentence in _SENTENCE.split(spoken)[:40])


def is_check(spoken: str) -> bool:
    """Whether what is asked is to verify something."""
    for sentence in _SENTENCE.split(spoken)[:2]:
        for start in _starts(sentence):
            first = _WORD.match(start)
            if first and (first[0].lower() in CHECKS or start.lower().startswith("make sure")):
                return True
            if first and first[0].lower() in _VERBS:
                return False
    return False


def _starts(sentence: str) -> list[str]:
    """Where the main clause of a sentence may begin: behind its lead-ins and behind each leading clause."""
    starts = []
    rest = sentence.strip().lstrip("*_-•>\"'([ ")
    for _ in range(5):
        starts.append(rest)
        shorter = _LEAD.sub("", rest, count=1) if _LEAD.match(rest) else rest
        if shorter == rest:
            shorter = _CLAUSE.sub("", rest, count=1) if _CLAUSE.match(rest) else rest
        if shorter == rest:
            break
        rest = shorter
    if please := _PLEASE.search(sentence):
        starts.append(sentence[please.end() :])
    return starts


def _sentence_asks(sentence: str, strictly: bool) -> bool:
    return any(_clause_asks(start, strictly) for start in _starts(sentence) if start)


def _clause_asks(clause: str, strictly: bool) -> bool:
    if _POINTER.match(clause):
        return False
    if _OBLIGES.match(clause):
        return not strictly or not clause.lower().startswith(("it ", "it'", "the ", "a "))
    first = _WORD.match(clause)
    if first is None:
        return False
    word = first[0].lower()
    if word in _VERBS:
        behind = clause[first.end() :].lstrip()
        if not clause[first.end() :][:1].isspace():
            following = _AND_ANOTHER.match(clause, first.end())
            if following and following[1].lower() in _VERBS:
                return True
            return not behind.strip(".:;!") and word not in _NOUNS
        return word not in _NOUNS or bool(_OBJECT.match(behind))
    if strictly:
        return False
    should = _SHOULD.match(clause)
    return bool(should) and _modal_asks(should) if should else False


def _modal_asks(found: re.Match[str]) -> bool:
    verb = found["verb"].lower()
    modal = (found["modal"] or "").lower()
    if verb in ("see", "expect"):
        return modal == "should"
    return modal not in ("", "will", "would", "have") and verb in _VERBS
