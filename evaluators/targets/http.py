"""Asks an application by its own HTTP interface: a template makes the request, paths find the answer in the reply."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

import jmespath

from evaluators.endpoint import Endpoint, EndpointError
from evaluators.sample import Failure, Message, Passage, Response, Sample
from evaluators.suite_file import HttpFile
from gateway.errors import ConfigError

_HOLE: Final = re.compile(r"\{(question|id|system|passages|history)\}")
_SECRET: Final = re.compile(r"\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_PATHS: Final = ("answer", "contexts", "context_ids", "citations", "declined")


@dataclass(frozen=True, slots=True)
class Asking:
    """How an application is asked, checked.

    Attributes:
        base: Scheme, host and port.
        path: The rest of the address, with holes.
        method: The HTTP method.
        headers: With their secrets filled in.
        body: The JSON body with holes, or None.
        paths: Compiled, by name.
    """

    base: str
    path: str
    method: str
    headers: Mapping[str, str]
    body: Any
    paths: Mapping[str, Any]


def check_http(http: HttpFile, env: Mapping[str, str]) -> Asking:
    """Check how an application is asked, and fill in secrets.

    Raises:
        ConfigError: The address is none or its host has a hole, a path cannot be read, an unknown hole, or a variable
            that is not set.
    """
    parts = urlsplit(http.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        raise ConfigError("target.http.url is no http(s) address", hint="write it like http://127.0.0.1:9000/ask")
    if parts.username or parts.password:
        raise ConfigError("target.http.url holds a name or a password", hint="put it into headers, as {env:NAME}")
    paths = {}
    for name in _PATHS:
        written = getattr(http, name)
        if written is None:
            continue
        try:
            paths[name] = jmespath.compile(written.removeprefix("$."))
        except jmespath.exceptions.JMESPathError:
            hint = "paths are JMESPath: data.answer, hits[*].text"
            raise ConfigError(f"target.http.{name}: {written!r} is no path", hint=hint) from None
    if http.method == "GET" and http.body is not None:
        raise ConfigError("target.http: a GET has no body", hint="put {question} into the url, or use POST")
    if "{question}" not in http.url and "{question}" not in repr(http.body) and "{history}" not in repr(http.body):
        raise ConfigError("target.http never says {question}", hint="put it into the url or the body")

    def secret(hole: re.Match[str]) -> str:
        if not env.get(hole[1]):
            raise ConfigError(f"the environment variable {hole[1]} is not set", hint="target.http.headers names it")
        return env[hole[1]]

    headers = {name.lower(): _SECRET.sub(secret, value) for name, value in http.headers.items()}
    base = f"{parts.scheme}://{parts.netloc}"
    return Asking(base, http.url[len(base) :] or "/", http.method, headers, http.body, paths)


class HttpTarget:
    """An application.

    Args:
        endpoint: Opened at ``asking.base``.
        asking: How it is asked.
        ticker: A monotonic clock in seconds.
    """

    def __init__(self, endpoint: Endpoint, asking: Asking, ticker: Callable[[], float]) -> None:
        self._endpoint, self._asking, self._ticker = endpoint, asking, ticker

    async def ask(self, sample: Sample, messages: list[Message]) -> Response | Failure:
        """Ask the application; it sees of the row what the template shows it."""
        begun, asking = self._ticker(), self._asking
        words = holes(sample, messages)
        path = _HOLE.sub(lambda hole: quote(_text(words[hole[1]]), safe=""), asking.path)
        try:
            reply = await self._endpoint.send(asking.method, path, filled(asking.body, words), asking.headers)
            return self._read(reply.body, reply.headers, self._ticker() - begun, reply.attempts)
        except EndpointError as error:
            return Failure(error.code, self._ticker() - begun, error.attempts)

    def _read(self, body: Any, headers: Mapping[str, str], seconds: float, attempts: int) -> Response:
        found = {name: _search(path, body) for name, path in self._asking.paths.items()}
        answer, declined = found["answer"], bool(found.get("declined"))
        if answer is None and declined:
            answer = ""
        if not isinstance(answer, str):
            raise EndpointError("no_answer_at_path", attempts=attempts)
        return Response(
            text=answer,
            declined=declined,
            policy=headers.get("x-sluice-policy", ""),
            seconds=seconds,
            attempts=attempts,
            contexts=_passages(found, attempts) if "contexts" in found else None,
            citations=tuple(map(str, found.get("citations") or ())),
        )


def holes(sample: Sample, messages: list[Message]) -> dict[str, Any]:
    """Return what the holes of a template stand for.

    The question is the row's own, without the words that the suite puts around it; before the last turn it is the
    turn's.
    """
    last = messages[-1]
    question = last["content"] if last["role"] == "user" and last["content"] in sample.turns else sample.question
    return {
        "question": question,
        "id": sample.id,
        "system": sample.system,
        "passages": "\n".join(passage.text for passage in sample.contexts),
        "history": [one for one in messages[:-1] if one["role"] != "system"],
    }


def filled(template: Any, words: Mapping[str, Any]) -> Any:
    """Fill the holes of a JSON value; a text that is nothing but a hole becomes what the hole stands for."""
    if isinstance(template, dict):
        return {key: filled(value, words) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, words) for value in template]
    if not isinstance(template, str):
        return template
    whole = _HOLE.fullmatch(template)
    return words[whole[1]] if whole else _HOLE.sub(lambda hole: _text(words[hole[1]]), template)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "\n".join(f"{one['role']}: {one['content']}" for one in value)


def _search(path: Any, body: Any) -> Any:
    try:
        return path.search(body)
    except jmespath.exceptions.JMESPathError:  # a function that got another type than it takes
        return None


def _passages(found: Mapping[str, Any], attempts: int) -> tuple[Passage, ...]:
    texts, ids = found.get("contexts"), found.get("context_ids")
    if texts is None:
        return ()
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise EndpointError("no_passages_at_path", attempts=attempts)
    names = [str(one) for one in ids] if isinstance(ids, list) and len(ids) == len(texts) else [""] * len(texts)
    return tuple(Passage(name, text) for name, text in zip(names, texts, strict=True))
