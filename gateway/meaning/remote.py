"""Asks an HTTP endpoint of the operator's for one JSON answer; whatever goes wrong is an ``EndpointError``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import aiohttp
import orjson

from gateway.errors import EndpointError

_MOST: Final = 4 * 1024 * 1024


class Place(NamedTuple):
    """An endpoint.

    Attributes:
        url: Where.
        key: Sent as a bearer token; empty for none. Never shown.
        seconds: How long an answer may take.
        model: Its name, where the endpoint has several; may be empty.
    """

    url: str
    key: str = ""
    seconds: float = 3.0
    model: str = ""


async def post(place: Place, body: Mapping[str, Any], most: int = _MOST) -> Any:
    """Ask an endpoint; return its parsed answer. Raises ``EndpointError``.

    Args:
        place: Which.
        body: What it is asked.
        most: Bytes that its answer may have.
    """
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {place.key}"} if place.key else {})
    timeout = aiohttp.ClientTimeout(total=place.seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(place.url, data=orjson.dumps(body), headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise EndpointError(f"{named(place)} answers HTTP {response.status}")
            said = bytearray()
            async for piece in response.content.iter_any():
                said += piece
                if len(said) > most:
                    raise EndpointError(f"{named(place)} answers more than {most:,} bytes")
            return orjson.loads(said)
    except TimeoutError:
        raise EndpointError(f"{named(place)} did not answer within {place.seconds:g} s") from None
    except aiohttp.ClientError as error:
        raise EndpointError(f"{named(place)} cannot be asked ({type(error).__name__})") from None
    except orjson.JSONDecodeError:
        raise EndpointError(f"{named(place)} answers no JSON") from None


def named(place: Place) -> str:
    """Return the address without what may be secret in it."""
    return place.url.partition("?")[0].rpartition("@")[2]
