"""``sluice kb``: bring documents into the knowledge base, list and remove them, and see what a question finds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from gateway.errors import ConfigError, KnowledgeError

if TYPE_CHECKING:
    from gateway.knowledge.library import Library

_PATH = click.Path(path_type=Path)
_TENANT = click.option("--tenant", default="default", show_default=True, help="Whose documents.")
_CONFIG = click.option("--config", type=_PATH, help="sluice.yaml (default: ./sluice.yaml if there is one).")
_SHAPE = click.option("--format", "shape", type=click.Choice(["human", "json"]), default="human", show_default=True)


@click.group()
def kb() -> None:
    """Work on the knowledge base (知识库) that answers are grounded in.

    \b
    Examples:
      sluice kb add 员工手册.docx 价目表.xlsx docs/
      sluice kb add 薪酬制度.pdf --access hr --link https://intra/pay.pdf
      sluice kb list
      sluice kb search 年假有几天
      sluice kb remove 价目表.xlsx
      sluice kb rebuild
    """


@kb.command()
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("--access", multiple=True, help="A label of which a caller needs one (may be repeated); none: everybody.")
@click.option("--title", help="Title for people, in place of the document's own.")
@click.option("--link", default="", help="Where people find the document.")
@click.option("--policy", help="The policy whose rules keep passages out.  [default: the one in force]")
@_TENANT
@_CONFIG
def add(  # noqa: PLR0917 - click hands them by name
    files: tuple[Path, ...],
    access: tuple[str, ...],
    title: str | None,
    link: str,
    policy: str | None,
    tenant: str,
    config: Path | None,
) -> None:
    """Add FILES, or every document in folders: txt, md, html, docx, pdf, xlsx.

    A document takes the place of the one of its name. Passages that the policy would keep from a model when a
    tool has read them (hidden orders, say) are kept and listed, but never used. A file that cannot be read is
    named, and the others are added. Exit code: 0, or 1 when a file could not be added.
    """
    from gateway.knowledge.readers.formats import read_document  # noqa: PLC0415

    wrong = 0
    with _opened(config, policy or "", screened=True) as library:
        found = list(_documents(files))
        if not found:
            raise click.UsageError("no document is there — known are txt, md, html, docx, pdf and xlsx")
        for path, name in tqdm(found, unit="file", delay=2, disable=None, file=sys.stderr):
            try:
                document = read_document(name, path.read_bytes(), title=title or "", link=link)
                with tqdm(unit="passage", delay=2, disable=None, file=sys.stderr, leave=False) as bar:
                    added = library.add(tenant, document, access, bar.update)
            except OSError as error:
                click.echo(f"✗ {path}: {error.strerror}", err=True)
                wrong += 1
                continue
            except KnowledgeError as error:
                click.echo(f"✗ {error}", err=True)
                wrong += 1
                continue
            state = "unchanged" if added.same else f"{added.document.passages} passages"
            click.echo(f"✓ {name}  {state}")
            for number, risks in added.flagged:
                click.echo(f"  ! passage {number} is never used: {', '.join(risks)}")
    if wrong:
        sys.exit(1)


@kb.command("list")
@_TENANT
@_CONFIG
@_SHAPE
def listing(tenant: str, config: Path | None, shape: str) -> None:
    """List the documents."""
    with _opened(config) as library:
        found = library.documents(tenant)
    if shape == "json":
        rows = [
            {
                "name": one.name,
                "title": one.title,
                "link": one.link,
                "passages": one.passages,
                "flagged": one.flagged,
                "access": sorted(one.access),
                "digest": one.digest,
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1).encode())
        return
    for one in found:
        notes = [f"{one.passages} passages", *([f"{one.flagged} never used"] if one.flagged else [])]
        notes += [f"for {', '.join(sorted(one.access))}"] if one.access else []
        click.echo(f"{one.name}  {one.title}  ({', '.join(notes)})")
    if not found:
        click.echo("no documents — sluice kb add FILE")


@kb.command()
@_TENANT
@_CONFIG
def rebuild(tenant: str, config: Path | None) -> None:
    """Embed every passage anew, after another table of vectors or another embedding model was chosen.

    Until all are done, and if that fails, the old vectors stay. Exit code: 0, or 3 when it fails.
    """
    with _opened(config) as library:
        count = sum(one.passages for one in library.documents(tenant))
        with tqdm(total=count, unit=" passages", delay=2, disable=None, file=sys.stderr) as bar:
            done = library.rebuild(tenant, bar.update)
    click.echo(f"✓ {done} passages embedded anew")


@kb.command()
@click.argument("names", nargs=-1, required=True)
@_TENANT
@_CONFIG
def remove(names: tuple[str, ...], tenant: str, config: Path | None) -> None:
    """Remove documents by NAME. Exit code: 0, or 1 when one was not there."""
    with _opened(config) as library:
        missing = [name for name in names if not library.remove(tenant, name)]
    for name in missing:
        click.echo(f"✗ {name} is not there — sluice kb list", err=True)
    if missing:
        sys.exit(1)


@kb.command()
@click.argument("question")
@click.option("-k", "--count", default=4, show_default=True, type=click.IntRange(1, 50))
@click.option("--access", multiple=True, help="A label that the caller has (may be repeated).")
@_TENANT
@_CONFIG
@_SHAPE
def search(  # noqa: PLR0917 - click hands them by name
    question: str, count: int, access: tuple[str, ...], tenant: str, config: Path | None, shape: str
) -> None:
    """Show the passages that QUESTION finds. Exit code: 0, or 1 when it finds none."""
    with _opened(config) as library:
        found = library.find(tenant, question, count, frozenset(access))
    if shape == "json":
        rows = [
            {
                "id": one.passage.id,
                "title": one.passage.title,
                "headings": list(one.passage.headings),
                "place": one.passage.place,
                "link": one.passage.link,
                "confidence": round(one.confidence, 4),
                "covered": round(one.covered, 4),
                "near": round(one.near, 4),
                "text": one.passage.text,
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1).encode())
    else:
        for number, one in enumerate(found, 1):
            where = " › ".join(filter(None, [one.passage.title, *one.passage.headings, one.passage.place]))
            click.echo(f"[{number}] {one.confidence:.2f}  {where}\n    {one.passage.text[:200]}".replace("\n\n", "\n"))
        if not found:
            click.echo("nothing is found")
    if not found:
        sys.exit(1)


def _documents(files: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Yield what is to be read, and its name: within a folder, the path from there."""
    from gateway.knowledge.readers.formats import READERS  # noqa: PLC0415

    for file in files:
        if not file.is_dir():
            yield file, file.name
            continue
        for path in sorted(file.rglob("*")):
            if path.is_file() and path.suffix.lower() in READERS:
                yield path, path.relative_to(file).as_posix()


class _opened:  # noqa: N801 - reads as what it does
    """The library of the settings, for a block; whatever is wrong with it ends the command."""

    def __init__(self, config: Path | None, policy: str = "", *, screened: bool = False) -> None:
        self._config, self._policy, self._screened = config, policy, screened
        self._library: Library | None = None

    def __enter__(self) -> Library:
        from gateway.settings import load_settings  # noqa: PLC0415
        from gateway.wiring import library_of, load_plan  # noqa: PLC0415

        try:
            settings = load_settings(self._config, os.environ)
            plan = load_plan(self._policy or settings.policy) if self._screened else None
            self._library = library_of(settings, os.environ, plan=plan)
        except ConfigError as error:
            click.echo(str(error), err=True)
            sys.exit(3)
        return self._library

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._library is not None:
            self._library.close()
        if isinstance(error, KnowledgeError):
            click.echo(f"✗ {error}", err=True)
            sys.exit(3)
