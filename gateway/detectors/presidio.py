"""Lets Presidio use what is here, and lets policies use what Presidio brings, without a spaCy model or a network.

Our detectors become ``EntityRecognizer`` objects that any Presidio user can register:

    from gateway.detectors.presidio import analyzer
    from gateway.detectors.registry import personal_specs

    analyzer(personal_specs()).analyze("我的手机是13800138000", language="zh")

The gateway itself calls the same detectors directly; a test holds the two against each other. Presidio is
imported only when one of these functions is called or a policy says ``use: presidio``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import PolicyError
from gateway.ports import BuiltDetector, Detector, DetectorSpec, Loader, Scan
from gateway.text import TextView
from gateway.verdict import Finding

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry

NAME: Final = "presidio"
_VERSION: Final = "1"
# Where Presidio has a name for it; of everything else ours is taken, in capitals.
_ENTITIES: Final[Mapping[str, str]] = {
    "pii.name": "PERSON",
    "pii.location": "LOCATION",
    "pii.organization": "ORGANIZATION",
    "pii.email": "EMAIL_ADDRESS",
    "pii.bank_card": "CREDIT_CARD",
    "pii.phone_number": "PHONE_NUMBER",
    "pii.ip_address": "IP_ADDRESS",
    "pii.mac_address": "MAC_ADDRESS",
    "pii.iban": "IBAN_CODE",
    "pii.us_ssn": "US_SSN",
    "pii.url": "URL",
    "pii.crypto_wallet": "CRYPTO",
    "pii.uuid": "UUID",
    "pii.date": "DATE_TIME",
}
_RISKS: Final = {entity: risk for risk, entity in _ENTITIES.items()}
# Recognizers of Presidio that need neither a model nor a country: class by entity.
_GENERIC: Final[Mapping[str, str]] = {
    "CREDIT_CARD": "CreditCardRecognizer",
    "CRYPTO": "CryptoRecognizer",
    "DATE_TIME": "DateRecognizer",
    "EMAIL_ADDRESS": "EmailRecognizer",
    "IBAN_CODE": "IbanRecognizer",
    "IP_ADDRESS": "IpRecognizer",
    "MAC_ADDRESS": "MacAddressRecognizer",
    "PHONE_NUMBER": "PhoneRecognizer",
    "URL": "UrlRecognizer",
    "UUID": "UuidRecognizer",
}
_REGIONS: Final = ("CN", "HK", "MO", "TW", "US", "GB")


def entity_of(risk: str) -> str:
    """Return Presidio's name for a risk: ``PERSON`` for ``pii.name``, else such as ``PLATE``, ``SECRET_API_KEY``."""
    return _ENTITIES.get(risk) or risk.removeprefix("pii.").replace(".", "_").upper()


# --- Ours for Presidio -----------------------------------------------------------------------------


