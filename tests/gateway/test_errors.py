"""Errors say what, where and what to do; the tree is the one that is drawn."""

from __future__ import annotations

import inspect

import pytest

from gateway import errors
from gateway.errors import (
    ConfigError,
    ConfigErrors,
    PolicyError,
    PolicyErrors,
    RequestError,
    SettingsError,
    SluiceError,
    UpstreamBroke,
    UpstreamError,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
    Where,
)


def test_the_tree_is_the_one_that_is_drawn() -> None:
    drawn = {
        word
        for line in (errors.__doc__ or "").splitlines()
        if (word := line.strip("│├└─ ").partition(" ")[0]) in vars(errors)
    }
    raised = {name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)}
    assert drawn == raised
    assert all(issubclass(getattr(errors, name), SluiceError) for name in raised)


@pytest.mark.parametrize(
    ("where", "written"),
    [
        (Where("p.yaml"), "p.yaml"),
        (Where("p.yaml", 3), "p.yaml:3"),
        (Where("p.yaml", 3, 7), "p.yaml:3:7"),
        (Where("p.yaml", None, 7), "p.yaml:7"),
    ],
)
def test_a_place_is_one_that_a_person_can_open(where: Where, written: str) -> None:
    assert str(where) == written


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PolicyError("it is wrong"), "it is wrong"),
        (PolicyError("it is wrong", Where("p.yaml", 3)), "p.yaml:3: it is wrong"),
        (SettingsError("it is wrong", hint="mend it"), "it is wrong — mend it"),
        (ConfigError("it is wrong", Where("p.yaml", 3, 1), "mend it"), "p.yaml:3:1: it is wrong — mend it"),
    ],
)
def test_what_is_wrong_where_and_what_to_do(error: ConfigError, message: str) -> None:
    assert str(error) == message
    assert error.problems == (error,)


def test_several_are_told_once_each_in_the_order_of_the_file() -> None:
    late, early, top = (
        PolicyError("late", Where("p.yaml", 9)),
        PolicyError("early", Where("p.yaml", 2, 5)),
        PolicyError("nowhere"),
    )
    again = PolicyErrors([late, PolicyError("early", Where("p.yaml", 2, 5))])
    every = PolicyErrors([again, early, top, PolicyError("first", Where("a.yaml", 99))])
    assert str(every).splitlines() == ["nowhere", "a.yaml:99: first", "p.yaml:2:5: early", "p.yaml:9: late"]
    assert (every.what, every.where, every.hint) == ("nowhere", None, "")
    assert isinstance(every, PolicyError)
    assert isinstance(ConfigErrors([late]), ConfigError)


def test_of_very_many_a_message_tells_the_first_and_how_many_there_are() -> None:
    every = PolicyErrors(PolicyError("wrong", Where("list.csv", line)) for line in range(2, 100_002))
    said = str(every).splitlines()
    assert len(every.problems) == 100_000
    assert (said[0], said[199]) == ("list.csv:2: wrong", "list.csv:201: wrong")
    assert said[200:] == ["… and 99,800 more like these: mend them and try again"]


def test_an_error_of_a_request_says_status_code_and_place() -> None:
    plain = RequestError("No.")
    assert (plain.status, plain.code, plain.param) == (400, "invalid_request", None)
    error = RequestError("No.", status=413, code="body_too_large", param="messages[0]")
    assert (error.status, error.code, error.param, str(error)) == (413, "body_too_large", "messages[0]", "No.")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UpstreamError("m", upstream="up"), 502, "upstream_error"),
        (UpstreamUnreachable("m", upstream="up"), 502, "upstream_unreachable"),
        (UpstreamTimeout("m", upstream="up"), 504, "upstream_timeout"),
        (UpstreamBroke("m", upstream="up"), 502, "upstream_broke"),
        (UpstreamRefused("m", upstream="up", status=401), 401, "upstream_refused"),
    ],
)
def test_an_error_of_an_upstream_says_whose_and_what_the_client_gets(
    error: UpstreamError, status: int, code: str
) -> None:
    assert (error.upstream, error.status, error.code, str(error)) == ("up", status, code, "m")


def test_what_an_upstream_said_is_beside_the_message_not_in_it() -> None:
    error = UpstreamRefused("The upstream up refused.", upstream="up", status=429, body=b"words", retry_after="3")
    assert (error.body, error.retry_after) == (b"words", "3")
    assert "words" not in str(error) + repr(error.args)
