"""A recording to a talking face: a page that plays, and a GLB for Blender, three.js and game engines."""

from pathlib import Path

import utterface

HELLO = Path(__file__).with_name("hello.flac")

clip = utterface.animate(HELLO, emotions={"joy": 0.4}, seed=7)
clip.save("hello.html", "hello.glb")

peak = clip.motion.times[clip.motion["jawOpen"].argmax()]
print(f"{len(clip.motion)} frames at {clip.motion.frame_rate:g} Hz; the jaw is widest at {peak:.2f} s")
