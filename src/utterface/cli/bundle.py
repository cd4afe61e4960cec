"""`utterface bundle`: a trained network, packed to run without the lab."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from utterface.errors import ConfigError


def bundle(
    checkpoint: Path,
    recipe: Path | None = None,
    *overrides: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    card: Path | None = None,
) -> int:
    """Pack a checkpoint of `utterface train` as a model bundle, which `animate` or `hear` runs by --model FOLDER.

    Parameters
    ----------
    checkpoint
        best.safetensors or last.safetensors of a training run.
    recipe
        TOML file whose table [bundle] says licence, provenance, thresholds or windows; by default the one that the
        checkpoint was trained with.
    overrides
        Changes to it, written bundle.closing=0.5.
    output
        Folder of the bundle.
    card
        The model's card; by default the CARD.md that lies in the folder already.
    """
    from utterface.lab.training.checkpoints import load_average
    from utterface.lab.training.loop import read_recipe

    _, trained_with, _ = load_average(checkpoint)
    system = trained_with.get("system")
    if system not in EXPORTERS:
        raise ConfigError(f"{checkpoint} holds the system {system!r}; bundles are made of {', '.join(EXPORTERS)}")
    table = (trained_with if recipe is None else read_recipe(recipe, overrides)).get("bundle")
    if not table:
        raise ConfigError(
            f"{recipe or checkpoint} has no table [bundle]; give a recipe with licence and provenance in it"
        )
    print(EXPORTERS[system](checkpoint, output, table, card))
    return 0


def _animator(checkpoint: Path, output: Path, table: Mapping[str, Any], card: Path | None) -> Path:
    from utterface.lab.bundles.articulators import export

    card = card or output / "CARD.md"
    if not card.is_file():
        raise ConfigError(f"no card at {card}; say with --card where it is: a bundle tells what it was made of")
    return export(checkpoint, output, card.read_text("utf-8"), table)


def _tokens(checkpoint: Path, output: Path, table: Mapping[str, Any], card: Path | None) -> Path:
    from utterface.lab.bundles.tokens_to_faces import export_tokens

    return export_tokens(checkpoint, output, table, _read_card(card))


def _voice(checkpoint: Path, output: Path, table: Mapping[str, Any], card: Path | None) -> Path:
    from utterface.lab.bundles.mesh_to_speech import export_voice

    return export_voice(checkpoint, output, table, _read_card(card))


def _thunder(checkpoint: Path, output: Path, table: Mapping[str, Any], card: Path | None) -> Path:
    from utterface.lab.bundles.thunder import export_thunder

    return export_thunder(checkpoint, output, table, _read_card(card))


def _read_card(card: Path | None) -> str | None:
    """The text of a card; None, where none is named, lets the exporter write one."""
    if card is not None and not card.is_file():
        raise ConfigError(f"no card at {card}")
    return None if card is None else card.read_text("utf-8")


# system of the recipe: what makes its bundle of a checkpoint, a folder, the table [bundle] and a card
EXPORTERS: dict[str, Callable[[Path, Path, Mapping[str, Any], Path | None], Path]] = {
    "animator": _animator,
    "tokens_to_faces": _tokens,
    "thunder": _thunder,
    "mesh_to_speech": _voice,
}
