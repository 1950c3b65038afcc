"""``sluice explain``: the whole story of a text, in its language, with the text at hand."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from kit.judging import says
from kit.upstream import ScriptedUpstream

from gateway.cli.explain import explain

ID = "11010519491231002X"


def test_a_person_sees_what_was_found_under_the_text_and_what_becomes_of_it(sluice: Any, policy: Path) -> None:
    ran = sluice("explain", "--policy", policy, f"号码{ID}，嗯")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("部分遮盖后放行：依据方案 tiny@")
    at = lines.index(f"  号码{ID}，嗯")
    assert lines[at + 1] == "  " + " " * 4 + "^" * 18 + "  " + "^^"
    classes = "个人身份信息、GB/T 35273 附录 B 敏感、直接标识；4 级"
    assert f"[1] identity 在 2–20 发现 pii.identity_number，得分 1.00（{classes}）" in lines
    assert "[2] shy 在 21–22 发现 shy，得分 0.30" in lines
    assert "✓ mask-identity：pii.identity_number 得分 1.00 ≥ 0.50（identity）→ 部分遮盖后放行" in lines
    assert "· refuse-shy：shy 得分 0.30 < 0.90" in lines
    assert "· 没有发现这些规则所管的内容：refuse-drug, boss" in lines
    assert lines[-2:] == ["文本将这样发出：", "  号码110105********002X，嗯"]


def test_what_is_refused_shows_the_reply(sluice: Any, policy: Path) -> None:
    ran = sluice("explain", "--policy", policy, "a drug deal")
    assert ran.code == 1
    assert ran.out.startswith("Refused by rule refuse-drug of policy tiny@")
    assert ran.out.endswith("The text does not go on; the reply is:\n  Sorry.\n")


@pytest.mark.parametrize(("language", "said"), [("zh", "文本原样发出。"), ("en", "The text goes on as it is.")])
def test_the_language_can_be_chosen(sluice: Any, policy: Path, language: str, said: str) -> None:
    ran = sluice("explain", "--policy", policy, "--language", language, "hello")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, said)


def test_signs_that_a_screen_would_obey_are_shown_as_dots(sluice: Any, policy: Path) -> None:
    ran = sluice("explain", "--policy", policy, f"\x1b[31m号{ID}")
    assert "\x1b" not in ran.out
    assert f"  ·[31m号{ID}" in ran.out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "says_"),
    [
        ([], 2, "TEXT"),
        (["hi", "--question", "why"], 2, "--question goes with --side response"),
        (["hi", "--policy", "bass"], 3, "there are base"),
        (["hi", "--language", "fr"], 2, "fr"),
    ],
)
def test_what_cannot_be_done_is_told(sluice: Any, arguments: list[str], code: int, says_: str) -> None:
    ran = sluice("explain", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert says_ in ran.err


def test_the_help_begins_with_examples_that_work(sluice: Any) -> None:
    ran = sluice("explain", "--help")
    examples = [line.strip() for line in ran.out.splitlines() if line.strip().startswith("sluice explain ")]
    assert len(examples) == 3
    for example in examples:
        ran = sluice(*shlex.split(example)[1:])
        assert (ran.code, ran.err) == (0, ""), example


def test_every_option_says_what_it_is_for() -> None:
    assert all(getattr(option, "help", "") for option in explain.params if option.name not in ("text", "side"))


JUDGED = """\
sluice: 1
name: judged
detectors:
  - {{id: words, use: pattern, options: {{pattern: '骗', risk: fraud, score: 0.5}}}}
  - id: guard
    use: llama_guard
    ask: {{when: {{risk: fraud, between: [0.3, 0.8]}}}}
    options: {{model: g, base_url: '{url}', timeout: 5}}
request:
  rules:
    - {{id: crime, when: {{risk: a1.h, detectors: [guard]}}, then: refuse, on_error: refuse}}
replies: {{safe: {{zh: 抱歉。, en: Sorry.}}}}
withheld: {{zh: （略）, en: (omitted)}}
"""


async def judged(sluice: Any, folder: Path, answer: Any, *arguments: str) -> Any:
    """Run a command against a judge on a real port; the command has a loop of its own, in a thread."""
    import asyncio

    async with ScriptedUpstream(answer) as server:
        (folder / "judged.yaml").write_text(JUDGED.format(url=server.url), encoding="utf-8")
        return await asyncio.to_thread(sluice, *arguments, "--policy", str(folder / "judged.yaml"))


NONSENSE = "JudgeNonsense: it is neither safe nor unsafe with a line of codes"


@pytest.mark.parametrize(
    ("text", "answer", "code", "line"),
    [
        ("骗人", says("unsafe\nS2"), 1, "✓ crime：a1.h 得分 0.95 ≥ 0.50（guard）→ 拒答"),
        ("骗人", says("who knows"), 1, "✗ crime：guard 无法判断；on_error: refuse"),
        (
            "骗人",
            says("who knows"),
            1,
            f"未判断：guard: {NONSENSE}",
        ),
        ("你好", says("unsafe\nS2"), 0, "· 没有问 guard：较快的检测器得分不在 0.30 ≤ 得分 < 0.80 之内"),
    ],
)
async def test_judges_are_really_asked(
    sluice: Any, tmp_path: Path, text: str, answer: Any, code: int, line: str
) -> None:
    ran = await judged(sluice, tmp_path, answer, "explain", text)
    assert ran.code == code
    assert line in ran.out.splitlines()


async def test_check_asks_them_too_and_says_what_they_took(sluice: Any, tmp_path: Path) -> None:
    ran = await judged(sluice, tmp_path, says("unsafe\nS2"), "check", "骗人", "--timing")
    assert ran.code == 1
    assert "words 发现 fraud，得分 0.50" in ran.out
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["guard", "words"]
    assert "ms in 1 calls" in ran.err
