"""Where processes share no counters, nobody says that a quota was counted."""

from __future__ import annotations

import pytest

from gateway.errors import QuotaError
from gateway.exchange import Quota
from gateway.limits.unshared import UnsharedQuotas
from gateway.ports import Reservation, Spend


async def test_nothing_is_set_aside_and_nothing_settled() -> None:
    quotas = UnsharedQuotas(assumed=7, on_lost="refuse")
    assert (quotas.assumed, quotas.on_lost) == (7, "refuse")
    with pytest.raises(QuotaError, match="redis://"):
        await quotas.reserve("k", Quota(requests=1), Spend(1, 0), Spend(1, 0))
    with pytest.raises(QuotaError, match="redis://"):
        await quotas.settle(Reservation("k", Quota(requests=1), 0.0, (0, 0, 0), ()), Spend(1, 0))
