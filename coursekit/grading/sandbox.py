"""The box a student's notebook runs in: bubblewrap, with nothing in it but Python and the allowed packages.

A student's process is a fork of one that is warm (`template`), in namespaces of its own inside the sandbox; where the
kernel does not allow that, every submission gets a sandbox started for it alone, which takes ten times as long.

Inside there is no network, no other process, no file of the host but the interpreter, the C libraries and the allowed
packages, all read-only; no environment; a small private /tmp. A seccomp filter and resource limits (set by `worker`
before any cell, inside the sandbox's own user namespace so that the process limit counts only this submission) do the
rest. The whole process namespace dies with bwrap, and bwrap with the process that started it.

Started by root, plain bwrap would leave root's capabilities in reach, so root is given up first, for a user number of
its own per grading process. That user cannot read an interpreter which lives under /root: in a private mount
namespace, such places are first bound to where it can.
"""

import base64
import json
import os
import shutil
import sys
import time
from dataclasses import asdict
from math import ceil
from pathlib import Path

from coursekit.grading import seccomp
from coursekit.grading.mounts import (
    DEVICES,
    FILE_MB,
    OWN_MOUNTS,
    STAGES,
    filesystem,
    free_stage,
    hidden_root,
    sources_of,
    stage_of_an_ordinary_user,
    tmp_options,
)
from coursekit.grading.packages import package_files
from coursekit.grading.process import StartError, launch
from coursekit.grading.warm import Template

__all__ = ["Sandbox", "SandboxUnavailable", "Unconfined", "require_sandbox"]

HERE = Path(__file__).parent
WORKER_FILES = ("template.py", "worker.py", "standins.py", "wire.py", "wire_codec.py", "wire_format.py")
# What a template loads for a package that the assignment allows: also what the package itself loads when first used.
PRELOADED = {
    "numpy": ["numpy", "numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.random", "numpy.testing"],
    "torch": ["torch", "torch._dynamo"],
    "coursekit.data": ["coursekit.data"],
    "coursekit.nets": ["coursekit.nets"],
}
# Address space that the files of a package take on top of a submission's memory; libraries for GPUs are large.
LIBRARIES_MB = {"torch": 8000}
TEMPLATE_RIGHTS = ("CAP_SYS_ADMIN", "CAP_SETPCAP")  # in the sandbox's namespaces: to make others, and to give these up
OVERHEAD = {"worker.py": 1, "template.py": 3}  # processes in the sandbox beside the student's
FILES = 64
PAUSES = (0.2, 1.0)  # seconds, before a sandbox that did not start is tried again
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)  # same result everywhere
PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH; "
# When the machine runs out of memory, the kernel shall take a submission before anything else (1000: `warm` says so of
# a fork), and then a template. Anybody may say so of himself, and only root can take it back.
FIRST_TO_GO = "{{ echo {} 2>/dev/null >/proc/self/oom_score_adj || true; }}"
INSTALL = "sudo apt-get install bubblewrap util-linux"


class SandboxUnavailable(RuntimeError):
    """No sandbox can be had here; the message says what to do."""


