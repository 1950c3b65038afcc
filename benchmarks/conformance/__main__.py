"""``python -m benchmarks.conformance URL`` is ``sluice conformance URL``."""

from benchmarks.conformance.command import conformance

conformance(prog_name="sluice conformance")
