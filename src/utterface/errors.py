"""Everything utterface raises on purpose. One line each, in the user's words, with the fix.

UtterfaceError
├── AudioError      a recording that is unreadable, empty or not finite
├── TextError       a transcript that is unreadable or does not fit the sound
│   └── NoWordsError  a transcript's file without words
├── RigError        an avatar that lacks what motion needs
├── MotionError     motion with wrong channels, shape or numbers
├── GltfError       a glTF file that is damaged or holds what is not read here
├── TrackError      features over time with wrong shape or rate
├── ModelError      a model bundle that is missing, damaged or of another version
├── CorpusError     a corpus folder that is not laid out as its reader expects
├── ConfigError     an option or recipe key that does not exist or does not fit
├── OutputError     a place or format that cannot be written
└── MissingExtra    an optional part that is not installed

The command line prints the message and exits 2; any other exception is a bug of ours and keeps its traceback.
"""

# what `pip install 'utterface[lab]'` adds; the runtime imports none of it
LAB_PACKAGES = (
    "torch",
    "transformers",
    "accelerate",
    "safetensors",
    "onnx",
    "onnxscript",
    "scipy",
    "matplotlib",
    "pystoi",
    "tomli_w",
)


class UtterfaceError(Exception):
    """Base of all errors meant for the user."""


class UtterfaceWarning(UserWarning):
    """Something that the user should know and that stops nothing; the command line prints it in one line."""


class AudioError(UtterfaceError):
    """A recording that is unreadable, empty or not finite."""


class TextError(UtterfaceError):
    """A transcript that is unreadable or does not fit the sound."""


class NoWordsError(TextError):
    """A transcript's file without words."""


class RigError(UtterfaceError):
    """An avatar that lacks what motion needs."""


class MotionError(UtterfaceError):
    """Motion with wrong channels, shape or numbers."""


class GltfError(UtterfaceError):
    """A glTF file that is damaged or holds what is not read here."""


class TrackError(UtterfaceError):
    """Features over time with wrong shape or rate."""


class ModelError(UtterfaceError):
    """A model bundle that is missing, damaged or of another version."""


class CorpusError(UtterfaceError):
    """A corpus folder that is not laid out as its reader expects."""


class ConfigError(UtterfaceError):
    """An option or recipe key that does not exist or does not fit."""


class OutputError(UtterfaceError):
    """A place or format that cannot be written."""


class MissingExtra(UtterfaceError):
    """An optional part that is not installed; the message carries the pip command."""
