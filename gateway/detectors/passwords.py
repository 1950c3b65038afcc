"""Finds passwords and secrets by the words before them: ``password=…``, 密码是…, ``Bearer …``, ``https://user:…@``.

Only the value is found, so that what it was stays readable. Whether something is a value depends on the 64 folded
characters before it and on what follows, on nothing else; so it does not matter where a text was cut.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.ports import Scan
from gateway.text import TextView, ascii_of
from gateway.verdict import Finding

PASSWORD: Final = "secret.password"  # noqa: S105 a risk id
URL: Final = "secret.url"
BEHIND: Final = 64
NAME: Final = "api_key"
_MOST: Final = 256
_IS: Final = r"['\"`]?[ \t]{0,2}(?:[:=]{1,2}>?|是|为|(?<=[ \t])is(?![0-9a-z]))[ \t]{0,2}['\"`]?"
_SECRETS: Final = r"(?<![0-9a-z])(?:passwords?|passwd|passcode|passphrase|pwd)|密码|口令"
_TOKENS: Final = (
    "(?<![0-9a-z])(?:(?:access|secret|api|private|client|app|auth|refresh|session|account|shared[_-]?access|master|encryption"
    "|signing|webhook|consumer)[_-]?(?:key|token|secret)(?:[_-]?(?:id|secret))?"
    "|token|secret|signature)|密钥|令牌|凭证"
)
_BECAME: Final = "(?:已?(?:重置|修改|更改|设置|设定|改|设|换)[为成]?|就是|统一[为是]?|默认[为是]?|初始[为是]?)?"
_OPENS: Final = r"[ \t]{0,2}[:=]?[ \t]{0,2}['\"`“”‘「『【\[(|>→-]{0,2}[ \t]?"
_CODE: Final = "(?:提取|访问|分享|取件)码|提取密码"
_ONCE: Final = "(?:验证|校验|动态|确认)码|(?<![0-9a-z])(?:verification|confirmation|security|one-time) code"
_SESSION: Final = r"sess(?:ion)?_?id=|csrf_?token=|(?<=[?&; .])sid="
_WORD: Final = r"p(?<![0-9a-z]p)(?:(?:asswords?|asswd|asscode|wd)[ \t]{1,2}|ass['\"]?[ \t]{0,2}[:=][ \t]{0,2})['\"`]?"
_HOOKS: Final = (
    r"hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/|/open-apis/bot/v2/hook/"
)
# What leads to a value, each longest match ending where the value begins; before it marks, one of which it holds.
_LEADS: Final = (
    (("密码", "口令"), (b"pass", b"pwd"), re.compile(rf"(?:{_SECRETS}){_IS}"), "password"),
    (
        ("密钥", "令牌", "凭证"),
        (b"key", b"token", b"secret", b"signature"),
        re.compile(rf"(?:{_TOKENS}){_IS}"),
        "token",
    ),
    (
        (),
        (b"authorization",),
        re.compile(r"authorization['\"]? {0,2}[:=] {0,2}['\"]?(?:bearer|basic|token) {1,2}"),
        "authorized",
    ),
    ((), (b"bearer", b"basic"), re.compile(r"(?<![0-9a-z])(?:bearer|basic) {1,2}"), "header"),
    ((), (b"://",), re.compile(r"(?<=://)(?=[0-9a-z._%+-]{0,40}:)"), "userinfo"),
    (("密码", "口令"), (), re.compile(f"(?:密码|口令){_BECAME}{_OPENS}"), "bare"),
    ((), (b"pass", b"pwd"), re.compile(_WORD), "word"),
    (
        (),
        (b"mysql", b"mariadb", b"sshpass"),
        re.compile(
            r"(?<![0-9a-z])(?:(?:mysql(?:dump|admin)?|mariadb)(?![0-9a-z_])[^\n|;]{0,40} -p|sshpass -p ?)['\"]?"
        ),
        "word",
    ),
    (
        ("取码", "访问码", "分享码", "取件码", "提取密码"),
        (),
        re.compile(rf"(?:{_CODE})(?:{_IS}|[ \t]{{0,2}})"),
        "shared",
    ),
    (
        ("证码", "验码", "动态码", "认码"),
        (b"tion code", b"rity code", b"time code"),
        re.compile(rf"(?:{_ONCE}){_IS}"),
        "once",
    ),
    ((), (b"sig=", b"key=", b"sign="), re.compile(r"[?&](?:sig|key|sign)="), "mixed"),
    ((), (b"id=", b"csrf"), re.compile(_SESSION), "mixed"),
    (
        (),
        (b"sk:", b"sk=", b'sk"', b"ak:", b"ak=", b'ak"'),
        re.compile(r"(?<![0-9a-z])[as]k['\"]?[:=][ \t]{0,2}['\"]?"),
        "mixed",
    ),
    ((), (b"hook",), re.compile(_HOOKS), "hook"),
)
_MARKS: Final = tuple(dict.fromkeys(mark for han, _, _, _ in _LEADS for mark in han))
_LATIN_MARKS: Final = tuple(dict.fromkeys(mark for _, latin, _, _ in _LEADS for mark in latin))
_FEW: Final = "码令密凭"
"""Of each mark in Chinese one character."""
_SET: Final = r"0-9a-z!@#$%^*_+=.?/~\\|:-"
_VALUE: Final = re.compile(rf"[{_SET}]{{1,{_MOST}}}")
_IN_URL: Final = re.compile(rf"[0-9a-z!#$%^*_+=.?~\\|-]{{1,{_MOST}}}")
_QUOTED: Final = re.compile(rf"[&,;<>(){{}}\[\]{_SET}]{{1,{_MOST}}}")
"""Between quotation marks a value also holds what else would end it."""
_TRAILING: Final = ".?!:"
_SAME: Final = re.compile(r"(.)\1*")
_PATH: Final = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
_LETTERS: Final = re.compile(r"[a-z_-]+")
_NO_VALUE: Final = frozenset(
    [
        *("required", "optional", "none", "null", "true", "false", "string", "text", "empty", "hidden", "invalid"),
        *("incorrect", "wrong", "must", "should", "your", "enter", "expired", "undefined", "password", "token"),
        *("secret", "example", "placeholder", "varchar", "bytes", "bool", "http", "https", "basic", "bearer", "base64"),
    ]
)
_LEAST: Final = {
    "password": 4,
    "token": 8,
    "authorized": 8,
    "header": 12,
    "userinfo": 1,
    "bare": 6,
    "word": 6,
    "shared": 4,
    "once": 4,
    "mixed": 16,
    "hook": 16,
}
_COUNTED: Final = frozenset("个种次年月日位元人条万亿%分秒天倍条字")
"""What follows a number that counts something."""
_TEMPLATE: Final = re.compile(r"%[a-z_]+%|\$[a-z_]+[0-9]?")
_SIGNS: Final = "!#$%^*+"
# Names of methods, versions and files are none: sha-256, oauth2.0, base64-encoded, report1.docx.
_METHOD: Final = re.compile(
    r"(?:pbkdf|hmac|bcrypt|scrypt|argon|aes|des|rsa|sha|md|sm|base|utf|oauth|wpa|pkcs|tls|ssl|x\.?509|fido|rfc|iso|gb|"
    r"windows|win|office|excel|word|python|java|mysql|iphone|android|chrome|http)[-_/]?[0-9].*|v?[0-9.]+[a-z]?"
    r"|.*\.(?:com|cn|net|org|io|py|js|ts|md|txt|pdf|docx?|xlsx?|json|ya?ml|html?|png|jpe?g|zip|exe|sh|conf|env)"
)
_NAMED: Final = re.compile(r"[a-z_][0-9a-z]*[_.][0-9a-z_.]*")
_TURNS: Final = re.compile(r"[a-z]+|[0-9]+")
_ESCAPED: Final = re.compile("%[0-9a-f]{2}")
_MANY: Final = 3
_LONGEST: Final = 64
_PIECE: Final = 12
_MOBILE: Final = 11
_MOST_DIGITS: Final = 17
_SHARED: Final = 4
_ONE_USE: Final = 8


def passwords(view: TextView) -> Scan:
    """Find the values of passwords and tokens in a view."""
    folded = view.simplified
    before = view.simplified_behind[-2 * BEHIND :]
    shift = len(before)
    text, at = before + folded.text, folded.start + shift
    size = len(text)
    if not _leads(text, max(0, at - BEHIND)):
        return Scan((), folded.offset(size - shift))
    still_open = size if view.final else _open(text, at)
    findings: list[Finding] = []
    for start, kind in _starts(text, at):
        if start < at or start >= still_open:
            continue
        end = _end(text, start, kind)
        if end <= start:
            continue
        risk = URL if kind == "userinfo" or _is_query(text, start) else PASSWORD
        findings.append(Finding(*folded.span(start - shift, end - shift), risk, 0.9, NAME))
        at = end
        if still_open < at:  # what began inside of it is part of it
            still_open = _open(text, at)
    return Scan(tuple(findings), folded.offset(still_open - shift))


def _leads(text: str, low: int) -> list[tuple[re.Pattern[str], str]]:
    """Return what may lead to a value from a place on: a quick look that may say yes too often."""
    part = text[low:] if low else text
    latin = ascii_of(part)
    chinese = any(map(part.__contains__, _FEW)) and any(map(part.__contains__, _MARKS))
    if not chinese and not any(map(latin.__contains__, _LATIN_MARKS)):
        return []
    return [
        (pattern, kind)
        for han, marks, pattern, kind in _LEADS
        if any(map(latin.__contains__, marks)) or (chinese and any(map(part.__contains__, han)))
    ]


def _starts(text: str, at: int) -> list[tuple[int, str]]:
    """Return where a value may begin, and what leads to it."""
    low = max(0, at - BEHIND)
    starts = [(lead.end(), kind) for pattern, kind in _leads(text, low) for lead in pattern.finditer(text, low)]
    return sorted((text.index(":", at) + 1 if kind == "userinfo" else at, kind) for at, kind in starts)


def _end(text: str, start: int, kind: str) -> int:
    """Return where the value ends that begins at a place; the place itself if there is none."""
    match = _reach(text, start, kind)
    if match is None or kind == "userinfo":
        return match.end() if match and text.startswith("@", match.end()) else start
    closed = match.re is _QUOTED and text.startswith(text[start - 1], match.end())
    if match.re is _QUOTED and not closed:
        match = _VALUE.match(text, start)
    value = match.group() if match else ""
    value = value if closed else value.rstrip(_TRAILING)
    end = start + len(value)
    follows = text[end : end + 1]
    if len(value) < _LEAST[kind] or _no_value(value) or follows in ("(", "["):
        return start
    if kind in _TOLD:
        return end if _TOLD[kind](value, text, start, follows) else start
    plain = _LETTERS.fullmatch(value) or _PATH.fullmatch(value)
    if kind in ("token", "header"):
        return start if plain or not any(c.isdigit() for c in value) else end
    if kind == "authorized" or not plain:
        return end
    # A word is a password where nothing goes on behind it, and : or = stands before it.
    told = text[max(0, start - 4) : start].rstrip(" \t'\"`")[-1:] in (":", "=", ">")
    more = text[end : end + 2].lstrip(" .")[:1]
    goes_on = more != "" and more.isascii() and more not in "\n,;'\"`"
    return end if told and "." not in value and not goes_on else start


def _no_value(value: str) -> bool:
    """Whether what looks like a value says that there is none, or stands for one: required, ****, %DB_PASS%, a path."""
    path = value.startswith(("/", "./", "~/")) and value.count("/") > 1 and not any(one.isdigit() for one in value)
    return path or value in _NO_VALUE or (_SAME.fullmatch(value) or _TEMPLATE.fullmatch(value)) is not None


def _is_made(value: str, signs: str) -> bool:
    """Whether a value is made like a password: a digit among letters, or one of a few signs; no name in a program."""
    if len(value) > _LONGEST:  # nobody's; and not worth the time
        return False
    core = value.strip(signs)
    digits = sum(map(str.isdigit, core))
    return (
        any("a" <= one <= "z" for one in core)
        and (digits > 0 or any(one in signs for one in core))
        and not (_METHOD.fullmatch(value) or (digits < _MANY and _NAMED.fullmatch(value)) or "://" in value)
    )


def _is_word(value: str, text: str, start: int, follows: str) -> bool:
    """Whether a value that follows the word ``password`` is one; user@host is none."""
    del text, start, follows
    return _is_made(value, _SIGNS)


def _is_bare(value: str, text: str, start: int, follows: str) -> bool:
    """Whether a value that follows 密码 is made like a password, or a row of digits that counts nothing."""
    del text, start
    if value.isdigit():
        return len(value) != _MOBILE and len(value) < _MOST_DIGITS and follows not in _COUNTED
    return _is_made(value, f"{_SIGNS}@")


def _is_shared(value: str, text: str, start: int, follows: str) -> bool:
    """Whether a value is what opens a shared file: four to eight letters and digits."""
    if not value.isalnum() or len(value) > _ONE_USE or follows in _COUNTED:
        return False
    return any(one.isdigit() for one in value) or (
        len(value) == _SHARED and text[start - 2 : start].rstrip(" '\"") != "码"
    )


def _is_once(value: str, text: str, start: int, follows: str) -> bool:
    """Whether a value is a code that is used once: four to eight digits."""
    del text, start
    return value.isdigit() and len(value) <= _ONE_USE and follows not in _COUNTED


def _is_mixed(value: str, text: str, start: int, follows: str) -> bool:
    """Whether a value is made by a machine: letters and digits take turns in a long piece of it."""
    del text, start, follows
    pieces = _ESCAPED.sub("-", value).replace("_", "-").replace(".", "-").split("-")
    return any(len(_TURNS.findall(piece)) > 2 for piece in pieces if len(piece) >= _PIECE)


_TOLD: Final = {
    "bare": _is_bare,
    "word": _is_word,
    "shared": _is_shared,
    "once": _is_once,
    "mixed": _is_mixed,
    "hook": _is_mixed,
}


def _reach(text: str, start: int, kind: str) -> re.Match[str] | None:
    """Return how far the value may reach that begins at a place."""
    if kind == "userinfo" or _is_query(text, start):
        return _IN_URL.match(text, start)
    quoted = start > 0 and text[start - 1] in "'\"`"
    return (_QUOTED if quoted else _VALUE).match(text, start)


def _is_query(text: str, start: int) -> bool:
    """Whether a value is one of a URL: ?token=…, &access_key=…."""
    return _QUERY.search(text, max(0, start - 40), start) is not None


_QUERY: Final = re.compile(r"[?&][0-9a-z_.-]{1,36}=\Z")


def _open(text: str, at: int) -> int:
    """Return where a value may have begun that the end of ``text`` cuts off, or what follows it."""
    size = len(text)
    low = max(0, at, size - _MOST - 4)
    for start, kind in _starts(text, low):
        if start < low:
            continue
        match = _reach(text, start, kind)
        if (match.end() if match else start) + 2 >= size:
            return start
    return size
