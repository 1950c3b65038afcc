"""``python -m benchmarks.speed.knowledge``: measure how long a knowledge base takes to build, and to be asked.

Passages are made of words of a list by chance, so that none is like another; what they mean does not matter here.
They come in as documents do: cut, screened by the base policy as what a tool has read, embedded, and kept in SQLite.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click
from tqdm import tqdm

from benchmarks.speed.table import table
from benchmarks.speed.targets import Target
from gateway.knowledge.current import LOOK_AGAIN
from gateway.knowledge.document import Document, Section
from gateway.knowledge.library import Library
from gateway.knowledge.store import KnowledgeStore
from gateway.meaning.vectors import shipped
from gateway.wiring import load_plan, passage_screen

BUILD_SECONDS: Final = 300.0
"""For ``PASSAGES``; fewer have their share of it."""
RETRIEVAL_MS: Final = 20.0
PASSAGES: Final = 100_000
_TOGETHER: Final = 500
_TENANT: Final = "bench"
_THINGS: Final = """
年假 病假 报销 发票 合同 押金 运费 库存 订单 客户 门店 供应商 仓库 工资 社保 公积金 宿舍 食堂 班车 会议室 打印机
电脑 账号 密码 权限 印章 档案 快递 样品 质检 退货 换货 保修 安装 培训 考勤 加班 出差 住宿 补贴 奖金 绩效 试用期
离职 面试 体检 工牌 车位 钥匙 预算 采购 招标 付款 收款 对账 税率 汇率 利息 贷款 保险 理赔 事故 隐患 消防 用电
危化品 防护服 叉车 电梯 空调 锅炉 水泵 阀门 管道 图纸 refund invoice warranty shipment contract deposit voucher
account password holiday overtime payroll badge parking"""
_DEEDS: Final = "申请 办理 提交 审核 批准 登记 领取 归还 更换 延期 取消 查询 转移 冻结 恢复 核对 盖章 存档 通知 回收"
_WHO: Final = "员工 部门经理 财务部 人事部 行政部 仓库管理员 值班人员 客服 法务部 总经理 新员工 外包人员 店长 区域经理"
_WHEN: Final = "三天 五个工作日 一周 十五天 一个月 季度末 年底 当天 二十四小时 节假日之前 入职之日 合同到期日"
THINGS, DEEDS, WHO, WHEN = (tuple(words.split()) for words in (_THINGS, _DEEDS, _WHO, _WHEN))


def documents(count: int, seed: int = 1) -> Iterator[Document]:
    """Yield documents of so many passages in all."""
    draw = random.Random(seed)
    for number, start in enumerate(range(0, count, _TOGETHER), 1):
        sections = [
            Section(_text(draw), (f"第{number}章", f"{draw.choice(DEEDS)}{draw.choice(THINGS)} {at}"))
            for at in range(start, min(count, start + _TOGETHER))
        ]
        yield Document(f"handbook-{number}.md", f"手册{number}", tuple(sections))


def _text(draw: random.Random) -> str:
    """Return a passage of about 150 characters."""
    said = [
        f"{draw.choice(WHO)}{draw.choice(DEEDS)}{draw.choice(THINGS)}和{draw.choice(THINGS)}，须在{draw.choice(WHEN)}内"
        f"由{draw.choice(WHO)}{draw.choice(DEEDS)}，金额不超过{draw.randrange(10, 99_999)}元。"
        for _ in range(4)
    ]
    return "".join(said)


def question(draw: random.Random) -> str:
    """Return a question as people ask it."""
    return f"{draw.choice(WHO)}怎么{draw.choice(DEEDS)}{draw.choice(THINGS)}，{draw.choice(WHEN)}内可以吗"


def built(library: Library, count: int, progress: Callable[[int], object]) -> float:
    """Bring passages in; return the seconds that it took."""
    began = time.perf_counter()
    for document in documents(count):
        library.add(_TENANT, document, (), progress)
    return time.perf_counter() - began


def asked(library: Library, times: int) -> tuple[float, list[float]]:
    """Ask questions; return the seconds of the first one, which reads the store, and the milliseconds of the others."""
    draw = random.Random(2)
    began = time.perf_counter()
    if not library.find(_TENANT, question(draw), 4):
        raise click.ClickException("a question finds nothing")
    first = time.perf_counter() - began
    took = []
    for _ in range(times):
        text, began = question(draw), time.perf_counter()
        library.find(_TENANT, text, 4)
        took.append((time.perf_counter() - began) * 1000)
    return first, took


def changed(library: Library, questions: int) -> tuple[float, float]:
    """Add a document; return the slowest question until it is found, in milliseconds, and the seconds until then."""
    draw = random.Random(3)
    library.add(_TENANT, Document("news.md", "新规", (Section("木星登记表须用蓝色墨水填写。", ("第1章",)),)))
    began, slowest, found = time.perf_counter(), 0.0, False
    while not found:
        for text in (*(question(draw) for _ in range(questions)), "木星登记表用什么墨水填写"):
            asked_at = time.perf_counter()
            found = any(one.passage.document == "news.md" for one in library.find(_TENANT, text, 4))
            slowest = max(slowest, (time.perf_counter() - asked_at) * 1000)
        time.sleep(0.02)
    return slowest, time.perf_counter() - began


def measured(folder: Path, count: int, times: int, *, screened: bool = True) -> tuple[list[Target], list[str]]:
    """Build and ask a knowledge base; return what was promised, and what else is worth knowing."""
    screen = passage_screen(load_plan("base")) if screened else None
    store = KnowledgeStore(f"sqlite:///{folder}/knowledge.db", time.time)
    skipped = 0.0
    library = Library(store, lambda texts: shipped().many(texts), screen, lambda: time.monotonic() + skipped)
    with tqdm(total=count, unit=" passages", delay=2, disable=None, file=sys.stderr) as bar:
        seconds = built(library, count, bar.update)
    first, took = asked(library, times)
    skipped += LOOK_AGAIN  # as if it had been a while since somebody asked
    slowest, known = changed(library, 3)
    library.close()
    took.sort()
    promised = [
        Target(f"{count:,} passages built", seconds, BUILD_SECONDS * count / PASSAGES, " s"),
        Target(f"retrieval, p50 at {count:,} passages", statistics.median(took), RETRIEVAL_MS, " ms"),
    ]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    told = [
        f"retrieval p95 {took[int(0.95 * (len(took) - 1))]:.1f} ms; the first question reads the store: {first:.1f} s",
        f"one document more is found after {known:.1f} s; the slowest question until then took {slowest:.0f} ms",
        f"{'screened by the base policy' if screened else 'not screened'}; load {load} on {os.cpu_count()} CPUs",
    ]
    return promised, told


@click.command(epilog="Example:\n\n  python -m benchmarks.speed.knowledge --passages 20000")
@click.option("--passages", default=PASSAGES, show_default=True, type=click.IntRange(1000))
@click.option("--questions", default=200, show_default=True, type=click.IntRange(20))
@click.option("--screened/--not-screened", default=True, show_default=True, help="As `sluice kb add` screens them.")
def main(passages: int, questions: int, *, screened: bool) -> None:
    """Measure building and asking a knowledge base in SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        promised, told = measured(Path(folder), passages, questions, screened=screened)
    click.echo(table("Knowledge base", ("what", "measured", "promised", ""), [target.row() for target in promised]))
    for line in told:
        click.echo(line)
    sys.exit(0 if all(target.kept for target in promised) else 1)


if __name__ == "__main__":
    main()
