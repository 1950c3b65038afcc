"""The tests mirror the source: ``gateway/a/b.py`` is tested in ``tests/gateway/a/test_b.py``.

Mutants killed: a source file without tests; an exception that is not needed any more; one whose tests are gone.
"""

from __future__ import annotations

import ast
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("gateway", "evaluators", "benchmarks", "training")

BARE: Final = {
    "*/__main__.py": "starts a command, which has tests of its own",
    "gateway/__init__.py": "the version's number",
    "gateway/ports/*.py": "types without work of their own, but for those with tests: whoever implements one tests it",
    "gateway/providers/timeouts.py": "three numbers; each provider tests that it keeps to them",
    "evaluators/targets/target.py": "a protocol",
    "benchmarks/label_pictures.py": "draws the pictures of a page of the documentation, for people to look at",
    "benchmarks/lexicon.py": "counts hits of word lists in texts that are not in the repository",
    "benchmarks/watermark.py": "measures the watermark, which has its tests; the figures are the result",
    "benchmarks/quality/others.py": "asks products of others, which are not installed where tests run",
    "benchmarks/speed/bare.py": "a proxy that does nothing, to be compared with; a measurement fails without it",
    "benchmarks/speed/measure.py": "minutes of load; what it loads with and how it counts have tests",
    "benchmarks/speed/servers.py": "starts what is measured on processors of its own; a measurement fails without it",
    "training/names_en_texts.py": "a table of words and sentences",
    "training/names_zh_texts.py": "a table of sentences",
}
"""Files that have no tests of their own, and why."""

ELSEWHERE: Final = {
    "gateway/detectors/risk_*.py": ("tests/gateway/detectors/test_classifier.py", "risk_model"),
    "gateway/stores/migrations/step_*.py": ("tests/gateway/stores/migrations/test_steps.py", "STEPS"),
    "evaluators/kept/migrations/*.py": ("tests/evaluators/kept/test_tables.py", "STEPS"),
    "gateway/wiring/__init__.py": ("tests/gateway/wiring/test_process.py", "wiring.parts"),
    "evaluators/cli/__init__.py": ("tests/evaluators/cli/test_run.py", "COMMANDS"),
    "evaluators/cli/review*.py": ("tests/evaluators/cli/test_review.py", "def judged"),
    "evaluators/scorers/ragas_models.py": ("tests/evaluators/scorers/test_ragas.py", "kit.judge"),
    "benchmarks/conformance/run.py": ("tests/benchmarks/conformance/test_ours.py", "import Gateway, Outcome, run"),
    "benchmarks/conformance/upstream.py": ("tests/benchmarks/conformance/test_ours.py", "import Upstream"),
    "benchmarks/conformance/seen.py": ("tests/benchmarks/conformance/test_render.py", "path_of, read"),
    "benchmarks/evaluation/model.py": ("tests/benchmarks/evaluation/test_evaluation.py", "COMMAND"),
    "benchmarks/evaluation/runs.py": ("tests/benchmarks/evaluation/test_evaluation.py", "COMMAND"),
    "benchmarks/soak/scripts.py": ("tests/benchmarks/soak/test_asks.py", "SCRIPTS"),
    "training/distil.py": ("tests/heavy/test_torch_nets.py", "distil"),
    "training/names_en_fit.py": ("tests/heavy/test_names_en.py", "names_en_fit"),
    "training/tagger.py": ("tests/heavy/test_tagger.py", "tagger"),
    "training/torch_nets.py": ("tests/heavy/test_torch_nets.py", "torch_nets"),
}
"""Files that are tested together in one file (a story that is costly to begin), and a word that stands there."""


@cache
def speaks(source: Path) -> bool:
    """Whether a file does more than document and re-export."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        said = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        listed = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if not (said or listed or isinstance(node, ast.Import | ast.ImportFrom)):
            return True
    return False


def places_of(source: Path) -> list[Path]:
    """Where the tests of a source file may stand; those of a package under its name, inside of it or beside it."""
    folder, name = Path("tests", *source.parts[:-1]), source.stem
    if name == "__init__":
        return [folder / f"test_{folder.name}.py", folder.parent / f"test_{folder.name}.py"]
    return [folder / f"test_{name.strip('_')}.py"]


def without_tests() -> list[str]:
    sources = [file.relative_to(ROOT) for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return [
        source.as_posix()
        for source in sources
        if not any((ROOT / test).is_file() for test in places_of(source)) and speaks(ROOT / source)
    ]


def test_every_source_file_has_its_test_file() -> None:
    lacking = [source for source in without_tests() if not any(fnmatch(source, one) for one in (*BARE, *ELSEWHERE))]
    told = [f"{source}: no {places_of(Path(source))[0].as_posix()}" for source in lacking]
    assert told == [], "write them, or say above why there are none"


def test_no_exception_outlives_its_reason() -> None:
    lacking = without_tests()
    needless = [one for one in (*BARE, *ELSEWHERE) if not any(fnmatch(source, one) for source in lacking)]
    assert needless == []


def test_what_is_tested_elsewhere_is_tested_there() -> None:
    gone = [
        source
        for source, (test, word) in ELSEWHERE.items()
        if not (ROOT / test).is_file() or word not in (ROOT / test).read_text(encoding="utf-8")
    ]
    assert gone == []
