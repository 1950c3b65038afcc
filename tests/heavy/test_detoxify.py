"""Detoxify with real torch, on tiny checkpoints that the test makes: plain, as safetensors, and a dangerous one.

Runs in an environment of its own (``make test-heavy``); elsewhere it is skipped, and says so.

Mutants killed: unsafe unpickling; a text cut off unseen after 512 tokens; classes by position instead of by name;
a connection to anywhere; a damaged checkpoint that judges at random or never; a digest that leaves the names of
classes out.
"""

from __future__ import annotations

import itertools
import json
import os
import pickle
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make test-heavy has an environment with it")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from gateway.detectors.judges.detoxify import digest_of, load_model, spec  # noqa: E402
from gateway.errors import JudgeTooLong, PolicyError  # noqa: E402
from gateway.text import TextView  # noqa: E402

CLASSES = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "好", "坏", "人"]


class Outside:
    """What a judge may reach here: a clock, and counters that count nothing."""

    asks = True
    clock = staticmethod(time.time)
    ticker = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.counters = self
        numbers = itertools.count()
        self.ids = lambda: str(next(numbers))

    def add(self, name: str, amount: int = 1, **attributes: str) -> None: ...

    def observe(self, name: str, value: float, **attributes: str) -> None: ...

    def watch(self, judge: str, resting: Callable[[], bool]) -> None: ...


@pytest.fixture(autouse=True)
def nobody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny BERT in Hugging Face's layout; words with 坏 and bad are toxic, and insults."""
    place = tmp_path_factory.mktemp("tiny")
    (place / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    tokenizer = (
        transformers.BertTokenizer(vocab=str(place / "vocab.txt"))
        if _vocab_is_named()
        else (transformers.BertTokenizer(str(place / "vocab.txt")))
    )
    tokenizer.save_pretrained(place)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=len(CLASSES),
        id2label=dict(enumerate(CLASSES)),
        label2id={name: at for at, name in enumerate(CLASSES)},
    )
    model = transformers.BertForSequenceClassification(config)
    _teach(model, tokenizer)
    model.save_pretrained(place)
    return place


def _vocab_is_named() -> bool:
    import inspect

    return "vocab" in inspect.signature(transformers.BertTokenizer.__init__).parameters


def _teach(model: Any, tokenizer: Any) -> None:
    """A few steps: enough to tell four texts apart, so that scores are the model's own."""
    texts = {"good 好 人": 0.0, "bad 坏 人": 1.0, "好": 0.0, "坏": 1.0, "good": 0.0, "bad": 1.0}
    wanted = torch.tensor([[y, 0.0, 0.0, 0.0, y, 0.0] for y in texts.values()])
    inputs = tokenizer(list(texts), return_tensors="pt", padding=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    model.train()
    for _ in range(80):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(**inputs)[0], wanted).backward()
        optimizer.step()


