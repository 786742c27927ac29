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
import stat
import subprocess
import sys
import sysconfig
import time
from dataclasses import asdict
from math import ceil
from pathlib import Path

from coursekit.grading import seccomp
from coursekit.grading.packages import package_files
from coursekit.grading.process import StartError, launch
from coursekit.grading.warm import Template

__all__ = ["Sandbox", "SandboxUnavailable", "Unconfined", "require_sandbox"]

HERE = Path(__file__).parent
WORKER_FILES = ("template.py", "worker.py", "standins.py", "wire.py")
# What a template loads for a package that the assignment allows: also what the package itself loads when first used.
PRELOADED = {
    "numpy": ["numpy", "numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.random", "numpy.testing"],
    "torch": ["torch", "torch._dynamo"],
}
TEMPLATE_RIGHTS = ("CAP_SYS_ADMIN", "CAP_SETPCAP")  # in the sandbox's namespaces: to make others, and to give these up
OVERHEAD = {"worker.py": 1, "template.py": 3}  # processes in the sandbox beside the student's
FILE_MB = 64
FILES = 64
PAUSES = (0.2, 1.0)  # seconds, before a sandbox that did not start is tried again
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)  # same result everywhere
MAX_FILES_IN_TMP = 4096
PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH; "
OWN_MOUNTS = ["--user", "--map-root-user", "--mount", "--propagation", "private"]
STAGES = ("/mnt", "/media", "/srv", "/opt")  # exists everywhere, and is only covered in a namespace of our own
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
        self.warm = warm
        self.template = None  # started when first needed, and again when it has been killed
        self.proven = False  # whether a worker has ever been forked here
        self.preload = [module for name, modules in PRELOADED.items() if name in packages for module in modules]
        self.binds = [(HERE / name, f"/worker/{name}") for name in WORKER_FILES]
        self.binds += [(path, f"/packages/{top}") for top, path in package_files(packages).items()]
        self.arguments = _filesystem(self.binds)
        self.filter = seccomp.program()
        self.stage = None if os.geteuid() == 0 else _stage_of_an_ordinary_user(self.arguments)

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
        limits = limits_of(self.limits, OVERHEAD[script])
        options = {"path": ["/packages"], "output_kb": self.limits.output_kb, "limits": limits}
        if warm:
            program = base64.b64encode(self.filter or b"").decode()
            options |= {"preload": self.preload, "tmp": _tmp_options(), "filter": program}
        python = ["/python/bin/python3", "-I", "-S", "-B", "-X", "utf8", f"/worker/{script}", json.dumps(options)]
        python += ["CONTROL"] if warm else []
        first_to_go = FIRST_TO_GO.format(900 if warm else 1000)
        if os.geteuid() == 0:
            return _as_nobody(bwrap, self.arguments, python, first_to_go)
        script, private = [first_to_go, 'exec "$@"'], []
        tmp = ["--size", str(FILE_MB * 2**20), "--tmpfs", "/tmp"]
        if self.stage and not warm:  # bwrap cannot bound the number of files in a tmpfs: it gets one that is
            private = [shutil.which("unshare"), *OWN_MOUNTS]
            script.insert(0, f"mount -t tmpfs -o {_tmp_options()} coursekit {self.stage}")
            tmp = ["--bind", self.stage, "/tmp"]
        inside = [*bwrap, *self.arguments, *tmp, "--remount-ro", "/", "--chdir", "/tmp", "--", *python]
        return [*private, shutil.which("sh"), "-c", PATH + " && ".join(script), "sandbox", *inside]


class Unconfined:
    """Starts workers with no sandbox at all: on the student's own machine, or where the instructor insisted.

    Parameters
    ----------
    limits : assignment.Limits
    folder : path
        Where the notebook's relative paths begin.
    bounded : bool
        Apply the limits on memory, CPU and files where the system has them.
    """

    def __init__(self, limits, folder, bounded=False):
        options = {"path": [], "output_kb": limits.output_kb, "limits": limits_of(limits, 0) if bounded else None}
        if bounded:
            options["limits"]["processes"] = None  # it would count every process of this user
        self.command = [sys.executable, "-B", "-X", "utf8", "-P", str(HERE / "worker.py"), json.dumps(options)]
        self.folder = folder
        self.memory_mb = limits.memory_mb if bounded else None

    def start(self):
        """Start a worker; a `process.Child`."""
        environment = os.environ | ONE_THREAD | {"MPLBACKEND": "Agg"}
        return launch(self.command, self.memory_mb, env=environment, cwd=self.folder)


