"""The page in a real browser: keyboard, drag, saving at once; no request to anywhere else."""

import socket
import threading

import pytest
import uvicorn
from kit.browser import browser
from kit.reviewing import review

from evaluators.review.assign import load as load_assignment
from evaluators.review.decisions import Follower, gaps, load
from evaluators.review.web.app import Desk, application
from evaluators.review.wording import load_words


@pytest.fixture(scope="module")
def chromium():
    with browser() as launched:
        yield launched


def saved(page, word="已保存"):
    from playwright.sync_api import expect

    expect(page.locator("#state")).to_contain_text(word)


@pytest.fixture
def served(tmp_path):
    """A review behind a real port, and its address; 王芳 comes in by a token."""
    made = review(tmp_path / "r")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    now, said = lambda: "2026-01-02T03:04:05+00:00", Follower(made)
    desk = Desk(made, load_words(), {"token-wang": "王芳"}, b"secret", (host,), now, said)
    server = uvicorn.Server(uvicorn.Config(application(desk), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield made, f"http://{host}"
    server.should_exit = True
    thread.join(10)


def test_a_person_judges_with_keyboard_and_mouse_and_nothing_is_lost(served, chromium):
    made, address = served
    page = chromium.new_page(locale="zh-CN", viewport={"width": 1280, "height": 1000})
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{address}/?token=token-wang")
    assert "token" not in page.url
    page.click(".go")
    page.wait_for_selector(".card.current")

    # The keyboard: the first answer is looked at; letters choose values, digits the place.
    for place in (1, 2, 3):
        for key in ("s", "a", "e", str(place)):
            page.keyboard.press(key)
        page.keyboard.press("ArrowDown")
    page.wait_for_selector("#state.judged")
    item = made.item(load_assignment(made).of("王芳")[0])
    shown = page.eval_on_selector_all(".card", "cards => cards.map(card => card.id)")
    decision = load(made)[item.id, "王芳"]
    assert gaps(decision, item, made.rubric) == []
    assert [decision.places[id] for id in shown] == [1, 2, 3]
    assert page.inner_text("#judged") == "1"

    # The mouse: the last is dragged to the top, then onto the one below it, which makes a tie.
    row = "#ranking li[data-answer='{}']".format
    order = "rows => rows.map(row => row.dataset.answer)"
    page.drag_and_drop(row(shown[2]), row(shown[0]), target_position={"x": 60, "y": 2})
    saved(page)
    assert page.eval_on_selector_all("#ranking li", order) == [shown[2], shown[0], shown[1]]
    middle = page.locator(row(shown[0])).bounding_box()["height"] / 2
    page.drag_and_drop(row(shown[2]), row(shown[0]), target_position={"x": 60, "y": middle})
    saved(page)
    assert page.eval_on_selector_all("#ranking .at", "all => all.map(at => at.textContent)") == ["1=", "1=", "2"]

    # What is written in the note is no command, and is saved too.
    page.type("textarea", "su1 备注")
    page.wait_for_timeout(700)
    saved(page)
    page.reload()
    assert page.input_value("textarea") == "su1 备注"
    assert page.locator("input[value=safe]:checked").count() == 3
    decision = load(made)[item.id, "王芳"]
    assert sorted(decision.places.values()) == [1, 1, 2]
    assert decision.note == "su1 备注"

    # A choice by mouse gives the keyboard back; 0 takes a place away: the item is open again.
    page.locator("input[value=unsafe] + span").first.click()
    page.keyboard.press("0")
    saved(page, "名次")
    assert page.get_attribute("#state", "class") == "open"
    assert page.inner_text("#judged") == "0"
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/item/2")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not wrong
    assert all(url.startswith(address) for url in asked)


def test_what_cannot_be_saved_is_said_and_sent_again(served, chromium):
    made, address = served
    page = chromium.new_page(locale="en-GB")
    page.goto(f"{address}/?token=token-wang")
    page.click(".go")
    page.wait_for_selector(".card.current")
    page.route("**/item/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.keyboard.press("s")
    page.wait_for_selector("#state.failed")
    assert "Not saved" in page.inner_text("#state")
    assert load(made) == {}
    page.unroute("**/item/*")
    page.click("#save")
    page.wait_for_selector("#state.open")
    assert len(load(made)) == 1


def test_the_form_works_without_a_script(served, chromium):
    made, address = served
    page = chromium.new_context(java_script_enabled=False, locale="en-GB").new_page()
    page.goto(f"{address}/?token=token-wang")
    page.click(".go")
    page.wait_for_url("**/item/1")
    for place, card in enumerate(page.locator(".card").all(), 1):
        for value in ("safe", "answered", "much"):
            card.locator(f"input[value={value}] + span").click()
        card.locator("select").select_option(str(place))
    page.click("#save")
    page.wait_for_url("**/item/2")
    (decision,) = load(made).values()
    assert gaps(decision, made.item(decision.item), made.rubric) == []
