"""How many harmless texts the shipped word lists hit, set by set: ``python -m benchmarks.lexicon --data FOLDER``.

Prints a table for ``docs/lexicon.md``. No text is printed, and no list was tuned on a set that is marked so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from tqdm import tqdm

from benchmarks.real_texts import CORPORA, Corpus, column, decoded, sample, values
from gateway.detectors.hits import Hits, count_hits
from gateway.detectors.wordlist import read_list

_LISTS: Final = Path(__file__).parents[1] / "policies" / "lists"
_HARMLESS: Final = ("KdConv", "CrossWOZ", "medical QA", "HalluQA", "ChineseSafetyQA", "BANKING77", "CLINC150")


def _every_string(content: bytes) -> Iterator[object]:
    """Read every string of a JSON file, or of a file with JSON on each line."""
    text = decoded(content)
    todo = [json.loads(text)] if text.lstrip().startswith("[") else [*map(json.loads, text.splitlines())]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict | list):
            todo += item.values() if isinstance(item, dict) else item


SETS: Final = (
    *(corpus for corpus in CORPORA if corpus.name in _HARMLESS),
    Corpus("MT-bench, Chinese", ("mtbench_zh/data__mt-bench-zh__question.jsonl",), _every_string),
    Corpus("Chinese role prompts", ("prompts_zh_roleplay/prompts-zh.json",), values("prompt")),
    Corpus("Huatuo medical", ("huatuo_med_zh/data__llama_data.json",), values("instruction")),
    Corpus("self-instruct", ("selfinstruct/human_eval__user_oriented_instructions.jsonl",), values("instruction")),
    Corpus("BPO", ("bpo_testsets/data__testset__bpo_test.json",), values("prompt")),
    Corpus(
        "CyberSecEval FRR",
        ("cyberseceval_frr/CybersecurityBenchmarks__datasets__mitre_frr__mitre_frr.json",),
        values("mutated_prompt"),
    ),
    Corpus("COVID questions", ("covid_faq/data__eval_question_similarity_en.csv",), column("question_1")),
)


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="Folder of the data sets.")
@click.option("--most", default=2000, show_default=True, help="Texts of each set.")
@click.option("--worst", default=0, show_default=True, help="Name the terms that hit most in each set.")
@click.argument("lists", nargs=-1)
def main(data: Path, most: int, worst: int, lists: tuple[str, ...]) -> None:
    """Measure LISTS (all that ship, if left out)."""
    names = lists or tuple(sorted(file.name for file in _LISTS.glob("*.csv")))
    entries = [entry for name in names for entry in read_list((_LISTS / name).read_bytes(), name)]
    print("| set | texts | hit at 0.8 | share | together at 0.8 | share |\n|---|---|---|---|---|---|")
    for corpus in tqdm(SETS, delay=2, disable=None):
        texts = sample(corpus, data, most, 0)
        alone = count_hits(entries, texts, 0.8)
        together = count_hits(entries, texts, 0.8, "sentence")
        print(
            f"| {corpus.name} | {alone.texts} | {alone.hit} | {alone.share()} | {together.hit} | {together.share()} |"
        )
        _name(together, worst)


def _name(hits: Hits, worst: int) -> None:
    for risk, count in sorted(hits.risks.items()) if worst else ():
        print(f"    {risk} {count}")
    for term, count in hits.terms.most_common(worst):
        print(f"    {count:>5} {term[:60]}")


if __name__ == "__main__":
    main()
