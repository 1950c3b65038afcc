"""Every scorer is known by its name, and takes the options that it knows."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from evaluators.scorers.registry import registry


@pytest.mark.parametrize("spec", registry().values(), ids=lambda spec: spec.name)
def test_a_scorer_refuses_options_that_it_does_not_know(spec):
    with pytest.raises(ValidationError, match="optoin"):
        spec.options.model_validate({"optoin": 1})
    assert spec.summary
    assert not spec.summary.endswith(".")


def test_no_two_scorers_have_one_name_and_all_is_listed_without_anything_heavy():
    code = (
        "import sys; from evaluators.scorers.registry import registry; print(len(registry()), "
        "sorted({'ragas', 'litellm', 'aiohttp', 'torch', 'openai'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == f"{len(registry())} []\n"
    assert all(name == spec.name for name, spec in registry().items())
