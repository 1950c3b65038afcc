"""Asks Alibaba Cloud's Content Moderation, ``TextModerationPlus``: labels with confidence, by a signed request.

Questions go to ``llm_query_moderation`` and answers to ``llm_response_moderation``, unless a policy
names other services. Its labels come in families (``political_…``, ``contraband_…``): one that the
table does not know means what its family means. Where the console turns them on, it also tells of attacks on the
model (``AttackLevel``, ``AttackResult``) and of sensitive data (``SensitiveLevel``, S0 to S4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson

from gateway.detectors.judges.acs3 import Key, authorization
from gateway.detectors.judges.careful import CARE, Asked, Opinions, care_of, careful
from gateway.detectors.judges.mapping import RISKS, Table, opinions, reported, table_of
from gateway.detectors.judges.posting import at, post
from gateway.detectors.judges.reaching import check_address
from gateway.errors import JudgeAway, JudgeNonsense, JudgeUnasked
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Outside, Route

NAME: Final = "aliyun_moderation"
ENDPOINT: Final = "https://green-cip.cn-shanghai.aliyuncs.com"
_VERSION: Final = "2022-03-02"
_ACTION: Final = "TextModerationPlus"
_LONGEST: Final = 2_000  # what llm_query_moderation takes; answers may have 5,000
_CLEAR: Final = frozenset({"nonLabel", "normal"})
_NO_ATTACK: Final = _CLEAR | {"safe", "none"}
_LEVELS: Final = {"high": 0.9, "medium": 0.6, "low": 0.3, "none": 0.0}
_SENSITIVE: Final = {"S4": 0.95, "S3": 0.9, "S2": 0.6, "S1": 0.3, "S0": 0.0}
_OK: Final = 200
CATEGORIES: Final[Table] = {
    "pornographic": ("a1.f", "sexual"),
    "sexual": ("a1.f", "sexual"),
    "political": ("a1.b",),
    "violent": ("a1.d",),
    "violent_weapons": ("a1.h", "dangerous"),
    "contraband": ("a1.h",),
    "inappropriate": ("a4.g",),
    "inappropriate_discrimination": ("a2.i", "hate"),
    "inappropriate_profanity": ("abuse",),
    "inappropriate_oral": ("abuse",),
    "inappropriate_nonsense": (),
    "privacy": ("a4.f",),
    "religion": ("a2.b",),
    "pt": ("a3.e",),
    "ad": ("a3.e",),
    "customized": ("a1.h",),
    "prompt_attack": ("attack.jailbreak",),
    "prompt_injection": ("attack.injection",),
    "sensitive_data": ("a4.f",),
}
"""The risks of labels and of their families; what has neither means ``a1.h``, forbidden by other rules.

