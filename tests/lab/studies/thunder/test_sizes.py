from dataclasses import replace

from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.thunder.sizes import SMALL, SMOKE, Best, ThunderVariant


def test_variants_are_those_of_the_study():
    best = Best(SMALL.with_loss(0.5), SMALL.with_loss(0.5))
    rows = SMALL.variants(best)
    assert [row.title("kept") for row in rows] == [
        "diffusion", "diffusion + mouth × 0.1", "diffusion + mouth × 0.5", "diffusion + mouth × 1",
        "diffusion + mouth × 5", "diffusion + mouth × 1, beside the true face",
        "diffusion + face × 0.5", "diffusion + expression × 0.5", "diffusion + touch × 0.5",
        "diffusion + mouth × 0.5, even", "diffusion + mouth × 0.5, low", "transformer", "transformer + mouth × 0.5",
        "gru", "gru + mouth × 0.5",
    ]  # fmt: skip
    assert len({row.name for row in rows}) == len(rows)
    seeds = {row.title("kept"): SMALL.seeds_of(row, best) for row in rows}
    assert [title for title, count in seeds.items() if count == 2] == ["diffusion", "diffusion + mouth × 0.5"]


def test_what_is_compared_at_the_best_has_the_loss_of_the_best():
    best = Best(SMALL.with_loss(1.0, "face"), SMALL.with_loss(0.5))
    rows = SMALL.variants(best)
    beside = [row for row in rows if row not in SMALL.sweep() and row.input]
    assert len(beside) == 3 + 2 + 2 and {(row.weight, row.beside) for row in beside} == {(1.0, "face")}
    assert [row for row in rows if SMALL.seeds_of(row, best) == 2] == [SMALL.plain(), best.paper, best.variant]


def test_first_seeds_come_first():
    best = Best(SMALL.with_loss(1.0), SMALL.with_loss(1.0))
    assert [run.seed for run in SMALL.runs(best)] == [0] * 15 + [1, 1]


def test_names_of_files_are_unique():
    assert (
        ThunderVariant().name == "diffusion"
        and VariantRun(ThunderVariant("gru", "mouth", 0.5, "even"), 2).name == "gru-mouth-0.5-even.2"
    )
    assert ThunderVariant("gru", "mouth", 0.5, "even", "face").name == "gru-mouth-0.5-even-face"
    assert replace(SMOKE, trust="even").with_loss(1.0) == ThunderVariant("diffusion", "mouth", 1.0, "even", "sound")
