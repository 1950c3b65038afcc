import io
import json
import multiprocessing

import pytest

from evaluators.rows import read_rows
from evaluators.scorers import stream
from evaluators.scorers.stream import Task, judge_rows


def rows(count, broken=()):
    lines = []
    for number in range(count):
        row = {
            "id": number,
            "question": "保修多久？",
            "answer": f"保修{number}年。",
            "contexts": ["保修7年。"],
            "reference": "7年",
        }
        lines.append("{" if number in broken else json.dumps(row, ensure_ascii=False))
    return io.BytesIO("\n".join(lines).encode())


def judged(count, names=("faithfulness_lexical",), workers=1, broken=()):
    done = list(judge_rows(read_rows(rows(count, broken)), Task(names), workers))
    return [json.loads(line) for one in done for line in one.lines.splitlines()], done


def test_there_is_a_line_for_every_row_in_order():
    lines, done = judged(150, broken=(3, 149))
    assert [line["id"] for line in lines] == [None if n in (3, 149) else n for n in range(150)]
    assert all(set(line) == {"id", "value", "why"} for line in lines)
    assert sum(one.rows for one in done) == 150
    assert sum(one.values for one in done) == 148
    assert lines[7]["value"] == max(line["value"] or 0 for line in lines)


def test_several_scorers_give_a_line_each_with_their_name():
    lines, _ = judged(2, ("f1", "exact"))
    assert [(line["id"], line["scorer"]) for line in lines] == [(0, "f1"), (0, "exact"), (1, "f1"), (1, "exact")]


def test_other_processes_say_the_same_in_the_same_order(monkeypatch):
    monkeypatch.setattr(stream, "CHUNK", 8)
    names = ("faithfulness_lexical", "rouge_l")
    assert judged(80, names, workers=2)[0] == judged(80, names, workers=1)[0]


def test_only_so_many_rows_are_under_way_at_once(monkeypatch):
    monkeypatch.setattr(stream, "CHUNK", 2)
    taken = []

    def counted():
        for row in read_rows(rows(100)):
            taken.append(row)
            yield row

    for number, done in enumerate(judge_rows(counted(), Task(("exact",)), 2)):
        assert len(taken) <= 2 * (number + 1) + 2 * (2 * 2 + 2)
        assert done.rows == 2


def test_a_process_that_is_killed_costs_only_the_rows_it_had(monkeypatch):
    monkeypatch.setattr(stream, "CHUNK", 1)
    lines = []
    for done in judge_rows(read_rows(rows(40)), Task(("exact",)), 2):
        lines += [json.loads(line) for line in done.lines.splitlines()]
        if len(lines) == stream.ALONE + 2:
            for child in multiprocessing.active_children():
                child.kill()
                child.join()
    assert [line["id"] for line in lines] == list(range(40))
    lost = [line["id"] for line in lines if "the process that judged this row ended" in line["why"]]
    assert 1 <= len(lost) <= 2 * 2 + 1
    assert all((line["value"] is None) is (line["id"] in lost) for line in lines)


@pytest.mark.parametrize("form", ["json", "text"])
def test_text_is_for_people(form):
    (done,) = judge_rows(read_rows(rows(1)), Task(("exact",), form), 1)
    assert done.lines.startswith("{" if form == "json" else "0  0.000  equal to the reference")
