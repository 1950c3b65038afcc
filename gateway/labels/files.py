"""Labels in files: read, judged, written so that the original is whole whatever happens, and read back."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from gateway.errors import LabelError
from gateway.labels import signature
from gateway.labels.carrier import HEAD, Carrier, Field, Reading, Trace, refuse
from gateway.labels.carriers import CARRIERS, TEXTS, carrier_of, form_of
from gateway.labels.metadata import NAME, AigcLabel
from gateway.labels.rules import RULES, Ruling, Verdict, broken, examine, ok, unjudged, verdict_of

_ZIP_END: Final = b"PK\5\6"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one file, and what it comes to.

    Attributes:
        file: The file's name as it was given.
        verdict: ``compliant``, ``non-compliant``, ``not found`` or ``inconclusive``.
        rulings: One for each rule that applies.
        label: The first label, if one could be read.
        carrier: The format's name; empty where no carrier is known.
        place: Where the first label stands.
        traces: Other signs of AI.
    """

    file: str
    verdict: Verdict
    rulings: tuple[Ruling, ...]
    label: AigcLabel | None = None
    carrier: str = ""
    place: str = ""
    traces: tuple[Trace, ...] = field(default=())

    def json(self) -> dict[str, Any]:
        """Return the report as one line of ``sluice label verify --format json``."""
        return {
            "file": self.file,
            "verdict": self.verdict,
            "rules": [ruling.json() for ruling in self.rulings],
            "label": self.label.elements() if self.label else None,
            "carrier": self.carrier or None,
            "place": self.place or None,
            "traces": [trace._asdict() for trace in self.traces],
        }


def verify(path: Path, *, strict: bool = False, keys: signature.Keys | None = None) -> Report:
    """Judge the label of one file; what cannot be read is told in the report, never raised."""
    try:
        with _opened(path) as source:
            return judge(source, str(path), strict=strict, keys=keys)
    except OSError as error:
        return _unreadable(str(path), f"the file cannot be opened: {error.strerror or type(error).__name__}")
    except LabelError as error:
        return _unreadable(str(path), str(error))


def judge(source: BinaryIO, name: str, *, strict: bool = False, keys: signature.Keys | None = None) -> Report:
    """Judge the label of an open file.

    Args:
        source: The file; it can seek.
        name: Its name; how it ends helps with formats that have no signature.
        strict: Whether rules that the standard softens fail instead of warning.
        keys: Keys to check signatures with; without them a signature is checked with the key beside it.
    """
    head = _head(source)
    suffix = Path(name).suffix.lower()
    carrier = carrier_of(head, suffix)
    if carrier is None:
        what = "the file is empty" if not head else _no_carrier(suffix)
        return _unreadable(name, what)
    reading = carrier.read(source)
    rulings = [*_of_file(source, head, suffix, carrier, reading)]
    if not reading.fields:
        doubt = any(ruling.result == "unjudged" for ruling in rulings)
        verdict: Verdict = "inconclusive" if doubt else "not found"
        return Report(name, verdict, tuple(rulings), None, carrier.name, "", reading.traces)
    label, more = _of_fields(reading.fields, strict)
    rulings += more
    if label is not None and (label.reserved_code1 or keys is not None):
        rulings += signature.judge(label, keys, strict=strict)
    order = list(RULES)
    rulings.sort(key=lambda ruling: order.index(ruling.rule.id))
    place = f"{reading.fields[0].place}"
    return Report(name, verdict_of(rulings), tuple(rulings), label, carrier.name, place, reading.traces)


