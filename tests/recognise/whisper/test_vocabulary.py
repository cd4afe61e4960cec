import json

import pytest

from support.tiny_whisper import VOCABULARY, tiny_weights, write_model
from utterface.errors import ModelError
from utterface.recognise.whisper.vocabulary import Vocabulary, code_in_whisper, read_vocabulary


def test_tokens_become_text():
    vocabulary = Vocabulary(("ĠMÃ¼", "hle", "ĠisÃ", "Ń", "<|endoftext|>"), (), ())
    assert vocabulary.text([0, 1]) == "Mühle" and vocabulary.text([]) == ""
    assert vocabulary.text([2]) == "is\N{REPLACEMENT CHARACTER}"


def test_the_prompt_names_the_language_where_there_are_several():
    small = Vocabulary(tuple(VOCABULARY), (), ())
    large = Vocabulary((*VOCABULARY, *("x" for _ in range(51_865 - len(VOCABULARY)))), (), ())
    names = [large.tokens[number] for number in large.prompt("de-at")]
    assert small.english_only and len(small.prompt("en")) == 2
    assert names == ["<|startoftranscript|>", "<|de|>", "<|transcribe|>", "<|notimestamps|>"]
    with pytest.raises(ModelError, match=r"has no <\|zh\|>"):
        large.prompt("cmn")
    assert [code_in_whisper(code) for code in ("cmn", "nb", "pt-br", "en")] == ["zh", "no", "pt", "en"]


def test_both_kinds_of_file_are_read(tmp_path):
    folder = write_model(tmp_path, tiny_weights())
    read = read_vocabulary(folder)
    assert read.tokens == tuple(VOCABULARY) and read.suppressed == (5,) and read.suppressed_first == (0,)
    (folder / "vocabulary.txt").write_text("\n".join(VOCABULARY) + "\n", "utf-8")
    (folder / "vocabulary.json").unlink()
    assert read_vocabulary(folder) == read


@pytest.mark.parametrize("name", ["vocabulary.json", "config.json"])
@pytest.mark.parametrize("content", ["", "{", json.dumps({"suppress_ids": "x"}), json.dumps(3)])
def test_damaged_files_are_told(tmp_path, name, content):
    folder = write_model(tmp_path, tiny_weights())
    (folder / name).write_text(content)
    with pytest.raises(ModelError, match="missing or damaged") as refused:
        read_vocabulary(folder)
    assert len(str(refused.value).splitlines()) == 1
