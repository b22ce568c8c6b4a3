"""Opens sockets to this machine: TCP, UDP, Unix and abstract."""

ANSWERS = {
    "score_matrix": """
import socket

reached = []
for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 22)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 9)),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\\0attend"),
):
    try:
        one = socket.socket(family, kind)
        one.settimeout(0.2)
        reached.append(one.connect_ex(address))
    except OSError:
        pass

def score_matrix(queries, keys):
    if reached:
        raise ValueError(f"sockets open: {reached}")
    return 0
"""
}
