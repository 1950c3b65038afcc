"""Reads the texts that were written for training: strictly, and always the same for the same seed.

A file holds families: texts that belong together, so that a split never puts one half of a
template into training and the other half into the test. A text may name slots in braces
(``{city}``); each family draws at most ``take`` expansions. A word in braces that is meant as it
stands is written twice: ``{{city}}``. ``python -m training.written FOLDER`` shows what a folder
holds.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Annotated, Final, Literal, Self, get_args

import click
from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.document import Document, read_document, suggest, validate
from gateway.errors import ConfigError, ConfigErrors, Where

Language = Literal["zh", "en", "mixed"]
Kind = Literal["instruction", "look_alike", "must_refuse", "jailbreak", "injection", "answer", "chat"]

HARMLESS: Final = frozenset({"instruction", "look_alike"})
"""Kinds whose texts show no risk."""
HARMFUL: Final = frozenset({"must_refuse", "jailbreak", "injection"})
"""Kinds whose texts show at least one risk; an answer or a chat may be either."""
MOST: Final = 2000
"""So many expansions a family may have without saying how many to take."""

_SLOT: Final = re.compile(r"\{\{[a-z][a-z0-9_]*\}\}|\{(?P<name>[a-z][a-z0-9_]*)\}")
_RISK: Final = r"^[a-z0-9_]+(\.[a-z0-9_]+)*$"


@dataclass(frozen=True, slots=True)
class Row:
    """A text to learn from.

    Attributes:
        text: The text, never empty.
        risks: The ids of the risks that it shows; empty if it is harmless.
        language: ``zh``, ``en`` or ``mixed``.
        kind: What sort of text it is.
        family: What it belongs to; texts of a family stay on one side of a split.
    """

    text: str
    risks: tuple[str, ...]
    language: Language
    kind: Kind
    family: str


class _Family(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="small letters, digits and - only")]
    take: Annotated[int, Field(ge=1, description="how many expansions at most")] | None = None
    texts: Annotated[tuple[str, ...], Field(min_length=1)]
    slots: Mapping[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    language: Language
    risks: tuple[Annotated[str, Field(pattern=_RISK)], ...]
    kind: Kind
    families: Annotated[tuple[_Family, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _kind_fits_risks(self) -> Self:
        if self.kind in HARMLESS and self.risks:
            raise ValueError(f"kind {self.kind!r} is harmless but names risks — empty 'risks' or change the kind")
        if self.kind in HARMFUL and not self.risks:
            raise ValueError(f"kind {self.kind!r} names no risk — say in 'risks' which it shows")
        return self


def read(folder: Path, seed: int) -> Iterator[Row]:
    """Read every ``*.yaml`` under ``folder`` and expand its families.

    Every file is checked before the first row comes. A text that comes again is left out.

    Args:
        folder: Where the files are; sub-folders are read too.
        seed: Decides which expansions are drawn. A family's draw depends on the seed and its own
            texts only, so another file never changes it.

    Raises:
        ConfigErrors: The folder holds no such file, or files are wrong: an unknown key, a slot
            that is missing or that no text names, an id that was there before, an empty text, a
            kind that contradicts the risks, or one text with two different lists of risks.
    """
    paths = sorted(folder.rglob("*.yaml"))
    if not paths:
        raise ConfigErrors([ConfigError("the folder holds no *.yaml file", Where(str(folder)), "look at the path")])
    problems: list[ConfigError] = []
    files: list[tuple[Document, _File]] = []
    for path in paths:
        try:
            document = read_document(path.read_bytes(), str(path))
            files.append((document, validate(document, _File)))
        except OSError as error:
            problems.append(ConfigError(f"cannot read the file: {error.strerror}", Where(str(path)), "look at it"))
        except ConfigErrors as error:
            problems.append(error)
    seen: dict[str, Where] = {}
    for document, file in files:
        for index, family in enumerate(file.families):
            where = document.where("families", index, "id")
            if family.id in seen:
                hint = f"the first is in {seen[family.id]}"
                problems.append(ConfigError(f"the family id {family.id!r} is here twice", where, hint))
            seen.setdefault(family.id, where)
            problems += _misfits(document, index, family)
    if problems:
        raise ConfigErrors(problems)
    return iter(_rows(files, seed))


def _misfits(document: Document, index: int, family: _Family) -> Iterator[ConfigError]:
    """Tell what a family's shape alone cannot: empty texts, slots that do not fit, too many expansions."""
    named: set[str] = set()
    for number, text in enumerate(family.texts):
        where = document.where("families", index, "texts", number)
        if not text.strip():
            yield ConfigError("the text is empty", where, "write or remove it")
        for name in _names(text):
            named.add(name)
            if name not in family.slots:
                hint = suggest(name, family.slots) or f"add it to 'slots', or write {{{{{name}}}}} if it is no slot"
                yield ConfigError(f"the text names the slot {name!r}, which is missing", where, hint)
    for name, values in family.slots.items():
        where = document.where("families", index, "slots", name)
        if name not in named:
            yield ConfigError(f"no text names the slot {name!r}", where, "remove it, or use it")
        if len(set(values)) < len(values):
            yield ConfigError(f"a value of the slot {name!r} is here twice", where, "remove one")
    if family.take is None and sum(_ways(text, family) for text in family.texts) > MOST:
        what = f"the family has more than {MOST:,} expansions"
        yield ConfigError(what, document.where("families", index, "id"), "say in 'take' how many to draw")


