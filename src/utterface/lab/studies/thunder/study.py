"""The study of *THUNDER*."""

from utterface.lab.studies import sections
from utterface.lab.studies.sections import Paper
from utterface.lab.studies.study import Study
from utterface.lab.studies.thunder import report
from utterface.lab.studies.thunder.claims import judge
from utterface.lab.studies.thunder.runs import jobs, prepare
from utterface.lab.studies.thunder.sizes import SIZES

PAPER = Paper(
    "Daněček, Schmitt, Polikovsky, Black: THUNDER, 3DV 2026 (2504.13386)",
    "THUNDERSET, 117 people, tracked FLAME faces; lengths in cm where ours are in mm, another head",
    ("variant", "LVE", "L-CCC", "L-PCC", "DTW", "S-DIV-U", "T-DIV-U", "S-DIV-L", "T-DIV-L", "FDD-U", "FDD-L"),
    (
        ("without m2s", 0.879, 0.359, 0.568, 0.329, 0.0419, 0.0440, 0.210, 0.254, 0.0118, 0.0932),
        ("with face2s", 0.804, 0.411, 0.633, 0.285, 0.0297, 0.0409, 0.128, 0.237, 0.0117, 0.0827),
        ("with exp2s", 0.830, 0.362, 0.630, 0.296, 0.0404, 0.0398, 0.176, 0.228, 0.0125, 0.0939),
        ("with mouth2s", 0.802, 0.426, 0.639, 0.290, 0.0322, 0.0400, 0.134, 0.241, 0.0122, 0.0806),
        ("w 0.1", 0.887, 0.375, 0.599, 0.309, 0.0422, None, None, None, None, None),
        ("w 0.5", 0.805, 0.342, 0.574, 0.294, 0.0387, None, None, None, None, None),
        ("w 5", 0.858, 0.320, 0.572, 0.313, 0.0257, None, None, None, None, None),
        ("FlameFormer", 0.809, 0.368, 0.570, 0.291, 0.0271, 0.0372, 0.132, 0.239, 0.0117, 0.0909),
        ("FlameFormer + m2s", 0.794, 0.411, 0.614, 0.265, 0.0263, 0.0393, 0.111, 0.219, 0.0107, 0.0715),
    ),
)
STUDY = Study(
    name="thunder",
    title=report.TITLE,
    question="Does a face speak better when a mesh-to-speech model is part of its loss?",
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
)
