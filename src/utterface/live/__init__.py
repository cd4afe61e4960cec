"""Live: sound as it comes, its face as frames, over a socket or as datagrams.

sound in chunks ─ LiveVoice: resample ─ engine ─ emotions ─ life ─▶ Motion ─┬─ server: WebSocket, five formats
                  VoiceBatch: many voices in one call                   └─ senders: Live Link, VMC (UDP)
"""

from utterface.live.batch import BatchVoice, Spoken, VoiceBatch
from utterface.live.voice import LiveSettings, LiveVoice

__all__ = ["BatchVoice", "LiveSettings", "LiveVoice", "Spoken", "VoiceBatch"]
