"""Runs the command line in this process, as a shell would see it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.cli.main import main

POLICY = """\
sluice: 1
name: tiny
detectors:
  - {id: identity, use: identity_number}
  - {id: drug, use: pattern, options: {risk: drug, pattern: '毒品|drug deal'}}
  - {id: shy, use: pattern, options: {risk: shy, pattern: '嗯', score: 0.3}}
  - {id: boss, use: pattern, options: {risk: boss, pattern: '找人工'}}
request:
  unjudged: pass
  rules:
    - {id: mask-identity, when: {risk: pii.identity_number, score: 0.5}, then: mask, keep: [6, 4], on_error: refuse}
    - {id: refuse-drug, when: {risk: drug, score: 0.5}, then: refuse, on_error: refuse}
    - {id: refuse-shy, when: {risk: shy, score: 0.9}, then: refuse, on_error: pass}
    - {id: boss, when: {risk: boss, score: 0.5}, then: handoff, reply: person, on_error: refuse}
response:
  unjudged: pass
  rules:
    - {id: answer-identity, when: {risk: pii.identity_number, score: 0.5}, then: mask, on_error: refuse}
    - {id: answer-drug, when: {risk: drug, score: 0.5}, then: refuse, on_error: refuse}
replies:
  safe: {zh: 抱歉。, en: Sorry.}
  person: {zh: 请稍候。, en: One moment.}
withheld: {zh: （略）, en: (omitted)}
"""
CASES = """\
- name: 毒品不答
  side: request
  text: 哪有毒品
  expect: {action: refuse, rule: refuse-drug, risks: [drug]}
- name: hello passes
  side: response
  text: hello
  expect: {action: pass, rule: null, risks: []}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a shell sees of a command."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        return [orjson.loads(line) for line in self.out.splitlines()]


Sluice = Callable[..., Ran]


@pytest.fixture
def sluice(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Sluice:
    def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["sluice", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        said = capfd.readouterr()
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A small policy with its cases beside it."""
    file = tmp_path / "tiny.yaml"
    file.write_text(POLICY, encoding="utf-8")
    (tmp_path / "tiny_test.yaml").write_text(CASES, encoding="utf-8")
    return file
