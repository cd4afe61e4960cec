from utterface.lab.studies.thunder import markdown


def test_verdicts_come_first_and_say_what_they_rest_on(report):
    text = markdown.write(report)
    places = [text.index(part) for part in ("Do the paper", "Beside the perf", "Lips on real", "What ran")]
    assert places == sorted(places)
    assert "**Listening improves the lips (mouth × 0.5 against no loss)**: holds" in text
    assert "Resampled: 20 sounds of test speakers × 2 seeds, paired." in text
    assert "No face was captured" in text and "heads 1800 steps that nobody listened to, then 500 steps" in text
    assert "begin from the shipped voice “listener”" in text and "50% of each batch is listened to" in text
    ears = "face 400 steps; weights 400 steps; touch 400 steps; mouth, vocoder brought along"
    assert f"ears: {ears}; all that were trained" in text
    assert "**Failed**: gru.0 (ValueError)" in text and "FlameFormer + m2s" in text
    assert "**The head to ship: diffusion + mouth × 0.5, trust “kept”**" in text
