"""Pairs of submissions to look at side by side.

Nothing here is a verdict. A short task has few right answers, and two people who know them write the same lines.

The method is that of Moss, winnowing (Schleimer, Wilkerson, Aiken: Winnowing: local algorithms for document
fingerprinting. SIGMOD 2003, doi:10.1145/872757.872770). The code is cut into tokens, and names, numbers and strings are
replaced by one letter each, so renaming changes nothing; comments and white space are dropped. Each run of `K` tokens
is hashed, and of each `W` hashes in a row the smallest is kept: whatever two cells have in common over K + W - 1 tokens
is found. Two kinds of passages do not count: those of the starter notebook, and those that more submissions share than
`COMMON` says, which are what the task makes everybody write.

The work grows with the number of submissions, not with that of pairs: a list of who has it is kept for each passage,
and no list is longer than that bound. (copydetect, MIT licence, does the same with a comparison of every pair; it would
bring Pygments and Jinja2 along and knows nothing of notebooks.)
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from keyword import iskeyword

from coursekit.grading.notebook import NotebookError, parse_notebook

__all__ = ["Fingerprint", "fingerprint", "passages", "similar_pairs", "tokens"]

K = 12
W = 8
COMMON = 10, 50  # a passage that more have is everybody's: one in ten of the class, but between these
LEAST_SHARED = 3  # passages: less is not worth anybody's time
MOST_TOKENS = 50_000
LINE = 12  # characters without spaces: a shorter line says nothing by being the same

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>[rRbBuUfFtT]{0,2}(?:'{3}(?s:.*?)(?:'{3}|\Z)|"{3}(?s:.*?)(?:"{3}|\Z)|'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?))
    |(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<other>[^\s\w])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Fingerprint:
    """What is compared of a submission.

    Attributes
    ----------
    student : str
    cells : list of (label, source)
        Without those of the starter notebook.
    prints : frozenset of int
        The passages kept by winnowing.
    places : dict
        passage -> list of (number of the cell, first line, last line).
    lines : frozenset of str
        Every line, comments included, that is long enough to say something.
    whole : bytes
        The hash of all tokens in a row.
    """

    student: str
    cells: list = field(repr=False)
    prints: frozenset = field(repr=False)
    places: dict = field(repr=False)
    lines: frozenset = field(repr=False)
    whole: bytes = field(repr=False)


def tokens(source):
    """Tokens of Python as far as it is Python, with the line of each; damaged code and magics come out as they may.

    Examples
    --------
    >>> tokens("total = f(x, 'a')  # sum")
    [('n', 1), ('=', 1), ('n', 1), ('(', 1), ('n', 1), (',', 1), ('s', 1), (')', 1)]
    """
    found, line, at = [], 1, 0
    for match in _TOKEN.finditer(source):
        line += source.count("\n", at, match.start())
        at = match.start()
        kind, word = match.lastgroup, match.group()
        if kind == "name":
            found.append((word if iskeyword(word) else "n", line))
        elif kind != "comment":
            found.append((word if kind == "other" else kind[0], line))
        if len(found) >= MOST_TOKENS:
            break
    return found


def _hashes(found):
    """The hash of each run of K tokens, with its first and last line."""
    words = [word for word, _ in found]
    for start in range(len(found) - K + 1):
        digest = blake2b("\0".join(words[start : start + K]).encode("utf-8", "replace"), digest_size=8).digest()
        yield int.from_bytes(digest, "big"), found[start][1], found[start + K - 1][1]


def _winnow(hashes):
    """Of each W hashes in a row the smallest, the rightmost of equal ones; each once."""
    kept, last = [], -1
    for start in range(max(1, len(hashes) - W + 1) if hashes else 0):
        window = range(start, min(start + W, len(hashes)))
        smallest = min(window, key=lambda k: (hashes[k][0], -k))
        if smallest != last:
            kept.append(hashes[smallest])
            last = smallest
    return kept


def fingerprint(student, data, starter=()):
    """The fingerprint of one notebook.

    Parameters
    ----------
    student : str
    data : bytes
    starter : iterable of (label, source)
        The cells everybody was given.

    Returns
    -------
    Fingerprint or None
        None if the notebook cannot be read, or nothing of it is the student's own.
    """
    try:
        cells = parse_notebook(data).cells
    except NotebookError:
        return None
    given = {source.strip() for _, source in starter}
    cells = [(label, source) for label, source in cells if source.strip() not in given]
    places, everything = defaultdict(list), []
    for position, (_, source) in enumerate(cells):
        found = tokens(source)
        everything += [word for word, _ in found]
        for value, first, last in _winnow(list(_hashes(found))):
            places[value].append((position, first, last))
        if len(everything) >= MOST_TOKENS:
            break
    for value in passages(tuple(source for _, source in starter)):
        places.pop(value, None)
    theirs = {_dense(line) for source in given for line in source.splitlines()}
    lines = {_dense(line) for _, source in cells for line in source[: 10 * MOST_TOKENS].splitlines()}
    lines = frozenset(line for line in lines - theirs if len(line) >= LINE)
    whole = blake2b("\0".join(everything).encode("utf-8", "replace"), digest_size=16).digest()
    return Fingerprint(student, cells, frozenset(places), dict(places), lines, whole) if places else None


@lru_cache(maxsize=1)  # the starter is the same for a whole class
def passages(sources):
    """The hashes of every passage of some cells, winnowed or not."""
    return frozenset(value for source in sources for value, _, _ in _hashes(tokens(source)))


def _dense(line):
    return re.sub(r"\s+", "", line)


def similar_pairs(prints, least=0.5):
    """The pairs that have most in common.

    Parameters
    ----------
    prints : list of Fingerprint
    least : float
        The share of the smaller submission's own passages that must be in the other.

    Returns
    -------
    list of dict
        The most similar first: first, second; share; shared (passages that count); lines (that are the same word for
        word, comments and names included, and that few others have); same (all tokens are the same).

    Notes
    -----
    Submissions that are the same, token for token, count as one in deciding what everybody writes. Otherwise a copy
    that went round would hide itself.
    """
    groups = defaultdict(list)
    for each in sorted(prints, key=lambda each: each.student):
        groups[each.whole].append(each)
    heads = [group[0] for group in groups.values()]
    bound = min(max(COMMON[0], len(heads) // 10), COMMON[1])
    own, same_lines = _rare(heads, "prints", bound), _rare(prints, "lines", bound)
    shared = _overlaps(own)
    pairs = []
    for (first, second), count in shared.items():
        share = count / min(len(own[first]), len(own[second]))
        if count >= LEAST_SHARED and share >= least:
            pairs.append(_pair(heads[first].student, heads[second].student, share, count, False))
    for group in groups.values():
        pairs += [_pair(group[0].student, other.student, 1.0, len(other.prints), True) for other in group[1:]]
    number = {each.student: k for k, each in enumerate(prints)}
    for pair in pairs:
        pair["lines"] = len(same_lines[number[pair["first"]]] & same_lines[number[pair["second"]]])
    pairs.sort(key=lambda pair: (-pair["share"], -pair["lines"], -pair["shared"], pair["first"], pair["second"]))
    return pairs


def _pair(first, second, share, shared, same):
    first, second = sorted((first, second))
    return {"first": first, "second": second, "share": round(share, 3), "shared": shared, "same": same}


def _rare(prints, what, bound):
    """Of each submission, what no more than `bound` have."""
    number = Counter(value for each in prints for value in getattr(each, what))
    return [{value for value in getattr(each, what) if number[value] <= bound} for each in prints]


def _overlaps(sets):
    """(k, l) -> how much sets k and l have in common, for those that have anything."""
    owners, shared = defaultdict(list), Counter()
    for number, values in enumerate(sets):
        for value in values:
            for other in owners[value]:
                shared[other, number] += 1
            owners[value].append(number)
    return shared
