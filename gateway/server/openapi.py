"""The published description of the API, in OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

import gateway
from gateway.server.openapi_headers import answering, asking, failing
from gateway.server.openapi_own import own_paths
from gateway.wire.served import MODERATIONS, SERVED

_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        },
        "sluice": {"type": "object", "properties": {"request_id": {"type": "string"}}},
    },
}

_MESSAGE: dict[str, Any] = {
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant", "tool", "function"]},
        "content": {
            "oneOf": [
                {"type": ["string", "null"]},
                {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["type", "text"],
                        "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
                    },
                },
            ]
        },
        "name": {"type": ["string", "null"]},
        "tool_call_id": {"type": ["string", "null"]},
    },
}

_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "examples": ["echo"]},
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "stream": {"type": ["boolean", "null"]},
        "stream_options": {
            "type": ["object", "null"],
            "properties": {"include_usage": {"type": "boolean"}},
        },
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 128},
        "max_tokens": {"type": ["integer", "null"], "minimum": 1, "maximum": 2147483647},
        "user": {"type": ["string", "null"]},
    },
    "additionalProperties": True,
}

_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["choices"],
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string"},
        "model": {"type": "string"},
        "choices": {"type": "array", "items": {"type": "object"}},
        "usage": {"type": ["object", "null"]},
        "aigc": {
            "type": "object",
            "description": "The seven elements of GB 45438-2025 Annex E; where a producer is configured.",
        },
    },
}

_ANTHROPIC_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["type", "error"],
    "properties": {
        "type": {"const": "error"},
        "error": {
            "type": "object",
            "required": ["type", "message"],
            "properties": {"type": {"type": "string"}, "message": {"type": "string"}},
        },
        "request_id": {"type": ["string", "null"]},
        "sluice": {"type": "object", "properties": {"code": {"type": "string"}, "param": {"type": ["string", "null"]}}},
    },
}

_BLOCKS: dict[str, Any] = {
    "oneOf": [
        {"type": "string"},
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "text"],
                "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
            },
        },
    ]
}

_COUNTED: dict[str, Any] = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "examples": ["echo"]},
        "messages": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["role", "content"],
                "properties": {"role": {"enum": ["user", "assistant"]}, "content": _BLOCKS},
            },
        },
        "system": _BLOCKS,
    },
    "additionalProperties": True,
}

_MESSAGES: dict[str, Any] = {
    **_COUNTED,
    "required": [*_COUNTED["required"], "max_tokens"],
    "properties": {
        **_COUNTED["properties"],
        "max_tokens": {"type": "integer", "minimum": 1, "maximum": 2147483647},
        "stream": {"type": ["boolean", "null"]},
        "metadata": {"type": ["object", "null"], "properties": {"user_id": {"type": ["string", "null"]}}},
    },
}

_SAID: dict[str, Any] = {
    "type": "object",
    "required": ["type", "role", "content", "stop_reason", "usage"],
    "properties": {
        "type": {"const": "message"},
        "role": {"const": "assistant"},
        "content": {"type": "array", "items": {"type": "object", "required": ["type"]}},
        "stop_reason": {"type": ["string", "null"]},
        "usage": {"type": "object"},
        "aigc": _ANSWER["properties"]["aigc"],
    },
}

_COUNT: dict[str, Any] = {
    "type": "object",
    "required": ["input_tokens"],
    "properties": {
        "input_tokens": {"type": "integer", "minimum": 0},
        "estimated": {"type": "boolean", "description": "Nobody counted: it was guessed from the characters."},
    },
}

_PICTURES: dict[str, Any] = {
    "type": "object",
    "required": ["model", "prompt"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "examples": ["echo"]},
        "prompt": {"type": "string", "minLength": 1},
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 128},
        "user": {"type": ["string", "null"]},
    },
    "additionalProperties": True,
}

_DRAWN: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"b64_json": {"type": "string"}, "url": {"type": "string"}},
            },
        },
        "aigc": _ANSWER["properties"]["aigc"],
    },
}

_SPEECH: dict[str, Any] = {
    "type": "object",
    "required": ["model", "input"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "examples": ["echo"]},
        "input": {"type": "string", "minLength": 1},
        "user": {"type": ["string", "null"]},
    },
    "additionalProperties": True,
}

_SOUNDS = ("audio/wav", "audio/mpeg", "audio/ogg", "audio/opus", "audio/flac", "audio/aac", "audio/pcm")

_VERDICT: dict[str, Any] = {
    "type": "object",
    "description": "With x-sluice-dry-run: the verdict on the question.",
    "required": ["object", "request_id", "policy", "action", "hits", "unjudged", "errors"],
    "properties": {"object": {"const": "sluice.verdict"}, "action": {"type": "string"}},
}

_INPUTS: dict[str, Any] = {
    "oneOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "minItems": 1, "maxItems": 16, "items": {"type": "string"}},
    ]
}
_PIECES = "Server-sent events; the data of each is a `text_completion`, of the last `[DONE]`."
_COMPLETION: dict[str, Any] = {
    "type": "object",
    "required": ["model", "prompt"],
    "properties": {
        "model": {"type": "string", "minLength": 1},
        "prompt": _INPUTS,
        "suffix": {"type": ["string", "null"]},
        "stream": {"type": ["boolean", "null"]},
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 16},
        "echo": {"type": ["boolean", "null"]},
        "max_tokens": {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647},
    },
    "additionalProperties": True,
}
_EMBEDDING: dict[str, Any] = {
    "type": "object",
    "required": ["model", "input"],
    "properties": {"model": {"type": "string", "minLength": 1}, "input": _INPUTS},
    "additionalProperties": True,
}
_NUMBERS: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": {"type": "array", "items": {"type": "object", "required": ["embedding"]}}},
}
_MODERATION: dict[str, Any] = {
    "type": "object",
    "required": ["input"],
    "properties": {"model": {"type": ["string", "null"]}, "input": _INPUTS},
    "additionalProperties": True,
}
_VERDICTS: dict[str, Any] = {
    "type": "object",
    "required": ["id", "model", "results"],
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["flagged", "categories", "category_scores"],
                "properties": {
                    "flagged": {"type": "boolean"},
                    "categories": {"type": "object", "additionalProperties": {"type": "boolean"}},
                    "category_scores": {"type": "object", "additionalProperties": {"type": "number"}},
                    "sluice": {"type": "object", "description": "Every risk, the deciding rule, what was not judged."},
                },
            },
        }
    },
}
_RESPONSES: dict[str, Any] = {
    "type": "object",
    "required": ["model", "input"],
    "properties": {
        "model": {"type": "string", "minLength": 1, "examples": ["echo"]},
        "input": {
            "oneOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["role", "content"],
                        "properties": {
                            "role": {"enum": ["system", "developer", "user", "assistant"]},
                            "content": {"type": "string"},
                        },
                    },
                },
            ]
        },
        "instructions": {"type": ["string", "null"]},
        "stream": {"type": ["boolean", "null"]},
        "store": {"type": ["boolean", "null"], "description": "False: no later request can go on from the answer."},
        "previous_response_id": {
            "type": ["string", "null"],
            "description": "An answer that Sluice keeps; its turns are judged again.",
        },
        "max_output_tokens": {"type": ["integer", "null"], "minimum": 1, "maximum": 2147483647},
        "user": {"type": ["string", "null"]},
    },
    "additionalProperties": True,
}
_RESPONSE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status", "output"],
    "properties": {
        "id": {"type": "string"},
        "status": {"enum": ["completed", "incomplete", "failed"]},
        "output": {"type": "array", "items": {"type": "object"}},
        "usage": {"type": ["object", "null"]},
        "aigc": _ANSWER["properties"]["aigc"],
    },
}
_API_KEY = {"type": "apiKey", "in": "header", "name": "x-api-key"}
_OWN = ("400", "401", "404", "405", "408", "413", "415", "500", "502", "503", "504")
_UPSTREAMS = ("403", "409", "422", "429")
_EVENTS = "Server-sent events; the data of each is a `chat.completion.chunk`, of the last `[DONE]`."


def document() -> dict[str, Any]:
    """Return the OpenAPI document of what this gateway serves."""
    paths = _paths()
    for path, passing in {MODERATIONS: (), **{served.url: served.passing for served in SERVED}}.items():
        paths[path]["post"]["parameters"] = asking(passing)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sluice", "version": gateway.__version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}, "x-api-key": _API_KEY}},
        "security": [{}, {"key": []}, {"x-api-key": []}],
    }


def _paths() -> dict[str, Any]:
    plain = {"200": {"description": "Well.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    unready = {"503": {"description": "Not ready.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    text = {"200": {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    return {
        "/v1/chat/completions": {"post": _chat()},
        "/v1/responses": {"post": _responses()},
        "/v1/completions": {
            "post": _plain("completions", "OpenAI's legacy completions", _COMPLETION, _ANSWER, _PIECES)
        },
        "/v1/embeddings": {"post": _plain("embeddings", "OpenAI embeddings of screened inputs", _EMBEDDING, _NUMBERS)},
        "/v1/moderations": {"post": _plain("moderations", "Verdicts of our own detectors", _MODERATION, _VERDICTS)},
        "/v1/messages": {"post": _messages()},
        "/v1/messages/count_tokens": {"post": _count_tokens()},
        "/v1/images/generations": {"post": _made("imageGenerations", "pictures", _PICTURES)},
        "/v1/images/edits": {"post": _formed("imageEdits", "pictures changed by a judged prompt", ("image", "prompt"))},
        "/v1/images/variations": {"post": _formed("imageVariations", "variations of a picture", ("image",))},
        "/v1/audio/transcriptions": {"post": _formed("transcriptions", "sounds written down, judged", ("file",))},
        "/v1/audio/translations": {"post": _formed("translations", "sounds translated, judged", ("file",))},
        "/v1/audio/speech": {"post": _made("speech", "speech", _SPEECH)},
        **own_paths(_failures(*_OWN, *_UPSTREAMS)),
        "/v1/models": {"get": {"operationId": "models", "responses": {**plain, **_failures("401")}}},
        "/healthz": {"get": {"operationId": "healthz", "responses": plain}},
        "/readyz": {"get": {"operationId": "readyz", "responses": {**plain, **unready}}},
        "/metrics": {"get": {"operationId": "metrics", "responses": text}},
    }


def _chat() -> dict[str, Any]:
    return {
        "operationId": "chatCompletions",
        "summary": "OpenAI chat completions, judged, labelled and recorded.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _REQUEST}}},
        "responses": {"200": _answer(_ANSWER, _EVENTS), **_failures(*_OWN, *_UPSTREAMS)},
    }


def _plain(name: str, about: str, request: dict[str, Any], answer: dict[str, Any], events: str = "") -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": f"{about}; recorded.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {"200": _answer(answer, events), **_failures(*_OWN, *_UPSTREAMS)},
    }


def _formed(name: str, about: str, needed: tuple[str, ...]) -> dict[str, Any]:
    """Describe an endpoint that takes a form with a file."""
    files = {key: {"type": "string", "contentMediaType": "application/octet-stream"} for key in ("image", "file")}
    fields = {"model": {"type": "string", "minLength": 1}, "prompt": {"type": "string"}}
    known = {key: files.get(key, {"type": "string"}) for key in needed}
    schema = {"type": "object", "required": ["model", *needed], "properties": {**fields, **known}}
    answer = _answer({"type": "object"}, "Server-sent events, where a stream was asked for.")
    answer = {**answer, "content": {**answer["content"], "text/plain": {"schema": {"type": "string"}}}}
    return {
        "operationId": name,
        "summary": f"OpenAI's {about}.",
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}},
        "responses": {"200": answer, **_failures(*_OWN, *_UPSTREAMS)},
    }


def _responses() -> dict[str, Any]:
    events = "Server-sent events, from `response.created` to `response.completed`, `.incomplete` or `.failed`."
    return {
        "operationId": "responses",
        "summary": "OpenAI responses, judged, labelled and recorded; kept for `previous_response_id` by Sluice itself.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _RESPONSES}}},
        "responses": {"200": _answer(_RESPONSE, events), **_failures(*_OWN, *_UPSTREAMS)},
    }


def _messages() -> dict[str, Any]:
    events = "Server-sent events, from `message_start` to `message_stop`."
    return {
        "operationId": "messages",
        "summary": "Anthropic messages, judged, labelled and recorded.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _MESSAGES}}},
        "responses": {"200": _answer(_SAID, events), **_failures(*_OWN, *_UPSTREAMS, error=_ANTHROPIC_ERROR)},
    }


def _count_tokens() -> dict[str, Any]:
    return {
        "operationId": "countTokens",
        "summary": "The tokens of an Anthropic request: the upstream's count, or an estimate that says so.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _COUNTED}}},
        "responses": {"200": _answer(_COUNT), **_failures(*_OWN, *_UPSTREAMS, error=_ANTHROPIC_ERROR)},
    }


def _answer(schema: dict[str, Any], events: str = "") -> dict[str, Any]:
    headers = answering(anthropic=schema in (_SAID, _COUNT))
    content: dict[str, Any] = {"application/json": {"schema": {"anyOf": [schema, _VERDICT]}}}
    if events:
        content["text/event-stream"] = {"schema": {"description": events}}
    described = "The answer; with `stream: true` as server-sent events." if events else "The count."
    return {"description": described, "headers": headers, "content": content}


def _made(name: str, what: str, request: dict[str, Any]) -> dict[str, Any]:
    answer = _answer(_DRAWN)
    if name == "speech":
        sounds: dict[str, Any] = {type: {"schema": {}} for type in _SOUNDS}
        answer = {**answer, "content": {**sounds, "application/json": {"schema": _VERDICT}}}
    return {
        "operationId": name,
        "summary": f"OpenAI {what}: the prompt judged (a refusal is a 400, `content_filter`), the answer labelled.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {"200": answer, **_failures(*_OWN, *_UPSTREAMS)},
    }


def _failures(*codes: str, error: dict[str, Any] = _ERROR) -> dict[str, Any]:
    content = {"application/json": {"schema": error}}
    said, anthropic = "An error in the API's own envelope.", error is _ANTHROPIC_ERROR
    return {
        code: {"description": said, "headers": failing(int(code), anthropic=anthropic), "content": content}
        for code in codes
    }
