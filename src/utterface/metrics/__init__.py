"""Measures: one pure function each, arrays and Spans in, numbers out. No file is opened here.

`lips` judges motion on real speech by its phones, without any captured face; `captures` compares motion with captured
motion, each measure under its paper's name; `intervals` gives 95 % intervals and paired differences over clips.
"""
