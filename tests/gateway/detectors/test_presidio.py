"""Presidio uses what is here, and policies use what Presidio brings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.detectors.presidio import SPEC, analyzer, entity_of
from gateway.detectors.registry import personal_specs
from gateway.ports import BuiltDetector
from gateway.text import TextView

pytest.importorskip("presidio_analyzer")

TEXTS = (
    "身份证11010519491231002X，手机13800138000，邮箱a.b@example.com谢谢",
    "我叫陈晓明，住在北京市海淀区中关村大街27号，车牌京A12345",
    "My name is John Smith, card 4111 1111 1111 1111, SSN 521-44-9382.",
    "今天天气很好",
    "",
)


@pytest.fixture(scope="module")
def engine() -> object:
    return analyzer(personal_specs())


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_through_presidio_the_same_is_found_as_directly(engine: object, text: str, language: str) -> None:
    direct = {
        (finding.start, finding.end, entity_of(finding.risk), finding.score)
        for spec in personal_specs()
        for finding in run(spec.build({}, lambda name: b""), text)
    }
    through = {(r.start, r.end, r.entity_type, r.score) for r in engine.analyze(text, language=language)}  # type: ignore[attr-defined]
    assert through == direct
    assert bool(direct) == (len(text) > 10)


def run(built: BuiltDetector, text: str) -> tuple:
    assert built.scan is not None
    return built.scan(TextView(text)).findings


@pytest.mark.parametrize(
    ("text", "entity", "expected"),
    [
        ("卡号4111111111111111请查收", "CREDIT_CARD", [("4111111111111111", "pii.bank_card")]),
        ("邮箱zhang.san@example.com谢谢", "EMAIL_ADDRESS", [("zhang.san@example.com", "pii.email")]),
        ("地址10.0.0.8上", "IP_ADDRESS", [("10.0.0.8", "pii.ip_address")]),
        ("13800138000", "PHONE_NUMBER", [("13800138000", "pii.phone_number")]),
        ("今天天气很好", "CREDIT_CARD", []),
    ],
)
def test_its_recognizers_find_what_is_glued_to_chinese(text: str, entity: str, expected: list[tuple[str, str]]) -> None:
    findings = run(SPEC.build({"entities": [entity]}, lambda name: b""), text)
    assert [(text[f.start : f.end], f.risk) for f in findings] == expected


def test_an_answer_is_judged_when_it_is_whole() -> None:
    scan = SPEC.build({"entities": ["IP_ADDRESS"]}, lambda name: b"").scan
    assert scan is not None
    assert scan(TextView("at 10.0.0.8", 1, final=False)) == ((), 1)


def test_importing_the_gateway_does_not_import_presidio() -> None:
    code = "import sys, gateway.detectors.registry as r; r.registry(); sys.exit('presidio_analyzer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


OFFLINE = """
import socket, sys
tried = []
def no(*args, **more):
    tried.append(args)
    raise OSError("no network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = no
from gateway.detectors.presidio import SPEC, analyzer
from gateway.detectors.registry import personal_specs
from gateway.text import TextView
text = "Write to zhang.san@example.co.uk or see https://www.example.com/a, call 13800138000, 10.0.0.8"
found = SPEC.build({}, None).scan(TextView(text)).findings
assert {finding.risk for finding in found} >= {"pii.email", "pii.url", "pii.ip_address"}, found
assert analyzer(personal_specs()).analyze(text, language="en")
sys.exit(len(tried))
"""


def test_neither_way_opens_a_socket_or_looks_up_a_name() -> None:
    ran = subprocess.run([sys.executable, "-c", OFFLINE], check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr.count("Traceback")) == (0, 0), ran.stderr[-2000:]
