"""One endpoint of the API: an ASGI app that hands each request to the path."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

import anyio
from starlette.types import Receive, Scope, Send

from gateway.errors import RequestError
from gateway.exchange import ANYONE, Caller
from gateway.pipeline.run import Gone, Recorded
from gateway.policy.plan import Plan
from gateway.server.body import LEFT, read_body
from gateway.server.outlet import HttpOutlet
from gateway.server.underway import Underway

log = logging.getLogger("sluice")

_VALUE: Final = re.compile(rb"[A-Za-z0-9._:, -]{1,1000}")

_LONGEST_USER: Final = 512
_ASKED: Final = (b"x-sluice-policy", b"x-sluice-dry-run")

Authenticate = Callable[[Scope], Caller]
"""Who asks; raises ``RequestError`` 401 for a caller that we do not know."""


class Endpoint:
    """Takes POST requests of one dialect.

    Args:
        path: What happens to them.
        plan: Returns the plan that judges a caller's exchanges, the one in force; each exchange keeps the one
            that it began with. Raises ``RequestError`` if there is none.
        authenticate: Says who asks.
        most: Bytes that a body may have.
        seconds: Time that a body may take.
        waive: Notes that a caller asks for an answer without a visible label, and raises for one that may not.
        passing: Headers that go on to the upstream, in lower case.
        methods: Which methods are taken; any other is a 405.
        underway: Counts the requests that are being handled; several endpoints may share it.
    """

    def __init__(
        self,
        path: Recorded,
        plan: Callable[[Caller], Plan],
        authenticate: Authenticate,
        *,
        most: int,
        seconds: float,
        waive: Callable[[Scope, Caller], Caller] | None = None,
        passing: Collection[bytes] = (),
        methods: Collection[str] = ("POST",),
        underway: Underway | None = None,
    ) -> None:
        self._methods = methods
        self._underway = underway or Underway()
        self._waive, self._passing = waive, frozenset(passing)
        self._path, self._plan, self._authenticate = path, plan, authenticate
        self._most, self._seconds = most, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. The record is written also when the client leaves (law 5)."""
        gone = Gone()
        with self._underway, anyio.CancelScope() as cancel:
            outlet = HttpOutlet(send, gone, cancel)
            caller, refusal = self._admit(scope)
            try:
                raw = refusal or await read_body(scope, receive, most=self._most, seconds=self._seconds)
            except asyncio.CancelledError:
                # Told to stop in mid-upload: such a request, too, has an answer and a record.
                stopping = RequestError("This server is about to stop; ask again.", status=503, code="stopping")
                await self._path.run(stopping, caller, self._plan(ANYONE), outlet, gone)
                raise
            if isinstance(raw, RequestError) and raw.code == LEFT:
                gone.leave()
            try:
                plan = self._plan(caller)
            except RequestError as error:
                raw, plan = error, self._plan(ANYONE)
            watch = asyncio.ensure_future(_watch(receive, gone, cancel))
            try:
                await self._path.run(raw, caller, plan, outlet, gone)
            except Exception as error:
                # The server would log it with its message, which may hold text (law 6).
                frame = traceback.extract_tb(error.__traceback__)[-1]
                log.error("a request failed with %s at %s:%s", type(error).__name__, frame.filename, frame.lineno)
            finally:
                watch.cancel()

    def _admit(self, scope: Scope) -> tuple[Caller, RequestError | None]:
        """Say who asks, and why not if the request is not for us: then its body is not read."""
        try:
            caller = self._authenticate(scope)
        except RequestError as error:
            return ANYONE, error
        if scope["method"] in self._methods:
            caller = _in_conversation(caller, scope)
            try:
                caller = _asking(caller, scope)
                caller = _for_user(self._waive(scope, caller) if self._waive else caller, scope)
                return self._handing_on(caller, scope), None
            except RequestError as error:
                return caller, error
        text = f"{scope['path']} takes {', '.join(self._methods)} requests, not {scope['method']}."
        return caller, RequestError(text, status=405, code="method_not_allowed")

    def _handing_on(self, caller: Caller, scope: Scope) -> Caller:
        """Note the headers that go on to the upstream; raises ``RequestError`` for a value that may not."""
        if not self._passing:
            return caller
        found = [(name.decode("latin-1"), value) for name, value in scope["headers"] if name in self._passing]
        return replace(caller, passing=tuple((name, _checked(name, value)) for name, value in found))


def _checked(name: str, value: bytes) -> str:
    """Return the value of a header that goes on: names and versions, nothing that could be anything else."""
    if not _VALUE.fullmatch(value):
        text = f"The header {name} takes names and versions, separated by commas."
        raise RequestError(text, status=400, code="invalid_header", param=name)
    return value.decode("ascii")


def _in_conversation(caller: Caller, scope: Scope) -> Caller:
    """Note the conversation that the client names, if it does: ``x-sluice-conversation``."""
    for name, value in scope["headers"]:
        if name == b"x-sluice-conversation" and value:
            return replace(caller, conversation=value.decode("latin-1"))
    return caller


def _for_user(caller: Caller, scope: Scope) -> Caller:
    """Note the end user whom the client names by a header: ``x-sluice-user``; it counts before the body's."""
    for name, value in scope["headers"]:
        if name == b"x-sluice-user" and value:
            if len(value) > _LONGEST_USER:
                text = f"The header x-sluice-user takes up to {_LONGEST_USER} bytes."
                raise RequestError(text, status=400, code="invalid_header", param="x-sluice-user")
            return replace(caller, user=value.decode("utf-8", "replace"))
    return caller


def _asking(caller: Caller, scope: Scope) -> Caller:
    """Note what the client asks for: a stricter policy, or no more than a verdict."""
    said = {name: bytes(value) for name, value in scope["headers"] if name in _ASKED}
    dry, policy = said.get(b"x-sluice-dry-run", b"no"), said.get(b"x-sluice-policy", b"")
    if dry not in (b"yes", b"no"):
        text = "The header x-sluice-dry-run takes yes or no."
        raise RequestError(text, status=400, code="invalid_header", param="x-sluice-dry-run")
    if dry == b"no" and not policy:
        return caller
    return replace(caller, stricter=policy.decode("latin-1"), dry_run=dry == b"yes")


async def _watch(receive: Receive, gone: Gone, cancel: anyio.CancelScope) -> None:
    """Wait until the client leaves, then end the work for it."""
    while (await receive())["type"] != "http.disconnect":
        pass
    if gone.leave():
        cancel.cancel()
