"""Options are checked, and keys are never shown."""

import pytest
from pydantic import ValidationError

from evaluators.scorers.spec import Address, Options, Surroundings


class Few(Options):
    limit: int = 3


@pytest.mark.parametrize("written", [{"limt": 1}, {"limit": "3"}, {"limit": 1.5}, {"limit": None}])
def test_options_are_what_a_suite_may_write_and_nothing_else(written):
    with pytest.raises(ValidationError):
        Few.model_validate(written)
    assert Few.model_validate({}).limit == 3


def test_options_do_not_change():
    with pytest.raises(ValidationError):
        Few().limit = 4


def test_a_key_is_never_shown():
    address = Address("http://m/v1", "judge", "sk-secret")
    assert "sk-secret" not in f"{address} {address!r} {Surroundings(judge=address)!r}"
