"""Puts a label that can be heard at the start or the end of a sound: a rhythm, or words that are spoken.

GB 45438-2025 5.3: the rhythm is "short long, short short", which is Morse for A I. WAV is read and
written here, sample by sample as it was; other formats go through ffmpeg (``films``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from gateway.errors import LabelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

Ends = Literal["start", "end", "both"]

UNIT: Final = 0.12
"""Seconds of the short tone; the long one is three times as long (ITU-R M.1677-1)."""

TONE: Final = 880.0
"""Pitch of the rhythm in hertz: well above the ground of a voice, well below the limit of a telephone."""

LOUDNESS: Final = 0.35
"""Amplitude of the rhythm, of 1."""

PAUSE: Final = 0.25
"""Seconds of silence between label and content."""

_RHYTHM: Final = ((1, 1), (3, 3), (1, 1), (1, 0))
"""Tone and the silence after it, in units: A is short long, I is short short; three units part the letters."""

_RAMP: Final = 0.005
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MOST: Final = 512 * 1024 * 1024
_KINDS: Final = {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32), (_FLOAT, 64)}


@dataclass(frozen=True, slots=True)
class Wave:
    """A WAV file taken apart.

    Attributes:
        kind: 1 for whole numbers, 3 for floating point.
        bits: Bits of a sample.
        channels: Samples that sound together.
        rate: Such groups a second.
        before: Chunks before the samples, as they stand.
        samples: The samples, as they stand.
        after: Chunks after the samples.
    """

    kind: int
    bits: int
    channels: int
    rate: int
    before: tuple[tuple[bytes, bytes], ...]
    samples: bytes
    after: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def width(self) -> int:
        """Bytes of all samples that sound together."""
        return self.channels * self.bits // 8

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.width / self.rate


def announce(data: bytes, ends: Ends = "start", clip: bytes | None = None) -> bytes:
    """Return the WAV file with the label before or after what it holds; one that has it already stays as it is.

    Args:
        data: The file.
        ends: Where the label goes.
        clip: A WAV file with the spoken label, in any format; None for the rhythm.

    Raises:
        LabelError: It is no WAV file of a kind that can be labelled.
    """
    wave = parse(data)
    label = _coded(_label(wave, clip), wave)
    silence = _coded(_silence(PAUSE, wave.rate), wave)
    samples = wave.samples
    if ends in ("start", "both") and not samples.startswith(label):
        samples = label + silence + samples
    if ends in ("end", "both") and not samples.endswith(label):
        samples = samples + silence + label
    return data if samples == wave.samples else build(wave, samples)


def opening(rate: int, clip: bytes | None = None) -> bytes:
    """Return the label and the pause after it as bare 16-bit samples of one channel, for sound that comes in pieces.

    Args:
        rate: Samples a second.
        clip: A WAV file with the spoken label; None for the rhythm.
    """
    wave = Wave(_PCM, 16, 1, rate, (), b"")
    return _coded(_label(wave, clip), wave) + _coded(_silence(PAUSE, rate), wave)


def rhythm(rate: int) -> Samples:
    """Return the rhythm label at so many samples a second, from -1 to 1."""
    import numpy as np  # noqa: PLC0415 - importing the gateway must stay light

    parts = []
    for tone, silence in _RHYTHM:
        size = round(tone * UNIT * rate)
        sound = LOUDNESS * np.sin(2 * np.pi * min(TONE, rate / 4) * np.arange(size) / rate)
        ramp = min(round(_RAMP * rate), size // 2)
        if ramp:
            sound[:ramp] *= np.linspace(0, 1, ramp)
            sound[-ramp:] *= np.linspace(1, 0, ramp)
        parts += [sound, _silence(silence * UNIT, rate)]
    return np.concatenate(parts)


def parse(data: bytes) -> Wave:
    """Take a WAV file apart; raises ``LabelError`` for one that cannot be labelled, and says why."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise LabelError("this is no WAV file (no RIFF … WAVE at its beginning)")
    if len(data) > _MOST:
        raise LabelError(f"the sound has {len(data)} bytes and {_MOST} are taken — send a shorter one")
    before: list[tuple[bytes, bytes]] = []
    after: list[tuple[bytes, bytes]] = []
    samples: bytes | None = None
    form: tuple[int, int, int, int] | None = None
    for kind, body in _chunks(data):
        if kind == b"fmt ":
            form = _format(body)
        if kind == b"data" and samples is None:
            samples = body
        else:
            (before if samples is None else after).append((kind, body))
    if form is None or samples is None:
        raise LabelError(f"the WAV file has no {'format' if form is None else 'samples'}: it is broken or cut off")
    coding, channels, rate, bits = form
    wave = Wave(coding, bits, channels, rate, tuple(before), b"", tuple(after))
    return Wave(
        coding, bits, channels, rate, wave.before, samples[: len(samples) // wave.width * wave.width], wave.after
    )


def build(wave: Wave, samples: bytes) -> bytes:
    """Return the file with other samples; every other chunk as it was, but for the count of samples."""
    count = struct.pack("<I", len(samples) // wave.width)
    chunks = [(kind, count + body[4:] if kind == b"fact" else body) for kind, body in wave.before]
    chunks += [(b"data", samples), *wave.after]
    body = b"".join(kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for kind, part in chunks)
    if len(body) + 4 > 0xFFFFFFFF:
        raise LabelError("the sound would be longer than a WAV file can be (4 GiB)")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        left = len(data) - at - 8
        # Who streams a WAV does not know its length when it writes the head: the samples go on to the end.
        size = left if kind == b"data" and (size > left or size == 0) else size
        if size > left:
            raise LabelError(f"the WAV file ends inside of its chunk {kind!r}: it is cut off")
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _format(body: bytes) -> tuple[int, int, int, int]:
    if len(body) < 16:
        raise LabelError("the WAV file's format is cut off")
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if coding == _EXTENSIBLE and len(body) >= 26:
        coding = struct.unpack_from("<H", body, 24)[0]
    if (coding, bits) not in _KINDS:
        what = f"the WAV file's samples are of a kind that is not read (code {coding}, {bits} bits)"
        raise LabelError(f"{what} — convert it to PCM of 8, 16, 24 or 32 bits, or to floating point")
    if not 1 <= channels <= 64 or not 1000 <= rate <= 768_000:
        raise LabelError(f"the WAV file says {channels} channels at {rate} Hz, which cannot be: it is broken")
    return coding, channels, rate, bits


def _label(wave: Wave, clip: bytes | None) -> Samples:
    """Return the label as one channel at the rate of the sound."""
    import numpy as np  # noqa: PLC0415

    if clip is None:
        return rhythm(wave.rate)
    spoken = parse(clip)
    sound = _decoded(spoken)
    if not len(sound):
        raise LabelError("the clip of the spoken label is empty")
    size = max(1, round(len(sound) * wave.rate / spoken.rate))
    places = np.arange(size) * (spoken.rate / wave.rate)
    sampled: Samples = np.interp(places, np.arange(len(sound)), sound)
    return sampled


def _silence(seconds: float, rate: int) -> Samples:
    import numpy as np  # noqa: PLC0415

    return np.zeros(round(seconds * rate))


def _decoded(wave: Wave) -> Samples:
    """Return the samples from -1 to 1, all channels as one."""
    import numpy as np  # noqa: PLC0415

    raw = np.frombuffer(wave.samples, np.uint8)
    if wave.kind == _FLOAT:
        numbers: NDArray[Any] = raw.view(f"<f{wave.bits // 8}").astype(np.float64)
    elif wave.bits == 8:
        numbers = (raw.astype(np.float64) - 128) / 128
    elif wave.bits == 24:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = raw.reshape(-1, 3)
        numbers = wide.reshape(-1).view("<i4") / 2.0**31
    else:
        numbers = raw.view(f"<i{wave.bits // 8}") / 2.0 ** (wave.bits - 1)
    mixed: Samples = numbers.reshape(-1, wave.channels).mean(axis=1)
    return mixed


def _coded(sound: Samples, wave: Wave) -> bytes:
    """Return one channel of sound in the samples of a file, the same in each of its channels."""
    import numpy as np  # noqa: PLC0415

    both = np.repeat(np.clip(sound, -1, 1), wave.channels)
    if wave.kind == _FLOAT:
        return both.astype(f"<f{wave.bits // 8}").tobytes()
    if wave.bits == 8:
        return np.rint(both * 127 + 128).astype(np.uint8).tobytes()
    whole = np.rint(both * (2.0 ** (wave.bits - 1) - 1)).astype("<i4")
    if wave.bits == 24:
        return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return whole.astype(f"<i{wave.bits // 8}").tobytes()
