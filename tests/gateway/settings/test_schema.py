"""The shape of the settings: what does not fit it is told, with its line and what would."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.settings import load_settings


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{key: 0123456789abcdef, agreement: A-1, date: 2026-10-01}", ""),
        ("{key: '0123456789abcde', agreement: A-1, date: 2026-10-01}", "unlabelled"),
        ("{key: sk-secret-key-in-the-clear, agreement: A-1, date: 2026-10-01}", "unlabelled"),
        ("{key: 0123456789abcdef, date: 2026-10-01}", "agreement"),
        ("{key: 0123456789abcdef, agreement: A-1, date: soon}", "date"),
    ],
)
def test_an_agreement_names_a_digest_an_id_and_a_date(tmp_path: Path, entry: str, told: str) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(f"unlabelled:\n  - {entry}\n", encoding="utf-8")
    if told:
        with pytest.raises(ConfigError, match=f"sluice.yaml:2.*{told}"):
            load_settings(file, {})
        return
    (waiver,) = load_settings(file, {}).unlabelled
    assert (waiver.agreement, waiver.date.isoformat()) == ("A-1", "2026-10-01")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keys: {counters: file}\n", "sluice.yaml:1:8:"),
        ("keys:\n  on_lost: maybe\n", "sluice.yaml:2:3: 'keys.on_lost' may not be 'maybe' — write 'refuse' or 'pass'"),
        ("keys: {countres: memory}\n", "sluice.yaml:1:8: unknown key 'countres' — did you mean 'counters'?"),
        ("currency: yuan\n", "sluice.yaml:1:1:"),
        ("policies: {Strict: a.yaml}\n", "sluice.yaml:1:"),
        ("models:\n  a: {provider: echo, price: {input: -1, output: 2}}\n", "sluice.yaml:2:31:"),
        ("models:\n  a: {provider: echo, price: {input: 1}}\n", "sluice.yaml:2:23: the key 'output' is missing"),
    ],
)
def test_wrong_limits_and_prices_are_told_with_their_lines(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "sluice.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    assert message in str(caught.value)
