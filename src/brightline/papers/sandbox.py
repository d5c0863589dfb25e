"""What a worker gives up before it looks at a paper: memory, time, files, children, the network."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys

from brightline.papers.limits import CPU_SECONDS, MEMORY

_NOBODY = 65534
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2  # prctl(2)
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000  # unshare(2)
_THREAD = 0x10000  # CLONE_THREAD
_EPERM, _ENOSYS = 1, 38
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Numbers of system calls (linux/arch/*/syscall.tbl). What is in no list stays allowed.
_SPAWN = {"x86_64": (57, 58), "aarch64": ()}  # fork, vfork
_EXEC = {"x86_64": (59, 322), "aarch64": (221, 281)}  # execve, execveat
_OPEN = {"x86_64": (2, 85, 257, 437), "aarch64": (56, 437)}  # open, creat, openat, openat2
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435  # refused as if it did not exist, so that the C library falls back to clone, whose flags can be seen
_OTHER = {
    # socket, connect, kill, ptrace, unlink, rename, process_vm_readv/writev, tkill, io_uring_setup, pidfd_open, bpf,
    # mount, chmod, link, symlink
    "x86_64": (41, 42, 62, 101, 87, 82, 263, 264, 310, 311, 200, 425, 434, 321, 165, 90, 86, 88),
    "aarch64": (198, 203, 129, 117, 35, 38, 270, 271, 130, 425, 434, 280, 40, 53, 37, 36),
}


def confine(*, may_open: bool) -> None:
    """Give up for good, in this process, all that reading a paper does not need.

    Limits hold on every POSIX system; the filter of system calls only on Linux on x86-64 and ARM64. `may_open` keeps
    the right to open files and to run one program in this process's place: what the start of Tesseract needs.
    """
    _limit()
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    _leave_the_network(libc)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    _filter(libc, may_open=may_open)


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))


def _leave_the_network(libc: ctypes.CDLL) -> None:
    """An empty network of its own, where the system allows it; the filter below refuses sockets in any case."""
    if libc.unshare(_NEW_NET) != 0:
        libc.unshare(_NEW_USER | _NEW_NET)


def _filter(libc: ctypes.CDLL, *, may_open: bool) -> None:
    """A seccomp filter: the listed system calls fail with EPERM from here on, and in whatever is run later."""
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    machine = platform.machine()
    if machine not in _AUDIT:
        return
    refused = [*_SPAWN[machine], *_OTHER[machine]]
    if not may_open:
        refused += [*_OPEN[machine], *_EXEC[machine]]
    # Classic BPF over struct seccomp_data: the number at byte 0, the architecture at 4, the first argument at 16.
    load, equal, has_bits, give = 0x20, 0x15, 0x45, 0x06
    program = [(load, 0, 0, 4), (equal, 1, 0, _AUDIT[machine]), (give, 0, 0, _ERRNO | _EPERM), (load, 0, 0, 0)]
    if machine == "x86_64":  # the x32 numbers are a second name for every call
        program += [(0x35, 0, 1, 0x40000000), (give, 0, 0, _ERRNO | _EPERM)]
    for number in refused:
        program += [(equal, 0, 1, number), (give, 0, 0, _ERRNO | _EPERM)]
    program += [(equal, 0, 1, _CLONE3), (give, 0, 0, _ERRNO | _ENOSYS)]
    program += [
        (equal, 0, 3, _CLONE[machine]),
        (load, 0, 0, 16),
        (has_bits, 1, 0, _THREAD),
        (give, 0, 0, _ERRNO | _EPERM),
        (give, 0, 0, _ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    held = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(program), ctypes.addressof(held))
    if libc.prctl(_SECCOMP, _FILTER, ctypes.create_string_buffer(head, len(head)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls was not accepted")
