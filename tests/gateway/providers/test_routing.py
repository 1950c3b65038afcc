from __future__ import annotations

import pytest

from gateway.errors import RequestError, SettingsError
from gateway.ports import Provider, Route
from gateway.providers.echo import Echo
from gateway.providers.routing import Routing

ECHO: Provider = Echo("demo", clock=lambda: 0.0)
FAST = Route("fast", ECHO, "qwen-turbo")
DEEP = Route("深思", ECHO, "deepseek-reasoner")
ANY = Route("*", ECHO, "*")


@pytest.mark.parametrize(("name", "route"), [("fast", FAST), ("深思", DEEP)])
def test_a_name_leads_to_its_route(name: str, route: Route) -> None:
    assert Routing({"fast": FAST, "深思": DEEP}).resolve(name) is route


@pytest.mark.parametrize(
    ("routes", "says"),
    [
        ({"fast": FAST, "深思": DEEP}, "known: fast, 深思."),
        ({}, "no model is configured."),
        ({f"m{n}": FAST for n in range(23)}, "m19 and 3 more."),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(routes: dict[str, Route], says: str) -> None:
    with pytest.raises(RequestError) as caught:
        Routing(routes).resolve("my secret 模型")
    assert (caught.value.status, caught.value.code, caught.value.param) == (404, "model_not_found", "model")
    assert str(caught.value).endswith(says)
    assert "my secret" not in str(caught.value)


def test_the_default_takes_unknown_names_with_its_own_model() -> None:
    assert Routing({"fast": FAST, "深思": DEEP}, default="深思").resolve("gpt-x") is DEEP


def test_a_star_hands_the_name_through() -> None:
    routing = Routing({"fast": FAST, "*": ANY})
    assert routing.resolve("gpt-x") == Route("gpt-x", ECHO, "gpt-x")
    assert routing.resolve("fast") is FAST


def test_a_star_with_a_model_of_its_own_takes_every_name_to_it() -> None:
    assert Routing({"*": Route("*", ECHO, "qwen-turbo")}).resolve("gpt-x").model == "qwen-turbo"


def test_the_names_leave_out_the_star() -> None:
    assert Routing({"fast": FAST, "*": ANY, "深思": DEEP}).names() == ("fast", "深思")


@pytest.mark.parametrize(("default", "says"), [("fsat", "none of the models"), ("fast", "exclude each other")])
def test_a_default_that_cannot_be_is_refused(default: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Routing({"fast": FAST, "*": ANY}, default=default)


def test_later_changes_to_the_mapping_do_not_count() -> None:
    routes = {"fast": FAST}
    routing = Routing(routes)
    routes["深思"] = DEEP
    assert routing.names() == ("fast",)
