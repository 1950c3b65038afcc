"""What a reserved code may hold: a signature after TC260-PG-202511A, or our own opaque digest; made and checked.

``sm2`` is the guide's form: ``SecurityData`` with an SM3withSM2 signature that anybody can check with the public
key in it. A key in the file it signs proves only that the label was not changed; whose it is shows by a pinned key.
``hmac`` is not in the guide: an opaque value that only who holds the secret can check.

Not known to us, and so not claimed: which bytes ``CntSel`` selects. A binding that we write is the SM3 digest of
the whole file before it was labelled, without ``CntSel``; only who has that file can check it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from gateway.errors import LabelError
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import RULES, Ruling, broken, ok

SM3_WITH_SM2: Final = "1.2.156.10197.1.501"
SM3: Final = "1.2.156.10197.1.401"
USER: Final = b"1234567812345678"
"""The user id that GB/T 35276 takes where nothing else was agreed on."""

_HMAC: Final = "hs256."
_KEY_HEAD: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_CURVE: Final = bytes.fromhex("06082a811ccf5501822d")
# The guide's word, and the one that a big producer writes for it.
_OF_LABEL: Final = ("Md", "LabelMataData", "LabelMetaData")


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """A key pair: the secret number and the public point (``04``, X, Y)."""

    secret: bytes = field(repr=False)
    public: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """What a verifier holds.

    Attributes:
        pinned: Public points that it trusts; empty: any key will do, which proves integrity only.
        secret: The secret of the opaque form, or None.
    """

    pinned: frozenset[bytes] = frozenset()
    secret: bytes | None = field(default=None, repr=False)


def message(label: AigcLabel) -> bytes:
    """Return what is signed: three elements as they stand in the label, without braces (appendix A.1)."""
    elements = (("Label", label.label), ("ContentProducer", label.content_producer), ("ProduceID", label.produce_id))
    return ",".join(f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False)}" for key, value in elements).encode()


def sign_sm2(label: AigcLabel, key: Sm2Key, content: bytes | None = None) -> AigcLabel:
    """Return the label with a ``SecurityData`` signature in ReservedCode1.

    Args:
        label: The label.
        key: The producer's key.
        content: The file before it is labelled, where its digest is to be bound.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature  # noqa: PLC0415
    from gmalg import SM2  # noqa: PLC0415

    r, s = SM2(key.secret, USER, key.public).sign(message(label))
    signature = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    spki = _KEY_HEAD + key.public
    key_id = hashlib.sha256(spki).hexdigest()[:16].upper()
    data: dict[str, Any] = {"Type": "TC260PG", "Version": 1}
    if content is not None:
        data["Bindings"] = [{"BType": "0", "AlgID": SM3, "Value": _sm3(content)}]
    data["PubSD"] = [
        {
            "Type": "DS",
            "AlgID": SM3_WITH_SM2,
            "KeyID": key_id,
            "TBSData": {"Type": "Md"},
            "Signature": signature.hex().upper(),
        },
        {"Type": "PubKey", "AlgID": SM3_WITH_SM2, "KeyID": key_id, "KeyValue": spki.hex().upper()},
    ]
    return replace(label, reserved_code1=json.dumps({"SecurityData": data}, separators=(",", ":")))


def sign_hmac(label: AigcLabel, secret: bytes) -> AigcLabel:
    """Return the label with an opaque digest in ReservedCode1: ``hs256.`` and HMAC-SHA256 of the same message."""
    return replace(label, reserved_code1=_HMAC + hmac.new(secret, message(label), hashlib.sha256).hexdigest())


