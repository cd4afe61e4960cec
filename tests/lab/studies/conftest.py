"""Trainings of studies that are stopped."""

from collections.abc import Callable

import pytest

from utterface.lab.studies import store


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Stops a study as it begins its training of some number, once; the folders of all trainings begun."""

    def stop(number: int) -> list[str]:
        train, folders = store.train, []

        def stopping(recipe, report):
            folders.append(recipe["train"]["folder"])
            if len(folders) == number:
                raise KeyboardInterrupt
            return train(recipe, report)

        monkeypatch.setattr(store, "train", stopping)
        return folders

    return stop
