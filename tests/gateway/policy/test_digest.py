"""Whatever can change a verdict changes the digest, and nothing else does."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.small_policies import LIST, NEEDED, band, compiled, rules
from kit.specs import specs

from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan

FULL = (
    rules(
        "{id: a, when: {risk: pii, score: 0.8, roles: [user, tool]}, then: mask, keep: [3, 4], on_error: refuse}",
        "{id: b, when: {risk: [a1, fraud], detectors: [list]}, then: refuse, reply: care, on_error: pass}",
        "{id: c, when: {risk: abuse}, then: label, notice: {zh: 注, en: n}, on_error: pass}",
    )
    + """\
response:
  unjudged: refuse
  rules:
    - {id: d, when: {risk: pii.email, score: 0.6}, then: refuse, release: buffer, on_error: pass}
    - {id: e, when: {risk: abuse, score: 0.6}, then: refuse, on_error: pass}
label: {position: start, words: {zh: 人工智能生成, en: AI-generated}, metadata: true}
record: {text: masked, on_record_failure: pass}
block: safe_reply
misuse: {rules: [b], consecutive: 3, daily: 5, hours: 24, reply: care}
handoff: {question: masked, unavailable: {zh: 无人, en: nobody}}
"""
)


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same document with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = list(value)
        dice.shuffle(keys)
        return {key: shuffled(value[key], dice) for key in keys}
    return [shuffled(item, dice) for item in value] if isinstance(value, list) else value


@given(seed=st.integers(0, 10_000), flow=st.sampled_from([True, False, None]), indent=st.integers(2, 6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
def test_the_order_of_keys_and_comments_and_layout_do_not_change_the_digest(
    tmp_path: Path, seed: int, flow: bool | None, indent: int
) -> None:
    value = shuffled(yaml.safe_load(FULL), random.Random(seed))
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=flow, indent=indent)
    text = "# 注释\n" + text.replace("\n", "  # comment\n" if flow is False else "\n")
    assert compiled(tmp_path, text).digest == compiled(tmp_path, FULL).digest


def test_another_path_another_list_name_and_defaults_written_out_do_not_change_the_digest(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    there = tmp_path / "over" / "there"
    (there / "lists").mkdir(parents=True)
    (there / "lists" / "other.csv").write_text(LIST, encoding="utf-8")
    text = FULL.replace("list.csv", "lists/other.csv").replace("[a1, fraud]", "[fraud, a1]")
    text = text.replace("0.6}, then: refuse, on", "0.6}, then: refuse, release: hold, reply: safe, on").replace(
        "risk: abuse}", "risk: [abuse], score: 0.5}"
    )
    assert compiled(there, text, "y.yaml").digest == digest
    assert compiled(there, "extends: y.yaml\nsluice: 1\nname: x\n", "z.yaml").digest == digest


def changes(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """Every single value of the document, changed so that it still compiles."""
    if isinstance(value, dict):
        return [change for key, item in value.items() for change in changes(item, (*place, key))]
    if isinstance(value, list) and place[-1] not in ("keep", "risk", "roles", "detectors", "lists"):
        return [change for index, item in enumerate(value) for change in changes(item, (*place, index))]
    key = place[-1]
    other: dict[Any, Any] = {
        "name": "z",
        "score": 0.77,
        "keep": [3, 5],
        "risk": {"pii": "pii.email", "pii.email": "pii", "abuse": "pii.mobile_number"}.get(str(value), "a1"),
        "roles": ["user"],
        "on_error": {"pass": "refuse", "refuse": "pass"}.get(str(value)),
        "unjudged": "pass",
        "release": "hold",
        "position": "end",
        "metadata": False,
        "text": "none",
        "on_record_failure": "refuse",
        "block": "error",
        "reply": "safe",
        "consecutive": 4,
        "question": "withheld",
        "daily": 6,
        "hours": 25,
        "zh": f"{value}改",
        "en": f"{value} changed",
    }
    return [(place, other[key])] if key in other else []


CHANGES = changes(yaml.safe_load(FULL))


def test_there_is_a_change_for_all_that_matters() -> None:
    assert len(CHANGES) >= 32


@pytest.mark.parametrize(("place", "new"), CHANGES, ids=[".".join(map(str, place)) for place, _ in CHANGES])
def test_any_change_of_meaning_changes_the_digest(tmp_path: Path, place: tuple[str | int, ...], new: Any) -> None:
    value = copy.deepcopy(yaml.safe_load(FULL))
    inner = value
    for part in place[:-1]:
        inner = inner[part]
    assert inner[place[-1]] != new
    inner[place[-1]] = new
    text = yaml.safe_dump(value, allow_unicode=True)
    assert compiled(tmp_path, text).digest != compiled(tmp_path, FULL).digest


def test_another_word_in_a_list_changes_the_digest(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    (tmp_path / "list.csv").write_text(LIST.replace("0.7", "0.6"), encoding="utf-8")
    assert compile_policy(load_policy(tmp_path / "x.yaml"), specs()).digest != digest


def test_another_version_of_a_detector_changes_the_digest(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    registry = specs()
    old = registry["phone"]
    built = old.build({}, lambda _: b"")
    new = BuiltDetector(built.risks, "2", built.scan)
    registry["phone"] = DetectorSpec(old.name, old.summary, old.risks, old.scope, lambda _o, _l: new)
    assert compile_policy(load_policy(tmp_path / "x.yaml"), registry).digest != digest


def test_a_file_that_no_option_names_changes_the_digest(tmp_path: Path) -> None:
    def build(_options: object, load: Loader) -> BuiltDetector:
        load("extra.bin")
        return BuiltDetector(frozenset({"r"}), "1", lambda view: Scan((), len(view.text)))

    path = tmp_path / "x.yaml"
    path.write_text(f"sluice: 1\nname: x\n{NEEDED}detectors: [{{id: y, use: hidden}}]\n", encoding="utf-8")
    kinds = {"hidden": DetectorSpec("hidden", "", frozenset(), "span", build)}
    digests = set()
    for content in (b"1", b"2"):
        (tmp_path / "extra.bin").write_bytes(content)
        digests.add(compile_policy(load_policy(path), kinds).digest)
    assert len(digests) == 2


def test_another_version_of_the_package_changes_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = compiled(tmp_path, FULL).digest
    monkeypatch.setattr("gateway.policy.digest.__version__", "99")
    assert compiled(tmp_path, FULL).digest != digest


def test_the_order_of_rules_changes_the_digest(tmp_path: Path) -> None:
    value = yaml.safe_load(FULL)
    value["request"]["rules"].reverse()
    assert compiled(tmp_path, yaml.safe_dump(value, allow_unicode=True)).digest != compiled(tmp_path, FULL).digest


def test_a_digest_is_a_sha256_in_hex(tmp_path: Path) -> None:
    digest = compiled(tmp_path, FULL).digest
    assert len(digest) == 64
    assert int(digest, 16) > 0


def test_a_band_is_part_of_the_digest(tmp_path: Path) -> None:
    asks = ["{when: {risk: a1, between: [0.3, 0.8]}}", "{when: {risk: a1, between: [0.3, 0.7]}}"]
    asks += ["{when: {risk: fraud, between: [0.3, 0.8]}}", "{when: {risk: a1, between: [0.3, 0.8], detectors: [list]}}"]
    rule = "request:\n  rules:\n    - {id: r, when: {risk: abuse}, then: refuse, on_error: refuse}\n"
    assert len({compiled(tmp_path, band(ask) + rule).digest for ask in asks}) == len(asks)
