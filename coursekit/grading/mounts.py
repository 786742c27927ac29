"""What a sandbox sees of the machine: which files are bound where, and what /tmp is made of."""

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

__all__ = [
    *("DEVICES", "FILE_MB", "OWN_MOUNTS", "STAGES"),
    *("filesystem", "free_stage", "hidden_root", "sources_of", "stage_of_an_ordinary_user", "tmp_options"),
]

DEVICES = ("/dev/null", "/dev/urandom")  # no zero: a mapping of it is memory that no limit counts
FILE_MB = 64
MAX_FILES_IN_TMP = 4096
OWN_MOUNTS = ["--user", "--map-root-user", "--mount", "--propagation", "private"]
STAGES = ("/mnt", "/media", "/srv", "/opt")  # exists everywhere, and is only covered in a namespace of our own


def filesystem(binds):
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
    for device in DEVICES:
        # Without --remount-ro: bwrap would forbid to open it as well. So its dates can be changed, except in a fork.
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


def tmp_options():
    return f"size={FILE_MB}m,nr_inodes={MAX_FILES_IN_TMP},mode=700"


def sources_of(arguments):
    return [arguments[i + 1] for i, word in enumerate(arguments) if word == "--ro-bind"]


def free_stage(arguments):
    """A folder that can be covered because nothing the sandbox needs is in it, or None."""
    sources = sources_of(arguments)
    free = (place for place in STAGES if os.path.isdir(place) and not any(s.startswith(place + "/") for s in sources))
    return next(free, None)


def stage_of_an_ordinary_user(arguments):
    """Where one who is not root can mount a /tmp for the sandbox; None where bwrap may make namespaces and he may not.

    Then the number of files in the sandbox's /tmp has no limit of its own, only their size.
    """
    stage, unshare = free_stage(arguments), shutil.which("unshare")
    if stage is None or unshare is None:
        return None
    command = [unshare, *OWN_MOUNTS, "mount", "-t", "tmpfs", "-o", tmp_options(), "coursekit", stage]
    tried = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return stage if tried.returncode == 0 else None


def hidden_root(path):
    """The part of a path below the last folder that other users may not enter; None if there is no such folder."""
    parts = Path(os.path.realpath(path)).parts
    hidden = None
    for depth in range(1, len(parts)):
        if not os.stat(os.path.join(*parts[:depth])).st_mode & stat.S_IXOTH:
            hidden = os.path.join(*parts[: depth + 1])
    return hidden
