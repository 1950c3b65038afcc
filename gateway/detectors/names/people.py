"""Finds names of people in Chinese text: by how they are built and what stands around, or by a label before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import exp
from typing import Final, NamedTuple

from gateway.detectors.names.announced import SIGNS, begun, labelled, surer
from gateway.detectors.names.chinese import AFTER, COMPOUND, LONGEST, ChineseNames, Codes, Scorer, codes_of
from gateway.detectors.names.foreign import DOTS, DOTTED, TIBETAN, tibetan
from gateway.detectors.names.foreign import LONGEST as LONGEST_FOREIGN
from gateway.detectors.names.foreign import begun as foreign_begun
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding

RISK: Final = "pii.name"
NAME: Final = "names"
_LEAST: Final = 0.3
_REACH: Final = LONGEST + 1 + AFTER
_LABELLED: Final = 13
"""So long is what a label may announce, with what ends it."""
_COMPOUND_FIRST: Final = frozenset(name[0] for name in COMPOUND)
# A quick look: one of two sets behind one of the other. Few texts hold such a pair that is no surname.
_MAYBE_COMPOUND: Final = re.compile(
    f"[{''.join(sorted(_COMPOUND_FIRST))}](?=[{''.join(sorted({name[1] for name in COMPOUND}))}])"
)


# Nobody's names, which stand for somebody's in examples and forms.
_SAMPLE_NAMES: Final = ("张三", "李四", "王五", "赵六")
_SAMPLES: Final = re.compile("|".join(_SAMPLE_NAMES))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What goes on behind a name and is hardly ever the end of one: 李娜住在, 王伟和张敏, 黄勇与林峰,
_GOES_ON: Final = frozenset("住在是说与及的问都就给跟从被把对要还讲去到和任也向于已未会将能不为以因并等系有没很")
# and what is only with what follows: 郭涛曾任, 徐强来了, 何平先生.
_GOES_ON_AS: Final = _words(
    "现任 现在 现居 现为 现年 曾任 曾在 曾经 曾于 曾获 曾是 来了 来到 来自 来过 来电 来函 来信 来找 今年 今天 今日 "
    "今晚 今早 比他 比她 比我 比你 交来 交给 交了 交付 下班 下周 下午 下个 上周 上午 上班 上个 上学 上海 先生 女士 "
    "小姐 老师 教授 医生 同志 同学 主任 主持 主演 主管 经理 经过 师傅 律师 院长 局长 处长 科长 校长 总监 总经 董事 "
    "警官 法官 护士 博士 硕士 出生 出席 出差 出任 生于 本科 本人 毕业 中国 汉族 回族 满族 加入 进入 参加 参与 担任 "
    "受聘 应聘 负责 认为 表示 介绍 告诉 昨天 明天 明年 前天 前年 自己 自从 历任 兼任 名下 同意 签订 签字 转账 打电 "
    "发来 写的 写信 家里 家住 居住 身份 电话 手机 联系 这个 这样 那个 那边 如何 怎么 什么 一起 一直 一下 正在 终于 "
    "突然 刚才 刚刚 最近 开始 继续 可以 应该 必须 男性 女性 离开 离职 成为 成立"
)
_HOPELESS: Final = 0.004
_DOUBT: Final = 0.03
_SURE: Final = 0.7
_SEX: Final = frozenset("男女")
_DIGITS: Final = frozenset("0123456789 (|/")
# A verb with what stands before it, no surname: 聘任林倩, 感谢陶钧, 工程师.
_VERBS: Final = {
    "任": frozenset("曾现历担聘兼出升连留责离前后胜信主委调年月日起均改"),
    "谢": frozenset("感多致答鸣道酬"),
    "程": frozenset("工课流路日里行章过全议"),
    "曾": frozenset("不未也都"),
    "付": frozenset("支应已预交待代"),
    "黄": frozenset("枯焦发橙"),
    "金": frozenset("现资奖基罚租押佣本税"),
}
# Words that lead to a name where little else tells it: 聘任林倩, 其中李旭, 被告裴玚.
_LEADS_TO: Final = _words(
    "聘任 选举 任命 提名 推选 委派 其中 我是 我叫 本人 转交 交给 转告 原告 被告 车主 老公 老婆 妈妈 爸爸 丈夫 妻子 "
    "主管 同事 感谢 简历 问下 一下 麻烦 请以 听说 证明 叫做 名叫 房东 业主 患者 聘者 托人 款人 人为 人是"
)
_LED: Final = 1.6
_FOLLOWED: Final = 0.9
_NO_START: Final = _words(
    "曾任 曾在 曾经 曾获 任职 任行 任会 任采 任销 任项 任工 任护 任副 任总 任董 任监 任财 任独 任期 任本 任公 "
    "任何 任务 任教 任命 万元 万一 敬礼 程师 付清 付款 付费 黄金 高级 高等 高速 现任 安排 常见 方便 方面 金额 "
    "费用 应当 应该 应聘 应届 包括 包含 向前 连续 强调 于是 满足 和平 成立 成为 常务 明年 明天 万人 万股 方式 "
    "计划 江苏 江西 甘肃 云南 安徽 温州 常州 徐州 郑州 柳州 宁波 宁夏 黄山 黄河 石家 张家 马来 唐山 唐朝 宋朝 "
    "秦朝 明朝 廉价 廉洁 朴实 朴素 揭开 揭示 薄弱 薄荷 劳动 谈论 谈判 谈到 谈谈 官方 官网 成功 成本 成员 成熟 "
    "成长 时间 时代 时光 简单 简洁 简易 查询 查看 查明 边缘 边境 皮肤 农村 农民 师生 燕麦 隆重 封面 伏笔 奉献 "
    "施行 施工 施加 曾用 周朝 韩国 韩语 韩文 高铁 高中 高校 沈阳 柏林 欧盟"
)

# Where something was, was founded or was signed: 于杭州签署. Those that people are called by, too, are not among them.
_PLACES: Final = _words(
    "北京 上海 天津 重庆 杭州 广州 深圳 苏州 成都 武汉 西安 郑州 长沙 沈阳 青岛 大连 济南 厦门 福州 合肥 昆明 "
    "贵阳 南昌 南宁 太原 兰州 石家 哈尔 乌鲁 呼和 拉萨 西宁 银川 海口 三亚 珠海 东莞 佛山 惠州 中山 江门 湛江 "
    "汕头 温州 绍兴 嘉兴 湖州 台州 衢州 扬州 徐州 常州 无锡 南通 盐城 泰州 镇江 烟台 潍坊 临沂 洛阳 开封 宜昌 "
    "襄阳 株洲 桂林 柳州 绵阳 遵义 大理 丽江 香港 澳门 台湾 台北 浙江 江苏 广东 广西 福建 山东 山西 河北 河南 "
    "湖北 湖南 江西 安徽 四川 贵州 云南 陕西 甘肃 青海 辽宁 吉林 黑龙 新疆 西藏 宁夏 内蒙 中国 美国 日本 英国 "
    "法国 德国 韩国 本市 本公 我国"
)


class _Found(NamedTuple):
    start: int
    end: int
    score: float


class ChinesePeople:
    """A detector of names of people in Chinese text.

    Args:
        names: What is known of names.
    """

    __slots__ = ("_given", "_heads", "_maybe", "_names", "_plain", "_scorer")

    def __init__(self, names: ChineseNames) -> None:
        self._names, self._heads, self._maybe = names, names.heads(), names.maybe_heads()
        self._given = frozenset({*names.first, *names.single})
        self._plain = names.plain_heads()
        self._scorer = Scorer(names)

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        folded = view.simplified
        before = view.simplified_behind
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
        heads = self._starts(text, at)
        codes = codes_of(text)
        ends = tibetan(text, at)
        if any(sample in text for sample in _SAMPLE_NAMES):
            ends.update((m.start(), m.end()) for m in _SAMPLES.finditer(text, at))
        if any(sign in text for sign in SIGNS):
            ends.update(labelled(text, at, self._names.surnames, self._given))
        found: list[_Found] = []
        foreign = DOTTED.search(text, at) if any(dot in text for dot in DOTS) else None
        if not ends and foreign is None:
            return self._plainly(text, codes, at, still_open, heads)
        known = frozenset(heads)
        for start in [*sorted({*known, *ends}), len(text)]:
            # Foreign names before this place; searched anew behind whatever was found.
            while foreign is not None and foreign.start() < start:
                if foreign.start() >= still_open:
                    return found
                if foreign.start() >= at:
                    found.append(_Found(foreign.start(), foreign.end(), 0.8))
                    at = foreign.end()
                foreign = DOTTED.search(text, at)
            if start < at or start >= still_open:
                continue
            best = _said(text, start, ends, foreign)
            if best is None and start in known:
                best = self._or_later(text, codes, start)
            if best is not None:
                found.append(best)
                at = best.end
                if foreign is not None and foreign.start() < at:
                    foreign = DOTTED.search(text, at)
        return found

    def _plainly(self, text: str, codes: Codes, at: int, still_open: int, heads: Sequence[int]) -> list[_Found]:
        """Return names where there are no labels and no foreign names."""
        found: list[_Found] = []
        for start in heads:
            if start >= still_open:
                break
            best = self._or_later(text, codes, start) if start >= at else None
            if best is not None:
                found.append(best)
                at = best.end
        return found

    def _starts(self, text: str, at: int) -> list[int]:
        """Return where the pattern of heads matches, one match after another, and a name is not hopeless."""
        if COMPOUND.isdisjoint([text[m.start() : m.start() + 2] for m in _MAYBE_COMPOUND.finditer(text, at)]):
            own = self._scorer.own
            heads = [head.start() for head in self._plain.finditer(text, at)]
            return [
                start for start in heads if own(text[start : start + 3]) and text[start : start + 2] not in _NO_START
            ]
        starts: list[int] = []
        surnames, given = self._names.surnames, self._given
        for maybe in self._maybe.finditer(text, at):
            start = maybe.start()
            if start < at:  # the second character of a surname that was just found
                continue
            if text[start] in surnames and text[start + 1] in given:
                starts.append(start)
            elif text[start : start + 2] in COMPOUND and text[start + 2 : start + 3] in given:
                starts.append(start)
                at = start + 2
        return starts

    def _or_later(self, text: str, codes: Codes, start: int) -> _Found | None:
        """Return the name that begins at a place, if not a better one begins one character later."""
        best = self._best(text, codes, start)
        if best is not None and best.end > start + 1:
            # 和张三: what begins one character later may be the better name.
            later = self._best(text, codes, start + 1)
            if later is not None and later.score > best.score:
                return None
        return best

    def _best(self, text: str, codes: Codes, start: int) -> _Found | None:
        if text[start : start + 2] in _NO_START or (text[start] == "于" and text[start + 1 : start + 3] in _PLACES):
            return None
        verbs = _VERBS.get(text[start : start + 1])
        if verbs is not None and start and text[start - 1] in verbs:
            return None
        best: _Found | None = None
        cut: tuple[int, float] | None = None
        single = self._names.single
        for given, end, score in self._scorer.at(text, start, codes):
            if _HOPELESS < score < _SURE:
                score = _surer(text, start, end, score)  # noqa: PLW2901
            if cut is not None and end == cut[0]:
                # The longer one ends with what goes on behind this one: that somebody is named is as sure.
                score = max(score, 0.8 * cut[1])  # noqa: PLW2901
            elif end - given == 2 and text[given] in single and _goes_on(text, end - 1):
                cut = end - 1, score
                continue
            if score >= _LEAST and (best is None or score > best.score):
                best = _Found(start, end, round(score, 2))
        return best

    def _open(self, text: str, at: int) -> int:
        """Return where a name may begin of which, or of what stands behind it, the end of ``text`` cuts off a part."""
        size = len(text)
        low = max(at, size - LONGEST_FOREIGN)
        for start in range(low, size):
            if text[start] < "\u4e00" or text[start] > "\u9fff":
                continue
            if start >= size - _REACH and self._may_begin(text, start):
                return start
            if foreign_begun(text, start):
                return start
            if start >= size - _LABELLED and begun(text, start):
                return start
        return size

    def _may_begin(self, text: str, start: int) -> bool:
        if start + 1 == len(text):
            return text[start] in self._names.surnames or text[start] in _COMPOUND_FIRST
        if start + 2 == len(text) and text[start] in _COMPOUND_FIRST:
            return True
        return self._heads.match(text, start) is not None or _SAMPLES.match(text, start) is not None


def _said(text: str, start: int, ends: Mapping[int, int], foreign: re.Match[str] | None) -> _Found | None:
    """Return the name that begins at a place by what is said of it: a label, an example, its dots."""
    end = ends.get(start, start)
    if end > start:
        unlabelled = _SAMPLES.fullmatch(text, start, end) or TIBETAN.fullmatch(text, start, end)
        return _Found(start, end, 0.8 if unlabelled else 0.9)
    if foreign is not None and foreign.start() == start:
        return _Found(start, foreign.end(), 0.8)
    return None


def _surer(text: str, start: int, end: int, score: float) -> float:
    """Return how sure it is that a candidate is a name, surer where a word leads to it or it goes on like one."""
    more = surer(text, start, end)
    if score > _DOUBT:
        more += _LED if start > 1 and text[start - 2 : start] in _LEADS_TO else 0.0
        more += _FOLLOWED if _goes_on(text, end) else 0.0
    return 1.0 / (1.0 + (1.0 / score - 1.0) * exp(-more)) if more else score


def _goes_on(text: str, at: int) -> bool:
    """Whether the character at a place goes on behind a name, as what follows it says, rather than end one."""
    here, follows = text[at : at + 1], text[at + 1 : at + 2]
    if here + follows in _GOES_ON_AS or (here in _SEX and follows in _DIGITS):
        return True
    return here in _GOES_ON and ("\u4e00" <= follows <= "\u9fff" or follows.isdigit())
