"""Makes answers from passages, some true to them in other words, some with one planted error of a known kind.

The same passages and seed give the same answers. What is true is reworded too, so that nobody who learns
from these answers can take every new word for an error.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["number", "denial", "opposite", "exchange", "entity", "predicate", "addition", "unrelated", ""]
"""What was planted; empty for a true answer."""


@dataclass(frozen=True, slots=True)
class Planted:
    """An answer to a passage."""

    answer: str
    kind: Kind

    @property
    def true(self) -> bool:
        """Whether the passage supports all of it."""
        return not self.kind


_ENDS: Final = re.compile(r"(?<=[。！？!?；;])|(?<=[a-z)\]\"”]\.)\s+(?=[A-Z\"“])|\n+")
_HAN_RUN: Final = re.compile(r"[\u3400-\u9fff]{2,6}")
_GRAMMAR: Final = re.compile(
    "[的了着过吗呢吧啊在于对就都也还又才把被将向从由让给和与及或但而且并是为有其之以等这那此该个不没无未会能可要应须需如若因所则很更最较已曾正再]"
)
_NAME: Final = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}\b")
_NOUN: Final = re.compile(r"\b[a-z]{5,}\b")
_DIGITS: Final = re.compile(r"(?<![\d.,-])\d{1,3}(?:,\d{3})+(?![\d.])|(?<![\d.,])\d+(?:\.\d+)?(?![\d,])")
_NUMERALS: Final = "零一二三四五六七八九十"


def _pairs(written: str) -> tuple[tuple[str, str], ...]:
    listed = (pair.split(",") for pair in written.split(";"))
    return tuple((one.strip(), other.strip()) for one, other in listed)


_REWORD_ZH: Final = _pairs(
    """
    因为, 由于; 但是, 不过; 可以, 能够; 如果, 若; 需要, 须; 使用, 采用; 患者, 病人; 导致,
    造成; 引起, 导致; 非常, 十分; 以及, 和; 并且, 而且; 通常, 一般; 建议, 最好; 应该, 应当;
    注意, 留意; 同时, 与此同时; 主要, 大多; 出现, 发生; 进行, 做; 位于, 坐落于; 担任, 出任;
    获得, 取得; 作品, 著作; 成立, 创立; 帮助, 协助; 减少, 减低; 避免, 防止; 医生, 大夫;
    检查, 检测; 症状, 表现; 饮食, 吃喝; 及时, 尽快; 按照, 依照; 其中, 当中; 著名, 知名;
    拥有, 具有; 首先, 先; 然后, 接着; 一些, 若干; 常见, 多见; 提供, 给出; 开始, 起; 和,
    与; 也, 亦; 是, 为; 很多, 许多; 目前, 现在; 方法, 办法; 情况, 状况
    """
)
_REWORD_EN: Final = _pairs(
    """
    because, since; many, numerous; also, additionally; use, employ; used, employed; big, large; shows,
    demonstrates; help, assist; started, began; bought, purchased; however, still; about, roughly; near, close
    to; important, significant; made, produced; often, frequently; several, a number of; people, individuals;
    get, obtain; such as, including; while, whereas; although, though; says, states; said, stated; found,
    discovered; known as, called; located, situated; died, passed away; movie, film; famous, well-known; main,
    chief; part, portion; has, possesses; year, twelve-month period; usually, typically; created, developed;
    need, require; year's, annual; home, house; city, town
    """
)
_OPPOSITES: Final = _pairs(
    """
    增加, 减少; 升高, 降低; 上升, 下降; 提高, 降低; 之前, 之后; 最大, 最小; 最高, 最低;
    容易, 难以; 多, 少; 大, 小; 高, 低; 长, 短; 早, 晚; 父亲, 母亲; 男, 女; 支持,
    反对; 开始, 结束; 北, 南; 东, 西; 冬, 夏; 可以, 不可; 全部, 部分; 主要, 次要; 急性,
    慢性; 成功, 失败; 出生, 去世; 城市, 乡村; increase, decrease; more,
    less; first, last; before, after; largest, smallest; high,
    low; all, some; most, few; always, never; early, late;
    north, south; east, west; mother, father; male, female;
    won, lost; best, worst; old, new; began, ended; born,
    killed; long, short; public, private; same, different;
    common, rare; summer, winter; rich, poor; inside, outside;
    young, old; up, down
    """
)
_DENIALS: Final = (
    ("不能", "能"),
    ("不会", "会"),
    ("没有", "有"),
    ("不是", "是"),
    ("不可", "可"),
    ("未", "已"),
    ("不", ""),
)
_OPENINGS: Final = {
    "zh": ("根据资料，", "据介绍，", "资料显示，", "是的，", "总的来说，", "简单来说，", "此外，", "具体而言，"),
    "en": (
        "According to the passage, ",
        "The text says that ",
        "Yes, ",
        "In short, ",
        "As described, ",
        "In addition, ",
    ),
}


def is_chinese(text: str) -> bool:
    """Whether more than a fifth of a text are Chinese characters."""
    return sum("\u3400" <= character <= "\u9fff" for character in text) * 5 > len(text)


def parts(text: str) -> list[str]:
    """Return the sentences of a passage that can stand alone as an answer."""
    found = [piece.strip() for piece in _ENDS.split(text) if piece]
    return [piece for piece in found if (12 if is_chinese(piece) else 30) <= len(piece) <= 260]


def answers(passages: Sequence[str], seed: int, each: int = 2) -> Iterator[tuple[str, Planted]]:
    """Yield for each passage ``each`` true answers and as many with an error, as far as one can be planted."""
    rng = random.Random(seed)
    for place, passage in enumerate(passages):
        own = parts(passage)
        if len(own) < 2:
            continue
        other = parts(passages[rng.randrange(len(passages))])
        if not other or other == own:
            other = parts(passages[place - 1]) or own
        for _ in range(each):
            yield passage, Planted(_reworded(_chosen(own, rng), rng), "")
            broken = _broken(own, other, rng)
            if broken is not None:
                yield passage, broken


def _chosen(own: Sequence[str], rng: random.Random) -> list[str]:
    count = min(len(own), rng.choice((1, 1, 1, 2, 2, 3)))
    return [own[place] for place in sorted(rng.sample(range(len(own)), count))]


def _reworded(chosen: Sequence[str], rng: random.Random, keep: str = "") -> str:
    """Return sentences in other words that mean the same; ``keep`` stays as it is."""
    chinese = is_chinese("".join(chosen))
    strength = rng.choice((0.0, 0.3, 0.6, 1.0))
    made = []
    for sentence in chosen:
        text = sentence if keep and keep in sentence else _shortened(sentence, rng, strength)
        if not keep and rng.random() < strength:
            text = _fronted(text)
        for one, instead in rng.sample(_REWORD_ZH if chinese else _REWORD_EN, 30):
            for old, new in ((one, instead), (instead, one)):
                if old in keep or rng.random() > strength:
                    continue
                pattern = re.escape(old) if chinese else rf"\b{re.escape(old)}\b"
                text, count = re.subn(pattern, new, text, count=1)
                if count:
                    break
        if rng.random() < strength:
            text = _rewritten_number(text, rng, keep)
        made.append(text)
    text = ("" if chinese else " ").join(made)
    if rng.random() < 0.5 * strength:
        opening = rng.choice(_OPENINGS["zh" if chinese else "en"])
        text = opening + (text if chinese else text[:1].lower() + text[1:])
    return text


def _fronted(sentence: str) -> str:
    """Say when it was at the other end of the sentence."""
    if is_chinese(sentence):
        match = re.search(
            r"(?<=[，\u3400-\u9fff])于?(\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?)(?=[\u3400-\u9fff])", sentence
        )
        return match[1] + "，" + sentence[: match.start()] + sentence[match.end() :] if match else sentence
    match = re.search(r"(,?) (in|on|during|since|by|at) ((?:[A-Z][a-z]+ )?(?:\d{1,2}, )?\d{4})(?=[,.]|$)", sentence)
    if not match or match.start() < 8:
        match = re.match(r"(In|On|During|Since|By) ((?:[A-Z][a-z]+ )?(?:\d{1,2}, )?\d{4}), ", sentence)
        if not match:
            return sentence
        return f"{sentence[match.end() :].rstrip('.')} {match[1].lower()} {match[2]}."
    rest = (sentence[: match.start()] + sentence[match.end() :]).strip()
    return f"{match[2].capitalize()} {match[3]}, {rest}"


def _shortened(sentence: str, rng: random.Random, strength: float) -> str:
    """Leave a clause out, or change the order of two."""
    pieces = re.split(r"(?<=，)" if is_chinese(sentence) else r"(?<=,)\s", sentence.rstrip("。.;；"))
    if len(pieces) > 2 and rng.random() < strength * 0.6:
        del pieces[rng.randrange(1, len(pieces))]
    elif len(pieces) > 3 and rng.random() < strength * 0.4:
        place = rng.randrange(1, len(pieces) - 1)
        pieces[place], pieces[place + 1] = pieces[place + 1].rstrip("，,") + "，", pieces[place]
    end = "。" if is_chinese(sentence) else "."
    return ("" if is_chinese(sentence) else " ").join(pieces).rstrip("，, ") + end


def _rewritten_number(text: str, rng: random.Random, keep: str) -> str:
    """Write one number in another way."""
    if is_chinese(text):
        found = re.finditer(r"(?<![\d.一-龥])([1-9])(?=[天年个次种人月位名岁])", text)
        spots = [match for match in found if match[0] not in keep]
        if not spots:
            return text
        spot = rng.choice(spots)
        return text[: spot.start()] + ("两" if spot[1] == "2" else _NUMERALS[int(spot[1])]) + text[spot.end() :]
    match = re.search(r"(?<![\d,.])(\d{1,3}),(\d{3})(?![\d,])", text)
    return text[: match.start()] + match[1] + match[2] + text[match.end() :] if match else text


def _broken(own: Sequence[str], other: Sequence[str], rng: random.Random) -> Planted | None:
    kinds = [
        "number",
        "number",
        "denial",
        "opposite",
        "exchange",
        "entity",
        "entity",
        "predicate",
        "addition",
        "addition",
    ]
    rng.shuffle(kinds)
    if rng.random() < 0.05:
        return Planted(_reworded(_chosen(other, rng), rng), "unrelated")
    for kind in kinds:
        chosen = _chosen(own, rng)
        place = rng.randrange(len(chosen))
        made = _PLANTS[kind](chosen[place], own, other, rng)
        if made is None or made[0] == chosen[place] or made[0] in " ".join(own):
            continue
        chosen[place] = made[0]
        return Planted(_reworded(chosen, rng, keep=made[0]), kind)  # type: ignore[arg-type]
    return None


def _number(sentence: str, own: Sequence[str], other: Sequence[str], rng: random.Random) -> tuple[str] | None:
    found = list(_DIGITS.finditer(sentence))
    if not found:
        numerals = list(re.finditer(r"[二三四五六七八九](?=[天年个次种人月位名岁])", sentence))
        if not numerals:
            return None
        match = rng.choice(numerals)
        instead = rng.choice([n for n in "三四五六七八九" if n != match[0]])
        return (sentence[: match.start()] + instead + sentence[match.end() :],)
    match = rng.choice(found)
    unit = sentence[match.end() : match.end() + 1]
    alike = [m[0] for text in own for m in _DIGITS.finditer(text) if text[m.end() : m.end() + 1] == unit != ""]
    alike = [value for value in alike if value != match[0]]
    if alike and rng.random() < 0.6:
        return (sentence[: match.start()] + rng.choice(alike) + sentence[match.end() :],)
    rivals = [m[0] for text in own for m in _DIGITS.finditer(text) if m[0] != match[0] and len(m[0]) == len(match[0])]
    if rivals and rng.random() < 0.4:
        instead = rng.choice(rivals)
    else:
        digits = list(match[0])
        place = rng.choice([i for i, c in enumerate(digits) if c.isdigit()])
        digits[place] = rng.choice([c for c in "123456789" if c != digits[place]])
        instead = "".join(digits)
    return (sentence[: match.start()] + instead + sentence[match.end() :],)


def _denial(sentence: str, own: Sequence[str], other: Sequence[str], rng: random.Random) -> tuple[str] | None:
    if is_chinese(sentence):
        for old, new in _DENIALS:
            if old in sentence and rng.random() < 0.5:
                return (sentence.replace(old, new, 1),)
        pattern = r"(?<![不没但还只要就凡总正可])(是|能|会|可以|需要|应该|要|属于|具有|有)(?![关名些效人时])"
        spots = list(re.finditer(pattern, sentence))
        if not spots:
            return None
        match = rng.choice(spots)
        word = "没" if match[0] in ("有", "具有") else rng.choice(("不", "并不", "不"))
        word = "没有" if match[0] == "具有" else word
        tail = sentence[match.end() :] if match[0] == "具有" else sentence[match.start() :]
        return (sentence[: match.start()] + word + tail,)
    if re.search(r" not |n't ", sentence) and rng.random() < 0.7:
        return (re.sub(r" not |n't ", " ", sentence, count=1),)
    spots = list(re.finditer(r"\b(is|are|was|were|can|will|has|have|had|could|would|should)\b", sentence))
    if not spots:
        return None
    match = rng.choice(spots)
    return (sentence[: match.end()] + rng.choice((" not", " never", " not")) + sentence[match.end() :],)


def _opposite(sentence: str, own: Sequence[str], other: Sequence[str], rng: random.Random) -> tuple[str] | None:
    pairs = [*_OPPOSITES, *((other, one) for one, other in _OPPOSITES)]
    rng.shuffle(pairs)
    for one, instead in pairs:
        pattern = rf"\b{one}\b" if one.isascii() else one
        if re.search(pattern, sentence):
            return (re.sub(pattern, instead, sentence, count=1),)
    return None


def _chunks(sentence: str) -> list[str]:
    """Return what can be exchanged: names and nouns."""
    if is_chinese(sentence):
        runs = (run for piece in _GRAMMAR.split(sentence) for run in _HAN_RUN.findall(piece))
        return [run for run in runs if len(run) <= 5] + re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]+)*", sentence)
    return _NAME.findall(sentence) or _NOUN.findall(sentence)


def _exchange(sentence: str, own: Sequence[str], other: Sequence[str], rng: random.Random) -> tuple[str] | None:
    chunks = [c for c in dict.fromkeys(_chunks(sentence)) if sentence.count(c) == 1]
    if len(chunks) < 2:
        return None
    one, two = rng.sample(chunks, 2)
    if one in two or two in one:
        return None
    return (sentence.replace(one, "\x00").replace(two, one).replace("\x00", two),)


def _entity(sentence: str, own: Sequence[str], other: Sequence[str], rng: random.Random) -> tuple[str] | None:
    chunks = _chunks(sentence)
    pool = [c for text in (own if rng.random() < 0.5 else other) for c in _chunks(text) if c not in sentence]
    if not chunks or not pool:
        return None
    old = rng.choice(chunks)
    pool.sort(key=lambda c: abs(len(c) - len(old)))
    return (sentence.replace(old, rng.choice(pool[:4]), 1),)


def _predicate(sentence: str, own: Sequence[str], other: Sequence[str], rng: random.Random) -> tuple[str] | None:
    comma = "，" if is_chinese(sentence) else ", "
    mine, theirs = sentence.split(comma), rng.choice(other).split(comma)
    if len(mine) < 2 or len(theirs) < 2:
        return None
    mine[-1] = theirs[-1]
    return (comma.join(mine),)


def _addition(sentence: str, own: Sequence[str], other: Sequence[str], rng: random.Random) -> tuple[str] | None:
    extra = rng.choice(other)
    if is_chinese(sentence):
        return (sentence.rstrip("。；") + "，" + rng.choice(extra.split("，")).rstrip("。；") + "。",)
    piece = rng.choice(extra.split(", ")).rstrip(".")
    return (
        sentence.rstrip(".") + rng.choice((" and ", ", where ", ", because ")) + piece[:1].lower() + piece[1:] + ".",
    )


_PLANTS: Final[dict[str, Callable[[str, Sequence[str], Sequence[str], random.Random], tuple[str] | None]]] = {
    "number": _number, "denial": _denial, "opposite": _opposite, "exchange": _exchange, "entity": _entity,
    "predicate": _predicate, "addition": _addition,
}  # fmt: skip
