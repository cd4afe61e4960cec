"""The study of *LSF-Animation*: emotion heard and identity seen, each beside the row that it must beat.

sizes       priors, variants and their control rows
runs        clips, training, what is measured on each
report      claims, sections
"""
