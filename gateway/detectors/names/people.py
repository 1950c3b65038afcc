"""Finds names of people in Chinese text: by how they are built and what stands around, or by a label before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from gateway.detectors.names.chinese import AFTER, COMPOUND, LONGEST, ChineseNames
from gateway.ports import Scan
from gateway.text import TextView, fold
from gateway.verdict import Finding

RISK: Final = "pii.name"
NAME: Final = "names"
_LEAST: Final = 0.3
_REACH: Final = LONGEST + 1 + AFTER
# Characters that write foreign names by their sound, Uyghur, Kazakh and Tibetan ones too.
_SOUNDS: Final = (
    "阿埃艾爱安昂奥巴卜白班邦贝本比彼毕别宾波伯勃博布步查柴昌楚茨达大戴丹当道德登邓迪蒂丁杜顿多俄厄恩尔法范方菲费芬冯弗夫"
    "福甫盖甘冈高戈哥格葛贡古圭哈海汉豪赫黑亨洪侯胡华怀惠霍基吉季加贾简江杰捷金京居喀卡凯坎康考柯科可克肯孔库夸昆拉莱来兰"
    "朗劳勒雷蕾楞黎里理力立利莉丽连莲列烈林琳留隆卢鲁露路伦罗洛吕妈马玛迈麦曼芒毛梅门蒙米密敏明缪摩莫默姆木穆拿哪那娜纳乃"
    "奈南内嫩能妮尼年涅宁纽农努女诺欧帕派潘庞培佩彭皮匹平泼珀普奇齐契恰强乔切钦琴青琼丘让热仁日荣柔茹儒瑞若撒萨塞赛三桑森"
    "瑟沙莎山珊善尚绍舍申生圣胜诗施什石史士舒斯丝司松苏孙索所塔泰坦汤唐陶特腾提田图吐托脱娃瓦外万王旺威韦维伟魏温文翁沃乌"
    "吾武伍西希席锡霞夏显香萧肖谢辛欣兴匈修休雪逊雅亚延扬耶叶伊依易因英永尤优于约孜泽曾扎詹张兆哲珍芝治朱孜佐卓兹祖佐拖买"
    "提合孜则罕汗江吾拜热依丽孜古再吐拉毛措旺姆次卓嘎央拉巴扎"
)
_FOREIGN: Final = re.compile(f"[{_SOUNDS}]{{1,8}}(?:[·•‧][{_SOUNDS}]{{1,10}}){{1,4}}")
_FOREIGN_BEGUN: Final = re.compile(f"[{_SOUNDS}]{{1,8}}(?:[·•‧][{_SOUNDS}]{{0,10}}){{0,5}}\\Z")
_DOT: Final = re.compile("[·•‧]")
_MOST_FOREIGN: Final = 64
_LABELS: Final = (
    *(
        "姓名",
        "名字",
        "联系人",
        "收件人",
        "收货人",
        "寄件人",
        "户名",
        "患者姓名",
        "客户姓名",
        "真实姓名",
        "签名",
        "曾用名",
        "申请人",
    ),
    *(
        "法定代表人",
        "法人代表",
        "负责人",
        "经办人",
        "监护人",
        "紧急联系人",
        "持卡人",
        "乘客",
        "报告人",
        "审批人",
        "投保人",
        "被保险人",
    ),
)
_ANNOUNCING: Final = "|".join(sorted(_LABELS, key=len, reverse=True))
_LABELLED: Final = re.compile(rf"(?:{_ANNOUNCING})[:= \t]{{1,3}}([\u4e00-\u9fff·]{{2,12}})(?=[^\u4e00-\u9fff·]|\Z)")
_ANY_LABEL: Final = re.compile(f"(?:{'|'.join(_LABELS)})[:= \t]{{1,3}}\\Z")
_NOT_SAID: Final = frozenset(
    ["不详", "未知", "保密", "匿名", "暂无", "没有", "待定", "同上", "必填", "选填", "先生", "女士", "是什么", "什么"]
)


_COMPOUND_FIRST: Final = frozenset(name[0] for name in COMPOUND)


# Nobody's names, which stand for somebody's in examples and forms.
_SAMPLES: Final = re.compile("张三|李四|王五|赵六")


class _Found(NamedTuple):
    start: int
    end: int
    score: float


class ChinesePeople:
    """A detector of names of people in Chinese text.

    Args:
        names: What is known of names.
    """

    __slots__ = ("_heads", "_names")

    def __init__(self, names: ChineseNames) -> None:
        self._names, self._heads = names, names.heads()

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.folded
        before = _behind(view)
        shift = len(before)
        text, at = before + folded.text, folded.start + shift
        still_open = len(text) if view.final else self._open(text, at)
        findings: list[Finding] = []
        for found in self._all(text, at, still_open):
            findings.append(Finding(*folded.span(found.start - shift, found.end - shift), RISK, found.score, NAME))
            still_open = max(still_open, found.end)
        return Scan(tuple(findings), folded.offset(still_open - shift))

    def _all(self, text: str, at: int, still_open: int) -> list[_Found]:
        """Return names from left to right; none begins inside of another."""
        heads = {head.start() for head in self._heads.finditer(text, at)}
        samples = {m.start(): m.end() for m in _SAMPLES.finditer(text, at)}
        labelled = {m.start(1): m.end(1) for m in _LABELLED.finditer(text, max(0, at - 24)) if m.start(1) >= at}
        found: list[_Found] = []
        dotted = _DOT.search(text, at) is not None
        foreign = _FOREIGN.search(text, at) if dotted else None
        for start in [*sorted({*heads, *labelled, *samples}), len(text)]:
            # Foreign names before this place; searched anew behind whatever was found.
            while foreign is not None and foreign.start() < start:
                if foreign.start() >= still_open:
                    return found
                if foreign.start() >= at:
                    found.append(_Found(foreign.start(), foreign.end(), 0.8))
                    at = foreign.end()
                foreign = _FOREIGN.search(text, at)
            if start < at or start >= still_open:
                continue
            best = self._at(text, start, heads, {**samples, **labelled}, foreign)
            if best is not None:
                found.append(best)
                at = best.end
                if foreign is not None and foreign.start() < at:
                    foreign = _FOREIGN.search(text, at)
        return found

    def _at(
        self,
        text: str,
        start: int,
        heads: set[int],
        ends: Mapping[int, int],
        foreign: re.Match[str] | None,
    ) -> _Found | None:
        """Return the name that begins at a place, by what tells it best."""
        end = ends.get(start, start)
        if end > start and text[start:end] not in _NOT_SAID and (end - start <= 4 or "·" in text[start:end]):
            return _Found(start, end, 0.8 if _SAMPLES.fullmatch(text, start, end) else 0.9)
        if foreign is not None and foreign.start() == start:
            return _Found(start, foreign.end(), 0.8)
        best = self._best(text, start) if start in heads else None
        if best is not None and best.end > start + 1:
            # 和张三: what begins one character later may be the better name.
            later = self._best(text, start + 1)
            if later is not None and later.score > best.score:
                return None
        return best

    def _best(self, text: str, start: int) -> _Found | None:
        best: _Found | None = None
        for candidate in self._names.candidates(text, start):
            score = self._names.score(text, candidate)
            if score >= _LEAST and (best is None or score > best.score):
                best = _Found(start, candidate.end, round(score, 2))
        return best

    def _open(self, text: str, at: int) -> int:
        """Return where a name may begin of which, or of what stands behind it, the end of ``text`` cuts off a part."""
        size = len(text)
        low = max(at, size - _MOST_FOREIGN)
        for start in range(low, size):
            if text[start] < "\u4e00" or text[start] > "\u9fff":
                continue
            if start >= size - _REACH and self._may_begin(text, start):
                return start
            if text[start] in _SOUNDS and _FOREIGN_BEGUN.match(text, start):
                return start
            if start >= size - 13 and _ANY_LABEL.search(text, max(0, start - 12), start) and _all_han(text, start):
                return start
        return size

    def _may_begin(self, text: str, start: int) -> bool:
        if start + 1 == len(text):
            return text[start] in self._names.surnames or text[start] in _COMPOUND_FIRST
        if start + 2 == len(text) and text[start] in _COMPOUND_FIRST:
            return True
        return self._heads.match(text, start) is not None or _SAMPLES.match(text, start) is not None


def _all_han(text: str, start: int) -> bool:
    return all("\u4e00" <= character <= "\u9fff" or character == "·" for character in text[start:])


def _behind(view: TextView) -> str:
    if not view.before:
        return ""
    return TextView(view.before, escaped=True).folded.text if view.escaped else fold(view.before)
