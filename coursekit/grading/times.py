"""When a notebook was handed in.

nbgrader writes the time beside the notebook, in timestamp.txt. Where there is none, the file's own time is taken: when
it was changed last, which whoever packed or copied the file may have set. Which of the two it was is kept with it.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from coursekit.grading.notebook import NotebookError, open_inside
from coursekit.grading.submission import clip

__all__ = ["arrival", "parse_timestamp"]

LONGEST = 200  # bytes of a timestamp

# The abbreviations that RFC 5322, section 4.3, gives a meaning; others mean different things in different countries.
ABBREVIATIONS = {
    "UT": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


def arrival(submitted, folder, assignment, name):
    """When a notebook was handed in, and how we know.

    Parameters
    ----------
    submitted : Path
        The folder of all submissions.
    folder, assignment, name : str
        The student's folder, the assignment's in it, and the notebook.

    Returns
    -------
    (str or None, str, str)
        The time, ISO 8601 in UTC, None if there is none; "timestamp.txt" or "file"; and a note, "" unless
        there is a timestamp.txt that cannot be read.
    """
    note = ""
    place = submitted / folder / assignment
    stamp = place / "timestamp.txt"
    if stamp.is_symlink() or stamp.exists():
        try:
            text = open_inside(submitted, folder, assignment, "timestamp.txt")[:LONGEST].decode("utf-8", "replace")
            return parse_timestamp(text).isoformat(timespec="seconds"), "timestamp.txt", ""
        except NotebookError as error:
            note = f"timestamp.txt was not used: {error}"
        except (ValueError, OverflowError):
            note = f"timestamp.txt was not used: {clip(text.strip(), 60)!r} is not a time"
    try:
        moment = datetime.fromtimestamp((place / name).lstat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None, "", note
    return moment.isoformat(timespec="seconds"), "file", note


def parse_timestamp(text):
    """The time that nbgrader wrote, in UTC.

    nbgrader's format is ``%Y-%m-%d %H:%M:%S.%f %Z`` unless its configuration says otherwise; it reads a time without
    zone as UTC, and so do we.

    Parameters
    ----------
    text : str

    Returns
    -------
    datetime

    Raises
    ------
    ValueError
        If it is no time, or its zone is not known.

    Examples
    --------
    >>> print(parse_timestamp("2026-11-02 23:59:59.123456 UTC"))
    2026-11-02 23:59:59+00:00
    >>> print(parse_timestamp("2026-11-02 23:59:59 +0100"), parse_timestamp("2026-07-02T23:59:59 Europe/Berlin"))
    2026-11-02 22:59:59+00:00 2026-07-02 21:59:59+00:00
    """
    moment, _, zone = text.strip().partition(" ") if "T" in text[:12] else _three(text.strip())
    when = datetime.fromisoformat(moment).replace(microsecond=0)
    if zone:
        if when.tzinfo is not None:
            raise ValueError(text)
        when = when.replace(tzinfo=_zone(zone))
    elif when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return when.astimezone(UTC)


def _three(text):
    """Date and time, "", zone."""
    day, _, rest = text.partition(" ")
    clock, _, zone = rest.strip().partition(" ")
    return f"{day} {clock}".strip(), "", zone.strip()


def _zone(name):
    offset = re.fullmatch(r"([+-])(\d\d):?(\d\d)", name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if name.upper() in ABBREVIATIONS:
        return timezone(timedelta(hours=ABBREVIATIONS[name.upper()]))
    if not re.fullmatch(r"[A-Za-z][\w+-]*(/[\w+-]+)*", name):  # it becomes part of a path
        raise ValueError(name)
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(name) from error
