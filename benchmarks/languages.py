"""Closures without a transcript in languages beside English, where the phones are known because a voice was made.

    python benchmarks/languages.py [--model ENGINE] [LANGUAGE ...]

eSpeak NG (extra `lab`) speaks sentences and reports when every phone begins; the engine hears the sound alone. Lips are
those of the built-in head, by the definitions of `utterface score`.
Made voices are no people: read the rows as a test of the sounds of a language.
"""

import argparse

import numpy as np

from utterface import animate, rigs
from utterface.metrics.lips import LipObservation, observe, pool, summarise
from utterface.rigs.lips import LipRig
from utterface.speak import espeak
from utterface.speak.contract import SpeakingManner

SENTENCES = {
    "de": (
        "Meine Mama backt am Abend prima Pflaumenkuchen.", "Der Bäcker am Marktplatz bringt mir bald mein Brot.",
        "Peter malt einen bunten Papagei an den Baum.", "Bitte komm pünktlich, denn der Bus ist immer voll.",
    ),
    "es": (
        "Mi padre compra pan blanco en el mercado del pueblo.", "La paloma bebe agua limpia por la mañana.",
        "Pablo siempre pone miel en su pan.", "El barco pequeño pasó debajo del puente.",
    ),
    "fr": (
        "Ma mère prépare un bon repas pour le dimanche.", "Le petit bateau part demain matin avec mon ami.",
        "Paul boit beaucoup de café pendant la semaine.", "Il pleut, mais nous marchons au bord de la mer.",
    ),
    "it": (
        "Mia mamma prepara sempre il pane per la famiglia.", "Il bambino beve un bicchiere di acqua limpida.",
        "Paolo abita a Palermo, dove il mare è molto bello.", "Prima di partire prendiamo un buon caffè.",
    ),
    "pt": (
        "A minha mãe prepara o pão pela manhã.", "O pequeno barco passou debaixo da ponte.",
        "Pedro sempre bebe um copo de água bem limpa.", "Amanhã vamos comprar bananas no mercado.",
    ),
    "ja": (
        "わたしの ははは まいあさ パンを たべます。", "ともだちと ぼうしを かいに いきました。",
        "こんばんは、あめが たくさん ふりましたね。", "ペンと ノートを もって、べんきょうします。",
    ),
    "cmn": (
        "妈妈每天早上买面包和苹果。", "我的朋友明天不去北京。", "爸爸跑步以后喝一杯白开水。", "门口有八匹马和一只猫。",
    ),
}  # fmt: skip
VARIANTS = ("", "+f2", "+m3")


def measure(language: str, model: str, lips: LipRig) -> list[LipObservation]:
    """What the lips do in every sentence by every variant of the language's voice."""
    seen = []
    for variant in VARIANTS:
        voice = espeak.find(language + variant)
        if voice is None:
            raise SystemExit(f"eSpeak NG has no voice {language + variant!r}; pip install 'utterface[lab]' brings it")
        for spoken in espeak.speak(voice, [(text, SpeakingManner()) for text in SENTENCES[language]]):
            assert spoken is not None
            motion = animate(spoken.samples, model=model, life=False).motion
            rounding = motion.select(("mouthPucker", "mouthFunnel")).sum(1)
            seen.append(observe(spoken.phones, motion.times, lips.gap_mm(motion), rounding, spoken.duration))
    return seen


def interval(seen: list[LipObservation]) -> tuple[float, float]:
    """95 % of F1 over clips drawn with repetition."""
    rng = np.random.default_rng(0)
    drawn = (summarise([seen[i] for i in rng.integers(0, len(seen), len(seen))])["closure_f1"] for _ in range(500))
    low, high = np.quantile(list(drawn), (0.025, 0.975))
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=list(SENTENCES), metavar="LANGUAGE")
    parser.add_argument("--model", default="phones")
    options = parser.parse_args()
    lips = LipRig.from_rig(rigs.head())
    print("| language | bilabials | recall | precision | F1 | timing, ms |\n|---|---|---|---|---|---|")
    for language in options.languages:
        seen = measure(language, options.model, lips)
        row, (low, high) = summarise(seen), interval(seen)
        f1, timing = row["closure_f1"], row["closure_timing_ms"]
        print(f"| {language} | {len(pool(seen).hit)} | {row['closure_recall']:.2f} | {row['closure_precision']:.2f} "
              f"| {f1:.2f} ({low:.2f} to {high:.2f}) | {timing:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
