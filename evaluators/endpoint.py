"""Talks to an OpenAI-compatible endpoint: bounded, with retries where a retry can help."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from gateway.errors import ConfigError

if TYPE_CHECKING:
    import aiohttp

Sleep = Callable[[float], Awaitable[None]]
"""Waits that many seconds."""

MAX_BYTES: Final = 16 * 1024 * 1024
_WORTH_RETRYING: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT: Final = 30.0


class EndpointError(Exception):
    """The endpoint gave no usable answer.

    Attributes:
        code: A stable word: ``unreachable``, ``timeout``, ``http_<status>``, ``not_json``,
            ``too_large``, ``malformed``.
        body: The error's JSON body, where there is one.
    """

    def __init__(self, code: str, body: Mapping[str, Any] | None = None, *, attempts: int = 1) -> None:
        self.code, self.body, self.attempts = code, body or {}, attempts
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer with status 200."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    attempts: int


def check_url(url: str) -> str:
    """Return the base URL without a trailing slash.

    Raises:
        ConfigError: It is no http(s) URL, or it holds a password (which would end up in the report).
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("the base URL is no http(s) URL", hint="write it like http://127.0.0.1:8080/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError("the base URL holds a name, a password or a query", hint="keys come from the environment")
    return url.rstrip("/")


class Endpoint:
    """One base URL with its key. Made by ``open_endpoint``.

    Args:
        session: Where connections come from.
        url: The base URL, such as ``http://127.0.0.1:8080/v1``.
        key: The bearer token; empty for none.
        seconds: For one attempt, from sending to the last byte.
        attempts: How often one question is asked at most.
        sleep: Waits between attempts.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        key: str = "",
        seconds: float = 60.0,
        attempts: int = 4,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        from aiohttp import ClientTimeout  # noqa: PLC0415 - only where something is asked: half the time of our import

        self._session, self._url, self._attempts, self._sleep = session, url, attempts, sleep
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._timeout = ClientTimeout(total=seconds)

    @property
    def url(self) -> str:
        """The base URL."""
        return self._url

    async def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        """Ask, and ask again after a pause where the trouble may pass (408, 409, 425, 429, 5xx, no connection).

        Raises:
            EndpointError: There is no answer with status 200 that is a JSON object.
        """
        attempt = 0
        while True:
            attempt += 1
            wait = min(_LONGEST_WAIT, 0.5 * 2 ** (attempt - 1))
            try:
                return await self._once(path, body, attempt)
            except EndpointError as error:
                error.attempts = attempt
                status = int(error.code[5:]) if error.code.startswith("http_") else 0
                passing = status in _WORTH_RETRYING or error.code in ("unreachable", "timeout")
                if not passing or attempt >= self._attempts:
                    raise
                wait = max(wait, min(_LONGEST_WAIT, _retry_after(error.body)))
            await self._sleep(wait)

    async def _once(self, path: str, body: Mapping[str, Any], attempt: int) -> Reply:
        from aiohttp import ClientError  # noqa: PLC0415

        try:
            async with self._session.post(
                self._url + path, json=body, headers=self._headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                raw = await response.content.read(MAX_BYTES + 1)
                while len(raw) <= MAX_BYTES and (more := await response.content.read(MAX_BYTES)):
                    raw += more
                status, headers = response.status, {name.lower(): value for name, value in response.headers.items()}
        except TimeoutError:
            raise EndpointError("timeout") from None
        except (ClientError, OSError):
            raise EndpointError("unreachable") from None
        if len(raw) > MAX_BYTES:
            raise EndpointError("too_large")
        try:
            value = json.loads(raw)
        except ValueError:
            value = None
        if status != 200:
            found = dict(value) if isinstance(value, dict) else {}
            raise EndpointError(f"http_{status}", {**found, "retry-after": headers.get("retry-after", "")})
        if not isinstance(value, dict):
            raise EndpointError("not_json")
        return Reply(value, headers, attempt)


def _retry_after(body: Mapping[str, Any]) -> float:
    written = str(body.get("retry-after", ""))
    return float(written) if written.isdigit() else 0.0


@asynccontextmanager
async def open_endpoint(
    url: str, *, key: str = "", seconds: float = 60.0, attempts: int = 4, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[Endpoint]:
    """Open an endpoint, and close its connections at the end.

    Proxies of the environment are not used: nothing is asked but the URL that was given.
    """
    from aiohttp import ClientSession, TCPConnector  # noqa: PLC0415

    async with ClientSession(trust_env=False, connector=TCPConnector(limit=0)) as session:
        yield Endpoint(session, check_url(url), key=key, seconds=seconds, attempts=attempts, sleep=sleep)
