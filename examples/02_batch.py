"""A folder of recordings to Live Link takes: one bad file stops nothing.

The command line does the same: utterface animate lines/ -o out/ -o .csv
"""

import shutil
from pathlib import Path

import utterface

lines, out = Path("lines"), Path("out")
lines.mkdir(exist_ok=True)
out.mkdir(exist_ok=True)
shutil.copy(Path(__file__).with_name("hello.flac"), lines / "hello.flac")
(lines / "broken.wav").write_bytes(b"no sound")

for sound in sorted(lines.iterdir()):
    try:
        utterface.animate(sound, life="blink,gaze", frame_rate=30).save(out / f"{sound.stem}.csv")
        print(f"{sound.name}: done")
    except utterface.UtterfaceError as error:  # one line, with the fix
        print(f"{sound.name}: {error}")
