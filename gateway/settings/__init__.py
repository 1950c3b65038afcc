"""What the operator sets: where Sluice listens, which models lie behind, where records go.

``sluice.yaml`` says it, environment variables say it stronger, and with neither there is a
demonstration that needs nothing. Policies are not settings: they have files of their own.
"""

from gateway.settings.load import load_settings
from gateway.settings.schema import Settings

__all__ = ["Settings", "load_settings"]
