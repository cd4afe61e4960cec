"""utterface: speech in, a talking 3D face out.

    import utterface

    utterface.animate("line.wav").save("face.glb")
    utterface.say("Hello! I am new here.").save("hello.html")

Names below are imported when they are first used, so importing the package costs nothing.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from utterface.clip import Clip
    from utterface.engines.animate import animate
    from utterface.errors import UtterfaceError
    from utterface.motion import Motion
    from utterface.phones import Span
    from utterface.speaking import say

# Dependencies that report to their makers unless told not to. ONNX Runtime reads its variable as it is loaded, before
# any call could switch it off; so this stands where every import of ours begins.
os.environ |= {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "RAY_USAGE_STATS_ENABLED": "0"}

__version__ = "0.1.0"
__all__ = ["Clip", "Motion", "Span", "UtterfaceError", "animate", "say"]

_HOMES = {
    "Clip": "utterface.clip",
    "Motion": "utterface.motion",
    "Span": "utterface.phones",
    "UtterfaceError": "utterface.errors",
    "animate": "utterface.engines.animate",
    "say": "utterface.speaking",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'utterface' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
