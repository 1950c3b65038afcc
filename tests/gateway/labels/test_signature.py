"""Signatures in ReservedCode1 fit their label and no other; OpenSSL agrees; keys are pinned or it is said so."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.specimens import LABEL, drawn
from kit.tools import needs

from gateway.errors import LabelError
from gateway.labels import signature
from gateway.labels.files import verify, write
from gateway.labels.metadata import AigcLabel
from gateway.labels.rules import examine, verdict_of
from gateway.labels.signature import Keys, Sm2Key, judge, message, sign_hmac, sign_sm2

SECRET = bytes(range(1, 33))


@pytest.fixture(scope="module")
def key() -> Sm2Key:
    from gmalg import SM2

    return Sm2Key(SECRET, SM2().generate_pk(SECRET))


@pytest.fixture(scope="module")
def other() -> Sm2Key:
    from gmalg import SM2

    return Sm2Key(SECRET[::-1], SM2().generate_pk(SECRET[::-1]))


def results(label: AigcLabel, keys: Keys | None = None, **more: Any) -> dict[str, str]:
    return {ruling.rule.id: ruling.result for ruling in judge(label, keys, **more)}


def data(label: AigcLabel) -> Any:
    return json.loads(label.reserved_code1)["SecurityData"]


def test_the_message_is_the_one_of_appendix_a_1() -> None:
    assert message(AigcLabel.of("acme", "7")) == b'"Label":"1","ContentProducer":"acme","ProduceID":"7"'


def test_a_signed_label_is_compliant_and_its_signature_fits(key: Sm2Key) -> None:
    signed = sign_sm2(LABEL, key, b"content")
    assert signed.fault() is None
    assert verdict_of(examine(signed.dump(), strict=True).rulings) == "compliant"
    assert results(signed) == {"form": "ok", "signature": "ok"}
    assert (data(signed)["Type"], data(signed)["Version"]) == ("TC260PG", 1)
    assert [one["Type"] for one in data(signed)["PubSD"]] == ["DS", "PubKey"]


@pytest.mark.parametrize("change", [{"label": "2"}, {"content_producer": "x"}, {"produce_id": "x"}])
def test_any_change_of_what_is_signed_is_seen(key: Sm2Key, change: dict[str, str]) -> None:
    changed = replace(sign_sm2(LABEL, key), **change)
    assert results(changed)["signature"] == "warning"
    assert results(changed, strict=True)["signature"] == "failed"
    assert results(changed, Keys(frozenset({key.public})))["signature"] == "failed"


def test_what_a_platform_writes_leaves_the_producers_signature_whole(key: Sm2Key) -> None:
    assert results(sign_sm2(LABEL, key).passed_on("platform", "9"))["signature"] == "ok"


def test_a_key_in_the_file_proves_nothing_of_whose_it_is(key: Sm2Key, other: Sm2Key) -> None:
    forged = sign_sm2(LABEL, other)
    assert results(forged) == {"form": "ok", "signature": "ok"}
    assert results(forged, Keys(frozenset({key.public}))) == {"form": "ok", "signature": "ok", "pinned-key": "failed"}
    assert results(sign_sm2(LABEL, key), Keys(frozenset({key.public})))["pinned-key"] == "ok"
    assert results(LABEL, Keys(frozenset({key.public}))) == {"pinned-key": "failed"}


def test_a_pinned_key_does_without_one_in_the_file(key: Sm2Key) -> None:
    signed = sign_sm2(LABEL, key)
    bare = {"SecurityData": {**data(signed), "PubSD": data(signed)["PubSD"][:1]}}
    bare_label = replace(signed, reserved_code1=json.dumps(bare))
    assert results(bare_label)["signature"] == "warning"
    assert results(bare_label, Keys(frozenset({key.public})))["pinned-key"] == "ok"


def test_a_binding_fits_the_file_before_it_was_labelled_only(key: Sm2Key) -> None:
    signed = sign_sm2(LABEL, key, b"content")
    assert results(signed, content=b"content")["binding"] == "ok"
    assert results(signed, content=b"another")["binding"] == "warning"  # what CntSel selects is not known: L


@pytest.mark.parametrize(
    "change",
    [
        lambda one: {**one, "AlgID": "1.2.840.113549.1.1.11"},
        lambda one: {**one, "TBSData": {"Type": "Bnd"}},
        lambda one: {**one, "TBSData": None},
        lambda one: {"Type": "DS"},
    ],
)
def test_what_cannot_be_checked_is_a_warning_and_no_pass(key: Sm2Key, change: Any) -> None:
    signed = sign_sm2(LABEL, key)
    entries = [change(data(signed)["PubSD"][0]), data(signed)["PubSD"][1]]
    label = replace(signed, reserved_code1=json.dumps({"SecurityData": {**data(signed), "PubSD": entries}}))
    assert results(label)["signature"] == "warning"
    assert results(label, Keys(frozenset({key.public})))["pinned-key"] == "failed"


@pytest.mark.parametrize("spelled", ["Md", "LabelMataData"])
def test_the_spelling_of_a_big_producer_is_read(key: Sm2Key, spelled: str) -> None:
    signed = sign_sm2(LABEL, key)
    code = signed.reserved_code1.replace('"Md"', f'"{spelled}"').replace('"PubSD"', '"PubSd"')
    assert results(replace(signed, reserved_code1=code))["signature"] == "ok"


@pytest.mark.parametrize("form", ["spki", "point", "compressed", "x"])
def test_a_key_is_read_in_every_form(key: Sm2Key, form: str) -> None:
    x, even = key.public[1:33], key.public[-1] % 2 == 0
    value = {
        "spki": None,
        "point": key.public.hex(),
        "compressed": (b"\2" if even else b"\3").hex() + x.hex(),
        "x": "00" + x.hex(),
    }[form]
    signed = sign_sm2(LABEL, key)
    entries = data(signed)["PubSD"]
    if value:
        entries[1]["KeyValue"] = value
    label = replace(signed, reserved_code1=json.dumps({"SecurityData": {**data(signed), "PubSD": entries}}))
    assert results(label)["signature"] == ("ok" if form != "x" or even else "warning")


@settings(max_examples=30, deadline=None)
@given(
    st.recursive(
        st.none() | st.text(max_size=9) | st.integers(),
        lambda one: (
            st.lists(one, max_size=3)
            | st.dictionaries(
                st.sampled_from(["SecurityData", "PubSD", "Type", "AlgID", "Signature", "KeyValue", "TBSData"]),
                one,
                max_size=5,
            )
        ),
    )
)
def test_whatever_stands_in_the_reserved_code_there_is_an_answer(value: Any) -> None:
    for code in (json.dumps(value), json.dumps({"SecurityData": value})):
        assert all(
            ruling.result != "failed"
            for ruling in judge(replace(LABEL, reserved_code1=code))
            if ruling.rule.id != "form"
        )


def test_an_opaque_digest_is_checked_by_who_holds_the_secret() -> None:
    secret = b"s" * 32
    sealed = sign_hmac(LABEL, secret)
    digest = hmac.new(secret, message(LABEL), hashlib.sha256).hexdigest()
    assert sealed.reserved_code1 == f"hs256.{digest}"
    assert results(sealed) == {"signature": "warning"}
    assert results(sealed, Keys(secret=secret)) == {"signature": "ok", "pinned-key": "ok"}
    assert results(sealed, Keys(secret=b"t" * 32)) == {"signature": "failed"}
    assert results(replace(sealed, produce_id="x"), Keys(secret=secret)) == {"signature": "failed"}
    assert results(LABEL, Keys(secret=secret)) == {"pinned-key": "failed"}


def test_other_peoples_opaque_values_are_left_alone() -> None:
    for code in ("", "L-123", "1", "[1]", "{}", '{"SecurityData":1}', "ab" * 16):
        assert results(replace(LABEL, reserved_code1=code)) == {}


def test_a_file_is_signed_and_verified(tmp_path: Path, key: Sm2Key) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(drawn("PNG"))
    write(file, file, sign_sm2(LABEL, key, drawn("PNG")))
    assert verify(file, strict=True).verdict == "compliant"
    assert verify(file, keys=Keys(frozenset({key.public}))).verdict == "compliant"
    assert verify(file, keys=Keys(frozenset({b"\4" + bytes(64)}))).verdict == "non-compliant"


def test_keys_are_not_shown(key: Sm2Key) -> None:
    assert SECRET.hex() not in repr(key)
    assert repr(SECRET) not in repr(key)
    assert "sss" not in repr(Keys(secret=b"s" * 32))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no SM2 key"),
        ("0" * 64, "holds no SM2 key"),
        ("f" * 64, "holds no SM2 key"),
        ("z" * 64, "holds no SM2 key"),
        ("-----BEGIN EC PRIVATE KEY-----\n!!!\n-----END EC PRIVATE KEY-----", "holds no SM2 key"),
        ("é", "no PEM"),
    ],
)
def test_a_file_without_a_key_is_told(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "k"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LabelError, match=said) as raised:
        signature.read_key(file)
    assert "openssl" in str(raised.value) or said == "no PEM"
    if text != "0" * 64:  # as an x coordinate, this is a point on the curve
        with pytest.raises(LabelError):
            signature.read_public(file)
    with pytest.raises(LabelError):
        signature.read_secret(tmp_path / "gone")
    with pytest.raises(LabelError):
        signature.read_key(tmp_path / "gone")


@needs("openssl")
def test_openssl_makes_the_keys_and_verifies_what_we_sign(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> str:
        ran = subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        if ran.returncode:
            pytest.skip(f"openssl without SM2: {ran.stderr[:80]}")
        return ran.stdout

    openssl("ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "k.pem")
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", "k.pem", "-out", "k8.pem")
    openssl("ec", "-in", "k.pem", "-pubout", "-out", "p.pem")
    key = signature.read_key(tmp_path / "k.pem")
    assert key == signature.read_key(tmp_path / "k8.pem")
    assert key.public == signature.read_public(tmp_path / "p.pem")
    signed = sign_sm2(LABEL, key)
    (tmp_path / "m").write_bytes(message(LABEL))
    (tmp_path / "s").write_bytes(bytes.fromhex(data(signed)["PubSD"][0]["Signature"]))
    options = ["-in", "m", "-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
    assert "Success" in openssl("pkeyutl", "-verify", "-pubin", "-inkey", "p.pem", *options, "-sigfile", "s")
    openssl("pkeyutl", "-sign", "-inkey", "k.pem", *options, "-out", "theirs")
    code = {
        **data(signed),
        "PubSD": [{**data(signed)["PubSD"][0], "Signature": (tmp_path / "theirs").read_bytes().hex()}],
    }
    theirs = replace(signed, reserved_code1=json.dumps({"SecurityData": code}))
    assert results(theirs, Keys(frozenset({key.public})))["pinned-key"] == "ok"
