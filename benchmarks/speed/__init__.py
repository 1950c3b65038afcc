"""How fast the gateway is beside what it stands in for, in one run on one machine: ``python -m benchmarks.speed``."""
