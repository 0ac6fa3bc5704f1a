"""Everything you can do, in one table: keys, footer, palette, help page and README come from here."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

# Textual's names of keys, and how people write them.
_WRITTEN = {
    "enter": "enter",
    "space": "space",
    "escape": "esc",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "full_stop": ".",
    "dollar_sign": "$",
    "exclamation_mark": "!",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "minus": "-",
    "comma": ",",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "ctrl+r": "ctrl+r",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do on one or more screens."""

    id: str  # the screen's method is action_<id>
    keys: tuple[str, ...]  # the first one is shown
    name: str  # for the footer and the palette
    help: str  # one sentence
    where: tuple[str, ...]  # screens
    foot: int = 0  # place in the footer, from 1; 0: not there
    changes: bool = False  # may change something outside; read-only mode takes it away

    @property
    def key(self) -> str:
        """The key as people write it."""
        return written(self.keys[0])


def written(key: str) -> str:
    """A key as people write it."""
    return _WRITTEN.get(key, key)


ALERTS, RESPOND, READING, TIMELINE, REVIEW = "alerts", "respond", "reading", "timeline", "review"
SIGNALS = "signals"
CHANGES = "changes"
DRILLS = "drills"  # the list of drills, before the console begins
REPLAY = "replay"  # a past incident, turn after turn
EVERYWHERE = (ALERTS, RESPOND, READING, TIMELINE, REVIEW, SIGNALS, CHANGES)
IN_INCIDENT = (RESPOND, TIMELINE, REVIEW)
IN_SECTIONS = (RESPOND, READING)

