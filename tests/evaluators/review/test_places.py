import pytest

from evaluators.review.places import Place, fault, levels, read_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("2", (2, False)), ("2=", (2, True)), (" 2 ＝", (2, True)), ("2.0", (2, False)), ("第2名", (2, False)),
        ("12", (12, False)), ("", None), ("二", None), ("2.5", None), ("-1", None), ("=2", None), ("2 3", None),
        ("123", None), ("first", None),
    ],
)  # fmt: skip
def test_places_are_read_as_people_write_them(text, place):
    assert read_place(text) == (Place(*place) if place else None)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("1 2 3", None), ("3 1 2", None), ("1= 1= 2", None), ("1= 1= 3", None), ("1 2= 2= 3", None),
        ("1 2= 2= 4", None), ("1= 1= 1=", None), ("1", None), ("", None),
        ("1 1 2", ("a", "doubled")), ("1= 1 2", ("b", "doubled")), ("1 2 4", ("c", "missing")),
        ("2 3", ("a", "missing")), ("1 2= 3", ("b", "alone")), ("1= 1= 4", ("c", "missing")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_ranking_is_said_with_the_thing(said, wrong):
    assert fault({name: read_place(text) for name, text in zip("abcd", said.split(), strict=False)}) == wrong


def test_levels_have_no_gaps():
    assert levels({"a": 1, "b": 2, "c": 2, "d": 4}) == {"a": 1, "b": 2, "c": 2, "d": 3}
    assert levels({}) == {}
