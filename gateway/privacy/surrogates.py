"""Makes values that look like personal data and belong to nobody, chosen by a key.

A surrogate has the shape of what it stands for, so that a model can work with it: a number of the
same length that passes its check digit, a name of the same script and gender. What can be
unassigned is: mobile numbers begin with 154, identity numbers with an area that no code list holds,
cards with 99, addresses and mailboxes stand at places and hosts that do not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from gateway.document import read_document
from gateway.packaged import packaged_text
from gateway.privacy.draw import Draw

Maker = Callable[[str, Draw], str]
"""Makes a surrogate of a value; what it chooses the key chooses."""

_HAN: Final = re.compile("[\u3400-\u9fff]")
_DIGIT_RUNS: Final = re.compile(r"[0-9０-９]+")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MALE_TITLE: Final = re.compile(r"先生|男士|Mr\.?\s", re.IGNORECASE)
_FEMALE_TITLE: Final = re.compile(r"女士|小姐|太太|M(?:r)?s\.?\s|Miss\s", re.IGNORECASE)


def surrogate_of(risk: str, value: str, draw: Draw) -> str:
    """Return a surrogate for a value of personal data.

    Args:
        risk: What it is, such as ``pii.person_name``.
        value: The value as it stands in the text, with its spaces and hyphens.
        draw: Makes the choices.
    """
    return _MAKERS.get(risk.rpartition(".")[2], _shape)(value, draw)


@cache
def _parts() -> Mapping[str, Any]:
    text = packaged_text("privacy/surrogates.yaml")
    parts: Mapping[str, Any] = read_document(text, "surrogates.yaml").value
    return parts


def _same_digits(value: str, digits: str) -> str:
    """Write digits where those of ``value`` stand; separators stay."""
    rest = iter(digits)
    return "".join(next(rest, character) if character.isdigit() else character for character in value)


def _count(value: str) -> int:
    return sum(1 for character in value if character.isdigit())


def _mobile(value: str, draw: Draw) -> str:
    size = _count(value)
    lead = size - 11  # a country code before it stays
    if lead < 0:
        return _shape(value, draw)
    head = "".join(character for character in value if character.isdigit())[:lead]
    return _same_digits(value, f"{head}154{draw.digits(8)}")


def _landline(value: str, draw: Draw) -> str:
    runs = _DIGIT_RUNS.findall(value)
    if len(runs) < 2:  # no subscriber's number begins with 1
        digits = "".join(runs)
        return _same_digits(value, f"{digits[:3]}1{draw.digits(max(len(digits) - 4, 0))}")
    out = []
    for number, run in enumerate(runs):
        long = len(run) >= 7
        out.append(
            run if number == 0 and not long else f"1{draw.digits(len(run) - 1)}" if long else draw.digits(len(run))
        )
    return _same_digits(value, "".join(out))


def identity_check(first: str) -> str:
    """Return the check digit of an identity number's first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first, _ID_WEIGHTS, strict=True)) % 11]


def _identity(value: str, draw: Draw) -> str:
    bare = re.sub(r"[^0-9A-Za-z]", "", value)
    if len(bare) != 18:
        return _shape(value, draw)
    area = f"{draw.pick(('11', '31', '32', '33', '37', '42', '44', '51'))}9{draw.digits(1)}99"
    born = f"{1950 + draw.number(56)}{1 + draw.number(12):02d}{1 + draw.number(28):02d}"
    order = f"{draw.digits(2)}{2 * draw.number(5) + (int(bare[16]) % 2 if bare[16].isdigit() else 0)}"
    first = area + born + order
    made = iter(first + identity_check(first))
    return "".join(next(made) if character.isalnum() else character for character in value)


