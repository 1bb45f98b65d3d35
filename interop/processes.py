"""Gateway and exchange as child processes, with configurations written into a folder of the run.

Only processes started here are ever ended, each by its own handle.
"""

import csv
import pathlib
import re
import socket
import subprocess
import time

MEMBER, GATEWAY = "MEMBER1", "GWANMUN"
USERNAME, PASSWORD = "member1", "m1-pass"
VENUE_USERNAME, VENUE_PASSWORD = "gwan1", "krxpass"
HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent


def free_ports(count):
    """Ports that were free a moment ago."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def set_keys(text, values):
    """A TOML example with other values: `section.key` to the new text behind the `=`."""
    section, lines, left = "", [], dict(values)
    for line in text.splitlines():
        header = re.match(r"\[+([a-z_]+)\]+", line)
        section = header.group(1) if header else section
        pair = re.match(r"(?:# )?([a-z_]+) = ", line)
        name = f"{section}.{pair.group(1)}" if pair else None
        if name in left:
            line = f"{pair.group(1)} = {left.pop(name)}"
        lines.append(line)
    if left:
        raise KeyError(f"keys that the example does not have: {sorted(left)}")
    return "\n".join(lines) + "\n"


class Children:
    """Child processes with a log each, in a folder."""

    def __init__(self, folder, binary):
        self.folder, self.binary = pathlib.Path(folder), str(binary)
        self.children = {}
        self.logs = {}

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "ab")
        self.logs[name] = log
        self.children[name] = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def await_port(self, name, port, timeout_s=30):
        """Waits until a child listens, by reading the kernel's table: a probe would be a stranger."""
        wanted = f":{port:04X}"
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if self.children[name].poll() is not None:
                raise RuntimeError(f"{name} ended at its start:\n{self.log_tail(name)}")
            rows = [row.split() for row in open("/proc/net/tcp").readlines()[1:]]
            if any(row[1].endswith(wanted) and row[3] == "0A" for row in rows):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{name} does not listen on {port}:\n{self.log_tail(name)}")

    def log_tail(self, name, lines=30):
        text = (self.folder / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self):
        """Asks each child to end, the last one started first, and gives what they answered."""
        codes = {}
        for name in reversed(self.children):
            child = self.children[name]
            child.terminate()
            try:
                codes[name] = child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()
                codes[name] = f"killed after 20 s: {child.wait()}"
            self.logs[name].close()
        return codes


class House(Children):
    """The folder of one run with its configurations, and the two processes."""

    def __init__(self, folder, binary, gateway_binary=None, heart_bt_int=30,
                 begin_string="FIX.4.4"):
        super().__init__(folder, binary)
        self.gateway_binary = gateway_binary
        self.fix_port, self.order_port, self.feed_port = free_ports(3)
        self.write_gateway(heart_bt_int, begin_string)
        self.write_exchange()

    def write_gateway(self, heart_bt_int, begin_string):
        secrets = self.folder / "secrets"
        secrets.mkdir(mode=0o700)
        (secrets / "member1").write_text(PASSWORD)
        (secrets / "krx").write_text(VENUE_PASSWORD)
        example = (REPOSITORY / "host" / "gateway.example.toml").read_text()
        tables = REPOSITORY / "host" / "tables.example.toml"
        self.gateway_file = self.folder / "gateway.toml"
        self.gateway_file.write_text(set_keys(example, {
            "gateway.cores": "[]",
            "gateway.idle": '"yield"',
            "journal.dir": f'"{self.folder / "journal"}"',
            "journal.memory_dir": f'"{self.folder / "memory"}"',
            "journal.segment_bytes": str(4 << 20),
            "secrets.dir": f'"{secrets}"',
            "defaults.begin_string": f'"{begin_string}"',
            "defaults.heart_bt_int": str(max(heart_bt_int, 1)),
            "defaults.socket_accept_port": str(self.fix_port),
            "venue.connect": f'"127.0.0.1:{self.order_port}"',
            "venue.feed_connect": f'"127.0.0.1:{self.feed_port}"',
            "venue.username": f'"{VENUE_USERNAME}"',
            "tables.file": f'"{tables}"',
        }))

    def write_exchange(self):
        example = (REPOSITORY / "exchange" / "exchange.toml").read_text()
        self.exchange_file = self.folder / "exchange.toml"
        self.exchange_file.write_text(set_keys(example, {
            ".order_listen": f'"127.0.0.1:{self.order_port}"',
            ".feed_listen": f'"127.0.0.1:{self.feed_port}"',
            ".ledger": '"venue-ledger.csv"',
            "users.username": f'"{VENUE_USERNAME}"',
            "users.password_file": '"secrets/krx"',
        }))

    def start_exchange(self):
        self.start("exchange", self.binary, "exchange", "--config", self.exchange_file)
        self.await_port("exchange", self.order_port)
        self.await_port("exchange", self.feed_port)

    def start_gateway(self):
        if self.gateway_binary:
            self.start("gateway", self.gateway_binary, self.gateway_file)
        else:
            self.start("gateway", self.binary, "gateway", "--config", self.gateway_file)
        self.await_port("gateway", self.fix_port)

    def venue_orders(self):
        """ClOrdIDs of the EnterOrder messages in the venue's own ledger, in the order of arrival."""
        with open(self.folder / "venue-ledger.csv", newline="") as file:
            return [row["cl_ord_id"] for row in csv.DictReader(file)
                    if row["direction"] == "in" and row["ouch_type"] == "O"]
