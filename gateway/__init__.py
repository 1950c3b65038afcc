"""Sluice (水闸): a gateway that judges, de-identifies, labels and records LLM traffic."""

__version__ = "0.1.0"
