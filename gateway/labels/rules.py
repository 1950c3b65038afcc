"""What GB 45438-2025 asks of a label, rule by rule, each with its clause and how sure we are of it.

The official text was not open to us. A rule of confidence H or M can make a label non-compliant; one of
confidence L only warns, in strict mode too.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from gateway.labels.metadata import KEYS, KINDS, NAME, AigcLabel
from gateway.labels.producer import fault_of_code, is_meant_as_code

Confidence = Literal["H", "M", "L"]
"""How sure we are of a rule: H two independent sources or checked on real files, M one careful source, L unverified."""

Result = Literal["ok", "failed", "warning", "unjudged"]
"""What came of a rule; ``unjudged``: it could not be looked at, which is never a pass."""

Verdict = Literal["compliant", "non-compliant", "not found", "inconclusive"]

LONGEST: Final = 1 << 20
"""A value of more characters is not parsed: nobody needs a label of a megabyte."""

_LONG_ELEMENT, _LONG_LABEL = 1024, 8192


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that the standard asks.

    Attributes:
        id: A stable word for programs.
        clause: Where it stands; "our guard" where it is not of the standard.
        confidence: How sure we are that it stands there.
        mainly: The standard says "mainly", or only a note says it: broken, it warns, and fails in strict mode.
        asks: What it asks, in one sentence.
    """

    id: str
    clause: str
    confidence: Confidence
    asks: str
    mainly: bool = False


RULES: Final = {
    rule.id: rule
    for rule in (
        Rule("readable", "our guard", "H", "The file can be read to its end with its format's own rules."),
        Rule("single-format", "our guard", "H", "The file is of one format only."),
        Rule("nothing-behind", "our guard", "L", "Nothing follows the end of the file's format."),
        Rule("extension", "our guard", "L", "The file's name ends as its content says."),
        Rule("one-label", "GB 45438 6.1 c)", "H", "The file has exactly one metadata label."),
        Rule("carriers-agree", "GB 45438 6.1 c)", "H", "Where a file has more than one label, they say the same."),
        Rule("field-name", "GB 45438 Annex E a)", "H", "The field that holds the label has AIGC in its name."),
        Rule(
            "place",
            "TC260-PG-20257A/20258A/20259A/202510A",
            "M",
            "The label stands in the field that the guide for its format names.",
            mainly=True,
        ),
        Rule("json", "GB 45438 Annex E b)", "H", "The value is a JSON object, as plain text."),
        Rule("no-base64", "GB 45438 Annex E b)", "H", "The value is not encoded."),
        Rule("nesting", "GB 45438 Annex E b)", "H", "The seven elements stand bare or in one AIGC object, not deeper."),
        Rule("unique-keys", "GB 45438 Annex E b)", "M", "No key stands twice."),
        Rule("elements", "GB 45438 Annex E c)-i)", "H", "All seven elements are there."),
        Rule("no-other-keys", "GB 45438 Annex E c)-i)", "M", "There are no keys but the seven."),
        Rule("order", "GB 45438 Annex E c)-i)", "H", "The elements stand in the order of the standard."),
        Rule("strings", "GB 45438 Annex E c)-i)", "H", "Every value is a string."),
        Rule("label", "GB 45438 Annex E c)", "H", 'Label is "1", "2" or "3".'),
        Rule("producer", "GB 45438 Annex E d)", "H", "ContentProducer is not empty."),
        Rule("produce-id", "GB 45438 Annex E e)", "H", "ProduceID is not empty."),
        Rule(
            "unknown-producer",
            "GB 45438 Annex E d) e)",
            "L",
            "Where Label is 2 or 3 the producer may be unknown; whether it may then be empty is not settled.",
        ),
        Rule("producer-code", "TC260-PG-20252A", "H", "A producer's code is well formed and its check fits."),
        Rule("propagator-code", "TC260-PG-20252A", "H", "A propagator's code is well formed and its check fits."),
        Rule(
            "propagation",
            "GB 45438 Annex E note 1",
            "M",
            "The propagation elements are filled: at the first write with the production elements.",
            mainly=True,
        ),
        Rule(
            "charset",
            "GB 45438 Annex E j)",
            "H",
            'Values hold only 0x21, 0x23-0x5B, 0x5D-0x7E, and \\" as the only escape.',
            mainly=True,
        ),
        Rule(
            "size",
            "our guard",
            "L",
            f"No element is longer than {_LONG_ELEMENT} characters, no label {_LONG_LABEL}.",
        ),
        Rule(
            "form",
            "TC260-PG-202511A",
            "M",
            "SecurityData in a reserved code is built as the guide says.",
        ),
        Rule("signature", "TC260-PG-202511A A.1", "M", "The signature in a reserved code fits the label.", mainly=True),
        Rule("binding", "TC260-PG-202511A A.2", "L", "The digest in a reserved code fits the file's content."),
        Rule("pinned-key", "our guard", "H", "The signature was made with a key that the verifier pinned."),
    )
}
"""Every rule by its id."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What came of one rule for one file.

    Attributes:
        rule: Which rule.
        result: ``ok``, ``failed``, ``warning`` (broken, but does not make it non-compliant) or ``unjudged``.
        what: What is wrong, for a person; empty when ok.
    """

    rule: Rule
    result: Result
    what: str = ""

    def json(self) -> dict[str, str]:
        """Return the ruling as it stands in reports."""
        return {
            "id": self.rule.id,
            "result": self.result,
            "what": self.what or self.rule.asks,
            "clause": self.rule.clause,
            "confidence": self.rule.confidence,
        }


