"""A seccomp filter: system calls a notebook never needs and an attacker does.

The namespaces already take away files, network and other processes. This takes away what they leave: sockets of
families that no network namespace covers (vsock reaches the hypervisor), memory that no limit counts, new namespaces,
tracing, and the parts of the kernel where the bugs are. Refused calls fail with EPERM; clone3, whose flags a filter
cannot see, with ENOSYS, so that the C library falls back to clone, and so do calls that are newer than the table.

Memory that no limit counts is what stays when nobody maps it any more: System V shared memory, memfd, shared
anonymous memory of which all but a page is unmapped again, pages moved into a pipe (a byte of each keeps 2 MB), and
tables the kernel makes on request; and memory mapped like a stack is no data to the limit on data. Waiting for the disk
cannot be interrupted, and there is nothing to write to it: calls that ask for that are told it is done. Nobody can make
himself wait for a processor, because `process` gives more time to those who must.

Written as classic BPF by hand, because that is 60 lines and a dependency is more. Numbers: Linux's arch/*/syscalls
tables.
"""

import errno
import platform
import struct

__all__ = ["program"]

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NUMBERS = {  # name: (x86_64, aarch64), None where there is no such call
    "acct": (163, 89), "add_key": (248, 217), "bpf": (321, 280), "chroot": (161, 51), "fanotify_init": (300, 262),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433),
    "init_module": (175, 105), "finit_module": (313, 273), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "kcmp": (312, 272), "kexec_load": (246, 104),
    "keyctl": (250, 219), "memfd_create": (319, 279), "memfd_secret": (447, 447), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "mq_open": (240, 180), "msgget": (68, 186),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "perf_event_open": (298, 241),
    "personality": (135, 92), "pivot_root": (155, 41), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60), "reboot": (169, 142),
    "request_key": (249, 218), "semget": (64, 190), "setns": (308, 268), "shmget": (29, 194), "socket": (41, 198),
    "swapon": (167, 224), "syslog": (103, 116), "umount2": (166, 39), "unshare": (272, 97),
    "userfaultfd": (323, 282), "cachestat": (451, 451), "inotify_init": (253, None), "inotify_init1": (294, 26),
    "io_setup": (206, 0), "listmount": (458, 458), "modify_ldt": (154, None), "open_tree_attr": (467, 467),
    "pidfd_getfd": (438, 438), "quotactl_fd": (443, 443), "statmount": (457, 457), "splice": (275, 76),
    "tee": (276, 77), "vmsplice": (278, 75), "landlock_create_ruleset": (444, 444), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274),
}  # fmt: skip
_DONE = {  # answered with success, and not done
    "sync": (162, 81), "syncfs": (306, 267), "fsync": (74, 82), "fdatasync": (75, 83), "msync": (26, 227),
    "sync_file_range": (277, 84), "fadvise64": (221, 223),
}  # fmt: skip
_CLONE3 = 435
_NOT_KNOWN = 470  # the first number that was still free when this was written
_X32 = 0x40000000

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _AND, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_REFUSE = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_MAP_HUGETLB, _MAP_GROWSDOWN, _MAP_SHARED_ANONYMOUS = 0x40000, 0x100, 0x21
_F_NOTIFY = 1026  # tells when somebody, on the host too, reads a file in a folder
_AF_UNIX = 1
_SCHED_CORE, _MEMORY_MERGE, _FUTEX_HASH = 62, 67, 78  # empties other cores, compares memory, takes 1 GB of it
_ARGUMENTS = [  # (numbers, which argument, what of it is refused)
    ((56, 220), 0, [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), _REFUSE]),  # clone
    ((53, 199), 0, [(_EQUAL, 1, 0, _AF_UNIX), _REFUSE]),  # socketpair
    ((72, 25), 1, [(_EQUAL, 0, 1, _F_NOTIFY), _REFUSE]),  # fcntl
    (
        (157, 167),  # prctl
        0,
        [word for option in (_SCHED_CORE, _MEMORY_MERGE, _FUTEX_HASH) for word in ((_EQUAL, 0, 1, option), _REFUSE)],
    ),
    (
        (9, 222),  # mmap
        3,
        [
            *((_ANY_BIT, 0, 1, _MAP_HUGETLB | _MAP_GROWSDOWN), _REFUSE),
            *((_AND, 0, 0, _MAP_SHARED_ANONYMOUS), (_EQUAL, 0, 1, _MAP_SHARED_ANONYMOUS), _REFUSE),
        ],
    ),
]


def program(machine=None):
    """The filter for `bwrap --seccomp`, or None for a processor there is no table for.

    Returns
    -------
    bytes or None
        An array of ``struct sock_filter``.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        return None
    column = list(_ARCHITECTURES).index(machine)
    allow = (_RETURN, 0, 0, _ALLOW)
    code = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if machine == "x86_64":  # the x32 calls, numbered from here, would go round the table
        code += [(_AT_LEAST, 0, 1, _X32), _REFUSE]
    code += [(_AT_LEAST, 1, 0, _NOT_KNOWN), (_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    for table, answer in ((_NUMBERS, _REFUSE), (_DONE, (_RETURN, 0, 0, _ERRNO | 0))):
        for number in sorted(numbers[column] for numbers in table.values() if numbers[column] is not None):
            code += [(_EQUAL, 0, 1, number), answer]
    for numbers, argument, refused in _ARGUMENTS:
        body = [(_LOAD, 0, 0, 16 + 8 * argument), *refused, allow]  # its lower half: no call looks at the other
        code += [(_EQUAL, 0, len(body), numbers[column]), *body]
    code.append(allow)
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