``prompt_attack``, ``prompt_injection`` and ``sensitive_data`` are our names of what ``AttackResult`` (by its label) and
``SensitiveLevel`` tell."""
_OTHERS: Final = ("a1.h",)


def read(said: Any, table: Table) -> Opinions:
    """Return what the service's answer means.

    Raises:
        JudgeAway: The service says that it did not judge (``Code`` is not 200).
        JudgeNonsense: It is no result, or a risk without a label or without confidence.
    """
    code = at(said, "Code")
    if code != _OK:
        if not isinstance(code, int) or isinstance(code, bool):
            raise JudgeNonsense("it is no moderation result")
        raise JudgeAway(f"code {code}", counts=code != 400)
    level, results = at(said, "Data", "RiskLevel"), at(said, "Data", "Result")
    if not isinstance(results, list) or not results or str(level or "none") not in _LEVELS:
        raise JudgeNonsense("it is no moderation result")
    labels = [one for result in results if (one := _labelled(result, level, _CLEAR))]
    if level in ("high", "medium") and not any(score > 0 for _, score in labels):
        raise JudgeNonsense("it says how high a risk is, but not which")
    seen = [(risk, score) for name, score in labels for risk in _risks(name, table)]
    return opinions([*seen, *_attacks(said, table), *_sensitive(said, table)])


def _labelled(result: Any, level: Any, clear: frozenset[str]) -> tuple[str, float] | None:
    """Return a label and how sure it is; None for one that says that there is nothing."""
    name, confidence = at(result, "Label"), at(result, "Confidence")
    if not isinstance(name, str) or not name:
        raise JudgeNonsense("a result has no label")
    if name in clear:
        return None
    if confidence is None:
        return name, (_LEVELS[level] if level else _LEVELS["high"]) or _LEVELS["low"]
    if isinstance(confidence, int | float) and not isinstance(confidence, bool) and 0 <= confidence <= 100:
        return name, confidence / 100
    raise JudgeNonsense("a confidence is not between 0 and 100")


def _risks(name: str, table: Table) -> tuple[str, ...]:
    family = name.removeprefix("C_").partition("_")[0]
    return table.get(name, table.get(family, _OTHERS))


def _attacks(said: Any, table: Table) -> Iterator[tuple[str, float]]:
    """Yield what it says of attacks on the model: their level says that there is one, their labels which."""
    level, results = at(said, "Data", "AttackLevel") or "none", at(said, "Data", "AttackResult") or []
    if not isinstance(results, list) or not isinstance(level, str) or level not in _LEVELS:
        raise JudgeNonsense("what it says of attacks is no result")
    labels = [one for result in results if (one := _labelled(result, level, _NO_ATTACK)) and one[1] > 0]
    if not labels and _LEVELS[level]:
        labels = [("", _LEVELS[level])]
    for name, score in labels:
        kind = "prompt_injection" if "injection" in name.lower() or "注入" in name else "prompt_attack"
        for risk in table.get(name, table[kind]):
            yield risk, score


def _sensitive(said: Any, table: Table) -> Iterator[tuple[str, float]]:
    """Yield what it says of sensitive data: its level is all that can be weighed."""
    level = at(said, "Data", "SensitiveLevel") or "S0"
    if not isinstance(level, str) or level not in _SENSITIVE:
        raise JudgeNonsense("what it says of sensitive data is no level")
    for risk in table["sensitive_data"]:
        yield risk, _SENSITIVE[level]


def spec(outside: Outside) -> DetectorSpec:
    """Return this kind of judge, with what it may reach."""

    def build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
        del load
        table, base_url = table_of(options, CATEGORIES, fixed=False), options.get("base_url", ENDPOINT)
        check_address(base_url)
        services = (options.get("service", "llm_query_moderation"), options.get("answers", "llm_response_moderation"))
        route = key = None
        if outside.asks:
            key = Key(outside.secret(options["key_id_env"]), outside.secret(options["key_secret_env"]))
            route = Route(NAME, outside.server(base_url, None), services[0])

        async def ask(asked: Asked) -> Opinions:
            if route is None or key is None:
                raise JudgeUnasked
            content = orjson.dumps({"content": asked.text}).decode()
            body = urlencode({"Service": services[asked.answer], "ServiceParameters": content}).encode()
            headers = _signed(key, urlsplit(base_url).netloc, body, outside)
            return read(await post(route, "/", body, id=outside.ids(), headers=headers), table)

        judge = careful(f"{NAME}:{services[0]}"[:64], ask, care_of(options, _LONGEST), outside)
        return BuiltDetector(reported(table) | frozenset(_OTHERS), "1", judge=judge)

    return DetectorSpec(
        name=NAME,
        summary="Asks Alibaba Cloud's text moderation (TextModerationPlus), with a signed request.",
        risks=reported(CATEGORIES),
        scope="sentence",
        build=build,
        options={
            "type": "object",
            "properties": {
                "key_id_env": {
                    "type": "string",
                    "minLength": 1,
                    "description": "the environment variable that holds the AccessKey ID",
                },
                "key_secret_env": {
                    "type": "string",
                    "minLength": 1,
                    "description": "the environment variable that holds the AccessKey secret",
                },
                "base_url": {
                    "type": "string",
                    "minLength": 1,
                    "description": f"the endpoint; {ENDPOINT} if left out",
                },
                "service": {
                    "type": "string",
                    "minLength": 1,
                    "description": "the service for questions; llm_query_moderation if left out",
                },
                "answers": {
                    "type": "string",
                    "minLength": 1,
                    "description": "the service for answers; llm_response_moderation if left out",
                },
                **RISKS,
                **CARE,
            },
            "required": ["key_id_env", "key_secret_env"],
        },
    )


def _signed(key: Key, host: str, body: bytes, outside: Outside) -> dict[str, str]:
    """Return the headers of a request, its signature among them."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": host,
        "x-acs-action": _ACTION,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-acs-date": datetime.fromtimestamp(outside.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": outside.ids(),
        "x-acs-version": _VERSION,
    }
    return {**headers, "authorization": authorization(key, headers, body)}
