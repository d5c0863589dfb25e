"""What the watch refuses to answer: one sentence that says where, what, and how to mend it."""

from __future__ import annotations

from numbers import Real
from string import Formatter

from brightline.watch.words_errors import ERRORS


class Phrase:
    """English words with `{names}` for their parts, and the same in Spanish where `words_errors` has them.

    Without parts nothing is filled in, so that such words may hold braces. A part may be a phrase itself.
    """

    def __init__(self, text: str, /, **parts: object) -> None:
        self.text, self.parts = text, parts

    def __str__(self) -> str:
        return self.text.format(**self.parts) if self.parts else self.text

    def said(self, language: str) -> str:
        """The words in this language; in English where there is no translation."""
        spanish = ERRORS.get(self.text) if language == "es" else None
        if spanish is None or not self.parts:
            return spanish or str(self)
        parts = {k: part.said(language) if isinstance(part, Phrase) else part for k, part in self.parts.items()}
        return _SPANISH.vformat(spanish, (), parts)


class WatchError(Exception):
    """The question cannot be answered from these data; the message is a sentence for the person who asked.

    `str(error)` is that sentence in English, and `error.said(language)` in a language.
    """

    def __init__(self, text: str, /, **parts: object) -> None:
        self.words = Phrase(text, **parts)
        super().__init__(str(self.words))

    def said(self, language: str) -> str:
        """The sentence in this language; in English where there is no translation."""
        return self.words.said(language)

    def __reduce__(self) -> tuple[object, ...]:
        # A pool sends errors between processes, and would call a subclass with the sentence as its only argument
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[WatchError], args: tuple[object, ...]) -> WatchError:
    return kind.__new__(kind, *args)


class _Spanish(Formatter):
    """Numbers as the rest of a Spanish result writes them: 1.234,5."""

    def format_field(self, value: object, format_spec: str) -> str:
        text = str(super().format_field(value, format_spec))
        return text.translate(_MARKS) if isinstance(value, Real) else text


_MARKS = str.maketrans(",.", ".,")
_SPANISH = _Spanish()
