"""Recognisers of words that others have exported to ONNX, by `onnx-asr` (MIT): Whisper, Parakeet, Canary, GigaAM, Vosk.

https://github.com/istupakov/onnx-asr. A folder is read as it is; a name is downloaded from the Hugging Face hub by
`huggingface_hub`, once, because the user asked for it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from utterface.align import pieces, to_pcm
from utterface.errors import MissingExtra, ModelError
from utterface.recognise.whisper.vocabulary import code_in_whisper
from utterface.speech import samples_of
from utterface.text.transcript import Transcript

LONGEST = 30.0  # seconds that these models take at once


class ExportedRecogniser:
    """`Recogniser` of words.

    Args:
        model: a folder with the networks and a `config.json` that names their `model_type`, or a name of the hub.

    Raises:
        MissingExtra: `onnx-asr` or, for a name, `huggingface_hub` is not installed. ModelError: no such model, or a
        file of it that is missing or damaged.
    """

    def __init__(self, model: str) -> None:
        try:
            import onnx_asr
        except ImportError:
            raise MissingExtra("to recognise words, pip install 'utterface[words]'") from None
        folder = Path(model) if Path(model).is_dir() else None
        self.name = folder.name if folder else model
        try:
            named: Any = None if folder else model
            self._model = onnx_asr.load_model(named, folder, providers=["CPUExecutionProvider"])
        except ImportError:
            raise MissingExtra(f"to fetch the model {model!r} from the hub, pip install huggingface_hub") from None
        except Exception as error:  # of onnx-asr, the hub and ONNX Runtime, which derive from Exception alone
            raise ModelError(f"no words model can be opened from {model!r}: {_first_line(error)}") from None

    def recognise(self, samples: np.ndarray, language: str = "en") -> Transcript:
        """See `Recogniser.recognise`.

        Raises:
            ModelError: a network that cannot be run, or a language that it does not know.
        """
        texts = []
        for start, end in pieces.at_pauses(to_pcm(samples), LONGEST):
            piece = samples_of(samples[start:end])
            try:
                texts.append(str(self._model.recognize(piece, language=code_in_whisper(language))).strip())
            except Exception as error:  # as above
                raise ModelError(f"the words model {self.name} fails at this sound: {_first_line(error)}") from None
        return Transcript(" ".join(filter(None, texts)), language, source=self.name)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
