"""Small policies for tests: nine lines that every one begins with, and what they compile to."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.policy.plan import Plan
from kit.specs import specs

LIST: Final = "坏词,a1.d,0.9\nbadword,a1.f,0.9\n骗子,fraud,0.7\n"
NEEDED: Final = """\
replies: {safe: {zh: 好, en: ok}, care: {zh: 关怀, en: care}}
withheld: {zh: 略, en: left out}
"""
DETECTORS: Final = """\
detectors:
  - {id: phone, use: phone}
  - {id: mail, use: mail}
  - {id: list, use: words, options: {lists: [list.csv]}}
  - {id: ask, use: judge}
"""
START: Final = f"sluice: 1\nname: x\n{NEEDED}{DETECTORS}"  # nine lines
MASK: Final = "{id: a, when: {risk: pii}, then: mask, on_error: refuse}"


def compiled(folder: Path, text: str, name: str = "x.yaml") -> Plan:
    """Write a policy and its list, and compile it."""
    (folder / "list.csv").write_text(LIST, encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return compile_policy(load_policy(path), specs())


def rules(*lines: str, side: str = "request") -> str:
    """Return a policy with these rules, the first of them on line twelve."""
    return f"{START}{side}:\n  rules:\n" + "".join(f"    - {line}\n" for line in lines)


def band(ask: str, detector: str = "second", use: str = "judge") -> str:
    """Return a policy whose tenth line is a judge with a band."""
    return START + f"  - {{id: {detector}, use: {use}, ask: {ask}}}\n"
