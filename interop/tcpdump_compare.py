"""What tcpdump saw against what the gateway's capture says, message by message.

    python interop/tcpdump_compare.py [--ours DIR] [--ledger FILE] [--fix-port N] [--result FILE]
        -- COMMAND...

Runs tcpdump on the loopback interface around a command. With --ours it reads the pcapng files that the
command left in DIR, and compares the FIX messages of every connection in both directions. tcpdump's
messages are first rewritten as the gateway's journal rewrites secrets. On a connection that ended in
good order the two must be equal; on one that was reset, differences may lie in the last
unacknowledged bytes only, and are listed. With --ledger it holds all FIX messages of both directions
against the ledger that the demo's driver wrote from its socket. What counts is what went to and from
--fix-port, else the ports that the captures of --ours have, else all that speaks FIX. Exit code 0: equal; 1: not; 2: usage;
4: tcpdump did not start; otherwise the command's own.
"""

import argparse
import collections
import csv
import glob
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import fix_text
import recording
import tshark_reads
from recording import CLIENT, SERVER


class Watch:
    """tcpdump on loopback for as long as the `with` block lasts."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.dropped = None

    def __enter__(self):
        # 64 MiB of buffer: a busy machine may leave tcpdump without a core for a while.
        command = ["tcpdump", "-i", "lo", "-n", "-s", "0", "-B", "65536", "-Z", "root",
                   "-w", str(self.path), "tcp"]
        self.child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        first = self.child.stderr.readline()
        while first and "listening on" not in first:
            first = self.child.stderr.readline()
        if not first:
            raise RuntimeError(f"tcpdump did not start, exit code {self.child.wait()}")
        return self

    def __exit__(self, *_):
        # What is still in the kernel's buffer is read within the time-out of a capture, one second.
        time.sleep(1.5)
        self.child.terminate()
        said = self.child.communicate(timeout=30)[1]
        found = re.search(r"(\d+) packets? dropped by kernel", said)
        self.dropped = int(found.group(1)) if found else None


def capture_files(folder):
    """The gateway's captures below a folder, oldest name first."""
    return sorted(pathlib.Path(folder).rglob("*.pcapng"))


def is_fix(connection):
    """Whether a connection carries FIX in either direction."""
    return any(half.stream()[0].startswith(b"8=FIX") for half in connection.halves.values())


def ports_served(ours_paths):
    """The ports at which our captures have members' connections."""
    return {c.server[1] for c in recording.connections(ours_paths) if is_fix(c)}


def by_key(connections):
    """Connections by their two ends and how often that pair came before."""
    counts, keyed = collections.Counter(), {}
    for connection in connections:
        keyed[connection.key, counts[connection.key]] = connection
        counts[connection.key] += 1
    return keyed


def compare(theirs_path, ours_paths, fix_ports=()):
    """The figures of the comparison, with everything that speaks against us in `violations`."""
    ours = [c for c in recording.connections(ours_paths) if is_fix(c)]
    fix_ports = set(fix_ports) or ports_served(ours_paths)
    theirs = [c for c in recording.connections([theirs_path]) if c.server[1] in fix_ports]
    result = {"connections": 0, "messages": {"to_gateway": 0, "to_member": 0},
              "strangers": [], "differences": [], "violations": []}
    ours, theirs = by_key(ours), by_key(theirs)
    if not ours:
        result["violations"].append("our captures hold no FIX connection")
    for key, connection in theirs.items():
        if key in ours:
            compare_connection(connection, ours.pop(key), result)
        else:
            compare_stranger(connection, result)
    for connection in ours.values():
        name = recording.shown(connection.client)
        result["violations"].append(f"{name}: in our capture, never seen by tcpdump")
    result["tshark"], complaints = tshark_reads.judged(ours_paths, fix_ports)
    result["violations"] += complaints
    counted, decoded = sum(result["messages"].values()), sum(result["tshark"].values())
    if counted != decoded:
        result["violations"].append(f"tshark decodes {decoded} FIX messages, we count {counted}")
    return result


def compare_stranger(connection, result):
    """A line without an accepted Logon is not in the members' journal, so not in the capture."""
    name = recording.shown(connection.client)
    answered, _ = fix_text.split(connection.halves[SERVER].stream()[0])
    result["strangers"].append(name)
    if any(fix_text.as_dict(message).get(35) == "A" for _, message in answered):
        result["violations"].append(f"{name}: logged on, but not in our capture")


