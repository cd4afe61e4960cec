"""The study of *LSF-Animation*."""

from utterface.lab.studies import sections
from utterface.lab.studies.lsf import report
from utterface.lab.studies.lsf.runs import jobs, prepare
from utterface.lab.studies.lsf.sizes import SIZES
from utterface.lab.studies.sections import Paper
from utterface.lab.studies.study import Study

PAPER = Paper(
    "Lu, Zhuang, Jin, Lu, Wang, Liu, Xiao: LSF-Animation, SIGGRAPH Asia 2025",
    "3DMEAD, FLAME at 25 Hz, five test subjects; units as printed there",
    ("model", "MVE", "LVE", "FDD", "MEE", "CE", "Div"),
    (
        ("EMOTE", 1.3395, 1.2936, 0.7327, 1.2101, 1.0544, None),
        ("FaceDiffuser, DDIM", 1.5901, 1.1315, 0.8243, 1.0615, 1.0610, 0.0144),
        ("ProbTalk3D", 1.2933, 1.2708, 0.4845, 1.1852, 1.0691, 0.4310),
        ("LSF-Animation", 1.2244, 1.0985, 0.4724, 1.0177, 0.9225, 0.4223),
    ),
)
STUDY = Study(
    name="lsf",
    title="LSF-Animation",
    question="Does a face gain from emotion that is heard and an identity that is seen?",
    paper=PAPER,
    sizes=SIZES,
    measures=report.MEASURES,
    prepare=prepare,
    jobs=jobs,
    collect=report.collect,
    claims=report.judge,
    sections=(*report.SECTIONS, sections.paper(PAPER)),
)
