"""The techniques of GB/T 37964-2019, by name: what stands in the place of a value.

::

    mask        A.3  hides characters, keeps some at the head and tail      (not undone)
    redact      A.3  leaves nothing
    suppress    A.3  leaves words that say what was left out
    replace     A.3  leaves the policy's words
    hash        A.2  keyed SHA-256 of the value: equal values stay equal
    encrypt     A.2  AES-GCM under the tenant's key, written in Base64
    fpe         A.2  FF1 (NIST SP 800-38G): digits stay digits, of the same length
    pseudonym   A.4  a keyed name such as 人物-7KQ2M
    surrogate   A.7  a value of the same shape that belongs to nobody
    generalise  A.5  age band, month, district, amount band
    noise       A.6  a number near the number

Whatever a technique makes of a value is deterministic under a key, a conversation and a try, so
that the same value is replaced alike in every turn and on every replica. Those that are distinct
for distinct values are undone in the answer, unless the policy says ``restore: false``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.masking import hide
from gateway.ports import About, Technique, TechniqueSpec
from gateway.privacy.draw import Draw
from gateway.privacy.ladder import generalised
from gateway.privacy.plain import plain
from gateway.privacy.surrogates import surrogate_of

_READABLE: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS: Final = re.compile("[0-9]")
_LEAST_FPE: Final = 6
"""Digits that FF1 needs: its domain has at least a million values (NIST SP 800-38G Rev. 1)."""


def techniques() -> Mapping[str, TechniqueSpec]:
    """Return every technique by the word that policies use."""
    return {spec.name: spec for spec in _SPECS}


Apply = Callable[[str, About], str]


def _draw(value: str, about: About) -> Draw:
    # From what all writings of a value have in common: 138-1234-5678 and 13812345678 get the same digits.
    return Draw(about.key, b"\0".join((about.risk.encode(), str(about.attempt).encode(), plain(value).encode())))


def _mask(options: Mapping[str, Any]) -> Apply:
    head, tail = options.get("keep", (0, 0))
    return lambda value, _: hide(value, (head, tail))


def _redact(options: Mapping[str, Any]) -> Apply:
    del options
    return lambda value, _: ""


def _replace(options: Mapping[str, Any]) -> Apply:
    words: str = options["with"]
    return lambda value, _: words


def _suppress(options: Mapping[str, Any]) -> Apply:
    del options
    return lambda value, about: f"[{about.risk.rpartition('.')[2]}]"


def _hash(options: Mapping[str, Any]) -> Apply:
    size: int = options.get("length", 16)
    return lambda value, about: hmac.digest(_of(about, "hash"), value.encode(), hashlib.sha256).hex()[:size]


def _encrypt(options: Mapping[str, Any]) -> Apply:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only for policies that encrypt

    del options

    def apply(value: str, about: About) -> str:
        # The nonce is derived from the value (as in SIV modes): the same value is written alike, and
        # no nonce serves two values.
        nonce = hmac.digest(_of(about, "nonce"), value.encode(), hashlib.sha256)[:12]
        sealed = nonce + AESGCM(_of(about, "encrypt")).encrypt(nonce, value.encode(), about.risk.encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    return apply


def decrypt(sealed: str, about: About) -> str:
    """Return the value that ``encrypt`` wrote; raises ``cryptography.exceptions.InvalidTag`` for another key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only for those who decrypt

    raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    return AESGCM(_of(about, "encrypt")).decrypt(raw[:12], raw[12:], about.risk.encode()).decode()


def _fpe(options: Mapping[str, Any]) -> Apply:
    del options

    def apply(value: str, about: About) -> str:
        digits = "".join(_DIGITS.findall(value))
        if len(digits) < _LEAST_FPE:
            return surrogate_of(about.risk, value, _draw(value, about))
        made = iter(_cipher(about).encrypt(digits, tweak=_tweak(about)))
        return _DIGITS.sub(lambda _: next(made), value)

    return apply


def undo_fpe(value: str, about: About) -> str:
    """Return the value whose digits ``fpe`` replaced."""
    made = iter(_cipher(about).decrypt("".join(_DIGITS.findall(value)), tweak=_tweak(about)))
    return _DIGITS.sub(lambda _: next(made), value)


def _cipher(about: About) -> Any:
    from ffx import FF1  # noqa: PLC0415

    return FF1(_of(about, "fpe"), radix=10)


def _tweak(about: About) -> bytes:
    return f"{about.risk}:{about.attempt}".encode()


def _pseudonym(options: Mapping[str, Any]) -> Apply:
    words: Mapping[str, str] = options.get("words", {})
    size: int = options.get("length", 6)

    def apply(value: str, about: About) -> str:
        draw = _draw(value, about)
        kind = about.risk.rpartition(".")[2]
        return f"{words.get(kind, kind)}-{''.join(draw.pick(_READABLE) for _ in range(size))}"

    return apply


