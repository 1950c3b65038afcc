"""Finds addresses and organisations in Chinese text: a place, or a word that leads to one, then their parts.

Where one begins is known at its first character (a province, a city, a county, or what stands behind words such
as 住在), and a firm's behind a sign or a word that no firm has in its name; so only text behind those is held back.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, NamedTuple

import ahocorasick_rs

from gateway.detectors.names import firms
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding

PLACES: Final = "detectors/weights/places_zh.txt"
"""Inside the package."""
ADDRESS: Final = "pii.address"
ORGANISATION: Final = "pii.organization"
NAME: Final = "names"
BEHIND: Final = 32
_HAN: Final = "\u4e00-\u9fff"
_COUNT: Final = "[0-9一二三四五六七八九十百零]{1,6}"
_CODE: Final = rf"(?:[a-z]{{1,2}}[0-9]{{0,4}}(?:-[a-z0-9]{{1,5}})?|{_COUNT}(?:[a-z]|(?:-[0-9]{{1,5}}){{1,2}})?)"
_UNIT: Final = (
    "(?:号商铺|号写字楼|号铺|号院|号楼|号|弄|巷|栋|幢|座|单元|室|层|楼|组|门|房间|房|户|队|社|铺"
    "|(?<=[a-z0-9])区|(?<=[0-9])f(?![0-9a-z]))"
)
_NUMBER: Final = (
    rf"(?:地下|[甲乙丙丁附负临内东西南北])?{_CODE}{_UNIT}"
    r"(?:之[一二三四五六七八九十0-9]|-[0-9]{1,3}(?![0-9a-z-])|[a-z](?![0-9a-z座栋幢区单楼层室号铺-]))?|[东南西北中]单元"
)
# A room by its number alone: B201, 7-3-401; 1805, which could count something.
_ROOM: Final = r"[a-z][0-9]{3,4}(?![0-9a-z])|[0-9]{1,3}-[0-9]{1,3}-[0-9]{2,4}|[a-z][0-9]?-[0-9]{2,4}(?![0-9a-z])"
_PLAIN_ROOM: Final = "[0-9]{3,4}(?![0-9a-z年月日元个人米岁%.-])"
# One that only a building or a number before it makes a room: 10-1203, 18C, 3201A.
_ROOM_THERE: Final = "(?:[0-9]{1,2}-[0-9]{3,4}|[0-9]{2,4}[a-h])(?![0-9a-z年月日元个人米岁%.-])"
# The end of a small place whose number follows: 后厝58号, 清华园3号.
_HAMLET: Final = "[园头厝垟坪坑屋湾岭沟桥营场坊坂墩寨店塘圩里院前后东西]"
_STREET: Final = "大道|大街|胡同|公路|路|街|巷|弄|道(?=[0-9a-z])"
_KEPT: Final = "(?!大?[路街道])"  # 花园路 is a street
_PLACE: Final = (
    "小区|花园|花苑|公寓|大厦|广场|家园|新村|社区|宿舍|工业园|科技园|产业园|软件园|科学园|创业园|物流园|中心|大楼|别墅|山庄"
    "|苑|村|庄|屯"
)
_HALL: Final = "|".join(f"(?<={end})" for end in ("国际", "公馆", "华庭", "宿舍", "商厦", "新城", "名苑"))
# One part of an address, the nearest end first; by its kind: region, street, place, number; a crossing; and the name of
# a building that tells itself only by the number behind it (太古汇一座).
_PART: Final = re.compile(
    rf"[ ,]?(?:(?P<number>{_NUMBER}|{_ROOM}|{_PLAIN_ROOM})|(?P<room>{_ROOM_THERE})"
    rf"|(?P<cross>[与和][{_HAN}]{{1,6}}?(?:路|街|道)(?:交叉?口|交汇处?|路口|十字)(?:[东南西北]{{1,2}}角)?)"
    rf"|[{_HAN}]{{1,11}}?(?:"
    rf"(?P<region>自治区|自治州|特别行政区|开发区|新区|地区|街道|省|市|区|县|旗|盟|镇|乡|州(?=[{_HAN}]{{1,7}}[市县区]))"
    rf"|(?P<street>(?:{_STREET})(?:[东南西北中一二三四五六]段)?)"
    rf"|(?P<place>(?:{_PLACE}){_KEPT}|里(?=[0-9])))"
    rf"|(?<![ ,])(?P<hamlet>[{_HAN}]{{1,4}}?{_HAMLET})(?=[0-9]{{1,4}}号(?![楼院商写铺线机令码选馆文]))"
    rf"|(?<![ ,])(?P<named>[{_HAN}][{_HAN}0-9]{{1,9}}?)(?={_CODE}(?:号楼|号写字楼|栋|幢|座|单元|室|层|楼|区)|{_ROOM}"
    rf"|(?:{_HALL}){_PLAIN_ROOM}))"
)
# What goes on with a place or a number: 中关村大厦, 王庄村, 55号商铺.
_MORE: Final = re.compile(
    "(?:(?P<region>小区|社区|(?<!村)村|镇|乡|区)|(?P<number>(?<=[村庄屯])组(?![织长成合件员建别团装]))|大厦|广场"
    "|花园|公寓|大楼|商铺|写字楼|[主附副裙塔]楼|[东南西北][楼门座塔])"
    f"{_KEPT}"
)
_LONGEST_PART: Final = 36
_ANCHORS: Final = frozenset(("street", "place", "number"))
"""Parts behind one of which a building may be named."""
_ROOMY: Final = frozenset(("place", "number", "named", "more"))
_BUILDING: Final = re.compile(f"{_CODE}(?:号楼|栋|幢|座|单元)")
_WITH_MORE: Final = frozenset(("place", "number"))
_MOST_PARTS: Final = 14
_WIDEST: Final = 96
_STOP: Final = re.compile("[的了是有和与在到去来从把被让给我你他她这那不没很也就吗呢吧啊]")
_ORGANISATION: Final = re.compile(
    rf"[{_HAN}a-z0-9()]{{0,24}}?(?:集团(?:控股)?(?:股份)?有限(?:责任)?公司"
    r"|股份有限公司|有限责任公司|有限公司|集团公司|总公司|分公司|子公司|公司|集团|银行|大学|学院|医院|"
    r"研究院|研究所|事务所|出版社|法院|检察院|公安局|派出所|中学|小学|幼儿园|委员会|管理局|工厂|协会|基金会)(?:[\u4e00-\u9fff]{2,10}?(?:分行|支行|分公司|分院|学院|研究所|附属医院))?"
)
_LONGEST_ORGANISATION: Final = 52
_GOES_ON: Final = re.compile(rf"[{_HAN}a-z0-9()]{{0,{_LONGEST_ORGANISATION}}}\Z")
# Words that lead to an address,
_TO_ADDRESS: Final = (
    *(
        "住在",
        "家住",
        "住址",
        "地址",
        "现居",
        "住所",
        "户籍地",
        "户籍所在地",
        "户籍",
        "籍贯",
        "位于",
        "坐落于",
        "送到",
        "寄到",
        "寄往",
    ),
    *(
        "家庭住址",
        "家庭地址",
        "联系地址",
        "通讯地址",
        "收货地址",
        "公司地址",
        "注册地址",
        "办公地址",
        "详细地址",
        "居住地",
        "搬到",
        "租住",
        "我住",
        "家在",
        "放到",
        "送至",
        "寄至",
    ),
)
# and to an organisation.
_TO_ORGANISATION: Final = (
    *(
        "就职于",
        "任职于",
        "供职于",
        "毕业于",
        "就读于",
        "工作于",
        "加入",
        "入职",
        "工作单位",
        "单位",
        "现任",
        "曾任",
        "历任",
        "公司名称",
    ),
    *("毕业院校", "所在单位", "受雇于", "名称", "甲方", "乙方", "买方", "卖方", "开户行"),
)
_LEADING: Final = re.compile(r"[:= \t]{0,3}(?:在|为|是|至)?")


class _Found(NamedTuple):
    end: int
    risk: str
    score: float


class ChinesePlaces:
    """A detector of addresses and organisations.

    Args:
        places: Names of provinces, cities and counties.
        risks: What to report.
    """

    __slots__ = ("_automaton", "_count", "_firm", "_firsts", "_known", "_longest", "_risks", "_sorted", "_words")

    def __init__(self, places: Iterable[str], risks: frozenset[str]) -> None:
        names = list(dict.fromkeys(places))
        self._count, self._known = len(names), frozenset(names)
        self._words = (*names, *_TO_ADDRESS, *_TO_ORGANISATION, *firms.ENDS)
        self._automaton = ahocorasick_rs.AhoCorasick(self._words, store_patterns=False)
        self._firm = len(self._words) - len(firms.ENDS)
        self._longest = max(map(len, names))
        self._firsts = frozenset(word[0] for word in names)
        self._sorted = sorted(names)
        self._risks = risks

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.simplified
        before = view.simplified_behind
        text, shift = before + folded.text, len(before)
        at, size = folded.start + shift, len(text)
        still_open = size if view.final else self._begun(text, at)
        findings: list[Finding] = []
        for start, end, led in self._starts(text, at):
            if start < at or start >= still_open:
                continue
            found, reach = self._read(text, start, end, led)
            if not view.final and reach >= size:
                still_open = start
                break
            if found is not None:
                findings.append(Finding(*folded.span(start - shift, found.end - shift), found.risk, found.score, NAME))
                at = found.end
        return Scan(tuple(findings), folded.offset(still_open - shift))

    def _starts(self, text: str, at: int) -> list[tuple[int, int, str]]:
        """Return where something may begin, where the place ends that it begins with, and what led there."""
        starts: dict[int, tuple[int, str]] = {}
        led: dict[int, str] = {}
        ends: list[int] = []
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if number < self._count:
                if start >= at and end > starts.get(start, (0, ""))[0]:
                    starts[start] = end, ""
                continue
            if number >= self._firm:
                ends.append(start)
                continue
            leading = _LEADING.match(text, end)
            begin = leading.end() if leading else end
            if begin >= at:
                led[begin] = ADDRESS if number < self._count + len(_TO_ADDRESS) else ORGANISATION
        for end in ends if ORGANISATION in self._risks else ():
            begin = firms.begin(text, end)
            # 公司在北京: what begins at a place is known to; 华为(北京) does not begin there.
            if begin >= at and not any(begin < place < end and text[place - 1] != "(" for place in starts):
                led.setdefault(begin, ORGANISATION)
        for begin, risk in led.items():
            starts[begin] = starts.get(begin, (begin, ""))[0], risk
        return sorted((start, end, risk) for start, (end, risk) in starts.items())

    def _read(self, text: str, start: int, end: int, led: str) -> tuple[_Found | None, int]:
        """Return what begins at ``start``, and how far the text was looked at."""
        kinds: list[str] = ["region"] if end > start else []
        at = end
        for _ in range(_MOST_PARTS):
            more = _MORE.match(text, at) if kinds and kinds[-1] in _WITH_MORE else None
            if more is not None:
                kinds.append(more.lastgroup or "more")
                at = more.end()
                continue
            part = _PART.match(text, at)
            if part is None or part.end() - start > _WIDEST:
                break
            kind = self._kind(text, part, kinds, led)
            if not kind:
                break
            if kind != "cross" and self._stops(part.group()):
                break
            kinds.append(kind)
            at = part.end()
        reach = at + _LONGEST_PART
        best: _Found | None = None
        score = _score(kinds, led == ADDRESS)
        if score and ADDRESS in self._risks:
            best = _Found(at, ADDRESS, score)
        if ORGANISATION in self._risks:
            organisation = _ORGANISATION.match(text, start)
            if (
                organisation is not None
                and not _STOP.search(organisation.group().replace("有限", ""))
                and organisation.end() - start > 3
                and (best is None or organisation.end() > best.end)
            ):
                sure = 0.7 if end > start or led == ORGANISATION else 0.6
                best = _Found(organisation.end(), ORGANISATION, sure)
            reach = max(reach, start + _LONGEST_ORGANISATION if _GOES_ON.match(text, start) else 0)
        return best, reach

    def _kind(self, text: str, part: re.Match[str], kinds: list[str], led: str) -> str:
        """Return of what kind the next part is; nothing if none of such a kind goes on with what there is."""
        kind, last = part.lastgroup or "", kinds[-1] if kinds else ""
        if kind == "room":
            return "number" if last in _ROOMY else ""
        if kind == "hamlet":
            return "place" if last in ("region", "place") else ""
        if kind == "cross":
            return kind if "street" in kinds else ""
        if kind == "named" and _ANCHORS.isdisjoint(kinds):
            return "place" if led == ADDRESS and not kinds and _BUILDING.match(text, part.end()) else ""
        return kind

    def _stops(self, part: str) -> bool:
        """Whether a part holds a word that no address has; 新和县 is known, and 和 is part of many names."""
        plain = part.lstrip(" ,").replace("和平", "")
        return (
            _STOP.search(plain[:1] + plain[1:].replace("和", "")) is not None and part.lstrip(" ,") not in self._known
        )

    def _begun(self, text: str, at: int) -> int:
        """Return where the name of a place may have begun that the end of ``text`` cuts off."""
        size = len(text)
        firm = firms.begun(text, at) if ORGANISATION in self._risks else size
        for start in range(max(at, size - self._longest + 1), size):
            if text[start] in self._firsts and self._begins(text[start:]):
                return min(start, firm)
        return firm

    def _begins(self, text: str) -> bool:
        """Whether the name of a place begins with ``text``."""
        place = bisect_left(self._sorted, text)
        return place < len(self._sorted) and self._sorted[place].startswith(text)


def _score(kinds: list[str], led: bool) -> float:
    """Say how sure it is that parts of these kinds are an address; 0 for a mere place."""
    exact = "number" in kinds
    street = "street" in kinds or "place" in kinds
    if exact and street:
        return 0.9 if led or "region" in kinds else 0.7
    if exact and kinds.count("region") > 1:
        return 0.7
    if street and "region" in kinds:
        return 0.8 if led else 0.6 if kinds.count("region") > 1 else 0.0
    return 0.6 if led and kinds.count("region") > 1 else 0.0
