"""Says in words what a risk id of GB/T 45654-2025, Annex A, stands for: ``a1.h`` is nothing that a person can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.policy.explain import Language

_TABLE: Final = """
a1|违反社会主义核心价值观的内容|against core socialist values
a1.a|煽动颠覆国家政权、推翻社会主义制度|inciting to subvert the state or the socialist system
a1.b|危害国家安全和利益、损害国家形象|endangering national security, interests or image
a1.c|煽动分裂国家、破坏国家统一和社会稳定|inciting separatism, undermining unity and stability
a1.d|宣扬恐怖主义、极端主义|promoting terrorism or extremism
a1.e|宣扬民族仇恨|promoting ethnic hatred
a1.f|宣扬暴力、淫秽色情|promoting violence, obscenity or pornography
a1.g|传播虚假有害信息|spreading false and harmful information
a1.h|其他法律、行政法规禁止的内容|other content that laws or regulations forbid
a2|歧视性内容|discrimination
a2.a|民族歧视|discrimination by ethnicity
a2.b|信仰歧视|discrimination by belief
a2.c|国别歧视|discrimination by nationality
a2.d|地域歧视|discrimination by region
a2.e|性别歧视|discrimination by gender
a2.f|年龄歧视|discrimination by age
a2.g|职业歧视|discrimination by occupation
a2.h|健康歧视|discrimination by health
a2.i|其他方面歧视|other discrimination
a3|商业违法违规|commercial offences
a3.a|侵犯他人知识产权|infringing intellectual property
a3.b|违反商业道德|violating business ethics
a3.c|泄露他人商业秘密|disclosing trade secrets
a3.d|利用算法、数据、平台等优势实施垄断和不正当竞争|monopoly or unfair competition by algorithms, data or platforms
a3.e|其他商业违法违规行为|other commercial offences
a4|侵犯他人合法权益|infringing the rights of others
a4.a|危害他人身心健康|endangering physical or mental health
a4.b|侵害他人肖像权|infringing rights to one's image
a4.c|侵害他人名誉权|infringing reputation
a4.d|侵害他人荣誉权|infringing honour
a4.e|侵害他人隐私权|infringing privacy
a4.f|侵害他人个人信息权益|infringing rights to personal information
a4.g|侵犯他人其他合法权益|infringing other rights
a5|无法满足特定服务类型的安全需求|not meeting the safety needs of a kind of service
a5.a|内容不准确，严重不符合科学常识或主流认知|inaccurate, against common scientific knowledge
a5.b|内容不可靠，对使用者没有帮助|unreliable, of no help to the user
"""
_NAMES: Final[Mapping[str, Mapping[Language, str]]] = {
    risk: {"zh": zh, "en": en} for risk, zh, en in (line.split("|") for line in _TABLE.split("\n") if line)
}


def harm_in_words(risk: str, language: Language) -> str:
    """Return what a risk stands for, to be written behind it; empty for what is no item or group of Annex A."""
    if risk not in _NAMES:
        return ""
    said = _NAMES[risk][language]
    return f"（{said}）" if language == "zh" else f" ({said})"
