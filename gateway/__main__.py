"""``python -m gateway`` is ``sluice``."""
