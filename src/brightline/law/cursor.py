"""A cursor over the tokens of a block: look, take, complain, and go on after a mistake."""

from __future__ import annotations

from datetime import date

from brightline.law.lex import Comment, Token, tokens
from brightline.law.problems import Problem, did_you_mean
from brightline.law.tree import Place


class Wrong(Exception):
    """A mistake at which the statement cannot be read further."""


class Cursor:
    def __init__(self, text: str, file: str, first_line: int) -> None:
        self.tokens, self.comments, self.problems = tokens(text, file, first_line)
        self._lines = text.split("\n")
        self._first_line = first_line
        self._at = 0

    # --- looking ---------------------------------------------------------------------------

    @property
    def next(self) -> Token:
        return self.tokens[self._at]

    def ahead(self, n: int) -> Token:
        return self.tokens[min(self._at + n, len(self.tokens) - 1)]

    def sees(self, *words: str) -> bool:
        """Whether the next tokens are these words, in this order."""
        return all(self.ahead(n).text == w and self.ahead(n).kind != "string" for n, w in enumerate(words))

    @property
    def last(self) -> Place:
        """The place of the token that was taken last."""
        return self.tokens[max(self._at - 1, 0)].place

    @property
    def done(self) -> bool:
        return self.next.kind == "end"

    # --- taking ----------------------------------------------------------------------------

    def take(self) -> Token:
        token = self.next
        if token.kind != "end":
            self._at += 1
        return token

    def skip(self, *words: str) -> bool:
        """Take these words if they come next."""
        if not self.sees(*words):
            return False
        self._at += len(words)
        return True

    def expect(self, sign: str, why: str) -> Token:
        if not self.sees(sign):
            raise self.wrong(self.next, f"expected `{sign}` {why}, {self._found()}")
        return self.take()

    def word(self, what: str) -> Token:
        if self.next.kind != "word":
            raise self.wrong(self.next, f"expected {what}, {self._found()}")
        return self.take()

    def label(self, what: str) -> Token:
        """A label of a clause: Oregon's begin with figures."""
        if self.next.kind not in ("word", "number"):
            raise self.wrong(self.next, f"expected {what}, {self._found()}")
        return self.take()

    def labels(self, what: str) -> list[Token]:
        """One label, or several with commas between them."""
        found = [self.label(what)]
        while self.skip(","):
            found.append(self.label(what))
        return found

    def string(self, what: str) -> str:
        if self.next.kind != "string":
            raise self.wrong(self.next, f"expected {what} in quotation marks, {self._found()}")
        return self.take().text

    def number(self, what: str) -> float:
        token = self.next
        if token.kind != "number":
            figure = _FIGURES.get(token.text.lower())
            help = f"write `{figure}`" if figure is not None else ""
            raise self.wrong(token, f"expected {what} in figures, {self._found()}", help)
        self.take()
        return float(token.text)

    def day(self, what: str) -> date:
        token = self.next
        if token.kind != "date":
            raise self.wrong(token, f"expected {what}, {self._found()}", "write the day as 2014-12-14")
        self.take()
        try:
            year, month, day = (int(part) for part in token.text.split("-"))
            return date(year, month, day)
        except ValueError as error:
            said = str(error)
            raise self.wrong(token, f"`{token.text}` is not a day of the calendar: {said}") from None

    def names(self, what: str) -> list[Token]:
        """One name, or several with commas between them."""
        found = [self.word(what)]
        while self.skip(","):
            found.append(self.word(f"another {what.split(' ', 1)[-1]} after the comma"))
        return found

    # --- complaining -----------------------------------------------------------------------

    def line(self, place: Place) -> str:
        offset = place.line - self._first_line
        return self._lines[offset] if 0 <= offset < len(self._lines) else ""

    def problem(self, place: Place, message: str, help: str = "") -> None:
        self.problems.append(Problem(place, message, help, source=self.line(place)))

    def wrong(self, token: Token, message: str, help: str = "") -> Wrong:
        self.problem(token.place, message, help)
        return Wrong()

    def unknown_word(self, token: Token, what: str, known: list[str]) -> Wrong:
        help = did_you_mean(token.text, known, "expected " + " or ".join(f"`{k}`" for k in known[:8]))
        return self.wrong(token, f"`{token.text}` is no {what}", help)

    def _found(self) -> str:
        token = self.next
        if token.kind == "end":
            return "but the block ends here"
        return f"but found `{token.text}`"

    # --- going on --------------------------------------------------------------------------

    def to_next_statement(self) -> None:
        """Skip to the next line that starts at the left margin."""
        while not self.done:
            self.take()
            if self.next.first and self.next.indent == 0:
                return

    def to_next_line(self) -> None:
        """Skip to the next line of the same statement, or to the next statement."""
        while not self.done:
            self.take()
            if self.next.first:
                return

    def comments_within(self, first: int, last: int) -> tuple[str, ...]:
        return tuple(c.text for c in self.comments if first <= c.line <= last)


_FIGURES = {
    word: figure
    for figure, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ]
    )
} | {"twenty": 20, "thirty": 30, "forty-eight": 48, "sixty": 60, "ninety": 90}

__all__ = ["Comment", "Cursor", "Wrong"]
