"""Reach any server that speaks OpenAI's wire format: the body goes out verbatim, the bytes come back as they come.

The client's headers never go upstream: what is sent is our own key and nothing that tells who asks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http import HttpProcessingError

from gateway import __version__
from gateway.errors import (
    SettingsError,
    UpstreamBroke,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from gateway.ports import Call
from gateway.providers.timeouts import Timeouts

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

_REFUSAL_BYTES: Final = 64 * 1024
_READ_BYTES: Final = 64 * 1024
_SHORTEST_SECRET: Final = 8  # shorter keys are no secrets, but parts of words
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_EVENTS: Final = "text/event-stream"
_JSON: Final = "application/json"
_BROKEN: Final = (aiohttp.ClientError, HttpProcessingError, OSError)
# What may happen before an answer begins; the first line that fits counts.
_UNANSWERED: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[UpstreamError], str], ...]] = (
    (aiohttp.ConnectionTimeoutError, UpstreamTimeout, "no connection within {connect:g} s."),
    (TimeoutError, UpstreamTimeout, "no answer within {first_byte:g} s."),
    (aiohttp.ClientConnectorDNSError, UpstreamUnreachable, "its host name is not known; check base_url."),
    (aiohttp.ClientConnectorCertificateError, UpstreamUnreachable, "its TLS certificate is not trusted."),
    (aiohttp.ClientSSLError, UpstreamUnreachable, "TLS failed; does base_url want http?"),
    (aiohttp.ClientConnectorError, UpstreamUnreachable, "cannot connect ({reason})."),
    ((aiohttp.ClientResponseError, HttpProcessingError), UpstreamBroke, "what it sent is not HTTP."),
    (Exception, UpstreamBroke, "closed the connection without an answer."),
)


class _Stale(aiohttp.ClientConnectionError):
    """A connection that had answered before was closed before it answered again."""


class OpenAICompatible:
    """A provider for one server that speaks OpenAI's wire format.

    Makes its connections at first use, in the loop that uses it, and keeps them alive. A request
    is sent a second time in one case only: a kept connection that the server closed without a
    byte of an answer, which is what a server does that closes idle connections (RFC 9112 §9.3.1).

    Args:
        name: The configured name, for messages.
        base_url: The address up to and including the version, such as ``https://host/v1``.
        key: The API key, sent as a bearer token; None where the server wants none.
        timeouts: How long to wait for what.
        connections: How many connections at most; further calls wait for one, 0 is no limit.
        most_bytes: The largest answer, in bytes, that is taken where it is not streamed.
        headers: Further headers to send, such as ``api-key`` for servers that want it so.
        key_header: The header that the key goes into; in ``authorization`` it is a bearer token.

    Raises:
        SettingsError: If the address or a header cannot be used.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        key: str | None = None,
        *,
        timeouts: Timeouts | None = None,
        connections: int = 1000,
        most_bytes: int = 64 * 1024 * 1024,
        headers: Mapping[str, str] | None = None,
        key_header: str = "authorization",
    ) -> None:
        self.name = name
        self._base_url = _check_address(name, base_url)
        self._timeouts = timeouts or Timeouts()
        self._connections = connections
        self._most_bytes = most_bytes
        self._key = (key or "").strip()
        self._headers = _headers(name, self._key, headers or {}, key_header)
        self._session: aiohttp.ClientSession | None = None

    async def open(self, call: Call) -> _Flow:
        """Send the call and return its answer as soon as the answer's head is there.

        Raises:
            UpstreamUnreachable: No connection, or an answer that points elsewhere.
            UpstreamTimeout: No connection or no first byte in time.
            UpstreamRefused: An HTTP error status.
            UpstreamBroke: The connection ended before the answer, or it is not HTTP.
        """
        limits = self._timeouts
        try:
            # Each wait has its own limit below; this one is for what none of them sees: a full pool
            # of connections, a server that does not read the request, a head sent byte by byte.
            async with asyncio.timeout(limits.connect + limits.first_byte):
                try:
                    response = await self._post(call)
                except _Stale:
                    response = await self._post(call)
        except (TimeoutError, *_BROKEN) as error:
            # The library's own words may quote what the upstream sent.
            raise self._unanswered(error) from None
        if response.status >= 300:
            raise await self._refusal(response)
        if connection := response.connection:
            # Counts from the first piece of the body on: many servers send the head at once.
            connection.protocol.read_timeout = limits.idle  # type: ignore[union-attr]
        kind = response.content_type
        is_whole = kind == _JSON or (not call.stream and kind != _EVENTS)
        return _Flow(self.name, response, limits, self._most_bytes if is_whole else None)

    async def aclose(self) -> None:
        """Close every connection, those in use too."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, call: Call) -> aiohttp.ClientResponse:
        session = self._session or self._start()
        return await session.request(
            call.method,
            self._base_url + call.path,
            data=call.body or None,
            headers={"accept": _accepted(call), **call.headers},
            allow_redirects=False,
        )

    def _start(self) -> aiohttp.ClientSession:
        limits = self._timeouts
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60),
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect, sock_read=limits.first_byte),
            response_class=_watched(),
            read_bufsize=_READ_BYTES,
        )
        return self._session

    def _unanswered(self, error: Exception) -> UpstreamError:
        """Say why there is no answer."""
        limits = self._timeouts
        kind, why = next((kind, why) for types, kind, why in _UNANSWERED if isinstance(error, types))
        reason = _reason(error) if isinstance(error, aiohttp.ClientConnectorError) else ""
        message = why.format(connect=limits.connect, first_byte=limits.first_byte, reason=reason)
        return kind(f"Upstream {self.name!r}: {message}", upstream=self.name)

    async def _refusal(self, response: aiohttp.ClientResponse) -> UpstreamError:
        """Turn an HTTP status that is not a success into the error to raise."""
        status = response.status
        where = f"Upstream {self.name!r}"
        try:
            if status < 400:
                message = f"{where}: redirects (HTTP {status}), which is not followed; set base_url to its new address."
                return UpstreamUnreachable(message, upstream=self.name)
            if status == 401:
                # It is our key that it refuses, not the client's: a 401 would blame the wrong one.
                message = f"{where}: refuses our key (HTTP 401); check the key in the settings."
                return UpstreamRefused(message, upstream=self.name, status=502)
            body = await self._refusal_body(response)
        finally:
            response.close()
        if len(self._key) >= _SHORTEST_SECRET:
            body = body.replace(self._key.encode(), b"***")
        return UpstreamRefused(
            f"{where}: answered with HTTP {status}.",
            upstream=self.name,
            status=status if status < 600 else 502,
            body=body,
            retry_after=response.headers.get("retry-after"),
        )

    async def _refusal_body(self, response: aiohttp.ClientResponse) -> bytes:
        """Read an error's body as far as it comes: the status alone says enough."""
        body = b""
        try:
            async with asyncio.timeout(self._timeouts.idle):
                while len(body) < _REFUSAL_BYTES and (piece := await response.content.readany()):
                    body += piece
        except (TimeoutError, *_BROKEN):
            return body[:_REFUSAL_BYTES]
        return body[:_REFUSAL_BYTES]


