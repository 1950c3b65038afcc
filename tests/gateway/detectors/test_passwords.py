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
        ("密碼：Admin@2024", [("Admin@2024", P)]),
        ("口令：qwer!1234。", [("qwer!1234", P)]),
        ("wifi密码为88888889", [("88888889", P)]),
        ("密码：ｐａｓｓ１２３４", [("ｐａｓｓ１２３４", P)]),
        ("my wifi password是 zz99xx88 谢谢", [("zz99xx88", P)]),
        ("Authorization: Bearer a1b2c3d4e5f6g7h8", [("a1b2c3d4e5f6g7h8", P)]),
        ("Authorization: Basic dXNlcjpwYXNzMTIz", [("dXNlcjpwYXNzMTIz", P)]),
        ("client_secret: 9f8e7d6c5b4a", [("9f8e7d6c5b4a", P)]),
        ("访问密钥：H1u2A3w4E5i6Y7u8", [("H1u2A3w4E5i6Y7u8", P)]),
        ("连接 postgres://app:pa55w0rd@db.local/x 失败", [("pa55w0rd", U)]),
        ("后台密码Qw98er76，勿外传", [("Qw98er76", P)]),
        ("账号 root 密码 toor#2020", [("toor#2020", P)]),
        ("密码已重置为Nk7_vv201！", [("Nk7_vv201", P)]),
        ("密码“Hua!Kai33”", [("Hua!Kai33", P)]),
        ("取款密码660417", [("660417", P)]),
        ("口令 mm@2021", [("mm@2021", P)]),
        ("login with password Gr33n-Tea now", [("Gr33n-Tea", P)]),
        ("pass: kL9mN0pq", [("kL9mN0pq", P)]),
        ("pass=we1!come", [("we1!come", P)]),
        ("mysqldump -h db -u app -pTr33house db", [("Tr33house", P)]),
        ("sshpass -p 'b4nana&x' ssh h", [("b4nana&x", P)]),
        ("链接在此 提取码: k9w2", [("k9w2", P)]),
        ("提取码：wxyz 复制", [("wxyz", P)]),
        ("访问码 8t3q", [("8t3q", P)]),
        ("【某店】您的验证码是 730516，请勿告诉他人", [("730516", P)]),
        ("动态码为40217", [("40217", P)]),
        ("Your verification code is 551902.", [("551902", P)]),
        ("AccountKey=" + "Zx8Yw7Vu6Ts5" * 4 + "==;Suffix=a", [("Zx8Yw7Vu6Ts5" * 4 + "==", P)]),
        ("AK：q1 SK：" + "Mn4Bv5Cx6Zl7Kj8H", [("Mn4Bv5Cx6Zl7Kj8H", P)]),
        ("Cookie: JSESSIONID=" + "9F8E7D6C5B4A3F2E1D0C" + "; Path=/", [("9F8E7D6C5B4A3F2E1D0C", P)]),
        ("https://x.cn/f?sv=1&sig=" + "kL3mN4oP5qR6sT7u" + "%2Bv%3D", [("kL3mN4oP5qR6sT7u%2Bv%3D", U)]),
        (
            "http://x.cn/send?key=" + "5f3a9c1e-" * 2 + "7b2d-9e8f-1a2b3c4d5e6f",
            [("5f3a9c1e-5f3a9c1e-7b2d-9e8f-1a2b3c4d5e6f", U)],
        ),
        ("https://hooks.slack.com/services/" + "T01AB/B02CD/x1Y2z3W4v5U6t7S8", [("T01AB/B02CD/x1Y2z3W4v5U6t7S8", P)]),
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
        "密码策略 v2.0 已经发布",
        "密码SHA-256加密，口令AES256",
        "密码6-20位，密码 20位以上",
        "密码1000000种组合，密码8000000次尝试",
        "忘记密码13900001111",
        "密码 https://a.cn/reset1",
        "密码 user_name2 不能为空",
        "默认密码见手册",
        "password reset, password hashing",
        "password_hash = make(user)",
        "password: str",
        "password = os.environ['DB_PASS']",
        "PASSWORD=%DB_PASS%",
        "password=$db_pass",
        "pwd: /home/user/project",
        "the password SHA-512 hash, password base64-encoded",
        "sshpass -f file, type the password user@host",
        "pass: true, pass: 12, tests pass 100%",
        "mysql -h db -P3306 -pmy_var",
        "验证码为6位数字，验证码：见短信",
        "验证码是2024年的新功能",
        "提取码见评论，提取码 help",
        "校验码 483920",
        "https://a.cn/?key=value&sig=none",
        "https://a.cn/?key=category-of-the-month-2024",
        "https://a.cn/?key=announcement20240101",
        "sessionid=abc",
        "task: a1b2c3d4e5f6g7h8i9",
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
