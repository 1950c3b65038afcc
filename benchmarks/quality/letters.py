"""Makes Chinese CVs, letters, forms and chats with known personal data, and measures what is found in them.

    python -m benchmarks.quality.letters --data DATA

Everything in them is made up: sentences and given names are written here, surnames and one name in four come from
zh_names_wainshine, areas and addresses from zh_admin_divisions; the same seed gives the same texts. One surname in
fifty is one that the training does not list, and three firms in ten do not begin with a place. So the figures say how
well made-up texts are read, no more. No template is one of those that ``training`` fits on; but the training has
counted the characters of the same list of names.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import click
from tqdm import tqdm

from gateway.detectors.registry import personal_specs
from gateway.ports import Detector
from gateway.text import TextView, fold
from training.names_zh_texts import SURNAMES

Span = tuple[int, int, str]
"""Where it begins, where it ends, its risk id."""


class Letter(NamedTuple):
    """A text, the personal data in it, and what sort of text it is."""

    text: str
    spans: tuple[Span, ...]
    sort: str


# Whole given names as people have them, written down for this from general knowledge.
_GIVENS: Final = (
    "伟 芳 娜 敏 静 强 磊 军 洋 勇 艳 杰 涛 明 超 霞 平 刚 丽 鹏 波 斌 辉 玲 凯 浩 婷 雪 琳 颖 倩 燕 飞 宇 鑫 峰 "
    "晨 旭 建国 建军 国强 志强 志刚 志明 秀英 秀兰 桂英 玉兰 玉梅 海燕 海涛 晓东 晓燕 晓明 小红 文静 文博 俊杰 "
    "俊峰 丽华 丽娟 子涵 子轩 梓涵 梓萱 雨桐 雨欣 欣怡 欣然 佳怡 佳琪 思远 思琪 浩然 浩宇 宇航 宇轩 一诺 诗涵 若曦 "
    "梦瑶 天佑 嘉豪 嘉欣 春梅 冬梅 红梅 金凤 金龙 德华 德明 永强 永康 卫东 卫国 爱华 爱民 新华 立新 立军 国庆 国栋 "
    "家辉 家明 淑芬 淑珍 凤英 亚男 胜男 晓雯 雅琴 婉清 静怡 慧敏 慧玲 美玲 美华 振华 振东 世杰 世明 兆丰 润生 根生 "
    "福来 福生 长江 长海 东升 树林"
)
_GIVEN: Final = tuple(_GIVENS.split())
_DRAWN_GIVEN: Final = 0.25
# Surnames that the training does not list, and firms that do not begin with a place: people and firms have them.
_UNLISTED: Final = tuple("索豆植幸盘丰银楼伊井位况呼母鲜")
_DRAWN_UNLISTED: Final = 0.02
_PLACED: Final = 0.7
_FIRM: Final = ("星河", "海纳", "众信", "远景", "同方", "启明", "蓝海", "天成", "恒泰", "瑞丰", "华源", "安达")
_TRADE: Final = ("科技", "贸易", "物流", "建筑", "医药", "教育咨询", "信息技术", "电子商务")
_SCHOOLS: Final = ("北京大学", "浙江大学", "复旦大学", "南京大学", "武汉大学", "四川大学", "中山大学", "厦门大学")
_STREETS: Final = ("人民路", "解放大道", "中山北路", "建设街", "文化路", "和平大街", "新华路", "长江路", "学府路")
_ESTATES: Final = ("阳光花园", "锦绣家园", "翠湖小区", "金色家园", "东方花苑")
_MAIL: Final = ("163.com", "qq.com", "126.com", "gmail.com", "sina.com.cn", "foxmail.com", "example.com.cn")
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_HOLE: Final = re.compile(r"\{([a-z]+)\}")

RISKS: Final = {
    "n": "pii.name",
    "mobile": "pii.mobile_number",
    "phone": "pii.phone_number",
    "mail": "pii.email",
    "id": "pii.identity_number",
    "card": "pii.bank_card",
    "addr": "pii.address",
    "firm": "pii.organization",
    "school": "pii.organization",
    "bank": "pii.organization",
    "born": "pii.date_of_birth",
    "bornyear": "pii.date_of_birth",
    "bornmonth": "pii.date_of_birth",
    "bornshort": "pii.date_of_birth",
    "bornday": "pii.date_of_birth",
    "plate": "pii.plate",
    "wx": "pii.wechat",
    "qq": "pii.qq",
}
"""What the holes of the templates hold; the others hold nothing personal."""

# Sorts of texts; a letter is one of a sort, a CV of fields takes several lines.
_CV_FIELDS: Final = (
    "姓名：{n}",
    "姓名 {n}",
    "姓 名：{n}\n性 别：男",
    "{n} | 男 | {year}年",
    "{n}\n{job}",
    "应聘者{n}，应聘{job}",
)
_CV_MORE: Final = (
    "性别：女",
    "民族：汉族",
    "政治面貌：中共党员",
    "出生年月：{born}",
    "手机：{mobile}",
    "联系电话：{mobile}",
    "电子邮箱：{mail}",
    "E-mail: {mail}",
    "身份证号：{id}",
    "现居地：{addr}",
    "家庭住址：{addr}",
    "毕业院校：{school}",
    "学历：本科",
    "工作经验：{small}年",
    "期望薪资：{small}000元",
    "求职意向：{job}",
    "微信：{wx}",
    "QQ：{qq}",
    "{year}年{month}月至今 {firm} {job}",
    "{year}.{month}-{later}.{month} {firm}，任{job}",
    "紧急联系人：{n}，{mobile}",
    "证明人：{n}",
    "自我评价：做事认真，善于沟通，有较强的学习能力",
    "技能：熟悉常用办公软件，英语六级",
)
_CV_STORY: Final = (
    "{n}，{sex}，汉族，{bornyear}，中国国籍，无境外永久居留权，本科学历。{year}年至{later}年任{firm}{job}；现任公司{post}。",
    "{n}{sex}士，{small}岁，{school}硕士，高级经济师。曾任{firm}{job}，现任本公司{post}。",
    "{n}先生：{bornmonth}，毕业于{school}，历任{firm}{job}、{post}。",
    "{n}，{sex}，{school}毕业，{later}年参加工作，{later}年起任{post}至今。",
    "{post}{n}：{sex}，{bornshort}，工程师，在{firm}工作{small}年。",
    "截至本公告日，{n}未持有公司股份，与{n}不存在关联关系。",
    "{n}曾任{firm}{job}，{later}年加入公司，现任{post}。",
    "经董事会审议，同意聘任{n}为公司{post}，任期三年，{n}不再担任{job}职务。",
    "公司董事会由{n}、{n}、{n}和{n}组成，其中{n}为独立董事。",
    "{n}，男，{small}岁，中共党员，{later}年到{firm}任职，主要负责{job}工作。",
    "本人{n}，{bornmonth}，{school}本科毕业，应聘贵公司{job}一职。",
    "我叫{n}，来自{city}，毕业于{school}，做过{small}年{job}。",
    "{n}于{later}年毕业于{school}，同年进入{firm}工作。",
    "简历：{n}，{sex}，{city}人，大学文化，{later}年入党。",
)
_LETTER: Final = (
    "尊敬的{n}先生：\n您好！关于{later}年{month}月的合同，请致电{mobile}或发邮件到{mail}。\n此致\n敬礼\n{n}",
    "{n}您好，您的订单{order}已发出，请保持{mobile}畅通。",
    "亲爱的{n}：\n好久不见，最近工作忙吗？我上个月搬到了{addr}，有空来坐坐。\n{n}",
    "兹证明{n}（身份证号：{id}）系我公司员工，任{job}一职，月薪{small}000元。特此证明。\n{firm}",
    "委托书\n委托人：{n}，身份证号{id}\n受托人：{n}，身份证号{id}\n委托事项：代为办理车辆{plate}过户手续。",
    "今收到{n}交来房租人民币{small}000元整，收款人{n}，账号{card}。",
    "请假条\n{n}老师：我是{n}的家长，孩子今天发烧，请假一天，联系电话{mobile}。",
    "感谢{n}和{n}在项目中的支持，附件请转交{n}审阅。",
    "原告{n}，女，{bornday}，住{addr}。被告{n}，男，汉族，住{addr}。",
    "借条：今{n}向{n}借款{small}万元，{later}年{month}月前归还。借款人：{n}，身份证号码{id}。",
)
_FORM: Final = (
    "收件人：{n}\n手机号码：{mobile}\n收货地址：{addr}",
    "收货人:{n} 电话:{mobile} 地址:{addr}",
    "{n} {mobile} {addr}",
    "{n}，{mobile}，{addr}",
    "客户姓名：{n}；证件号码：{id}；联系电话：{mobile}；银行卡号：{card}",
    "户名：{n}，卡号：{card}，开户行：{bank}",
    "开票信息：{firm}，电话{phone}，联系人{n}",
    "就诊人：{n}  性别：{sex}  年龄：{small}岁  联系方式：{mobile}",
    "报名表 姓名：{n} 身份证：{id} 邮箱：{mail}",
    "车主{n}，车牌号{plate}，手机{mobile}，座机{phone}",
    "序号1 {n} {id} {mobile}\n序号2 {n} {id} {mobile}",
)
_CHAT: Final = (
    "{n}住在{city}，她妈妈{n}在{city}教书",
    "昨天{n}说他下周要去{city}出差",
    "你帮我问一下{n}什么时候到",
    "我和{n}去吃饭了，{n}也来了",
    "{n}与{n}是大学同学，{n}比他们低一届",
    "{n}及其妻子{n}名下有两套房",
    "把{n}的电话{mobile}发给我一下",
    "给{n}转账，卡号{card}",
    "我是{n}，我的邮箱是{mail}，加我微信{wx}",
    "{n}问我要不要一起报名",
    "{n}现在在{firm}上班，{n}在{school}读博士",
    "麻烦{n}下班前把报告发到{mail}",
    "听{n}讲，{n}已经离职去了{firm}",
    "这件事是{n}负责的，你找{n}就行",
    "帮我写一封信给{n}，祝贺他升职为{post}",
    "{n}今年{small}岁，身体不好，上周住院了",
    "我老公{n}从{later}年就跟{n}合伙做生意",
    "请以{n}的名义起草一份辞职报告，主管是{n}",
    "我身份证{id}，手机{mobile}，帮我查一下",
    "客服你好，订单号{order}，我的电话是{mobile}",
)
# Nobody in them.
_NOBODY: Final = (
    "请写一份{job}的招聘启事，要求本科以上学历，{small}年以上工作经验。",
    "{later}年{month}月{day}日，{city}的平均气温是{small}度，方便的话请带伞。",
    "合同编号{order}，金额{small}000元，于{later}年{month}月前付清。",
    "如何写好简历？任何人都应该先列出工作经历，再写高等教育背景。",
    "常见问题：万一忘记单位名称，何时可以修改？",
    "董事会应当由五名董事组成，董事长由全体董事过半数选举产生。",
    "安排{small}位同事到{city}出差，时间是{month}月{day}日，费用由公司承担。",
    "马上就要到元旦了，黄金周期间高速公路免费通行。",
)
_SORTS: Final = (
    ("cv_fields", 0.22),
    ("cv_story", 0.26),
    ("letter", 0.14),
    ("form", 0.14),
    ("chat", 0.18),
    ("nobody", 0.06),
)


class Maker:
    """Makes letters.

    Args:
        data: The folder of public data sets.
        seed: Which letters.

    Raises:
        OSError: If a set is missing.
    """

    def __init__(self, data: Path, seed: int = 1) -> None:
        self._random = random.Random(seed)
        lists = sorted(data.glob("zh_names_wainshine/*Ancient*.txt"))
        if not lists:
            raise FileNotFoundError(2, "the list of names is missing", str(data / "zh_names_wainshine"))
        listed = (fold(line.strip(), "simplified") for line in lists[0].read_text("utf-8-sig").splitlines()[3:])
        real = [name for name in listed if name[:1] in SURNAMES and re.fullmatch("[\u4e00-\u9fff]{2,3}", name)]
        self._real = [name for number, name in enumerate(real) if number % 5 == 0]
        self._surnames = list(SURNAMES), list(SURNAMES.values())
        divisions = json.loads((data / "zh_admin_divisions/dist__pca-code.json").read_text("utf-8"))
        self._areas = [
            (province["name"], city["name"], county["name"], f"{county['code']:0<6}"[:6])
            for province in divisions
            for city in province["children"]
            for county in city.get("children", ())
        ]

    def letter(self) -> Letter:
        """Return the next letter."""
        r = self._random
        sort = r.choices([name for name, _ in _SORTS], [share for _, share in _SORTS])[0]
        if sort == "cv_fields":
            return self._fill("\n".join([r.choice(_CV_FIELDS), *r.sample(_CV_MORE, r.randint(3, 9))]), sort)
        if sort == "cv_story":
            return self._fill("\n".join(r.sample(_CV_STORY, r.randint(1, 3))), sort)
        return self._fill(r.choice({"letter": _LETTER, "form": _FORM, "chat": _CHAT, "nobody": _NOBODY}[sort]), sort)

    def name(self) -> str:
        """Return somebody's name."""
        r = self._random
        if r.random() < _DRAWN_GIVEN:
            return r.choice(self._real)
        surname = r.choice(_UNLISTED) if r.random() < _DRAWN_UNLISTED else str(r.choices(*self._surnames)[0])
        return surname + r.choice(_GIVEN)

    def _firm(self) -> str:
        r = self._random
        place = _short(r.choice(self._areas)[0]) if r.random() < _PLACED else ""
        return f"{place}{r.choice(_FIRM)}{r.choice(_TRADE)}有限公司"

    def _fill(self, template: str, sort: str) -> Letter:
        text, spans, at = "", [], 0
        for hole in _HOLE.finditer(template):
            text += template[at : hole.start()]
            value = self._value(hole.group(1))
            if hole.group(1) in RISKS:
                spans.append((len(text), len(text) + len(value), RISKS[hole.group(1)]))
            text += value
            at = hole.end()
        return Letter(text + template[at:], tuple(spans), sort)

    def _value(self, hole: str) -> str:
        r = self._random
        makers: dict[str, Callable[[], str]] = {
            "n": self.name,
            "mobile": self._mobile,
            "phone": lambda: r.choice(("010-6{}", "0571-8{}", "(021)6{}")).format(self._digits(7)),
            "mail": lambda: (
                f"{''.join(r.choices(_LATIN, k=r.randint(3, 9)))}{r.choice(('', '_', '.'))}"
                f"{self._digits(r.randint(1, 4))}@{r.choice(_MAIL)}"
            ),
            "id": self._id,
            "card": self._card,
            "addr": self._address,
            "firm": self._firm,
            "school": lambda: r.choice(_SCHOOLS),
            "bank": lambda: f"中国{r.choice(('工商', '建设', '农业', ''))}银行",
            "bornyear": lambda: f"{r.randint(1950, 2003)}年出生",
            "bornshort": lambda: f"{r.randint(1950, 2003)}年生",
            "bornmonth": lambda: f"{r.randint(1950, 2003)}年{r.randint(1, 12)}月出生",
            "bornday": lambda: f"{r.randint(1950, 2003)}年{r.randint(1, 12)}月{r.randint(1, 28)}日出生",
            "born": lambda: (
                f"{r.randint(1955, 2003)}{r.choice(('年{}月', '-{:02d}', '.{:02d}')).format(r.randint(1, 12))}"
            ),
            "plate": lambda: f"{r.choice('京沪粤浙苏川鄂')}{r.choice('ABCE')}{r.choice('ABCDEFGH')}{self._digits(4)}",
            "wx": lambda: f"{''.join(r.choices(_LATIN, k=4))}_{self._digits(4)}",
            "qq": lambda: f"{r.randint(1, 9)}{self._digits(r.randint(7, 9))}",
            "year": lambda: str(r.randint(1955, 1998)),
            "later": lambda: str(r.randint(1999, 2024)),
            "month": lambda: str(r.randint(1, 12)),
            "day": lambda: str(r.randint(1, 28)),
            "small": lambda: str(r.randint(3, 60)),
            "sex": lambda: r.choice("男女"),
            "job": lambda: r.choice(("会计", "销售经理", "工程师", "行政主管", "采购专员", "项目经理", "护士长")),
            "post": lambda: r.choice(("董事", "监事", "副总经理", "财务总监", "董事会秘书", "独立董事")),
            "city": lambda: r.choice(("北京", "上海", "杭州", "成都", "武汉", "西安", "广州", "苏州")),
            "order": lambda: f"{r.randint(2019, 2025)}{self._digits(r.randint(8, 14))}",
        }
        return makers[hole]()

    def _digits(self, count: int) -> str:
        return "".join(self._random.choices("0123456789", k=count))

    def _mobile(self) -> str:
        r = self._random
        head = r.choice(
            ("130", "131", "136", "138", "139", "150", "152", "159", "166", "177", "180", "186", "189", "199")
        )
        form = r.choices(("{}{}{}", "{} {} {}", "{}-{}-{}", "+86 {}{}{}", "86-{}{}{}"), (70, 12, 12, 4, 2))[0]
        return form.format(head, self._digits(4), self._digits(4))

    def _id(self) -> str:
        r = self._random
        born = f"{r.randint(1945, 2010)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}"
        first = r.choice(self._areas)[3] + born + self._digits(3)
        check = "10X98765432"[sum(int(d) * w for d, w in zip(first, _WEIGHTS, strict=True)) % 11]
        return first + (check.lower() if r.random() < 0.1 else check)

    def _card(self) -> str:
        r = self._random
        first = r.choice(("622202", "622848", "621700", "622588", "625960"))
        first += self._digits((16 if first == "625960" else 19) - 1 - len(first))
        total = sum(int(d) if i % 2 else sum(divmod(int(d) * 2, 10)) for i, d in enumerate(reversed(first)))
        number = first + str(-total % 10)
        return " ".join(re.findall(".{1,4}", number)) if r.random() < 0.3 else number

    def _address(self) -> str:
        r = self._random
        province, city, county, _ = r.choice(self._areas)
        region = province + ("" if city in ("市辖区", "县") or "直辖" in city else city) + county
        door = f"{region}{r.choice(_STREETS)}{r.randint(1, 300)}号"
        if r.random() < 0.5:
            return door
        return f"{door}{r.choice(_ESTATES)}{r.randint(1, 30)}栋{r.randint(101, 2800)}室"