@pytest.fixture(scope="module")
def checkpoint(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a checkpoint file of Detoxify."""
    file = tmp_path_factory.mktemp("ckpt") / "toxic.ckpt"
    model = transformers.BertForSequenceClassification.from_pretrained(folder)
    arguments = {
        "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(CLASSES),
    }
    config = {"arch": {"args": arguments}, "dataset": {"args": {"classes": CLASSES}}}
    torch.save({"config": config, "state_dict": model.state_dict()}, file)
    return file


@pytest.mark.parametrize("kind", ["folder", "file"])
async def test_a_model_judges_from_either_kind_of_checkpoint(kind: str, folder: Path, checkpoint: Path) -> None:
    options = (
        {"checkpoint": str(folder)} if kind == "folder" else {"checkpoint": str(checkpoint), "config": str(folder)}
    )
    built = spec(Outside()).build({**options, "timeout": 60}, lambda name: b"")  # type: ignore[arg-type]
    assert built.judge is not None
    bad = {f.risk: f.score for f in (await built.judge(TextView("bad 坏 人"))).findings}
    good = {f.risk: f.score for f in (await built.judge(TextView("good 好 人"))).findings}
    assert bad["abuse"] > 0.8
    assert good.get("abuse", 0.0) < 0.2
    assert bad.get("violence", 0.0) < 0.2
    assert built.version.startswith("1-")


def test_both_kinds_give_the_same_scores_by_name(folder: Path, checkpoint: Path) -> None:
    from_folder, from_file = load_model(folder, None)("坏 人"), load_model(checkpoint, folder)("坏 人")
    assert from_folder.keys() == from_file.keys()
    assert set(from_folder) == {"toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack"}
    assert from_file == pytest.approx(from_folder, abs=1e-5)


class Dangerous:
    """What pickle would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("import os; os.environ['SLUICE_TEST_RAN'] = 'yes'",)


def test_a_checkpoint_that_brings_code_is_refused_and_its_code_does_not_run(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "evil.ckpt"
    torch.save({"config": Dangerous(), "state_dict": {}}, file)
    plain = tmp_path / "plain.ckpt"
    plain.write_bytes(pickle.dumps(Dangerous()))
    for evil in (file, plain):
        with pytest.raises(PolicyError, match="more than tensors"):
            load_model(evil, folder)
    assert "SLUICE_TEST_RAN" not in os.environ


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 broken", b"\0" * 4000])
def test_a_damaged_checkpoint_is_told(content: bytes, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.ckpt"
    file.write_bytes(content)
    with pytest.raises(
        PolicyError, match=r"broken\.ckpt': the checkpoint is damaged or cut off .* — copy the checkpoint"
    ):
        load_model(file, folder)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "model.safetensors").write_bytes(content)
    with pytest.raises(PolicyError, match="cannot be loaded"):
        load_model(damaged, None)


def test_a_checkpoint_that_is_cut_off_is_told(folder: Path, checkpoint: Path, tmp_path: Path) -> None:
    whole = checkpoint.read_bytes()
    for size in (len(whole) // 2, len(whole) - 200):
        file = tmp_path / "cut.ckpt"
        file.write_bytes(whole[:size])
        with pytest.raises(PolicyError, match="damaged or cut off"):
            load_model(file, folder)


Weights = dict[str, Any]


def without(part: str) -> Callable[[Weights], Weights]:
    return lambda weights: {name: weight for name, weight in weights.items() if part not in name}


def broken(name: str, number: float) -> Callable[[Weights], Weights]:
    """One number of one weight is another."""

    def breaks(weights: Weights) -> Weights:
        weights[name].view(-1)[0] = number
        return weights

    return breaks


DAMAGES = [
    (without("classifier"), "lacks 2 of the model's weights, such as 'classifier.bias'"),
    (without("encoder"), "lacks 16 of the model's weights"),
    (without("position_embeddings"), "lacks 1 of the model's weights"),
    (lambda weights: {f"x.{name}": weight for name, weight in weights.items()}, "lacks 25 of the model's weights"),
    (broken("classifier.bias", float("nan")), "the weight 'classifier.bias' holds what is no number"),
    (broken("bert.embeddings.word_embeddings.weight", float("inf")), "holds what is no number"),
    (lambda weights: {name: weight * 0 for name, weight in weights.items()}, "the model scores all texts alike"),
    (lambda weights: {**weights, "classifier.weight": torch.zeros(3, 16)}, r"cannot be loaded \(RuntimeError\)"),
]


@pytest.mark.parametrize("kind", ["folder", "file"])
@pytest.mark.parametrize(("damage", "message"), DAMAGES)
def test_weights_that_would_judge_at_random_or_never_are_refused(
    damage: Callable[[Weights], Weights], message: str, kind: str, folder: Path, checkpoint: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    if kind == "folder":
        shutil.copytree(folder, tmp_path / "toxic")
        place = tmp_path / "toxic" / "model.safetensors"
        save_file(damage(load_file(place)), place, metadata={"format": "pt"})
        with pytest.raises(PolicyError, match=f"toxic': .*{message}.* — "):
            load_model(tmp_path / "toxic", None)
        return
    kept = torch.load(checkpoint, weights_only=True)
    file = tmp_path / "toxic.ckpt"
    torch.save({**kept, "state_dict": damage(dict(kept["state_dict"]))}, file)
    with pytest.raises(PolicyError, match=f"toxic.ckpt': .*{message}.* — "):
        load_model(file, folder)


def test_what_a_checkpoint_holds_besides_does_no_harm(folder: Path, checkpoint: Path, tmp_path: Path) -> None:
    kept = torch.load(checkpoint, weights_only=True)
    file = tmp_path / "toxic.ckpt"
    more = {"bert.embeddings.position_ids": torch.arange(512).expand(1, -1)}  # as those of old releases have
    torch.save({**kept, "state_dict": {**kept["state_dict"], **more}, "epoch": 3}, file)
    assert load_model(file, folder)("坏 人") == load_model(checkpoint, folder)("坏 人")


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (("tokenizer.json", "tokenizer_config.json", "vocab.txt"), None),
        (("tokenizer.json", "vocab.txt"), None),
        (("tokenizer.json",), WORDS[:8]),  # cut off
        (("tokenizer.json",), [*WORDS, "世", "界"]),  # another model's
    ],
)
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_tokenizer_that_is_not_the_models_is_refused(
    lost: tuple[str, ...], words: list[str] | None, kind: str, folder: Path, checkpoint: Path, tmp_path: Path
) -> None:
    place = tmp_path / "toxic"
    shutil.copytree(folder, place)
    for name in lost:
        (place / name).unlink(missing_ok=True)
    if words:
        (place / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"the tokenizer knows .* tokens and the model 10 — put the tokenizer's own"):
        load_model(*((place, None) if kind == "folder" else (checkpoint, place)))


GROUPS = ["male", "female", "homosexual", "christian", "jewish", "muslim", "black", "white", "mental_illness"]
UNBIASED = ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit"]


def saved(file: Path, classes: list[Any], scored: int, **told: str) -> Path:
    """A checkpoint file of Detoxify, of a model that was taught nothing."""
    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(vocab_size=len(WORDS), num_labels=scored, **sizes)
    arguments = {
        "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": scored,
        **told,
    }
    weights = transformers.BertForSequenceClassification(config).state_dict()
    torch.save(
        {"config": {"arch": {"args": arguments}, "dataset": {"args": {"classes": classes}}}, "state_dict": weights},
        file,
    )
    return file


async def test_an_unbiased_model_judges_by_its_classes_and_not_by_groups_of_persons(
    folder: Path, tmp_path: Path
) -> None:
    file = saved(tmp_path / "unbiased.ckpt", UNBIASED, len(UNBIASED) + len(GROUPS))
    assert list(load_model(file, folder)("坏 人")) == UNBIASED
    options = {"checkpoint": str(file), "config": str(folder), "timeout": 60}
    built = spec(Outside()).build(options, lambda name: b"")  # type: ignore[arg-type]
    assert built.judge is not None
    seen = {finding.risk for finding in (await built.judge(TextView("坏 人"))).findings}
    assert {"abuse", "violence", "hate", "sexual"} <= seen


@pytest.mark.parametrize(
    ("classes", "told", "message"),
    [
        (CLASSES, {}, "names 6 classes, but scores 3"),
        (["toxic", "toxicity"], {}, "names a class twice"),
        (["one", "two"], {}, "classes are none of Detoxify's"),
        (CLASSES[:3], {"model_name": "pipeline"}, "'pipeline' with 'BertTokenizer' is no model of Detoxify"),
        (CLASSES[:3], {"tokenizer_name": "__doc__"}, "with '__doc__' is no model of Detoxify"),
    ],
)
def test_a_checkpoint_whose_config_does_not_fit_is_refused(
    classes: list[str], told: dict[str, str], message: str, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(PolicyError, match=message):
        load_model(saved(tmp_path / "odd.ckpt", classes, 3, **told), folder)


def test_other_names_of_classes_and_another_tokenizer_are_another_plan(
    folder: Path, checkpoint: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    assert digest_of(other) == digest_of(folder)
    assert digest_of(checkpoint, other) == digest_of(checkpoint, folder) != digest_of(folder)
    config = json.loads((other / "config.json").read_text(encoding="utf-8"))
    config["id2label"]["0"], config["id2label"]["3"] = config["id2label"]["3"], config["id2label"]["0"]
    (other / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert digest_of(other) != digest_of(folder)
    assert digest_of(checkpoint, other) != digest_of(checkpoint, folder)
    assert digest_of(checkpoint, None) != digest_of(checkpoint, folder)
    (other / "config.json").write_bytes((folder / "config.json").read_bytes())
    (other / "README.md").write_text("toxic", encoding="utf-8")
    assert digest_of(other) == digest_of(folder)


def test_what_is_missing_is_told(folder: Path, checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="a checkpoint file needs 'config'"):
        load_model(checkpoint, None)
    with pytest.raises(PolicyError, match=r"has no model\.safetensors"):
        load_model(tmp_path, None)


def test_more_tokens_than_the_model_takes_are_an_error_and_never_cut_off_unseen(folder: Path) -> None:
    predict = load_model(folder, None)
    predict("好 " * 500)
    with pytest.raises(JudgeTooLong):
        predict("好 " * 511 + "坏")


def test_threads_take_turns(folder: Path) -> None:
    predict = load_model(folder, None)
    expected, seen = predict("坏 人"), []
    threads = [threading.Thread(target=lambda: seen.append(predict("坏 人"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [expected] * 4


def test_the_gateway_itself_is_not_loaded_for_this() -> None:
    assert "litellm" not in sys.modules
