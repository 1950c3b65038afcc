"""How likely an entry is: more with all that speaks for it, never more with what speaks against it."""

import pytest

from gateway.answers import score
from gateway.answers.compare import Figures
from gateway.answers.score import AGAINST, Speaks, likely, numbers, shipped_weights
from gateway.errors import ConfigError

SEEN = Figures(0.7, 0.5, 0.5, 0.5, False, False, False, False, False)
SPEAKS = Speaks(0.7, 0.6, 0.1, SEEN, 1.0)


@pytest.mark.parametrize(
    "more",
    [
        SPEAKS._replace(ways=0.9),
        SPEAKS._replace(middle=0.8),
        SPEAKS._replace(lead=0.3),
        SPEAKS._replace(seen=SEEN._replace(meaning=0.9)),
        SPEAKS._replace(seen=SEEN._replace(apart=0.9)),
    ],
)
def test_what_speaks_for_an_entry_makes_it_likelier(more: Speaks) -> None:
    assert likely(more) > likely(SPEAKS)


@pytest.mark.parametrize("name", AGAINST)
def test_what_speaks_against_an_entry_never_makes_it_likelier(name: str) -> None:
    assert likely(SPEAKS._replace(seen=SEEN._replace(**{name: True}))) <= likely(SPEAKS)


def test_the_very_question_is_sure() -> None:
    assert likely(SPEAKS._replace(seen=SEEN._replace(same=True))) > 0.999


def test_the_weights_name_all_that_is_weighed_and_where_it_starts() -> None:
    assert set(shipped_weights()) == {*numbers(SPEAKS), "start"}


def test_nearness_beyond_the_most_says_no_more() -> None:
    assert likely(SPEAKS._replace(ways=1.4)) == likely(SPEAKS._replace(ways=1.9))


@pytest.mark.parametrize("content", ["", "[1]", '{"ways": "much"}', '{"ways": null}'])
def test_broken_weights_are_an_error_that_says_what_to_do(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "packaged", lambda _: content.encode())
    with pytest.raises(ConfigError, match="install the package again"):
        shipped_weights.__wrapped__()
