"""What is advised, when done, brings the table below the threshold."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from gateway.privacy.ladder import find_way, rungs
from gateway.privacy.risk import classes, encode, risk_of


@pytest.mark.parametrize(
    ("kind", "value", "others", "rung"),
    [
        ("age", "37", ["18", "60"], "band-5: 35–40, band-10: 30–40, band-20: 20–40"),
        ("income", "12345", ["0", "20000"], "band-400: 12000–12400, band-1000: 12000–13000, band-2000: 12000–14000"),
        ("birth_date", "1990-05-06", [], "month: 1990-05, year: 1990, decade: 1990s"),
        ("event_date", "2024年5月6日", [], "month: 2024-05, year: 2024, decade: 2020s"),
        (
            "area",
            "浙江省杭州市西湖区文三路1号",
            [],
            "district: 浙江省杭州市西湖区, city: 浙江省杭州市, province: 浙江省",
        ),
        (
            "area",
            "2 A St; Troy; Ohio".replace(";", ","),
            [],
            "district: 2 A St, Troy, Ohio, city: Troy, Ohio, province: Ohio",
        ),
        ("area", "310012", [], "prefix-4: 3100, prefix-2: 31"),
        ("occupation", "司机", ["司机"] * 30 + ["钢琴家"], "merge-rare: 司机"),
        ("occupation", "钢琴家", ["司机"] * 30, "merge-rare: *"),
    ],
)
def test_a_value_climbs_the_ladder_of_its_kind(kind: str, value: str, others: list[str], rung: str) -> None:
    climbed = [f"{one.technique}: {one.change(value)}" for one in rungs(kind, Counter([value, *others]))]
    assert climbed == [*climbed[:-1], "suppress: *"]
    assert ", ".join(climbed[:-1]) == rung


def test_what_is_no_number_among_numbers_is_suppressed_and_an_empty_cell_stays_empty() -> None:
    band = next(iter(rungs("age", Counter([*map(str, range(20, 40)), "old", ""]))))
    assert (band.change("old"), band.change("")) == ("*", "")


@pytest.mark.parametrize(("sharing", "context"), [("public", 1.0), ("controlled", 0.3), ("enclave", 0.1)])
def test_the_way_leads_below_the_threshold(sharing: str, context: float) -> None:
    r = random.Random(5)
    columns = {
        "gender": [r.choice("男女") for _ in range(2_000)],
        "age": [str(r.randint(18, 90)) for _ in range(2_000)],
        "event_date": [f"{r.randint(2015, 2024)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}" for _ in range(2_000)],
        "area": [f"{r.choice(['3100', '2000'])}{r.randint(10, 60)}" for _ in range(2_000)],
    }
    way = find_way(list(columns), list(columns), list(columns.values()), sharing, context)  # type: ignore[arg-type]
    changed = dict(columns)
    for step in way.steps:
        rung = next(one for one in rungs(step.column, Counter(columns[step.column])) if one.technique == step.technique)
        changed[step.column] = [rung.change(value) for value in columns[step.column]]
    groups = classes([encode(column) for column in changed.values()], 2_000)
    kept = sorted(groups.sizes.tolist())
    left_out = way.suppress
    while left_out > 0:
        left_out -= kept.pop(0)
    after = risk_of(np.array(kept), sharing, context)  # type: ignore[arg-type]
    assert left_out == 0
    assert after.acceptable
    assert way.risk is not None
    assert after.overall == pytest.approx(way.risk.overall)
    assert way.suppress <= 200


def test_a_table_too_small_to_hide_in_has_no_way() -> None:
    way = find_way(["gender"], ["gender"], [["男", "女"]], "public", 1.0)
    assert way.risk is None
