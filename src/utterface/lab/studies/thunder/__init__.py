"""*THUNDER* as one command: does a face speak better when somebody listens while it learns?

    utterface bench thunder --size small --corpora CORPUS … -o report/

grid → clips (material) → recipes → cells → scores → claims → report; `run` goes through them in this order.
"""
