"""Pictures show where a number lies, and nothing where there is none."""

import re

from kit.pages import Page

from evaluators.compare import Difference
from evaluators.report.page import page
from evaluators.report.plots import gain_plot, interval_plot, outcome_bar, trend_plot
from evaluators.score import Metric
from evaluators.stats import Interval
from evaluators.summary import MetricSummary


def test_every_metric_has_a_plot_and_every_slice_a_bar(built):
    _, summary, *_ = built
    read = Page(page(*built))
    classes = [a.get("class") for tag, a in read.tags if tag == "svg"]
    assert classes.count("plot") == len(summary.metrics)
    assert classes.count("bar") == len(summary.slices)


RATE = Metric("leak_rate", "low", "rate")


def metric(value, interval=None, worst=None, best=None):
    return MetricSummary(RATE, {}, {}, (), value, interval and Interval(*interval), worst, best)


def places(drawn, name):
    """Where the parts of a class stand, in percent."""
    return [
        tuple(float(one) for one in re.findall(r' (?:x1?|cx|width|x2)="([0-9.]+)%"', part))
        for part in re.findall("<[a-z]+ [^>]*>", drawn)
        if f'class="{name}"' in part
    ]


def test_a_metric_stands_where_it_is_and_its_interval_around_it():
    drawn = interval_plot(metric(0.5, (0.25, 0.75), worst=0.9, best=0.1), 0.8)
    assert places(drawn, "dot") == [(50.0,)]
    assert places(drawn, "span") == [(25.0, 75.0)]
    assert places(drawn, "band") == [(10.0, 80.0)]
    assert places(drawn, "mark") == [(80.0, 80.0)]
    assert "leak_rate: 0.500" in drawn


def test_nothing_is_drawn_of_a_metric_without_a_value():
    drawn = interval_plot(metric(None), None)
    assert [name for name in ("dot", "span", "band", "mark", "ring") if places(drawn, name)] == []
    assert "leak_rate: –" in drawn


def test_a_corrected_rate_is_a_ring_of_its_own():
    assert places(interval_plot(metric(0.5), None, 0.2, (0.1, 0.3)), "ring") == [(20.0,)]
    assert places(interval_plot(metric(0.5), None, None, (0.1, 0.3)), "ring") == []


def test_a_bar_is_as_long_as_its_shares_and_its_name_is_text():
    drawn = outcome_bar({"pass": 3, "fail": 1, "skipped": 0}, '<b onclick="x">')
    assert places(drawn, "pass") + places(drawn, "fail") == [(0.0, 75.0), (75.0, 25.0)]
    assert places(drawn, "skipped") == []
    assert "<b" not in drawn
    assert "&lt;b onclick=&quot;x&quot;&gt;: pass 3, fail 1" in drawn
    assert "<rect" not in outcome_bar({}, "none")


def test_a_gain_stands_right_of_the_middle_and_a_loss_left_of_it():
    def one(gains, interval):
        span = interval and Interval(*interval)
        return Difference(RATE, 0.5, 0.5, gains, span, 0, 0, "mcnemar", 1.0, 1.0, {}, {})

    assert places(gain_plot(one(((0.1,),), (0.0, 0.2))), "dot") == [(75.0,)]
    assert places(gain_plot(one(((-0.2,),), (-0.4, 0.0))), "dot") == [(25.0,)]
    assert gain_plot(one((), None)) == ""


def test_a_night_without_a_value_is_a_gap_in_the_thread():
    def night(value):
        return None if value is None else {"value": value, "low": None, "high": None, "n": 3}

    line = [(f"n{at}", night(value)) for at, value in enumerate([0.5, 0.6, None, 0.7, 0.8])]
    drawn = trend_plot("x", line)
    assert [x for (x,) in places(drawn, "dot")] == [10.0, 30.0, 70.0, 90.0]
    assert places(drawn, "thread") == [(10.0, 30.0), (70.0, 90.0)]
    assert trend_plot("x", []).count("dot") == 0
