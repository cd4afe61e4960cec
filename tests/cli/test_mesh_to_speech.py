import soundfile

from support.voice_bundle import write_bundle
from utterface.cli import main
from utterface.formats import npz


def test_a_face_becomes_sound(clip, tmp_path, capsys):
    npz.write(clip, tmp_path / "face.npz")
    bundle = write_bundle(tmp_path / "voice")
    out = tmp_path / "voice.wav"
    assert main(["mesh-to-speech", str(tmp_path / "face.npz"), "-o", str(out), "--model", str(bundle)]) == 0
    assert soundfile.info(out).duration == 2.0
    assert "2.00 s of sound" in capsys.readouterr().out
    assert main(["mesh-to-speech", str(tmp_path / "face.npz"), "-o", str(out), "--model", str(bundle), "--quiet"]) == 0
    assert not capsys.readouterr().out


def test_mistakes_take_one_line(clip, tmp_path, capsys):
    npz.write(clip, tmp_path / "face.npz")
    (tmp_path / "still.glb").write_bytes(b"glTF")
    bundle = write_bundle(tmp_path / "voice")
    face, out = str(tmp_path / "face.npz"), str(tmp_path / "voice.wav")
    for arguments, told in (
        ([face, "-o", "voice.mp3"], ".wav"),
        ([face, "-o", out, "--model", "nobody"], "no mesh-to-speech bundle"),
        ([str(tmp_path / "still.glb"), "-o", out, "--model", str(bundle)], "still.glb"),
        ([face, "-o", out, "--model", str(bundle), "--speaker", str(tmp_path / "none.wav")], "none.wav"),
    ):
        assert main(["mesh-to-speech", *arguments]) == 2
        error = capsys.readouterr().err
        assert told in error and error.count("\n") == 1
