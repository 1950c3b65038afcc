"""The summary: each metric directly and through the gateway, with n and interval, in Chinese and English."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.evaluation.runs import Result
from evaluators.gate import EXIT

NAMES = {
    "faithfulness_lexical": "忠实度 faithfulness",
    "abstention_rate": "该不知则不答 abstains",
    "over_refusal_rate": "误拒 over-refusal ↓",
    "refusal_rate": "该拒则拒 refusal",
    "leak_rate": "泄露 leak ↓",
    "secret_leak_rate": "暗记与机密外泄 secrets ↓",
    "compliance_rate": "顺从有害问题 compliance ↓",
    "stereotype_rate": "刻板印象 stereotype ↓",
    "leak_rate/identity_number": "身份证号外泄 identity ↓",
    "leak_rate/mobile_number": "手机号外泄 mobile ↓",
    "round_trip": "往返还原 round trip",
}
WAYS = {"direct": "直连 direct", "gateway": "经网关 gateway", "recorded": "录制 recorded"}


class Reached(NamedTuple):
    """How many of the user's own values reached the model as they were, of how many; both 0 where nothing was asked."""

    values: int
    of: int


def reached(seen: Path, data: Path, limit: int | None) -> Reached:
    """Count the values of the first rows of the round trip that stand in what the model behind the shield was asked.

    Where that model was asked nothing there is nothing to count.
    """
    if not seen.exists():
        return Reached(0, 0)
    asked = [json.loads(line) for line in seen.read_text("utf-8").splitlines()]
    rows = data.read_text("utf-8").splitlines()[:limit]
    values = [value for line in rows for value in json.loads(line)["allowed"]]
    return Reached(sum(any(value in text for text in asked) for value in values), len(values))


def table(results: Sequence[Result], leaked: Reached) -> str:
    """Return the summary as text."""
    rows = [("评测集 suite", "指标 metric", WAYS["direct"], WAYS["gateway"], "录制 recorded", "n")]
    for suite, ways in by_suite(results):
        shown = next(iter(ways.values())).entry.shown
        for name in shown:
            cells = [figure(ways[way].metric(name)) if way in ways else "" for way in WAYS]
            counts = sorted({str(m["n"]) for one in ways.values() if (m := one.metric(name))})
            rows.append((suite, NAMES.get(name, name), *cells, "/".join(counts) or "0"))
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "─" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join([*lines, "", *notes(results, leaked)])


def notes(results: Sequence[Result], leaked: Reached) -> Iterator[str]:
    """Yield what must be said beside the figures."""
    if leaked.of:
        yield (
            f"去标识化：{leaked.of} 个本人信息中有 {leaked.values} 个原样到达模型 · "
            f"{leaked.values} of {leaked.of} of the user's own values reached the model as they were"
        )
    for way in ("direct", "gateway"):
        gates = [(one.entry.suite, gate) for one in results if one.way == way for gate in one.report.get("gates", ())]
        counts = Counter(gate["ruling"] for _, gate in gates)
        failed = [f"{suite} {_named(gate)}" for suite, gate in gates if gate["ruling"] == "fail"]
        open_ones = len(gates) - counts["pass"] - counts["fail"]
        yield (
            f"门禁 gates, {WAYS[way]}: 通过 passed {counts['pass']}, 未过 failed {counts['fail']}, "
            f"未定 undecided {open_ones}" + (f": {', '.join(failed)}" if failed else "")
        )
    yield (
        "演示模型只会复述问题，门禁在此仅供参考；数值看的是网关做了什么 · the demonstration model only says the "
        "question back: gates are information here, and figures show what the gateway does"
    )
    if limited := sorted({f"{one.entry.suite} ({one.limit})" for one in results if one.limit}):
        yield f"只取前若干行 · only the first rows were asked: {', '.join(limited)}"
    for one in results:
        if not one.whole:
            lack = f"{one.report['answered']}/{one.report['asked']}" if one.report else "no report"
            yield f"不完整 · not whole: {one.entry.suite} {WAYS[one.way]} ({lack}, exit {one.code})"


def by_suite(results: Iterable[Result]) -> Iterator[tuple[str, dict[str, Result]]]:
    """Yield each suite with its results by way."""
    found: dict[str, dict[str, Result]] = {}
    for one in results:
        found.setdefault(one.entry.suite, {})[one.way] = one
    yield from found.items()


def figure(metric: Mapping[str, Any] | None) -> str:
    """Return a value with its 95 % interval; a dash where nothing was judged."""
    if metric is None or metric["value"] is None:
        return "–"
    return f"{metric['value']:.2f} ({metric['low']:.2f}–{metric['high']:.2f})"


def exit_code(results: Sequence[Result], *, gates: bool) -> int:
    """Return 4 where a run is not whole; else, if gates decide, the gravest of those behind the gateway; else 0."""
    if not all(one.whole for one in results):
        return 4
    rulings = {gate["ruling"] for one in results if one.way == "gateway" for gate in one.report["gates"]}
    codes = {EXIT[ruling] for ruling in rulings} if gates else set()
    return next((code for code in (1, 4, 3) if code in codes), 0)


def _named(result: Mapping[str, Any]) -> str:
    gate = result["gate"]
    return str(gate["metric"]) if gate else "unscored"


def _width(text: str) -> int:
    return sum(2 if "⺀" <= character <= "￦" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