def judge(
    label: AigcLabel, keys: Keys | None = None, content: bytes | None = None, *, strict: bool = False
) -> list[Ruling]:
    """Return the rulings on what stands in ReservedCode1.

    A signature that does not fit fails for who holds keys, and in strict mode; else it warns: public files of
    a big producer carry signatures whose message we could not reproduce, and a reserved code may hold anything.

    Args:
        label: The label.
        keys: What the verifier holds; with pinned keys or a secret, a label without a right signature fails.
        content: The file before it was labelled, where the verifier has it.
        strict: Whether a signature that does not fit fails without keys, too.
    """
    keys = keys or Keys()
    code = label.reserved_code1
    if code.startswith(_HMAC):
        return _judge_hmac(label, keys)
    data = _security_data(code)
    if data is None:
        wanted = keys.pinned or keys.secret
        return [broken("pinned-key", "ReservedCode1 holds no signature")] if wanted else []
    rulings = [ok("form") if data.get("Type") == "TC260PG" and "Version" in data else broken("form", "Type or Version")]
    rulings += _judge_signature(label, data, keys, strict)
    if content is not None:
        values = [one.get("Value") for one in _objects(data.get("Bindings")) if one.get("AlgID") == SM3]
        fits = any(isinstance(value, str) and value.lower() == _sm3(content).lower() for value in values)
        rulings.append(ok("binding") if fits else broken("binding", "no digest in it is that of the file"))
    return rulings


def _judge_hmac(label: AigcLabel, keys: Keys) -> list[Ruling]:
    if keys.secret is None:
        what = "an opaque digest, which only who holds its secret can check"
        return [Ruling(RULES["signature"], "warning", what)] + (
            [broken("pinned-key", "ReservedCode1 holds no signature")] if keys.pinned else []
        )
    right = sign_hmac(label, keys.secret).reserved_code1
    if hmac.compare_digest(right.encode(), label.reserved_code1.encode("utf-8", "replace")):
        return [ok("signature"), ok("pinned-key")]
    return [broken("signature", "the digest does not fit the label, or was made with another secret", strict=True)]


def _judge_signature(label: AigcLabel, data: dict[str, Any], keys: Keys, strict: bool) -> list[Ruling]:
    entries = _objects(data.get("PubSD", data.get("PubSd")))
    offered = [point for one in entries if one.get("Type") == "PubKey" and (point := _point(one.get("KeyValue")))]
    signatures = [one for one in entries if one.get("Type") == "DS" and _tbs(one) in _OF_LABEL]
    known = [one for one in signatures if one.get("AlgID") == SM3_WITH_SM2]
    if not known:
        what = "it has no signature of the label" if not signatures else "its algorithm is not SM3withSM2: not checked"
        warned = [Ruling(RULES["signature"], "warning", what)]
        return (
            [*warned, broken("pinned-key", "no signature that a pinned key could have made")] if keys.pinned else warned
        )
    points = list(dict.fromkeys([*offered, *keys.pinned]))
    if not points:
        return [Ruling(RULES["signature"], "warning", "it names no key: not checked")]
    makers = {point for one in known for point in points if _verifies(label, one.get("Signature"), point)}
    if not makers:
        firm = strict or bool(keys.pinned)
        return [broken("signature", "the signature does not fit the label", strict=firm)]
    if not keys.pinned:
        return [ok("signature")]
    mine = (
        ok("pinned-key")
        if makers & keys.pinned
        else broken("pinned-key", "the signature is of a key that is not pinned")
    )
    return [ok("signature"), mine]


def _verifies(label: AigcLabel, signature: Any, point: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature  # noqa: PLC0415
    from gmalg import SM2  # noqa: PLC0415
    from gmalg.errors import GMError  # noqa: PLC0415

    try:
        raw = bytes.fromhex(signature)
        r, s = decode_dss_signature(raw) if raw[:1] == b"\x30" else _plain(raw)
        checker = SM2(uid=USER, pk=point)
        return bool(checker.verify(message(label), r.to_bytes(32, "big"), s.to_bytes(32, "big")))
    except (ValueError, TypeError, OverflowError, GMError):
        return False


def _plain(raw: bytes) -> tuple[int, int]:
    if len(raw) != 64:
        raise ValueError
    return int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")


def _security_data(code: str) -> dict[str, Any] | None:
    try:
        value = json.loads(code)
    except (ValueError, RecursionError):
        return None
    data = value.get("SecurityData") if isinstance(value, dict) else None
    return data if isinstance(data, dict) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value[:20] if isinstance(one, dict)] if isinstance(value, list) else []