def require_sandbox():
    """Check that the tools are there.

    Raises
    ------
    SandboxUnavailable
        With the one line that installs them.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(
            f"grading needs Linux for its sandbox, and this is {sys.platform}: grade on Linux, or in a container"
        )
    needed = ["bwrap", "sh"] + (["unshare", "setpriv", "mount"] if os.geteuid() == 0 else [])
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        raise SandboxUnavailable(f"grading needs {' and '.join(missing)}: {INSTALL}")


class Sandbox:
    """Starts workers in a sandbox.

    Parameters
    ----------
    packages : iterable of str
        What a notebook may import beside the standard library.
    limits : assignment.Limits
    warm : bool
        Fork workers from a warm process, if that works here; False starts a sandbox for each.
    """

    def __init__(self, packages, limits, warm=True):
        require_sandbox()
        self.limits = limits
        self.packages = tuple(packages)
        self.warm = warm
        self.template = None  # started when first needed, and again when it has been killed
        self.proven = False  # whether a worker has ever been forked here
        self.preload = [each for name, modules in PRELOADED.items() if name in self.packages for each in modules]
        self.binds = [(HERE / name, f"/worker/{name}") for name in WORKER_FILES]
        self.binds += [(path, f"/packages/{top}") for top, path in package_files(self.packages).items()]
        self.arguments = filesystem(self.binds)
        self.filter = seccomp.program()
        self.stage = None if os.geteuid() == 0 else stage_of_an_ordinary_user(self.arguments)

    def start(self):
        """Start a worker in a place where nobody was before; a `process.Child`, ready to run cells.

        Raises
        ------
        process.StartError
            If it does not start even after a pause or two: a machine may be out of memory or processes for a moment.
        """
        for seconds in PAUSES:
            try:
                return self._start()
            except StartError:
                time.sleep(seconds)
        return self._start()

    def _start(self):
        if self.warm:
            try:
                self.template = self.template or self._launch(Template, "template.py")
                child = self.template.start()
                self.proven = True
                return child
            except StartError:
                self.close()
                if self.proven:
                    raise  # somebody killed the template: the next try makes a new one
                self.warm = False
        return self._launch(launch, "worker.py")

    def _launch(self, start, script):
        passed, command = [], self.command(script)
        if "SECCOMP" in command:
            filter_out, filter_in = os.pipe()
            os.write(filter_in, self.filter)
            os.close(filter_in)
            passed.append(filter_out)
            command = [str(filter_out) if word == "SECCOMP" else word for word in command]
        try:
            return start(command, self.limits.memory_mb, env={}, cwd="/", pass_fds=passed)
        finally:
            for descriptor in passed:
                os.close(descriptor)

    def close(self):
        """End the warm process, if there is one."""
        if self.template is not None:
            self.template.close()
            self.template = None

    def command(self, script="worker.py"):
        """The command line; SECCOMP and CONTROL stand for the descriptors of the filter and of the line to a template.

        A template sets the filter for the workers it forks: with it, it could not make namespaces for them.
        """
        warm = script == "template.py"
        bwrap = [shutil.which("bwrap"), "--unshare-all", "--unshare-user", "--cap-drop", "ALL", "--die-with-parent"]
        bwrap += ["--new-session", "--clearenv", "--hostname", "sandbox", "--uid", "1000", "--gid", "1000"]
        for right in TEMPLATE_RIGHTS if warm else ():
            bwrap += ["--cap-add", right]
        bwrap += ["--seccomp", "SECCOMP"] if self.filter and not warm else []
        environment = {
            "HOME": "/tmp",
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": "/python/lib",
            "MPLCONFIGDIR": "/tmp",
        } | ONE_THREAD
        for name, value in environment.items():
            bwrap += ["--setenv", name, value]
        limits = limits_of(self.limits, OVERHEAD[script], self.packages)
        options = {"path": ["/packages"], "output_kb": self.limits.output_kb, "limits": limits}
        if warm:
            program = base64.b64encode(self.filter or b"").decode()
            options |= {"preload": self.preload, "tmp": tmp_options(), "devices": DEVICES, "filter": program}
        python = ["/python/bin/python3", "-I", "-S", "-B", "-X", "utf8", f"/worker/{script}", json.dumps(options)]
        python += ["CONTROL"] if warm else []
        first_to_go = FIRST_TO_GO.format(900 if warm else 1000)
        if os.geteuid() == 0:
            return _as_nobody(bwrap, self.arguments, python, first_to_go)
        steps, private = [first_to_go, 'exec "$@"'], []
        tmp = ["--size", str(FILE_MB * 2**20), "--tmpfs", "/tmp"]
        if self.stage and not warm:  # bwrap cannot bound the number of files in a tmpfs: it gets one that is
            private = [shutil.which("unshare"), *OWN_MOUNTS]
            steps.insert(0, f"mount -t tmpfs -o {tmp_options()} coursekit {self.stage}")
            tmp = ["--bind", self.stage, "/tmp"]
        inside = [*bwrap, *self.arguments, *tmp, "--remount-ro", "/", "--chdir", "/tmp", "--", *python]
        return [*private, shutil.which("sh"), "-c", PATH + " && ".join(steps), "sandbox", *inside]


class Unconfined:
    """Starts workers with no sandbox at all: on the student's own machine, or where the instructor insisted.

    Parameters
    ----------
    limits : assignment.Limits
    folder : path
        Where the notebook's relative paths begin.
    bounded : bool
        Apply the limits on memory, CPU and files where the system has them.
    packages : iterable of str
        What a notebook may import; here it can import the others, too.
    """

    def __init__(self, limits, folder, bounded=False, packages=()):
        options = {"path": [], "output_kb": limits.output_kb, "limits": None}
        if bounded:  # the number of processes would be that of all this user has
            options["limits"] = limits_of(limits, 0, packages) | {"processes": None}
        self.command = [sys.executable, "-B", "-X", "utf8", "-P", str(HERE / "worker.py"), json.dumps(options)]
        self.folder = folder
        self.memory_mb = limits.memory_mb if bounded else None

    def start(self):
        """Start a worker; a `process.Child`."""
        environment = os.environ | ONE_THREAD | {"MPLBACKEND": "Agg"}
        return launch(self.command, self.memory_mb, env=environment, cwd=self.folder)


def limits_of(limits, overhead, packages):
    """The resource limits `worker.set_limits` sets; `overhead` is how many processes there are beside the student's."""
    limits = asdict(limits)
    return {
        "memory_mb": limits["memory_mb"],
        "libraries_mb": sum(LIBRARIES_MB.get(name, 0) for name in packages),
        "cpu_seconds": ceil(limits["total_seconds"]) + 1,
        "processes": limits["processes"] + overhead,
        "file_mb": FILE_MB,
        "files": FILES,
    }


