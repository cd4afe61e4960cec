"""The study of *From Tokens to Faces*."""

from utterface.lab.studies import sections
from utterface.lab.studies.sections import Paper
from utterface.lab.studies.study import Study
from utterface.lab.studies.tokens import report
from utterface.lab.studies.tokens.claims import judge
from utterface.lab.studies.tokens.runs import jobs, prepare
from utterface.lab.studies.tokens.sizes import SIZES

PAPER = Paper(
    "Corrêa, Perrotin, Sadok, Costa, Hueber: From Tokens to Faces, Interspeech 2026 (2606.13630), Table 1",
    "BEAT2, 25 speakers, 27 h; 51 ARKit weights fitted through FLAME; other scales of LVE and jitter",
    ("representation", "decoder", "LVE", "jitter", "BCS %", "Ĥ(phone) %", "Ĥ(viseme) %", "R²"),
    (
        ("HuBERT", "GRU", 0.26, 80.3, 57.5, 44.4, 91.5, 0.25),
        ("HuBERT", "Transformer", 0.26, 45.5, 27.6, None, None, None),
        ("SpeechTokenizer", "GRU", 0.53, 74.4, 3.4, 39.6, 90.4, 0.04),
        ("SpeechTokenizer", "Transformer", 0.34, 35.2, 2.3, None, None, None),
        ("WavTokenizer", "GRU", 0.84, 93.3, 0.4, 73.2, 91.4, 0.08),
        ("WavTokenizer", "Transformer", 0.33, 43.6, 6.2, None, None, None),
        ("CosyVoice2", "GRU", 0.46, 76.5, 3.9, 57.7, 84.3, 0.10),
        ("CosyVoice2", "Transformer", 0.28, 50.3, 47.0, None, None, None),
    ),
)
STUDY = Study(
    name="tokens",
    title=report.TITLE,
    question="Which speech makes good faces?",
    paper=PAPER,
    sizes=SIZES,
    measures=report.MEASURES,
    prepare=prepare,
    jobs=jobs,
    collect=report.collect,
    claims=judge,
    winner=report.winner,
    recipe=report.recipe,
    sections=(*report.SECTIONS, sections.paper(PAPER)),
    faces=report.faces,
    revise=report.revise,
    extract=("claims", "held"),
)
