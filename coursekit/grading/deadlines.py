"""Deadlines: what lateness costs. The file is deadlines.toml, beside the gradebook.

    timezone = "Europe/Berlin"          # of all times below that have no offset of their own

    [defaults]                          # for every assignment that does not say otherwise
    grace_minutes = 15                  # up to here late is not late; beyond, days count from `due`
    penalty_percent = 10                # for each day begun
    per = "day"                         # or "hour"
    of = "earned"                       # per cent of the points earned, or of the "maximum"
    at_most_percent = 50                # no more than this is ever taken off

    [01-linear-classifiers]
    due = 2026-11-02T23:59:00
    cutoff = 2026-11-09T23:59:00        # after this there are no points

    [01-linear-classifiers.extensions]  # another due time for one student; a cutoff moves by as much
    anna = 2026-11-05T23:59:00
    "ben müller" = 2026-11-04T12:00:00+01:00

An assignment without a section has no deadline. Nothing here is stored with the grades: points stay as they were
given, and each report works out the penalty from the time of the submission. So a policy can be changed at any time,
and nothing is graded again. Students are named as in the reports, which is as their folders are named.
"""

import math
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from coursekit.grading.assignment import AssignmentError, tidy

__all__ = ["FILE", "Deadlines", "Lateness", "read_deadlines"]

FILE = "deadlines.toml"
SECONDS = {"day": 86400, "hour": 3600}
NUMBERS = {"grace_minutes": math.inf, "penalty_percent": 100, "at_most_percent": 100}  # from 0 to this
CHOICES = {"per": ("day", "hour"), "of": ("earned", "maximum")}
RULES = (*NUMBERS, *CHOICES)


@dataclass(frozen=True)
class Lateness:
    """How one submission stands to its deadline.

    Attributes
    ----------
    due, submitted : datetime
        In the zone of the file. `submitted` is None if the gradebook does not know: an older coursekit graded it, and
        the notebook is gone.
    source : str
        "timestamp.txt" or "file": where `submitted` comes from.
    extended : bool
    seconds : float
        Late by so much; 0 if in time or within the grace.
    percent : float
        What that costs, 100 beyond the cutoff.
    of : str
        Of what: "earned" or "maximum".
    closed : bool
        Handed in after the cutoff.
    """

    due: datetime
    submitted: datetime | None
    source: str
    extended: bool
    seconds: float
    percent: float
    of: str
    closed: bool

    def deduction(self, points, out_of):
        """The points taken off: to two decimals, and never more than there are."""
        if self.closed:
            return points
        return max(0.0, min(points, round(self.percent / 100 * (points if self.of == "earned" else out_of), 2)))

    def __str__(self):
        if self.submitted is None:
            return "handed in at a time that is not known"
        if not self.seconds:
            return "in time"
        late = f"{_words(self.seconds)} late"
        if self.closed:
            return f"{late}: after the last date, no points"
        of = "" if self.of == "earned" else " of the maximum"
        return f"{late}: {self.percent:g} %{of} off" if self.percent else f"{late}, at no cost"


@dataclass(frozen=True)
class Policy:
    """The section of one assignment, checked."""

    due: datetime
    cutoff: datetime | None
    extensions: dict
    grace_minutes: float = 0
    penalty_percent: float = 0
    at_most_percent: float = 100
    per: str = "day"
    of: str = "earned"

    def lateness(self, student, submitted, source):
        """The `Lateness` of a submission of that student at that time."""
        student = _plain(student)
        due = self.extensions.get(student, self.due)
        if submitted is None:
            return Lateness(due, None, "", student in self.extensions, 0.0, 0.0, self.of, False)
        late = (submitted - due).total_seconds()
        closed = self.cutoff is not None and submitted > self.cutoff + (due - self.due)
        if late <= self.grace_minutes * 60 and not closed:
            late = 0.0
        percent = min(self.at_most_percent, self.penalty_percent * math.ceil(late / SECONDS[self.per]))
        return Lateness(
            due, submitted.astimezone(due.tzinfo), source, student in self.extensions, max(0.0, late),
            100.0 if closed else tidy(percent), self.of, closed,
        )  # fmt: skip


