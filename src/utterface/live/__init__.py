"""Live: sound as it comes, a face that goes with it, to whoever listens.

sound in chunks ─ LiveVoice: resample ─ engine ─ emotions ─ life ─▶ Motion ─┬─ server: WebSocket, five formats
                                                                        └─ senders: Live Link, VMC (UDP)
"""

from utterface.live.voice import LiveSettings, LiveVoice

__all__ = ["LiveSettings", "LiveVoice"]
