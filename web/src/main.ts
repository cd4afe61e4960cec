import "./style.css";

import { readEmbedded, readSound } from "./embedded";
import { Face } from "./face";
import { HeadMaker } from "./heads";
import { People } from "./people";
import { failWith } from "./loop";
import { parse } from "./payload";
import { Player } from "./player";
import { show } from "./show";

async function start(): Promise<void> {
  const clip = parse(await readEmbedded("utterface-clip"));
  const media = await readSound("utterface-sound", clip.duration);
  const face = new Face(clip.rig);
  show(new Player(clip, media, face), new HeadMaker(clip.rig).make(face), clip.rig.template, new People(clip.rig));
}

start().catch(failWith);
