"""What people write about others: whether it is abuse, hate or neither is read as each set means it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.corpora import put

from training.corpora.comments import cold, davidson, diasafety, edos, surge
from training.corpora.rows import Row

# 0 is hate speech there, 1 rude; so many are drawn that there must be enough.
TWEETS = "class,tweet\n0,x\n2,z\n" + "1,y\n" * 9000
SEXIST = "text,label_sexist,label_category\nx,sexist,2. derogation\ny,not sexist,none\n"


@pytest.mark.parametrize(
    ("reader", "path", "lines", "shown"),
    [
        (cold, "cold/COLDataset__{}.csv", "label,topic,TEXT\n1,region,x\n0,region,y\n", {"x": "a2.d", "y": ""}),
        (davidson, "davidson_hate/data__labeled_data.csv", TWEETS, {"x": "hate", "y": "abuse", "z": ""}),
        (edos, "edos/data__edos_labelled_aggregated.csv", SEXIST, {"x": "hate", "y": ""}),
        (surge, "surge_toxicity/toxicity_en.csv", "text,is_toxic\nx,Toxic\ny,Not Toxic\n", {"x": "abuse", "y": ""}),
    ],
)
def test_labels_of_comments_are_read_as_their_sets_mean_them(
    reader: Callable[[Path], Iterator[Row]], path: str, lines: str, shown: dict[str, str], tmp_path: Path
) -> None:
    for part in ("train", "dev", "test") if "{}" in path else ("",):
        put(tmp_path, path.format(part), lines)
    found = {row.text: row.risks for row in reader(tmp_path)}
    assert found.keys() == shown.keys()
    assert all(risk in found[text] if risk else not found[text] for text, risk in shown.items())


def test_only_rudeness_is_learnt_from_answers_that_are_unsafe_in_their_talk(tmp_path: Path) -> None:
    said = [
        {"category": "Offending User", "label": "Unsafe", "response": "You fool."},
        {"category": "Offending User", "label": "Safe", "response": "You poor thing."},
        {"category": "Risk Ignorance", "label": "Unsafe", "response": "Just do it."},
    ]
    for name in ("train", "val", "test"):
        put(tmp_path, f"diasafety/DiaSafety_dataset__{name}.json", json.dumps(said if name == "val" else []))
    assert [(row.text, row.risks) for row in diasafety(tmp_path)] == [("You fool.", {"abuse"})]
