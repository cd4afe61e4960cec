"""*THUNDER*: does a face speak better when a mesh-to-speech model is part of its loss?

    utterface bench thunder --size small --corpora CORPUS … -o report/

sizes → material → recipes → runs → claims → report; `study.STUDY` names them for `studies.study`.
"""
