"""A class graded by the workers of a dask scheduler gets the grades it gets here, byte for byte."""

import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from small_assignment import HONEST, notebook

from coursekit.grading import cluster as cluster_module
from coursekit.grading.assignment import AssignmentError
from coursekit.grading.grade import grade_class
from coursekit.grading.sandbox import SandboxUnavailable

distributed = pytest.importorskip("distributed")
WORKER = "import sys; from distributed.cli.dask_worker import main; main(sys.argv[1:], standalone_mode=False)"


@pytest.fixture(scope="module")
def scheduler(sandbox, tmp_path_factory):
    """The address of a scheduler with two workers, each a process of its own."""
    place = tmp_path_factory.mktemp("dask")
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0", local_directory=place) as local:
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(place)]
        command = [sys.executable, "-c", WORKER, local.scheduler_address, *options]
        workers = [subprocess.Popen(command, cwd=place, stderr=subprocess.DEVNULL) for _ in range(2)]
        with distributed.Client(local, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield local.scheduler_address
        for worker in workers:
            worker.kill()
            worker.wait()


@pytest.fixture
def hand_in_all(class_folder):
    for number in range(6):
        class_folder(f"honest{number}", notebook("import numpy as np", f"# {number}", *HONEST))
    class_folder("wrong", notebook("import numpy as np", "def softmax(z):\n    return z"))
    class_folder("crash", notebook("import os", "os._exit(1)", *HONEST))
    class_folder("damaged", b"{")
    return class_folder.folder


def plain(rows):
    """Rows without what differs from run to run."""
    for row in rows:
        row["details"].pop("cpu", None)
        row["seconds"] = None
    return json.dumps(rows, sort_keys=True)


def test_the_grades_are_the_same(scheduler, assignment_folder, hand_in_all, tmp_path):
    here = grade_class(assignment_folder, hand_in_all, tmp_path / "here", progress=False)
    there = grade_class(assignment_folder, hand_in_all, tmp_path / "there", scheduler=scheduler, progress=False)
    assert here[1] == there[1] == 9
    assert plain(here[2]) == plain(there[2])
    assert grade_class(assignment_folder, hand_in_all, tmp_path / "there", scheduler=scheduler, progress=False)[1] == 0


def test_a_run_without_a_sandbox_leaves_none_behind(scheduler, assignment_folder, class_folder, tmp_path):
    (tmp_path / "secret").write_text("of this machine")
    peeks = f"import numpy as np\nopen({str(tmp_path / 'secret')!r})\n{HONEST[1]}"
    class_folder("peeks", notebook(peeks))
    points = []
    for number, sandbox in enumerate([True, False, True]):
        how = {"scheduler": scheduler, "sandbox": sandbox, "progress": False}
        _, _, (row,) = grade_class(assignment_folder, class_folder.folder, tmp_path / str(number), **how)
        points.append(row["points"])
    assert points[0] == points[2] < points[1]


def test_machines_without_a_sandbox_stop_the_run(sandbox):
    class Client:
        """A scheduler all of whose workers fail; the third in a row is one too many."""

        loop = None

        def submit(self, function, sent, name, data, **options):
            return Failed(name)

    class Failed:
        def __init__(self, name):
            self.key = name

        def result(self):
            raise SandboxUnavailable("no processes left")

        def release(self):
            pass

    class Done(list):
        def __iter__(self):
            while self:
                yield self.pop(0)

        update = list.extend

    cluster = object.__new__(cluster_module.Cluster)
    cluster.client, cluster.threads, cluster.sent = Client(), 1, None
    cluster.distributed = SimpleNamespace(as_completed=lambda futures, loop: Done(futures))
    results = cluster.map([(str(number), b"") for number in range(9)], failed_starts=3)
    assert [next(results) for _ in range(2)] == [("0", "no processes left"), ("1", "no processes left")]
    with pytest.raises(SandboxUnavailable, match="no processes left"):
        next(results)


def test_a_worker_of_another_version_judges_nobody(scheduler, assignment_folder, hand_in_all, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module.Cluster, "map", with_another_version(cluster_module.Cluster.map))
    with pytest.raises(AssignmentError, match="another Python, NumPy or coursekit"):
        grade_class(assignment_folder, hand_in_all, tmp_path / "there", scheduler=scheduler, progress=False)


def with_another_version(map):
    def changed(self, *args, **options):
        self.sent = replace(self.sent, grader="another")
        return map(self, *args, **options)

    return changed


def test_a_scheduler_that_is_not_there_is_one_line(assignment_folder, hand_in_all, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 1)
    with pytest.raises(SandboxUnavailable, match=r"--scheduler tcp://127\.0\.0\.1:9"):
        grade_class(assignment_folder, hand_in_all, tmp_path / "there", scheduler="tcp://127.0.0.1:9", progress=False)


def test_workers_that_may_not_start_processes_are_named(scheduler, assignment_folder, hand_in_all, tmp_path):
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as local:  # with a nanny
        how = {"scheduler": local.scheduler_address, "progress": False}
        with pytest.raises(SandboxUnavailable, match="--no-nanny"):
            grade_class(assignment_folder, hand_in_all, tmp_path / "there", **how)
