"""Passwords and secrets that only the words before them tell. None of them opens anything."""

from __future__ import annotations

import pytest
from kit.streaming import stream_scan, ways_to_cut, whole_scan

from gateway.detectors.passwords import BEHIND, passwords
from gateway.text import TextView

P, U = "secret.password", "secret.url"


def found(text: str) -> list[tuple[str, str]]:
    return [(text[f.start : f.end], f.risk) for f in whole_scan(passwords, text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2", [("hunter2", P)]),
        ("passwd: Tr0ub4dor&3", [("Tr0ub4dor", P)]),
        ('{"password": "s3cr3t!x", "user": "a"}', [("s3cr3t!x", P)]),
        ("DB_PASSWORD=correcthorse\n", [("correcthorse", P)]),
        ('"password": "Tr0ub4dor&3,x;y"', [("Tr0ub4dor&3,x;y", P)]),
        ("密码：'a;b,c&d(1)[2]'，请保管", [("a;b,c&d(1)[2]", P)]),
        ('password: "ends.with.dots1."', [("ends.with.dots1.", P)]),
        ('password: "0pen1&end,9', [("0pen1", P)]),
        ("pwd=`x&y<z>1`", [("x&y<z>1", P)]),
        ("My password is abc12345. Thanks", [("abc12345", P)]),
        ("密码是abc12345，别告诉别人", [("abc12345", P)]),
        ("登录密码：Admin@2024", [("Admin@2024", P)]),
        ("口令：qwer!1234。", [("qwer!1234", P)]),
        ("wifi密码为88888889", [("88888889", P)]),
        ("密码：ｐａｓｓ１２３４", [("ｐａｓｓ１２３４", P)]),
        ("my wifi password是 zz99xx88 谢谢", [("zz99xx88", P)]),
        ("Authorization: Bearer a1b2c3d4e5f6g7h8", [("a1b2c3d4e5f6g7h8", P)]),
        ("Authorization: Basic dXNlcjpwYXNzMTIz", [("dXNlcjpwYXNzMTIz", P)]),
        ("client_secret: 9f8e7d6c5b4a", [("9f8e7d6c5b4a", P)]),
        ("访问密钥：H1u2A3w4E5i6Y7u8", [("H1u2A3w4E5i6Y7u8", P)]),
        ("连接 postgres://app:pa55w0rd@db.local/x 失败", [("pa55w0rd", U)]),
        ("https://a.cn/cb?token=a1b2c3d4e5&access_key=AK99887766&x=1", [("a1b2c3d4e5", U), ("AK99887766", U)]),
    ],
)
def test_values_are_found_behind_words_that_tell_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected
    for pieces in ways_to_cut(text):
        assert stream_scan(passwords, pieces, behind=BEHIND) == whole_scan(passwords, text)


@pytest.mark.parametrize(
    "text",
    [
        "密码学是一门学科",
        "密码是什么？怎么修改密码：先登录",
        "password policy",
        "Password: must contain 8 characters",
        "the password is required",
        "password: required",
        "password = input('?')",
        "password=os.environ['X']",
        "password=lookup('x')",
        "password=decrypt2('x')",
        "password = vault2['x']",
        "password: correct horse battery",
        "password=config.db_password",
        "password: ********",
        "token bucket, a token is a unit of text",
        "token: 4096",
        "secret: a thing that nobody knows",
        "basic authentication, a bearer of news",
        "http://localhost:8080/a@b",
        "https://a.cn/?page=2&token=",
        "口令红包",
        "",
    ],
)
def test_what_only_speaks_of_passwords_is_none(text: str) -> None:
    assert found(text) == []
    for pieces in ways_to_cut(text):
        assert stream_scan(passwords, pieces, behind=BEHIND) == whole_scan(passwords, text)


def test_the_word_may_have_left() -> None:
    assert [f.start for f in passwords(TextView("abc12345。", before="密码是")).findings] == [0]
    assert passwords(TextView("abc12345。")).findings == ()
