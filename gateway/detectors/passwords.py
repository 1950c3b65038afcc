"""Finds passwords and secrets by the words before them: ``password=…``, 密码是…, ``Bearer …``, ``https://user:…@``.

Only the value is found, so that what it was stays readable. Whether something is a value depends on the 64 folded
characters before it and on what follows, on nothing else; so it does not matter where a text was cut.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding

PASSWORD: Final = "secret.password"  # noqa: S105 a risk id
URL: Final = "secret.url"
BEHIND: Final = 64
NAME: Final = "api_key"
_MOST: Final = 256
_IS: Final = r"['\"`]?[ \t]{0,2}(?:[:=]{1,2}>?|是|为|(?<=[ \t])is(?![0-9a-z]))[ \t]{0,2}['\"`]?"
_SECRETS: Final = r"(?<![0-9a-z])(?:passwords?|passwd|passcode|passphrase|pwd)|密码|口令"
_TOKENS: Final = (
    "(?<![0-9a-z])(?:(?:access|secret|api|private|client|app|auth|refresh|session)[_-]?(?:key|token|secret)(?:[_-]?(?:id|secret))?"
    "|token|secret|signature)|密钥|令牌|凭证"
)
# What leads to a value, each longest match ending where the value begins.
_LEADS: Final = (
    (re.compile(rf"(?:{_SECRETS}){_IS}"), "password"),
    (re.compile(rf"(?:{_TOKENS}){_IS}"), "token"),
    (re.compile(r"authorization['\"]? {0,2}[:=] {0,2}['\"]?(?:bearer|basic|token) {1,2}"), "authorized"),
    (re.compile(r"(?<![0-9a-z])(?:bearer|basic) {1,2}"), "header"),
    (re.compile(r"(?<=://)(?=[0-9a-z._%+-]{0,40}:)"), "userinfo"),
)
_QUICK: Final = re.compile(r"pass|pwd|密|口令|令牌|凭证|token|secret|key|signature|bearer|basic|://")
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
_LEAST: Final = {"password": 4, "token": 8, "authorized": 8, "header": 12, "userinfo": 1}


def passwords(view: TextView) -> Scan:
    """Find the values of passwords and tokens in a view."""
    folded = view.folded
    before = view.behind[-2 * BEHIND :]
    shift = len(before)
    text, at = before + folded.text, folded.start + shift
    size = len(text)
    if not _QUICK.search(text, max(0, at - BEHIND)):
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


def _starts(text: str, at: int) -> list[tuple[int, str]]:
    """Return where a value may begin, and what leads to it."""
    low = max(0, at - BEHIND)
    if not _QUICK.search(text, low):
        return []
    starts = [(lead.end(), kind) for pattern, kind in _LEADS for lead in pattern.finditer(text, low)]
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
    if len(value) < _LEAST[kind] or _SAME.fullmatch(value) or value in _NO_VALUE or follows in ("(", "["):
        return start
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
