"""Words that everybody uses, by which one sees whether a text reads forward: English ones, Chinese ones of two signs.

``count`` tells how many of them a text holds: of two readings of the same signs the likelier one holds more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_ENGLISH: Final = (
    "the and to of in is it for you your that this with what how not can from are as on at be by do does an my "
    "me we they them their there these those was were will would should could have has had if or but so all any "
    "about who which when where why into out over than then some other more most make making made get getting "
    "give tell use using used want need know help find write create explain describe list show teach say take "
    "buy sell steal build kill hide without person people someone child children woman women man men money home "
    "house phone account password bank credit card drug drugs gun bomb weapon poison police government country "
    "company school work computer network website email step steps guide instructions detailed please ignore "
    "previous rules information system message letter story example best way ways good between because after "
    "before through during against while being must just only even also may might like"
)
ENGLISH: Final = frozenset(_ENGLISH.split())
"""In small letters."""

_CHINESE: Final = (
    "什么 怎么 怎样 如何 可以 我们 你们 他们 自己 可能 问题 信息 知道 这样 觉得 提供 孩子 因为 时间 这种 这些 那些 "
    "哪些 使用 朋友 已经 时候 但是 其他 还有 情况 任何 告诉 通过 帮助 理解 联系 治疗 电话 要求 网络 回答 选择 保护 "
    "开始 系统 直接 确保 希望 包括 银行 根据 感觉 然后 推荐 用户 方法 老师 注意 比较 数据 而且 具体 东西 关系 准备 "
    "支持 攻击 避免 影响 尊重 内容 医生 比如 家庭 交易 道德 性别 种族 号码 严重 研究 投资 民族 世界 详细 隐私 必须 "
    "地址 获取 能够 设计 软件 导致 计划 原因 客户 资金 风险 管理 验证 解释 极端 解决 相关 历史 文化 病毒 控制 措施 "
    "容易 获得 视频 普通 员工 组织 药物 订单 平台 警察 责任 虽然 环境 证明 暴力 市场 操作 密码 老板 介绍 报告 目标 "
    "拒绝 城市 有效 工具 网站 扮演 游戏 程序 价格 邮件 照片 支付 材料 姓名 伤害 机会 因此 虚假 通知 名字 文件 采取 "
    "威胁 例如 列出 漏洞 步骤 购买 政治 国际 感染 政府 法规 请给 限制 简单 骚扰 设备 位置 账号 短信 手段 发送 实验 "
    "危险 企业 恐怖 宣传 诈骗 利益 附近 竞争 怀疑 情绪 逻辑 监控 破坏 泄露 抢劫 虚构 授权 金融 假设 允许 毒品 论文 "
    "欺诈 武器 忽略 紧急 炸弹 炸药 枪支 制作 制造 伪造 隐藏 偷窃 窃取 自杀 杀死 绕过 破解 黑客 赌博 贩卖 走私 勒索 "
    "跟踪 偷拍 谣言 编写 捏造 煽动 歧视 侮辱 诽谤 仇恨 身份 领导 分裂 革命 裸体 卖淫 洗钱 逃税 贿赂 逃避 检查 安全 "
    "需要 吸毒 盗取"
)
CHINESE: Final = frozenset(_CHINESE.split())
"""What stands in a text like one of them from its end is hardly ever anything else."""

_TOKEN: Final = re.compile(r"[a-z]{2,}|[\u3400-\u9fff](?=([\u3400-\u9fff]))")


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words of a folded text, and each two Chinese signs that stand together: start, end, and what it is.

    Args:
        text: In small letters.
    """
    for match in _TOKEN.finditer(text):
        after = match[1]
        yield match.start(), match.end() + (after is not None), match[0] + (after or "")


def count(text: str) -> int:
    """Return how many different common words a folded text holds."""
    return len({word for _, _, word in tokens(text) if word in ENGLISH or word in CHINESE})