class Deadlines(dict):
    """assignment -> `Policy`."""

    def lateness(self, row):
        """The `Lateness` of a row of `Gradebook.results`; None where there is no deadline, or nothing was handed in."""
        policy = self.get(row["assignment"])
        if policy is None or row["status"] in ("no submission", "not graded"):
            return None
        submitted = row["submitted"] and datetime.fromisoformat(row["submitted"])
        return policy.lateness(row["student"], submitted, row["submitted_from"])

    def strangers(self, rows):
        """The extensions of students who are not in these rows: a name may be misspelt.

        Returns
        -------
        list of str
            "assignment: student"; only of assignments that are in the rows.
        """
        there = {}
        for row in rows:
            there.setdefault(row["assignment"], set()).add(_plain(row["student"]))
        return [
            f"{name}: {student}"
            for name in self.keys() & there.keys()
            for student in sorted(self[name].extensions.keys() - there[name])
        ]


def read_deadlines(path):
    """Read and check deadlines.toml.

    Parameters
    ----------
    path : Path
        If there is no such file, nothing has a deadline.

    Returns
    -------
    Deadlines

    Raises
    ------
    AssignmentError
        Names the key, its value, and what would be right.
    """
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return Deadlines()
    except OSError as error:
        raise AssignmentError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # of TOML, of UTF-8, and of a date such as 31 November
        raise AssignmentError(f"{path}: {error}") from None
    zone = _zone(path, content.pop("timezone", None))
    defaults = _table(path, "defaults", content.pop("defaults", {}))
    _known(path, "defaults", defaults, RULES)
    rules = _rules(path, "defaults", defaults)
    result = Deadlines()
    for name, section in content.items():
        section = _table(path, name, section)
        _known(path, name, section, ("due", "cutoff", "extensions", *RULES))
        if "due" not in section:
            raise AssignmentError(f"{path}: [{name}] has no due; write due = 2026-11-02T23:59:00")
        due = _moment(path, f"{name}.due", section["due"], zone)
        cutoff = _moment(path, f"{name}.cutoff", section["cutoff"], zone) if "cutoff" in section else None
        if cutoff is not None and cutoff < due:
            raise AssignmentError(f"{path}: {name}.cutoff is {section['cutoff']}; it must not be before due, {due}")
        extensions = {
            _plain(student): _moment(path, f"{name}.extensions.{student}", when, zone)
            for student, when in _table(path, f"{name}.extensions", section.get("extensions", {})).items()
        }
        result[name] = Policy(due, cutoff, extensions, **rules | _rules(path, name, section))
    return result


def _table(path, name, value):
    if not isinstance(value, dict):
        raise AssignmentError(f"{path}: {name} is {value!r}; it must be a section, [{name}]")
    return value


def _known(path, name, table, keys):
    for key in table:
        if key not in keys:
            raise AssignmentError(f"{path}: [{name}] has {key} = {table[key]!r}; it may have {', '.join(keys)}")


def _rules(path, name, table):
    """The rules in a section, checked."""
    for key in table.keys() & NUMBERS.keys():
        value, most = table[key], NUMBERS[key]
        if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= most:
            wanted = "a number that is not negative" if most == math.inf else f"a number from 0 to {most}"
            raise AssignmentError(f"{path}: {name}.{key} is {value!r}; it must be {wanted}")
    for key in table.keys() & CHOICES.keys():
        if table[key] not in CHOICES[key]:
            wanted = " or ".join(f'"{choice}"' for choice in CHOICES[key])
            raise AssignmentError(f"{path}: {name}.{key} is {table[key]!r}; it must be {wanted}")
    return {key: table[key] for key in table if key in RULES}


def _zone(path, name):
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except Exception:  # whatever is not the name of a zone: a number, a path, an empty string
        wanted = 'a name such as "Europe/Berlin" (on Windows `pip install tzdata` brings the names)'
        raise AssignmentError(f"{path}: timezone is {name!r}; it must be {wanted}") from None


def _moment(path, key, value, zone):
    if not isinstance(value, datetime):
        why = "has no time of day" if isinstance(value, date) else "is not a time"
        raise AssignmentError(f"{path}: {key} is {value!s}, which {why}; write 2026-11-02T23:59:00, without quotes")
    if value.tzinfo is not None:
        return value
    if zone is None:
        raise AssignmentError(
            f'{path}: {key} is {value} without a zone; write {value}+01:00, or timezone = "Europe/Berlin" at the top'
        )
    local = value.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != value:
        raise AssignmentError(f"{path}: {key} is {value}, and clocks in {zone} are put forward over it; choose another")
    return local


def _plain(name):
    """A name whose accents are written in one way, whichever way a file system or an editor writes them."""
    return unicodedata.normalize("NFC", name)


def _words(seconds):
    """A time in its two largest units.

    Examples
    --------
    >>> _words(59), _words(3600), _words(200_000)
    ('1 min', '1 h', '2 d 7 h')
    """
    minutes = math.ceil(timedelta(seconds=seconds) / timedelta(minutes=1))
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    shown = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(shown[:2])
