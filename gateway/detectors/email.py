"""Finds e-mail addresses, also where Chinese stands directly before or after them.

The password of a URL with its host (``postgres://app:pw@db.local``) only looks like one: it is left to ``passwords``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.shape import read_shape
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.text import TextView
from gateway.verdict import Finding

RISK: Final = "pii.email"
NAME: Final = "email"
# RFC 5321, 4.5.3.1: at most 64 characters before the @, labels of at most 63.
_LOCAL: Final = r"[0-9a-z_][0-9a-z._%+'-]{0,63}"
_DOMAIN: Final = r"(?:[0-9a-z][0-9a-z-]{0,62}\.){1,8}[a-z]{2,24}"
_BEFORE: Final = "(?<![0-9a-z_])"
_AFTER: Final = "(?![0-9a-z])"
_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz._%+'-@"
_SHAPE: Final = read_shape(f"{_LOCAL}@{_DOMAIN}")

_BEGUN: Final = re.compile(rf"{_BEFORE}(?:{_SHAPE.begun}|{_SHAPE.pattern})\Z", re.ASCII)
_LOCAL_PART: Final = re.compile(rf"{_BEFORE}{_LOCAL}\Z", re.ASCII)
_DOMAIN_PART: Final = re.compile(_DOMAIN + _AFTER, re.ASCII)
_LONGEST_LOCAL: Final = 64
BEHIND: Final = 128
"""Characters that may stand between ``://`` and the part of a password that looks like a mailbox."""
_USERINFO: Final = re.compile(r"://[0-9a-z._%+-]{0,40}:[0-9a-z!#$%^*_+=.?~\\|-]{0,80}\Z", re.ASCII)


def _scan(view: TextView) -> Scan:
    folded = view.folded
    text, at = folded.text, folded.start
    still_open = len(text) if view.final else _open(text, at)
    findings: list[Finding] = []
    sign = text.find("@", at)
    # An address that crosses ``still_open`` began before it, and so is settled.
    while sign >= 0:
        domain = _DOMAIN_PART.match(text, sign + 1)
        local = domain and _LOCAL_PART.search(text, max(at, sign - _LONGEST_LOCAL), sign)
        if domain and local:
            if local.start() >= still_open:
                break
            at = domain.end()
            if not _is_userinfo(view, text[max(0, local.start() - BEHIND) : local.start()]):
                findings.append(Finding(*folded.span(local.start(), at), RISK, 1.0, NAME))
            if still_open < at:  # what began inside of it is part of it
                still_open = _open(text, at)
        sign = text.find("@", max(at, sign + 1))
    return Scan(tuple(findings), folded.offset(still_open))


def _is_userinfo(view: TextView, until: str) -> bool:
    """Whether what looks like a mailbox is the password and the host of a URL: ``postgres://app:pw@db.local``."""
    if len(until) < BEHIND:
        until = view.behind[-BEHIND:] + until
    return _USERINFO.search(until, max(0, len(until) - BEHIND)) is not None


def _open(text: str, at: int) -> int:
    """Return where, from ``at`` on, an address may have begun that the end of ``text`` cuts off."""
    size = len(text)
    low = max(at, size - _SHAPE.most)
    low += len(text[low:].rstrip(_ALPHABET))
    begun = _BEGUN.search(text, low) if low < size else None
    return begun.start() if begun else size


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    return BuiltDetector(frozenset({RISK}), "2", _scan, behind=BEHIND)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="E-mail addresses.",
    risks=frozenset({RISK}),
    scope="span",
    build=_build,
)