def write(source: Path, target: Path, label: AigcLabel, *, form: str = "", replace: bool = False) -> Carrier:
    """Write ``label`` into ``source`` and put the result in the place of ``target``; they may be the same file.

    The result is written beside the target, read back and compared; only then it takes its place. On any
    failure both files are as they were.

    Args:
        source: The file to label.
        target: Where the labelled file goes.
        label: The label.
        form: A second place that the format allows (PNG ``text``, JPEG ``exif``); empty for the usual one.
        replace: Whether a label that is there is replaced: only who spreads a file may do that.

    Returns:
        The carrier that was used.

    Raises:
        LabelError: The label may not be written, or the file cannot carry one; says why.
    """
    if fault := label.fault(passed_on=replace):
        raise refuse(fault, "GB 45438-2025 Annex E")
    try:
        with _opened(source) as stream:
            carrier = _writer(stream, str(source), label, form, replace=replace)
            if not os.access(target if target.exists() else target.parent, os.W_OK):
                raise refuse("the target is read-only")
            _replace(stream, source, target, carrier, label)
    except OSError as error:
        raise refuse(f"{error.strerror or type(error).__name__}") from None
    return carrier


def write_bytes(data: bytes, label: AigcLabel, *, name: str = "", form: str = "", replace: bool = False) -> bytes:
    """Return ``data``, a whole file, with ``label`` in it; raises ``LabelError`` as ``write`` does.

    Args:
        data: The file.
        label: The label.
        name: The file's name, where there is one: text formats are known by it.
        form: A second place that the format allows.
        replace: Whether a label that is there is replaced.
    """
    if fault := label.fault(passed_on=replace):
        raise refuse(fault, "GB 45438-2025 Annex E")
    source, target = io.BytesIO(data), io.BytesIO()
    carrier = _writer(source, name, label, form, replace=replace)
    carrier.write(source, target, label)
    _read_back(target, carrier, label)
    return target.getvalue()


def _writer(source: BinaryIO, name: str, label: AigcLabel, form: str, *, replace: bool) -> Carrier:
    """Return the carrier to write with, when the file may be given a label."""
    head = _head(source)
    suffix = Path(name).suffix.lower()
    found = carrier_of(head, suffix)
    if found is None:
        raise refuse("the file is empty" if not head else _no_carrier(suffix))
    carrier = form_of(found, form)
    if carrier is None:
        raise refuse(f"{found.name} has no second place {form!r}", "leave it out")
    reading = carrier.read(source)
    if reading.faults:
        raise refuse(reading.faults[0])
    if second := _second_format(source, head, carrier, reading):
        raise refuse(f"the file is of two formats: {second}")
    if not replace and any(trace.kind == "c2pa" for trace in reading.traces):
        raise refuse("it carries a C2PA manifest, whose digest a label would break", "label it first, then sign it")
    if reading.fields and not replace:
        mine = [examine(one.text).label for one in reading.fields]
        if mine != [label]:
            raise refuse(
                f"it carries a label already ({reading.fields[0].place})",
                "who spreads a labelled file adds to its label: sluice label propagate",
            )
    return carrier


