"""A class list: whose folder belongs to which entry of the learning platform.

Any CSV file with a heading will do, and the platform's own export of its gradebook is the best one: Canvas's has the
columns ID, SIS User ID and SIS Login ID, Moodle's has ID number and Email address. One column must hold the names of
the students' folders. Nobody is matched by guessing: names are equal or they are not.
"""

import csv
import io
import unicodedata
from dataclasses import dataclass

from coursekit.grading.assignment import AssignmentError
from coursekit.grading.spreadsheet import sniff

__all__ = ["Roster", "read_roster"]

# In this order: in Canvas's export Student is a person's name, and the login is what folders are called after.
FOLDERS = ("folder", "SIS Login ID", "Username", "student", "SIS User ID", "ID number", "Email address")


@dataclass(frozen=True)
class Roster:
    """A class list.

    Attributes
    ----------
    columns : list of str
    match : str
        The column with the names of the folders.
    entries : dict
        Folder -> {column: value}.
    """

    columns: list
    match: str
    entries: dict

    def get(self, student):
        """The entry of a student; None if there is none."""
        return self.entries.get(_plain(student))

    def column(self, *names):
        """The first of these columns that there is, whichever way it is written; None if there is none."""
        for name in names:
            for column in self.columns:
                if column.lower() == name.lower():
                    return column
        return None

    def absent(self, students):
        """The folders of the entries that are nobody's of these students."""
        there = set(map(_plain, students))
        return [folder for folder in self.entries if folder not in there]


def read_roster(path, match=None):
    """Read a class list.

    Parameters
    ----------
    path : Path
    match : str, optional
        The column with the names of the folders; by default the first there is of `FOLDERS`.

    Returns
    -------
    Roster

    Raises
    ------
    AssignmentError
        If it is no CSV file with a heading, or two lines have the same folder; says where.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise AssignmentError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise AssignmentError(f"{path} is not UTF-8; save it as CSV in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sniff(text))
    try:
        columns = [name.strip() for name in next(reader, [])]
        roster = Roster(columns, "", {})
        column = roster.column(match) if match else roster.column(*FOLDERS)
        if column is None:
            wanted = f"no column {match!r}" if match else f"none of the columns {', '.join(FOLDERS)}"
            raise AssignmentError(
                f"{path} has {wanted}; it has {', '.join(columns) or 'nothing'}. Say with --match which one "
                "holds the names of the students' folders"
            )
        lines, before = {}, reader.line_num
        for values in reader:
            entry = dict(zip(columns, (value.strip() for value in values), strict=False))
            number, before = before + 1, reader.line_num
            folder = _plain(entry.get(column, ""))
            if not folder:  # Canvas writes a line of points, and one for a test student
                continue
            if folder in lines:
                raise AssignmentError(f"{path}, line {number}: {column} {folder!r} is in line {lines[folder]}, too")
            lines[folder] = number
            roster.entries[folder] = entry
    except csv.Error as error:
        raise AssignmentError(f"{path}, line {reader.line_num}: {error}") from None
    return Roster(columns, column, roster.entries)


def _plain(name):
    return unicodedata.normalize("NFC", name)
