"""Banks as YAML: all that an entry can say is read, and written as it was."""

from __future__ import annotations

from dataclasses import replace

from kit.shop import SHOP

from gateway.answers.entry import Event, Keywords
from gateway.answers.yaml_file import from_yaml, write_yaml


def test_yaml_says_all_that_an_entry_can() -> None:
    bank = from_yaml(SHOP.encode(), "a.yaml")
    refund, privacy = bank.entries
    assert refund.keywords == Keywords(("退款",), ("怎么", "流程"), ("拒绝",))
    assert (refund.valid_from, refund.valid_to, refund.row) == ("2026-01-01", "2026-12-31", 5)
    assert privacy.state == "draft"
    assert bank.thresholds is not None
    assert bank.thresholds.answer == 0.9


def test_what_is_written_reads_back_the_same() -> None:
    bank = from_yaml(SHOP.encode(), "a.yaml")
    event = Event(1, "2026-11-26", "王芳", "created", "0123")
    told = replace(bank, entries=tuple(replace(one, row=0, history=(event,)) for one in bank.entries))
    again = from_yaml(write_yaml(told).encode(), "a.yaml")
    assert replace(again, entries=tuple(replace(one, row=0) for one in again.entries)) == told
