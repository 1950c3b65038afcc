"""What the deployment pages tell people to type is what the chart takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from kit.helm import render

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["deploy.md", "deploy.zh.md"]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("index", range(3))
def test_the_values_of_the_page_install(page: str, index: int) -> None:
    assert render(yaml.safe_load(blocks(page, "yaml")[index])).of("Deployment")


def test_both_languages_show_the_same_commands_and_values() -> None:
    for language in ("yaml", "sh"):
        assert blocks(PAGES[0], language) == blocks(PAGES[1], language)
    assert len(blocks(PAGES[0], "yaml")) == 3


@pytest.mark.parametrize("page", PAGES)
def test_the_secrets_that_the_page_makes_are_those_that_its_values_name(page: str) -> None:
    made = set()
    for command in re.findall(r"create secret generic (\S+) --from-literal=([\w-]+)=", "".join(blocks(page, "sh"))):
        made.add(command)
    gate = render(yaml.safe_load(blocks(page, "yaml")[0])).one("Deployment")["spec"]["template"]["spec"]["containers"][
        0
    ]
    named = {
        (each["valueFrom"]["secretKeyRef"]["name"], each["valueFrom"]["secretKeyRef"]["key"])
        for each in gate["env"]
        if "valueFrom" in each
    }
    assert named == made
