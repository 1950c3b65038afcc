"""Says which columns identify a person, by what they are called and by what stands in them (GB/T 42460-2023, 6.2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, NamedTuple

from gateway.document import read_document
from gateway.packaged import packaged_text

Role = Literal["direct", "quasi", "sensitive", "other"]
"""direct: identifies alone (Annex A); quasi: identifies together with others (Annex B); sensitive: what
must not be learnt about a person; other: neither."""

Reason = Literal["told", "called", "values", "masked", "pseudonym", "empty", "unknown"]

Scan = Callable[[str], Iterable[tuple[str, float]]]
"""Looks for identifiers in a text: pairs of what was found (``pii.email``) and which share of the text it is."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is.

    Attributes:
        name: As the table calls it.
        role: What it means for re-identification.
        kind: What it holds, such as ``identity_number``; for a text what was found in it.
        reason: Why that is thought.
        distinct: How many different values it has.
        filled: Share of cells that are not empty.
        found: How many of the values that were looked at hold an identifier.
        looked: How many different values were looked at.
    """

    name: str
    role: Role
    kind: str
    reason: Reason
    distinct: int
    filled: float
    found: int = 0
    looked: int = 0


@dataclass(frozen=True, slots=True)
class _Called:
    """What columns of a kind are called: parts of Chinese names, and runs of English words."""

    kind: str
    role: Role
    chinese: re.Pattern[str]
    english: re.Pattern[str]


@cache
def _names() -> tuple[_Called, ...]:
    """Read what columns are called; the file ships with Sluice."""
    text = packaged_text("privacy/columns.yaml")
    return tuple(
        _Called(one["kind"], one["role"], re.compile(one["zh"]), re.compile(rf"(?:^| )(?:{one['en']})(?: |$)"))
        for one in read_document(text, "columns.yaml").value["names"]
    )


_GENDERS: Final = frozenset(["男", "女", "男性", "女性", "m", "f", "male", "female", "man", "woman", "先生", "女士"])
_EDUCATION: Final = frozenset(
    ["小学", "初中", "高中", "中专", "高职", "大专", "专科", "大学", "本科", "学士", "研究生", "硕士", "博士"]
)
_MARRIAGE: Final = frozenset(["已婚", "未婚", "离异", "离婚", "丧偶", "married", "single", "divorced", "widowed"])
_DATE: Final = re.compile(
    r"(?:19|20)\d\d(?:[-/.年](?:0?[1-9]|1[0-2])(?:[-/.月](?:0?[1-9]|[12]\d|3[01])日?)?月?"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?:[T ]\d\d:\d\d.*)?"
)
_ETHNIC: Final = re.compile("[\u4e00-\u9fff]{1,4}族")
_MASK: Final = re.compile(r"[*＊×█●•#]{1,}|[xX]{3,}|\.{3,}|…")
_TOKEN: Final = re.compile(
    r"[0-9a-f]{16,}|[0-9A-F]{16,}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[A-Za-z0-9+/_-]{20,}={0,2}"
)
_MOST: Final = 5_000
_COVERED: Final = 0.8
_SPLIT: Final = re.compile(r"[\s_\-./()（）:：]+|(?<=[a-z])(?=[A-Z])")


def identify(
    name: str, cells: Sequence[str], scan: Scan, roles: Mapping[str, Role], told: Mapping[str, Role] | None = None
) -> Column:
    """Say what a column is.

    Args:
        name: What it is called.
        cells: Its values.
        scan: Looks for identifiers in a value.
        roles: For each thing that ``scan`` finds what it means; others count as direct.
        told: Roles that a person has set; they are not questioned.
    """
    counts = Counter(cells)
    filled = 1 - counts.pop("", 0) / len(cells) if cells else 0.0
    values = list(counts)
    looked = values if len(values) <= _MOST else values[:: -(-len(values) // _MOST)]
    by_name = _by_name(name)
    if told and name in told:
        looks = _Looks(told[name], by_name.kind if by_name else "unknown", "told")
    elif not values:
        looks = _Looks("other", "empty", "empty")
    else:
        looks = (by_name and _hidden(by_name, looked)) or _seen(by_name, looked, scan, roles)
    return Column(name, looks.role, looks.kind, looks.reason, len(values), filled, looks.found, looks.looked)


class _Looks(NamedTuple):
    """What a column looks like."""

    role: Role
    kind: str
    reason: Reason
    found: int = 0
    looked: int = 0


def _hidden(called: _Called, values: Sequence[str]) -> _Looks | None:
    """Say what is left of a direct identifier whose values were masked or replaced."""
    if called.role != "direct":
        return None
    masked = sum(1 for value in values if _MASK.search(value))
    if masked >= 0.9 * len(values):
        # What is left to read (a surname, the last four digits) still narrows down who it is.
        shown = len({_MASK.sub("", value) for value in values})
        return _Looks("quasi" if shown > 1 else "other", called.kind, "masked", masked, len(values))
    if all(_TOKEN.fullmatch(value) for value in values):
        return _Looks("other", called.kind, "pseudonym", 0, len(values))
    return None


def _seen(called: _Called | None, values: Sequence[str], scan: Scan, roles: Mapping[str, Role]) -> _Looks:
    """Say what a column is by what stands in it, then by its name."""
    found, kind = _search(values, scan)
    role = roles.get(kind, "direct") if kind else "other"
    if kind and (called is None or (role == "direct" and called.role != "direct")):
        return _Looks(role, kind.rpartition(".")[2], "values", found, len(values))
    if called:
        return _Looks(called.role, called.kind, "called", found, len(values))
    if guess := _by_values(values):
        return _Looks("quasi", guess, "values", 0, len(values))
    return _Looks("other", "unknown", "unknown", found, len(values))


def _by_name(name: str) -> _Called | None:
    chinese = re.sub(r"\s", "", name).lower()
    english = " ".join(_SPLIT.split(name.strip())).lower()
    return next((one for one in _names() if one.chinese.search(chinese) or one.english.search(english)), None)


def _search(values: Sequence[str], scan: Scan) -> tuple[int, str]:
    """Return how many values hold an identifier, and which kind most of them hold; none for chance hits."""
    whole: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for value in values:
        kinds: dict[str, float] = {}
        for kind, share in scan(value):
            kinds[kind] = max(share, kinds.get(kind, 0.0))
        for kind, share in kinds.items():
            (whole if share >= _COVERED else inside)[kind] += 1
    # Numbers of one make fit a check digit by chance (one card in ten): a column of them has to fit as a rule.
    best = max(whole, key=lambda kind: whole[kind], default="")
    if best and whole[best] >= 0.5 * len(values):
        return whole[best], best
    # In running text nothing fits by chance: one is enough.
    best = max(inside, key=lambda kind: inside[kind], default="")
    return (inside[best], best) if best else (0, "")


def _by_values(values: Sequence[str]) -> str | None:
    lower = [value.lower() for value in values]
    tests: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("gender", _GENDERS.__contains__),
        ("education", _EDUCATION.__contains__),
        ("marital_status", _MARRIAGE.__contains__),
        ("ethnicity", _ETHNIC.fullmatch),
        ("event_date", _DATE.fullmatch),
    )
    for kind, fits in tests:
        if sum(1 for value in lower if fits(value)) >= 0.9 * len(lower):
            return kind
    return None
