"""A sandbox for tests that need a real one."""

import contextlib
import os
import sys

import pytest

from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Sandbox, SandboxUnavailable


@contextlib.contextmanager
def sandbox_or_skip(packages, limits):
    """A sandbox that has started a worker; where there can be none the test is skipped, or fails if this is CI."""
    try:
        sandbox = Sandbox(packages, limits)
        sandbox.start().close()
    except (SandboxUnavailable, StartError) as error:
        if os.environ.get("CI") and sys.platform.startswith("linux"):
            pytest.fail(f"no sandbox, and this is CI: {error}")
        pytest.skip(f"no sandbox here: {error}")
    try:
        yield sandbox
    finally:
        sandbox.close()
