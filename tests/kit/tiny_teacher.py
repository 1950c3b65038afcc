"""The large teacher in small."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from training.teacher import Teacher


def tiny_teacher() -> Teacher:
    """The model of the unit tests of the teacher, which is written as the package writes it."""
    place = Path(__file__).parents[1] / "training" / "test_teacher.py"
    spec = importlib.util.spec_from_file_location("tiny_teacher_model", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Teacher(module.model())
