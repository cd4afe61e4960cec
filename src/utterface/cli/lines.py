"""Text of others, such as file names, in a line of output."""


def printable(text: object) -> str:
    """The text with line breaks, escapes and other control characters as backslash sequences, for one safe line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(text))
