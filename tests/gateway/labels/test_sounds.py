"""The label is heard where it belongs, in the file's own samples, and the rest of the sound stays as it was.

Mutants killed: A I as another rhythm; one channel labelled of two; a label written a second time; the
samples behind a wrong length lost; ``fact`` not counted anew.
"""

from __future__ import annotations

import contextlib
import io
import struct
import wave

import numpy as np
import pytest
from kit.media import wav

from gateway.errors import LabelError
from gateway.labels.sounds import PAUSE, UNIT, announce, parse, rhythm

KINDS = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)]


def heard(sound: np.ndarray, rate: int) -> list[tuple[bool, int]]:
    """Tones and silences of a sound, in units."""
    step = round(UNIT * rate / 8)
    loud = [bool(np.abs(sound[at : at + step]).max() > 0.1) for at in range(0, len(sound) - step // 2, step)]
    runs: list[tuple[bool, int]] = []
    for value in loud:
        if runs and runs[-1][0] == value:
            runs[-1] = (value, runs[-1][1] + 1)
        else:
            runs.append((value, 1))
    return [(value, round(count / 8)) for value, count in runs]


MORSE = [(True, 1), (False, 1), (True, 3), (False, 3), (True, 1), (False, 1), (True, 1)]


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000, 96000])
def test_the_rhythm_is_morse_for_a_i(rate: int) -> None:
    sound = rhythm(rate)
    assert heard(sound, rate) == MORSE
    assert np.abs(sound).max() <= 0.5


def test_the_tone_has_the_pitch_that_is_said_and_ends_softly() -> None:
    sound = rhythm(48000)
    tone = sound[: round(UNIT * 48000)]
    spectrum = np.abs(np.fft.rfft(tone))
    assert abs(np.argmax(spectrum) / UNIT - 880) < 10
    assert abs(tone[0]) < 0.01
    assert abs(tone[-1]) < 0.01


@pytest.mark.parametrize(("kind", "bits"), KINDS)
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("ends", ["start", "end", "both"])
def test_the_sound_stays_bit_for_bit_between_the_labels(kind: int, bits: int, channels: int, ends: str) -> None:
    data = wav(0.5, rate=11025, channels=channels, bits=bits, kind=kind)
    before, after = parse(data), parse(announce(data, ends))  # type: ignore[arg-type]
    width = channels * bits // 8
    size = (len(rhythm(11025)) + round(PAUSE * 11025)) * width
    head = size if ends in ("start", "both") else 0
    tail = size if ends in ("end", "both") else 0
    assert after.samples[head : len(after.samples) - tail] == before.samples
    assert len(after.samples) == len(before.samples) + head + tail
    assert (after.kind, after.bits, after.channels, after.rate) == (kind, bits, channels, 11025)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_the_standard_library_reads_what_was_written_and_hears_the_rhythm(bits: int) -> None:
    data = announce(wav(0.3, rate=16000, channels=2, bits=bits))
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, bits // 8, 16000)
        raw = file.readframes(len(rhythm(16000)))
    numbers = np.frombuffer(raw, np.uint8).astype(float) - 128 if bits == 8 else np.frombuffer(raw, f"<i{bits // 8}")
    for channel in range(2):
        sound = numbers[channel::2] / 2.0 ** (bits - 1)
        assert heard(sound, 16000) == MORSE


@pytest.mark.parametrize("ends", ["start", "end", "both"])
@pytest.mark.parametrize(("kind", "bits"), KINDS)
def test_a_sound_that_has_its_label_is_not_labelled_again(ends: str, kind: int, bits: int) -> None:
    once = announce(wav(0.4, bits=bits, kind=kind), ends)  # type: ignore[arg-type]
    assert announce(once, ends) == once  # type: ignore[arg-type]


@pytest.mark.parametrize("clip_rate", [8000, 22050, 48000])
def test_a_spoken_label_is_brought_to_the_rate_of_the_sound(clip_rate: int) -> None:
    clip = wav(1.0, rate=clip_rate, channels=2, bits=24)
    after = parse(announce(wav(0.5, rate=16000), "start", clip))
    assert after.seconds == pytest.approx(0.5 + 1.0 + PAUSE, abs=0.01)
    spoken = np.frombuffer(after.samples, "<i2")[:16000] / 32768
    expected = np.frombuffer(parse(wav(1.0, rate=16000)).samples, "<i2") / 32768
    assert np.abs(spoken - expected).mean() < 0.02


def test_other_chunks_are_kept_and_floating_point_is_counted_anew() -> None:
    info = b"LIST" + struct.pack("<I", 12) + b"INFOISFT" + struct.pack("<I", 0)
    after = parse(announce(wav(0.5, extra=info), "both"))
    assert after.after == ((b"LIST", b"INFOISFT\0\0\0\0"),)
    floating = parse(announce(wav(0.5, bits=32, kind=3), "start"))
    counted = dict(floating.before)[b"fact"]
    assert struct.unpack("<I", counted)[0] == len(floating.samples) // floating.width


@pytest.mark.parametrize("said", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_samples_behind_a_length_that_was_not_known_are_read_to_the_end(said: int) -> None:
    data = bytearray(wav(0.5))
    at = data.index(b"data")
    data[at + 4 : at + 8] = struct.pack("<I", said)
    data[4:8] = struct.pack("<I", said)
    after = parse(announce(bytes(data), "end"))
    assert after.samples.startswith(parse(wav(0.5)).samples)


def test_an_extensible_head_is_read() -> None:
    data = wav(0.2, bits=16)
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 4) + struct.pack("<H", 1) + b"\0" * 14
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + data[data.index(b"data") :]
    extensible = b"RIFF" + struct.pack("<I", len(body)) + body
    after = parse(announce(extensible))
    assert after.bits == 16
    assert dict(after.before)[b"fmt "] == form


GOOD = wav(0.2)
BAD = {
    "nothing": (b"", "no WAV file"),
    "mp3": (b"ID3\x04" + b"\0" * 100, "no WAV file"),
    "cut in its head": (GOOD[:30], "cut off"),
    "no samples": (GOOD[:36], "no samples"),
    "no format": (b"RIFF\x14\0\0\0WAVEdata\x04\0\0\0\0\0\0\0", "no format"),
    "a-law": (wav(0.2, bits=8, kind=1).replace(b"fmt \x10\0\0\0\x01", b"fmt \x10\0\0\0\x06"), "convert it to PCM"),
    "12 bits": (GOOD.replace(b"\x10\0data", b"\x0c\0data"), "convert it to PCM"),
    "no channels": (GOOD.replace(b"\x01\0\x01\0\x40\x1f", b"\x01\0\0\0\x40\x1f"), "0 channels"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_labelled_is_refused_with_what_is_wrong(name: str) -> None:
    data, told = BAD[name]
    with pytest.raises(LabelError, match=told):
        announce(data)


def test_an_empty_clip_is_refused() -> None:
    with pytest.raises(LabelError, match="clip of the spoken label is empty"):
        announce(GOOD, "start", wav(0.0))


def test_broken_bytes_never_raise_anything_but_a_label_error() -> None:
    rng, spoken = np.random.default_rng(2), 0
    for _ in range(400):
        bad = bytearray(GOOD[:400])
        for at in rng.integers(0, 60, 3):
            bad[int(at)] = int(rng.integers(0, 256))
        with contextlib.suppress(LabelError):  # most of them are still sounds
            announce(bytes(bad), "both")
            spoken += 1
    assert 0 < spoken < 400
