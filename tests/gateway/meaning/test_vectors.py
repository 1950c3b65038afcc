"""Texts that mean the same lie nearer to each other than to strangers, in both languages and mixed."""

import io

import numpy as np
import pytest

from gateway.errors import ConfigError
from gateway.meaning.pieces import plain
from gateway.meaning.vectors import EVEN, Vectors, read_vectors, shipped


def near(one: str, other: str) -> float:
    first, second = shipped().many([one, other])
    return float(first @ second)


@pytest.mark.parametrize(
    ("text", "same", "stranger"),
    [
        ("怎么申请退款", "我想把钱退回来", "酒店几点退房"),
        ("密码忘了怎么办", "怎么重置登录密码", "快递到哪里了"),
        ("how do i reset my password", "i forgot my passcode", "what time do you open"),
        ("my card was stolen", "somebody took my credit card", "how is the weather"),
        ("APP打不开", "应用程序启动不了", "发票怎么开"),
        ("身份證丟了", "身份证遗失补办", "空调不制冷"),
    ],
)
def test_the_same_meant_otherwise_is_nearer_than_a_stranger(text: str, same: str, stranger: str) -> None:
    assert near(text, same) > near(text, stranger) + 0.1


def test_a_vector_has_length_one_or_is_nothing() -> None:
    lengths = np.linalg.norm(shipped().many(["退款", "", "¥", "refund 退款"]), axis=1)
    assert lengths == pytest.approx([1, 0, 0, 1], abs=1e-5)


def test_how_much_is_known_is_told() -> None:
    assert shipped().of("退款").pieces >= 2
    assert shipped().of("ᚠ").pieces == 0


def test_order_of_words_does_not_change_the_vector_of_the_same_pieces() -> None:
    one, other = shipped().of("退"), shipped().of("退退")
    assert np.array_equal(one.vector, other.vector)


def table(**changes: object) -> bytes:
    parts: dict[str, object] = {
        "pieces": np.frombuffer(b"a\nb", np.uint8),
        "rows": np.ones((2, 4), np.int8),
        "steps": np.ones(2, np.float16),
        "rarities": np.array([1, 3], np.float16),
        **changes,
    }
    file = io.BytesIO()
    np.savez(file, **{name: part for name, part in parts.items() if part is not None})  # type: ignore[arg-type]
    return file.getvalue()


def test_a_whole_table_can_be_read() -> None:
    read = read_vectors(table())
    assert isinstance(read, Vectors)
    assert read.width == 4
    assert read.version != read_vectors(table(rows=np.zeros((2, 4), np.int8))).version


def test_a_piece_that_the_table_does_not_know_is_as_rare_as_any() -> None:
    read = read_vectors(table())
    assert sorted(read.rarity(piece) for piece in "ab") == [1, 3]
    assert read.rarity("\u9f98") == 3


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"PK",
        table()[:-40],
        table(rows=None),
        table(steps=np.ones(3)),
        table(rarities=np.ones(3)),
        table(rows=np.ones((2, 4))),
    ],
)
def test_a_broken_table_is_an_error_that_says_what_to_do(broken: bytes) -> None:
    with pytest.raises(ConfigError, match="make train-meaning"):
        read_vectors(broken)


def test_parts_that_differ_are_compared_without_what_texts_share() -> None:
    rows = np.array([[9, 0], [0, 9], [0, 8], [9, 1]], np.int8)
    read = Vectors({"甲": 0, "乙": 1, "丙": 2, "丁": 3}, rows, np.ones(4, np.float32), np.ones(4, np.float32), "1")
    assert apart(read, "甲乙", "甲丙", "甲", "子") == pytest.approx([1, EVEN, EVEN])
    assert apart(read, "甲丙", "乙丁") == pytest.approx([161 / np.sqrt(145 * 181)])
    assert apart(read, "子", "甲") == [EVEN]


def apart(read: Vectors, text: str, *others: str) -> list[float]:
    places = read.places(others)
    return read.apart(read.of(text), [places.of(at) for at in range(len(others))], read.sums(places))


def test_what_two_texts_share_says_nothing_of_how_they_differ() -> None:
    (bare,), (framed,) = (
        apart(shipped(), f"{frame}退款", f"{frame}发票") for frame in ("", "请问网上买的衣服怎么办理")
    )
    assert framed < 0.9
    assert abs(bare - framed) < 0.5


@pytest.mark.parametrize(
    ("question", "same", "other"),
    [
        ("怎么取消订单", "怎么撤销订单", "怎么查询订单"),
        ("我的手机丢了怎么办", "我的手机不见了怎么办", "我的手机坏了怎么办"),
        ("how do i buy a ticket", "how do i purchase a ticket", "how do i refund a ticket"),
        ("app 怎么下载", "app 如何安装", "app 怎么卸载"),
    ],
)
def test_parts_that_differ_are_more_alike_where_they_mean_the_same(question: str, same: str, other: str) -> None:
    near, far = apart(shipped(), plain(question), plain(same), plain(other))
    assert near > far


def test_very_many_texts_read_together_mean_what_each_means_alone() -> None:
    texts = [
        "怎么退款",
        "",
        "how do i get a refund",
        "¥",
        "app 打不开",
        "退款" * 400,
        *(f"订单{n}到哪了" for n in range(3000)),
    ]
    together = shipped().many(texts)
    assert together.shape == (len(texts), shipped().width)
    for at in (*range(6), 2500):
        assert np.allclose(together[at], shipped().of(plain(texts[at])).vector, atol=1e-5)
