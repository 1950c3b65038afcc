"""The wheel that the image installs is whole: built from nothing but what the Dockerfile copies, it runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import gateway

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as the first stage of the Dockerfile does, from a copy of what that stage copies."""
    context = tmp_path_factory.mktemp("context")
    stage = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1]
    for line in re.findall(r"^COPY (.+)$", stage, flags=re.MULTILINE):
        *sources, target = shlex.split(line)
        for source in sources:
            if source.endswith("/"):
                shutil.copytree(ROOT / source, context / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, context / target)
    out = tmp_path_factory.mktemp("wheels")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*build, "--wheel-dir", out, context], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_has_the_code_the_types_and_the_policies_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert wheel.name == f"sluice_gateway-{gateway.__version__}-py3-none-any.whl"
    assert {"gateway/__init__.py", "gateway/py.typed", "gateway/policy/plan.py", "evaluators/__init__.py"} <= names
    dist = f"sluice_gateway-{gateway.__version__}.dist-info/"
    assert [each for each in names if not each.startswith(("gateway/", "evaluators/", dist))] == []
    assert [each for each in names if "__pycache__" in each or "/tests/" in each] == []


def test_every_policy_of_the_source_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    policies = {file.relative_to(ROOT / "policies") for file in (ROOT / "policies").rglob("*") if file.is_file()}
    assert policies
    assert {each for each in policies if f"gateway/_policies/{each.as_posix()}" not in names} == set()


def test_the_wheel_names_its_command_and_its_packages(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (entries,) = (each for each in archive.namelist() if each.endswith("entry_points.txt"))
    assert "sluice = gateway.__main__:main" in archive.read(entries).decode()
    (metadata,) = (each for each in archive.namelist() if each.endswith("METADATA"))
    assert "Requires-Python: >=3.11" in archive.read(metadata).decode()


def test_the_wheel_runs_where_the_source_is_not(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*install, "--target", target, wheel], check=True, capture_output=True, timeout=120)
    # The folder comes before the editable install of the checkout; the packages it needs come from this environment.
    code = (
        f"import sys; sys.path.insert(0, {str(target)!r}); sys.argv = ['sluice', '--help'];"
        "import gateway; print(gateway.__file__); from gateway.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.startswith(str(target)), done.stderr
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout
