"""Fixtures around the small assignment of `small_assignment`."""

import os
import sys
import uuid

import pytest
from small_assignment import write_assignment

from coursekit.grading.assignment import load_assignment
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Sandbox, SandboxUnavailable


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
    try:
        sandbox = Sandbox(assignment.packages, assignment.limits)
        sandbox.start().close()
    except (SandboxUnavailable, StartError) as error:
        if os.environ.get("CI") and sys.platform.startswith("linux"):
            pytest.fail(f"no sandbox, and this is CI: {error}")
        pytest.skip(f"no sandbox here: {error}")
    yield sandbox
    sandbox.close()


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
