"""What people paste as a transcript; every kind of markup goes, what is spoken stays."""

import time

import pytest

from utterface.text.markup import spoken_text


@pytest.mark.parametrize(
    ("pasted", "spoken"),
    [
        # labels of speakers
        ("SPEAKER 1: (coughs) Hello! [music] Good day. (laughs)", "Hello! Good day."),
        ("JOHN: Hello there.\n>> Mary Ann: Hi.\n>> Yes.", "Hello there. Hi. Yes."),
        ("[SPEAKER_00]: hi\nSpeaker 2 (00:12): bye\n**Host:** welcome", "hi bye welcome"),
        ("Mary Smith  0:12\nhello there\nBob  0:15\nhi", "hello there hi"),
        ("Hello there. JOHN: No.", "Hello there. No."),
        ("Note: it is late", "(Note) it is late"),
        ("THIS IS LOUD: REALLY", "(THIS IS LOUD) REALLY"),
        ("We met at 5:30", "We met at 5:30"),
        ("0.000000\t2.700000\tHello\n2.700000\t6.230000\tthere", "Hello there"),
        ("<tt><head><ttm:title>My film</ttm:title></head><p begin='0s'>Hello</p></tt>", "Hello"),
        # sounds and directions, spoken asides
        ("Hello *smiles* there {sighs} my [door slams] friend (quietly)", "Hello there my friend"),
        ("[BLANK_AUDIO] [ inaudible 00:12 ] so", "so"),
        ("He said (and I agree) it is *really* [big]", "He said (and I agree) it is (really) (big)"),
        ("♪ gentle music ♪ and ♪ la la love ♪", "and la la love"),
        ("Call (555) 123-4567", "Call (555) 123-4567"),
        # times
        ("[00:00:01] Hello! <laugh> You.", "Hello! You."),
        ("[00:00:00.000 --> 00:00:02.700]   Hello,\n[00:02.700 --> 00:06.230]   you.", "Hello, you."),
        ("[0.00s -> 2.70s] hello", "hello"),
        ("00:01 --> 00:03 hello", "hello"),
        ("[00:12.30] La la\n[ar: The Band]\n[00:14.00] more <00:15.00> words", "La la (ar: The Band) more words"),
        ("0:00 hello\n0:03 there", "hello there"),
        ("00:00:01.500 hello", "hello"),
        ("5:30 is late", "5:30 is late"),
        # SSML, HTML, Markdown
        ('<speak>Hello! <break time="500ms"/> You.</speak>', "Hello! You."),
        ("<speak><sub alias='World Wide Web'>WWW</sub> <audio src='x'><desc>a cat</desc></audio>now</speak>",
         "World Wide Web now"),
        ("pubs &amp; bumblebees&#33;", "pubs & bumblebees!"),
        ("5 < 6 and 6 > 5", "5 < 6 and 6 > 5"),
        ("# Title\n\n- See [our page](https://x.org/a_b), **now** ![logo](l.png)[1]\n\n[1]: https://x.org",
         "Title See our page, now"),
        # headers of recognisers
        ("whisper_init_from_file: loading\nDetecting language using up to 30 s\nLanguage: en\n---\nHello.", "Hello."),
        ("Transcribed by TurboScribe.ai\nFile: a.wav\n\nHello.", "Hello."),
    ],
)  # fmt: skip
def test_markup_goes_and_speech_stays(pasted: str, spoken: str) -> None:
    assert spoken_text(pasted) == spoken
    assert spoken_text(spoken) == spoken


ASS = """[Script Info]
Title: x
[V4+ Styles]
Format: Name, Fontname
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.00,0:00:02.70,Default,,0,0,0,,{\\an8}Hello, you\\Nthere (door slams)
Dialogue: 0,0:00:02.70,0:00:06.23,Default,,0,0,0,,{\\p1}m 0 0 l 5 5
Comment: 0,0:00:02.70,0:00:06.23,Default,,0,0,0,,never
"""


def test_substation_subtitles() -> None:
    assert spoken_text(ASS) == "Hello, you there"
    assert spoken_text("Hello (and so on)") == "Hello (and so on)"
    assert spoken_text("Dialogue: 0,0:00:00.00,0:00:02.70,Default,,0,0,0,,Hello (and so on)") == "Hello"


def test_subtitles_are_known_without_their_suffix() -> None:
    cue = "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\n1984\n"
    assert spoken_text(cue) == "Hello 1984"
    assert spoken_text("") == spoken_text("", subtitles=True) == ""


@pytest.mark.parametrize(
    "piece",
    ["<a", "[", "(", ")", "*a", "{\\", "1:", "♪", "A ", "a: ", "<i>", "&", "_a", "`a", "[a](", ">>", "-", "1. "],
)
def test_every_pass_is_linear(piece: str) -> None:
    def seconds(text: str) -> float:
        begun = time.process_time()
        spoken_text(text)
        return time.process_time() - begun

    assert seconds(piece * (200_000 // len(piece))) < 3.0  # quadratic passes take minutes
    assert seconds(f"1\n00:00:01,000 --> 00:00:02,000\n{piece * (200_000 // len(piece))}") < 3.0