class Examined(NamedTuple):
    """A label's text, taken apart.

    Attributes:
        label: What it says; None when nothing like a label could be read.
        rulings: One for each rule that applies, in the order of ``RULES``.
    """

    label: AigcLabel | None
    rulings: tuple[Ruling, ...]


def ok(rule: str) -> Ruling:
    """Return that ``rule`` holds."""
    return Ruling(RULES[rule], "ok")


def broken(rule: str, what: str, *, strict: bool = False) -> Ruling:
    """Return that ``rule`` does not hold: a failure, or a warning where it may not block."""
    found = RULES[rule]
    warns = found.confidence == "L" or (found.mainly and not strict)
    return Ruling(found, "warning" if warns else "failed", what)


def unjudged(rule: str, what: str) -> Ruling:
    """Return that ``rule`` could not be looked at."""
    return Ruling(RULES[rule], "unjudged", what)


def verdict_of(rulings: Iterable[Ruling]) -> Verdict:
    """Return what the rulings on a label that was found come to; "not found" is for the caller to say."""
    results = {ruling.result for ruling in rulings}
    return "non-compliant" if "failed" in results else "inconclusive" if "unjudged" in results else "compliant"


def is_like_a_label(text: str) -> bool:
    """Whether ``text``, found in a field of whatever name, is a label or an attempt at one."""
    return "ContentProducer" in text and "Label" in text and text.lstrip().startswith("{")


def examine(text: str, *, strict: bool = False) -> Examined:
    """Take the value of a label's field apart and hold it against the standard.

    Args:
        text: The value as it stands in the file: the seven elements, bare or in one ``AIGC`` object.
        strict: Whether rules that the standard softens ("mainly", notes) fail instead of warning.
    """
    if len(text) > LONGEST:
        return Examined(None, (unjudged("size", f"the value has {len(text):,} characters: not parsed"),))
    pairs, rulings = _open(text)
    if pairs is None:
        return Examined(None, tuple(rulings))
    rulings += _shape(pairs)
    elements = dict(pairs)
    rulings += _values(elements, strict)
    rulings.append(_charset(text, elements, strict))
    rulings.append(_size(text, elements))
    order = list(RULES)
    return Examined(AigcLabel.from_elements(elements), tuple(sorted(rulings, key=lambda one: order.index(one.rule.id))))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its keys as they stand, twice if they stand twice."""


def _open(text: str) -> tuple[_Pairs | None, list[Ruling]]:
    """Return the pairs of the inner object, and the rulings on what stood around it."""
    try:
        value = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None, [_no_json(text, "the value is no JSON")]
    if not isinstance(value, _Pairs):
        return None, [_no_json(value if isinstance(value, str) else "", "the value is JSON, but no object")]
    wrappers = 0
    while len(value) == 1 and value[0][0] == NAME and isinstance(value[0][1], _Pairs):
        value, wrappers = value[0][1], wrappers + 1
    rulings = [ok("json"), ok("no-base64")]
    if len(value) == 1 and value[0][0] == NAME and isinstance(value[0][1], str):
        inner, _ = _open(value[0][1])
        return inner, [*rulings, broken("nesting", "the AIGC object is a string that holds JSON, not an object")]
    if not value:
        return None, [*rulings, broken("elements", "the object is empty")]
    deep = f"the elements stand {wrappers} AIGC objects deep; at most one may be around them"
    return value, [*rulings, broken("nesting", deep) if wrappers > 1 else ok("nesting")]


def _no_json(text: str, what: str) -> Ruling:
    if _decoded(text) is not None:
        return broken("no-base64", "the value is encoded as Base64; it must be a plain JSON object")
    return broken("json", what)


def _decoded(text: str) -> str | None:
    """Return what ``text`` is the Base64 of, where that is JSON; else None."""
    packed = re.sub(r"\s", "", text)
    if len(packed) < 8 or not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", packed):
        return None
    try:
        raw = base64.urlsafe_b64decode(packed.translate(str.maketrans("+/", "-_")) + "=" * (-len(packed) % 4))
        inner = raw.decode()
        return inner if isinstance(json.loads(inner), dict) else None
    except (binascii.Error, ValueError, RecursionError):
        return None


def _shape(pairs: _Pairs) -> list[Ruling]:
    """Rule on which keys there are."""
    keys = [key for key, _ in pairs]
    missing = [key for key in KEYS if key not in keys]
    extra = [key for key in dict.fromkeys(keys) if key not in KEYS]
    twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
    known = [key for key in dict.fromkeys(keys) if key in KEYS]
    right = [key for key in KEYS if key in keys]
    return [
        broken("unique-keys", f"twice there: {_names(twice)}") if twice else ok("unique-keys"),
        broken("elements", f"missing: {_names(missing)}{_hint(missing, extra)}") if missing else ok("elements"),
        broken("no-other-keys", f"not of the seven: {_names(extra)}") if extra else ok("no-other-keys"),
        broken("order", f"out of order: {', '.join(known)}") if known != right else ok("order"),
    ]


def _names(keys: Sequence[str]) -> str:
    """Name keys, shortened: they come from a stranger's file."""
    shown = [key if len(key) <= 40 and key.isprintable() else f"a key of {len(key)} characters" for key in keys[:7]]
    return ", ".join([*shown, *([f"{len(keys) - 7} more"] if len(keys) > 7 else [])])


