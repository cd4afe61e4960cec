"""Content-Security-Policy of the pages: their own script and style by hash, nothing from a network, no other code.

A page is trusted as the package built it; what is filled in later (titles, words, sounds) is not, so the hashes are
those of the page before anything is filled in. A script that gets in with the rest does not run.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style[^>]*>(?P<text>.*?)</style>", re.DOTALL)
# What a page with a file of the user's own needs: the decoder of compressed geometry, and textures out of the file.
AVATAR = {"script-src": "'wasm-unsafe-eval'", "connect-src": "blob:"}
_DATA = 'type="application/octet-stream"'  # script elements that hold data; no browser runs them


def policy(*trusted: str, styles: str = "", allowed: Mapping[str, str] | None = None) -> str:
    """The policy under which the inline scripts and styles of trusted pages run, and no others.

    Args:
        trusted: pages, or parts of them; a page in a frame (`srcdoc`) inherits the policy of the page around it.
        styles: text whose style elements are allowed too, and whose scripts are not.
        allowed: directive → further sources.
    """
    more = allowed or {}
    scripts = [m["text"] for page in trusted for m in _SCRIPT.finditer(page) if _DATA not in m["attributes"]]
    sheets = [m["text"] for page in (*trusted, styles) for m in _STYLE.finditer(_SCRIPT.sub("", page))]
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hashes(scripts)} {more.get('script-src', '')}".rstrip(),
            f"style-src {_hashes(sheets)}",
            "style-src-attr 'unsafe-inline'",
            "media-src blob:",
            "img-src blob: data:",
            *(f"{name} {sources}" for name, sources in more.items() if name != "script-src"),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def policy_element(content: str) -> str:
    """The element of a page's head that holds a policy."""
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def _hashes(texts: list[str]) -> str:
    digests = (sha256(text.replace("\r\n", "\n").encode()).digest() for text in texts)
    hashes = dict.fromkeys(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
    return " ".join(hashes) or "'none'"