def _as_nobody(bwrap, arguments, python, first_to_go):
    """The command of a root who gives up being root: private mounts, then another user, then bwrap."""
    user = str(_spare_user())
    sources, stage = sources_of(arguments), free_stage(arguments)
    if stage is None:
        raise SandboxUnavailable(
            f"grading as root needs one of the folders {', '.join(STAGES)}, not in use: mkdir /mnt"
        )
    roots = sorted({root for source in sources if (root := hidden_root(source))})
    script = [
        f"mount -t tmpfs -o size=1m,mode=755 coursekit {stage}",
        f"mkdir {stage}/tmp",
        f"mount -t tmpfs -o {tmp_options()},uid={user},gid={user} coursekit {stage}/tmp",
    ]
    for number, root in enumerate(roots):
        script += [
            f"{'mkdir' if os.path.isdir(root) else 'touch'} {stage}/{number}",
            f'mount --bind "${{{number + 1}}}" {stage}/{number}',
        ]
    script += [f"shift {len(roots)}", first_to_go, 'exec "$@"']
    for number, root in enumerate(roots):
        arguments = [
            f"{stage}/{number}{word[len(root) :]}" if word == root or word.startswith(root + "/") else word
            for word in arguments
        ]
    drop = [shutil.which("setpriv"), "--reuid", user, "--regid", user, "--clear-groups"]
    drop += ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    tmp = ["--bind", f"{stage}/tmp", "/tmp"]
    inside = [*bwrap, *arguments, *tmp, "--remount-ro", "/", "--chdir", "/tmp", "--", *python]
    private = [shutil.which("unshare"), "--mount", "--propagation", "private"]
    return [*private, shutil.which("sh"), "-c", PATH + " && ".join(script), "sandbox", *roots, *drop, *inside]


def _spare_user():
    """A user number nobody has, different for every grading process, so that their limits do not add up."""
    with open("/proc/self/uid_map") as stream:
        mapped = sum(int(line.split()[2]) for line in stream)
    return 0x60000000 + os.getpid() if mapped > 2**31 else 65534
