"""*From Tokens to Faces*: every representation with every decoder, trained and measured alike.

    utterface bench tokens --size small -o report/

sizes → material → probing → runs → claims → report; `study.STUDY` names them for `studies.study`.
"""
