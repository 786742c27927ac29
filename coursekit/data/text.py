"""A whole book, small enough to learn from character by character."""

import lzma
import re
from pathlib import Path

from coursekit.data.catalogue import DataError

FILE = Path(__file__).parent / "bundle" / "alice.xz"


def alice():
    """Load *Alice's Adventures in Wonderland* as one string.

    Lewis Carroll, 1865: in the public domain. This is the text of the Canterbury corpus (`alice29.txt`), by which
    compression programs have been compared since 1997 (Arnold & Bell, "A corpus for the evaluation of lossless
    compression algorithms", Data Compression Conference 1997), with line ends ``\\n``. Lines are broken as they were
    there, at about 65 characters; quotations open with ````` and close with ``'``. Used in the chapter on sequences.

    Returns
    -------
    str
        148 480 characters, 72 different ones, all ASCII.

    Raises
    ------
    DataError
        If the file cannot be read.

    Examples
    --------
    >>> from coursekit import data
    >>> text = data.alice()
    >>> len(text), len(set(text))
    (148480, 72)
    >>> text[text.index("Alice was") :].split(",")[0]
    'Alice was beginning to get very tired of sitting by her sister\\non the bank'
    """
    try:
        return lzma.decompress(FILE.read_bytes()).decode("ascii")
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        advice = "Install coursekit again, or in a clone run: git checkout -- coursekit/data/bundle/alice.xz"
        raise DataError(f"{FILE} cannot be read: {error}. {advice}") from error


def parts(book):
    """Cut the text of `alice` at its chapters: I to IX to learn from, X to choose, XI and XII to test.

    Returns
    -------
    dict of str
        ``"training", "validation", "test"``; together the whole book.

    Examples
    --------
    >>> {name: len(part) for name, part in parts(alice()).items()}
    {'training': 113876, 'validation': 11926, 'test': 22678}
    """
    starts = [match.start() for match in re.finditer(r" +CHAPTER [IVX]+\n", book)]
    return {"training": book[: starts[9]], "validation": book[starts[9] : starts[10]], "test": book[starts[10] :]}