def _surrogate(options: Mapping[str, Any]) -> Apply:
    del options
    return lambda value, about: surrogate_of(about.risk, value, _draw(value, about))


def _generalise(options: Mapping[str, Any]) -> Apply:
    to: str = options["to"]
    return lambda value, _: generalised(value, to)


def _noise(options: Mapping[str, Any]) -> Apply:
    share: float = options.get("share", 0.1)

    def apply(value: str, about: About) -> str:
        def near(match: re.Match[str]) -> str:
            number = float(match.group())
            # Triangular, within the share either way; the same value always moves the same way.
            draw = _draw(value, about)
            moved = (draw.number(10_001) + draw.number(10_001) - 10_000) / 10_000 * share
            places = len(match.group().partition(".")[2])
            out = number * (1 + moved)
            return f"{out:.{places}f}" if places else str(math.floor(out + 0.5))

        return re.sub(r"[0-9]+(?:\.[0-9]+)?", near, value) if _DIGITS.search(value) else ""

    return apply


def _of(about: About, purpose: str) -> bytes:
    return hmac.digest(about.key, f"{purpose}:{about.attempt}".encode(), hashlib.sha256)


def _options(**properties: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: {key: value for key, value in one.items() if key != "needed"} for name, one in properties.items()}
    required = [name for name, schema in properties.items() if schema.get("needed")]
    out: dict[str, Any] = {"type": "object", "properties": shown, "additionalProperties": False}
    return {**out, "required": required} if required else out


_RESTORE: Final = {"type": "boolean", "description": "whether the answer gets the value back; true if not said"}
_KEEP: Final = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0},
    "minItems": 2,
    "maxItems": 2,
    "description": "characters that stay readable at the head and at the tail",
}
_TO: Final = (
    *("band-5", "band-10", "band-20", "band-1000", "band-10000"),
    *("month", "year", "decade", "district", "city", "province"),
)


def _spec(
    name: str, family: str, summary: str, build: Callable[[Mapping[str, Any]], Apply], **properties: Any
) -> TechniqueSpec:
    """Describe a technique: one that can be undone takes ``restore``, one of family A.2, A.4 or A.7 a key."""

    def made(options: Mapping[str, Any]) -> Technique:
        undone = "restore" in properties and bool(options.get("restore", True))
        return Technique(name, undone, family in _KEYED, build(options))

    return TechniqueSpec(name, summary, family, made, _options(**properties))


_KEYED: Final = ("A.2", "A.4", "A.6", "A.7")
_SPECS: Final = (
    _spec("mask", "A.3", "Asterisks, but for some characters at head and tail.", _mask, keep=_KEEP),
    _spec("redact", "A.3", "Nothing.", _redact),
    _spec("suppress", "A.3", "A word for what was there, such as [person_name].", _suppress),
    _spec(
        "replace",
        "A.3",
        "Words of the policy.",
        _replace,
        **{"with": {"type": "string", "minLength": 1, "needed": True, "description": "the words to put there"}},
    ),
    _spec(
        "hash",
        "A.2",
        "Hexadecimal digits of a keyed hash.",
        _hash,
        length={"type": "integer", "minimum": 8, "maximum": 64, "description": "how many digits, 8 to 64"},
        restore=_RESTORE,
    ),
    _spec("encrypt", "A.2", "The value under the tenant's key (AES-GCM), in Base64.", _encrypt, restore=_RESTORE),
    _spec("fpe", "A.2", "Other digits of the same number (FF1, NIST SP 800-38G).", _fpe, restore=_RESTORE),
    _spec(
        "pseudonym",
        "A.4",
        "A keyed name, such as person_name-7KQ2MX.",
        _pseudonym,
        length={"type": "integer", "minimum": 4, "maximum": 16, "description": "characters, 4 to 16"},
        words={
            "type": "object",
            "additionalProperties": {"type": "string", "minLength": 1},
            "description": "what each kind is called, such as {person_name: 人物}",
        },
        restore=_RESTORE,
    ),
    _spec("surrogate", "A.7", "A value of the same shape that belongs to nobody.", _surrogate, restore=_RESTORE),
    _spec(
        "generalise",
        "A.5",
        "The value made coarser.",
        _generalise,
        to={"type": "string", "enum": list(_TO), "needed": True, "description": "a band, or what is kept"},
    ),
    _spec(
        "noise",
        "A.6",
        "A number near the number.",
        _noise,
        share={"type": "number", "exclusiveMinimum": 0, "maximum": 1, "description": "how far at most, in (0, 1]"},
    ),
)
