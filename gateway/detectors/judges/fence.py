"""Puts a text between marks that it cannot contain, however it was written.

The mark holds a digest of the text itself: a text with its own digest inside would have to be a
fixed point of the hash, which nobody can make. No secret and no chance is needed, so that the same
text makes the same prompt.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple


class Fenced(NamedTuple):
    """Texts between their marks.

    Attributes:
        code: What every mark holds: 96 bits as 24 hexadecimal digits.
        body: The texts, each after its name, each between two marks.
    """

    code: str
    body: str


def fenced(**texts: str) -> Fenced:
    """Put each text between marks with its name."""
    digest = hashlib.blake2b(digest_size=12, person=b"sluice-fence")
    for name, text in texts.items():
        data = f"{name}\n{text}".encode()
        digest.update(len(data).to_bytes(8))
        digest.update(data)
    code = digest.hexdigest()
    parts = [f"<<<{name.upper()} {code}\n{text}\n{name.upper()} {code}>>>" for name, text in texts.items()]
    return Fenced(code, "\n\n".join(parts))
