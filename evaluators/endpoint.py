"""Talks to an HTTP endpoint that answers in JSON: bounded, with retries where a retry can help."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from evaluators.pace import Meter, OverBudget, Sleep, guess_tokens, usage_of
from gateway.errors import ConfigError

if TYPE_CHECKING:
    import aiohttp

_METERS: ContextVar[Callable[[str], Meter] | None] = ContextVar("meters", default=None)
"""How endpoints that are opened now are metered, by their base URL: scorers open theirs themselves."""

MAX_BYTES: Final = 16 * 1024 * 1024
_WORTH_RETRYING: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT: Final = 30.0


class EndpointError(Exception):
    """The endpoint gave no usable answer.

    Attributes:
        code: A stable word: ``unreachable``, ``timeout``, ``http_<status>``, ``not_json``,
            ``too_large``, ``malformed``, ``budget``.
        body: The error's JSON body, where there is one.
    """

    def __init__(self, code: str, body: Mapping[str, Any] | None = None, *, attempts: int = 1) -> None:
        self.code, self.body, self.attempts = code, body or {}, attempts
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer with status 200; ``written`` is its text where the endpoint is metered, else empty."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    attempts: int
    written: str = ""


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


@contextmanager
def metered(meters: Callable[[str], Meter]) -> Iterator[None]:
    """Meter every endpoint that is opened inside.

    Args:
        meters: Gives the meter of a base URL.
    """
    token = _METERS.set(meters)
    try:
        yield
    finally:
        _METERS.reset(token)


class Endpoint:
    """One base URL with its key. Made by ``open_endpoint``.

    Args:
        session: Where connections come from.
        url: The base URL, such as ``http://127.0.0.1:8080/v1``.
        headers: Sent with every request: the key, where there is one.
        seconds: For one attempt, from sending to the last byte.
        attempts: How often one question is asked at most.
        sleep: Waits between attempts.
        meter: Spaces calls out and counts them; None for neither.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        headers: Mapping[str, str],
        seconds: float = 60.0,
        attempts: int = 4,
        sleep: Sleep = asyncio.sleep,
        meter: Meter | None = None,
    ) -> None:
        from aiohttp import ClientTimeout  # noqa: PLC0415 - only where something is asked: half the time of our import

        self._session, self._url, self._attempts, self._sleep = session, url, attempts, sleep
        self._headers, self._meter = dict(headers), meter
        self._timeout = ClientTimeout(total=seconds)

    @property
    def url(self) -> str:
        """The base URL."""
        return self._url

    async def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        """Ask with a JSON body; see ``send``."""
        return await self.send("POST", path, body)

    async def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask, and ask again after a pause where the trouble may pass (408, 409, 425, 429, 5xx, no connection).

        A metered endpoint that says 429 is waited for as long as its patience lasts: that is no attempt.

        Raises:
            EndpointError: There is no answer with status 200 that is JSON.
        """
        attempt = 0
        while True:
            attempt += 1
            wait = min(_LONGEST_WAIT, 0.5 * 2 ** (attempt - 1))
            try:
                return await self._metered(method, path, body, {**self._headers, **(headers or {})}, attempt)
            except EndpointError as error:
                error.attempts = attempt
                asked_for = _retry_after(error.body)
                if error.code == "http_429" and self._meter is not None:
                    if not self._meter.pace.busy(asked_for):
                        raise
                    attempt -= 1
                    continue
                status = int(error.code[5:]) if error.code.startswith("http_") else 0
                passing = status in _WORTH_RETRYING or error.code in ("unreachable", "timeout")
                if not passing or attempt >= self._attempts:
                    raise
                wait = max(wait, min(_LONGEST_WAIT, asked_for))
            await self._sleep(wait)

    async def _metered(self, method: str, path: str, body: Any, headers: Mapping[str, str], attempt: int) -> Reply:
        if self._meter is None:
            return await self._once(method, path, body, headers, attempt)
        written = json.dumps(body, ensure_ascii=False) if body is not None else path
        try:
            begun = await self._meter.begin(written, _most(body))
        except OverBudget:
            raise EndpointError("budget") from None
        used = None
        try:
            reply = await self._once(method, path, body, headers, attempt)
            used = usage_of(reply.body) or (guess_tokens(written), guess_tokens(reply.written))
        finally:
            self._meter.end(begun, used)
        return reply

    async def _once(self, method: str, path: str, body: Any, headers: Mapping[str, str], attempt: int) -> Reply:
        from aiohttp import ClientError  # noqa: PLC0415

        try:
            async with self._session.request(
                method, self._url + path, json=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                raw = await response.content.read(MAX_BYTES + 1)
                while len(raw) <= MAX_BYTES and (more := await response.content.read(MAX_BYTES)):
                    raw += more
                status, said = response.status, {name.lower(): value for name, value in response.headers.items()}
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
            raise EndpointError(f"http_{status}", {**found, "retry-after": said.get("retry-after", "")})
        if not isinstance(value, dict):
            raise EndpointError("not_json")
        return Reply(value, said, attempt, raw.decode("utf-8", "replace") if self._meter else "")


def _most(body: Any) -> int | None:
    """Return how many tokens an answer may have, where the request says so."""
    names = ("max_completion_tokens", "max_tokens")
    found = (body.get(name) for name in names) if isinstance(body, dict) else ()
    return next((most for most in found if isinstance(most, int) and most > 0), None)


def _retry_after(body: Mapping[str, Any]) -> float:
    """Return the seconds that a ``retry-after`` asks for: a number, or a date."""
    written = str(body.get("retry-after", "")).strip()
    if written.isdecimal():
        return float(written)
    try:
        until = parsedate_to_datetime(written)
    except (ValueError, TypeError):
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


@asynccontextmanager
async def open_endpoint(
    url: str,
    *,
    key: str = "",
    headers: Mapping[str, str] | None = None,
    seconds: float = 60.0,
    attempts: int = 4,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[Endpoint]:
    """Open an endpoint, and close its connections at the end; it is metered as ``metered`` says.

    Proxies of the environment are not used: nothing is asked but the URL that was given.
    """
    from aiohttp import ClientSession, TCPConnector  # noqa: PLC0415

    address = check_url(url)
    meters = _METERS.get()
    sent = {**({"authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
    async with ClientSession(trust_env=False, connector=TCPConnector(limit=0)) as session:
        yield Endpoint(
            session,
            address,
            headers=sent,
            seconds=seconds,
            attempts=attempts,
            sleep=sleep,
            meter=meters(address) if meters else None,
        )
