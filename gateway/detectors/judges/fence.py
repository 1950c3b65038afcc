"""Puts a text between marks that it cannot contain, however it was written; reads the verdict under their code.

The mark holds a digest of the text itself: a text with its own digest inside would have to be a
fixed point of the hash, which nobody can make. No secret and no chance is needed, so that the same
text makes the same prompt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from gateway.detectors.judges.chat import unmarked
from gateway.errors import JudgeNonsense

_FENCE: Final = re.compile(r"\A```(?:json)?[ \t]*\r?\n(.*)\r?\n[ \t]*```\Z", re.DOTALL | re.IGNORECASE)


class Fenced(NamedTuple):
    """Texts between their marks.

    Attributes:
        code: What every mark holds: 96 bits as 24 hexadecimal digits.
        body: The texts, each after its name, each between two marks.
    """

    code: str
    body: str


def fenced(**texts: str) -> Fenced:
    """Put each text between marks with its name; what chat templates mark turns with is plain text in it."""
    texts = {name: unmarked(text) for name, text in texts.items()}
    digest = hashlib.blake2b(digest_size=12, person=b"sluice-fence")
    for name, text in texts.items():
        data = f"{name}\n{text}".encode()
        digest.update(len(data).to_bytes(8))
        digest.update(data)
    code = digest.hexdigest()
    parts = [f"<<<{name.upper()} {code}\n{text}\n{name.upper()} {code}>>>" for name, text in texts.items()]
    return Fenced(code, "\n\n".join(parts))


def verdict(said: str, code: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return the JSON object that a judge answered with.

    Args:
        said: What it wrote: one JSON object, alone or in a Markdown fence.
        code: The code of the marks, which the object repeats as ``code``.
        keys: Its other keys: all of these and no more.

    Raises:
        JudgeNonsense: Anything else.
    """
    fence = _FENCE.match(said)
    try:
        value = orjson.loads(fence[1] if fence else said)
    except orjson.JSONDecodeError:
        raise JudgeNonsense("its answer is not one JSON object") from None
    if not isinstance(value, dict) or value.keys() != {"code", *keys}:
        raise JudgeNonsense(f"its answer has not exactly the keys {', '.join(['code', *keys[:-1]])} and {keys[-1]}")
    if value["code"] != code:
        raise JudgeNonsense("its answer does not name the code of this text")
    return value
