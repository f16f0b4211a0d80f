"""The prompt of the SQL shell: history, completion, several lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import FileHistory

Tables = Callable[[], dict[str, list[str]]]


class SqlCompleter(Completer):
    """Completes words of SQL, tables, and columns of the tables that are named.

    Args:
        tables: gives the tables and their columns.
        keywords: the words of SQL.
    """

    def __init__(self, tables: Tables, keywords: Iterable[str]) -> None:
        self._tables = tables
        self._keywords = tuple(keywords)
        self._known: dict[str, list[str]] | None = None

    def forget(self) -> None:
        """Ask for the tables anew when they are needed next."""
        self._known = None

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """What the word before the cursor may become."""
        word = document.get_word_before_cursor()
        if not word:
            return
        if self._known is None:
            self._known = self._tables()
        text = document.text.upper()
        named = [columns for table, columns in self._known.items() if table.upper() in text]
        candidates = [
            *dict.fromkeys(column for columns in named for column in columns),
            *self._known,
            *self._keywords,
        ]
        for candidate in candidates:
            if candidate.upper().startswith(word.upper()):
                yield Completion(candidate, start_position=-len(word))


def make_prompt(
    tables: Tables,
    keywords: Iterable[str],
    is_complete: Callable[[str], bool],
    history: Path,
) -> Callable[[], str]:
    """A function that asks for statements, until they are complete.

    Args:
        tables: gives the tables and their columns.
        keywords: the words of SQL.
        is_complete: whether a text may be sent.
        history: the file that remembers what was typed.
    """
    completer = SqlCompleter(tables, keywords)
    session: PromptSession[str] = PromptSession(history=FileHistory(str(history)))
    unfinished = Condition(lambda: not is_complete(session.default_buffer.text))

    def continuation(width: int, line_number: int, is_soft_wrap: int) -> AnyFormattedText:
        return "...> ".rjust(width)

    def ask() -> str:
        completer.forget()
        return session.prompt(
            "sql> ",
            completer=completer,
            complete_while_typing=False,
            multiline=unfinished,  # then Enter begins another line
            prompt_continuation=continuation,
        )

    return ask
