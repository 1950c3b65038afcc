"""Accounts and devices: WeChat and QQ numbers, IMEI, MAC and IP addresses."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from gateway.detectors.personal.card import has_luhn
from gateway.detectors.personal.kind import LIKELY, NEAR_MISS, Kind, Said, when_announced


def _imei(text: str, said: Said) -> float | None:
    if len(text) == 14:
        return LIKELY if said == "own" else None
    number = re.sub("[ -]", "", text)
    if said == "own":
        return 0.95 if has_luhn(number) else 0.6
    # Reporting bodies that give out type codes: BABT, TIA, and China's.
    return NEAR_MISS if said == "" and number.startswith(("35", "86", "01")) and has_luhn(number) else None


def _mac(text: str, said: Said) -> float | None:
    plain = re.sub("[0-9a-f]", "", text)
    if not plain:
        return LIKELY if said == "own" and not text.isdigit() and not text.isalpha() else None
    # All the same: nobody's, or everybody's.
    return 0.95 if len(set(plain)) == 1 and len(set(text)) > _SAME else None


def _ip(text: str, said: Said) -> float | None:
    if said == "other":
        return None
    try:
        if ":" in text:
            IPv6Address(text)
            return 0.9 if said == "own" or text.count(":") > 2 else None
        numbers = IPv4Address(text).packed
    except AddressValueError:
        return None
    if numbers[0] in _NOBODY or numbers[0] >= _MULTICAST:
        return None
    # Small numbers all over are as often a version or a section.
    small = numbers[0] < _PRIVATE or (numbers[0] > _PRIVATE and max(numbers) < _FEW)
    return 0.95 if said == "own" else NEAR_MISS if small else LIKELY


_SAME: Final = 2
# This machine; and from 224 on groups, masks and everybody.
_NOBODY: Final = (0, 127)
_MULTICAST: Final = 224
_PRIVATE: Final = 10
_FEW: Final = 32
# What WeChat is for programs; and what begins what is said of it: 微信 windows 版, 微信 android14.
_PROGRAM: Final = re.compile(
    r"(?:openid|unionid|app-?(?:id|key|secret|service)|secret|access_token|session_key|miniprogram|mini-program|developer"
    r"|windows|android|iphone|macos|linux|harmony|server|client|webview|devtools)[0-9_-]{0,4}"
)
_WORDS_ONLY: Final = re.compile(r"[a-z]+(?:-[a-z]+){0,3}")


def _wechat(text: str, said: Said) -> float | None:
    if text.startswith("wxid_"):
        return 1.0
    if said not in ("own", "beside") or _PROGRAM.fullmatch(text):
        return None
    # A word beside the label is most often what is said of WeChat; a name holds a digit or a line.
    return None if said == "beside" and _WORDS_ONLY.fullmatch(text) else LIKELY


QQ: Final = Kind(
    risk="pii.qq",
    first="1-9",
    shapes=(),
    announced=(r"[1-9][0-9]{4,10}",),
    check=when_announced(LIKELY),
    plain=True,
    labels=(
        "qq",
        "qq号",
        "qq号码",
        "扣扣",
        "扣扣号",
        "企鹅号",
        "加q",
        "q号",
        "qq群",
        "加扣",
        "企鹅",
        "加我q",
        "加我qq",
    ),
    written_out=True,
)
WECHAT: Final = Kind(
    risk="pii.wechat",
    first="0-9a-z",
    shapes=(r"wxid_[0-9a-z]{10,24}",),
    announced=(r"[0-9]{6,11}", r"[a-z][0-9a-z_-]{5,19}"),
    check=_wechat,
    plain=True,
    labels=(
        "微信",
        "微信号",
        "微信号码",
        "加微信",
        "加微",
        "加v",
        "加我v",
        "加我微信",
        "加vx",
        "加wx",
        "wx",
        "vx",
        "v信",
        "薇信",
        "威信",
        "wechat",
        "weixin",
        "wechat id",
    ),
)
IMEI: Final = Kind(
    risk="pii.imei",
    first="0-9a-f",
    shapes=(r"[0-9]{15}",),
    announced=(r"[0-9]{2}-[0-9]{6}-[0-9]{6}-[0-9]", r"[0-9]{6} [0-9]{2} [0-9]{6} [0-9]", r"[0-9a-f]{14}"),
    check=_imei,
    labels=("imei", "imei号", "imei码", "meid", "设备号", "设备识别码", "手机串号", "串号"),
)
MAC: Final = Kind(
    risk="pii.mac_address",
    first="0-9a-f",
    shapes=(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}", r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}"),
    announced=(r"[0-9a-f]{12}", r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}"),
    check=_mac,
    labels=("mac", "mac地址", "物理地址", "mac address"),
)
IP: Final = Kind(
    risk="pii.ip_address",
    first="0-9a-f",
    shapes=(
        r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}",
        r"[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}",
    ),
    check=_ip,
    labels=("ip", "ip地址", "登录ip", "ip address", "ipv4", "ipv6", "主机", "服务器地址"),
)
