"""What a process and all it has started use, as Linux tells it: processor, memory, and waiting for a processor.

bwrap ends before its children are waited for, so the usual accounting of children does not see them; these functions
walk the tree of living processes. On other systems everything here is zero.
"""

import os
from dataclasses import dataclass

__all__ = ["cpu_seconds", "memory_mb", "queued", "waited"]


@dataclass(frozen=True)
class _Task:
    process: int
    number: int
    ready: bool  # running, or waiting for a processor
    used: float  # seconds on a processor
    queued: float  # seconds waiting for one


def _tasks(pid):
    """Every thread of a process and of its living descendants."""
    try:
        entries = list(os.scandir(f"/proc/{pid}/task"))
    except OSError:  # no Linux, or gone in the meantime
        return
    for entry in entries:
        try:
            with open(f"{entry.path}/schedstat") as stream:
                used, queued, _ = stream.read().split()
            with open(f"{entry.path}/stat", "rb") as stream:
                state = stream.read().rpartition(b") ")[2][:1]
            yield _Task(pid, int(entry.name), state == b"R", int(used) / 1e9, int(queued) / 1e9)
            with open(f"{entry.path}/children") as stream:
                children = stream.read().split()
            for child in children:
                yield from _tasks(int(child))
        except (OSError, ValueError):  # this thread is gone; those after it need not be
            continue


def cpu_seconds(pid):
    """The seconds of processor time that its living threads and descendants have used."""
    return sum(task.used for task in _tasks(pid))


def queued(pid):
    """Task number -> the seconds it has ever been ready to run and not running."""
    return {task.number: task.queued for task in _tasks(pid)}


def waited(pid, before):
    """The longest that one task has waited for a processor since `before`, which `queued` gave.

    Zero if it has more ready tasks than there are processors: then they are in each other's way, not somebody else.
    """
    tasks = list(_tasks(pid))
    if not tasks or sum(task.ready for task in tasks) > len(os.sched_getaffinity(0)):
        return 0.0
    return max((task.queued - before.get(task.number, 0.0) for task in tasks), default=0.0)


def memory_mb(pid):
    """Megabytes of memory its processes have written to, together.

    What the system shares between them anyway, the files of libraries, is not in it. What a fork shares until it is
    written to counts once for each process.
    """
    kilobytes = {}
    for task in _tasks(pid):
        if kilobytes.get(task.process):
            continue  # its threads share it; but one that has ended, as the first one may have, knows nothing of it
        try:
            with open(f"/proc/{task.process}/task/{task.number}/status") as stream:
                sizes = dict(line.split(":", 1) for line in stream)
        except OSError:
            continue
        kilobytes[task.process] = sum(int(sizes.get(name, "0").split()[0]) for name in ("RssAnon", "RssShmem"))
    return sum(kilobytes.values()) / 1024
