"""A whole response leaves as it came, or with every changed text in its place.

Mutants killed: a change that does not arrive; a body that is none taken for one; probabilities of words that changed.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from kit.responses import response_json

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Delta, Usage
from gateway.ports import Passage
from gateway.wire.responses import Responses
from gateway.wire.responses_whole import ResponsesWhole


def codec(**body: Any) -> ResponsesWhole:
    return ResponsesWhole(Responses().read(orjson.dumps({"model": "up", "input": "问", **body})), "up")


def read(raw: bytes) -> tuple[ResponsesWhole, Any]:
    made = codec()
    assert made.feed(raw[:9]) == made.feed(raw[9:]) == []
    (frame,) = made.finish()
    return made, frame


def test_it_leaves_as_it_came_and_is_kept() -> None:
    raw = response_json(("text", "好"))
    made, frame = read(raw)
    assert (frame.usage, frame.ends, frame.last) == (Usage(7, 5), {0: "completed"}, True)
    assert made.write(frame, Passage(["好"])) == raw
    assert made.answer is not None


def test_what_changed_and_what_is_ours_stand_in_the_text() -> None:
    made, frame = read(response_json(("thoughts", "想"), ("text", "好")))
    passage = Passage(["**", "好的"], tail=[Delta(Channel(0, "content"), "（AI）")], fields={"aigc": {"Label": 1}})
    body = orjson.loads(made.write(frame, passage))
    assert [item["content"][0]["text"] for item in body["output"]] == ["**", "好的（AI）"]
    assert body["aigc"] == {"Label": 1}


def test_what_is_stopped_is_replaced_whole() -> None:
    made, frame = read(response_json(("text", "坏")))
    own = [Delta(Channel(0, "content"), "不能回答")]
    body = orjson.loads(made.write(frame, Passage([""], tail=own, stops={0: "content_filter"})))
    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})
    assert "坏" not in str(body)
    assert body["output"][0]["content"][0]["text"] == "不能回答"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"output": {}}', b'{"output": [{}]}', b'{"output": ["x"]}'])
def test_what_is_no_response_broke(raw: bytes) -> None:
    made = codec()
    made.feed(raw)
    with pytest.raises(UpstreamBroke):
        made.finish()
