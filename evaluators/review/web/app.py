"""Serves a review to people by links that name them: blinded, saved at once, closed to every other page and site."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final
from urllib.parse import parse_qsl

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from evaluators.review import assign, consensus, decisions
from evaluators.review.decisions import Decision, Follower
from evaluators.review.folder import Review
from evaluators.review.item import Item
from evaluators.review.web import page
from evaluators.review.wording import Words
from gateway.errors import ConfigError

COOKIE: Final = "sluice_review_"
"""With the beginning of the review's digest: two reviews on one machine do not put each other's people out."""
LANGUAGE: Final = "sluice_lang"
MOST_BODY: Final = 256 * 1024
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # "no-referrer" would take the origin off our own forms
    "cache-control": "no-store",
}
_ASSETS: Final = {"style.css": "text/css", "script.js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page serves.

    Attributes:
        review: The review.
        words: The words of the page.
        links: Who comes in by which token.
        secret: What marks against forged requests are made with.
        hosts: Values of ``Host`` that are answered; others may come from a name that was bound to this address.
        now: Returns the time to write down.
        said: Knows what people have said.
    """

    review: Review
    words: Words
    links: Mapping[str, str]
    secret: bytes
    hosts: Sequence[str]
    now: Callable[[], str]
    said: Follower

    @property
    def cookie(self) -> str:
        """The name of the cookie that says who somebody is."""
        return COOKIE + self.review.digest[:12]

    def person(self, request: Request) -> tuple[str, str]:
        """Return who asks and by which token; both are empty for nobody."""
        shown = request.cookies.get(self.cookie, "")
        return next(((name, token) for token, name in self.links.items() if _same(token, shown)), ("", ""))

    def mark(self, token: str) -> str:
        """Return what a request that changes something must bring along: only our own page knows it."""
        return hmac.new(self.secret, token.encode(), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "backslashreplace"))


