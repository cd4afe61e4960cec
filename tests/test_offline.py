"""Nothing phones home: a run leaves its outputs and our own cache, and sends nothing to anybody."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "utterface", "animate", "examples/hello.flac", "--quiet"]
ROOT = Path(__file__).parents[1]
# after the work, as long as ONNX Runtime's telemetry waits before it looks its maker up
LINGERING = "import sys, time, utterface.cli as c\ntry: c.main(sys.argv[1:])\nexcept SystemExit: pass\ntime.sleep(45)"


def environment(home: Path) -> dict[str, str]:
    """That of a user at a desk: CI unset (it silences telemetry), every cache and home fresh."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV")}
    kept |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_DATA_HOME": str(home / "data")}
    return kept | {"XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"), "TMPDIR": str(home)}


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def sent(counters: str) -> dict[str, int]:
    """What left a network namespace, or tried to, since it was made: packets, and sockets that found no way out."""
    lines = [line.split() for line in counters.splitlines()]
    found = {}
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        found |= {names[0] + name: int(value) for name, value in zip(names[1:], values[1:], strict=True)}
    watched = ("Ip:OutRequests", "Ip:OutNoRoutes", "Tcp:ActiveOpens", "Udp:OutDatagrams")
    return {name: found[name] for name in watched}


def in_a_namespace(arguments: list[str], home: Path) -> dict[str, int]:
    """Run a command in a network namespace of its own and read what it tried to send."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("no network namespaces here")
    script = '"$@" && cat /proc/net/snmp'
    done = subprocess.run(
        ["unshare", "-rn", "sh", "-c", script, "sh", *arguments],
        cwd=ROOT, env=environment(home), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return sent(done.stdout)


def test_a_run_writes_its_outputs_and_our_own_cache_alone(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    outputs = [tmp_path / f"face.{suffix}" for suffix in ("csv", "html", "glb")]
    subprocess.run([*COMMAND, *(f"-o{path}" for path in outputs)], cwd=ROOT, env=environment(home), check=True)
    assert all(path.is_file() for path in outputs)
    foreign = [name for name in files_in(home) if not name.startswith("cache/utterface/")]
    assert not foreign
    assert files_in(tmp_path) - {f"home/{name}" for name in files_in(home)} == {path.name for path in outputs}


def test_a_run_opens_no_connection(tmp_path):
    assert set(in_a_namespace([*COMMAND, f"-o{tmp_path / 'face.csv'}"], tmp_path / "home").values()) == {0}


def test_the_namespace_would_show_a_look_up(tmp_path):
    look_up = "import socket\ntry: socket.create_connection(('192.0.2.1', 443), 1)\nexcept OSError: pass"
    assert any(in_a_namespace([sys.executable, "-c", look_up], tmp_path).values())


@pytest.mark.slow
def test_a_process_that_stays_opens_no_connection_either(tmp_path):
    lingering = [sys.executable, "-c", LINGERING, *COMMAND[3:], f"-o{tmp_path / 'face.csv'}"]
    assert set(in_a_namespace(lingering, tmp_path / "home").values()) == {0}


def test_telemetry_is_off_before_anything_of_ours_is_imported():
    code = "import utterface, os; print(os.environ['ORT_DISABLE_TELEMETRY'], os.environ['RAY_USAGE_STATS_ENABLED'])"
    switched_on = environment(ROOT) | {"ORT_DISABLE_TELEMETRY": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=switched_on, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0"]
