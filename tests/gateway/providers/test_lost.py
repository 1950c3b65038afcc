"""What LiteLLM would leave out without a word is named by its place.

Mutants killed: a sound that vanishes; a JSON mode that vanishes; a message whose content is no list.
"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.providers.lost import lost_by_anthropic

SOUND = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
TEXT = {"type": "text", "text": "问"}


@pytest.mark.parametrize(
    ("request_", "places"),
    [
        ({}, []),
        ({"messages": "x"}, []),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "user", "content": [TEXT]}, "x", {}]}, []),
        ({"messages": [{"role": "user", "content": [TEXT, SOUND]}]}, ["messages[0].content[1]"]),
        ({"messages": [{"content": [{"type": "file", "file": {"file_id": "f"}}]}]}, ["messages[0].content[0]"]),
        ({"messages": [{"content": [{"type": "file", "file": {"file_data": "data:"}}]}]}, []),
        ({"response_format": {"type": "json_object"}}, ["response_format"]),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, []),
        ({"response_format": {"type": "text"}}, []),
    ],
)
def test_what_would_not_arrive_is_named(request_: dict[str, Any], places: list[str]) -> None:
    assert [place for place, _ in lost_by_anthropic(request_)] == places
