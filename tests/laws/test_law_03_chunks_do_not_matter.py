"""Law 3: however the chunks are cut, the caller sees the same text.

Mutants of the path that these tests kill (each was tried by hand):

- ``edge`` not moved before a finding that it cuts (``HoldBack.settle``), or findings looked at first to last;
- ``context=0`` in ``HoldBack``: digits after released digits look like the start of a number;
- a match that touches the end of a view is taken as settled (``pattern`` of the kit);
- ``scan.open`` ignored in ``HoldBack.settle``;
- ``cut_escape`` ignored: a JSON escape is cut in two;
- look-behind counted in original instead of folded characters (``HoldBack._keep``);
- the text before the first stop not released in a stream (``Guard._rule``);
- ``JsonMask`` forgets between pieces whether it stands inside a string;
- a judge asked about text that another detector still holds (``judging._spans``);
- what is judged together given to the deltas without heed of findings or escapes (``Settled.parts``);
- a detector that holds all that is new, and those behind it not asked when the text ends (``judging.judge``);
- the shortest clause counted from where a view begins; a judge that is not shown what stands before.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.plans import pattern, rule, sentence, side, whole

from gateway.exchange import Channel, Delta
from gateway.pipeline.guard import Guard
from gateway.policy.plan import Band, BoundDetector, SidePlan
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding

CONTENT = Channel(0, "content")
ARGUMENTS = Channel(0, "arguments", 0)

SPANS = {
    "drug": pattern("drug", "贩毒|毒品?|吸毒"),
    "number": pattern("number", r"(?<![0-9])[01]{3,6}(?![0-9])"),
    "mail": pattern("mail", r"(?<![a-z0-9.])[a-z0-9.]{1,8}@[a-z]{1,6}(?![a-z])"),
    "next": pattern("next", "。[01]{2}"),
}
MASKS = [rule("drug", "mask"), rule("number", "mask", keep=(1, 1)), rule("mail", "mask"), rule("next", "mask")]
MASKING = side(SPANS, MASKS)
CLAUSES = side({**SPANS, "clause": sentence("clause", "ab毒")}, [*MASKS, rule("clause", "mask")])
STOPPING = side(
    {
        "drug": pattern("drug", "贩毒|毒品"),
        "number": pattern("number", r"(?<![0-9])[01]{3,6}(?![0-9])"),
        "clause": sentence("clause", "b1"),
    },
    [rule("number", "mask"), rule("drug", "refuse"), rule("clause", "handoff")],
)
WHOLE = side(
    {"end": whole("end", "毒b"), "number": pattern("number", r"(?<![0-9])[01]{3,6}(?![0-9])")},
    [rule("end", "refuse", release="buffer"), rule("number", "mask")],
)


async def _opinion(view: TextView) -> Scan:
    """A judge that minds what stands before: a clause with 毒 is bad, and worse after one with b."""
    context = (view.before + view.text[: view.start])[-20:]
    clause = view.text[view.start :]
    if "毒" not in clause:
        return Scan((), len(view.text))
    score = 0.9 if "b" in context else 0.6
    return Scan((Finding(view.start, len(view.text), "opinion", score, "m"),), len(view.text))


def _judged(then: str, band: Band | None) -> SidePlan:
    """The spans, a judge that masks or refuses clauses, and one that is sure of more only in bad company."""
    rules = [*MASKS, rule("opinion", then, score=0.8), rule("opinion", "label", id="mild", score=0.5)]
    plain = side(SPANS, rules)
    judge = BoundDetector("opinion", "sentence", frozenset(["opinion"]), judge=_opinion, behind=20, ask=band)
    return replace(plain, detectors=(*plain.detectors, judge))


BAND = Band(frozenset(["drug", "next"]), 0.0, 1.0, frozenset(["drug", "next"]))
PLANS = {
    "masking": MASKING,
    "clauses": CLAUSES,
    "stopping": STOPPING,
    "whole": WHOLE,
    "judged": _judged("mask", None),
    "judged, stopping": _judged("refuse", None),
    "judged in a band": _judged("mask", BAND),
}


async def _seen(
    plan: SidePlan, pieces: Sequence[str], channel: Channel, *, waits: bool = False, together: int = 1
) -> tuple[str, str | None]:
    """What a caller sees of a text that comes in these pieces: the text, and the rule that stopped it."""
    guard = Guard(plan, whole=waits)
    seen = []
    for number, piece in enumerate(pieces):
        if number % together == 0:
            await guard.look([Delta(channel, one) for one in pieces[number : number + together]])
        out = await guard.push(Delta(channel, piece))
        seen.append(out.text)
        if out.stop:
            return "".join(seen), out.stop.id
    for out in await guard.close(0):
        seen.append(out.text)
        if out.stop:
            return "".join(seen), out.stop.id
    return "".join(seen), None


def see(
    plan: SidePlan, pieces: Sequence[str], channel: Channel = CONTENT, *, waits: bool = False, together: int = 1
) -> tuple[str, str | None]:
    return asyncio.run(_seen(plan, pieces, channel, waits=waits, together=together))


def two_way_cuts(text: str) -> Iterator[list[str]]:
    for at in range(len(text) + 1):
        yield [text[:at], text[at:]]


def cut(text: str, places: Sequence[int]) -> list[str]:
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


TEXTS = [
    "",
    "今天天气很好。",
    "他因贩毒被抓。",
    "贩毒品",
    "号码是001100请查收",
    "0110011 and 010, 0101010",
    "写信到ab.01@cd谢谢，或 ab@cd.",
    "a毒b。ab毒a。毒",
    "贩\u200b毒 and 0\u200b1\u200b1",
    "ＡＢ毒。０１１",
    "010贩毒ab毒。0101b1。01",
    "b1毒b",
    "ends with 贩",
    "11a0110毒b",
    "ab毒。01",
    "ab毒。0ab毒。",
    "b好的。这是毒的，01毒！三，毒。01",
    "毒的话。b。毒的话。又是毒, b 毒. ab毒",
]


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("text", TEXTS)
def test_every_two_way_cut_and_single_characters_show_the_same_text(name: str, text: str) -> None:
    expected = see(PLANS[name], [text])
    for pieces in two_way_cuts(text):
        assert see(PLANS[name], pieces) == expected, pieces
        assert see(PLANS[name], pieces, together=2) == expected, pieces
    for together in (1, 2, 3, 100):
        assert see(PLANS[name], list(text), together=together) == expected, together


@pytest.mark.parametrize("alphabet", ["ab01贩毒。 ", "01a", "毒贩品b1。@.", "0\u200b1９。", "ab毒。01"])
@pytest.mark.parametrize("name", PLANS)
def test_random_cuts_show_the_same_text(name: str, alphabet: str) -> None:
    @settings(max_examples=300, deadline=None)
    @given(st.text(alphabet, max_size=40), st.lists(st.integers(0, 40), max_size=12), st.integers(1, 6))
    def check(text: str, places: list[int], together: int) -> None:
        assert see(PLANS[name], cut(text, places), together=together) == see(PLANS[name], [text])

    check()


@pytest.mark.parametrize(
    "text",
    [
        '{"q": "\\u8d29\\u6bd2", "n": 0110}',
        '{"q": "贩毒\\n001", "m": "ab@cd\\\\"}',
        '{"a": "\\ud83d\\ude00毒品", "b": [101, "\\"010\\""]}',
        '{"a": "\\\\u8d29毒", "b": "x\\',
    ],
)
def test_tool_arguments_are_judged_through_their_escapes_however_they_are_cut(text: str) -> None:
    expected = see(MASKING, [text], ARGUMENTS)
    for pieces in two_way_cuts(text):
        assert see(MASKING, pieces, ARGUMENTS) == expected, pieces
    for together in (1, 2, 5, 100):
        assert see(MASKING, list(text), ARGUMENTS, together=together) == expected, together


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"n": 1100, "s": "是1100"}', {"n": "1**0", "s": "是1**0"}),
        ('{"q": "\\u8d29\\u6bd2 ab@cd", "n": [1101]}', {"q": "************ *****", "n": ["1**1"]}),
    ],
)
def test_masked_tool_arguments_still_parse(text: str, value: object) -> None:
    for pieces in [[text], list(text), *two_way_cuts(text)]:
        assert json.loads(see(MASKING, pieces, ARGUMENTS)[0]) == value


def test_random_json_arguments_show_the_same_text() -> None:
    alphabet = st.sampled_from(
        ["\\u8d29", "\\u6bd2", "毒品", '\\"', "\\\\", "\\n", "0", "1", "a", '"', " ", "\\ud83d\\ude00"]
    )

    @settings(max_examples=400, deadline=None)
    @given(st.lists(alphabet, max_size=14), st.lists(st.integers(0, 60), max_size=12), st.integers(1, 6))
    def check(parts: list[str], places: list[int], together: int) -> None:
        text = '{"a": "' + "".join(parts)
        assert see(MASKING, cut(text, places), ARGUMENTS, together=together) == see(MASKING, [text], ARGUMENTS)

    check()


@pytest.mark.parametrize("text", TEXTS)
def test_a_caller_who_waits_sees_one_text_whatever_the_upstream_cuts(text: str) -> None:
    expected = see(STOPPING, [text], waits=True)
    for pieces in two_way_cuts(text):
        assert see(STOPPING, pieces, waits=True) == expected, pieces


def test_a_refusal_in_a_stream_cuts_at_the_first_finding_and_replaces_all_for_a_caller_who_waits() -> None:
    assert see(STOPPING, ["安全的话 0110，他贩", "毒了"]) == ("安全的话 ****，他", "refuse-drug")
    assert see(STOPPING, ["安全的话 0110，他贩", "毒了"], waits=True) == ("", "refuse-drug")


def test_what_is_masked_is_what_the_detectors_saw() -> None:
    assert see(MASKING, ["他因贩毒被抓，号码001100"]) == ("他因**被抓，号码0****0", None)