class _Flow:
    """An answer that has begun."""

    __slots__ = ("_limits", "_most_bytes", "_name", "_response", "content_type")

    def __init__(self, name: str, response: aiohttp.ClientResponse, limits: Timeouts, most_bytes: int | None) -> None:
        self.content_type = response.headers.get("content-type", "application/octet-stream")
        self._name = name
        self._response = response
        self._limits = limits
        self._most_bytes = most_bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come; an answer that is not streamed as one chunk."""
        read = self._response.content.readany
        try:
            if self._most_bytes is not None:
                yield await self._whole(self._most_bytes)
                return
            while chunk := await read():
                yield chunk
        except TimeoutError:
            message = f"Upstream {self._name!r}: no further piece of its answer within {self._limits.idle:g} s."
            raise UpstreamTimeout(message, upstream=self._name) from None
        except _BROKEN as error:
            message = f"Upstream {self._name!r}: its answer broke off ({type(error).__name__})."
            raise UpstreamBroke(message, upstream=self._name) from None

    async def _whole(self, most_bytes: int) -> bytes:
        read = self._response.content.readany
        pieces: list[bytes] = []
        size = 0
        while piece := await read():
            size += len(piece)
            if size > most_bytes:
                self._response.close()
                message = f"Upstream {self._name!r}: its answer is larger than {most_bytes} bytes."
                raise UpstreamBroke(message, upstream=self._name)
            pieces.append(piece)
        return b"".join(pieces)

    async def aclose(self) -> None:
        """Let go of the connection; in mid-answer it is closed, so that the server stops generating."""
        self._response.close()


def _watched() -> type[aiohttp.ClientResponse]:
    """Make a class of responses that keeps an eye on the connections that brought them.

    It tells a kept connection that went stale from a new one that failed, and it ends answers that
    would otherwise wait for ever: where chunk sizes cannot be read, aiohttp 3.14 closes the
    connection, stops its clock and tells nobody who reads.
    """
    reading: dict[ResponseHandler, aiohttp.StreamReader] = {}

    def end(content: aiohttp.StreamReader) -> None:
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError())

    def lost(protocol: ResponseHandler, closed: asyncio.Future[None]) -> None:
        if not closed.cancelled():
            closed.exception()  # looked at, so that the loop does not report it as forgotten
        end(reading.pop(protocol))

    class Response(aiohttp.ClientResponse):
        async def start(self, connection: Connection) -> aiohttp.ClientResponse:
            protocol = connection.protocol
            kept = protocol in reading
            try:
                await super().start(connection)
            except aiohttp.ServerDisconnectedError as error:
                # The message is a text where nothing came, and half a head where something did.
                if kept and isinstance(error.message, str):
                    raise _Stale from error
                raise
            except aiohttp.ClientOSError as error:
                if kept:
                    raise _Stale from error
                raise
            closed = protocol.closed if protocol is not None else None
            if protocol is None or closed is None or (kept and protocol not in reading):
                end(self.content)  # lost while the head was on its way to us
                return self
            if not kept:
                closed.add_done_callback(partial(lost, protocol))
            reading[protocol] = self.content
            return self

    return Response


def _accepted(call: Call) -> str:
    """Say which answers are taken: a sound has many types."""
    return "*/*" if call.path.startswith("/audio/") else _EVENTS if call.stream else _JSON


def _check_address(name: str, base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        what = f"The base_url of upstream {name!r} is not an http or https address"
        raise SettingsError(what, hint="write it like https://api.example.com/v1")
    if parts.username or parts.password:
        raise SettingsError(f"The base_url of upstream {name!r} holds a user name", hint="give the key as a key")
    return base_url.rstrip("/")


def _headers(name: str, key: str, further: Mapping[str, str], key_header: str) -> dict[str, str]:
    headers = {
        "content-type": _JSON,
        "accept-encoding": "identity",
        "user-agent": f"sluice/{__version__}",
        **{header.lower(): value.strip() for header, value in further.items()},
    }
    if key:
        headers[key_header] = f"Bearer {key}" if key_header == "authorization" else key
    for header, value in headers.items():
        if not _HEADER_VALUE.fullmatch(value):
            what = "key" if key and header == key_header else f"header {header}"
            what = f"The {what} of upstream {name!r} is unusable"
            raise SettingsError(what, hint="it must be printable ASCII on one line")
    return headers


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """Name the operating system's reason; a connection to several addresses fails with several."""
    return type(error.os_error).__name__ if error.os_error.errno is None else str(error.strerror)
