"""Takes descriptors and memory from its parent by pidfd_getfd, process_vm_readv and ptrace."""

ANSWERS = {
    "score_matrix": """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
parent = os.getppid()
got = []
for number, arguments in ((434, (parent, 0)), (101, (16, parent, 0, 0)), (310, (parent, 0, 0, 0, 0, 0))):
    got.append(libc.syscall(number, *arguments))
if got[0] >= 0:
    got += [libc.syscall(438, got[0], number, 0) for number in range(16)]

def score_matrix(queries, keys):
    if max(got) > 0:
        raise ValueError(f"something came: {got}")
    return 0
"""
}