def application(desk: Desk) -> Starlette:
    """Return the application."""

    def safe(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            if request.headers.get("host", "") not in desk.hosts:
                said: Response = _told(desk, request, "forbidden", 403)
            else:
                said = await answer(request)
            for name, value in _HEADERS.items():
                said.headers.setdefault(name, value)
            return said

        return guarded

    async def home(request: Request) -> Response:
        return await _home(desk, request)

    async def item(request: Request) -> Response:
        return await (_save if request.method == "POST" else _show)(desk, request)

    async def lost(request: Request, error: Exception) -> Response:
        del error
        return _told(desk, request, "not_found", 404)

    routes = [
        Route("/", safe(home), methods=["GET"]),
        Route("/item/{number:int}", safe(item), methods=["GET", "POST"]),
        Route("/{name:str}", safe(_asset), methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={404: lost, 405: lost})


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return Response(status_code=404)
    content = resources.files("evaluators.review.web").joinpath(name).read_bytes()
    return Response(content, media_type=_ASSETS[name])


async def _home(desk: Desk, request: Request) -> Response:
    if token := request.query_params.get("token", ""):
        known = next((one for one in desk.links if _same(one, token)), "")
        if not known:
            return _told(desk, request, "forbidden", 403)
        let_in = RedirectResponse("/", 303)  # the token leaves the address, and with it the history
        let_in.set_cookie(desk.cookie, known, httponly=True, samesite="lax")
        return let_in
    name, _ = desk.person(request)
    if not name:
        return _told(desk, request, "forbidden", 403)
    await anyio.to_thread.run_sync(_refer, desk)
    own, said = await anyio.to_thread.run_sync(_mine, desk, name)
    lang = _language(request)
    html = page.home(page.Seat(desk.review, name, own, said), page.Voice(desk.words, lang))
    return _in(lang, request, HTMLResponse(html))


async def _show(desk: Desk, request: Request) -> Response:
    name, token = desk.person(request)
    if not name:
        return _told(desk, request, "forbidden", 403)
    own, said = await anyio.to_thread.run_sync(_mine, desk, name)
    number = request.path_params["number"]
    if not 1 <= number <= len(own):
        return _told(desk, request, "not_found", 404)
    lang = _language(request)
    html = page.item(page.Seat(desk.review, name, own, said), number, desk.mark(token), page.Voice(desk.words, lang))
    return _in(lang, request, HTMLResponse(html))


async def _save(desk: Desk, request: Request) -> Response:
    name, token = desk.person(request)
    form = dict(parse_qsl((await _body(request)).decode("utf-8", "replace"), keep_blank_values=True))
    origin = request.headers.get("origin")
    ours = origin is None or origin in [f"{scheme}://{host}" for scheme in ("http", "https") for host in desk.hosts]
    if not name or not ours or not _same(desk.mark(token), form.get("mark", "")):
        return _refusal(desk, request, "stale", 403)
    own, _ = await anyio.to_thread.run_sync(_mine, desk, name)
    number = request.path_params["number"]
    if not 1 <= number <= len(own):
        return _refusal(desk, request, "not_found", 404)
    try:
        decision = read_form(form, own[number - 1], name, desk.now())
        decision = decisions.checked(decision, desk.review)
    except (ConfigError, ValueError) as error:
        return _refusal(desk, request, "refused", 400, getattr(error, "what", ""))
    await anyio.to_thread.run_sync(decisions.add, desk.review, [decision])
    missing = decisions.gaps(decision, own[number - 1], desk.review.rubric)
    if "application/json" in request.headers.get("accept", ""):
        _, said = await anyio.to_thread.run_sync(_mine, desk, name)
        judged = sum(not decisions.gaps(said[one.id], one, desk.review.rubric) for one in own if one.id in said)
        return JSONResponse({"saved": True, "missing": missing, "judged": judged, "items": len(own)})
    return RedirectResponse(f"/item/{number}" if missing or number == len(own) else f"/item/{number + 1}", 303)


async def _body(request: Request) -> bytes:
    """Return the body of a request; nothing of one that is too long, whose mark will not fit then."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            return b""
    return body


def read_form(form: Mapping[str, str], item: Item, reviewer: str, at: str) -> Decision:
    """Return what a form says; raises ``ValueError`` for a place that is no number."""
    verdicts: dict[str, dict[str, str]] = {}
    places: dict[str, int] = {}
    for key, value in form.items():
        kind, _, rest = key.partition(".")
        if kind == "v" and value:
            answer, _, field = rest.partition(".")
            verdicts.setdefault(answer, {})[field] = value
        elif kind == "p" and value:
            places[rest] = int(value)
    return Decision(item.id, reviewer, at, "page", verdicts, places, form.get("note", "").strip())


def _refer(desk: Desk) -> None:
    """Hand on what people differ about."""
    consensus.refer(desk.review, desk.said.now())


def _mine(desk: Desk, name: str) -> tuple[list[Item], dict[str, Decision]]:
    """Return a person's items, those to settle last, and what this person has said of them."""
    own = assign.load(desk.review).of(name)
    said = desk.said.now()
    items = [item for id in own if (item := desk.review.item(id))]
    return items, {item: one for (item, person), one in said.items() if person == name}


def _language(request: Request) -> page.Lang:
    said = request.query_params.get("lang") or request.cookies.get(LANGUAGE)
    if said in ("zh", "en"):
        return "zh" if said == "zh" else "en"
    return "en" if request.headers.get("accept-language", "zh").lower().startswith("en") else "zh"


def _in(lang: page.Lang, request: Request, said: Response) -> Response:
    if request.query_params.get("lang"):
        said.set_cookie(LANGUAGE, lang, samesite="lax")
    return said


def _told(desk: Desk, request: Request, word: str, status: int) -> Response:
    html = page.told(page.Voice(desk.words, _language(request)), word)
    return HTMLResponse(html, status, headers=dict(_HEADERS))


def _refusal(desk: Desk, request: Request, word: str, status: int, what: str = "") -> Response:
    if "application/json" in request.headers.get("accept", ""):
        said = {"saved": False, "code": word, "why": desk.words[word], "what": what}
        return JSONResponse(json.loads(json.dumps(said)), status)
    return _told(desk, request, word, status)
