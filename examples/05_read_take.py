"""Read a take of Live Link Face (or .glb, .npz), change it, write it in another format."""

from pathlib import Path

import utterface
from utterface.formats import read

HELLO = Path(__file__).with_name("hello.flac")
utterface.animate(HELLO).save("take.csv")  # stands for a take of the iPhone app

take = read("take.csv").with_audio(HELLO)
motion = take.motion.at_rate(25)  # keeps every lip closure
values = motion.values.copy()
values[:, motion.index("browInnerUp")] += 0.2
utterface.Clip.from_motion(motion.with_values(values), HELLO).save("take.npz", "take.html")
print(f"{take.motion.frame_rate:g} Hz to {motion.frame_rate:g} Hz; lips closed {len(motion.closures())} times")