def _replace(source: BinaryIO, origin: Path, target: Path, carrier: Carrier, label: AigcLabel) -> None:
    """Write beside the target, read back, and let the result take the target's place."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            carrier.write(source, stream, label)
            stream.flush()
            if target.exists():
                # An original is about to go: what takes its place must be on the disk first.
                os.fsync(stream.fileno())
            _read_back(stream, carrier, label)
        shutil.copymode(target if target.exists() else origin, draft)
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _read_back(stream: BinaryIO, carrier: Carrier, label: AigcLabel) -> None:
    """Raise ``LabelError`` unless exactly this label, in the place for it, can be read from what was written."""
    reading = carrier.read(stream)
    read = [examine(one.text).label for one in reading.fields if one.usual and NAME in one.name]
    if reading.faults or len(reading.fields) != 1 or read != [label]:
        told = reading.faults[0] if reading.faults else f"{len(reading.fields)} labels"
        raise refuse(f"what was written does not read back as the label ({told}); nothing was changed")


def _of_file(source: BinaryIO, head: bytes, suffix: str, carrier: Carrier, reading: Reading) -> list[Ruling]:
    """Rule on the file itself."""
    rulings = [unjudged("readable", fault) for fault in reading.faults] or [ok("readable")]
    second = _second_format(source, head, carrier, reading)
    what = f"the file is of two formats: {second}"
    rulings.append(unjudged("single-format", what) if second else ok("single-format"))
    if (tail := _tail(source, reading)) and not second:
        what = f"{tail:,} bytes of no known format follow the end of the {carrier.name}"
        rulings.append(broken("nothing-behind", what))
    if suffix and suffix not in carrier.suffixes:
        rulings.append(broken("extension", f"the name ends with {suffix[:12]}, but the file is {carrier.name}"))
    return rulings


def _of_fields(fields: tuple[Field, ...], strict: bool) -> tuple[AigcLabel | None, list[Ruling]]:
    """Rule on the labels of a file: each of them, and how many there are."""
    examined = [examine(one.text, strict=strict) for one in fields]
    rulings: list[Ruling] = []
    if len(fields) > 1:
        places = ", ".join(one.place for one in fields[:5])
        rulings.append(broken("one-label", f"{len(fields)} labels: {places}"))
        same = len({one.label for one in examined}) == 1 and examined[0].label is not None
        rulings.append(ok("carriers-agree") if same else broken("carriers-agree", f"they differ: {places}"))
    else:
        rulings.append(ok("one-label"))
    odd = [one for one in fields if NAME not in one.name]
    named = f"the field is called {odd[0].name[:40]!r}" if odd else ""
    rulings.append(broken("field-name", named) if odd else ok("field-name"))
    unusual = [one for one in fields if not one.usual]
    stands = f"it stands in {unusual[0].place[:60]}" if unusual else ""
    rulings.append(broken("place", stands, strict=strict) if unusual else ok("place"))
    # Every label is judged; what the first one breaks is told first, each rule once.
    worst: dict[str, Ruling] = {}
    rank = ("failed", "unjudged", "warning", "ok")
    for ruling in (ruling for one in examined for ruling in one.rulings):
        before = worst.get(ruling.rule.id)
        if before is None or rank.index(ruling.result) < rank.index(before.result):
            worst[ruling.rule.id] = ruling
    label = next((one.label for one in examined if one.label is not None), None)
    return label, [*rulings, *worst.values()]


def _second_format(source: BinaryIO, head: bytes, carrier: Carrier, reading: Reading) -> str:
    """Return which other format the file is as well, or nothing."""
    if carrier.name != "pdf" and carrier.name not in TEXTS and b"%PDF-" in head[:1024]:
        return "a PDF begins inside of its head"
    if not _tail(source, reading) or reading.end is None:
        return ""
    source.seek(reading.end)
    tail = source.read(HEAD).lstrip(b"\0\r\n\t ")
    others = [one.name for one in CARRIERS if one.name not in TEXTS and one.name != carrier.name and one.sniff(tail)]
    if others:
        return f"a {others[0]} follows the end of the {carrier.name}"
    size = source.seek(0, io.SEEK_END)
    source.seek(max(reading.end, size - 65557))
    return f"a ZIP follows the end of the {carrier.name}" if _ZIP_END in source.read() else ""


def _tail(source: BinaryIO, reading: Reading) -> int:
    """Return how many bytes follow the format's end."""
    return 0 if reading.end is None else max(0, source.seek(0, io.SEEK_END) - reading.end)


def _head(source: BinaryIO) -> bytes:
    source.seek(0)
    return source.read(HEAD)


def _no_carrier(suffix: str) -> str:
    named = next((one for one in CARRIERS if suffix in one.suffixes), None)
    if named is not None:
        return f"the name ends with {suffix}, but the file is no {named.name}"
    return f"no place for a label is known in files of this kind ({suffix[:12] or 'no suffix'})"


def _unreadable(name: str, what: str) -> Report:
    return Report(name, "inconclusive", (unjudged("readable", what),))


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading; a device, a pipe or a folder is none."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise refuse("it is no regular file")
    return path.open("rb")
