"""What is brought is a draft again, and nobody approves what they wrote."""

from __future__ import annotations

import pytest
from kit.shop import SHOP

from gateway.answers.changes import merged, set_state
from gateway.answers.read import read_bank
from gateway.errors import ConfigError


def test_what_changes_is_a_draft_again_with_its_history() -> None:
    old = read_bank(SHOP.encode(), "a.yaml")
    new = read_bank("id,question,answer\nrefund,怎么退款,走售后\nnew,新问题,新答案\n".encode(), "b.csv")
    bank = merged(old, new, by="赵", day="2026-11-26")
    refund, privacy, fresh = bank.entries
    assert (refund.version, refund.state, refund.zh, refund.approver) == (2, "draft", "走售后", "")
    assert [(one.what, one.by, one.version) for one in refund.history] == [("changed", "赵", 2)]
    assert privacy == old.entries[1]
    assert fresh.history[0].what == "created"
    assert merged(bank, new, by="赵", day="2026-11-27").entries == bank.entries  # nothing changed: nothing happens


def test_nobody_approves_what_they_wrote() -> None:
    bank = read_bank(SHOP.encode(), "a.yaml")
    with pytest.raises(ConfigError, match="somebody else"):
        set_state(bank, "refund", "approved", by="王芳", day="2026-11-26")
    with pytest.raises(ConfigError, match="refund"):
        set_state(bank, "refunt", "approved", by="李强", day="2026-11-26")
    approved = set_state(bank, "privacy", "approved", by="李强", day="2026-11-26").entries[1]
    assert (approved.state, approved.approver, approved.history[-1].what) == ("approved", "李强", "approved")
