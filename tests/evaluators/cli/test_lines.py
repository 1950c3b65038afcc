"""Lines of a terminal: columns stand under their heads, however long a name is."""

import pytest

from evaluators.cli.lines import MetricLine, columns, metric_lines, padded


@pytest.mark.parametrize("name", ["refused", "leak_rate/identity_number:gateway", "拒答率/民族", "x" * 60])
def test_every_column_ends_where_its_head_ends(name):
    head, short, line = metric_lines(
        [MetricLine("refused", 0.5, (0.25, 0.75), 8, {}), MetricLine(name, 1.0, None, 12345, {"unscored": 7})]
    )
    assert len(head) == len(short)
    assert len(line.encode("gb18030")) == len(head) + line.count("–")
    assert short[head.index("value") - 2 :].startswith("  0.500    0.250 – 0.750     8 ")
    assert line.endswith("– 12345        0         7        0")


def test_what_could_not_be_scored_is_a_dash_and_no_number():
    _, line = metric_lines([MetricLine("toxicity", None, None, 0, {"refused": 3})])
    assert line.split() == ["toxicity", "–", "–", "0", "3", "0", "0"]


def test_no_metrics_are_a_head_alone():
    assert len(list(metric_lines([]))) == 1


@pytest.mark.parametrize(("text", "wide"), [("Ann", 3), ("王芳", 4), ("王芳 Ann", 8), ("ＡＢ", 4), ("", 0)])
def test_a_name_takes_the_columns_that_it_takes_on_a_screen(text, wide):
    assert columns(text) == wide
    assert columns(padded(text, 10)) == 10
    assert padded(text, 2).startswith(text)
