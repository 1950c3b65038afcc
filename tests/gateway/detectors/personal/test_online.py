"""Accounts and devices."""

from __future__ import annotations

import pytest
from kit.personal import found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QQ：12345678", [("12345678", "qq")]),
        ("扣扣号 987654321 常在线", [("987654321", "qq")]),
        ("qq二三四五六七八九", [("二三四五六七八九", "qq")]),
        ("微信号：zhangsan_88", [("zhangsan_88", "wechat")]),
        ("加vx zhangsan88，备注", [("zhangsan88", "wechat")]),
        ("wechat id: li-si2020", [("li-si2020", "wechat")]),
        ("wxid_a1b2c3d4e5f6g7", [("wxid_a1b2c3d4e5f6g7", "wechat")]),
        ("加我微信13800138000", [("13800138000", "mobile_number")]),
        ("微信小程序 developer 文档", []),
        ("微信Windows版", []),
        ("微信android14闪退", []),
        ("微信AppSecret：d4624c36", []),
        ("微信 developer 文档", []),
        ("微信 payments 接口", []),
        ("微信公众号阅读量100000+", []),
        ("微信月活用户 1343000000", []),
        ("微信（lily_chen88）", [("lily_chen88", "wechat")]),
        ("加V lily_chen88", [("lily_chen88", "wechat")]),
        ("VX\nlily_chen88", [("lily_chen88", "wechat")]),
        ("微信：lilychen", [("lilychen", "wechat")]),
        ("微信 sunny_girl99", [("sunny_girl99", "wechat")]),
        ("微信号 lily_chen88", [("lily_chen88", "wechat")]),
        ("微信号\nlily_chen88", [("lily_chen88", "wechat")]),
        ("微信\tlily_chen88", [("lily_chen88", "wechat")]),
        ('{"wechat_id": "lily_chen88"}', [("lily_chen88", "wechat")]),
        ("加V：lily_chen88领资料", [("lily_chen88", "wechat")]),
        ("QQ87654321", [("87654321", "qq")]),
        ("加Q87654321", [("87654321", "qq")]),
        ("手机13812345678QQ87654321", [("13812345678", "mobile_number"), ("87654321", "qq")]),
        ("QQ会员有30000000人", []),
        ("QQ音乐下载量100000次", []),
        ("QQ群里有12345人", []),
        ("MAC：F01898ABCDEF", [("F01898ABCDEF", "mac_address")]),
        ("mac 202405180001", []),
        ("hash F01898ABCDEF", []),
        ("ff:ff:ff:ff:ff:ff", []),
        ("00-00-00-00-00-00", []),
        ("IMEI 490154203237518", [("490154203237518", "imei")]),
        ("手机串号 49-015420-323751-8", [("49-015420-323751-8", "imei")]),
        (
            "MAC 00:1A:2B:3C:4D:5E和00-1a-2b-3c-4d-5f",
            [("00:1A:2B:3C:4D:5E", "mac_address"), ("00-1a-2b-3c-4d-5f", "mac_address")],
        ),
        ("00:1A-2B:3C:4D:5E", []),
        ("地址10.0.0.8上", [("10.0.0.8", "ip_address")]),
        ("来自2001:db8::1的请求", [("2001:db8::1", "ip_address")]),
        ("fe80:0:0:0:1:2:3:4", [("fe80:0:0:0:1:2:3:4", "ip_address")]),
        ("版本10.2.3.4", []),
        ("256.1.1.1", []),
        ("127.0.0.1:3306", []),
        ("ip 127.0.0.1", []),
        ("子网掩码 255.255.255.0", []),
        ("Oracle 12.2.0.1", []),
        ("ip 12.2.0.1", [("12.2.0.1", "ip_address")]),
        ("来自120.76.33.21的", [("120.76.33.21", "ip_address")]),
        ("见1.2.3.4节", []),
        ("时间12:30:45", []),
        ("ratio 1:2:3:4", []),
    ],
)
def test_accounts_and_addresses(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected
