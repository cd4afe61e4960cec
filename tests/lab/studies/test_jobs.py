"""Jobs here and in processes; what fails is told."""

import pytest

from support.jobs_to_run import write
from utterface.lab.studies.jobs import StudyJob, do_all, workers


def nothing(*said) -> None:
    pass


def _write(name: str) -> StudyJob:
    return StudyJob(name, write, (name,))


def test_one_job_after_another_is_reported(tmp_path):
    said, lines = [], []
    with workers(tmp_path, 1) as submit:
        jobs = [_write("a"), _write("broken"), _write("b")]
        failed = do_all(submit, jobs, "writing", 1, lambda *line: said.append(line), lines.append)
    assert failed == {"broken": "ValueError: the loss"}
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b"}
    assert said[0] == ("writing, 3 to go", 0.0) and said[-1] == ("writing, 3 of 3, about 0 s left", 1.0)
    assert "failed: broken (ValueError: the loss)" in lines
    assert any(line.startswith("writing: 1 of 3, a, about") for line in lines)


def test_a_process_that_dies_takes_nothing_else_with_it(tmp_path):
    lines: list[str] = []
    with workers(tmp_path, 2) as submit:
        failed = do_all(submit, [_write("fatal"), _write("slow"), _write("a")], "dying", 2, nothing, lines.append)
        failed |= do_all(submit, [_write("b"), _write("c")], "living", 2, nothing, nothing)
    assert list(failed) == ["fatal"]
    assert {p.name for p in tmp_path.iterdir()} == {"slow.begun", "slow", "a", "b", "c"}
    assert sum(line.startswith("dying: ") for line in lines) == 3


def test_an_interruption_goes_through(tmp_path):
    def interrupt(runner) -> None:
        raise KeyboardInterrupt

    stop = StudyJob("stop", interrupt)
    with pytest.raises(KeyboardInterrupt), workers(tmp_path, 1) as submit:
        do_all(submit, [stop], "stopping", 1, nothing, nothing)
