"""Data sets of what is asked and must be refused; with some come answers to it, and frames that hide it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.corpora.files import objects, table
from training.corpora.risks import ENGLISH, JADE, NOT_OURS, named
from training.corpora.rows import ALL, Maker, Row


def jade(folder: Path) -> Iterator[Row]:
    """Read questions by what they break, answers to some, and rules about what is not done."""
    make = Maker("jade", "zh")
    for name in ("v1.0__jade_benchmark_zh", "v2.0__jade_benchmark_easy_zh", "v2.0__jade_benchmark_medium_zh"):
        for row in table(folder / f"jade/jade-db-{name}.csv"):
            yield make.refuse(row["问题"], named(row["违规子类"], JADE))
    for name in ("hard", "medium"):
        for row in table(folder / f"jade/jade-db-v3.0__jade_alignment_{name}_zh.csv"):
            yield make.refuse(row["问题"], (), 0.7)
            yield make.answer(row["问题"], row["违规回答"], True)
            yield make.answer(row["问题"], row["安全有用回答"], False)
    english = Maker("jade", "en")
    for row in table(folder / "jade/jade-db-v1.0__jade_benchmark_en.csv"):
        yield english.refuse(row["问题"], named(row["违规子类"], JADE), 0.7)
    # Rules about what should not be done: they name every risk and teach none.
    rules = [row["Rule"] for row in table(folder / "jade/jade-rag-v1.0__data__jade_rag_v1_1k_zh.csv")]
    yield from Maker("jade_rag", "zh").benign(rules, kind="look_alike")
    rules = [row["Rule"] for row in table(folder / "jade/jade-rag-v1.0__data__jade_rag_v1_1k_en.csv")]
    yield from Maker("jade_rag", "en").benign(rules, kind="look_alike")


def catqa(folder: Path) -> Iterator[Row]:
    """Read questions of CatQA by category, and those of HarmfulQA and AdvBench that come with it."""
    for language, name in (("zh", "chinese"), ("en", "english")):
        make = Maker("catqa", language)
        whole = next(iter(objects(folder / f"catqa_harmfulqa/harmful_questions__catqa_{name}.json")))
        for group, kinds in whole.items():
            if not NOT_OURS.search(group.lower()):
                for kind, questions in kinds.items():
                    risks = named(kind.lower(), ENGLISH) or named(group.lower(), ENGLISH)
                    yield from (make.refuse(question, risks) for question in questions)
    make = Maker("harmfulqa", "en")
    for questions in objects(folder / "catqa_harmfulqa/harmful_questions__dangerousqa.json"):
        yield make.refuse(questions)
    make = Maker("advbench", "en")
    for question in objects(folder / "catqa_harmfulqa/harmful_questions__adversarialqa.json"):
        yield make.refuse(question)


def advbench(folder: Path) -> Iterator[Row]:
    """Read harmful behaviours that models are asked for; of a part the category is known."""
    make = Maker("advbench", "en")
    for row in table(folder / "advbench_csv/src__codeattack__dataset__harmful_behaviors.csv"):
        yield make.refuse(row["goal"])
    for row in table(folder / "advbench_subset/data__advbench_subset.csv"):
        yield make.refuse(row["goal"], named(row["category"].lower(), ENGLISH))


def multijail(folder: Path) -> Iterator[Row]:
    """Read the same questions in Chinese and in English."""
    for row in table(folder / "multijail/data__MultiJail.csv"):
        risks = named(row["tags"].lower(), ENGLISH)
        yield Maker("multijail", "zh").refuse(row["zh"], risks)
        yield Maker("multijail", "en").refuse(row["en"], risks)


def flames(folder: Path) -> Iterator[Row]:
    """Read questions that are to be refused for what they imply."""
    groups = {
        "Fairness": ("a2",),
        "Data protection": ("a4.f",),
        "Legality": ("a1.h",),
    }
    for row in objects(folder / "flames/Flames_1k_Chinese.jsonl"):
        # Asked like ordinary questions: they count for their groups, hardly for harm.
        risks = groups.get(row["dimension"], ())
        yield Row(row["prompt"].strip(), "flames", "zh", "implicit", frozenset(risks), ALL - {"attack"}, weight=0.5)


def ailuminate(folder: Path) -> Iterator[Row]:
    """Read prompts by the hazard that they are about."""
    make = Maker("ailuminate", "en")
    for row in table(folder / "ailuminate_demo/airr_official_1.0_demo_en_us_prompt_set_release.csv"):
        if not NOT_OURS.search(row["hazard"]):
            yield make.refuse(row["prompt_text"], named(row["hazard"], ENGLISH), 0.8)


def coconot(folder: Path) -> Iterator[Row]:
    """Read requests that are not to be complied with, for safety or because they cannot be, and their contrasts."""
    make = Maker("coconot", "en")
    for row in objects(folder / "coconot/data__coconot_eval.jsonl"):
        if row["category"] == "Requests with safety concerns":
            if row["subcategory"] not in ("copyright violations", "incomprehensible"):
                yield make.refuse(row["prompt"], named(row["subcategory"], ENGLISH) - {"dangerous"}, 0.8)
        else:
            yield from make.benign([row["prompt"]])
    for row in objects(folder / "coconot/data__coconot_contrast_eval.jsonl"):
        safety = row["category"] == "Requests with safety concerns"
        yield from make.benign([row["prompt"]], kind="look_alike" if safety else "benign")


def jailbreak_llms(folder: Path) -> Iterator[Row]:
    """Read questions by the policy that they break, and frames that people made to have them answered."""
    make = Maker("jailbreak_llms", "en")
    for row in table(folder / "jailbreak_llms_ccs24/data__questions.csv"):
        policy = row["content_policy_name"].lower()
        if NOT_OURS.search(policy):
            yield from make.benign([row["question"]], kind="look_alike", weight=0.5)
        else:
            yield make.refuse(row["question"], named(policy, ENGLISH))
    seen = {row["prompt"].strip() for row in table(folder / "jailbreak_llms_ccs24/data__jailbreak_prompts.csv")}
    seen |= {
        row["prompt"].strip() for row in table(folder / "jailbreak_llms_ccs24/data__forbidden_question_set.csv.zip")
    }
    yield from (make.attack(text) for text in sorted(seen))


def aisafetylab(folder: Path) -> Iterator[Row]:
    """Read questions, the same wrapped in stories, answers that were given or refused, and frames."""
    make = Maker("aisafetylab", "zh")
    for row in objects(folder / "aisafetylab/aisafetylab__attack__attackers__data__icl__data_zh.json"):
        yield make.refuse(row["query"])
        # A question wrapped in a story: it is to be refused, in other words than an attack's.
        yield replace(make.refuse(row["jb_prompt"]), kind="attack", unknown=ALL)
        yield make.answer(row["query"], row["unsafe_response"], True)
    english = Maker("aisafetylab", "en")
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


def gptfuzz(folder: Path) -> Iterator[Row]:
    """Read questions, frames with a question in each, and answers of which people said whether the model gave in."""
    make = Maker("gptfuzz", "en")
    questions = [row["text"] for row in table(folder / "gptfuzz/datasets__questions__question_list.csv")]
    yield from (make.refuse(text) for text in questions)
    for number, row in enumerate(table(folder / "gptfuzz/datasets__prompts__GPTFuzzer.csv")):
        yield make.attack(row["text"].replace("[INSERT PROMPT HERE]", questions[number % len(questions)]))
    for name in ("train", "evaluate"):
        for number, row in enumerate(table(folder / f"gptfuzz/datasets__responses_labeled__{name}.csv")):
            if number % 3 == 0 and row["question"].isdigit():
                asked = questions[int(row["question"])] if int(row["question"]) < len(questions) else ""
                yield make.answer(asked, row["Response"][:2000], row["label"] == "1", 0.5)


def hh_rlhf(folder: Path) -> Iterator[Row]:
    """Read what people said first when they were asked to make a model misbehave: a good part of it is harmless."""
    make = Maker("hh_rlhf", "en")
    for row in objects(folder / "hh_rlhf_test/harmless-base__test.jsonl.gz"):
        said = row["chosen"].split("\n\nHuman: ")[1].split("\n\nAssistant:")[0].strip()
        if 8 < len(said) < 1500:
            yield make.refuse(said, (), 0.2)


def interpreter(folder: Path) -> Iterator[Row]:
    """Read requests for programs that attack when a model runs them; many look harmless by themselves."""
    name = "CybersecurityBenchmarks__datasets__interpreter__interpreter"
    for row in objects(folder / f"purplellama_pi/{name}.json"):
        yield Maker("interpreter", "en").refuse(row["mutated_prompt"], ("dangerous",), 0.15)
