"""`make bench`: what Slipway costs beyond Bolt itself, as ratios in one run, with 100,000 releases stored.

One server process serves a bare Bolt app that only acks, and the bot; they are loaded in turns by another process, so
that what else this machine does falls on both. Prints a table, and which requirements are met; exit code 1: not all.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.filling import RELEASES_STORED, WAITING, approved, fill
from tests.bench.load import Order

ROOT = Path(__file__).parents[2]
SECRET = "bench-signing-secret"
AT_ONCE = (1, 8, 32)
ROUNDS = 3
SECONDS = 2.0  # of one turn


@dataclass
class Measured:
    """Turns of one kind at one concurrency."""

    rates: list[float] = field(default_factory=list)  # requests a second, by turn
    took: list[float] = field(default_factory=list)  # seconds, by request

    def add(self, seconds: float, took: list[float]) -> None:
        self.rates.append(len(took) / seconds)
        self.took.extend(took)

    @property
    def rate(self) -> float:
        return median(self.rates)

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.took)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def environment(folder: Path, slack: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack}/api/",
        "GITHUB_TOKEN": "bench",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "SOP_FILE": str(ROOT / "sop.yaml"),
        "LOG_LEVEL": "ERROR",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(arguments: list[str], port: int, env: dict[str, str], path: str) -> Iterator[tuple[int, float]]:
    """A process that serves, and how long it took until `path` answered 200; ended afterwards."""
    began = time.perf_counter()
    running = subprocess.Popen([sys.executable, "-m", *arguments], env=env, cwd=ROOT)
    try:
        while not answers(port, path):
            if running.poll() is not None:
                sys.exit(f"{arguments[0]} ended with {running.returncode}")
            time.sleep(0.01)
        yield running.pid, time.perf_counter() - began
    finally:
        running.terminate()
        try:
            running.wait(5)
        except subprocess.TimeoutExpired:
            running.kill()


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def resident(pid: int) -> float:
    """MB of memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def turn(order: Order, env: dict[str, str], measured: Measured) -> int:
    """One turn of load, by a process of its own; returns how many requests were answered."""
    command = [sys.executable, "-m", "tests.bench.load", json.dumps(asdict(order))]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr.strip())
    told = json.loads(done.stdout)
    measured.add(told["seconds"], told["took"])
    return len(told["took"])


def measure(port: int, slack: str, env: dict[str, str]) -> dict[tuple[str, int], Measured]:
    """Turns of the bare ack and `/release status`, one after the other; then the approval clicks, whose cards and
    direct messages keep the outbox busy long after their answers."""
    found = {(kind, n): Measured() for n in AT_ONCE for kind in ("bare", "status", "approve")}
    turn(Order(port, SECRET, "status", 8, 1.0, slack), env, Measured())  # warm
    clicks = 0
    for kinds, at_once in ((kinds, n) for kinds in (("bare", "status"), ("approve",)) for n in AT_ONCE):
        for _ in range(ROUNDS):
            for kind in kinds:
                order = Order(port, SECRET, kind, at_once, SECONDS, slack, clicks)
                count = turn(order, env, found[kind, at_once])
                clicks += count if kind == "approve" else 0
    stored = approved(env["DATABASE_URL"])
    if clicks >= WAITING or stored != clicks:
        sys.exit(f"{clicks} clicks approved {stored} of {WAITING} change requests: this run measured something else")
    return found


def table(found: dict[tuple[str, int], Measured]) -> None:
    print(f"\n{'':26}{'at once':>8}{'req/s':>8}{'of bare':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    names = {"bare": "bare Bolt ack", "status": "/release status", "approve": "approval click"}
    for (kind, at_once), m in found.items():
        share = m.rate / found["bare", at_once].rate
        print(
            f"{names[kind]:26}{at_once:>8}{m.rate:>8.0f}{share:>9.2f}{m.percentile(0.5):>9.1f}"
            f"{m.percentile(0.99):>9.1f}{m.percentile(1):>9.1f}"
        )


def verdicts(found: dict[tuple[str, int], Measured], start: float, memory: float) -> bool:
    status = found["status", 32]
    share = status.rate / found["bare", 32].rate
    slowest = max(m.percentile(1) for (kind, _), m in found.items() if kind == "status")
    rows = [
        ("/release status at 32, of the bare ack", f"{share:.2f}", "≥ 0.5", share >= 0.5),
        ("/release status at 32, p99", f"{status.percentile(0.99):.0f} ms", "< 150 ms", status.percentile(0.99) < 150),
        ("slowest /release status", f"{slowest:.0f} ms", "≤ 1 s", slowest <= 1000),
        ("start to ready", f"{start:.2f} s", "< 2 s", start < 2),
        ("memory when idle", f"{memory:.0f} MB", "< 150 MB", memory < 150),
    ]
    print()
    for what, seen, wanted, good in rows:
        print(f"{'✓' if good else '✗'} {what:42}{seen:>10}   wanted {wanted}")
    return all(good for *_, good in rows)


def main() -> int:
    with TemporaryDirectory(prefix="slipway-bench-") as place:
        folder, slack_port, port = Path(place), free_port(), free_port()
        slack = f"http://127.0.0.1:{slack_port}"
        env = environment(folder, slack)
        print(f"storing {RELEASES_STORED:,} releases …", flush=True)
        fill(env["DATABASE_URL"], ROOT / "sop.yaml")
        with process(["tests.bench.slack", str(slack_port)], slack_port, env, "/api/auth.test"):
            with process(["bot", "serve"], port, env | {"PORT": str(port)}, "/readyz") as (pid, start):
                time.sleep(3)
                memory = resident(pid)
            print("measuring, about a minute …", flush=True)
            with process(["tests.bench.server", str(port)], port, env, "/readyz"):
                found = measure(port, slack, env)
    table(found)
    return 0 if verdicts(found, start, memory) else 1


if __name__ == "__main__":
    sys.exit(main())
