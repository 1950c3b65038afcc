"""C2PA as a second layer: a signed manifest that says "made by a trained model", for pictures and PDF.

It joins a file that has its metadata label already: the manifest's digest covers the label, so a label that is
written later would break it. Needs ``pip install sluice-gateway[labels-c2pa]``; its wheel brings its native
library. No time stamp authority is asked: a manifest made here carries no trusted time.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import gateway
from gateway.errors import LabelError
from gateway.labels.carrier import HEAD
from gateway.labels.carriers import carrier_of

SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

FORMATS: Final = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "pdf": "application/pdf",
}
"""The carriers that take a manifest, and what C2PA calls them."""

State = Literal["trusted", "valid", "invalid", "none"]
"""``valid``: whole, but signed by nobody that the reader was told to trust; ``trusted`` needs a trust list."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs a manifest.

    Attributes:
        chain: Certificates in PEM, the signer's first.
        key: The signer's secret key in PEM.
        algorithm: As C2PA names it: ``es256``, ``ps256``, ``ed25519``.
    """

    chain: bytes
    key: bytes = field(repr=False)
    algorithm: str = "es256"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a manifest says.

    Attributes:
        state: Whether it is whole.
        made_by_ai: Whether its first action says "made by a trained model".
        codes: What the reader found, in C2PA's own words.
    """

    state: State
    made_by_ai: bool = False
    codes: tuple[str, ...] = ()


def seal(data: bytes, credentials: Credentials, *, name: str = "") -> bytes:
    """Return the file with a manifest, read back and found whole.

    Args:
        data: The file, labelled already.
        credentials: What signs.
        name: The file's name; for the title in the manifest.

    Raises:
        LabelError: The format takes none, the file has one already, or the credentials are of no use.
    """
    c2pa = _library()
    kind = _format(data)
    if check(data).state != "none":
        raise LabelError("it has a C2PA manifest already")
    created = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE}
    manifest = {
        "claim_generator_info": [{"name": "sluice", "version": gateway.__version__}],
        "title": name or "content",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [created]}}],
    }
    info = c2pa.C2paSignerInfo(
        alg=credentials.algorithm.encode(), sign_cert=credentials.chain, private_key=credentials.key, ta_url=None
    )
    out = io.BytesIO()
    try:
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest)) as builder:
            builder.sign(signer, kind, io.BytesIO(data), out)
    except c2pa.C2paError as error:
        raise LabelError(f"C2PA could not sign it ({type(error).__name__.removeprefix('_')})") from None
    sealed = out.getvalue()
    found = check(sealed)
    if found.state not in ("valid", "trusted") or not found.made_by_ai:
        raise LabelError(f"the manifest does not read back as valid ({', '.join(found.codes) or found.state})")
    return sealed


def check(data: bytes) -> Checked:
    """Return what the manifest of a file says; ``none`` where there is none."""
    return _checked(io.BytesIO(data), _format(data))


def check_file(path: Path) -> Checked:
    """Return what the manifest of a file says, read from the disk; raises ``LabelError`` where it cannot be read."""
    try:
        with path.open("rb") as source:
            kind = _format(source.read(HEAD))
            source.seek(0)
            return _checked(source, kind)
    except OSError as error:
        raise LabelError(f"{error.strerror or type(error).__name__}") from None


def _checked(source: BinaryIO, kind: str) -> Checked:
    c2pa = _library()
    try:
        with c2pa.Reader(kind, source) as reader:
            found = json.loads(reader.json())
    except c2pa.C2paError as error:
        if "ManifestNotFound" in type(error).__name__ or "JumbfNotFound" in str(error):
            return Checked("none")
        return Checked("invalid", codes=(type(error).__name__.removeprefix("_"),))
    state: dict[str, State] = {"Valid": "valid", "Trusted": "trusted"}
    codes = tuple(str(one.get("code")) for one in found.get("validation_status", []))
    active: dict[str, Any] = found.get("manifests", {}).get(found.get("active_manifest"), {})
    said = [
        action
        for one in active.get("assertions", [])
        if str(one.get("label", "")).startswith("c2pa.actions")
        for action in one.get("data", {}).get("actions", [])
    ]
    made = any(one.get("digitalSourceType") == SOURCE_TYPE for one in said)
    return Checked(state.get(str(found.get("validation_state")), "invalid"), made, codes)


def seal_file(source: Path, target: Path, credentials: Credentials) -> None:
    """Seal ``source`` and put the result in the place of ``target``; raises ``LabelError``, both then as they were."""
    try:
        sealed = seal(source.read_bytes(), credentials, name=source.name)
        handle, draft = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(sealed)
                stream.flush()
                os.fsync(stream.fileno())
            shutil.copymode(target if target.exists() else source, draft)
            Path(draft).replace(target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise LabelError(f"{error.strerror or type(error).__name__}") from None


def _format(data: bytes) -> str:
    carrier = carrier_of(data[:HEAD])
    if carrier is None or carrier.name not in FORMATS:
        raise LabelError("a C2PA manifest is written into pictures and PDF only")
    return FORMATS[carrier.name]


def _library() -> Any:
    try:
        import c2pa  # noqa: PLC0415
    except ImportError:
        raise LabelError("C2PA is not installed — pip install 'sluice-gateway[labels-c2pa]'") from None
    return c2pa