def _tbs(entry: dict[str, Any]) -> str:
    data = entry.get("TBSData")
    return str(data.get("Type")) if isinstance(data, dict) else ""


def _sm3(content: bytes) -> str:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - only for those who sign

    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex().upper()


def _point(value: Any) -> bytes | None:
    """Return a public key as an uncompressed point; None where it is none on the curve."""
    from gmalg import SM2  # noqa: PLC0415
    from gmalg.errors import GMError  # noqa: PLC0415
    from gmalg.sm2 import PC_MODE, bytes_to_point, point_to_bytes  # noqa: PLC0415

    try:
        raw = bytes.fromhex(value)
        raw = raw.removeprefix(_KEY_HEAD)
        if len(raw) in (32, 33) and raw[:1] not in (b"\2", b"\3"):
            raw = b"\2" + raw[-32:]  # the x coordinate alone, as one producer writes it: the even point
        point = point_to_bytes(bytes_to_point(raw), PC_MODE.RAW)
        return bytes(point) if SM2(uid=USER, pk=bytes(point)).verify_pk(bytes(point)) else None
    except (ValueError, TypeError, IndexError, GMError):
        return None


def read_key(file: Path) -> Sm2Key:
    """Read a secret key: PEM as ``openssl ecparam -name SM2 -genkey`` writes it, or 64 hexadecimal digits.

    Raises:
        LabelError: The file holds no SM2 key; says what to do. It never tells what the file holds.
    """
    from gmalg import SM2  # noqa: PLC0415

    text = _text(file)
    secret = b""
    if "-----BEGIN" in text:
        secret = next((found for raw in _pem(text) if _CURVE in raw for found in _secrets(raw)), b"")
    elif len(text) == 64:
        secret = _unhex(text)
    number = int.from_bytes(secret, "big")
    if len(secret) != 32 or not 0 < number < int(
        "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54122", 16
    ):
        raise LabelError(f"{file}: holds no SM2 key — openssl ecparam -name SM2 -genkey -noout -out {file.name}")
    return Sm2Key(secret, bytes(SM2().generate_pk(secret)))


def read_public(file: Path) -> bytes:
    """Read a public key to pin: PEM (``openssl ec -pubout``) or hexadecimal; raises ``LabelError``."""
    text = _text(file)
    raw = next((one.hex() for one in _pem(text)), "") if "-----BEGIN" in text else text
    point = _point(raw)
    if point is None:
        raise LabelError(f"{file}: holds no public SM2 key — openssl ec -in key.pem -pubout -out {file.name}")
    return point


def read_secret(file: Path) -> bytes:
    """Read the secret of the opaque form: any 32 bytes or more; raises ``LabelError``."""
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise LabelError(f"{file}: {error.strerror}") from None
    if len(secret) < 32:
        raise LabelError(f"{file}: a secret needs 32 bytes or more — openssl rand -hex 32 > {file.name}")
    return secret


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise LabelError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LabelError(f"{file}: is no PEM and no hexadecimal text") from None


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _pem(text: str) -> Iterator[bytes]:
    body: list[str] | None = None
    for line in text.splitlines():
        if line.startswith("-----BEGIN"):
            body = []
        elif line.startswith("-----END") and body is not None:
            try:
                yield base64.b64decode("".join(body), validate=True)
            except binascii.Error:
                return
            body = None
        elif body is not None:
            body.append(line.strip())


def _secrets(der: bytes) -> Iterator[bytes]:
    """Yield what may be the secret number of an EC key: version 1, then 32 bytes (RFC 5915), also inside of PKCS #8."""
    place = der.find(b"\x02\x01\x01\x04\x20")
    if place >= 0:
        yield der[place + 5 : place + 37]
