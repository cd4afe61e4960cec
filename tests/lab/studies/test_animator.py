"""The benchmark on an engine of a few lines, whose every answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from utterface import engines
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.measures.conditions import Condition
from utterface.lab.studies import animator
from utterface.lab.studies.animator import FIGURES, to_markdown
from utterface.motion import Motion, rest
from utterface.phones import Span
from utterface.rigs.lips import LipRig

RATE, FRAMES = 16_000, 50.0
RIG = LipRig(("jawOpen",), np.array([27.0]))
# quiet where the lips must close, loud where they must open
PHONES = (Span("sil", 0, 0.4), Span("ɑ", 0.4, 0.6), Span("m", 0.6, 0.7), Span("i", 0.7, 0.9), Span("sil", 0.9, 1.3))


class Loudness:
    """Opens the jaw where there is sound: 20 ms of sound, one frame."""

    about = engines.EngineInfo("loudness", FRAMES, 0.02)
    alignment = None

    def __init__(self) -> None:
        self.reset()

    def push(self, samples: np.ndarray) -> Motion:
        self._left = np.concatenate([self._left, samples])
        count = len(self._left) // 320
        heard, self._left = self._left[: 320 * count].reshape(count, 320), self._left[320 * count :]
        motion = rest(count, FRAMES)
        values = motion.values.copy()
        values[:, motion.index("jawOpen")] = np.minimum(1, 5 * np.abs(heard).mean(1))
        return motion.with_values(values)

    def flush(self) -> Motion:
        return rest(0, FRAMES)

    def reset(self) -> None:
        self._left = np.zeros(0, np.float32)


@pytest.fixture
def utterance(monkeypatch) -> animator.Utterance:
    monkeypatch.setitem(engines.ENGINES, "loudness", engines.Engine("loudness", lambda request: Loudness()))
    time = np.arange(int(1.3 * RATE)) / RATE
    loud = np.zeros(len(time), np.float32)
    for span in PHONES:
        if span.label in "ɑi":
            loud[(time >= span.start) & (time < span.end)] = 0.2
    noise = np.random.default_rng(0).uniform(-1, 1, len(time)).astype(np.float32)
    return animator.Utterance("made", loud * noise, PHONES, "xx")


def test_an_engine_that_hears_loudness_closes_where_it_is_quiet(utterance):
    result = animator.judge_clean(animator.EngineJudge("loudness", RIG), [utterance, utterance])
    assert result["clips"] == 2 and result["bilabials"] == 2
    assert result["closure_f1"] == pytest.approx(1) and result["vowel_closed"] == 0 and result["silence_closed"] == 1
    assert set(FIGURES) <= set(result)


def test_noise_is_reported_as_a_fall_from_clean(utterance, monkeypatch):
    drown = Condition("drowned", lambda samples, random: samples + np.float32(0.5), 0.1)
    keep = Condition("kept", lambda samples, random: samples, 0.1)
    monkeypatch.setattr(animator, "conditions", lambda voices: (drown, keep))
    rows = animator.judge_conditions(animator.EngineJudge("loudness", RIG), [utterance], 2, lambda what, part: None)
    assert rows[1]["drop"] == 0
    assert np.isnan(rows[0]["drop"]) or rows[0]["drop"] > 0.9  # lips that never close make no closure at all


def test_strength_and_moods_are_seen_beside_neutral(utterance):
    """The engine knows nothing of strength; moods are laid over what it says, whose brows show them wholly."""
    told = []
    judge = animator.EngineJudge("loudness", RIG)
    rows = animator.judge_controls(judge, [utterance], lambda what, part: told.append(what))
    result = {row["asked"]: row for row in rows}
    assert list(result)[:3] == ["strength 0.5", "strength 1.5", "joy 0.8"] == told[:3] and len(rows) == 9
    weak = result["strength 0.5"]
    assert weak["opening"] == pytest.approx(1) and weak["drop"] == 0 and weak["shown"] is None
    surprised = result["surprise 0.8"]
    assert 0.9 < surprised["shown"] <= 1.01 and surprised["drop"] == 0 and surprised["opening"] > 1


def test_groups_are_judged_apart(utterance, tmp_path):
    writer = CorpusWriter(tmp_path)
    for name, language in (("a", "cs"), ("b", "tr")):
        clip = CorpusClip(name, len(utterance.samples) / RATE, speaker=name, language=language)
        writer.add(clip, utterance.samples, PHONES)
    rows = animator.judge_groups(animator.EngineJudge("loudness", RIG), animator.corpus_utterances(tmp_path))
    assert [row["group"] for row in rows] == ["cs", "tr"] and rows[0]["closure_recall"] == 1


def test_speakers_are_judged_apart_with_how_loud_they_are(utterance):
    """One of two speaks 20 dB lower, over a pause that is 40 dB below the speech."""
    rng = np.random.default_rng(0)
    floor = 1e-3 * rng.standard_normal(len(utterance.samples)).astype(np.float32)
    loud = replace(utterance, samples=utterance.samples + floor, group="a")
    low = replace(loud, samples=0.1 * loud.samples, group="b")
    judge = animator.EngineJudge("loudness", RIG)
    rows = animator.judge_speakers(judge, [loud, low, loud, low])
    assert [(row["group"], row["clips"]) for row in rows] == [("a", 2), ("b", 2)]
    assert rows[0]["speech_dbfs"] - rows[1]["speech_dbfs"] == pytest.approx(20, abs=0.5)
    assert rows[0]["pauses_below_db"] == pytest.approx(rows[1]["pauses_below_db"], abs=1)
    assert 35 < rows[0]["pauses_below_db"] < 50
    assert animator.judge_speakers(judge, [loud, low]) == animator.judge_speakers(judge, [loud, loud]) == []
    told = to_markdown({"model": "loudness", "sets": {}, "speakers": rows})
    assert "## By speaker" in told and f"| a | 2 | {rows[0]['closure_f1']:.4g}" in told


def test_cost_counts_every_chunk_and_the_first_frame(utterance):
    cost = animator.measure_cost("loudness", utterance.samples)
    assert cost["model"] == "loudness" and cost["look_ahead_ms"] == 20
    assert 0 < cost["chunk_ms_median"] <= cost["chunk_ms_p99"]
    assert cost["first_frame_ms"] >= 20


def test_memory_is_read_at_both_ends(utterance):
    peaks = animator.measure_memory("loudness", utterance.samples, hours=0.02)
    assert 0 < peaks["peak_mb_at_1_minute"] <= peaks["peak_mb_at_end"]


def test_recordings_that_do_not_align_leave_nothing_to_judge(tmp_path):
    import soundfile

    soundfile.write(tmp_path / "a.wav", np.zeros(RATE, np.float32), RATE)
    (tmp_path / "clips.tsv").write_text("a.wav\tzzyzxgrmpf\n")
    with pytest.raises(ConfigError, match="no recording"):
        animator.spoken_utterances(tmp_path, tmp_path / "clips.tsv")
