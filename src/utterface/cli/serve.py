"""`utterface serve`: faces for voices that come in over WebSockets."""

import ipaddress
import os
import secrets
import socket
import sys
from typing import Annotated

from cyclopts import Parameter

from utterface.errors import ConfigError, MissingExtra


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    token: str | None = None,
    origin: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    voices: int = 16,
    seconds: float = 3600.0,
    model: str = "phones-live",
) -> None:
    """Serve faces for voices that come in over WebSockets.

    Parameters
    ----------
    host
        Address to listen on. Elsewhere than on this computer clients must bring a token.
    port
        Port to listen on; 0 takes a free one.
    token
        Text that clients must bring, as ?token=… or as a bearer token; where it is needed and not given, one is made
        and printed.
    origin
        Origin of a web page that may connect, such as http://localhost:5173. May be given several times.
    voices
        Voices at a time.
    seconds
        Longest utterance.
    model
        Engine of clients that name none: phones-live, or animator for many voices.
    """
    try:
        import uvicorn

        from utterface.live.server import PATH, FaceServer, Limits
    except ImportError:
        raise MissingExtra("serving needs an extra; run: pip install 'utterface[live]'") from None
    if voices < 1 or not seconds > 0:
        raise ConfigError("--voices and --seconds must be greater than 0")
    from utterface.live.voice import LiveSettings, LiveVoice

    LiveVoice(LiveSettings(model=model))  # refuse an engine that does not stream before anybody connects
    bound = _bound(host, port)
    if token is None and not _is_loopback(host):
        token = secrets.token_urlsafe(16)
    at = bound.getsockname()
    place = f"[{host}]:{at[1]}" if ":" in host else f"{host}:{at[1]}"
    own = tuple(f"http://{name}:{at[1]}" for name in ("127.0.0.1", "localhost"))
    server = FaceServer(Limits(voices=voices, seconds=seconds), token, (*own, *origin), model, os.cpu_count() or 1)
    query = f"?token={token}" if token else ""
    print(f"ws://{place}{PATH}{query}   health: http://{place}/health   stop with Ctrl-C", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        server.app(), log_level="warning", ws_max_size=server.limits.message, ws_max_queue=16,
        timeout_graceful_shutdown=3, access_log=False, server_header=False,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    """A listening socket; ConfigError where that is impossible."""
    try:
        if not 0 <= port < 1 << 16:
            raise OverflowError("no such port")
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        if os.name != "nt":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"cannot listen on {host}:{port}: {why}; choose another with --port, 0 takes a free one"
        ) from None
    return bound


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