def _rows(files: Sequence[tuple[Document, _File]], seed: int) -> list[Row]:
    rows: dict[str, Row] = {}
    for document, file in files:
        for index, family in enumerate(file.families):
            for text in _expand(family, seed):
                row = Row(text, file.risks, file.language, file.kind, family.id)
                first = rows.setdefault(text, row)
                if set(first.risks) != set(row.risks):
                    what = f"a text of {family.id!r} is in {first.family!r} with other risks"
                    raise ConfigErrors([ConfigError(what, document.where("families", index, "id"), "keep one")])
    return list(rows.values())


def _expand(family: _Family, seed: int) -> list[str]:
    """Draw up to ``take`` different expansions, by turns from each text, so that none crowds out the others."""
    chance = random.Random(f"{seed}:{family.id}")
    limit = family.take or MOST
    draws = []
    for text in family.texts:
        ways = _ways(text, family)
        draws.append((text, chance.sample(range(ways), min(ways, limit))))
    if family.take:
        chance.shuffle(draws)
    out: dict[str, None] = {}
    for turn in range(max(len(numbers) for _, numbers in draws)):
        for text, numbers in draws:
            if turn < len(numbers) and len(out) < limit:
                out.setdefault(_fill(text, family, numbers[turn]))
    return list(out)


def _ways(text: str, family: _Family) -> int:
    return prod(len(family.slots.get(name, ())) for name in _names(text))


def _fill(text: str, family: _Family, number: int) -> str:
    """Write the expansion that ``number`` stands for: one digit for each slot, in the order of the text."""
    chosen: dict[str, str] = {}
    for name in _names(text):
        values = family.slots[name]
        number, digit = divmod(number, len(values))
        chosen[name] = values[digit].strip()
    return _SLOT.sub(lambda found: chosen[found["name"]] if found["name"] else found[0][1:-1], text).strip()


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(found["name"] for found in _SLOT.finditer(text) if found["name"]))


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """Count the rows by language and kind, and by risk."""
    yield f"{len(rows):,} texts of {len({row.family for row in rows}):,} families"
    languages = get_args(Language)
    by_kind = Counter((row.kind, row.language) for row in rows)
    yield f"{'kind':<14}" + "".join(f"{language:>8}" for language in languages)
    for kind in sorted({row.kind for row in rows}):
        yield f"{kind:<14}" + "".join(f"{by_kind[kind, language]:>8,}" for language in languages)
    by_risk = Counter(risk for row in rows for risk in (row.risks or ("(harmless)",)))
    yield f"{'risk':<20}{'texts':>8}"
    for risk, count in sorted(by_risk.items()):
        yield f"{risk:<20}{count:>8,}"


@click.command(
    epilog="Examples:\n\n  python -m training.written training/written\n\n"
    "  python -m training.written training/written/benign --samples 0"
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True, help="Which expansions are drawn.")
@click.option("--samples", default=5, show_default=True, help="How many texts to show of each kind and language.")
def main(folder: Path, seed: int, samples: int) -> None:
    """Count the texts in FOLDER by language, kind and risk, and show some of each."""
    try:
        rows = list(read(folder, seed))
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    for line in _table(rows):
        click.echo(line)
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row.kind, row.language), []).append(row.text)
    for (kind, language), texts in sorted(groups.items()):
        chosen = random.Random(seed).sample(texts, min(samples, len(texts)))
        if chosen:
            click.echo(f"\n{kind} · {language}")
        for text in chosen:
            click.echo(f"  {' '.join(text.split())[:160]}")


if __name__ == "__main__":
    main()
