"""What rounds of a measurement might give."""

from benchmarks.speed.measure import STREAMS

QUANTITIES = [f"{what}_{at}" for what in ("rps", "p50", "p99", "first50", "first99") for at in (1, 32)]


def measured(base_rate: float = 300.0):
    """What a round might give."""
    row = {key: [1.0] for key in QUANTITIES} | {"memory": [100.0], "rps_32": [1000.0]}
    talks = {"talk_1": [1.0], "talk_50": [1.4], "cpu_1": [900.0], "cpu_50": [1200.0], "delta": [40.0]}
    streams = {f"{what}_{kind}": [8.0] for what in ("sps", "word", "cpu") for kind in STREAMS}
    empty = {**row, **streams, "rps_32": [600.0], "delta": [70.0]}
    base = row | talks | streams | {"rps_32": [base_rate], "sps_messages": [2.0]}
    return {"direct": row, "bare": row | talks | streams, "empty": empty, "base": base}
