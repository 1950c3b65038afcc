"""``sluice label``: read, write, check and pass on the metadata labels of GB 45438-2025 in files."""

from __future__ import annotations

import glob
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from gateway.cli.label_media import hide_in, reveal, show_on
from gateway.errors import LabelError

if TYPE_CHECKING:
    from gateway.labels.files import Report
    from gateway.labels.metadata import AigcLabel

_MARKS: Final = {"compliant": "✓", "non-compliant": "✗", "not found": "–", "inconclusive": "?"}

_FILES = click.argument("files", nargs=-1, required=True, metavar="FILE…")
_FORMAT = click.option("--format", "style", type=click.Choice(["human", "json"]), default="human", show_default=True)
_STRICT = click.option("--strict", is_flag=True, help='Fail also on what the standard asks only "mainly" or in a note.')


@click.group()
def label() -> None:
    """Read, write, check, pass on and show the AIGC labels of files (GB 45438-2025).

    \b
    Examples:
      sluice label write picture.png --producer 001191110102MAD55U9H0F10002 --content-id 7f3a
      sluice label verify pictures/ --format json
      sluice label read report.docx
      sluice label propagate upload.jpg --platform my-platform --content-id 42 --declared
      sluice label show-on picture.png --out labelled.png
    """


for command in (show_on, hide_in, reveal):
    label.add_command(command)


@label.command()
@_FILES
@_FORMAT
def read(files: tuple[str, ...], style: str) -> None:
    """Print the label of every FILE; folders are searched, globs may be quoted.

    Exit code: 0 every file has a label, 1 some have none, 2 usage, 3 some cannot be read.
    """
    from gateway.labels.files import verify as judge  # noqa: PLC0415

    codes = []
    for path in _progress(_paths(files)):
        report = judge(path)
        found = report.label is not None
        codes.append(0 if found else 3 if report.verdict == "inconclusive" else 1)
        if style == "json":
            _print({"file": str(path), "place": report.place or None, "label": _elements(report.label)})
            continue
        click.echo(f"{path}  {report.place or report.verdict}")
        for key, value in (_elements(report.label) or {}).items():
            click.echo(f"  {key:18}{_shown(value)}".rstrip())
    sys.exit(_exit(codes))


@label.command()
@_FILES
@_FORMAT
@_STRICT
@click.option(
    "--pin", multiple=True, type=click.Path(path_type=Path), help="Public SM2 key (PEM) that must have signed."
)
@click.option("--hmac-key", type=click.Path(path_type=Path), help="File with the secret of the opaque form.")
def verify(*, files: tuple[str, ...], style: str, strict: bool, pin: tuple[Path, ...], hmac_key: Path | None) -> None:
    """Hold the label of every FILE against the standard; one JSON object a file with --format json.

    \b
    Examples:
      sluice label verify out/*.png
      sluice label verify 'site/**/*.html' --strict
      sluice label verify dist/ --format json > labels.jsonl

    Every rule says its clause and how sure we are of it: H two independent sources, M one, L none; a rule
    of confidence L only warns. A C2PA manifest is told beside the verdict, which is about the label alone:
    valid, trusted, invalid, or unchecked with the reason.

    Exit code: 0 all compliant, 1 some not compliant or without a label (with --strict also a C2PA manifest that
    is invalid), 2 usage, 3 some cannot be judged (and none was worse).
    """
    from gateway.labels import signature  # noqa: PLC0415
    from gateway.labels.files import verify as judge  # noqa: PLC0415

    keys = None
    try:
        if pin or hmac_key:
            secret = signature.read_secret(hmac_key) if hmac_key else None
            keys = signature.Keys(frozenset(map(signature.read_public, pin)), secret)
    except LabelError as error:
        raise click.UsageError(str(error)) from None
    codes = []
    for path in _progress(_paths(files)):
        report = judge(path, strict=strict, keys=keys)
        sealed = _manifest(path, report)
        broken = strict and sealed is not None and sealed["state"] == "invalid"
        codes.append(1 if broken else {"compliant": 0, "inconclusive": 3}.get(report.verdict, 1))
        if style == "json":
            _print({**report.json(), "c2pa": sealed})
            continue
        where = f"  {report.place}" if report.place else ""
        click.echo(f"{_MARKS[report.verdict]} {path}  {report.verdict}{where}")
        for ruling in report.rulings:
            if ruling.result != "ok":
                rule = ruling.rule
                click.echo(f"    {ruling.result}: {_shown(ruling.what)} [{rule.id}; {rule.clause}; {rule.confidence}]")
        if sealed is not None:
            click.echo(f"    C2PA manifest: {_told_of(sealed)}")
    sys.exit(_exit(codes))


