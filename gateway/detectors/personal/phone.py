"""Telephone numbers other than mobiles of mainland China: landlines, 400, regions, international, abroad."""

from __future__ import annotations

import re
from typing import Final

from gateway.detectors.personal.kind import ANNOUNCED, NEAR_MISS, Kind, Said, compact

RISK: Final = "pii.phone_number"
_GAP: Final = "[ .·-]{0,2}"
_EXTENSION: Final = r"(?:(?: ?转 ?|-| ?(?:ext\.?|x|分机号?) ?)[0-9]{1,6})?"
_AREA: Final = "(?:010|02[0-9]|0[3-9][0-9]{2})"
_SHAPES: Final = (
    # Mainland: area code and seven or eight digits.
    rf"(?:(?:\+|00)?86{_GAP}0?|0)(?:10|2[0-9]|[3-9][0-9]{{2}}){_GAP}[1-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}{_EXTENSION}",
    rf"\({_AREA}\) ?[1-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}{_EXTENSION}",
    rf"[48]00{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}{_EXTENSION}",
    rf"[48]00{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}",
    # Hong Kong, Macau, Taiwan.
    rf"(?:\(?(?:\+|00)?85[23]\)?{_GAP})[2-9][0-9]{{3}}{_GAP}[0-9]{{4}}",
    rf"(?:\(?(?:\+|00)?886\)?{_GAP})0?[2-9][0-9]{{0,2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3,4}}",
    rf"09[0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}",
    # North America.
    rf"(?:\+?1{_GAP})?(?:\([2-9][0-9]{{2}}\)|[2-9][0-9]{{2}}){_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}{_EXTENSION}",
    rf"001{_GAP}[2-9][0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}{_EXTENSION}",
    # Within Britain, Ireland, Australia, France, South Africa, Switzerland, Belgium, the Netherlands, Brazil: told by
    # where the gaps are.
    r"07[0-9]{3}[ -][0-9]{6}|0[12][0-9]{3}[ -][0-9]{6}|0[0-9]{4} [0-9]{3} [0-9]{3}|0[27][0-9] [0-9]{4} [0-9]{4}",
    r"0[1-8][0-9] [0-9]{3} [0-9]{4}|0[1-9][0-9] [0-9]{3} [0-9]{2} [0-9]{2}|0[1-9][0-9]{1,2}(?: [0-9]{2}){3}",
    r"06[ -][0-9]{8}|\([1-9][0-9]\) ?(?:9[0-9]{4}|[3-9][0-9]{3})-[0-9]{4}",
    r"0[45][0-9]{2} [0-9]{3} [0-9]{3}|0[2378] [0-9]{4} [0-9]{4}",
    r"0[1-9](?:\.[0-9]{2}){4}",  # with blanks between they could be drawn numbers
    rf"\(0[0-9]{{1,4}}\) ?[0-9]{{3,4}}[ -]?[0-9]{{3,4}}{_EXTENSION}",
    # Anywhere (E.164): at most fifteen digits.
    r"\+[1-9][0-9]{0,2}(?:[ .()-]{0,2}[0-9]){6,12}" + _EXTENSION,
)
# What only a word before it tells.
_ANNOUNCED: Final = r"(?:\(0?[0-9]{1,4}\)|[0-9]{2,5})(?:[ .-]{0,2}[0-9]{2,8}){1,4}" + _EXTENSION
_DATE: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:[ .-](?:0?[1-9]|1[0-2])[ .-](?:0?[1-9]|[12][0-9]|3[01])(?![0-9])"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:(?![0-9])|[0-9]{4,6}\Z))"
)
# From how many to how many, and what is a count rather than a number: beside a label such a one is none.
_AMOUNT: Final = re.compile(r"[0-9]{0,3}[0-9](?:00|99|50)[-.][0-9]{1,3}(?:00|99|50)|[1-9][0-9]{0,5}0{4,}")
# Groups of round numbers with blanks between: a row of a table.
_ROUND: Final = re.compile(r"[0-9]{3}(?: [0-9]{1,2}00){2}")
_ROW: Final = re.compile(r"(?![48]00)[2-9][0-9]{2} [0-9]{3} [0-9]{4}")
_EXTENDED: Final = re.compile(r"(?:转|ext|x|分机).*", re.DOTALL)
_SEPARATED: Final = re.compile(r"[ .()·-]")
# What the digits of a number say without a word before it: surer where they are written with gaps.
_FORMS: Final = (
    (re.compile(r"\+[0-9]{7,15}"), 0.8, 0.8),
    (re.compile(r"[48]00[0-9]{7}"), 0.8, 0.6),
    (re.compile(r"(?:00)?(?:86)?0(?:10|2[0-9]|[3-9][0-9]{2})[1-9][0-9]{6,11}"), 0.8, 0.5),
    (re.compile(r"(?:00)?(?:85[23][2-9][0-9]{7}|8860?9[0-9]{8})"), 0.7, 0.5),
    (re.compile(r"09[0-9]{8}"), 0.6, 0.0),
    (re.compile(r"0[1-9][0-9]{7,10}"), 0.7, 0.0),
    (re.compile(r"[1-9][0-9](?:9[0-9]{8}|[3-9][0-9]{7})"), 0.7, 0.0),
    (re.compile(r"(?:00)?1?[2-9][0-9]{9}"), 0.7, 0.0),
)


def phone_score(text: str, said: Said) -> float | None:
    """Say how sure it is that a text of the right shape is a telephone number.

    Returns:
        0.9 announced by words such as 电话; without them 0.8 with a country code or in brackets, 0.7 with
        the gaps that people write, less for bare digits, 0.4 for what may be a row of a table; None for what
        could be any number.
    """
    plain = _EXTENDED.sub("", text)
    digits = compact(plain)
    if said in ANNOUNCED:
        none = _DATE.match(text) or (said == "beside" and _AMOUNT.fullmatch(text))
        return 0.9 if 7 <= len(digits) <= 16 and not none else None
    if said == "other":
        return None
    if _ROW.fullmatch(text) or _ROUND.fullmatch(text):
        return NEAR_MISS
    for form, apart, together in _FORMS:
        if form.fullmatch(digits):
            return (apart if _SEPARATED.search(plain) else together) or None
    return None


KIND: Final = Kind(
    risk=RISK,
    first="+0-9(",
    shapes=_SHAPES,
    announced=(_ANNOUNCED,),
    check=phone_score,
    plain=True,
    named=True,
    labels=(
        *(
            "电话",
            "电话号码",
            "联系电话",
            "座机",
            "固话",
            "固定电话",
            "传真",
            "热线",
            "客服",
            "联系方式",
            "致电",
            "拨打",
            "咨询",
        ),
        *(
            "办公电话",
            "宅电",
            "手机",
            "手机号",
            "手机号码",
            "来电",
            "tel",
            "telephone",
            "phone",
            "phone number",
            "fax",
            "call",
        ),
        *("cell", "mobile", "mobile number", "cell phone", "contact number", "call me at", "reach me at", "text me at"),
        *("hotline", "contact", "ph", "landline", "cellphone", "whatsapp", "my number is", "telephone number", "dial"),
        *("tel no", "phone no", "mobile no", "cell no", "fax no", "contact no", "cell number", "fax number"),
        *("call us at", "call us on", "call me on", "call him at", "call her at", "reach us at", "reach me on"),
        *("reached at", "reached on", "answering at", "message to", "messages to", "calls to", "sms to"),
    ),
)
