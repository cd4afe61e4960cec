"""A face for the speech of an agent of LiveKit. Tried with livekit-agents 1.8.9."""

import asyncio
from collections.abc import Callable
from typing import Any

from utterface.errors import MissingExtra
from utterface.live.agents import FaceAhead, Passed
from utterface.live.voice import LiveSettings
from utterface.motion import Motion

try:
    from livekit import rtc
    from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities
except ImportError:
    raise MissingExtra("faces in LiveKit need it; run: pip install livekit-agents 'utterface[live]'") from None


class FaceAudioOutput(AudioOutput):
    """Before the audio output of an agent's session: sound passes, and its face goes before it.

    Args:
        output: the session's own, `session.output.audio`.
        on_frames: called with frames of the face before their sound goes on; their times are seconds from the first
            sample of the utterance. Send them as data of the room, or wherever the face is.
        settings: how the voice is shown; its sample rate does not matter.
        on_interrupted: called with frames to rest where speech is cut off.
    """

    def __init__(
        self,
        output: AudioOutput,
        on_frames: Callable[[Motion], Any],
        settings: LiveSettings | None = None,
        on_interrupted: Callable[[Motion], Any] | None = None,
    ) -> None:
        super().__init__(
            label="utterface", capabilities=AudioOutputCapabilities(pause=True), next_in_chain=output,
            sample_rate=output.sample_rate,
        )  # fmt: skip
        self._on_frames, self._on_interrupted = on_frames, on_interrupted or on_frames
        self._face: FaceAhead[rtc.AudioFrame] = FaceAhead(settings)
        self._ending: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """See LiveKit."""
        if self._ending is not None:
            await asyncio.gather(self._ending, return_exceptions=True)
        await super().capture_frame(frame)
        pcm = bytes(frame.data)
        await self._pass(
            await asyncio.to_thread(self._face.push, frame, pcm, frame.sample_rate, frame.num_channels)
        )  # fmt: skip

    def flush(self) -> None:
        """See LiveKit; what is held back goes on first."""
        super().flush()
        self._ending = asyncio.get_running_loop().create_task(self._end())

    def clear_buffer(self) -> None:
        """See LiveKit; sound that is held back goes on no more."""
        if self._ending is not None:
            self._ending.cancel()
        motion = self._face.interrupt().motion
        if len(motion):
            self._on_interrupted(motion)
        if self.next_in_chain is not None:
            self.next_in_chain.clear_buffer()

    async def _end(self) -> None:
        await self._pass(await asyncio.to_thread(self._face.finish))
        if self.next_in_chain is not None:
            self.next_in_chain.flush()

    async def _pass(self, passed: Passed[rtc.AudioFrame]) -> None:
        if len(passed.motion):
            self._on_frames(passed.motion)
        if self.next_in_chain is not None:
            for frame in passed.chunks:
                await self.next_in_chain.capture_frame(frame)
