"""`utterface serve`: voices come in over WebSockets, their faces go out (docs/reference/live.md has the protocol)."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, fields
from hmac import compare_digest
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from utterface import __version__
from utterface.engines.emotion import split_auto
from utterface.errors import ConfigError, UtterfaceError
from utterface.live.batch import TICK, BatchVoice, Spoken, VoiceBatch, together
from utterface.live.loop import BatchLoop
from utterface.live.voice import LiveSettings, LiveVoice, samples_from
from utterface.live.wire import format_named
from utterface.motion import Motion

PATH = "/face"
POLICY, BUSY, LATER = 1008, 1013, 1001  # close codes of RFC 6455; uvicorn closes with 1009 what is too big
_PATIENCE = 10.0  # seconds that a client may take to read a message
_BEHIND = 0.5  # seconds of work beyond real time of which the client is told
_MEASURED = 2048  # chunks whose times the metrics go over
_STARTING = 4  # voices that may begin anew at once while as many as may speak do
_UNREAD = 256  # messages of frames that wait for a client before its sound waits too
_PIECE = 16_000  # samples worked on at once, so that a long chunk of one voice does not stop the others


@dataclass(frozen=True)
class Limits:
    """What a client may ask for.

    Attributes:
        voices: at a time.
        seconds: of sound in an utterance.
        message: bytes.
        idle: seconds without a message after which a voice is closed.
    """

    voices: int = 16
    seconds: float = 3600.0
    message: int = 1 << 20
    idle: float = 300.0


@dataclass
class Meter:
    """What has been done since the server began, for `/metrics`."""

    voices: int = 0
    refused: int = 0
    frames: int = 0
    sound: float = 0.0  # seconds
    work: float = 0.0  # seconds
    behind: deque[float] = field(default_factory=lambda: deque(maxlen=_MEASURED))  # seconds from chunk to frames

    def text(self) -> str:
        """In the text format of Prometheus."""
        p50, p99 = np.percentile(list(self.behind) or [0.0], [50, 99])
        rows = {
            "voices": self.voices, "refused_total": self.refused, "frames_total": self.frames,
            "sound_seconds_total": round(self.sound, 3), "work_seconds_total": round(self.work, 3),
            "answer_seconds_p50": round(float(p50), 5), "answer_seconds_p99": round(float(p99), 5),
        }  # fmt: skip
        return "".join(f"utterface_{name} {value}\n" for name, value in rows.items())


class FaceServer:
    """Voices, limits and who may come in.

    Args:
        limits: of each client.
        token: that clients must bring; None asks for none.
        origins: of web pages that may connect; programs send no origin and may.
        model: engine of clients that name none.
        workers: threads that compute.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        token: str | None = None,
        origins: tuple[str, ...] = (),
        model: str = "phones-live",
        workers: int = 2,
    ) -> None:
        self.limits, self.token, self.origins, self.model = limits or Limits(), token, origins, model
        self.meter = Meter()
        self._pool = ThreadPoolExecutor(workers, "voice")
        self._open: set[WebSocket] = set()
        self._loops: dict[tuple[str, float], BatchLoop] = {}

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/health", self._health), Route("/metrics", self._metrics), WebSocketRoute(PATH, self._face),
        ]  # fmt: skip
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        for socket in list(self._open):
            await _close(socket, LATER, "the server stops")
        for loop in self._loops.values():
            loop.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__, "voices": self.meter.voices})

    async def _metrics(self, request: Request) -> Response:
        if not self._known(request):
            return PlainTextResponse("the token is missing or wrong\n", 401)
        return PlainTextResponse(self.meter.text())

    def loop_of(self, settings: LiveSettings) -> BatchLoop | None:
        """What computes voices of a model and a frame rate together; None where each is computed by itself."""
        key = settings.model, settings.frame_rate
        if split_auto(settings.emotions)[1] is not None:  # measured voice by voice
            return None
        if key not in self._loops:
            if together(settings.model) is None:
                return None
            self._loops[key] = BatchLoop(VoiceBatch(*key, voices=self.limits.voices + _STARTING), self._count_work)
        return self._loops[key]

    def _count_work(self, seconds: float) -> None:
        self.meter.work += seconds

    def _known(self, connection: HTTPConnection) -> bool:
        if self.token is None:
            return True
        given = connection.query_params.get("token") or connection.headers.get("authorization", "").removeprefix(
            "Bearer "
        )
        return compare_digest(given.encode(), self.token.encode())

    def _refusal(self, socket: WebSocket) -> tuple[int, str] | None:
        origin = socket.headers.get("origin")
        if origin is not None and origin not in self.origins:
            return POLICY, f"pages of {origin[:100]} may not connect; start with --origin {origin[:100]}"
        if not self._known(socket):
            return POLICY, "the token is missing or wrong"
        if self.meter.voices >= self.limits.voices:
            return BUSY, f"{self.limits.voices} voices speak already; start with a larger --voices"
        return None

    async def _face(self, socket: WebSocket) -> None:
        if refusal := self._refusal(socket):
            self.meter.refused += 1
            if refusal[0] == POLICY:
                await socket.close(POLICY)  # before it is accepted: 403
                return
            await socket.accept()
            await _tell(socket, "error", message=refusal[1])
            await _close(socket, *refusal)
            return
        self.meter.voices += 1
        self._open.add(socket)
        try:
            await socket.accept()
            await _Talk(self, socket, self._pool).run()
        except (WebSocketDisconnect, ConnectionError, RuntimeError, TimeoutError):
            pass  # the client is gone, or reads no more; other voices are not touched
        finally:
            self.meter.voices -= 1
            self._open.discard(socket)


