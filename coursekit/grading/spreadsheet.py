"""CSV files that people open in a spreadsheet: what to write so that nothing runs, and how to read what comes back."""

import unicodedata

__all__ = ["dangerous", "harmless", "sniff", "unguarded"]


def dangerous(text):
    """Whether a spreadsheet would take this for a formula.

    Examples
    --------
    >>> dangerous("=1+1"), dangerous("\uff1d1"), dangerous("anna")
    (True, True, False)
    """
    first = unicodedata.normalize("NFKC", text[:1])  # spreadsheets take the wide forms of = + - @ as well
    return first in ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text):
    """The same text, behind an apostrophe if a spreadsheet would take it for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("1+1")
    ("'=1+1", '1+1')
    """
    return "'" + text if dangerous(text) else text


def unguarded(text):
    """What `harmless` may have been given: the text itself, and without the apostrophe.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("o'hara")
    (["'=1+1", '=1+1'], ["o'hara"])
    """
    return [text, text[1:]] if text.startswith("'") and dangerous(text[1:]) else [text]


def sniff(text):
    """The separator of a CSV file, by its first line: some spreadsheets write semicolons, or tabs.

    Examples
    --------
    >>> sniff("student;points"), sniff("student,points")
    (';', ',')
    """
    first = text.partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)
