import type { Playback } from "../playback";

/** What each key does, by `KeyboardEvent.key`. */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

/** Listen on the whole page, but leave keys to the control that has the focus where it uses them itself. */
export function listenForKeys(keys: Keys, signal?: AbortSignal): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    const typing = target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && event.key.startsWith("Arrow"));
    const pressing = event.key === " " && target.closest("button, summary, input[type=checkbox]");
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || typing || pressing) return;
    event.preventDefault();
    action(event);
  }, { signal });
}

/** What the keys do, for people. */
export const KEY_HELP: [keys: string, what: string][] = [
  ["Space, K", "play, pause"],
  ["← →", "a frame back, on; with Shift a second"],
  ["↑ ↓", "five seconds on, back"],
  ["Home, End", "to the start, the end"],
  ["L", "repeat the word, again to end it"],
  ["1 2 3 4", "from the front, three quarters, the side, the mouth"],
  ["0", "the first view"],
  ["+ −", "zoom the timeline"],
  ["P", "another face; pose, mood and strength"],
  ["F", "the next face"],
  ["S", "save a picture"],
  ["V", "record a video, again to end it"],
  ["T", "light, dark"],
];

/** Play, pause, step and seek: on every page the same. */
export function playbackKeys(playback: Playback): Keys {
  const move = (event: KeyboardEvent, direction: number) => {
    if (event.shiftKey) playback.seek(playback.media.currentTime + direction);
    else playback.step(direction);
  };
  return {
    " ": () => playback.toggle(),
    k: () => playback.toggle(),
    ArrowLeft: (event) => move(event, -1),
    ArrowRight: (event) => move(event, 1),
    ArrowUp: () => playback.seek(playback.media.currentTime + 5),
    ArrowDown: () => playback.seek(playback.media.currentTime - 5),
    Home: () => playback.seek(0),
    End: () => playback.seek(playback.recording.duration),
  };
}