def compare_connection(theirs, ours, result):
    result["connections"] += 1
    for side, direction in ((CLIENT, "to_gateway"), (SERVER, "to_member")):
        name = f"{recording.shown(theirs.client)} {direction}"
        (seen, has_hole), (kept, has_our_hole) = (c.halves[side].stream() for c in (theirs, ours))
        if has_hole or has_our_hole:
            whose = "tcpdump's" if has_hole else "our"
            result["violations"].append(f"{name}: bytes are missing in {whose} stream")
        seen_messages, seen_strays = fix_text.split(seen)
        seen_messages = [(at, fix_text.rewritten(message)) for at, message in seen_messages]
        kept_messages, kept_strays = fix_text.split(kept)
        result["messages"][direction] += len(kept_messages)
        for who, missing, beyond in (
            ("tcpdump", minus(seen_messages + seen_strays, kept_messages + kept_strays), len(kept)),
            ("ours", minus(kept_messages + kept_strays, seen_messages + seen_strays), len(seen)),
        ):
            acknowledged = theirs.halves[side].acknowledged_bytes
            for at, message in missing:
                end = at + len(message)
                # What the gateway never received is acknowledged by its kernel alone; it then has to
                # lie behind the last byte that we have.
                is_last = end > beyond and (direction == "to_gateway" or end > acknowledged)
                result["differences"].append({
                    "line": name, "only_in": who, "offset": at, "bytes": len(message),
                    "acknowledged_bytes": acknowledged, "message": fix_text.shown(message)})
                if not (theirs.is_reset and is_last):
                    result["violations"].append(
                        f"{name}: at byte {at} only in {who}: {fix_text.shown(message)}")


def compare_ledger(theirs_path, ledger_path, fix_ports=()):
    """All FIX messages that tcpdump saw against the driver's ledger, as multisets by direction."""
    seen = {"out": collections.Counter(), "in": collections.Counter()}
    for connection in recording.connections([theirs_path]):
        if not (is_fix(connection) and (not fix_ports or connection.server[1] in fix_ports)):
            continue
        for side, direction in ((CLIENT, "out"), (SERVER, "in")):
            messages, _ = fix_text.split(connection.halves[side].stream()[0])
            seen[direction].update(in_ledger(fix_text.rewritten(message)) for _, message in messages)
    kept = {"out": collections.Counter(), "in": collections.Counter()}
    with open(ledger_path, newline="") as file:
        for row in csv.DictReader(file):
            # A piece of a message, left over when a line was lost, is in neither multiset.
            if row["direction"] in kept:
                kept[row["direction"]][row["raw"]] += 1
    result = {"messages": {d: sum(kept[d].values()) for d in kept}, "violations": []}
    for direction in kept:
        for who, missing in (("tcpdump", seen[direction] - kept[direction]),
                             ("the ledger", kept[direction] - seen[direction])):
            result["violations"] += [f"{direction}: only in {who}: {text}" for text in missing]
    if not any(result["messages"].values()):
        result["violations"].append("the ledger is empty")
    return result


def in_ledger(message):
    """A message as the driver's ledger writes it: bars for separators, the rest escaped."""
    shown = (chr(c) if 0x20 <= c < 0x7F else "|" if c == 1 else f"\\x{c:02x}" for c in message)
    return "".join(shown)


def minus(these, those):
    """Messages of `these` that are not among `those`, each as often as it is missing."""
    left = collections.Counter(message for _, message in those)
    missing = []
    for at, message in these:
        if left[message]:
            left[message] -= 1
        else:
            missing.append((at, message))
    return missing


def main():
    parser = argparse.ArgumentParser(description="tcpdump's messages against the capture's.")
    parser.add_argument("--ours", help="folder with the gateway's pcapng files")
    parser.add_argument("--ledger", help="the driver's ledger, or a pattern that finds it")
    parser.add_argument("--fix-port", type=int, action="append", default=[])
    parser.add_argument("--result", help="write the JSON object here instead of standard output")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    if not (given.ours or given.ledger):
        parser.error("one of --ours and --ledger is needed")
    with tempfile.TemporaryDirectory(prefix="gwanmun-tcpdump-") as folder:
        watch = Watch(pathlib.Path(folder) / "lo.pcap")
        try:
            with watch:
                code = subprocess.call(given.command)
        except (RuntimeError, FileNotFoundError) as error:
            print(error, file=sys.stderr)
            return 4
        if code != 0:
            return code
        result = {"dropped_by_kernel": watch.dropped, "violations": []}
        fix_ports = set(given.fix_port)
        if given.ours:
            # Others may speak FIX on loopback too: what counts is what went to this gateway's ports.
            fix_ports = fix_ports or ports_served(capture_files(given.ours))
            result["capture"] = compare(watch.path, capture_files(given.ours), fix_ports)
            result["violations"] += result["capture"].pop("violations")
        if given.ledger:
            found = glob.glob(given.ledger, recursive=True)
            if len(found) != 1:
                print(f"{given.ledger}: {len(found)} files where one is needed", file=sys.stderr)
                return 2
            result["ledger"] = compare_ledger(watch.path, found[0], fix_ports)
            result["violations"] += result["ledger"].pop("violations")
    if watch.dropped != 0:
        result["violations"].append(f"tcpdump lost {watch.dropped} packets: the run is void")
    text = json.dumps(result, indent=2)
    if given.result:
        pathlib.Path(given.result).write_text(text + "\n")
    else:
        print(text)
    return 1 if result["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
