"""Speaks the words of a label at the speed that the standard calls normal, through espeak-ng where it is installed.

A clip that a person has recorded sounds better: an operator names one in the policy
(``label: {sounds: {form: spoken, clip: …}}``).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final

from gateway.errors import LabelError
from gateway.labels.sounds import parse
from gateway.wording import Language

SLOWEST, FASTEST = 120.0, 160.0
"""Characters a minute of Chinese (GB 45438-2025 5.3, note)."""

_VOICES: Final = {"zh": "cmn", "en": "en-us"}
_ENGLISH_WORDS: Final = 150
_HAN: Final = re.compile("[\u3400-\u9fff]")
_WAIT: Final = 30.0
_HINT: Final = "install espeak-ng (Debian: apt-get install espeak-ng), name a clip of your own, or write form: rhythm"


def speak(words: str, language: Language) -> bytes:
    """Return the words as a WAV file.

    Args:
        words: What to say.
        language: Whose voice says it. Chinese is spoken at 120 to 160 characters a minute, whatever the voice.

    Raises:
        LabelError: espeak-ng is not installed, or says nothing.
    """
    characters = len(_HAN.findall(words)) + 2 * words.count("AI")
    speed = _ENGLISH_WORDS
    said = _say(words, language, speed)
    if language == "en" or not characters:
        return said
    for _ in range(4):
        pace = 60 * characters / max(parse(said).seconds, 0.1)
        if SLOWEST <= pace <= FASTEST:
            break
        speed = min(400, max(40, round(speed * (SLOWEST + FASTEST) / 2 / pace)))
        said = _say(words, language, speed)
    return said


def installed() -> bool:
    """Whether espeak-ng is there."""
    return shutil.which("espeak-ng") is not None


def _say(words: str, language: Language, speed: int) -> bytes:
    tool = shutil.which("espeak-ng")
    if tool is None:
        raise LabelError(f"espeak-ng is not installed, and the spoken label needs it — {_HINT}")
    command = [tool, "-v", _VOICES[language], "-s", str(speed), "--stdout"]
    try:
        done = subprocess.run(command, input=words.encode(), capture_output=True, timeout=_WAIT, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise LabelError(f"espeak-ng took more than {_WAIT:.0f} seconds — {_HINT}") from None
    if done.returncode or len(done.stdout) < 100:
        raise LabelError(f"espeak-ng cannot say the label in {language} — {_HINT}")
    return done.stdout
