"""The version of a bank: a digest of what may be said, wherever it was read from."""

from __future__ import annotations

from kit.shop import SHOP

from gateway.answers.read import read_bank


def test_the_version_changes_with_what_may_be_said() -> None:
    bank = read_bank(SHOP.encode(), "a.yaml")
    assert bank.version == read_bank(SHOP.encode(), "elsewhere.yaml").version
    assert bank.version != read_bank(SHOP.replace("点订单", "点售后").encode(), "a.yaml").version
    assert bank.version != read_bank(SHOP.replace("state: approved", "state: retired").encode(), "a.yaml").version
