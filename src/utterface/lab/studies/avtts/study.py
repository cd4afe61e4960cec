"""The study of speech and a face from text."""

from utterface.lab.studies import sections
from utterface.lab.studies.avtts import report
from utterface.lab.studies.avtts.runs import jobs, prepare
from utterface.lab.studies.avtts.sizes import SIZES
from utterface.lab.studies.sections import Paper
from utterface.lab.studies.study import Study

PAPER = Paper(
    "Corrêa, Perrotin, Sadok, Costa, Hueber: From Tokens to Faces, Interspeech 2026 (2606.13630), section on AVTTS",
    "a proof of concept with CosyVoice 2 and BEAT2, without figures",
    ("way", "finding"),
    (("tokens of the language model", "weaker contrast of the lips across phones than tokens of sound"),),
)
STUDY = Study(
    name="avtts",
    title=report.TITLE,
    question="Should a voice and a face share tokens?",
    paper=PAPER,
    sizes=SIZES,
    measures=report.MEASURES,
    prepare=prepare,
    jobs=jobs,
    collect=report.collect,
    claims=report.judge,
    sections=(*report.SECTIONS, sections.paper(PAPER)),
    extract=("claims", "faces", "sounds", "kinds", "ran"),
)
