from utterface.lab.studies.thunder import faces


def test_the_page_begins_with_a_performance_and_takes_with_and_without_a_listener(report):
    names = [faces.take_name(row["row"], k) for row in report["test"]["rows"] for k in range(4)]
    shown = faces._shown(report, [faces.take_name(faces.PERFORMED, 0), *names])
    assert shown[:4] == ["performed · 1", "diffusion · 1", "mouth × 0.5 · 1", "mouth × 0.5 · 2"]
    assert len(shown) == 6 and shown[5] == "gru + mouth × 0.5 · 1"
