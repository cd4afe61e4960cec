"""The page that talks as you do, as a file; tests/web opens it in a browser."""

import json
import re
import zlib
from base64 import b64decode

import pytest

from utterface import rigs
from utterface.engines.bundle import shipped
from utterface.errors import ConfigError
from utterface.motion import CHANNELS
from utterface.pages import live


@pytest.fixture(scope="module")
def head() -> rigs.Rig:
    return rigs.head(hair="none", detail="low")


def test_a_page_holds_the_network_and_what_is_said_of_it(head, tmp_path):
    page = tmp_path / "live.html"
    live.write(page, head, title="Talk <now>")
    text = page.read_text("utf-8")
    held = dict(re.findall(r'id="utterface-(\w+)"[^>]*>([^<]*)<', text))
    model, config = (zlib.decompress(b64decode(held[name])) for name in ("model", "config"))
    assert model == (shipped()["animator"] / "model.onnx").read_bytes()
    assert json.loads(config)["channels"] == list(CHANNELS) and "Talk &lt;now&gt;" in text
    assert zlib.decompress(b64decode(held["wasm"])).startswith(b"\0asm")


def test_another_kind_of_model_is_refused(head, tmp_path):
    with pytest.raises(ConfigError, match="not thunder"):
        live.write(tmp_path / "page.html", head, "thunder")
    assert not list(tmp_path.iterdir())
