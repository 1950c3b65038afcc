"""A thousand letters with planted personal data: what the upstream would get holds none of it.

The letters and values are made here; structured types leak nothing, that is the promise.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path

from kit.path import ports, question

from gateway.detectors.registry import registry
from gateway.exchange import Caller, Exchange
from gateway.pipeline.screen import screen
from gateway.policy.compile import compile_policy
from gateway.policy.load import load_policy
from gateway.privacy.keys import Keyring, conversation_keys
from gateway.privacy.surrogates import identity_check, luhn_digit
from gateway.privacy.techniques import techniques
from gateway.wire.chat import Chat

POLICY = """
sluice: 1
name: t
detectors: [{id: personal, use: personal_data}, {id: email, use: email}, {id: key, use: api_key}]
replies: {safe: {zh: 不行, en: Sorry}}
withheld: {zh: 略, en: left out}
request:
  rules:
    - {id: all, when: {risk: [pii, secret], score: 0.3}, then: mask, how: {use: surrogate}, on_error: refuse}
"""
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
KEYS = conversation_keys(Keyring(b"k" * 32))


def digits(r: random.Random, count: int) -> str:
    return "".join(r.choice(string.digits) for _ in range(count))


def capitals(r: random.Random, count: int) -> str:
    return "".join(r.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))


def identity(r: random.Random) -> str:
    born = f"{r.randint(1950, 2005)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}"
    first = r.choice(["110105", "310104", "440305", "330106"]) + born + digits(r, 3)
    return first + identity_check(first)


def card(r: random.Random) -> str:
    first = r.choice(["622202", "622848", "411111", "552245"])
    first += digits(r, (19 if first.startswith("62") else 16) - 1 - len(first))
    return first + luhn_digit(first)


def imei(r: random.Random) -> str:
    first = "35" + digits(r, 12)
    return first + luhn_digit(first)


PLANTED: list[tuple[str, str, Callable[[random.Random], str]]] = [
    ("身份证号", "ID card 身份证", identity),
    ("手机", "Mobile", lambda r: f"13{digits(r, 9)}"),
    ("手机", "Mobile", lambda r: f"+86 138 {digits(r, 4)} {digits(r, 4)}"),
    ("电话", "Office 电话", lambda r: f"010-6{digits(r, 7)}"),
    ("银行卡号", "Card", card),
    ("邮箱", "E-mail", lambda r: f"{''.join(r.choices(string.ascii_lowercase, k=8))}@firm.cn"),
    ("车牌号", "Plate 车牌", lambda r: f"京A{r.choice('BCDEF')}{digits(r, 4)}"),
    ("车牌号", "Plate 车牌", lambda r: f"沪AD{digits(r, 5)}"),
    ("护照号码", "Passport No. 护照", lambda r: f"E{digits(r, 8)}"),
    ("港澳通行证", "Permit 港澳通行证", lambda r: f"C{digits(r, 8)}"),
    ("微信号", "WeChat 微信号", lambda r: f"wxid_{''.join(r.choices(string.ascii_lowercase, k=14))}"),
    ("QQ号", "QQ", lambda r: f"{r.randint(1, 9)}{digits(r, 8)}"),
    ("IP地址", "IP", lambda r: f"113.{r.randint(1, 254)}.{r.randint(1, 254)}.{r.randint(1, 254)}"),
    ("MAC地址", "MAC", lambda r: ":".join(f"{r.randint(16, 255):02X}" for _ in range(6))),
    ("IMEI", "IMEI", imei),
    ("车架号", "VIN 车架号", lambda r: f"LSV{capitals(r, 5)}{digits(r, 9)}"),
    ("病历号", "Medical record number 病历号", lambda r: digits(r, 8)),
    ("社保卡号", "Social security card 社保卡号", lambda r: f"{capitals(r, 1)}{digits(r, 8)}"),
    ("军官证", "Officer 军官证", lambda r: f"军字第{digits(r, 7)}号"),
    ("密钥", "API key", lambda r: f"sk-{''.join(r.choices(string.ascii_letters + string.digits, k=40))}"),
]
CHINESE = "您好，我是{n}号客户，资料如下：{lines}。麻烦尽快处理，谢谢！"
ENGLISH = "Dear team, this is customer {n}. My details: {lines}. Please handle it soon. Thank you!"


def letter(r: random.Random, number: int) -> tuple[str, list[str]]:
    chosen = r.sample(PLANTED, r.randint(3, 8))
    values = [make(r) for *_, make in chosen]
    chinese = number % 2 == 0
    lines = [
        f"{zh if chinese else en}{'：' if chinese else ': '}{value}"
        for (zh, en, _), value in zip(chosen, values, strict=True)
    ]
    return (CHINESE if chinese else ENGLISH).format(n=number, lines=("，" if chinese else ", ").join(lines)), values


async def test_a_thousand_letters_leak_no_structured_value(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(POLICY, "utf-8")
    plan = compile_policy(load_policy(file), registry(), techniques())
    here = ports(keys=KEYS)
    r = random.Random(20)
    leaked: list[str] = []
    for number in range(1_000):
        text, values = letter(r, number)
        exchange = Exchange("X", 0.0, plan.digest, plan.name, Caller(), question(text))
        made = await screen(exchange, plan, here)
        sent = Chat().write(made.question, made.rewritten, model="m").decode()
        leaked += [value for value in values if value in sent]
    assert leaked == []