def _hint(missing: Sequence[str], extra: Sequence[str]) -> str:
    alike = {key.lower(): key for key in extra if len(key) <= 40}
    found = [f"{alike[key.lower()]} must be {key}" for key in missing if key.lower() in alike]
    return f" ({'; '.join(found)})" if found else ""


def _values(elements: dict[str, Any], strict: bool) -> list[Ruling]:
    """Rule on what the elements say."""
    odd = [key for key in KEYS if key in elements and not isinstance(elements[key], str)]
    rulings = [broken("strings", f"no string: {_names(odd)}") if odd else ok("strings")]
    label = AigcLabel.from_elements(elements)
    if "Label" in elements and "Label" not in odd:
        fits = label.label in KINDS
        rulings.append(ok("label") if fits else broken("label", f'Label is not "1", "2" or "3"{_shown(label.label)}'))
    unknown = label.label in ("2", "3") and not label.content_producer and not label.produce_id
    if unknown and "ContentProducer" in elements and "ProduceID" in elements:
        rulings.append(broken("unknown-producer", RULES["unknown-producer"].asks))
    else:
        for rule, key, value in (
            ("producer", "ContentProducer", label.content_producer),
            ("produce-id", "ProduceID", label.produce_id),
        ):
            if key in elements:
                rulings.append(ok(rule) if value.strip() else broken(rule, f"{key} is empty"))
    rulings += _codes(label)
    if "ContentPropagator" in elements and "PropagateID" in elements:
        rulings.append(_propagation(label, strict))
    return rulings


def _shown(value: str) -> str:
    return f" but {value!r}" if len(value) <= 20 else f" but {len(value)} characters"


def _codes(label: AigcLabel) -> list[Ruling]:
    rulings = []
    for rule, value, service in (
        ("producer-code", label.content_producer, "1"),
        ("propagator-code", label.content_propagator, "12"),
    ):
        if is_meant_as_code(value):
            fault = fault_of_code(value, service)
            rulings.append(broken(rule, f"the code {fault}") if fault else ok(rule))
    return rulings


def _propagation(label: AigcLabel, strict: bool) -> Ruling:
    empty = [
        key
        for key, value in (("ContentPropagator", label.content_propagator), ("PropagateID", label.propagate_id))
        if not value.strip()
    ]
    if empty:
        return broken("propagation", f"empty: {_names(empty)}", strict=strict)
    if label.content_propagator == label.content_producer and label.propagate_id != label.produce_id:
        # A producer may spread its own content under a second id; as a first write it would be wrong.
        return broken("propagation", "the propagator is the producer, but the ids differ", strict=strict)
    return ok("propagation")


def _charset(text: str, elements: dict[str, Any], strict: bool) -> Ruling:
    for key in KEYS:
        value = elements.get(key, "")
        if not isinstance(value, str):
            continue
        for letter in value:
            if not ("!" <= letter <= "~") or letter == "\\":
                what = f"{key} holds U+{ord(letter):04X}"
                return broken("charset", what, strict=strict)
    if found := re.search(r'\\(?!")', text):
        escape = text[found.start() : found.start() + 2]
        return broken("charset", f'the escape {escape} stands in it; only \\" may', strict=strict)
    return ok("charset")


def _size(text: str, elements: dict[str, Any]) -> Ruling:
    long = [key for key in KEYS if isinstance(elements.get(key), str) and len(elements[key]) > _LONG_ELEMENT]
    if long:
        return broken("size", f"longer than {_LONG_ELEMENT} characters: {_names(long)}")
    if len(text) > _LONG_LABEL:
        return broken("size", f"the label has {len(text):,} characters, more than {_LONG_LABEL}")
    return ok("size")
