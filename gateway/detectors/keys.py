"""Finds what opens services: API keys, access tokens, JSON Web Tokens, private keys; passwords by their words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.detectors.passwords import BEHIND, PASSWORD, URL, passwords
from gateway.detectors.sweep import Sweep
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.text import TextView, ascii_of

RISK: Final = "secret.api_key"
NAME: Final = "api_key"
_RISKS: Final = frozenset({RISK, PASSWORD, URL})
# Folded text has no capitals, so these are written in small letters. A key that is longer than its
# bound is found up to the bound: half of it is worth nothing.
_WORD: Final = "[0-9a-z_-]"
_TOKENS: Final = (
    rf"sk-{_WORD}{{20,200}}",  # OpenAI (sk-, sk-proj-), Anthropic (sk-ant-), DeepSeek and others
    r"[sr]k_(?:live|test)_[0-9a-z]{16,120}",  # Stripe
    r"a(?:kia|sia)[0-9a-z]{16}",  # Amazon
    r"ltai[0-9a-z]{12,26}",  # Alibaba Cloud
    r"akid[0-9a-z]{13,40}",  # Tencent Cloud
    r"gh[oprsu]_[0-9a-z]{36,255}",  # GitHub
    r"github_pat_[0-9a-z_]{22,255}",
    rf"glpat-{_WORD}{{20,64}}",  # GitLab
    r"xox[abeoprs]-[0-9a-z-]{10,200}",  # Slack
    rf"aiza{_WORD}{{35}}",  # Google
    r"hf_[0-9a-z]{30,40}",  # Hugging Face
    rf"aklt{_WORD}{{20,80}}",  # Volcengine
    r"bce-v3/alta?k-[0-9a-z]{10,40}/[0-9a-f]{40}",  # Baidu
    r"npm_[0-9a-z]{36}",
    rf"pypi-{_WORD}{{50,200}}",
    rf"sg\.{_WORD}{{22}}\.{_WORD}{{43}}",  # SendGrid
    r"gsk_[0-9a-z]{40,60}",  # Groq
    r"xai-[0-9a-z]{60,100}",
)
# Keys of one length, or of one that ends where letters end: what goes on behind them is something else.
_EXACT: Final = (
    r"shp(?:at|ca|pa|ss)_[0-9a-f]{32}",  # Shopify
    r"do[opr]_v1_[0-9a-f]{64}",  # DigitalOcean
    r"dapi[0-9a-f]{32}(?:-[0-9])?",  # Databricks
    r"glsa_[0-9a-z]{32}_[0-9a-f]{8}",  # Grafana
    r"ntn_[0-9a-z]{40,60}",  # Notion
    rf"dckr_[op]at_{_WORD}{{20,64}}",  # Docker
    rf"hv[bsr]\.{_WORD}{{24,300}}",  # Vault
    r"r8_[0-9a-z]{37}",  # Replicate
    r"pplx-[0-9a-z]{40,64}",  # Perplexity
    r"lsv2_[ps][tk]_[0-9a-f]{32}_[0-9a-f]{10}",  # LangSmith
    rf"at[ac]tt3{_WORD}{{50,240}}(?:=[0-9a-f]{{8}})?",  # Atlassian
    rf"gocspx-{_WORD}{{28}}",  # a client secret of Google
    rf"ya29\.{_WORD}{{30,400}}",  # an access token of Google
    r"sk[0-9a-f]{32}",  # Twilio
    r"sk_[0-9a-f]{48}",  # ElevenLabs
    rf"sq0(?:atp|csp|idp)-{_WORD}{{22,43}}",  # Square
    r"whsec_[0-9a-z]{32,64}",  # webhooks of Stripe
    r"xapp-[0-9]-[0-9a-z-]{20,200}",  # Slack
    rf"gl(?:ptt|dt|rt|soat|ft|agent)-{_WORD}{{20,64}}",  # GitLab
    r"lin_api_[0-9a-z]{40}",  # Linear
    rf"figd_{_WORD}{{40,64}}",  # Figma
    r"pat[0-9a-z]{14}\.[0-9a-f]{64}",  # Airtable
    r"pmak-[0-9a-f]{24}-[0-9a-f]{34}",  # Postman
    r"sntry[su]_[0-9a-z+/_=]{60,300}",  # Sentry
    r"nrak-[0-9a-z]{27}",  # New Relic
    r"pscale_(?:tkn|pw|oauth)_[0-9a-z_-]{32,64}",  # PlanetScale
    r"sbp_[0-9a-f]{40}",  # Supabase
    r"tvly-(?:dev-|prod-)?[0-9a-z]{32}",  # Tavily
    rf"nvapi-{_WORD}{{60,70}}",  # NVIDIA
    r"xkeysib-[0-9a-f]{64}-[0-9a-z]{16}",  # Brevo
    r"rubygems_[0-9a-f]{48}",
    r"tskey-[a-z]{3,6}-[0-9a-z]{10,20}-[0-9a-z]{20,40}",  # Tailscale
    rf"(?:bot)?[0-9]{{8,10}}:aa{_WORD}{{33,36}}",  # Telegram
)
_EXACT_AHEAD: Final = (
    r"hp[acps][ast]_|o[opr]_v1_|api[0-9a-f]{8}|l[a-z]{2,5}[-_]|tn_|ckr_|v[bsr]\.|8_|plx-|sv2_|t[ac]tt3|ocspx-|a29\.|k_?[0-9a-f]{16}"
    r"|q0|hsec_|app-|in_api|igd_|at[0-9a-z]{14}\.|mak-|ntry[su]_|rak-|scale_|bp_|vly-|vapi-|keysib-|ubygems_|skey-"
    r"|[0-9]{7,9}:aa|ot[0-9]{8,10}:aa"
)
_ZHIPU: Final = r"[0-9a-f]{32}\.[0-9a-z]{16}"  # an id and a secret
# RFC 7519: header and payload are JSON objects, so both begin with the Base64 of {".
_JWT: Final = rf"eyj{_WORD}{{8,512}}\.eyj{_WORD}{{8,2048}}(?:\.{_WORD}{{16,1024}})?"
_LABEL: Final = "(?:[0-9a-z]{1,10} ){0,2}private key-----"  # RFC 7468
_LINE: Final = r"\s{1,2}[0-9a-z+/=]"
_PEM: Final = rf"-----begin {_LABEL}(?:{_LINE}{{40,76}}){{0,80}}(?:{_LINE}{{1,76}}\s{{1,2}}-----end {_LABEL})?"
_SPACES: Final = " \t\n\r\f\v"
# Spelled out, such as xxxxxxxx or ********: a place for a key, not one.
_EMPTY: Final = re.compile(r"(.)\1{7}")
_MARK: Final = re.compile(r"[0-9]|[a-z]{24}")


def _sure(text: str) -> float | None:
    """Tell keys from words: a key holds a digit, or more letters on end than a word, and not all the same."""
    return 1.0 if _MARK.search(text) and not _EMPTY.search(text) else None


def _always(text: str) -> float:
    del text
    return 1.0


_SWEEPS: Final = (
    Sweep(
        detector=NAME,
        risk=RISK,
        shapes=_TOKENS,
        first="saglxhrbnp",
        ahead="k[-_]|[ks]i[ad]|tai|h[oprsu]_|ithub_|lpat-|ox[abeoprs]-|iza|f_|klt|ce-v3/|pm_|ypi-|g\\.|sk_|ai-",
        alphabet="0123456789abcdefghijklmnopqrstuvwxyz_-/.",
        check=_sure,
        after="",
    ),
    Sweep(
        detector=NAME,
        risk=RISK,
        shapes=_EXACT,
        first="0-9abdghlfnprstwxy",
        ahead=_EXACT_AHEAD,
        alphabet="0123456789abcdefghijklmnopqrstuvwxyz_-.:=+/",
        check=_sure,
    ),
    Sweep(
        detector=NAME,
        risk=RISK,
        shapes=(_ZHIPU,),
        first="0-9a-f",
        ahead=r"[0-9a-f]{31}\.",
        alphabet="0123456789abcdefghijklmnopqrstuvwxyz.",
        check=_sure,
    ),
    Sweep(
        detector=NAME,
        risk=RISK,
        shapes=(_JWT,),
        first="e",
        ahead="yj",
        alphabet="0123456789abcdefghijklmnopqrstuvwxyz_-.",
        check=_always,
        after="",
        opening="eyj",
    ),
    Sweep(
        detector=NAME,
        risk=RISK,
        shapes=(_PEM,),
        first="-",
        ahead="----begin ",
        alphabet=f"0123456789abcdefghijklmnopqrstuvwxyz+/=-{_SPACES}",
        check=_always,
        after="",
        opening="-----begin ",
    ),
)


_NO_BEGINNING: Final = bytes(one for one in range(128) if one not in b"0123456789abcdefghijklmnopqrstuvwxyz-")
"""ASCII characters that no key begins with."""


def _scan(view: TextView) -> Scan:
    told = passwords(view)
    if not ascii_of(view.folded.text).translate(None, _NO_BEGINNING):
        return told
    scans = [sweep(view) for sweep in _SWEEPS]
    keys = [finding for scan in scans for finding in scan.findings]
    if not keys:
        return Scan(told.findings, min(told.open, *[scan.open for scan in scans]))
    keys += [one for one in told.findings if not any(k.start < one.end and one.start < k.end for k in keys)]
    return Scan(tuple(sorted(keys)), min(told.open, *(scan.open for scan in scans)))


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    del options, load
    return BuiltDetector(_RISKS, "2", _scan, behind=BEHIND)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="API keys and tokens of well-known services, JSON Web Tokens, private keys, passwords told by words.",
    risks=_RISKS,
    scope="span",
    build=_build,
)