class _Talk:
    """What one client and its voice say to each other."""

    def __init__(self, server: FaceServer, socket: WebSocket, pool: ThreadPoolExecutor) -> None:
        self.server, self.socket, self.pool = server, socket, pool
        self.voice: LiveVoice | BatchVoice | None = None
        self.loop: BatchLoop | None = None  # of a voice that is computed with others
        self.given: asyncio.Queue[tuple[Motion, str, float]] = asyncio.Queue()  # frames, what ends with them, seconds
        self.since: float | None = None  # when the sound came that no frames have answered yet
        self.encoding, self.frames = "s16", 0
        self.encode, self.names = format_named("json")
        self.began, self.told = 0.0, 0.0

    async def run(self) -> None:
        tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._deliver())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._leave()

    async def _receive(self) -> None:
        limits = self.server.limits
        while True:
            try:
                message = await asyncio.wait_for(self.socket.receive(), limits.idle)
            except TimeoutError:
                await _close(self.socket, POLICY, f"nothing came for {limits.idle:g} s")
                return
            if message["type"] == "websocket.disconnect":
                return
            try:
                if (data := message.get("bytes")) is not None:
                    await self._sound(data)
                else:
                    await self._word(message.get("text") or "")
            except UtterfaceError as error:
                await _tell(self.socket, "error", message=str(error))

    async def _word(self, text: str) -> None:
        try:
            said = json.loads(text)
            kind = said.pop("type")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            raise ConfigError('a text message is JSON with a type: {"type": "start"}') from None
        if kind == "start":
            await self._start(said)
        elif kind in ("end", "interrupt"):
            await self._stop(str(kind))
        else:
            raise ConfigError(f"no message has the type {str(kind)[:40]!r}; there are start, end, interrupt")

    async def _start(self, said: dict[str, Any]) -> None:
        encode, names = format_named(said.pop("format", "json"))
        encoding = said.pop("encoding", "s16")
        samples_from(b"", encoding)
        given = {"model": self.server.model, **said}
        known = {one.name for one in fields(LiveSettings)}
        if strange := sorted(given.keys() - known):
            raise ConfigError(f"start has no {strange[0]}; there are format, encoding, {', '.join(sorted(known))}")
        try:
            settings = LiveSettings(**given)
            loop = self.server.loop_of(settings)
            voice: LiveVoice | BatchVoice
            voice = await loop.join(settings, self._take) if loop else await self._work(LiveVoice, settings)
        except (TypeError, AttributeError, ValueError) as error:
            raise ConfigError(f"start does not fit: {error}") from None
        await self._leave()
        self.voice, self.loop, self.encode, self.names, self.encoding = voice, loop, encode, names, encoding
        about, self.frames, self.began = voice.about, 0, 0.0
        await _tell(
            self.socket, "ready", look_ahead=about.look_ahead, frame_rate=about.frame_rate, model=about.name,
            names=list(names), version=__version__,
        )  # fmt: skip

    async def _sound(self, data: bytes) -> None:
        if self.voice is None:
            raise ConfigError('sound came before {"type": "start"}')
        voice, limits = self.voice, self.server.limits
        samples = samples_from(data, self.encoding)
        if voice.heard + len(samples) / voice.settings.sample_rate > limits.seconds:
            raise ConfigError(f"an utterance may last {limits.seconds:g} s; send end and go on")
        now = time.monotonic()
        self.began = self.began or now
        self.server.meter.sound += len(samples) / voice.settings.sample_rate
        if self.loop is not None and isinstance(voice, BatchVoice):
            self.since = self.since or now
            while self.given.qsize() > _UNREAD:
                await asyncio.sleep(_BEHIND)
            await self.loop.push(voice, samples)
            return
        for first in range(0, len(samples), _PIECE):
            await self._send(await self._work(voice.push, samples[first : first + _PIECE]))
        took = time.monotonic() - now
        self.server.meter.behind.append(took)
        if took > len(samples) / voice.settings.sample_rate:
            await self._tell_behind(time.monotonic() - self.began - voice.heard)

    async def _tell_behind(self, late: float) -> None:
        if late > _BEHIND and time.monotonic() > self.told + 1:
            self.told = time.monotonic()
            await _tell(self.socket, "behind", seconds=round(late, 3))

    def _take(self, spoken: Spoken) -> None:
        """Frames of the batch."""
        self.given.put_nowait((spoken.motion, "" if spoken.ended is None else "done", spoken.ended or 0.0))

    async def _deliver(self) -> None:
        """Send what the batch gives."""
        while True:
            motion, end, seconds = await self.given.get()
            if self.since is not None:
                self.server.meter.behind.append(time.monotonic() - self.since)
                self.since = None
            await self._send(motion)
            if end:
                await self._tell_end(end, seconds)
            elif isinstance(self.voice, BatchVoice) and self.voice.waiting > TICK:
                await self._tell_behind(time.monotonic() - self.began - self.voice.heard + self.voice.waiting)

    async def _leave(self) -> None:
        """The voice so far is gone."""
        if self.loop is not None and isinstance(self.voice, BatchVoice):
            await self.loop.leave(self.voice)
        self.voice, self.loop = None, None

    async def _stop(self, kind: str) -> None:
        if self.voice is None:
            raise ConfigError(f'{kind} came before {{"type": "start"}}')
        voice, sound = self.voice, self.voice.heard
        if isinstance(voice, LiveVoice):
            await self._send(await self._work(voice.flush if kind == "end" else voice.interrupt))
            await self._tell_end("done" if kind == "end" else "interrupted", sound)
        elif self.loop is not None and kind == "end":
            await self.loop.end(voice)
        elif self.loop is not None:
            self.given.put_nowait((await self.loop.interrupt(voice), "interrupted", sound))

    async def _tell_end(self, kind: str, seconds: float) -> None:
        await _tell(self.socket, kind, frames=self.frames, seconds=round(seconds, 6))
        self.frames, self.began = 0, 0.0

    async def _send(self, motion: Motion) -> None:
        if len(motion):
            self.frames += len(motion)
            self.server.meter.frames += len(motion)
            await _give(self.socket, self.encode(motion))

    async def _work(self, what: Any, *arguments: Any) -> Any:
        begun = time.thread_time
        loop = asyncio.get_running_loop()

        def timed() -> tuple[Any, float]:
            since = begun()
            return what(*arguments), begun() - since

        result, took = await loop.run_in_executor(self.pool, timed)
        self.server.meter.work += took
        return result


async def _tell(socket: WebSocket, kind: str, **content: object) -> None:
    await _give(socket, json.dumps({"type": kind, **content}))


async def _give(socket: WebSocket, message: bytes | str) -> None:
    """Send, or give the client up that does not read: TimeoutError."""
    sent = socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message)
    await asyncio.wait_for(sent, _PATIENCE)


async def _close(socket: WebSocket, code: int, why: str) -> None:
    with suppress(RuntimeError, ConnectionError, TimeoutError, WebSocketDisconnect):
        await asyncio.wait_for(socket.close(code, why[:120]), 1.0)
