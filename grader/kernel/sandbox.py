"""The walls around a submission, closed from inside the forked child. No root and no Docker needed.

Layers: resource limits (memory, file size, descriptors), dropped capabilities, no_new_privs, a
parent-death signal, Landlock (an allow-list of files) and seccomp (a deny-list of system calls).
The deadline is kept from outside. `grader doctor` tries each for real.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import os
import resource
import signal
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.kernel.landlock import READ_ONLY, SCRATCH, WRITE, landlock_version, must, restrict

__all__ = ["Plan", "close", "die_with_parent", "drop_capabilities", "prepare", "readable_paths"]

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
CAPABILITY_VERSION_3 = 0x20080522
CLONE_THREAD = 0x10000
CPU_SECONDS = 180  # of all threads: twice and more what one can burn in a submission's time

SYSTEM_PATHS = (
    *("/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/usr/share/fonts"),
    *("/dev/urandom", "/dev/null", "/dev/zero", "/sys/devices/system/cpu"),
)
DENIED = """
    execve execveat fork vfork socket socketpair connect bind listen accept accept4 ptrace
    process_vm_readv process_vm_writev kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo
    pidfd_open pidfd_send_signal pidfd_getfd mount umount2 chroot pivot_root setns unshare bpf
    perf_event_open keyctl add_key request_key io_uring_setup io_uring_enter io_uring_register
    userfaultfd init_module finit_module delete_module kexec_load reboot memfd_create memfd_secret
    setuid setgid setreuid setregid setresuid setresgid setgroups shmget msgget semget mq_open
    name_to_handle_at open_by_handle_at fsopen fsmount move_mount open_tree mount_setattr setpgid
    setsid setpriority sched_setscheduler sched_setattr setrlimit chmod fchmod fchmodat chown fchown
    lchown fchownat setxattr lsetxattr fsetxattr utimensat inotify_init1 fanotify_init quotactl acct
    swapon swapoff sethostname setdomainname syslog settimeofday clock_settime adjtimex
    utime utimes futimesat removexattr lremovexattr fremovexattr sched_setaffinity sched_setparam
    ioprio_set move_pages migrate_pages process_madvise process_mrelease kcmp shmat shmctl semop
    semtimedop semctl msgsnd msgrcv msgctl
""".split()
NEWEST_CALL, LAST_CALL = 452, 511  # fchmodat2, the first call that Landlock does not see, and on
# Calls of which only some arguments are refused: (name, which argument, values).
DENIED_ARGUMENTS = (
    (
        "fcntl",
        1,
        (8, 10, 15),
    ),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal to any process of this user
    ("ioctl", 1, (0x8901, 0x8902, 0x40086602, 0x401C5820)),  # the same, and attributes of files
    ("prctl", 0, (1,)),  # PR_SET_PDEATHSIG: to outlive the parent
)


@dataclass(frozen=True)
class Plan:
    """What the parent works out once, so that closing the sandbox in a child is quick."""

    readable: tuple[str, ...]
    filter_program: bytes
    data_bytes: int  # the parent's own figures: a child may use these plus its budget
    address_bytes: int


def prepare() -> Plan:
    """Compile the filter, find what Python must read, and measure this process.

    Raises:
        OSError: where Landlock or seccomp is not to be had here.
    """
    if not landlock_version():
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    status = dict(
        line.split(":", 1)
        for line in Path("/proc/self/status").read_text().splitlines()
        if ":" in line
    )
    kilobytes = {name: int(status[name].split()[0]) for name in ("VmData", "VmSize")}
    return Plan(
        readable=readable_paths(),
        filter_program=_compile_filter(),
        data_bytes=kilobytes["VmData"] << 10,
        address_bytes=kilobytes["VmSize"] << 10,
    )


def close(plan: Plan, scratch: Path, memory: int) -> None:
    """Close the sandbox around this process; there is no way back.

    Args:
        plan: from `prepare`.
        scratch: the one folder that may be written.
        memory: bytes that may be taken on top of what the parent had.

    Raises:
        OSError: where a layer cannot be put in place; the submission must then not run.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    die_with_parent()
    _limit_resources(plan, memory)
    drop_capabilities(libc)
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    restrict(_rules(plan.readable, scratch), tcp=False)
    _load_filter(libc, plan.filter_program)


def die_with_parent(by: signal.Signals = signal.SIGKILL) -> None:
    """Let the kernel end this process when the one that forked it ends; on Linux alone.

    Raises:
        OSError: where the kernel refuses.
    """
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        must(libc.prctl(PR_SET_PDEATHSIG, int(by), 0, 0, 0), "parent-death signal")


def readable_paths() -> tuple[str, ...]:
    """The Python prefixes and system libraries; never a folder that holds this repository."""
    prefixes = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *SYSTEM_PATHS}
    prefixes |= {str(Path(sys.executable).resolve().parent.parent)}
    real = {os.path.realpath(path) for path in prefixes if Path(path).exists()}
    repository = os.path.realpath(Path(__file__).parents[2])
    for path in real:
        holds = os.path.commonpath([path, repository]) == path
        if holds and Path(repository, "solutions").is_dir():
            raise OSError(errno.EPERM, f"{path} must be readable and holds the solutions")
    return tuple(sorted(real))


def _limit_resources(plan: Plan, memory: int) -> None:
    """Nothing bounds root's threads here: see `grader.kernel.appetite`."""
    for which, limit in (
        (resource.RLIMIT_DATA, plan.data_bytes + memory),
        (resource.RLIMIT_AS, plan.address_bytes + memory),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 16 << 20),  # with the next: what unlinked files can hide
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(which)  # a lower one, set by whoever started us, stays
        lower = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(which, (lower, lower))


def drop_capabilities(libc: ctypes.CDLL) -> None:
    """Give up what root may do: some of it goes past Landlock, to other processes' secrets.

    Raises:
        OSError: where that is refused.
    """
    if os.geteuid() == 0:
        for capability in range(64):
            if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                break
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    must(libc.capset(header, b"\0" * 24), "dropping capabilities")


def _rules(readable: Iterable[str], scratch: Path) -> Iterator[tuple[str, int]]:
    """What Landlock leaves open: what Python reads, the scratch folder, and /dev/null."""
    for path in readable:
        yield path, READ_ONLY | WRITE if path == os.devnull else READ_ONLY
    yield str(scratch), SCRATCH


def _compile_filter() -> bytes:
    """The seccomp program, compiled by libseccomp in the parent and only loaded in children."""
    seccomp = importlib.import_module("pyseccomp")
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse = seccomp.ERRNO(errno.EPERM)
    for name in DENIED:
        rules.add_rule(refuse, name)
    # glibc falls back from clone3 to clone, whose flags a filter can see: threads only.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    # Reading a limit is harmless; a third argument would set one.
    rules.add_rule(refuse, "prlimit64", seccomp.Arg(2, seccomp.NE, 0))
    for name, position, values in DENIED_ARGUMENTS:
        for value in values:
            # Only the lower half counts: the kernel cuts these arguments to 32 bits.
            match = seccomp.Arg(position, seccomp.MASKED_EQ, 0xFFFFFFFF, value)
            rules.add_rule(refuse, name, match)
    for number in range(NEWEST_CALL, LAST_CALL + 1):
        rules.add_rule(seccomp.ERRNO(errno.ENOSYS), number)
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _load_filter(libc: ctypes.CDLL, program: bytes) -> None:
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(instructions))
    must(libc.prctl(PR_SET_SECCOMP, 2, header, 0, 0), "seccomp")
