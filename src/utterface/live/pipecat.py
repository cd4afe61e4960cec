"""A face in a pipeline of pipecat, behind the text-to-speech service. Tried with pipecat-ai 1.14."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from utterface.errors import MissingExtra
from utterface.live.agents import FaceAhead, Passed
from utterface.live.voice import LiveSettings
from utterface.live.wire import format_named
from utterface.motion import Motion, rest

try:
    from pipecat.frames.frames import (
        DataFrame,
        EndFrame,
        Frame,
        InterruptionFrame,
        OutputTransportMessageFrame,
        OutputTransportMessageUrgentFrame,
        TTSAudioRawFrame,
        TTSStartedFrame,
        TTSStoppedFrame,
    )
    from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
except ImportError:
    raise MissingExtra("faces in pipecat need it; run: pip install pipecat-ai 'utterface[live]'") from None


@dataclass
class FaceFrame(DataFrame):
    """Frames of the face, on the clock of the utterance's sound.

    Attributes:
        motion: weights; `motion.start` is seconds from the first sample.
        context_id: of the text-to-speech service.
    """

    motion: Motion = field(default_factory=lambda: rest(0))
    context_id: str | None = None


class FaceProcessor(FrameProcessor):
    """Between the text-to-speech service and `transport.output()`: sound passes, and its face goes before it.

    Args:
        settings: how the voice is shown; its sample rate does not matter.
        format: how frames go to the client as transport messages, by a name of `wire.FORMATS` that is text; None sends
            `FaceFrame`s through the pipeline instead.
    """

    def __init__(self, settings: LiveSettings | None = None, format: str | None = "json", **options: Any) -> None:
        super().__init__(**options)
        self._encode = None if format is None else format_named(format)[0]
        self._face: FaceAhead[TTSAudioRawFrame] = FaceAhead(settings)
        self._speaking, self._context = False, None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """See pipecat."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame) and direction == FrameDirection.DOWNSTREAM:
            self._speaking, self._context = True, frame.context_id
            passed = await asyncio.to_thread(
                self._face.push, frame, frame.audio, frame.sample_rate, frame.num_channels
            )  # fmt: skip
            await self._pass(passed)
            return
        if isinstance(frame, TTSStoppedFrame | TTSStartedFrame | EndFrame) and self._speaking:
            self._speaking = False
            await self._pass(await asyncio.to_thread(self._face.finish))
        elif isinstance(frame, InterruptionFrame):
            self._speaking = False
            motion = self._face.interrupt().motion
            if len(motion):
                await self._send(motion, urgent=True)
        await self.push_frame(frame, direction)

    async def _pass(self, passed: Passed[TTSAudioRawFrame]) -> None:
        if len(passed.motion):
            await self._send(passed.motion)
        for frame in passed.chunks:
            await self.push_frame(frame)

    async def _send(self, motion: Motion, urgent: bool = False) -> None:
        if self._encode is None:
            await self.push_frame(FaceFrame(motion=motion, context_id=self._context))
            return
        message = json.loads(self._encode(motion)) | {"interrupted": urgent, "context": self._context}
        kind = OutputTransportMessageUrgentFrame if urgent else OutputTransportMessageFrame
        await self.push_frame(kind(message=message))
