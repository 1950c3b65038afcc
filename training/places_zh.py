"""Condenses the administrative divisions of China to the names that ``gateway/detectors/names`` ships.

    python -m training.places_zh --data DATA

Reads zh_admin_divisions (WTFPL-2). Writes ``gateway/detectors/weights/places_zh.txt``: provinces, cities and
counties, one name a line, with the short forms of provinces and cities.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.detectors.names.places import PLACES
from training.sums import PACKAGE, renew

_TAIL = re.compile("(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|盟)$")
_NO_NAME = {
    "市辖区",
    "县",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
    "城区",
    "郊区",
    "矿区",
    "东区",
    "西区",
    "南区",
    "北区",
}


def main() -> None:
    """Condense and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    folder = parser.parse_args().data / "zh_admin_divisions"
    names: set[str] = set()
    for level, name in _walk(json.loads((folder / "dist__pca-code.json").read_text(encoding="utf-8")), 0):
        names |= _forms(level, name)
    for region, parts in json.loads((folder / "dist__HK-MO-TW.json").read_text(encoding="utf-8")).items():
        names |= _forms(0, region)
        for part, districts in parts.items():
            names |= _forms(1, part)
            names |= {district for district in districts if len(district) > 2}
    kept = sorted(name for name in names if len(name) > 1 and name not in _NO_NAME)
    file = PACKAGE / PLACES
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    renew()
    print(f"{PLACES}: {len(kept):,} names, {file.stat().st_size:,} bytes")


def _walk(entries: list[dict[str, Any]], level: int) -> Iterator[tuple[int, str]]:
    for entry in entries:
        yield level, entry["name"]
        yield from _walk(entry.get("children", []), level + 1)


def _forms(level: int, name: str) -> set[str]:
    """Return a name and, above the counties, its short form."""
    short = _TAIL.sub("", name)
    return {name, short} if level < 2 and len(short) > 1 else {name}


if __name__ == "__main__":
    main()
