// The module `utterface` for pages of one's own: sound in, a face out, in the browser. See README.md beside package.json.

export { Engine, type EngineConfig, type EngineOptions } from "./engine";
export { Life } from "./life";
export { Closures, type LiveFrame, Mouth, type MouthConfig, posture } from "./mouth";
export { listen, type Listening } from "./microphone";
export { LiveVoice, type VoiceOptions } from "./voice";