ACTIONS: tuple[Action, ...] = (
    Action("respond", ("enter",), "respond", "Open the incident of this alert and its runbook.", (ALERTS,), 1),
    Action("show_new", ("full_stop",), "show new", "Put what is new into the list, in order.", (ALERTS,), 2),
    Action("filter", ("slash",), "filter", "Show only rows that hold these words.", (ALERTS, TIMELINE, CHANGES), 3),
    Action("incidents", ("i",), "incidents", "Go back to an incident that is open.", (ALERTS,), 4),
    Action("read", ("v",), "read", "Read the runbook as it is written.", (RESPOND,)),
    Action("search", ("slash",), "search", "Find words in the runbook.", (READING,), 1),
    Action("next_match", ("n",), "next match", "Go to the next place that holds the words.", (READING,), 2),
    Action("previous_match", ("N",), "match before", "Go to the place before that holds the words.", (READING,)),
    Action("edit", ("e",), "edit", "Open the runbook in $EDITOR at this line.", (RESPOND, READING), changes=True),
    Action("pick_runbook", ("b",), "runbook", "Open another runbook in this incident.", (RESPOND,)),
    Action("budget", ("B",), "budget", "Show the error budget: what is left, how fast it goes, go or no go.",
           (ALERTS, RESPOND)),
    Action("signals", ("m",), "signals", "Show the golden signals over time.", (ALERTS, RESPOND)),
    Action("longer", ("right_square_bracket",), "longer", "Show more time: 30m, 3h, 24h, 7d.", (SIGNALS,), 1),
    Action("shorter", ("left_square_bracket",), "shorter", "Show less time.", (SIGNALS,)),
    Action("compare", ("w",), "compare", "Beside it the same time yesterday, last week, or nothing.", (SIGNALS,), 3),
    Action("promql", ("v",), "PromQL", "Show every query that was sent, word for word.", (SIGNALS,), 4),
    Action("take_start", ("M",), "take start", "Take the start that the data show, with its evidence.", (RESPOND,)),
    Action("take_start", ("M",), "take start", "Take it as the incident's start, with its evidence.", (SIGNALS,), 5),
    Action("details", ("v",), "details", "Show everything known of this alert.", (ALERTS,), 5),
    Action("before", ("L",), "last time", "Open the post-mortem of the last incident with this alert.", (ALERTS,)),
    Action("play_drill", ("D",), "drill", "Leave this screen and choose a drill to play.", (ALERTS,)),
    Action(
        "act", ("enter",), "run", "Do what stands here: read and run the command, take this way, tick.", (RESPOND,), 1,
    ),
    Action("tick", ("space",), "tick", "Tick the step, or take its tick back.", (RESPOND,), 2),
    Action("rewrite", ("e", "enter"), "edit", "Edit the part under the cursor; it is kept in the exported file.",
           (REVIEW,), 1),
    Action("next_section", ("right_square_bracket",), "next TODO", "Go to the next TODO, or what is to be reworded.",
           (REVIEW,), 4),
    Action("previous_section", ("left_square_bracket",), "TODO before",
           "Go to the TODO before, or what is to be reworded.", (REVIEW,)),
    Action("open_file", ("E",), "in $EDITOR", "Open the exported file in $EDITOR at this line.", (REVIEW,), 2),
    Action("allow", ("A",), "allow", "Leave the finding under the cursor in place, with a reason.", (REVIEW,)),
    Action("measure", ("M",), "measure", "Ask Prometheus for the impact, and put the numbers on the timeline.",
           (REVIEW,)),
    Action("note", ("n",), "note", "Write a note; in front a time (-5m, 03:07), or @ for this step.", IN_INCIDENT, 3),
    Action("next_section", ("right_square_bracket",), "next part", "Go to the next section.", IN_SECTIONS, 4),
    Action("previous_section", ("left_square_bracket",), "part before", "Go to the section before.", IN_SECTIONS),
    Action("export", ("x",), "export", "Write the post-mortem draft to a file.", IN_INCIDENT, 5),
    Action("skip", ("minus",), "skip", "Mark the step as skipped.", (RESPOND,)),
    Action("not_applicable", ("N",), "not applicable", "Mark the step as not applicable.", (RESPOND,)),
    Action("finding", ("f",), "finding", "Write down what you believe.", IN_INCIDENT),
    Action("decision", ("d",), "decision", "Write down what was decided.", IN_INCIDENT),
    Action("update", ("u",), "update",
           "Read an update, then send, copy or edit it; without a webhook, copy it and write one down.", IN_INCIDENT),
    Action("milestone", ("exclamation_mark",), "milestone",
           "Accept what the signals propose, or say when it started, was mitigated, was resolved.", IN_INCIDENT),
    Action("escalation", ("E",), "whom to tell", "Who is to be told when, and the message for them.", (RESPOND,)),
    Action("join", ("J",), "joined", "Say who joined, with a role; take the lead that was given to you.",
           (RESPOND, TIMELINE)),
    Action("handover", ("h",), "handover", "Read and copy the note for whoever takes over; give or take the lead.",
           (RESPOND, TIMELINE)),
    Action("type_command", ("dollar_sign",), "type a command", "Run a command that stands in no runbook; :! does too.",
           (RESPOND,)),
    Action("attach", ("A",), "attach", "Count the last command you typed to this step.", (RESPOND,)),
    Action("stop_command", ("S",), "stop", "Stop the running command and everything it started.", (RESPOND,)),
    Action("copy", ("y",), "copy", "Copy what stands here: the command, the row, the link.", EVERYWHERE),
    Action("undo", ("z",), "undo", "Take back the last tick or choice, by a new event.", (RESPOND,)),
    Action("timeline", ("t",), "timeline", "Show the whole timeline.", (RESPOND, REVIEW)),
    Action("review", ("p",), "post-mortem", "Show the post-mortem as it would be exported now.", (RESPOND, TIMELINE)),
    Action("correct", ("c",), "correct", "Correct the row: its words, its time; the original stays in the log.",
           (TIMELINE,), 1),
    Action("fold", ("o",), "fold", "Fold bookkeeping and what repeats, or show every row.", (TIMELINE,), 2),
    Action("unfold", ("enter",), "unfold", "Show the rows that stand as one here.", (TIMELINE,)),
    Action("kinds", ("K",), "kinds", "Show only rows of one kind.", (TIMELINE,)),
    Action("go_to", ("T",), "go to time", "Go to a time: 03:07, -20m, fri 23:50.", (TIMELINE,)),
    Action("link", ("l",), "link", "Put an address on the timeline as evidence.", (TIMELINE,)),
    Action("sample", ("E",), "evidence", "Ask the signals now and put their values on the timeline.", (TIMELINE,)),
    Action("redact", ("X",), "redact", "Take what stands in the row off the disk for good.", (TIMELINE,)),
    Action("next_pane", ("tab",), "next pane", "Go between the checklist, the side and the output.", (RESPOND,)),
    Action("changes", ("c",), "changes", "Show what changed, and how near it was.", (ALERTS, RESPOND)),
    Action("change_details", ("enter",), "details", "Show everything known of this change.", (CHANGES,), 1),
    Action("put_on_timeline", ("space",), "record", "Put this change onto the incident's timeline.", (CHANGES,), 2),
    Action("open_link", ("o",), "open link", "Open its page; where no browser opens, copy the address.", (CHANGES,), 4),
    Action("next_likely", ("n",), "next likely", "Go to the next change that is near.", (CHANGES,)),
    Action("drift", ("D",), "drift", "Ask for drift: a plan that changes nothing and takes a while.", (CHANGES,)),
    Action("close_incident", ("C",), "close", "Close the incident, or open it again.", (RESPOND,)),
    Action("hint", ("H",), "hint", "In a drill: a hint. It is free, and it is logged.", EVERYWHERE),
    Action("inbox", ("I",), "messages", "In a drill: what people said; enter there answers.", EVERYWHERE),
    Action("ask_person", ("P",), "ask a person", "In a drill: ask somebody for what no command can do.", EVERYWHERE),
    Action("pause", ("comma",), "pause", "In a drill: let time stand, or go on.", EVERYWHERE),
    Action("faster", ("greater_than_sign",), "faster", "In a drill: let time run faster, up to 10 times.", EVERYWHERE),
    Action("slower", ("less_than_sign",), "slower", "In a drill: let time run slower again.", EVERYWHERE),
    Action("refresh", ("r", "ctrl+r"), "refresh", "Ask the sources now; read the runbook again.",
           (ALERTS, RESPOND, READING, SIGNALS, CHANGES)),
    Action("back", ("escape",), "back", "Go back to where you came from.",
           (RESPOND, READING, TIMELINE, REVIEW, SIGNALS, CHANGES), 6),
    Action("play", ("enter",), "play", "Play the drill under the cursor.", (DRILLS,), 1),
    Action("level", ("l",), "level", "Change how much the drill says by itself: guided, normal, quiet.", (DRILLS,), 2),
    Action("answer", ("enter",), "answer", "Say what you would do next, then see what was done.", (REPLAY,), 1),
    Action("reveal", ("space",), "only look", "See what was done, without an answer; go on.", (REPLAY,), 2),
    Action("leave", ("q", "escape"), "leave", "Leave; your answers are printed.", (REPLAY,), 3),
    Action("help", ("question_mark",), "help", "What every key does here.", (DRILLS, REPLAY), 7),
    Action("leave", ("q", "escape"), "leave", "Leave without playing.", (DRILLS,), 3),
    Action("palette", ("colon",), "commands", "Find anything by its name.", EVERYWHERE),
    Action("help", ("question_mark",), "help", "What every key does here.", EVERYWHERE, 7),
    Action("leave", ("q",), "leave", "Leave the console; never kills work in one press.", EVERYWHERE),
)  # fmt: skip


def on(screen: str) -> tuple[Action, ...]:
    """What can be done on a screen, in the table's order."""
    return tuple(action for action in ACTIONS if screen in action.where)


def bindings(screen: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """A screen's key bindings."""
    return [Binding(",".join(_heard(action.keys)), action.id, action.name, show=False) for action in on(screen)]


def _heard(keys: tuple[str, ...]) -> tuple[str, ...]:
    """An Enter that is typed before the terminal is set up arrives as a line feed; it counts all the same."""
    return (*keys, "ctrl+j") if "enter" in keys else keys


def foot(screen: str) -> list[tuple[str, str]]:
    """The keys that matter here, in the order of the footer: at most six, and help."""
    ranked = sorted((action for action in on(screen) if action.foot), key=lambda action: action.foot)
    return [(action.key, action.name) for action in ranked]


def key_table() -> str:
    """The README's table: every key, where it works and what it does."""
    rows = ["| key | where | does |", "| --- | --- | --- |"]
    for action in ACTIONS:
        shown = " ".join(f"`{written(key)}`" for key in action.keys)
        where = "everywhere" if action.where == EVERYWHERE else ", ".join(action.where)
        rows.append(f"| {shown} | {where} | {action.help} |")
    return "\n".join(rows)
