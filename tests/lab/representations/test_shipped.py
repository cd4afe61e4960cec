import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from utterface.engines import DEFAULT_BUNDLE
from utterface.engines.bundle import open_articulators, shipped
from utterface.errors import ConfigError, ModelError
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.representations.clusters import Clustered
from utterface.lab.studies.representations import (
    RepresentationMaterial,
    gather,
    judge_decoded,
    judge_phones,
    judge_units,
)


def test_what_is_not_ours_is_refused(tmp_path):
    with pytest.raises(ModelError, match="installed are"):
        open_representation("ours:nothing")
    with pytest.raises(ModelError, match="no checkpoint"):
        open_representation(f"checkpoint:{tmp_path / 'none.safetensors'}")
    path = tmp_path / "other.safetensors"
    save_file({"average/x": torch.zeros(1)}, path, {"recipe": '{"system": "animator"}', "step": "1", "best": "0"})
    with pytest.raises(ModelError, match=r"holds the system .animator.; expected masked, codec, tokenizer"):
        open_representation(f"checkpoint:{path}")


@pytest.fixture(scope="module")
def unheard(assets, tmp_path_factory):
    """Five clips of as many speakers that nothing of ours learned from, with their phones."""
    folder, some = assets / "audio" / "librispeech_other", tmp_path_factory.mktemp("unheard")
    lines: dict[str, str] = {}
    for line in (folder / "clips.tsv").read_text("utf-8").splitlines():
        lines.setdefault(line.split("-")[0], line)
    for line in lines.values():
        name = line.split("\t")[0].removesuffix(".flac") + ".flac"
        (some / name).symlink_to(folder / name)
    (some / "clips.tsv").write_text("\n".join(lines.values()) + "\n", "utf-8")
    material = gather(some, some / "clips.tsv")
    assert len(material.speakers) == 5
    return material


def test_the_shipped_codecs_give_unheard_voices_back(unheard):
    two = RepresentationMaterial(unheard.utterances[:2])
    whole, first = (judge_decoded(open_representation(f"ours:codec{of}"), two)[0] for of in ("", "@1"))
    taught = judge_decoded(open_representation("ours:codec-semantic"), two)[0]
    assert min(whole["stoi"], taught["stoi"]) > 0.8
    assert first["stoi"] < whole["stoi"] - 0.1  # each codebook adds


def test_the_shipped_tokenizer_names_more_phones_than_it_misses(unheard):
    assert judge_phones(open_representation("ours:tokenizer"), unheard)[0]["phone_error_rate"] < 0.65


def test_the_shipped_units_separate_phones_better_than_clusters_of_cepstra(unheard):
    mfcc = open_representation("mfcc")
    clusters = Clustered(mfcc, fit_codebook(mfcc, [u.samples for u in unheard.utterances], 200), "mfcc")
    floor = judge_units(clusters, unheard)[0]["phone_information"]  # fitted to these very clips
    for name in ("ours:units", "ours:codec-semantic@1"):
        assert judge_units(open_representation(name), unheard)[0]["phone_information"] > floor


def test_the_animator_reads_what_it_says_from_its_frames(unheard):
    """Frame by frame, the heads make of them what the bundle's own graph says of the same sound."""
    representation, bundle = open_representation("ours:animator"), open_articulators(shipped()[DEFAULT_BUNDLE])
    samples, config, about = unheard.utterances[0].samples, bundle.config, representation.about
    frames = representation.encode(samples)
    assert frames.values.shape == (-(-len(samples) // config.hop), about.dimension)
    assert (about.frame_rate, about.start) == (config.frame_rate, 0) and representation.units(samples) is None
    whole = (len(frames) + config.delay_frames) * config.hop
    sound = np.zeros((1, whole), np.float32)
    sound[0, config.lead : config.lead + len(samples)] = samples[: whole - config.lead]
    told, _ = bundle.step(sound, bundle.zero_state(1), bundle.neutral(1))
    with torch.inference_mode():
        read = representation.network.heads(torch.from_numpy(frames.values)).numpy()
    seal = config.channels.index("closure")
    assert np.abs(read[:, -2] - told[0, config.delay_frames :, seal]).max() < 1e-3
    assert read[:, -2].std() > 1


def test_the_animator_has_no_layers():
    with pytest.raises(ConfigError, match="no option"):
        open_representation("ours:animator@4")