def _manifest(path: Path, report: Report) -> dict[str, Any] | None:
    """Return what the C2PA manifest of a file says; None where the file has none."""
    if not any(trace.kind == "c2pa" for trace in report.traces):
        return None
    from gateway.labels import manifest  # noqa: PLC0415

    try:
        found = manifest.check_file(path)
    except LabelError as error:
        return {"state": "unchecked", "made_by_ai": None, "codes": [], "reason": str(error)}
    if found.state == "none":
        return {"state": "invalid", "made_by_ai": None, "codes": [], "reason": "what is there is no manifest"}
    return {"state": found.state, "made_by_ai": found.made_by_ai, "codes": list(found.codes), "reason": None}


def _told_of(sealed: dict[str, Any]) -> str:
    codes = f" ({', '.join(sealed['codes'])})" if sealed["codes"] else ""
    ai = {True: "; it says: made by AI", False: "; it does not say: made by AI"}.get(sealed["made_by_ai"], "")
    return f"{sealed['state']}{codes}{ai}" + (f": {sealed['reason']}" if sealed["reason"] else "")


@label.command()
@_FILES
@click.option("--producer", required=True, help="Name or 27-character code of who made the content.")
@click.option("--content-id", required=True, help="Unique id of the content; {n} and {name} for several files.")
@click.option(
    "--kind", type=click.Choice(["1", "2", "3"]), default="1", show_default=True, help="Is, may be, suspected."
)
@click.option("--out", type=click.Path(path_type=Path), help="Where the labelled file goes; a folder for several.")
@click.option("--place", default="", help="Second place of a format: text (PNG), exif (JPEG).")
@click.option("--sign-sm2", type=click.Path(path_type=Path), help="Sign with this SM2 key (PEM): TC260-PG-202511A.")
@click.option("--sign-hmac", type=click.Path(path_type=Path), help="Or with this secret: opaque, for yourself only.")
def write(
    *,
    files: tuple[str, ...],
    producer: str,
    content_id: str,
    kind: Any,
    out: Path | None,
    place: str,
    sign_sm2: Path | None,
    sign_hmac: Path | None,
) -> None:
    """Write a label into every FILE: in place, or to --out. The original is untouched until all is well.

    \b
    Examples:
      sluice label write answer.md --producer 001191110102MAD55U9H0F10002 --content-id 7f3a
      sluice label write *.png --producer acme --content-id 'batch-9-{n}' --out labelled/

    A file that carries a label or a C2PA manifest already is refused: see `sluice label propagate`.

    Exit code: 0 all written, 1 some were not, 2 usage.
    """
    from gateway.labels.files import write as put  # noqa: PLC0415
    from gateway.labels.metadata import AigcLabel  # noqa: PLC0415

    paths = _paths(files)
    if len(paths) > 1 and "{n}" not in content_id and "{name}" not in content_id:
        raise click.UsageError("Several files need several ids: put {n} or {name} into --content-id.")
    _check(AigcLabel.of(producer, _id(content_id, 1, Path("x")), kind))
    sign = _signer(sign_sm2, sign_hmac)
    failed = False
    for number, path in enumerate(_progress(paths), 1):
        target = _target(path, out, several=len(paths) > 1)
        try:
            made = sign(AigcLabel.of(producer, _id(content_id, number, path), kind), path)
            carrier = put(path, target, made, form=place)
        except LabelError as error:
            failed = True
            click.echo(f"✗ {path}: {error}", err=True)
            continue
        click.echo(f"✓ {target}  {carrier.place}")
    sys.exit(1 if failed else 0)


