"""Messages are signed as Standard Webhooks says; what was changed, moved, or sent again later is not believed."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from gateway.errors import SettingsError
from gateway.handoff.signature import fault_of, read_secret, signed

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 1_790_000_000
BODY = '{"answer": "三个工作日"}'.encode()
GOOD = signed(SECRET, "T1", NOW, BODY)


def test_the_specification_s_own_example_comes_out() -> None:
    secret = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "S")
    headers = signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("changed", "body", "now", "fault"),
    [
        ({}, BODY, NOW, ""),
        ({}, BODY, NOW + 300, ""),
        ({}, BODY, NOW - 300, ""),
        ({"webhook-signature": "v1,AAAA " + GOOD["webhook-signature"]}, BODY, NOW, ""),
        ({}, BODY, NOW + 301, "wrong_time"),
        ({}, BODY, NOW - 301, "wrong_time"),
        ({}, BODY + b" ", NOW, "wrong_signature"),
        ({"webhook-id": "T2"}, BODY, NOW, "wrong_signature"),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, NOW, "wrong_signature"),
        ({"webhook-signature": GOOD["webhook-signature"].replace("v1,", "v2,")}, BODY, NOW, "wrong_signature"),
        ({"webhook-signature": GOOD["webhook-signature"][3:]}, BODY, NOW, "wrong_signature"),
        ({"webhook-signature": "签名"}, BODY, NOW, "wrong_signature"),
        ({"webhook-id": ""}, BODY, NOW, "unsigned"),
        ({"webhook-timestamp": ""}, BODY, NOW, "unsigned"),
        ({"webhook-signature": ""}, BODY, NOW, "unsigned"),
    ],
)
def test_only_what_was_signed_just_now_is_believed(
    changed: dict[str, str], body: bytes, now: float, fault: str
) -> None:
    assert fault_of(SECRET, GOOD | changed, body, now) == fault


@pytest.mark.parametrize("at", ["-5", "1e9", "٣", "9" * 5000, "1.5"])
def test_a_time_that_is_none_is_no_time_even_if_it_was_signed(at: str) -> None:
    said = b".".join((b"T1", at.encode(), BODY))
    signature = base64.b64encode(hmac.digest(SECRET, said, hashlib.sha256)).decode()
    headers = {"webhook-id": "T1", "webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}
    assert fault_of(SECRET, headers, BODY, NOW) == "wrong_time"


def test_another_secret_does_not_sign() -> None:
    assert fault_of(b"x" * 32, GOOD, BODY, NOW) == "wrong_signature"


@pytest.mark.parametrize("said", ["", "short", "whsec_", base64.b64encode(b"x" * 23).decode(), "不是", "!" * 44])
def test_what_is_no_secret_is_told_and_not_repeated(said: str) -> None:
    with pytest.raises(SettingsError, match=r"DESK_SECRET holds .* openssl rand") as told:
        read_secret(said, "DESK_SECRET")
    assert not said or said not in str(told.value)


def test_a_secret_is_base64_with_or_without_its_prefix() -> None:
    encoded = base64.b64encode(SECRET).decode()
    assert read_secret(encoded, "S") == read_secret(f" whsec_{encoded}\n", "S") == SECRET
