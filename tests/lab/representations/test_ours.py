import pytest
import torch
from safetensors.torch import save_file

from utterface.errors import ModelError
from utterface.lab.representations import open_representation


def test_what_is_not_ours_is_refused(tmp_path):
    with pytest.raises(ModelError, match="installed are"):
        open_representation("ours:nothing")
    with pytest.raises(ModelError, match="no checkpoint"):
        open_representation(f"checkpoint:{tmp_path / 'none.safetensors'}")
    path = tmp_path / "other.safetensors"
    save_file({"average/x": torch.zeros(1)}, path, {"recipe": '{"system": "animator"}', "step": "1", "best": "0"})
    with pytest.raises(ModelError, match=r"holds the system .animator.; expected masked, codec or tokenizer"):
        open_representation(f"checkpoint:{path}")
