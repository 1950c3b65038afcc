"""What the words around a value say about it: what announces it, what names something else, what only counts.

A label announces what stands right behind it (手机：…), or, less surely, what comes some words later. It looks
at 32 folded characters before a value and, for the row of a table that a label heads, at 30 before that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import ahocorasick_rs

from gateway.detectors.personal.kind import Kind, Said

_WINDOW: Final = 32
_ROW: Final = 30
_LATIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz")

# Numbers that are nobody's: a value directly behind such a word is what the word says.
_OTHER: Final = (
    *("订单号", "订单编号", "订单", "单号", "运单号", "运单", "快递单号", "快递", "流水号", "交易号", "批号", "批次号"),
    *("条码", "条形码", "货号", "商品编号", "产品编号", "合同号", "合同编号", "发票号", "发票号码", "案号", "文号"),
    *("版本", "版本号", "序列号", "型号", "编码", "金额", "价格", "总计", "共计", "股票代码", "工单", "工单号", "单据"),
    *("订单id", "商品id", "用户id", "会员id", "单id", "受理号", "受理编号", "立案号", "立案编号", "许可证", "许可证号"),
    *("许可证编号", "备案号", "备案编号", "登记编号", "案件编号", "案件号", "决定书", "决定书号", "文书号", "通知书"),
    *(
        "物料",
        "物料号",
        "凭证",
        "凭证号",
        "资产编号",
        "设备编号",
        "项目编号",
        "采购单",
        "采购单号",
        "采购申请",
        "追溯码",
    ),
    *("order number", "order no", "order id", "order", "tracking number", "tracking", "invoice", "invoice number"),
    *("serial number", "serial", "version", "sku", "isbn", "batch", "ticket", "case number", "reference", "ref"),
    *("transaction id", "build", "part number", "model", "user id", "session id", "request id", "trace id"),
    *("message id", "product id", "item id", "task id", "job id", "ticket id", "case id", "uid", "uuid"),
)
_DIRECT: Final = re.compile(r"[\s:=#.,(\[\"'*`|是为号码no-]{0,8}")
_STOP: Final = re.compile(r"[。;!?]")

# What may stand between a label and the value that it announces: 电话（家里）：…, phone number is …, <td>…
_BETWEEN: Final = re.compile(
    r"(?:[\s:=#.,、()\[\]{}<>/\\\"'“”‘’「」『』【】《》*`|~&+_→—–·-]"
    r"|[我你您他她咱的是为叫号码就也都同请加拨打发给联系一下可以改换成到新旧本人家里公司办室单位工作常用备如好像应该在吧呢啊哦"
    r"哈和或及与并现记填写输入这那]"
    r"|(?<![a-z])(?:me|us|him|her|them|at|on|in|is|was|be|are|my|the|to|our|your|his|their|a|an|new|for|of|or|and|via|by|with"
    r"|number|numbers|num|no|nr|home|work|office|mobile|cell|phone|tel|direct|line|support|please|now|anytime|here"
    r"|value|text|id|as|it|this|still|t[dhr]|span|b|i|p|div|strong|code)(?![a-z])){0,32}"
)
_TIED: Final = re.compile(r"[:=是为]")
# The last words tie a value to the label too (电话（工作日）：, 工号，它是), if they tell no quantity and no time.
_TOLD: Final = re.compile(r"[^量数额期时率价款费度户0-9a-z]{1,16}(?:[:=为]|(?<!不)是)[\s\"'(\[]{0,3}")
# Of several numbers each stands where the first does: 电话67080561、67080562.
_LISTED: Final = re.compile(r"[0-9]{5,19}[ ,、/或和及]{1,3}\Z")
_MOST_LISTED: Final = 4
_NAMING: Final = ("号", "码", "id", "number", "no")
_CELLS: Final = "\t|,"
_LEAST_CELLS: Final = 3
_HAN_ONLY: Final = re.compile("[\u4e00-\u9fff]{2,30}")

# What makes a number a sum or a measure whatever stands before it, and what does where nothing ties it to a label.
_SUMS: Final = (
    *("美元", "港元", "日元", "韩元", "欧元", "港币", "英镑", "人民币", "块钱", "股", "字节", "吨", "次", "倍"),
    *("%", "×", "÷", "万元", "亿元", "千瓦时", "立方米", "平方米", "公里", "人次"),
    *("byte", "bytes", "dollar", "dollars", "usd", "rmb", "cny", "yuan", "euro", "euros", "mod", "shares"),
)
_COUNTS: Final = (
    *"人台个张条件部本份名位款家户亿万千百篇只辆套字行页秒天年月",
    *("毫秒", "分钟", "小时", "粉丝", "用户", "左右", "以上", "以下"),
    *("row", "rows", "times", "iterations", "units", "records", "users", "files", "lines", "items", "people"),
    *("points", "tokens", "views", "visits", "copies", "pages", "requests", "calls", "messages", "customers"),
    *("members", "seconds", "minutes", "hours", "days", "years", "percent", "km", "kg", "mb", "gb", "ms"),
)
_HAN: Final = "\u4e00-\u9fff"


def _any_of(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


# A unit ends its word: 股 but not 股东, 次 but not 次日.
_ENDED: Final = rf"(?![a-z{_HAN}])|(?=[的左以多增同])"
_CENTS: Final = r"\.[0-9]{2}(?![0-9a-z.·_点分号月日岁年-])"
_ALWAYS: Final = rf"{_CENTS}| ?元(?![旦宵培朗氏芳月])"
_SUM: Final = re.compile(rf"{_ALWAYS}| ?(?:{_any_of(_SUMS)})(?:{_ENDED})")
_COUNT: Final = re.compile(rf"{_ALWAYS}| ?(?:{_any_of((*_SUMS, *_COUNTS))})(?:{_ENDED})")
_CENTS_BEGUN: Final = re.compile(r"\.[0-9]{0,2}")
# What a number is for, said behind it.
_BEHIND: Final = ("office", "fax", "mobile", "cell", "home", "work", "phone", "tel", "手机", "座机", "电话", "传真")
_BEGUN: Final = frozenset(word[:n] for word in ("元", *_SUMS, *_COUNTS, *_BEHIND) for n in range(len(word) + 1))
_LONGEST: Final = max(map(len, _BEGUN)) + 3
_NAMED: Final = re.compile(rf" ?[-(]?(?:{_any_of(_BEHIND)})(?![a-z])")
# What says before it that a number is a sum.
_MONEY: Final = re.compile(
    r"(?:[$¥€£]|rmb|usd|cny|资本|股本|收入|支出|利润|成交额|成交量|余额|负债|合计|总额|总计|市值|估值|营收|产值|融资"
    r"|播放量|阅读量|下载量|销量|人口|规模|revenue of|计算)[:为是达约共]{0,2} {0,2}\Z"
)
_MONEY_WIDTH: Final = 16


class Label(NamedTuple):
    """A word that announces: where it stands, and what; whether it ties what follows to itself."""

    end: int
    start: int
    risks: frozenset[str]
    ties: bool


_NOTHING: Final[frozenset[str]] = frozenset()


class Words:
    """What the words of one text say about the values in it. Labels are looked for only when a value needs it.

    Args:
        labels: The labels.
        text: The folded text.
        final: Whether nothing follows it.
    """

    __slots__ = ("_final", "_found", "_labels", "_text")

    def __init__(self, labels: Labels, text: str, *, final: bool = True) -> None:
        self._labels, self._text, self._final = labels, text, final
        self._found: list[Label] | None = None

    def said(self, start: int) -> tuple[frozenset[str], Said]:
        """Return the risks that the last label before ``start`` announces, and how near it stands."""
        if self._found is None:
            self._found = self._labels.find(self._text)
        at = bisect_right(self._found, start, key=_end) - 1
        if at < 0:
            return _NOTHING, ""
        label = self._found[at]
        if label.start < start - _WINDOW or _STOP.search(self._text, label.end, start):
            return _NOTHING, ""
        if not label.risks:
            return _NOTHING, "other" if _DIRECT.fullmatch(self._text, label.end, start) else ""
        if self._text.find("\n", label.end, start) >= 0:
            column = self._column(label, start)
            if column is not None:
                return (label.risks, "own") if column else (_NOTHING, "")
        return label.risks, self._near(label, start)

    def _near(self, label: Label, start: int) -> Literal["own", "beside", "far"]:
        text, end = self._text, start
        for _ in range(_MOST_LISTED):
            listed = _LISTED.search(text, label.end, end)
            if listed is None:
                break
            end = listed.start()
        if _BETWEEN.fullmatch(text, label.end, end):
            return "own" if label.ties or _TIED.search(text, label.end, end) else "beside"
        return "own" if _TOLD.fullmatch(text, label.end, end) else "far"

    def _column(self, label: Label, start: int) -> bool | None:
        """Say whether a value in a row below stands in a label's column; None if the label heads none."""
        text = self._text
        low = max(0, label.start - _ROW)
        begin = text.rfind("\n", low, label.start) + 1
        left = text[begin or low : label.start]
        right = text[label.end : text.index("\n", label.end)]
        if _TIED.match(right.lstrip(" ")):
            return None
        row = text[text.rindex("\n", label.end, start) + 1 : start]
        whole = begin > 0 or low == 0
        for beside in (left.rstrip(" ")[-1:], right.lstrip(" ")[:1]):
            if beside and beside in _CELLS:
                return whole and left.count(beside) == row.count(beside)
        cells = left.split()
        if not right.strip() and len(cells) + 1 >= _LEAST_CELLS and _HAN_ONLY.fullmatch("".join(cells)):
            return whole and len(cells) == len(row.split())
        return None

    def behind(self, start: int) -> str:
        """Return the character before ``start``; a line break where there is none."""
        return self._text[start - 1] if start else "\n"

    def inside(self, start: int) -> bool:
        """Whether what begins at ``start`` goes on a number: the 03 of 1987-03."""
        return start > 1 and self._text[start - 1] in "-./" and self._text[start - 2].isdigit()

    def named(self, end: int) -> bool:
        """Whether the words behind a number that ends at ``end`` say that somebody is called there."""
        return _NAMED.match(self._text, end) is not None

    def counts(self, start: int, end: int, said: Said, *, free: bool) -> bool | None:
        """Say whether a number is a sum or a measure (15812345678.90元); None if the text ends too early to tell.

        Args:
            start: Where it begins.
            end: Where it ends.
            said: What is said of it.
            free: Whether its form alone tells what it is.
        """
        if free and said in ("own", "beside"):
            return False
        if said != "own" and _MONEY.search(self._text[max(0, start - _MONEY_WIDTH) : start]):
            return True
        if not self._final and len(self._text) - end <= _LONGEST:
            rest = self._text[end:]
            if rest.removeprefix(" ").lstrip("-(") in _BEGUN or _CENTS_BEGUN.fullmatch(rest):
                return None
        units = _SUM if free or said == "own" else _COUNT
        return units.match(self._text, end) is not None


