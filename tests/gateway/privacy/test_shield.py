"""What stands for a value stands for it alone, again and again, and never looks like what was said."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.restoring import restored
from gateway.privacy.shield import MOST, Shield
from gateway.privacy.techniques import techniques

KEY, OLD = b"k" * 32, b"o" * 32
SURROGATE = techniques()["surrogate"].build({})
NAME, PHONE = "pii.person_name", "pii.mobile_number"


def test_the_same_value_gets_the_same_in_every_turn_and_on_every_replica() -> None:
    one, two = Shield((KEY,), ["hello"]), Shield((KEY,), ["hello", "again"])
    assert one.replace("张三", NAME, SURROGATE) == two.replace("张三", NAME, SURROGATE)
    assert one.replace("张三", NAME, SURROGATE) == one.replace("张三", NAME, SURROGATE)


def test_another_key_gives_another() -> None:
    made = {Shield((key,), []).replace("13812345678", PHONE, SURROGATE) for key in (KEY, OLD)}
    assert len(made) == 2


def test_what_a_person_typed_is_never_made() -> None:
    typed = Shield((KEY,), []).replace("13812345678", PHONE, SURROGATE)
    shield = Shield((KEY,), [f"我的号码是{typed[:3]}-{typed[3:7]}-{typed[7:]}，和13812345678"])
    made = shield.replace("13812345678", PHONE, SURROGATE)
    assert made != typed
    assert restored(f"{typed} {made}", shield.live()) == f"{typed} 13812345678"


def test_a_value_is_never_its_own_surrogate() -> None:
    self_made = Shield((KEY,), []).replace("13812345678", PHONE, SURROGATE)
    shield = Shield((KEY,), [self_made])
    assert shield.replace(self_made, PHONE, SURROGATE) != self_made


def test_writings_of_one_value_have_the_same_digits_and_each_comes_back_as_written() -> None:
    shield = Shield((KEY,), [])
    bare, dashed = (shield.replace(value, PHONE, SURROGATE) for value in ("13812345678", "138-1234-5678"))
    assert dashed.replace("-", "") == bare
    assert restored(f"{dashed}，{bare}", shield.live()) == "138-1234-5678，13812345678"


def test_a_rotated_key_still_restores_until_its_time_is_up() -> None:
    before = Shield((OLD,), []).replace("张三丰", NAME, SURROGATE)
    now = Shield((KEY, OLD), [])
    after = now.replace("张三丰", NAME, SURROGATE)
    assert before != after
    assert restored(f"{before}和{after}", now.live()) == "张三丰和张三丰"
    late = Shield((KEY,), [])
    late.replace("张三丰", NAME, SURROGATE)
    assert restored(before, late.live()) == before


def test_what_hides_is_not_live() -> None:
    shield = Shield((KEY,), [])
    for name, options in (("mask", {}), ("generalise", {"to": "year"}), ("surrogate", {"restore": False})):
        shield.replace("1990-01-02", "pii.birth_date", techniques()[name].build(options))
    assert shield.live() == {}


def test_where_nothing_distinct_can_be_made_the_value_is_left_out() -> None:
    stuck = techniques()["pseudonym"].build({"length": 4})
    always = type(stuck)("stuck", True, True, lambda _value, _about: "same")
    shield = Shield((KEY,), [])
    assert shield.replace("a", NAME, always) == "same"
    assert shield.replace("b", NAME, always) == "[person_name]"
    assert restored("same [person_name]", shield.live()) == "a [person_name]"
    assert MOST > 1


@pytest.mark.parametrize(
    ("value", "said", "back"),
    [
        ("张三", lambda made: f"{made[0]}先生您好", "张先生您好"),
        ("欧阳文静", lambda made: f"{made[:2]}女士", "欧阳女士"),
        ("John Smith", lambda made: f"Dear {made.split()[0]},", "Dear John,"),
        ("John Smith", lambda made: f"Mr. {made.split()[1]}", "Mr. Smith"),
    ],
)
def test_a_part_of_a_name_comes_back_too(value: str, said: object, back: str) -> None:
    shield = Shield((KEY,), [])
    made = shield.replace(value, NAME, SURROGATE)
    assert restored(said(made), shield.live()) == back  # type: ignore[operator]


def test_two_people_do_not_share_a_surname_that_one_does_not_have() -> None:
    shield = Shield((KEY,), [])
    names = [f"{surname}小明" for surname in "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"]
    made = {name: shield.replace(name, NAME, SURROGATE) for name in names}
    assert len({one[0] for one in made.values()}) == len(names)
    for name, one in made.items():
        assert restored(f"{one[0]}老师", shield.live()) == f"{name[0]}老师"


@given(
    st.lists(
        st.sampled_from("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉").map(lambda c: f"王{c}"), unique=True, max_size=20
    )
)
def test_distinct_values_get_distinct_surrogates(names: list[str]) -> None:
    shield = Shield((KEY,), names)
    made = [shield.replace(name, NAME, SURROGATE) for name in names]
    assert len(set(made)) == len(names)
    assert restored("、".join(made), shield.live()) == "、".join(names)


def test_ten_thousand_values_of_a_long_request_are_no_burden() -> None:
    shield = Shield((KEY,), ["字" * 1_000_000])
    began = time.process_time()
    made = [shield.replace(f"138{number:08d}", PHONE, SURROGATE) for number in range(10_000)]
    assert len(set(made)) == 10_000
    assert time.process_time() - began < 20
