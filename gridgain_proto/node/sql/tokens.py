"""Statements cut into tokens."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ..failures import Refusal


def syntax_error(statement: str, why: str) -> Refusal:
    """A statement that cannot be understood."""
    return Refusal(f"Failed to parse query. {why}; SQL statement:\n{statement}", sqlstate="42000")


class Token(NamedTuple):
    """A token.

    Attributes:
        kind: ``word``, ``name`` (quoted), ``string``, ``number``, ``parameter``, ``mark`` or
            ``end``.
        text: what it says: words in upper case, names and strings without their quotes.
    """

    kind: str
    text: str


_MAX_PARAMETERS: Final = 30_000

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
      | (?P<word>[^\W\d][\w$]*)
      | (?P<name>"(?:[^"]|"")*")
      | (?P<string>'(?:[^']|'')*')
      | (?P<parameter>\?\d*)
      | (?P<mark>\|\||<>|!=|<=|>=|::|[-+*/%(),.;=<>])""",
    re.VERBOSE | re.DOTALL,
)


def tokens_of(statement: str) -> list[Token]:
    """The tokens of a statement, an end at last.

    Raises:
        Refusal: it has characters that belong to no token.
    """
    result = []
    at = 0
    while at < len(statement):
        match = _TOKEN.match(statement, at)
        if match is None:
            raise syntax_error(statement, f"Syntax error at character {at}")
        at = match.end()
        kind = match.lastgroup or ""
        text = match.group()
        if kind == "space":
            continue
        if kind == "word":
            text = text.upper()
        elif kind in ("name", "string"):
            quote = text[0]
            text = text[1:-1].replace(quote * 2, quote)
        result.append(Token(kind, text))
    result.append(Token("end", ""))
    return result


class TokenStream:
    """Tokens, one after the other.

    Args:
        statement: the statement.
    """

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self._tokens = tokens_of(statement)
        #: The place of the next token. It can be set back.
        self.position = 0
        self._parameters: dict[int, int] = {}
        for place, token in enumerate(self._tokens):
            if token.kind == "parameter":
                # Either all have numbers, or they are numbered as they stand.
                number = int(token.text[1:6] or len(self._parameters) + 1)
                if not 1 <= number <= _MAX_PARAMETERS:
                    raise syntax_error(statement, f"no parameter can have the number {number}")
                self._parameters[place] = number - 1
        #: How deep what is being read is nested.
        self.depth = 0

    @property
    def next(self) -> Token:
        """The next token; it stays the next."""
        return self._tokens[self.position]

    def peek(self, ahead: int) -> Token:
        """A token further on."""
        return self._tokens[min(self.position + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, taken out."""
        token = self._tokens[self.position]
        if token.kind != "end":
            self.position += 1
        return token

    def word(self, *words: str) -> str | None:
        """Take the next token if it is one of these words."""
        token = self.next
        if token.kind == "word" and token.text in words:
            self.position += 1
            return token.text
        return None

    def words(self, *words: str) -> bool:
        """Take the next tokens if they are these words in a row."""
        for ahead, word in enumerate(words):
            if self.peek(ahead) != Token("word", word):
                return False
        self.position += len(words)
        return True

    def mark(self, *marks: str) -> str | None:
        """Take the next token if it is one of these marks."""
        token = self.next
        if token.kind == "mark" and token.text in marks:
            self.position += 1
            return token.text
        return None

    def expect_mark(self, mark: str) -> None:
        """Take a mark that has to be there."""
        if self.mark(mark) is None:
            raise self.error(f"'{mark}' expected")

    def expect_word(self, word: str) -> None:
        """Take a word that has to be there."""
        if self.word(word) is None:
            raise self.error(f"'{word}' expected")

    def parameter(self) -> int:
        """The number of the parameter whose mark was taken last, from 0."""
        return self._parameters[self.position - 1]

    @property
    def parameters(self) -> int:
        """How many parameters there have to be."""
        return max(self._parameters.values(), default=-1) + 1

    def takes_parameter(self) -> bool:
        """Take the next token if it is a parameter's mark."""
        found = self.next.kind == "parameter"
        self.position += found
        return found

    def identifier(self) -> str:
        """Take a name, quoted or not."""
        token = self.take()
        if token.kind not in ("word", "name"):
            raise self.error("identifier expected")
        return token.text

    def qualified(self) -> tuple[str | None, str]:
        """Take a name that may have a schema before it."""
        name = self.identifier()
        if self.mark("."):
            return name, self.identifier()
        return None, name

    def integer(self) -> int:
        """Take a whole number."""
        negative = self.mark("-") is not None
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise self.error("a whole number expected")
        return -int(token.text) if negative else int(token.text)

    def error(self, why: str) -> Refusal:
        """What is answered if the statement cannot be understood here."""
        found = self.next.text or "the end"
        return syntax_error(self.statement, f"Syntax error at {found!r}: {why}")

    def end(self) -> None:
        """Check that nothing follows but one semicolon."""
        self.mark(";")
        if self.next.kind != "end":
            if self._tokens[self.position - 1] == Token("mark", ";"):
                words = "Multiple statements queries are not supported."
                raise Refusal(words, sqlstate="0A000")
            raise self.error("the end expected")
