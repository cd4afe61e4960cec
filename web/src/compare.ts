import "./style.css";
import "./compare.css";

import type { Media } from "./clock";
import { buildCompareApi } from "./compare_api";
import { readEmbedded, readPackedSound, readSound } from "./embedded";
import { Ensemble, type Shelf } from "./ensemble";
import { Gallery } from "./gallery";
import { failWith, Loop } from "./loop";
import { parseComparison, parseSentence, type SentenceData } from "./payload";
import { el } from "./ui/dom";
import { buildComparisonPage } from "./ui/comparison";

/** What lies in the page, opened once. */
function shelf(): Shelf {
  const sentences = new Map<number, Promise<SentenceData>>();
  const sounds = new Map<string, Promise<Media>>();
  const kept = <K, V>(map: Map<K, V>, key: K, open: () => V): V => {
    if (!map.has(key)) map.set(key, open());
    return map.get(key)!;
  };
  return {
    sentence: (number) =>
      kept(sentences, number, async () => parseSentence(await readEmbedded(`utterface-sentence-${number}`))),
    sound(number, row, duration) {
      const id = `utterface-sound-${number}`;
      if (row === null) return kept(sounds, id, () => readSound(id, duration));
      return kept(sounds, `${id}-${row}`, () => readPackedSound(`${id}-${row}`, duration));
    },
  };
}

async function start(): Promise<void> {
  const comparison = parseComparison(await readEmbedded("utterface-comparison"));
  const ensemble = await Ensemble.open(comparison, shelf());
  const canvas = el("canvas", { class: "gallery", role: "img", "aria-label": `Talking faces: ${comparison.title}` });
  const page = buildComparisonPage(ensemble, canvas);
  const gallery = new Gallery(canvas, page.surface, comparison.rig);
  page.connect(gallery);

  const loop = new Loop();
  window.utterface = buildCompareApi(ensemble, loop);
  loop.run(
    ensemble,
    () => {
      if (ensemble.update()) gallery.invalidate();
      page.update();
    },
    () => gallery.draw(),
  );
}

start().catch(failWith);