def luhn_digit(first: str) -> str:
    """Return the digit that makes a number pass ISO/IEC 7812-1, Annex B."""
    total = 0
    for at, digit in enumerate(reversed(first)):
        number = int(digit) * (2 if at % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def _card(value: str, draw: Draw) -> str:
    size = _count(value)
    if size < 12:
        return _shape(value, draw)
    first = f"99{draw.digits(size - 3)}"
    return _same_digits(value, first + luhn_digit(first))


def _credit_code(value: str, draw: Draw) -> str:
    if len(value) != 18:
        return _shape(value, draw)
    first: str = "9199" + "".join(draw.digits(1) for _ in range(4)) + "".join(draw.pick(_CREDIT) for _ in range(9))
    total = sum(_CREDIT.index(character) * pow(3, at, 31) for at, character in enumerate(first))
    return first + _CREDIT[-total % 31]


def _email(value: str, draw: Draw) -> str:
    local, _, _ = value.partition("@")
    letters = "abcdefghjkmnpqrstuvwxyz"
    size = min(max(len(local), 5), 12)
    name = draw.pick(letters) + "".join(draw.pick(letters + "23456789") for _ in range(size - 1))
    return f"{name}@{draw.pick(('example.com', 'example.org', 'example.net'))}"


def _name(value: str, draw: Draw) -> str:
    return _chinese_name(value, draw) if _HAN.search(value) else _latin_name(value, draw)


def gender_of(value: str) -> str:
    """Say which gender a name shows: ``male``, ``female`` or ``neutral``."""
    if _FEMALE_TITLE.search(value):
        return "female"
    if _MALE_TITLE.search(value):
        return "male"
    parts = _parts()
    first = next(iter(value.split()), "")
    for gender in ("female", "male"):
        if first in parts["en"][gender] or (_HAN.search(value) and value[-1] in parts["zh"][gender]):
            return gender
    return "neutral"


def _chinese_name(value: str, draw: Draw) -> str:
    zh = _parts()["zh"]
    bare = re.sub("[^\u3400-\u9fff·]", "", value)
    gender = gender_of(value)
    if "·" in bare:
        return "·".join("".join(draw.pick(zh["neutral"]) for _ in part) for part in bare.split("·") if part)
    compound = len(bare) >= 3 and bare[:2] in zh["compound"]
    surname: str = draw.pick(zh["compound"]) if compound else draw.pick(zh["surnames"])
    given = max(len(bare) - (2 if compound else 1), 1)
    return surname + "".join(draw.pick(zh[gender]) for _ in range(min(given, 3)))


def _latin_name(value: str, draw: Draw) -> str:
    en = _parts()["en"]
    words = value.split()
    gender = gender_of(value)
    made = [draw.pick(en[gender] if at < len(words) - 1 or len(words) == 1 else en["last"]) for at in range(len(words))]
    said = [
        word if len(real.rstrip(".")) > 1 else f"{word[0]}{real[1:]}" for word, real in zip(made, words, strict=True)
    ]
    out = " ".join(said)
    return out.upper() if value.isupper() else out.lower() if value.islower() else out


def _address(value: str, draw: Draw) -> str:
    if _HAN.search(value):
        zh = _parts()["zh"]
        place, street = draw.pick(zh["places"]), draw.pick(zh["streets"])
        return f"{place}市{draw.pick(zh['places'])}区{street}路{1 + draw.number(899)}号"
    en = _parts()["en"]
    return f"{1 + draw.number(899)} {draw.pick(en['streets'])} Street, {draw.pick(en['places'])}"


def _organisation(value: str, draw: Draw) -> str:
    if _HAN.search(value):
        ending = re.search(
            r"(?:股份有限公司|有限责任公司|有限公司|集团|公司|医院|大学|学院|中学|小学|银行|事务所|局|厂|店)$", value
        )
        zh = _parts()["zh"]
        return f"{draw.pick(zh['places'])}{draw.pick(zh['firms'])}{ending.group() if ending else '公司'}"
    ending = re.search(r"(?:Inc\.?|Ltd\.?|LLC|Corp\.?|Company|University|Hospital|Bank|Group)$", value)
    return f"{draw.pick(_parts()['en']['firms'])} {ending.group() if ending else 'Group'}"


def _ip(value: str, draw: Draw) -> str:
    if ":" in value:  # RFC 3849
        return f"2001:db8::{draw.number(65_536):x}:{draw.number(65_536):x}"
    return f"203.0.113.{1 + draw.number(254)}"  # RFC 5737


def _url(value: str, draw: Draw) -> str:
    scheme = value[: value.find("://")] if "://" in value else "https"
    return f"{scheme}://example.com/{''.join(draw.pick('abcdefghjkmnpqrstuvwxyz23456789') for _ in range(8))}"


def _shape(value: str, draw: Draw) -> str:
    """Put a character of the same kind in the place of each; what separates them stays."""
    out = []
    for character in value:
        if character.isdigit():
            out.append(draw.digits(1))
        elif "a" <= character <= "z":
            out.append(draw.pick("abcdefghijkmnpqrstuvwxyz"))
        elif "A" <= character <= "Z":
            out.append(draw.pick("ABCDEFGHJKLMNPQRSTUVWXYZ"))
        elif _HAN.match(character):
            out.append(draw.pick(_parts()["zh"]["neutral"]))
        else:
            out.append(character)
    return "".join(out)


_MAKERS: Final[Mapping[str, Maker]] = {
    "mobile_number": _mobile,
    "phone_number": _landline,
    "landline": _landline,
    "identity_number": _identity,
    "residence_permit": _identity,
    "bank_card": _card,
    "credit_code": _credit_code,
    "email": _email,
    "name": _name,
    "person_name": _name,
    "address": _address,
    "organization": _organisation,
    "ip_address": _ip,
    "url": _url,
}
