"""A tiny THUNDER on a performed toy corpus."""

import pytest

from utterface.lab.corpora.performed import perform
from utterface.lab.training.recipe import read_recipe

THUNDER = """
system = "thunder"
[train]
folder = "{folder}"
steps = 2
warmup = 1
threads = 1
log_every = 1
validate_every = 2
save_every = 2
select = "l_ccc"
[speech]
representation = "mel"
store = "{store}"
[data]
root = "{root}"
corpora = ["performed"]
batch = 3
seconds = 1.0
judged = 2
[decoder]
width = 16
layers = 2
heads = 2
inner = 32
levels = 50
convolutions = 1
dropout = 0.0
[sampling]
steps = 3
takes = 2
[bundle]
licence = "MIT"
block = 0.4
past = 0.4
future = 0.2
overlap = 0.2
"""


@pytest.fixture
def thunder(tmp_path, corpus):
    """Reads the recipe with changes."""
    perform(corpus, corpus.parent / "performed", takes=2, cast=6)
    path = tmp_path / "thunder.toml"
    path.write_text(THUNDER.format(folder=tmp_path / "run", store=tmp_path / "tracks", root=corpus.parent))
    return lambda *overrides: read_recipe(path, overrides)
