"""English names of people, places and organisations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.names import people_en
from gateway.detectors.names.english import TOKEN, Token, tokens
from gateway.detectors.names.people_en import EnglishPeople
from gateway.detectors.names.weights import EN, read_english
from gateway.text import TextView

FIND = EnglishPeople(read_english(EN.read_bytes()), frozenset({"person", "place", "organisation"}))


def people(text: str) -> list[str]:
    return [text[f.start : f.end] for f in FIND(TextView(text)).findings if f.risk == "pii.name" and f.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is John Smith and I live here.", ["John Smith"]),
        ("Please ask Mary Johnson or Peter Brown about it.", ["Mary Johnson", "Peter Brown"]),
        ("Dr. Helen Carter will see you now.", ["Helen Carter"]),
        ("I met Michael O'Brien's brother.", ["Michael O'Brien"]),
        ("我的同事 David Miller 明天到", ["David Miller"]),
        ("我的同事 Émile Òrtíz 明天到", ["Émile Òrtíz"]),
        ("How do I begin? A. by myself B. with a friend C. not at all", []),
        ("橙子：A.自己动手 B.找人帮忙 C.借一把", []),
        ("What is the capital of France?", []),
        ("The quick brown fox jumps over the lazy dog.", []),
        ("Write a Python function that sorts a list.", []),
        ("THIS IS ALL WRITTEN IN CAPITALS BECAUSE SOMEBODY LIKES IT THAT WAY", []),
        ("今天天气很好", []),
        ("", []),
    ],
)
def test_people_are_found_and_ordinary_capitals_are_not(text: str, expected: list[str]) -> None:
    assert people(text) == expected


# Things that are no people, people that still are, and both in one sentence.
THINGS = [
    ("请用Excel统计，再用Kafka和Jenkins部署到Vue项目，联系Tom处理", ["Tom"]),
    ("Kafka集群挂了，Linda正在重启", ["Linda"]),
    ("周会纪要：Alex负责把日志从Kibana迁到Grafana", ["Alex"]),
    ("推荐几本Haskell的书", []),
    ("如何在Kubernetes里限制内存", []),
    ("老师让我们下周用Zoom上课，资料发在LinkedIn上", []),
    ("抓包用Wireshark还是Fiddler？", []),
    ("Norton杀毒太卡，怎么彻底删掉", []),
    ("孕妇是Rh阴性怎么办", []),
    ("DNA鉴定需要几天", []),
    ("SHA-1已经不安全了，换成SHA-256", []),
    ("ASCII码表里大写字母从几开始", []),
    ("暗网要用Tor才能进吗", []),
    ("with self.Lock: 这一行为什么会死锁", []),
    ("Cookie里存了什么", []),
    ("让Siri定个闹钟", []),
    ("App Store 和 Play Store 审核哪个严", []),
    ("我的Mac进水了", []),
    ("新买的Intel处理器发热严重", []),
    ("Marfan综合征会遗传吗", []),
    ("胃镜提示Barrett食管，需要手术吗", []),
    ("他得了Hodgkin淋巴瘤", []),
    ("Crohn病患者能喝牛奶吗", []),
    ("Fourier变换有什么用", []),
    ("Dijkstra算法能处理负权边吗", []),
    ("Tom病了三天了", ["Tom"]),
    ("我同事Franz Kafka下午到", ["Franz Kafka"]),
    ("小说家Franz Kafka的遗稿", ["Franz Kafka"]),
    ("Kafka先生请坐", ["Kafka"]),
    ("请转告Jenkins女士合同已签", ["Jenkins"]),
    ("房东Edward Norton把押金退了", ["Edward Norton"]),
    ("Michael Dell创办了公司", ["Michael Dell"]),
    ("昨晚和Claude吃火锅", ["Claude"]),
    ("用Claude写周报行吗", []),
    ("用Julia做数值计算快吗", []),
    ("Julia昨天没来上班", ["Julia"]),
    ("客户叫John Smith，电话在表里", ["John Smith"]),
    ("给Emma回个电话", ["Emma"]),
    ("微信群里Jack和Rose吵起来了", ["Jack", "Rose"]),
    ("BB霜怎么选", []),
    ("iOS和Android哪个适合老人，Grace问的", ["Grace"]),
    ("Redis缓存穿透怎么解决", []),
    ("把Nginx日志导进Elasticsearch", []),
    ("Sarah在GitHub上提了个问题", ["Sarah"]),
    ("翻译：Peter和Mary周末去了公园", ["Peter", "Mary"]),
    ("面试官问我Spring和Django的区别", []),
    ("Photoshop抠图教程", []),
    ("法人代表Robert Brown签字", ["Robert Brown"]),
    ("Please restart Jenkins after lunch.", []),
    ("Kafka keeps losing messages when the broker restarts.", []),
    ("Can you show me how Redis stores keys?", []),
    ("Is Haskell harder than Rust?", []),
    ("Wireshark shows nothing on Wi-Fi.", []),
    ("She plays Minecraft on an Xbox.", []),
    ("Symptoms of Parkinson's disease in women", []),
    ("Does Siri work without internet?", []),
    ("My Norton subscription has expired.", []),
    ("Tom broke the Kafka cluster.", ["Tom"]),
    ("Franz Kafka was born in Prague.", ["Franz Kafka"]),
    ("Mr. Jenkins lives next door.", ["Jenkins"]),
    ("I met Katherine Jenkins at the party.", ["Katherine Jenkins"]),
    ("Alice sent the PDF to Bob.", ["Alice", "Bob"]),
    ("My boss Michael Brown hates Excel.", ["Michael Brown"]),
    ("Dr. Marfan described it first.", ["Marfan"]),
    ("Let me check with Susan before the Zoom call.", ["Susan"]),
    ("David Miller set up Grafana.", ["David Miller"]),
    ("在 Ubuntu 上装 CUDA 总失败，Jason 说要换驱动", ["Jason"]),
    ("Docker镜像太大，Dockerfile怎么优化", []),
    ("HIV和HBV的区别", []),
    ("飞书转Slack，员工Nancy的账号没迁过来", ["Nancy"]),
    ("Nike和Adidas哪个耐穿", []),
    ("我开Tesla，老婆开Benz", []),
]


@pytest.mark.parametrize(("text", "expected"), THINGS)
def test_programs_standards_and_diseases_are_nobody_and_people_beside_them_are_found(
    text: str, expected: list[str]
) -> None:
    assert people(text) == expected


@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize(("text", "expected"), THINGS)
def test_in_pieces_the_same_people_are_found(text: str, expected: list[str], size: int) -> None:
    assert streamed(text, size) == expected


def streamed(text: str, size: int) -> list[str]:
    """Return who is named in a text that comes in pieces; what is decided is not looked at again."""
    found: list[str] = []
    begin = 0
    for end in [*range(size, len(text), size), len(text)]:
        scan = FIND(TextView(text[begin:end], before=text[:begin], final=end == len(text)))
        found += [
            text[begin + one.start : begin + one.end]
            for one in scan.findings
            if one.risk == "pii.name" and one.score >= 0.5
        ]
        begin += scan.open
    return found


def test_a_run_that_has_begun_is_held_whole() -> None:
    text = "I know Mary Ann"
    scan = FIND(TextView(text, final=False))
    assert scan.open == text.index("Mary")
    assert scan.findings == ()


def test_json_escapes_keep_their_places() -> None:
    text = '{"who": "I am John \\u0053mith now"}'
    found = FIND(TextView(text, escaped=True)).findings
    assert [text[f.start : f.end] for f in found if f.risk == "pii.name"] in (["John \\u0053mith"], ["John"])


def read_with(words: list[Token], at: int, size: int) -> list[object]:
    """Return every run that ends behind a place, and all that says how it is read."""
    runs = people_en._runs([word.text for word in words])
    return [
        (
            words[first:end],
            people_en._left(words, first),
            people_en._right(words, end),
            people_en._undecided(words, end, size),
        )
        for first, end in runs
        if words[end - 1].end > at
    ]


PARTS = ["国", "在", "，", " ", "\n", "Bob", "van", "of ", "x", "'s", ".", "42", "Ⓐ", "é", "Ÿ", "&"]


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.integers(0, 20))
def test_words_far_from_any_capital_do_not_matter(text: str, at: int) -> None:
    some, every = list(people_en._words(text, at)), tokens(text)
    assert read_with(some, at, len(text)) == read_with(every, at, len(text))


def test_words_far_from_any_capital_are_not_looked_at() -> None:
    text = "今天天气很好，" * 50 + "我找Bob了" + "今天天气很好，" * 50
    assert [word.text for word in people_en._words(text, 0)] == ["我", "找", "Bob", "了", "今", "天"]


def test_every_sign_that_a_name_may_begin_with_is_a_capital() -> None:
    signs = (chr(code) for codes in (range(0xD800), range(0x1F000, 0x1F300)) for code in codes)
    begins = {sign for sign in signs if TOKEN.fullmatch(sign) and sign.isupper()}
    assert begins == {sign for sign in begins if people_en._UPPER.fullmatch(sign)}
