"""hotfix, a FIX engine in Rust, as a member of a running gateway.

    python interop/hotfix_member.py --gwanmun target/release/gwanmun
        --member benches/peers/target/debug/hotfix-member [--keep DIR]

Starts an exchange and a gateway, puts a line of its own between the gateway and hotfix, breaks it
when hotfix asks for that, and holds what hotfix counted against the venue's own ledger. Prints one
JSON object. Exit code 0: nothing to object to; 1: a violation; 2: usage; 4: a process did not start.

Needs the standard library alone; `cargo build` in benches/peers makes the member.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from fix_text import SOH, check_sum, length_at
from line import TO_MEMBER, Line
from processes import GATEWAY, MEMBER, House

# hotfix waits a second before it connects again, and up to forty for a single step.
TIMEOUT_S = 150
DOWN_S = 0.3


class MillisecondLine(Line):
    """A line that hands hotfix the gateway's times with milliseconds instead of nanoseconds.

    hotfix reads a UTCTimestamp as FIX 4.4 itself has it, and answers a finer SendingTime(52) with a
    Reject. Nothing else of a message changes but BodyLength(9) and CheckSum(10).
    """

    # A field's value that ends in nine decimals of a second.
    FINE = re.compile(rb"(?<=\x01)((?:52|60|122)=\d{8}-\d\d:\d\d:\d\d\.\d{3})\d{6}(?=\x01)")

    def __init__(self, gateway_port):
        self.pending = b""
        super().__init__(gateway_port)

    def passed(self, direction, chunk):
        if direction != TO_MEMBER:
            return super().passed(direction, chunk)
        self.pending += chunk
        whole = b""
        while (length := length_at(self.pending, 0)) is not None:
            whole += self.coarse(self.pending[:length])
            self.pending = self.pending[length:]
        return whole

    def coarse(self, message):
        begin, _, rest = message.partition(SOH)
        body = self.FINE.sub(rb"\1", rest[rest.index(SOH) + 1 : -7])
        front = begin + SOH + b"9=%d" % len(body) + SOH + body
        return front + b"10=" + check_sum(front) + SOH

    def cut(self):
        super().cut()
        self.pending = b""


def without_credentials(house):
    """hotfix cannot log on with a password, so its session has none."""
    text = house.gateway_file.read_text()
    keys = ('username = "member1"', 'password = "secret:member1"')
    lines = [line for line in text.splitlines() if not line.startswith(keys)]
    if len(lines) != len(text.splitlines()) - len(keys):
        raise KeyError("the example's session has other credentials")
    house.gateway_file.write_text("\n".join(lines) + "\n")


def with_a_calm_market(house):
    """Orders have to rest until their cancel comes, so nobody comes and trades with them."""
    text, count = re.subn(r"(?m)^cross_every = \d+", "cross_every = 0",
                          house.exchange_file.read_text())
    if count != 1:
        raise KeyError("the example's participants have no cross_every")
    house.exchange_file.write_text(text)


def run_member(binary, line):
    """Runs the member to its end; gives its exit code, its last line and what it complained of."""
    command = [str(binary), str(line.port), MEMBER, GATEWAY]
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    overdue = threading.Timer(TIMEOUT_S, child.kill)
    overdue.start()
    try:
        cuts, last = 0, ""
        for text in child.stdout:
            if text.strip() == "CUT":
                line.cut()
                # It is turned away meanwhile, as by a gateway that is gone.
                threading.Timer(DOWN_S, line.mend).start()
                cuts += 1
            else:
                last = text
        complaint = child.stderr.read()
        return child.wait(), last, complaint, cuts
    finally:
        overdue.cancel()


def judge(house, outcome):
    """What is wrong, and hotfix's figures."""
    code, last, complaint, cuts = outcome
    problems = [line for line in complaint.splitlines() if line.strip()]
    if code != 0:
        return problems + [f"hotfix-member ended with {code}"], {}
    counts = json.loads(last)
    if cuts != 1 or counts["logons"] != 2:
        problems.append(f"{cuts} cuts and {counts['logons']} logons, expected 1 and 2")
    if counts["unsettled"] or counts["requests"] < 110:
        problems.append(f"not every request was made and settled: {counts}")
    for kind in ("accepted", "refused", "canceled", "replaced", "fills"):
        if not counts[kind]:
            problems.append(f"nothing was {kind}, so nothing is shown by it")
    at_venue = house.venue_orders()
    if len(set(at_venue)) != len(at_venue):
        problems.append("an order reached the venue twice")
    if len(at_venue) < counts["accepted"]:
        problems.append(f"{counts['accepted']} accepted, {len(at_venue)} at the venue")
    return problems, counts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gwanmun", required=True, type=pathlib.Path)
    parser.add_argument("--member", required=True, type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path)
    arguments = parser.parse_args()
    folder = arguments.keep or pathlib.Path(tempfile.mkdtemp(prefix="hotfix-"))
    folder.mkdir(parents=True, exist_ok=True)
    house = House(folder.resolve(), arguments.gwanmun.resolve())
    line = None
    try:
        without_credentials(house)
        with_a_calm_market(house)
        try:
            house.start_exchange()
            house.start_gateway()
        except (OSError, RuntimeError) as error:
            print(error, file=sys.stderr)
            return 4
        line = MillisecondLine(house.fix_port)
        outcome = run_member(arguments.member.resolve(), line)
        codes = house.stop()
        problems, counts = judge(house, outcome)
        problems += [f"{name} ended with {code}" for name, code in codes.items() if code != 0]
        print(json.dumps({"violations": problems, **counts}))
        if problems:
            print(house.log_tail("gateway"), file=sys.stderr)
        return 1 if problems else 0
    finally:
        if line:
            line.stop()
        house.stop()
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
