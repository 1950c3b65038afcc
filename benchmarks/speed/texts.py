"""Requests and answers of a usual size; every request says something that was never said before."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

Dialect = Literal["chat", "responses", "messages"]

PATH: Final = "/v1/chat/completions"
PATHS: Final[Mapping[Dialect, str]] = {"chat": PATH, "responses": "/v1/responses", "messages": "/v1/messages"}
CLAUDE: Final = "claude"
"""Model name under which the gateway knows the upstream as one that speaks messages itself."""
PACED: Final = "paced"
"""Model name to which the upstream answers with ``DELTAS`` events, one after the other."""
DELTAS: Final = 300
NUMBER_LENGTH: Final = 6

# A remembered verdict must not flatter the numbers, so each request holds a number of its own: it lists crops, as
# people do. No detector of numbers looks at them, and none takes them for a disguise, as it would strange characters.
_DIGITS: Final = (
    *("白菜", "萝卜", "番茄", "豆角", "南瓜", "辣椒", "黄瓜", "茄子"),
    *("韭菜", "芹菜", "土豆", "冬瓜", "丝瓜", "香菜", "油菜", "洋葱"),
)
_QUESTION: Final = (
    "我们小区打算在三号楼旁边的空地上做一个共享菜园，想种{}，请你帮忙出一份简单的计划。"
    "空地大约有两百平方米，上午阳光充足，下午会被旁边的楼遮住一部分；土质偏硬，下雨之后容易积水。"
    "参加的大概有三十户人家，有退休的老人，也有带着孩子的年轻父母，大家种菜的经验差别很大。"
    "请先说说春天适合种哪些容易成活的蔬菜，再讲讲怎样改良土壤、怎样安排浇水的轮值，"
    "最后列一张前三个月的时间表，写清楚每周要做的事情和需要准备的工具。"
    "预算不多，工具最好可以共用，肥料希望用厨余堆肥来解决一部分。"
    "另外，孩子们想养几只蚯蚓观察它们怎样松土，也请给一点建议，语气轻松一些就好，不必写得像公文。"
)
_PRIVATE: Final = ("联系电话13812345678。", "邮箱garden@example.com。")
_SYSTEM: Final = "你是社区服务中心的助手，回答要简明、友好、可以照着做。"
_EARLIER_QUESTION: Final = "那{}呢？菜苗刚刚移过来，天气预报说有雨，要不要先搭个棚子，还是等出太阳之后再说？"
_EARLIER_ANSWER: Final = (
    "{}先不用急着搭棚。小雨对刚移栽的菜苗有好处，只要排水沟是通的，就不会烂根。"
    "可以在垄边铺一层稻草，既能保湿，也能减少泥水溅到叶子上；等雨停之后松一松表土，再补一次稀释的堆肥水。"
    "如果预报有大雨，再用竹片和薄膜搭一个小拱棚，两头留出通风口，雨过之后及时掀开。"
)
_ANSWER: Final = (
    "可以先种小白菜、生菜、菠菜和樱桃萝卜，它们生长快、不挑地，新手也容易成功。"
    "土壤偏硬的话，翻地二十厘米，拌入腐熟的堆肥和粗沙，再把畦面做高十五厘米左右，四周挖浅沟排水。"
    "浇水建议两户一组，每组负责一天，清晨浇透，傍晚只看不浇；雨后停一天。"
    "第一个月整地、育苗，第二个月移栽、间苗，第三个月采收第一批叶菜，同时补种豆角。"
    "工具准备四把锄头、六把小铲、两个喷壶和一辆手推车就够用，放在门房登记借还。"
    "堆肥箱放在背阴处，厨余和落叶一层隔一层，每隔三天翻一次，闻到酸味就多加些干叶子，大约六周能用。"
    "蚯蚓可以养在带孔的木箱里，铺上湿报纸和菜叶，放在阴凉处，每周让孩子们记录一次。"
)


def words(number: int) -> str:
    """Write a number as a list of ``NUMBER_LENGTH`` crops."""
    return "、".join(_DIGITS[number >> shift & 15] for shift in range(4 * NUMBER_LENGTH - 4, -4, -4))


def question(private: str = "") -> str:
    """Return a question of about 300 characters with a gap ``{}`` for its number."""
    return _QUESTION + private


def answer() -> str:
    """Return the answer that the upstream gives to everything."""
    return _ANSWER


def history(turns: int) -> list[dict[str, str]]:
    """Return the turns that came before, a question and an answer each."""
    said: list[dict[str, str]] = []
    for turn in range(turns):
        said.append({"role": "user", "content": _EARLIER_QUESTION.format(words(turn))})
        said.append({"role": "assistant", "content": _EARLIER_ANSWER.format(words(turn))})
    return said


class Requests:
    """Makes HTTP requests, each with words of its own and all of one length a kind.

    Args:
        numbers: Gives the number of each request; share it, and no two requests are equal.
        stream: Ask for a stream.
        model: Whom to ask.
        turns: How many turns the conversation has, the new one included.
        private: Let one request in eight hold a telephone number, and one an e-mail address.
        dialect: How to ask.
    """

    def __init__(
        self,
        numbers: Iterator[int],
        *,
        stream: bool = False,
        model: str = "fast",
        turns: int = 1,
        private: bool = True,
        dialect: Dialect = "chat",
    ) -> None:
        self._numbers = numbers
        kinds = [*_PRIVATE, *[""] * 6] if private else [""]
        self._kinds = itertools.cycle([_halves(stream, model, turns, kind, dialect) for kind in kinds])

    def __call__(self) -> bytes:
        """Return the next request."""
        before, after = next(self._kinds)
        return before + words(next(self._numbers)).encode() + after


def _halves(stream: bool, model: str, turns: int, private: str, dialect: Dialect) -> tuple[bytes, bytes]:
    """Return a request up to its number, and from there on."""
    said = [*history(turns - 1), {"role": "user", "content": question(private)}]
    body: dict[str, Any] = {"temperature": 0.7, "model": model}
    if stream:
        body["stream"] = True
    if dialect == "chat":
        body["messages"] = [{"role": "system", "content": _SYSTEM}, *said]
    elif dialect == "responses":
        body |= {"instructions": _SYSTEM, "store": False, "input": said}
    else:
        body |= {"system": _SYSTEM, "max_tokens": 1000, "messages": said}
    before, _, after = json.dumps(body, ensure_ascii=False).rpartition("{}")
    length = len(before.encode()) + len(words(0).encode()) + len(after.encode())
    head = (
        f"POST {PATHS[dialect]} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer benchmark\r\ncontent-length: {length}\r\n\r\n"
    )
    return (head + before).encode(), after.encode()
