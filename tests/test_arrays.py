"""Archives of arrays: what NumPy wrote is read, and what unpacks to too much or to something else is refused."""

import io
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from utterface import arrays
from utterface.arrays import read_arrays


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def npy(shape: tuple[int, ...], kind: str = "<f4", data: bytes = b"") -> bytes:
    """An array file with any header before any data."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"shape": shape, "fortran_order": False, "descr": kind})
    return file.getvalue() + data


def test_arrays_come_back_as_numpy_wrote_them(tmp_path):
    wanted = {
        "a": np.arange(6).reshape(2, 3), "b": np.float64(0.5), "c": np.array(["x", "yé"]), "d": np.zeros((0, 3)),
        "e": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    }  # fmt: skip
    np.savez_compressed(tmp_path / "a.npz", **wanted)
    found = read_arrays(tmp_path / "a.npz")
    assert list(found) == list(wanted)
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == np.asarray(array).dtype and found[name].flags.writeable


def test_a_header_that_python_2_wrote_is_read_without_a_warning(tmp_path):
    data = npy((3,), data=np.arange(3, dtype="<f4").tobytes()).replace(b"(3,), } ", b"(3L,), }")
    assert b"3L" in data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_arrays(archive(tmp_path / "a.npz", {"a.npy": data}))["a"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "data",
    [npy((10**11, 61), data=bytes(8)), npy((-1, 3)), npy((3,), data=bytes(8)), npy((1,), "|O", bytes(8)), b"", b"text",
     npy((2,), data=bytes(80))],
    ids=["huge", "negative", "short", "objects", "empty", "text", "long"],
)  # fmt: skip
def test_members_that_are_no_whole_array_are_refused(tmp_path, data):
    with pytest.raises(ValueError, match="no whole NumPy archive") as error:
        read_arrays(archive(tmp_path / "a.npz", {"values.npy": data}))
    assert "\n" not in str(error.value)


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = archive(tmp_path / "a.npz", {"values.npy": npy((20_000,), data=bytes(80_000))})
    monkeypatch.setattr(arrays, "SMALL_BYTES", 10_000)
    with pytest.raises(ValueError, match="100 times the size"):
        read_arrays(path)
    monkeypatch.setattr(arrays, "MAX_BYTES", 50_000)
    with pytest.raises(ValueError, match="at most"):
        read_arrays(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"\x93NUMPY"])
def test_something_else_is_refused(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ValueError, match="no whole NumPy archive"):
        read_arrays(tmp_path / "a.npz")
    with pytest.raises(OSError, match="No such file"):
        read_arrays(tmp_path / "b.npz")


def test_any_flipped_bits_are_told_or_harmless(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", a=np.arange(200.0), b=np.array("text"))
    whole, rng = (tmp_path / "a.npz").read_bytes(), np.random.default_rng(0)
    for _ in range(300):
        raw = bytearray(whole)
        for place in rng.integers(len(raw), size=3):
            raw[place] ^= 1 << rng.integers(8)
        (tmp_path / "b.npz").write_bytes(raw)
        try:
            read_arrays(tmp_path / "b.npz")
        except ValueError as error:
            assert "\n" not in str(error)


def test_a_machine_without_memory_is_not_a_damaged_file(tmp_path, monkeypatch):
    np.savez(tmp_path / "a.npz", a=np.arange(3))

    def full(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
        raise MemoryError

    monkeypatch.setattr(arrays, "_read_array", full)
    with pytest.raises(MemoryError):
        read_arrays(tmp_path / "a.npz")
