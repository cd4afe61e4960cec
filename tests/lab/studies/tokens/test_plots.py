import re

from made_results import made_report
from utterface.lab.studies.tokens import plots


def test_every_plot_is_an_svg_in_the_pages_own_colour():
    shown = plots.all_plots(made_report())
    assert len(shown) == 3
    for caption, svg in shown:
        assert caption and svg.startswith("<svg") and "currentColor" in svg and "#010203" not in svg
        assert "tokenizer" in svg and 'width="100%"' in svg


def test_plots_need_what_they_show():
    report = made_report()
    del report["costs"]
    assert len(plots.all_plots(report)) == 2
    del report["test"]
    assert plots.all_plots(report) == []


def test_points_are_the_trained_systems_in_printed_units():
    report = made_report()
    points = plots.phones(report, "bcs")
    assert len(points) == 15 and {p[0] for p in points} == set(report["representations"])
    name, _, heard, y, (low, high) = points[0]
    assert heard == 100 * report["representations"][name]["probes"]["phone_accuracy"] and low <= y <= high
    assert plots.costs(report, "closure_f1")[0][2] == 0.01


def test_units_are_hollow():
    def hollow(discrete: bool) -> int:
        report = made_report()
        for told in report["representations"].values():
            told["discrete"] = discrete
        return len(re.findall(r"fill-opacity: 0[;\"]", plots.all_plots(report)[1][1]))

    assert hollow(True) > hollow(False)


def test_the_same_report_draws_the_same_picture():
    assert plots.all_plots(made_report()) == plots.all_plots(made_report())
