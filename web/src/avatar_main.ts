import "./style.css";

import { Avatar, FRAME } from "./avatar";
import { parseAvatar } from "./avatar_payload";
import { readEmbedded, readRaw, readSound } from "./embedded";
import { failWith } from "./loop";
import { Player } from "./player";
import { show } from "./show";

async function start(): Promise<void> {
  const { take, avatar: description } = parseAvatar(await readEmbedded("utterface-clip"));
  const media = await readSound("utterface-sound", take.duration);
  const avatar = await Avatar.load(readRaw("utterface-avatar"), description);
  show(new Player(take, media, avatar), avatar.object, FRAME);
}

start().catch(failWith);