def _end(label: Label) -> int:
    return label.end


class Labels:
    """The words that announce values, and those that say that a number is none.

    An English label of several words is found however a program writes it: phone_number, phoneNumber.

    Args:
        kinds: The kinds whose labels there are.
    """

    __slots__ = ("_automaton", "_risks", "_ties", "_words", "risks")

    def __init__(self, kinds: Sequence[Kind]) -> None:
        risks: dict[str, set[str]] = {spelling: set() for label in _OTHER for spelling in _spellings(label)}
        for kind in kinds:
            for label in kind.labels:
                for spelling in _spellings(label):
                    risks.setdefault(spelling, set()).add(kind.risk)
        self._words = tuple(risks)
        self._risks = tuple(frozenset(said) for said in risks.values())
        self.risks: Final = frozenset(self._risks) - {_NOTHING}
        """What the labels announce, each."""
        self._ties = tuple(word.endswith(_NAMING) or word.startswith("加") for word in risks)
        self._automaton = ahocorasick_rs.AhoCorasick(self._words, store_patterns=False)

    def find(self, text: str) -> list[Label]:
        """Return every label of a text by where it ends; of those that end at one place the longest."""
        found: list[Label] = []
        size = len(text)
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            word = self._words[number]
            if word[0] in _LATIN and start and text[start - 1] in _LATIN:
                continue
            if word[-1] in _LATIN and end < size and text[end] in _LATIN:
                continue
            if found and found[-1].end == end:
                if found[-1].start <= start:
                    continue
                found.pop()
            found.append(Label(end, start, self._risks[number], self._ties[number]))
        return found


def _spellings(label: str) -> tuple[str, ...]:
    if " " not in label or not label.isascii():
        return (label,)
    return label, label.replace(" ", "_"), label.replace(" ", "-"), label.replace(" ", "")


__all__ = ["Label", "Labels", "Words"]
