"""Names of people that Chinese writes by their sound: with dots between their parts, and Tibetan ones."""

from __future__ import annotations

import re
from typing import Final

DOTS: Final = "·•‧"
LONGEST: Final = 64
"""Farther back than this no name began that the end of a text cuts off."""
# Characters that write foreign names by their sound, Uyghur, Kazakh and Tibetan ones too.
SOUNDS: Final = (
    "阿埃艾爱安昂奥巴卜白班邦贝本比彼毕别宾波伯勃博布步查柴昌楚茨达大戴丹当道德登邓迪蒂丁杜顿多俄厄恩尔法范方菲费芬冯弗夫"
    "福甫盖甘冈高戈哥格葛贡古圭哈海汉豪赫黑亨洪侯胡华怀惠霍基吉季加贾简江杰捷金京居喀卡凯坎康考柯科可克肯孔库夸昆拉莱来兰"
    "朗劳勒雷蕾楞黎里理力立利莉丽连莲列烈林琳留隆卢鲁露路伦罗洛吕妈马玛迈麦曼芒毛梅门蒙米密敏明缪摩莫默姆木穆拿哪那娜纳乃"
    "奈南内嫩能妮尼年涅宁纽农努女诺欧帕派潘庞培佩彭皮匹平泼珀普奇齐契恰强乔切钦琴青琼丘让热仁日荣柔茹儒瑞若撒萨塞赛三桑森"
    "瑟沙莎山珊善尚绍舍申生圣胜诗施什石史士舒斯丝司松苏孙索所塔泰坦汤唐陶特腾提田图吐托脱娃瓦外万王旺威韦维伟魏温文翁沃乌"
    "吾武伍西希席锡霞夏显香萧肖谢辛欣兴匈修休雪逊雅亚延扬耶叶伊依易因英永尤优于约孜泽曾扎詹张兆哲珍芝治朱孜佐卓兹祖佐拖买"
    "提合孜则罕汗江吾拜热依丽孜古再吐拉毛措旺姆次卓嘎央拉巴扎翰芭诃陀妥梵汀仑荪姑丝侬赖"
)
# Characters that are ordinary words and write a sound in company alone: 大卫, 彼得, 阿不都, 玉素甫.
_BEFORE: Final = (
    "保(?=[罗尔])|雨(?=果)|玉(?=[素山苏努])|肉(?=孜)|牙(?=[生森])|东(?=尼)|如(?=[克斯孜])|且(?=姆)|[仙鲜](?=古)"
    "|破(?=仑)"
)
_BEHIND: Final = (
    "(?<=大)卫|(?<=威)廉|(?<=彼)得|(?<=安)东|(?<=亚)历|(?<=甘)地|(?<=[克陀])思|(?<=雨)果|(?<=[梅里摩])根|(?<=图)灵|(?<=玉)素"
    "|(?<=丽)旦|(?<=马)义|(?<=拉)音|(?<=阿)不(?=都)|(?<=[不布])都"
)
_IN_COMPANY: Final = "保雨玉肉牙东如且仙鲜破卫廉得历地思果根灵素旦义音不都"
_SOUND: Final = f"(?:[{SOUNDS}]|{_BEFORE}|{_BEHIND})"
DOTTED: Final = re.compile(f"(?:[{SOUNDS}]|{_BEFORE}){_SOUND}{{0,7}}(?:[{DOTS}]{_SOUND}{{1,10}}){{1,4}}(?<!于)")
_DOTTED_BEGUN: Final = re.compile(
    f"[{SOUNDS}{_IN_COMPANY}]{{1,8}}(?:[{DOTS}][{SOUNDS}{_IN_COMPANY}]{{0,10}}){{0,5}}\\Z"
)
# Of such words two or three make a name, 扎西 and 次仁; one alone may be a place, a flower or a day.
_NAMES: Final = (
    "扎西 顿珠 次仁 才仁 才让 才旦 卓玛 多吉 多杰 旺堆 尼玛 拉姆 央金 德吉 格桑 洛桑 平措 罗布 丹增 旦增 索朗 "
    "索南 白玛 贡布 仁增 仁青 强巴 巴桑 边巴 普布 达瓦 达娃 米玛 拉巴 旺姆 旺久 旺杰 旺扎 曲珍 曲扎 曲培 卓嘎 "
    "央宗 央措 德庆 群培 嘉措 加措 江村 坚赞 土登 阿旺 赤列 次旺 次珍 顿旦 旦巴 益西 云丹 占堆 桑珠 桑杰 桑吉 "
    "措姆 朗杰 南杰 热旦 更登 嘎玛 玉珍 仓决 白珍 晋美 洛追 加央 拉珍 尼珍 德央"
)
_WORDS: Final = tuple(_NAMES.split())
_WORD: Final = f"(?:{'|'.join(_WORDS)})"
TIBETAN: Final = re.compile(f"{_WORD}{{2,3}}")
# A quick look: a first character of such a word, then a second one, and another first one.
_FIRSTS: Final = "".join(sorted({word[0] for word in _WORDS}))
_MAYBE: Final = re.compile(f"[{_FIRSTS}](?=[{''.join(sorted({word[1] for word in _WORDS}))}][{_FIRSTS}])")
_TIBETAN_BEGUN: Final = re.compile(f"{_WORD}{{0,2}}(?:{_WORD}|[{_FIRSTS}])\\Z")


def tibetan(text: str, at: int) -> dict[int, int]:
    """Return where Tibetan names begin from ``at`` on, with their ends."""
    found: dict[int, int] = {}
    for maybe in _MAYBE.finditer(text, at):
        name = TIBETAN.match(text, maybe.start()) if maybe.start() >= at else None
        if name is not None:
            found[maybe.start()] = at = name.end()
    return found


def begun(text: str, start: int) -> bool:
    """Whether such a name may begin at ``start`` that the end of ``text`` cuts off."""
    return _DOTTED_BEGUN.match(text, start) is not None or (
        start >= len(text) - 6 and _TIBETAN_BEGUN.match(text, start) is not None
    )
