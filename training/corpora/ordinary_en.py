"""Data sets of ordinary English: what people ask and tell, and what they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.corpora.files import objects, table
from training.corpora.rows import Maker, Row


def selfinstruct(folder: Path) -> Iterator[Row]:
    """Read tasks that people wrote for models, with what they take as done."""
    rows = list(objects(folder / "selfinstruct/data__seed_tasks.jsonl"))
    rows += list(objects(folder / "selfinstruct/human_eval__user_oriented_instructions.jsonl"))
    tasks = [
        f"{row['instruction']}\n{instance.get('input', '')}".strip()
        for row in rows
        for instance in row["instances"][:1]
    ]
    make = Maker("selfinstruct", "en")
    yield from make.benign(tasks)
    for row in rows:
        yield make.answer(row["instruction"], str(row["instances"][0].get("output", "")), False)


def bpo(folder: Path) -> Iterator[Row]:
    """Read prompts that were put better, with good answers, and tasks of Dolly."""
    rows = list(objects(folder / "bpo_testsets/data__testset__bpo_test.json"))
    make = Maker("bpo", "en")
    yield from make.benign(row["prompt"] for row in rows)
    for row in rows:
        yield make.answer(row["prompt"], row.get("good_res", ""), False)
    rows = list(objects(folder / "bpo_testsets/data__testset__dolly_eval.json"))
    yield from make.benign([f"{row['instruction']}\n{row.get('context', '')}" for row in rows])
    yield from make.benign([row["instruction"] for row in rows])


def fastchat(folder: Path) -> Iterator[Row]:
    """Read tasks that models are compared with: those of Vicuna and of MT-Bench."""
    rows = list(objects(folder / "bpo_testsets/data__testset__vicuna_eval.jsonl"))
    make = Maker("fastchat", "en")
    yield from make.benign(row["text"] for row in rows)
    path = folder / "fastchat_bench/fastchat__llm_judge__data__mt_bench__question.jsonl"
    yield from make.benign(turn for row in objects(path) for turn in row["turns"])


def arena_hard(folder: Path) -> Iterator[Row]:
    """Read hard tasks that people gave models to compare them."""
    path = folder / "arena_hard/data__arena-hard-v0.1__question.jsonl"
    yield from Maker("arena_hard", "en").benign(turn["content"] for row in objects(path) for turn in row["turns"])


def cyberseceval_frr(folder: Path) -> Iterator[Row]:
    """Read requests for programs that sound like attacks and are none."""
    path = folder / "cyberseceval_frr/CybersecurityBenchmarks__datasets__mitre_frr__mitre_frr.json"
    yield from Maker("cyberseceval_frr", "en").benign(
        [row["mutated_prompt"] for row in objects(path)], kind="look_alike"
    )


def halueval(folder: Path) -> Iterator[Row]:
    """Read what people ask of models, and what one answered."""
    rows = list(objects(folder / "halueval/data__general_data.json"))
    yield from Maker("halueval", "en").benign([row["user_query"] for row in rows])
    for row in rows[::3]:
        yield Maker("halueval", "en").answer(row["user_query"], row["chatgpt_response"][:1500], False)


def clinc150(folder: Path) -> Iterator[Row]:
    """Read what people tell an assistant that speaks, of 150 intents and of none."""
    whole = next(iter(objects(folder / "clinc150/data__data_small.json")))
    yield from Maker("clinc150", "en").benign([said for split in whole.values() for said, _ in split], 1500)


def banking77(folder: Path) -> Iterator[Row]:
    """Read what customers ask of a bank."""
    yield from Maker("banking77", "en").benign(
        [row["text"] for row in table(folder / "banking77/banking_data__test.csv")], 1000
    )


def covid_faq(folder: Path) -> Iterator[Row]:
    """Read what people ask of offices about an epidemic, and the answers."""
    rows = list(table(folder / "covid_faq/data__faqs__faq_covidbert.csv"))
    yield from Maker("covid_faq", "en").benign([row["question"] for row in rows])
    for row in rows:
        yield Maker("covid_faq", "en").answer(row["question"], row["answer"][:1500], False)


def presidio_research(folder: Path) -> Iterator[Row]:
    """Read sentences with made-up names, addresses and numbers of people."""
    texts = [row["full_text"] for row in objects(folder / "presidio_research/data__synth_dataset_v2.json")]
    yield from Maker("presidio_research", "en").benign(texts, 500)


def asb(folder: Path) -> Iterator[Row]:
    """Read tasks of agents."""
    for row in objects(folder / "asb_agent_attacks/data__agent_task.jsonl"):
        yield from Maker("asb", "en").benign(row["tasks"])
