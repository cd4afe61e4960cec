"""*From Tokens to Faces* as one command: every representation with every decoder, trained and judged alike.

    utterface bench tokens --size small -o report/

grid → clips → (cells, probing) → costs → scores → claims → report; `run.bench` goes through them in this order.
"""