def recognizer(name: str, detector: Detector, risks: Iterable[str], language: str) -> EntityRecognizer:
    """Return a detector as an ``EntityRecognizer``.

    Args:
        name: What Presidio shows in its results.
        detector: The detector.
        risks: What it can report.
        language: The language that Presidio asks it for; it finds the same in every language.
    """
    from presidio_analyzer import EntityRecognizer, RecognizerResult  # noqa: PLC0415

    class Ours(EntityRecognizer):
        """One of the gateway's detectors."""

        def load(self) -> None:
            """There is nothing to load."""

        def analyze(self, text: str, entities: Sequence[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
            """Return what the detector finds, in Presidio's form."""
            del nlp_artifacts
            found = detector(TextView(text)).findings
            named = ((entity_of(finding.risk), finding) for finding in found if finding.score > 0)
            return [RecognizerResult(entity, f.start, f.end, f.score) for entity, f in named if entity in entities]

    return Ours(supported_entities=sorted(map(entity_of, risks)), name=name, supported_language=language)


def registry(specs: Iterable[DetectorSpec], languages: Sequence[str] = ("zh", "en")) -> RecognizerRegistry:
    """Return a Presidio registry that holds our detectors, once for each language.

    Args:
        specs: Kinds of detectors that need no options.
        languages: Which languages Presidio may ask for.
    """
    from presidio_analyzer import RecognizerRegistry  # noqa: PLC0415

    made = RecognizerRegistry(recognizers=[], supported_languages=list(languages))
    for spec in specs:
        built = spec.build({}, _no_file)
        if built.scan is not None:
            for language in languages:
                made.add_recognizer(recognizer(f"sluice_{spec.name}", built.scan, built.risks, language))
    return made


def analyzer(specs: Iterable[DetectorSpec], languages: Sequence[str] = ("zh", "en")) -> AnalyzerEngine:
    """Return a Presidio engine with our detectors and no language model.

    Args:
        specs: Kinds of detectors that need no options.
        languages: Which languages it may be asked for.
    """
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NoOpNlpEngine  # noqa: PLC0415

    engine = NoOpNlpEngine(models=[{"lang_code": language, "model_name": "none"} for language in languages])
    engine.load()
    return AnalyzerEngine(registry=registry(specs, languages), nlp_engine=engine, supported_languages=list(languages))


def _no_file(name: str) -> bytes:
    raise PolicyError(f"the detector asks for the file {name!r}", None, "use one that needs no options")


# --- Presidio's for policies -----------------------------------------------------------------------


class Generic:
    """A detector made of Presidio's recognizers.

    How far they look ahead is not known, so an answer is judged when it is whole.

    Args:
        recognizers: Presidio's recognizers, ready to use.
    """

    __slots__ = ("_entities", "_recognizers")

    def __init__(self, recognizers: Sequence[Any]) -> None:
        self._recognizers = tuple(recognizers)
        self._entities = [entity for one in recognizers for entity in one.supported_entities]

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        if not view.final:
            return Scan((), view.start)
        findings = [
            Finding(result.start, result.end, _risk(result.entity_type), min(1.0, result.score), NAME)
            for one in self._recognizers
            for result in one.analyze(view.text, self._entities, None) or ()
            if result.start >= view.start and result.end > result.start and result.score > 0
        ]
        return Scan(tuple(sorted(set(findings))), len(view.text))


def _risk(entity: str) -> str:
    return _RISKS.get(entity) or f"pii.{entity.lower()}"


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del load
    import regex  # noqa: PLC0415

    try:
        import presidio_analyzer  # noqa: PLC0415
        from presidio_analyzer import predefined_recognizers  # noqa: PLC0415
    except ImportError as error:
        hint = "install it: pip install presidio-analyzer"
        raise PolicyError(f"presidio-analyzer cannot be imported: {error.name}", None, hint) from None
    _stay_offline()
    entities: Sequence[str] = options.get("entities", tuple(_GENERIC))
    language: str = options.get("language", "en")
    made = []
    for entity in entities:
        kind = getattr(predefined_recognizers, _GENERIC[entity])
        more = {"supported_regions": _REGIONS} if entity == "PHONE_NUMBER" else {}
        one = kind(supported_language=language, **more)
        if hasattr(one, "patterns"):
            # A word ends where Latin letters end, also beside Chinese; and no two recognizers share compiled patterns.
            one.patterns = copy.deepcopy(one.patterns)
            one.global_regex_flags = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE | regex.ASCII
        made.append(one)
    version = f"{_VERSION}-{getattr(presidio_analyzer, '__version__', '')}-{','.join(entities)}-{language}"
    return BuiltDetector(frozenset(map(_risk, entities)), version, Generic(made))


def _stay_offline() -> None:
    """Let the list of public suffixes come from the package, not from the network."""
    import tldextract  # noqa: PLC0415

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Presidio's generic recognizers, without a language model; an answer is judged when it is whole.",
    risks=frozenset(map(_risk, _GENERIC)),
    scope="whole",
    build=_build,
    options={
        "type": "object",
        "properties": {
            "entities": {
                "type": "array",
                "items": {"type": "string", "enum": sorted(_GENERIC)},
                "minItems": 1,
                "description": "which of Presidio's entities to look for; all of these if left out",
            },
            "language": {
                "type": "string",
                "enum": ["en", "zh"],
                "description": "the language that the recognizers are told; en if left out",
            },
        },
    },
)
