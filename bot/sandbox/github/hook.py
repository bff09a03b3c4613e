"""Copied into a repository's hooks: asks the sandbox whether a push may happen, or tells it that it did.

Runs inside git with standard Python only, and with few imports, since every push waits for it twice. The address to ask
stands in door.json beside it.
"""

import json
import os
import socket
import subprocess
import sys

ZERO = "0" * 40


def update(before: str, after: str, ref: str) -> dict[str, object]:
    """One ref's move. Looked at here, since before the push is accepted only git itself sees the new objects."""
    forced, paths = False, []
    if ZERO not in (before, after):
        forced = subprocess.call(["git", "merge-base", "--is-ancestor", before, after]) != 0
        named = subprocess.run(["git", "diff", "--name-only", "--no-renames", before, after], stdout=subprocess.PIPE)
        paths = named.stdout.decode().splitlines()
    return {"before": before, "after": after, "ref": ref, "forced": forced, "paths": paths}


def post(host: str, port: int, path: str, body: bytes) -> bytes:
    """The answer's body, by plain HTTP/1.0."""
    with socket.create_connection((host, port), timeout=30) as connection:
        head = f"POST {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        with connection.makefile("rb") as answer:
            return answer.read().partition(b"\r\n\r\n")[2]


def ask(moment: str) -> list[str]:
    """The lines the sandbox refuses with; none when the push may go on."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "door.json")) as file:
        door = json.load(file)
    updates = [update(*line.split()) for line in sys.stdin]
    body = {"repository": door["repository"], "login": os.environ.get("SANDBOX_LOGIN", ""), "updates": updates}
    try:
        said = json.loads(post(door["host"], door["port"], f"/_hooks/{moment}", json.dumps(body).encode()))
    except (OSError, ValueError) as problem:
        return [f"error: Internal Server Error: {problem}"]
    return [str(line) for line in said["refused"]]


if __name__ == "__main__":
    refused = ask(sys.argv[1])
    sys.stderr.write("".join(f"{line}\n" for line in refused))
    sys.exit(1 if refused else 0)
