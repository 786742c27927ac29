"""Fixtures around the small assignment of `small_assignment`."""

import uuid

import pytest
from sandboxes import sandbox_or_skip
from small_assignment import write_assignment

from coursekit.grading.assignment import load_assignment


@pytest.fixture(scope="session")
def marker():
    """A number that appears on the command line of this session's workers, and of no other's."""
    return 10_000 + uuid.uuid4().int % 10_000


@pytest.fixture(scope="session")
def assignment_folder(tmp_path_factory, marker):
    return write_assignment(tmp_path_factory.mktemp("solutions") / "01-small", marker)


@pytest.fixture
def own_folder(tmp_path, marker):
    """The folder of an assignment that a test may change."""
    return write_assignment(tmp_path / "solutions" / "01-small", marker)


@pytest.fixture(scope="session")
def assignment(assignment_folder):
    return load_assignment(assignment_folder)


@pytest.fixture(scope="session")
def sandbox(assignment):
    """A sandbox for the small assignment; the test is skipped where there can be none."""
    with sandbox_or_skip(assignment.packages, assignment.limits) as sandbox:
        yield sandbox


@pytest.fixture
def class_folder(tmp_path):
    """hand_in(student, data) writes a submission; hand_in.folder is the folder of all."""
    folder = tmp_path / "submitted"
    folder.mkdir()

    def hand_in(student, data, name="small.ipynb"):
        place = folder / student / "01-small"
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)

    hand_in.folder = folder
    return hand_in
