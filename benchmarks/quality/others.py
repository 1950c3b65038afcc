"""Runs the detectors that learn nothing, times every one, and holds personal data against its spans."""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.quality.letters import letters
from benchmarks.quality.letters import measure as measure_letters
from gateway.policy.plan import Plan
from gateway.text import TextView
from training.corpora.rows import Row

_PRESIDIO: Final = {
    "PERSON": ("pii.person_name", "pii.name", "pii.person"),
    "CREDIT_CARD": ("pii.bank_card",),
    "PHONE_NUMBER": ("pii.phone_number", "pii.mobile_number"),
    "EMAIL_ADDRESS": ("pii.email",),
    "IBAN_CODE": ("pii.iban",),
    "US_SSN": ("pii.us_ssn",),
    "IP_ADDRESS": ("pii.ip_address",),
    "US_DRIVER_LICENSE": ("pii.driving_licence",),
    "STREET_ADDRESS": ("pii.address",),
}
_NUMBERS: Final = itertools.count()
"""No two texts that are timed begin alike."""
_NANO: Final = {"SSN": "US_SSN", "EMAIL": "EMAIL_ADDRESS", "PHONE": "PHONE_NUMBER", "IP": "IP_ADDRESS"}


def scores_of(
    plan: Plan, id: str, rows: Sequence[Row], wanted: Callable[[str], str]
) -> dict[str, NDArray[np.floating]]:
    """Return the highest score of each text for each risk, as ``wanted`` names it."""
    detector = next(d for d in plan.request.detectors if d.id == id)
    assert detector.scan is not None
    scores: dict[str, NDArray[np.floating]] = {}
    for number, row in enumerate(tqdm(rows, id, unit=" texts", delay=2, disable=None)):
        for finding in detector.scan(TextView(row.text[:6000])).findings:
            risk = wanted(finding.risk)
            if risk:
                column = scores.setdefault(risk, np.zeros(len(rows)))
                column[number] = max(column[number], finding.score)
    return scores


def timings(plan: Plan) -> list[tuple[str, float, float, float]]:
    """Return for each detector, and for all of them on one view, what 500 and 2,000 Chinese and 500 English
    characters take: the median of 60 runs, in µs of processor time, so that other work on the machine counts little.
    Each run begins with a number of its own: who remembers whole texts would tell the time of looking one up. All
    together are those that look at what a user asks.
    """
    chinese = "请帮我写一封邮件，告诉客户周三的会议改到下周一上午十点，地点不变，并附上新的议程和参会名单。谢谢！" * 50
    english = "Please write a short and polite note to the team about the new schedule for next week. " * 40
    scans = {detector.id: detector.scan for detector in plan.request.detectors if detector.scan is not None}
    together = tuple(
        detector.scan
        for detector in plan.request.detectors
        if detector.scan is not None and (detector.roles is None or "user" in detector.roles)
    )

    def all_of_them(view: TextView) -> None:
        for scan in together:
            scan(view)

    out: list[tuple[str, float, float, float]] = []
    for name, scan in (*scans.items(), ("all together", all_of_them)):
        short, long, other = (_median(scan, text) for text in (chinese[:500], chinese[:2000], english[:500]))
        out.append((name, short, long, other))
    return out


def _median(scan: Callable[[TextView], object], text: str) -> float:
    took: list[int] = []
    for _ in range(60):
        view = TextView(f"{next(_NUMBERS):05}{text[5:]}")
        begin = time.thread_time_ns()
        scan(view)
        took.append(time.thread_time_ns() - begin)
    return statistics.median(took) / 1000


def footprint() -> dict[str, float]:
    """Return what it takes to load the base policy in a new process: seconds, and MB at its peak."""
    code = (
        "import re, time; b = time.perf_counter()\n"
        "from gateway.wiring import load_plan; load_plan('base')\n"
        # What getrusage tells includes the process that this one was forked from.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(time.perf_counter() - b, int(peak) / 1024)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return {"seconds": float(said[0]), "megabytes": float(said[1])}


def personal(plan: Plan, data: Path) -> list[dict[str, Any]]:
    """Return for each published set and type how much was found, and how much of what was said is right."""
    synth = json.loads((data / "presidio_research/data__synth_dataset_v2.json").read_text("utf-8"))
    nano = json.loads((data / "pii_syn_nano_en/dataset__pii_syn_nano_en.json").read_text("utf-8"))
    sets = {
        "presidio_research": [
            (x["full_text"], [(s["start_position"], s["end_position"], s["entity_type"]) for s in x["spans"]])
            for x in synth
        ],
        "pii_syn_nano_en": [(x["text"], _spans(x["text"], x["NER"])) for x in nano],
    }
    out: list[dict[str, Any]] = []
    for name, texts in sets.items():
        counts: dict[str, list[int]] = {}
        for text, spans in tqdm(texts, name, unit=" texts", delay=2, disable=None):
            found = [
                f
                for d in plan.request.detectors
                if d.scan is not None and any(r.startswith("pii.") for r in d.risks)
                for f in d.scan(TextView(text)).findings
                if f.score >= 0.5
            ]
            for kind, risks in _PRESIDIO.items():
                told = [(f.start, f.end) for f in found if f.risk in risks]
                real = [(a, b) for a, b, entity in spans if entity == kind]
                tally = counts.setdefault(kind, [0, 0, 0, 0])
                tally[0] += len(real)
                tally[1] += sum(any(s < b and e > a for s, e in told) for a, b in real)
                tally[2] += len(told)
                tally[3] += sum(any(s < b and e > a for a, b in real) for s, e in told)
        for kind, (real_n, hit, told_n, right) in counts.items():
            if real_n:
                out.append({"source": name, "type": kind, "n": real_n, "found": hit, "told": told_n, "right": right})
    return [*out, *of_letters(data)]


def of_letters(data: Path, count: int = 1_000) -> list[dict[str, Any]]:
    """Return the same of made-up Chinese CVs and letters, where only exact ends count."""
    tallies, _ = measure_letters(letters(data, count=count))
    return [
        {"source": "letters (zh, made up)", "type": kind, "n": t.n, "found": t.whole, "told": t.said, "right": t.right}
        for kind, t in sorted(tallies.items())
        if t.n
    ]


def _spans(text: str, entities: Sequence[Mapping[str, str]]) -> list[tuple[int, int, str]]:
    spans = []
    for entity in entities:
        said, label = entity.get("entity", ""), entity.get("label", "")
        at = text.find(said) if said else -1
        if at >= 0:
            spans.append((at, at + len(said), _NANO.get(label, label)))
    return spans
