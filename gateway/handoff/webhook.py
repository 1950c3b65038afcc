"""Tell the people's system of one ticket over HTTP, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import aiohttp
import orjson

from gateway.handoff.signature import signed
from gateway.ports import Clock, Ticket

_SOON: Final = (429, 503)
_OLDEST: Final = 86_400


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling.

    Attributes:
        fault: Why it failed, as a code (``http_500``, ``timeout``, ``unreachable``); empty if it did not.
        wait: Seconds after which the system wants to be asked again; 0 if it did not say.
    """

    fault: str = ""
    wait: float = 0.0


def body_of(ticket: Ticket, question: str | None) -> bytes:
    """Write what the people's system is told; the same bytes however often it is told.

    Args:
        ticket: The ticket.
        question: What was asked, as it may be shown; None where it is withheld.
    """
    return orjson.dumps(
        {
            "type": "sluice.handoff",
            "ticket": ticket.id,
            "record": ticket.exchange,
            "time": datetime.fromtimestamp(ticket.created, UTC).isoformat(timespec="milliseconds"),
            "tenant": ticket.tenant,
            "desk": ticket.desk or None,
            "entry": ticket.entry or None,
            "rule": ticket.rule,
            "policy": ticket.policy,
            "policy_digest": ticket.plan,
            "language": ticket.language,
            "question": question,
            "question_form": ticket.form if question is not None else "withheld",
        }
    )


@dataclass(frozen=True, slots=True)
class Webhook:
    """The people's system.

    Attributes:
        url: Where it listens.
        secret: Signs what it is told.
        seconds: How long it may take, from the first byte sent to the status of its answer.
        clock: The time, for signatures.
    """

    url: str
    secret: bytes = field(repr=False)
    seconds: float
    clock: Clock

    async def tell(self, ticket: Ticket, question: str | None) -> Told:
        """Tell it of a ticket; never raises for what the other side does."""
        body = body_of(ticket, question)
        headers = {"content-type": "application/json", **signed(self.secret, ticket.id, int(self.clock()), body)}
        timeout = aiohttp.ClientTimeout(total=self.seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                # What it says in its answer is nothing to us: only that it has the ticket.
                if 200 <= response.status < 300:
                    return Told()
                said = response.headers.get("retry-after", "") if response.status in _SOON else ""
                wait = min(int(said), _OLDEST) if said.isascii() and said.isdigit() else 0
                return Told(f"http_{response.status}", wait)
        except TimeoutError:
            return Told("timeout")
        except (aiohttp.ClientError, OSError, ValueError):
            return Told("unreachable")
