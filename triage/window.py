"""How consecutive turns of a young person are read as one text."""

from collections.abc import Sequence

WINDOW_TURNS = 8
"""Youth turns in the window that is classified beside the message alone."""
WINDOW_CHARACTERS = 400
"""The window's length in code points; the newest words are kept."""


def join_turns(texts: Sequence[str]) -> str:
    """The classifier's view of consecutive youth turns: newest last, cut from the front.

    Training uses the same function, so that the network sees windows as it will in service.
    """
    return "\n".join(texts[-WINDOW_TURNS:])[-WINDOW_CHARACTERS:]
