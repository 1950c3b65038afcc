"""What is evaluated: models by several wires, applications, the gateway, recorded answers."""

from evaluators.targets.chat import ChatTarget
from evaluators.targets.recorded import RecordedTarget
from evaluators.targets.target import Target

__all__ = ["ChatTarget", "RecordedTarget", "Target"]
