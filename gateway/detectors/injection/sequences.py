"""The cues that words of attacks make together, and the risk that each speaks for.

A cue is a sequence of words of certain classes (``vocabulary.py``), close together; cues add up, and some speak for
harmless talk about attacks.
"""

from __future__ import annotations

from typing import Final, NamedTuple

INJECTION: Final = "attack.injection"
JAILBREAK: Final = "attack.jailbreak"
LEAK: Final = "attack.prompt_leak"
INDIRECT: Final = "attack.indirect"
ENCODING: Final = "attack.encoding"
NOTHING: Final = ""
"""The risk of a cue that speaks for harmless text."""


class Cue(NamedTuple):
    """A sequence of words that speaks for an attack, or against one.

    Attributes:
        name: Unique; weights are kept by it.
        risk: What it speaks for; empty if it speaks for harmless text.
        weight: How strongly it speaks, in log-odds, before anything was learned; below 0 for harmless text.
        steps: Classes of words, in the order of the text.
        gap: How many characters may stand between two of them; three times as many in Latin letters.
        across: Whether the end of a sentence may stand between them.
    """

    name: str
    risk: str
    weight: float
    steps: tuple[str, ...]
    gap: int = 0
    across: bool = False


CUES: Final[tuple[Cue, ...]] = (
    Cue("override", INJECTION, 5, ("ignore", "earlier", "order"), 10),
    Cue("overridden", INJECTION, 4.5, ("earlier", "order", "ignore"), 10),
    Cue("against-order", INJECTION, 2.2, ("ignore", "order"), 6),
    Cue("order-gone", INJECTION, 2, ("order", "ignore"), 6),
    Cue("ignore-earlier", INJECTION, 1.5, ("ignore", "earlier"), 3),
    Cue("restriction-off", INJECTION, 3.5, ("ignore", "restriction"), 8),
    Cue("restriction-gone", INJECTION, 2.5, ("restriction", "ignore"), 8),
    Cue("undo-earlier", INJECTION, 2.5, ("undo", "earlier", "order"), 8),
    Cue("undone-earlier", INJECTION, 2.5, ("earlier", "order", "undo"), 8),
    Cue("breach-restriction", INJECTION, 2, ("breach", "restriction"), 6),
    Cue("undo-order", INJECTION, 1, ("undo", "order"), 4),
    Cue("order-undone", INJECTION, 1, ("order", "undo"), 4),
    Cue("undo-restriction", INJECTION, 2, ("undo", "restriction"), 6),
    Cue("restriction-undone", INJECTION, 2, ("restriction", "undo"), 6),
    Cue("forget-everything", INJECTION, 3, ("ignore", "everything"), 6),
    Cue("tell-password", LEAK, 1.8, ("tell", "password"), 10),
    Cue("then-instead", INJECTION, 2, ("ignore", "instead"), 30, across=True),
    Cue("instead", INJECTION, 1.2, ("instead",)),
    Cue("from-now", JAILBREAK, 0.6, ("fromnow",)),
    Cue("from-now-persona", JAILBREAK, 0.8, ("fromnow", "persona"), 12, across=True),
    Cue("priority", INJECTION, 2.2, ("priority",)),
    Cue("persona", JAILBREAK, 0.8, ("persona",)),
    Cue("unbound", JAILBREAK, 1.8, ("unbound",)),
    Cue("persona-unbound", JAILBREAK, 2, ("persona", "unbound"), 60, across=True),
    Cue("unbound-answer", JAILBREAK, 0.8, ("unbound", "answerit"), 40, across=True),
    Cue("dan", JAILBREAK, 3, ("dan",)),
    Cue("mode", JAILBREAK, 1.5, ("mode",)),
    Cue("mode-on", JAILBREAK, 1.8, ("enable", "mode"), 4),
    Cue("mode-answer", JAILBREAK, 1, ("mode", "answerit"), 40, across=True),
    Cue("authority", JAILBREAK, 1.5, ("authority",)),
    Cue("stay", JAILBREAK, 1.5, ("stay",)),
    Cue("twice", JAILBREAK, 0.8, ("twice",)),
    Cue("twice-persona", JAILBREAK, 1.2, ("twice", "persona"), 80, across=True),
    Cue("suppress", JAILBREAK, 1.5, ("suppress",)),
    Cue("suppress-twice", JAILBREAK, 1.2, ("suppress", "suppress"), 30, across=True),
    Cue("unbound-suppress", JAILBREAK, 1.5, ("unbound", "suppress"), 80, across=True),
    Cue("begin-sure", JAILBREAK, 2.5, ("begin", "sure"), 12, across=True),
    Cue("sure-begin", JAILBREAK, 1.5, ("sure", "begin"), 8),
    Cue("sure", JAILBREAK, 0.6, ("sure",)),
    Cue("reward", JAILBREAK, 1, ("reward",)),
    Cue("fiction", JAILBREAK, 0.5, ("fiction",)),
    Cue("fiction-harm", JAILBREAK, 1.2, ("fiction", "harm"), 40, across=True),
    Cue("persona-harm", JAILBREAK, 1.2, ("persona", "harm"), 60, across=True),
    Cue("harm", JAILBREAK, 0.5, ("harm",)),
    Cue("harm-detail", JAILBREAK, 1, ("harm", "detail"), 20, across=True),
    Cue("detail-harm", JAILBREAK, 1, ("detail", "harm"), 20, across=True),
    Cue("suppress-harm", JAILBREAK, 1.5, ("suppress", "harm"), 50, across=True),
    Cue("reward-harm", JAILBREAK, 1.5, ("reward", "harm"), 50, across=True),
    Cue("tell-secret", LEAK, 2.5, ("tell", "secret"), 10),
    Cue("secret-tell", LEAK, 2, ("secret", "tell"), 10),
    Cue("tell-above", LEAK, 2, ("tell", "aboveall"), 8),
    Cue("above-tell", LEAK, 1, ("aboveall", "tell"), 8),
    Cue("above-verbatim", LEAK, 1.5, ("aboveall", "verbatim"), 20, across=True),
    Cue("secret-verbatim", LEAK, 1.5, ("secret", "verbatim"), 20, across=True),
    Cue("verbatim-secret", LEAK, 1, ("verbatim", "secret"), 20, across=True),
    Cue("verbatim-above", LEAK, 1, ("verbatim", "aboveall"), 20, across=True),
    Cue("secret", LEAK, 1.2, ("secret",)),
    Cue("frame", INJECTION, 1.5, ("frame",)),
    Cue("frame-ignore", INJECTION, 1.5, ("frame", "ignore"), 40, across=True),
    Cue("frame-unbound", INJECTION, 1.5, ("frame", "unbound"), 40, across=True),
    Cue("split-answer", JAILBREAK, 2, ("split", "answerit"), 40, across=True),
    Cue("answer-split", JAILBREAK, 1.5, ("answerit", "split"), 40, across=True),
    Cue("codec-answer", ENCODING, 1.2, ("codec", "answerit"), 30, across=True),
    Cue("answer-codec", ENCODING, 1, ("answerit", "codec"), 30, across=True),
    Cue("evade", ENCODING, 1.5, ("evade",)),
    Cue("machine-must", INDIRECT, 1.5, ("machine", "must"), 8, across=True),
    Cue("machine-ignore", INDIRECT, 2.5, ("machine", "ignore"), 20, across=True),
    Cue("reading-must", INDIRECT, 1.5, ("reading", "must"), 12, across=True),
    Cue("reading", INDIRECT, 1.5, ("reading",)),
    Cue("machine-reading", INDIRECT, 1.5, ("machine", "reading"), 20, across=True),
    Cue("behind", INDIRECT, 2.5, ("behind",)),
    Cue("send-private", INDIRECT, 1.5, ("send", "private"), 12),
    Cue("private-send", INDIRECT, 1, ("private", "send"), 12),
    Cue("machine-send", INDIRECT, 2.5, ("machine", "send", "private"), 30, across=True),
    Cue("hide-machine", INDIRECT, 3, ("hide", "machine"), 40, across=True),
    Cue("hide-ignore", INDIRECT, 2.5, ("hide", "ignore"), 40, across=True),
    Cue("hide-must", INDIRECT, 0.5, ("hide", "must"), 20, across=True),
    Cue("picture-leak", INDIRECT, 2.5, ("picture", "fillin"), 40, across=True),
    Cue("pretext", JAILBREAK, 0.3, ("pretext",)),
    Cue("pretext-harm", JAILBREAK, 0.8, ("pretext", "harm"), 60, across=True),
    Cue("pretext-unbound", JAILBREAK, 1.5, ("pretext", "unbound"), 60, across=True),
    Cue("pretext-suppress", JAILBREAK, 1.5, ("pretext", "suppress"), 60, across=True),
    Cue("plead", JAILBREAK, 0.5, ("plead",)),
    Cue("plead-suppress", JAILBREAK, 1.2, ("plead", "suppress"), 60, across=True),
    Cue("fiction-suppress", JAILBREAK, 0.5, ("fiction", "suppress"), 60, across=True),
    Cue("amoral", JAILBREAK, 0.6, ("amoral",)),
    Cue("persona-amoral", JAILBREAK, 1.5, ("persona", "amoral"), 40, across=True),
    Cue("amoral-answer", JAILBREAK, 0.8, ("amoral", "answerit"), 40, across=True),
    Cue("suppose", JAILBREAK, 0.2, ("suppose",)),
    Cue("staged", JAILBREAK, 1, ("staged",)),
    Cue("unbound-staged", JAILBREAK, 1.5, ("unbound", "staged"), 80, across=True),
    Cue("harm-staged", JAILBREAK, 1.2, ("harm", "staged"), 30, across=True),
    Cue("staged-harm", JAILBREAK, 0.8, ("staged", "harm"), 40, across=True),
    Cue("script-suppress", JAILBREAK, 1, ("script", "suppress"), 60, across=True),
    Cue("script-unbound", JAILBREAK, 1, ("script", "unbound"), 60, across=True),
    Cue("contest-suppress", JAILBREAK, 1.5, ("contest", "suppress"), 60, across=True),
    Cue("contest-unbound", JAILBREAK, 1.5, ("contest", "unbound"), 60, across=True),
    Cue("unlocked", JAILBREAK, 1.5, ("unlocked",)),
    Cue("unlocked-answer", JAILBREAK, 1, ("unlocked", "answerit"), 40, across=True),
    Cue("answerbegins", JAILBREAK, 0.4, ("answerbegins",)),
    Cue("answerbegins-suppress", JAILBREAK, 1.2, ("answerbegins", "suppress"), 60, across=True),
    Cue("answerbegins-harm", JAILBREAK, 1, ("answerbegins", "harm"), 60, across=True),
    Cue("harm-answerbegins", JAILBREAK, 1, ("harm", "answerbegins"), 60, across=True),
    Cue("unwrap", ENCODING, 1, ("unwrap",)),
    Cue("unwrap-answer", ENCODING, 1, ("unwrap", "answerit"), 20, across=True),
    Cue("unwrap-suppress", ENCODING, 1.5, ("unwrap", "suppress"), 60, across=True),
    Cue("addressed", INDIRECT, 1.2, ("addressed",)),
    Cue("addressed-must", INDIRECT, 1.2, ("addressed", "must"), 15, across=True),
    Cue("addressed-ignore", INDIRECT, 1.5, ("addressed", "ignore"), 30, across=True),
    Cue("addressed-favour", INDIRECT, 1.8, ("addressed", "favour"), 40, across=True),
    Cue("machine-favour", INDIRECT, 1.8, ("machine", "favour"), 40, across=True),
    Cue("reading-favour", INDIRECT, 1.5, ("reading", "favour"), 40, across=True),
    Cue("about-attack", NOTHING, -2.5, ("about", "attackword"), 12, across=True),
    Cue("attack-about", NOTHING, -2.5, ("attackword", "about"), 12, across=True),
    Cue("about", NOTHING, -0.5, ("about",)),
    Cue("keeps-secret", NOTHING, -4, ("keeps", "secret"), 10),
    Cue("ignore-within", NOTHING, -6, ("ignore", "order", "within"), 10),
    Cue("ignore-within-order", NOTHING, -6, ("ignore", "within", "order"), 10),
    Cue("within-ignore", NOTHING, -2, ("within", "ignore"), 12, across=True),
    Cue("asked-ignore", NOTHING, -2, ("ifasked", "ignore"), 10),
    Cue("asked-tell", NOTHING, -2, ("ifasked", "tell", "secret"), 10),
    Cue("asked-persona", NOTHING, -1, ("ifasked", "persona"), 10),
    Cue("asked-harm", NOTHING, -1.5, ("ifasked", "harm"), 16),
    Cue("forbid-harm", NOTHING, -1, ("forbid", "harm"), 10),
    Cue("revise-prompt", NOTHING, -1.5, ("revise", "prompt"), 10),
    Cue("prompt-revise", NOTHING, -1, ("prompt", "revise"), 10),
    Cue("ignore-harmless", NOTHING, -4, ("ignore", "harmless"), 8),
    Cue("ignore-earlier-harmless", NOTHING, -5, ("ignore", "earlier", "harmless"), 5),
    Cue("unbound-harmless", NOTHING, -2, ("unbound", "harmless"), 4),
    Cue("retell-above", NOTHING, -1.2, ("retell", "aboveall"), 8),
    Cue("mode-device", NOTHING, -4, ("mode", "device"), 10, across=True),
    Cue("device-mode", NOTHING, -4, ("device", "mode"), 10, across=True),
    Cue("gentle", NOTHING, -1.5, ("gentle",)),
    Cue("persona-gentle", NOTHING, -1.5, ("persona", "gentle"), 8, across=True),
)
