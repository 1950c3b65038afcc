"""Whether the gateway stays as it began, for as long as it runs: ``python -m benchmarks.soak``."""
