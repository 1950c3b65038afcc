"""Files of other harnesses: Ragas, promptfoo, Inspect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from evaluators.importers.layout import Draft, Layout, unlisted
from evaluators.importers.records import Record

_HOLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_ASKS: Final = ("question", "query", "prompt", "input", "message", "user_input", "text", "topic")


def _samples(record: Record) -> Iterable[Record]:
    """Yield the samples of a whole document that holds them in a list, or the record itself."""
    for key in ("samples", "examples", "data"):
        if isinstance(record.get(key), list):
            return [one for one in record[key] if isinstance(one, dict)]
    return [record]


def _ragas(made: Draft, record: Record) -> None:
    asked = record.get("user_input")
    if isinstance(asked, list):  # a conversation: the last thing that a person said
        said = [one.get("content") for one in asked if isinstance(one, dict) and one.get("type") in ("human", "user")]
        made["question"] = said[-1] if said else ""
    gold = [str(text) for text in unlisted(record.get("reference_contexts") or [])]
    contexts = made.get("contexts")
    if contexts is None and gold:
        made["contexts"] = [{"id": str(n), "text": text} for n, text in enumerate(gold, 1)]
    if gold:
        held = [passage["id"] for passage in made["contexts"] if passage["text"] in gold]
        made["relevant"] = held or None


RAGAS: Final = Layout(
    "ragas",
    "Ragas: user_input, response, retrieved_contexts, reference (and the older names)",
    {
        "id": ("id",),
        "question": ("user_input", "question", "query"),
        "answer": ("response", "answer"),
        "contexts": ("retrieved_contexts", "contexts"),
        "reference": ("reference", "ground_truth", "ground_truths", "expected_answer"),
        "kind": ("synthesizer_name", "evolution_type"),
    },
    apart=_samples,
    finish=_ragas,
)


def _promptfoo(record: Record) -> Iterator[Record]:
    """Yield tests of a configuration, results of a run, or rows of a table of tests, all as plain records."""
    results = record.get("results")
    if isinstance(results, dict):
        results = results.get("results")
    if isinstance(results, list):
        yield from (_result(one) for one in results if isinstance(one, dict))
        return
    tests = record.get("tests")
    if isinstance(tests, list):
        prompts = [one for one in record.get("prompts") or [] if isinstance(one, str)]
        prompt = prompts[0] if len(prompts) == 1 and _HOLE.search(prompts[0]) else ""
        yield from (_test(one, prompt) for one in tests if isinstance(one, dict))
    elif "vars" in record:
        yield _test(record, "")
    else:
        values = {key: value for key, value in record.items() if not key.startswith("__")}
        checks = [_expected(str(record[key])) for key in record if re.fullmatch(r"__expected\d*", key) and record[key]]
        yield _test({"vars": values, "description": record.get("__description"), "assert": checks}, "")


def _test(test: Mapping[str, Any], prompt: str) -> Record:
    values = test.get("vars") if isinstance(test.get("vars"), dict) else {}
    made = {**_asked(values or {}, prompt), "description": test.get("description")}
    for check in test.get("assert") or []:
        if isinstance(check, dict) and check.get("type") == "is-refusal":
            made["should"] = "refuse"
        elif isinstance(check, dict) and check.get("type") in (
            "equals",
            "contains",
            "icontains",
            "similar",
            "factuality",
        ):
            made["reference"] = check.get("value")
    return made


def _result(result: Mapping[str, Any]) -> Record:
    test = result.get("testCase") if isinstance(result.get("testCase"), dict) else {}
    values = result.get("vars") or (test or {}).get("vars") or {}
    made = dict(_test({**(test or {}), "vars": values}, ""))
    response, prompt = result.get("response"), result.get("prompt")
    if isinstance(response, dict) and isinstance(response.get("output"), str):
        made["answer"] = response["output"]
    if isinstance(prompt, dict) and isinstance(prompt.get("raw"), str) and not made.get("question"):
        made["question"] = prompt["raw"]
    return made


def _asked(values: Mapping[str, Any], prompt: str) -> dict[str, Any]:
    known = next((values[name] for name in _ASKS if values.get(name)), None)
    if prompt:
        known = _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), prompt)
    if known is None and len(values) == 1:
        known = next(iter(values.values()))
    return {"question": known, "contexts": values.get("context") or values.get("contexts")}


def _expected(written: str) -> dict[str, Any]:
    kind, colon, value = written.partition(":")
    if written.strip() == "is-refusal":
        return {"type": "is-refusal"}
    if colon and re.fullmatch(r"[a-z-]+(\(.*\))?", kind.strip()):
        return {"type": kind.strip(), "value": value.strip()}
    return {"type": "equals", "value": written}


PROMPTFOO: Final = Layout(
    "promptfoo",
    "promptfoo: tests in YAML, JSON or CSV, and results of a run",
    {name: (name,) for name in ("question", "contexts", "reference", "answer", "should")} | {"kind": ("description",)},
    apart=_promptfoo,
)


def _inspect(made: Draft, record: Record) -> None:
    asked = record.get("input")
    if isinstance(asked, list):
        said = [one for one in asked if isinstance(one, dict)]
        people = [_content(one) for one in said if one.get("role") == "user"]
        made["question"] = people[-1] if people else ""
        made["system"] = next((_content(one) for one in said if one.get("role") == "system"), None)
    choices = record.get("choices")
    if isinstance(choices, list) and choices:
        made["question"] = with_options(str(made.get("question", "")), choices)
    output = record.get("output")
    if isinstance(output, dict):
        answers = output.get("choices") or [{}]
        message = answers[0].get("message") if isinstance(answers[0], dict) else None
        made["answer"] = _content(message) if isinstance(message, dict) else output.get("completion")
    metadata = record.get("metadata")
    if isinstance(metadata, dict):
        made["kind"] = metadata.get("category") or metadata.get("kind")
        made["risk"] = metadata.get("risk")


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def with_options(question: str, options: Iterable[Any]) -> str:
    """Return a question with its choices below, lettered."""
    return "\n".join([question, *(f"{letter}. {one}" for letter, one in zip("ABCDEFGHIJ", options, strict=False))])


INSPECT: Final = Layout(
    "inspect",
    "Inspect: samples (input, target, metadata) and logs of a run",
    {"id": ("id",), "question": ("input",), "reference": ("target",)},
    apart=_samples,
    finish=_inspect,
)