def limits_of(limits, overhead):
    """The resource limits `worker.set_limits` sets; `overhead` is how many processes there are beside the student's."""
    limits = asdict(limits)
    return {
        "memory_mb": limits["memory_mb"],
        "cpu_seconds": ceil(limits["total_seconds"]) + 1,
        "processes": limits["processes"] + overhead,
        "file_mb": FILE_MB,
        "files": FILES,
    }


def _filesystem(binds):
    """What the sandbox sees, as arguments of bwrap, except /tmp."""
    arguments = []
    for source, target in [*_python(), *_libraries(), *binds]:
        arguments += ["--ro-bind", str(source), target]
    for path in ("/lib", "/lib64"):
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
    masked = {"/python/lib/" + name for name in (f"{_version()}/site-packages", f"{_version()}/dist-packages")}
    for target in sorted(masked):
        if (Path(sysconfig.get_path("stdlib")) / Path(target).name).is_dir():
            arguments += ["--tmpfs", target, "--remount-ro", target]
    for device in ("/dev/null", "/dev/urandom"):  # no zero: a mapping of it is memory that no limit counts
        arguments += ["--dev-bind", device, device]
    return arguments


def _version():
    return f"python{sys.version_info[0]}.{sys.version_info[1]}"


def _python():
    """The interpreter and its standard library, at /python; not the environment around it."""
    executable = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    yield executable, "/python/bin/python3"
    standard = sysconfig.get_path("stdlib")
    if sys.base_prefix == "/usr":
        yield standard, "/python/" + os.path.relpath(standard, sys.base_prefix)
    else:  # its own prefix: libpython and whatever else came with it
        yield os.path.dirname(standard), "/python/lib"


def _libraries():
    """The system's shared libraries."""
    if os.path.exists("/etc/ld.so.cache"):
        yield "/etc/ld.so.cache", "/etc/ld.so.cache"
    multiarch = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"
    for path in (multiarch, "/usr/lib64", *([] if os.path.isdir(multiarch) else ["/usr/lib"])):
        if os.path.isdir(path) and not os.path.islink(path):
            yield path, path
    for path in ("/lib", "/lib64"):
        if os.path.isdir(path) and not os.path.islink(path):
            yield path, path


def _tmp_options():
    return f"size={FILE_MB}m,nr_inodes={MAX_FILES_IN_TMP},mode=700"


def _sources(arguments):
    return [arguments[i + 1] for i, word in enumerate(arguments) if word == "--ro-bind"]


def _free_stage(arguments):
    """A folder that can be covered because nothing the sandbox needs is in it, or None."""
    sources = _sources(arguments)
    free = (place for place in STAGES if os.path.isdir(place) and not any(s.startswith(place + "/") for s in sources))
    return next(free, None)


def _stage_of_an_ordinary_user(arguments):
    """Where one who is not root can mount a /tmp for the sandbox; None where bwrap may make namespaces and he may not.

    Then the number of files in the sandbox's /tmp has no limit of its own, only their size.
    """
    stage, unshare = _free_stage(arguments), shutil.which("unshare")
    if stage is None or unshare is None:
        return None
    command = [unshare, *OWN_MOUNTS, "mount", "-t", "tmpfs", "-o", _tmp_options(), "coursekit", stage]
    tried = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return stage if tried.returncode == 0 else None


def _as_nobody(bwrap, arguments, python, first_to_go):
    """The command of a root who gives up being root: private mounts, then another user, then bwrap."""
    user = str(_spare_user())
    sources, stage = _sources(arguments), _free_stage(arguments)
    if stage is None:
        raise SandboxUnavailable(
            f"grading as root needs one of the folders {', '.join(STAGES)}, not in use: mkdir /mnt"
        )
    roots = sorted({root for source in sources if (root := _hidden_root(source))})
    script = [
        f"mount -t tmpfs -o size=1m,mode=755 coursekit {stage}",
        f"mkdir {stage}/tmp",
        f"mount -t tmpfs -o {_tmp_options()},uid={user},gid={user} coursekit {stage}/tmp",
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


def _hidden_root(path):
    """The part of a path below the last folder that other users may not enter; None if there is no such folder."""
    parts = Path(os.path.realpath(path)).parts
    hidden = None
    for depth in range(1, len(parts)):
        if not os.stat(os.path.join(*parts[:depth])).st_mode & stat.S_IXOTH:
            hidden = os.path.join(*parts[: depth + 1])
    return hidden
