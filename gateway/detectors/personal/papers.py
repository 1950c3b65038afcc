"""Numbers that only the words before them tell: social security, military papers, health, staff, insurance."""

from __future__ import annotations

from typing import Final

from gateway.detectors.personal.kind import LIKELY, Kind, when_announced

_CODE: Final = (
    r"[a-z]{1,6}[ -]?[0-9]{4,22}(?:-[0-9]{2,8})?",
    r"[0-9]{4,8}-[0-9]{3,8}",
    r"[0-9]{5,22}",
)

SOCIAL_SECURITY: Final = Kind(
    risk="pii.social_security",
    first="0-9a-z",
    shapes=(),
    announced=(r"[a-z]?[0-9]{7,12}[a-z]?", r"[0-9a-z]{9}", r"[0-9]{15,19}"),
    check=when_announced(LIKELY),
    plain=True,
    labels=(
        *(
            "社保卡号",
            "社保卡",
            "社保号",
            "社保账号",
            "社会保障卡",
            "社会保障卡号",
            "社会保障号",
            "医保卡号",
            "医保卡",
            "医保号",
        ),
        *("社保电脑号", "公积金账号", "养老保险号", "医疗保险号"),
    ),
)

MILITARY: Final = Kind(
    risk="pii.military_id",
    first="0-9",
    shapes=(),
    announced=(r"[0-9]{4,8}号?", r"[0-9]{4,12}"),
    check=when_announced(LIKELY),
    plain=True,
    labels=(
        *(f"{arm}字第" for arm in "军兵士文职广海空沈北兰济南成武参政后装火战东西中"),
        *(
            "军官证",
            "军官证号",
            "士兵证",
            "士兵证号",
            "军官证号码",
            "军人证",
            "文职干部证",
            "警官证",
            "警官证号",
            "警号",
        ),
    ),
)

MEDICAL: Final = Kind(
    risk="pii.medical_record",
    first="0-9a-z",
    shapes=(),
    announced=_CODE,
    check=when_announced(LIKELY),
    plain=True,
    labels=(
        *(
            "病历号",
            "病案号",
            "住院号",
            "门诊号",
            "就诊卡号",
            "就诊号",
            "病历编号",
            "诊疗卡号",
            "健康卡号",
            "登记号",
            "检查号",
        ),
        *("medical record number", "medical record", "mrn", "patient id", "patient number", "health card"),
    ),
)

STAFF: Final = Kind(
    risk="pii.staff_number",
    first="0-9a-z",
    shapes=(),
    announced=_CODE,
    check=when_announced(0.6),
    plain=True,
    labels=(
        *(
            "工号",
            "学号",
            "员工编号",
            "员工号",
            "准考证号",
            "考生号",
            "学籍号",
            "工作证号",
            "会员号",
            "客户号",
            "会员卡号",
        ),
        *("employee id", "employee number", "student id", "staff id", "badge number", "member id", "customer id"),
    ),
)

INSURANCE: Final = Kind(
    risk="pii.insurance_number",
    first="0-9a-z",
    shapes=(),
    announced=_CODE,
    check=when_announced(0.6),
    plain=True,
    labels=(
        "保单号",
        "保险单号",
        "保单编号",
        "保险号",
        "insurance policy",
        "policy number",
        "insurance number",
        "insurance id",
    ),
)