@label.command()
@_FILES
@click.option("--platform", required=True, help="Name or 27-character code of the platform that spreads the content.")
@click.option("--content-id", required=True, help="The platform's id of the content; {n} and {name} for several files.")
@click.option("--declared", is_flag=True, help="The user declares that AI made it.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the labelled file goes; a folder for several.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@_FORMAT
def propagate(
    *,
    files: tuple[str, ...],
    platform: str,
    content_id: str,
    declared: bool,
    out: Path | None,
    dry_run: bool,
    style: str,
) -> None:
    """Find out what each FILE is by article 6 of the Measures, and write the propagation elements.

    \b
    is         its own label says so
    may be     no label, but the user declares it (--declared)
    suspected  neither, but traces of AI: a visible label, a generator's parameters, C2PA, another schema
    none       nothing of that; nothing is written

    Exit code: 0 done, 1 some could not be written, 2 usage, 3 some could not be read.
    """
    from gateway.labels.files import verify as judge  # noqa: PLC0415
    from gateway.labels.files import write as put  # noqa: PLC0415
    from gateway.labels.metadata import AigcLabel  # noqa: PLC0415
    from gateway.labels.propagate import find  # noqa: PLC0415

    paths = _paths(files)
    if len(paths) > 1 and "{n}" not in content_id and "{name}" not in content_id:
        raise click.UsageError("Several files need several ids: put {n} or {name} into --content-id.")
    _check(AigcLabel("3", "", "", "", platform, _id(content_id, 1, Path("x"))))
    codes = []
    for number, path in enumerate(_progress(paths), 1):
        report = judge(path)
        found = find(report, platform, _id(content_id, number, path), declared=declared)
        fault = None
        if found.label is not None and not dry_run:
            form = {"tEXt AIGC": "text", "EXIF UserComment": "exif"}.get(report.place, "")
            try:
                put(path, _target(path, out, several=len(paths) > 1), found.label, form=form, replace=True)
            except LabelError as error:
                fault = str(error)
        codes.append(1 if fault else 3 if found.state == "inconclusive" else 0)
        written = found.label is not None and not dry_run and fault is None
        if style == "json":
            row = {"file": str(path), "state": found.state, "because": found.because, "written": written}
            _print({**row, "error": fault, "label": _elements(found.label)})
            continue
        click.echo(
            f"{'✗' if fault else '✓' if written else '–'} {path}  {found.state}: {_shown(fault or found.because)}"
        )
    sys.exit(_exit(codes))


@label.command()
@_FILES
@click.option("--cert", required=True, type=click.Path(path_type=Path), help="Certificates (PEM), the signer's first.")
@click.option("--key", required=True, type=click.Path(path_type=Path), help="The signer's secret key (PEM).")
@click.option("--algorithm", default="es256", show_default=True, help="es256, es384, ps256, ed25519 …")
@click.option("--out", type=click.Path(path_type=Path), help="Where the sealed file goes; a folder for several.")
def seal(*, files: tuple[str, ...], cert: Path, key: Path, algorithm: str, out: Path | None) -> None:
    """Add a signed C2PA manifest to every FILE (pictures and PDF): the second layer, after `label write`.

    \b
    Example:
      sluice label write a.png --producer acme --content-id 7 && sluice label seal a.png --cert c.pem --key k.pem

    Exit code: 0 all sealed, 1 some were not, 2 usage.
    """
    from gateway.labels import manifest  # noqa: PLC0415

    try:
        credentials = manifest.Credentials(cert.read_bytes(), key.read_bytes(), algorithm)
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from None
    paths = _paths(files)
    failed = False
    for path in _progress(paths):
        target = _target(path, out, several=len(paths) > 1)
        try:
            manifest.seal_file(path, target, credentials)
        except LabelError as error:
            failed = True
            click.echo(f"✗ {path}: {error}", err=True)
            continue
        click.echo(f"✓ {target}  C2PA")
    sys.exit(1 if failed else 0)


def _signer(sm2: Path | None, opaque: Path | None) -> Callable[[AigcLabel, Path], AigcLabel]:
    """Return what signs a label; the keys are read before the first file is touched."""
    from gateway.labels import signature  # noqa: PLC0415

    if sm2 and opaque:
        raise click.UsageError("ReservedCode1 holds one of them: --sign-sm2 or --sign-hmac.")
    try:
        if sm2:
            key = signature.read_key(sm2)
            return lambda one, path: signature.sign_sm2(one, key, path.read_bytes() if path.is_file() else None)
        if opaque:
            secret = signature.read_secret(opaque)
            return lambda one, _: signature.sign_hmac(one, secret)
    except LabelError as error:
        raise click.UsageError(str(error)) from None
    return lambda one, _: one


def _paths(names: Iterable[str]) -> list[Path]:
    """Return the files that are meant: folders are searched for what can carry a label, globs are expanded."""
    from gateway.labels.carriers import CARRIERS  # noqa: PLC0415

    known = {suffix for carrier in CARRIERS for suffix in carrier.suffixes}
    found: list[Path] = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            inside = [one for one in sorted(path.rglob("*")) if one.is_file() and one.suffix.lower() in known]
            if not inside:
                raise click.UsageError(f"{name}: no file in this folder can carry a label.")
            found += inside
        elif path.exists() or not glob.has_magic(name):
            if not path.exists():
                raise click.UsageError(f"{name}: there is no such file.")
            found.append(path)
        else:
            matched = [Path(one) for one in sorted(glob.glob(name, recursive=True)) if Path(one).is_file()]  # noqa: PTH207
            if not matched:
                raise click.UsageError(f"{name}: no file matches.")
            found += matched
    return list(dict.fromkeys(found))


def _progress(paths: list[Path]) -> Iterator[Path]:
    from tqdm import tqdm  # noqa: PLC0415

    # The bar shows only where a person watches, and only when it takes long enough to wonder.
    yield from tqdm(paths, unit=" files", delay=2, disable=None, file=sys.stderr)


def _target(path: Path, out: Path | None, *, several: bool) -> Path:
    if out is None:
        return path
    if several or out.is_dir():
        out.mkdir(parents=True, exist_ok=True)
        return out / path.name
    return out


def _id(pattern: str, number: int, path: Path) -> str:
    return pattern.replace("{n}", str(number)).replace("{name}", path.stem)


def _check(sample: Any) -> None:
    """Say before the first file what is wrong with what was given."""
    if fault := sample.fault(passed_on=not sample.content_producer and sample.label != "1"):
        raise click.UsageError(f"{fault} (GB 45438-2025 Annex E).")


def _elements(found: Any) -> dict[str, str] | None:
    return found.elements() if found is not None else None


def _shown(text: str) -> str:
    """Return a stranger's text so that it cannot steer the terminal."""
    short = text if len(text) <= 200 else f"{text[:199]}…"
    return "".join(letter if letter.isprintable() else "·" for letter in short)


def _print(row: dict[str, Any]) -> None:
    # A file's name may hold bytes that are no UTF-8; JSON may not.
    row["file"] = row["file"].encode("utf-8", "replace").decode()
    click.echo(orjson.dumps(row))


def _exit(codes: list[int]) -> int:
    return 1 if 1 in codes else 3 if 3 in codes else 0
