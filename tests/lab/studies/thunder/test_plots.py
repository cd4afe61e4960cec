from utterface.lab.studies.thunder import plots


def test_plots_show_the_sweep_beside_no_loss_and_the_ladder_beside_its_last(report):
    points = report["sweep"]["test"]["lve_mm"]
    assert [point["label"] for point in points] == ["0", "0.1", "0.5", "1", "5", "1\nface"]
    assert min(points, key=lambda p: p["value"])["label"] == "0.5" and points[0]["low"] is None
    for point in points[1:]:
        assert point["low"] < point["value"] < point["high"] and point["high"] - point["low"] < 0.05
    assert report["climbed"][-1]["label"] == "1000\nddpm" and report["climbed"][-1]["low"] is None
    shown = plots.all_plots(report)
    assert len(shown) == 5 and all(svg.startswith("<svg") and "#010203" not in svg for _, svg in shown)
    del report["climbed"], report["sweep"]["spoken"]
    assert len(plots.all_plots(report)) == 3
