"""Signatures of Alibaba Cloud: the example of its own documentation, to the last digit."""

from __future__ import annotations

import hashlib

from gateway.detectors.judges.acs3 import Key, authorization


def test_the_example_of_the_documentation_is_reproduced() -> None:
    # "V3 request structure and signature", the example with fixed parameters.
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    assert authorization(Key("YourAccessKeyId", "YourAccessKeySecret"), headers, b"", query=query) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_body_headers_and_secret_all_count() -> None:
    key, headers = Key("id", "secret"), {"host": "h", "x-acs-date": "d"}
    signed = {
        authorization(key, headers, b"a"),
        authorization(key, headers, b"b"),
        authorization(key, {**headers, "x-acs-date": "e"}, b"a"),
        authorization(Key("id", "other"), headers, b"a"),
    }
    assert len(signed) == 4
