"""``sluice label``: labels are written, read, judged and passed on, and the exit code is the answer."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from kit.certificates import credentials
from kit.specimens import CODE, LABEL, SPECIMENS, drawn, markdown

from gateway.cli.label import label as group
from gateway.labels.files import write_bytes
from gateway.labels.manifest import seal


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("none.png").write_bytes(drawn("PNG"))
    Path("good.png").write_bytes(write_bytes(drawn("PNG"), LABEL))
    Path("bad.md").write_bytes(markdown("AIGC:\n  Label: AIGC\n"))
    Path("half.png").write_bytes(drawn("PNG")[:-12])
    Path("empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("files", "code", "verdicts"),
    [
        (["good.png"], 0, ["compliant"]),
        (["none.png"], 1, ["not found"]),
        (["bad.md"], 1, ["non-compliant"]),
        (["half.png"], 3, ["inconclusive"]),
        (["good.png", "half.png"], 3, ["compliant", "inconclusive"]),
        (["half.png", "bad.md", "good.png"], 1, ["inconclusive", "non-compliant", "compliant"]),
        (["*.png"], 1, ["compliant", "inconclusive", "not found"]),
        (["."], 1, ["non-compliant", "compliant", "inconclusive", "not found"]),
        (["good.png", "*ood.png"], 0, ["compliant"]),
    ],
)
def test_files_are_judged_and_the_exit_code_is_for_ci(
    sluice: Any, files: list[str], code: int, verdicts: list[str]
) -> None:
    ran = sluice("label", "verify", "--format", "json", *files)
    assert (ran.code, ran.err) == (code, "")
    assert [row["verdict"] for row in ran.rows] == verdicts
    for row in ran.rows:
        assert {"file", "verdict", "rules", "label"} <= set(row)
        assert all({"id", "result", "what", "clause", "confidence"} == set(rule) for rule in row["rules"])
    human = sluice("label", "verify", *files)
    assert human.code == code
    assert [line.split("  ")[1] for line in human.out.splitlines() if not line.startswith("    ")] == verdicts


def test_a_rule_that_is_broken_is_named_with_its_clause_and_confidence(sluice: Any) -> None:
    ran = sluice("label", "verify", "bad.md")
    assert "failed: Label is not" in ran.out
    assert "[label; GB 45438 Annex E c); H]" in ran.out


def test_strict_mode_fails_on_what_else_warns(sluice: Any) -> None:
    elements = {**LABEL.elements(), "ContentProducer": "An Agent", "ContentPropagator": "An Agent"}
    Path("soft.md").write_bytes(
        markdown("AIGC:\n" + "".join(f"  {key}: '{value}'\n" for key, value in elements.items()))
    )
    assert sluice("label", "verify", "soft.md").code == 0
    ran = sluice("label", "verify", "--strict", "--format", "json", "soft.md")
    assert ran.code == 1
    assert [rule["id"] for rule in ran.rows[0]["rules"] if rule["result"] == "failed"] == ["charset"]


def test_a_label_is_written_in_place_and_read(sluice: Any) -> None:
    assert sluice("label", "write", "none.png", "--producer", CODE, "--content-id", "7").code == 0
    ran = sluice("label", "read", "none.png", "--format", "json")
    assert ran.code == 0
    assert ran.rows[0]["label"]["ProduceID"] == "7"
    human = sluice("label", "read", "none.png")
    assert f"  ContentProducer   {CODE}" in human.out


def test_out_leaves_the_original_and_makes_the_folder(sluice: Any) -> None:
    before = Path("none.png").read_bytes()
    Path("b.png").write_bytes(before)
    ran = sluice(
        "label",
        "write",
        "none.png",
        "b.png",
        "--producer",
        "acme",
        "--content-id",
        "x-{n}-{name}",
        "--out",
        "new/folder",
    )
    assert ran.code == 0
    assert Path("none.png").read_bytes() == before
    rows = sluice("label", "read", "new/folder", "--format", "json").rows
    assert [row["label"]["ProduceID"] for row in rows] == ["x-2-b", "x-1-none"]
    assert sluice("label", "write", "none.png", "--producer", "acme", "--content-id", "1", "--out", "one.png").code == 0
    assert sluice("label", "verify", "one.png").code == 0


@pytest.mark.parametrize("file", ["good.png", "half.png", "bad.md"])
def test_what_cannot_be_labelled_is_told_and_untouched(sluice: Any, file: str) -> None:
    before = Path(file).read_bytes()
    ran = sluice("label", "write", file, "none.png", "--producer", "acme", "--content-id", "{n}")
    assert ran.code == 1
    assert f"✗ {file}: " in ran.err
    assert Path(file).read_bytes() == before
    assert sluice("label", "verify", "none.png").code == 0  # the others are labelled all the same


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "Missing argument"),
        (["verify", "gone.png"], "gone.png: there is no such file"),
        (["verify", "empty"], "no file in this folder can carry a label"),
        (["verify", "*.gone"], "no file matches"),
        (["write", "none.png", "--producer", "a b", "--content-id", "1"], "the producer may hold only"),
        (["write", "none.png", "--producer", CODE[:-1], "--content-id", "1"], "the producer has 26 characters"),
        (["write", "none.png", "--producer", CODE.replace("F1", "G1"), "--content-id", "1"], "credit code"),
        (["write", "none.png", "--producer", "acme", "--content-id", ""], "the content id is empty"),
        (["write", "none.png", "--content-id", "1"], "--producer"),
        (["write", "none.png", "good.png", "--producer", "acme", "--content-id", "1"], "{n}"),
        (["propagate", "none.png", "--platform", "某平台", "--content-id", "1"], "the propagator may hold only"),
        (["propagate", "none.png", "good.png", "--platform", "p", "--content-id", "1"], "{n}"),
    ],
)
def test_wrong_usage_is_told_before_any_file_is_touched(sluice: Any, arguments: list[str], said: str) -> None:
    before = Path("none.png").read_bytes()
    ran = sluice("label", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert Path("none.png").read_bytes() == before


def test_a_platform_passes_labels_on(sluice: Any) -> None:
    ran = sluice(
        "label",
        "propagate",
        "good.png",
        "none.png",
        "half.png",
        "--platform",
        "p",
        "--content-id",
        "{name}",
        "--format",
        "json",
    )
    assert ran.code == 3
    assert [(row["state"], row["written"]) for row in ran.rows] == [
        ("is", True),
        ("none", False),
        ("inconclusive", False),
    ]
    assert json.loads(sluice("label", "read", "good.png", "--format", "json").out)["label"]["PropagateID"] == "good"
    assert (
        sluice("label", "propagate", "none.png", "--platform", "p", "--content-id", "1", "--declared", "--dry-run").code
        == 0
    )
    assert sluice("label", "verify", "none.png").code == 1
    assert sluice("label", "propagate", "none.png", "--platform", "p", "--content-id", "1", "--declared").code == 0
    assert sluice("label", "verify", "none.png").code == 0


def test_a_label_stays_in_the_place_where_it_was(sluice: Any) -> None:
    for name, form in (("picture.png", "text"), ("picture.jpg", "exif")):
        Path(name).write_bytes(write_bytes(SPECIMENS[name](), LABEL, form=form))
        before = sluice("label", "read", name, "--format", "json").rows[0]["place"]
        assert sluice("label", "propagate", name, "--platform", "p", "--content-id", "1").code == 0
        assert sluice("label", "read", name, "--format", "json").rows[0]["place"] == before


def test_a_strangers_words_cannot_steer_the_terminal(sluice: Any) -> None:
    Path("evil.md").write_bytes(markdown('AIGC:\n  Label: "1"\n  ContentProducer: "\\e]0;x\\a"\n'))
    for command in ("read", "verify"):
        assert "\x1b" not in sluice("label", command, "evil.md").out


def test_a_file_name_of_any_bytes_is_reported(sluice: Any) -> None:
    Path("g\udcff.png").write_bytes(drawn("PNG"))
    assert sluice("label", "verify", "--format", "json", ".").code == 1


def test_help_begins_with_examples_that_parse(sluice: Any) -> None:
    for command in ((), ("verify",), ("write",)):
        text = sluice("label", *command, "--help").out
        tried = [line.strip() for line in text.splitlines() if line.startswith("    sluice ")]
        assert tried
        assert text.index(tried[0]) < text.index("Options:")
        for line in tried:
            words = shlex.split(line.partition(" > ")[0])
            assert words[2] in group.commands


def test_labels_are_signed_and_keys_pinned(sluice: Any) -> None:
    Path("key").write_text("01" * 32, encoding="ascii")
    Path("secret").write_text("s" * 32, encoding="ascii")
    from gateway.labels.signature import read_key

    Path("public").write_text(read_key(Path("key")).public.hex(), encoding="ascii")
    Path("b.png").write_bytes(drawn("PNG"))
    assert (
        sluice("label", "write", "none.png", "--producer", "acme", "--content-id", "1", "--sign-sm2", "key").code == 0
    )
    assert (
        sluice("label", "write", "b.png", "--producer", "acme", "--content-id", "1", "--sign-hmac", "secret").code == 0
    )
    assert sluice("label", "verify", "none.png", "--pin", "public").code == 0
    assert sluice("label", "verify", "b.png", "--hmac-key", "secret").code == 0
    assert sluice("label", "verify", "good.png", "--pin", "public").code == 1
    assert sluice("label", "verify", "good.png", "--pin", "gone").code == 2
    both = ["--sign-sm2", "key", "--sign-hmac", "secret"]
    assert sluice("label", "write", "b.png", "--producer", "acme", "--content-id", "1", *both).code == 2


def test_a_c2pa_manifest_is_told_beside_the_verdict(sluice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("c2pa", reason="the extra labels-c2pa is not installed")
    sealed = bytearray(seal(Path("good.png").read_bytes(), credentials()))
    Path("sealed.png").write_bytes(sealed)
    sealed[-60] ^= 1  # a pixel
    Path("changed.png").write_bytes(sealed)
    ran = sluice("label", "verify", "--format", "json", "good.png", "sealed.png", "changed.png")
    plain, whole, broken = (row["c2pa"] for row in ran.rows)
    assert plain is None
    assert (whole["state"], whole["made_by_ai"], whole["reason"]) == ("valid", True, None)
    assert whole["codes"] == ["signingCredential.untrusted"]
    assert broken["state"] == "invalid"
    assert "assertion.dataHash.mismatch" in broken["codes"]
    assert (ran.code, {row["verdict"] for row in ran.rows}) == (0, {"compliant"})
    assert sluice("label", "verify", "--strict", "sealed.png").code == 0
    strict = sluice("label", "verify", "--strict", "changed.png")
    assert strict.code == 1
    assert "C2PA manifest: invalid (" in strict.out
    assert "says: made by AI" in sluice("label", "verify", "sealed.png").out
    monkeypatch.setitem(sys.modules, "c2pa", None)
    ran = sluice("label", "verify", "--strict", "--format", "json", "sealed.png")
    assert (ran.code, ran.rows[0]["c2pa"]["state"]) == (0, "unchecked")
    assert "labels-c2pa" in ran.rows[0]["c2pa"]["reason"]
