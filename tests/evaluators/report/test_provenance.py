"""A page names what it rests on, and no secret."""

from kit.pages import Page

from evaluators.report.page import page


def test_the_page_names_what_it_rests_on(built):
    run, *_ = built
    text = Page(page(*built)).text
    for fact in (run.manifest.suite_digest, "d" * 64, "base@ab12 × 2", "judge-1", "temperature=0", "sluice 0.1"):
        assert fact in text
    assert "SECRET_ENV" not in text