def _short(province: str) -> str:
    return province[: 3 if province[:2] in ("内蒙", "黑龙") else 2]


def letters(data: Path, seed: int = 1, count: int = 2_000) -> Iterator[Letter]:
    """Yield letters; the same seed gives the same."""
    maker = Maker(data, seed)
    for _ in range(count):
        yield maker.letter()


@dataclass(slots=True)
class Tally:
    """How many there are, how many were found whole and in part; how many were said, how many of those are right."""

    n: int = 0
    whole: int = 0
    part: int = 0
    said: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Share found with exactly its ends."""
        return self.whole / self.n if self.n else 0.0

    @property
    def precision(self) -> float:
        """Share of what was said whose ends are exactly those of something."""
        return self.right / self.said if self.said else 0.0


# A mobile number in another writing is a phone number all the same.
_SAME: Final = {"pii.mobile_number": "phone", "pii.phone_number": "phone"}
_LEAST: Final = 0.5


def measure(
    rows: Iterable[Letter], detectors: Sequence[Detector] | None = None
) -> tuple[dict[str, Tally], Counter[tuple[str, str, str]]]:
    """Return for each type, and for names for each sort of text, what was found; and what was wrong.

    Args:
        rows: The letters.
        detectors: What to measure; without it everything that finds personal data.
    """
    scans = detectors if detectors is not None else default_detectors()
    tallies: dict[str, Tally] = {}
    wrong: Counter[tuple[str, str, str]] = Counter()
    for letter in rows:
        real = {(start, end, _SAME.get(risk, risk)) for start, end, risk in letter.spans}
        view = TextView(letter.text)
        said = {
            (f.start, f.end, _SAME.get(f.risk, f.risk))
            for scan in scans
            for f in scan(view).findings
            if f.score >= _LEAST
        }
        for start, end, risk in real:
            hit = (start, end, risk) in said
            near = hit or any(r == risk and s < end and e > start for s, e, r in said)
            for key in _keys(risk, letter.sort):
                tally = tallies.setdefault(key, Tally())
                tally.n, tally.whole, tally.part = tally.n + 1, tally.whole + hit, tally.part + near
            if not hit:
                wrong["missed", risk, letter.text[max(0, start - 3) : end + 3]] += 1
        for start, end, risk in said:
            for key in _keys(risk, letter.sort):
                tally = tallies.setdefault(key, Tally())
                tally.said, tally.right = tally.said + 1, tally.right + ((start, end, risk) in real)
            if (start, end, risk) not in real:
                wrong["extra", risk, letter.text[start:end]] += 1
    return tallies, wrong


def _keys(risk: str, sort: str) -> tuple[str, ...]:
    return (risk, f"{risk} in {sort}") if risk == "pii.name" else (risk,)


def default_detectors() -> list[Detector]:
    """Return every detector that finds personal data and needs no options."""
    built = [spec.build({}, _no_file) for spec in personal_specs()]
    return [one.scan for one in built if one.scan is not None]


def _no_file(name: str) -> bytes:
    raise FileNotFoundError(name)


@click.command(epilog="Example:\n\n  python -m benchmarks.quality.letters --data folder --wrong 20")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--count", default=2_000, show_default=True, help="How many letters.")
@click.option("--wrong", default=0, show_default=True, help="How many mistakes to show.")
def main(data: Path, seed: int, count: int, wrong: int) -> None:
    """Measure personal data in made-up Chinese CVs and letters."""
    try:
        rows = letters(data, seed, count)
        found, mistakes = measure(tqdm(rows, "letters", total=count, delay=2, disable=None))
    except OSError as error:
        raise click.ClickException(f"{error.filename or error}: {error.strerror or 'cannot be read'}") from None
    click.echo(f"{count} made-up letters, seed {seed}; exact spans at score {_LEAST}")
    click.echo(f"{'':30}{'n':>7}{'recall':>9}{'partly':>9}{'precision':>11}")
    for name in sorted(found):
        tally = found[name]
        if tally.n:
            partly = tally.part / tally.n
            click.echo(f"{name:30}{tally.n:>7}{tally.recall:>9.3f}{partly:>9.3f}{tally.precision:>11.3f}")
    for mistake, times in mistakes.most_common(wrong):
        click.echo(f"{times:>4} {' '.join(mistake)}".replace("\n", "⏎"))


if __name__ == "__main__":
    main()
