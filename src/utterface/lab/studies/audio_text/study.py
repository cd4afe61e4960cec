"""The study of *Joint Audio-Text*."""

from utterface.lab.studies import sections
from utterface.lab.studies.audio_text import report
from utterface.lab.studies.audio_text.claims import judge
from utterface.lab.studies.audio_text.runs import jobs, prepare
from utterface.lab.studies.audio_text.sizes import SIZES
from utterface.lab.studies.sections import Paper
from utterface.lab.studies.study import Study

PAPER = Paper(
    "Fan, Lin, Saito, Wang, Komura: Joint Audio-Text Model for Expressive Speech-Driven 3D Facial Animation, 2022 "
    "(2112.02214)",
    "BIWI, 6 speakers, 24 test sentences; AU intensities by OpenFace on renderings",
    ("method", "upper face", "lower face"),
    (
        ("VOCA", 0.278, 0.229),
        ("MeshTalk", 0.236, 0.230),
        ("tensor fusion", 0.221, 0.212),
        ("audio", 0.251, 0.224),
        ("text", 0.247, 0.253),
        ("concat", 0.225, 0.218),
    ),
)
STUDY = Study(
    name="audio_text",
    title=report.TITLE,
    question="What do words add to the sound for the upper face?",
    paper=PAPER,
    sizes=SIZES,
    measures=report.MEASURES,
    prepare=prepare,
    jobs=jobs,
    collect=report.collect,
    claims=judge,
    sections=(*report.SECTIONS, sections.paper(PAPER)),
    extract=("results", "claims", "correlations"),
)
