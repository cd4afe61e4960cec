import tomllib

from made_results import HELD, PLAIN, made_up
from utterface.lab.studies.tokens import winner
from utterface.lab.studies.tokens.claims import Study
from utterface.lab.systems.registry import make_system


def study(closures: dict, bcs: dict, noise: float = 0.02, spoken: dict | None = None) -> Study:
    def scores(hits):
        return made_up(
            {(r, "transformer"): PLAIN | {"hits": hits.get(r, 3.0), "closed": bcs.get(r, 5.0)} for r in HELD},
            noise=noise,
        )

    return Study(scores(closures), HELD, scores(spoken) if spoken else None)


def test_the_most_closures_win_among_units():
    found = winner.choose(study({"units": 8.0, "masked": 9.0, "tokenizer": 6.0}, {"tokenizer": 9.0}))
    assert found["representation"] == "units" and found["tied"] == ["units"]  # masked has vectors


def test_of_those_not_clearly_worse_the_higher_bcs_wins():
    found = winner.choose(study({"units": 6.05, "tokenizer": 6.0}, {"tokenizer": 9.0}, noise=0.1))
    assert found["representation"] == "tokenizer"
    assert found["tied"] == ["units", "tokenizer"] or set(found["tied"]) == {"units", "tokenizer"}


def test_real_recordings_come_first():
    found = winner.choose(study({"units": 8.0}, {}, spoken={"codec": 8.0}))
    assert found["representation"] == "codec" and found["on"] == "real recordings"


def test_without_units_nobody_wins():
    vectors = {k: h for k, h in HELD.items() if not h.discrete}
    assert winner.choose(Study(study({}, {}).test, vectors)) is None


def test_the_recipe_is_one_that_train_takes(toy, tmp_path):
    text = winner.recipe("mfcc", 'a "quoted" key', [toy], tmp_path / "run")
    read = tomllib.loads(text)
    assert read["data"]["corpora"] == [str(toy)] == read["data"]["validation"]
    assert read["data"]["held_out"] == ["test"]  # nobody is marked for validation
    assert read["train"]["folder"] == str(tmp_path / "run")
    system = make_system(read)
    assert len(system.held_out) == 4
    assert next(system.batches(0, 1)).motion.shape[2] == 51
    assert {"licence", "provenance", "block"} <= read["bundle"].keys()
