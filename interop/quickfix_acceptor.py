"""QuickFIX as the acceptor of `gwanmun conformance-initiator`, over a line that drops.

    python interop/quickfix_acceptor.py --gwanmun target/release/gwanmun
        [--version FIX.4.2|FIX.4.4|FIX.5.0SP2] [--drops N] [--keep DIR]

QuickFIX answers each order with reports. The line between the two is cut so many times while orders
are in flight, the initiator drops it as often by itself, and both sides are made to miss messages.
Prints one JSON object. Exit code 0: nothing to object to; 1: a violation; 2: usage; 4: a process did
not start.

Needs the Python package quickfix 1.16.0; everything else is the standard library.
"""

import argparse
import json
import os
import pathlib
import random
import sys
import threading
import time

import quickfix as fix

import fix_text
import verdict
import versions
import wire
from drops import LOSSES
from line import TO_GATEWAY, Line
from processes import Children, free_ports

# What passes from the initiator to the acceptor.
TO_ACCEPTOR = TO_GATEWAY
INITIATOR, ACCEPTOR = "CALLER", "QUICKFIX"
# Orders for each cut: in between both sides come to an end with what the last one cost.
ORDERS_A_DROP = 30
# Numbers that either side is made to miss.
GAP_NUMBERS = 5
TIMEOUT_S = 560

SETTINGS = """
[DEFAULT]
ConnectionType=acceptor
SocketAcceptPort={port}
SocketReuseAddress=Y
SocketNodelay=Y
StartTime=00:00:00
EndTime=00:00:00
FileStorePath={store}
FileLogPath={log}
LogoutTimeout=5

[SESSION]
{version}
SenderCompID={acceptor}
TargetCompID={initiator}
"""


class Acceptor(fix.Application):
    """Answers every order once: New, and for each third one a fill."""

    def __init__(self, version):
        super().__init__()
        self.version = version
        self.lock = threading.RLock()
        self.session_id = None
        self.logons = 0
        # By ClOrdID the MsgSeqNum under which the order came.
        self.orders = {}
        self.copies, self.doubled, self.exec_count = 0, 0, 0
        self.sent_kinds, self.received_kinds = {}, {}
        self.failures = []

    def onCreate(self, session_id):
        self.session_id = session_id

    def onLogon(self, session_id):
        self.logons += 1

    def onLogout(self, session_id):
        pass

    def toAdmin(self, message, session_id):
        self.count(self.sent_kinds, message)

    def fromAdmin(self, message, session_id):
        self.count(self.received_kinds, message)

    def toApp(self, message, session_id):
        self.count(self.sent_kinds, message)

    def fromApp(self, message, session_id):
        self.count(self.received_kinds, message)
        with self.lock:
            # An exception would vanish inside the engine.
            try:
                self.take(fix_text.as_dict(message.toString().encode("latin-1")))
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")

    def count(self, kinds, message):
        kind = message.getHeader().getField(35)
        with self.lock:
            kinds[kind] = kinds.get(kind, 0) + 1
            # What QuickFIX's dictionary does not allow it rejects.
            if kinds is self.sent_kinds and kind in "3j":
                text = fix_text.shown(message.toString().encode("latin-1"))
                self.failures.append(f"QuickFIX rejects what the initiator sent: {text}")

    def take(self, order):
        cl_ord_id, number = order[11], int(order[34])
        if cl_ord_id in self.orders:
            if order.get(43) == "Y" and self.orders[cl_ord_id] == number:
                self.copies += 1
            else:
                self.doubled += 1
            return
        self.orders[cl_ord_id] = number
        self.report(order, "0", "0", 0)
        if len(self.orders) % 3 == 0:
            self.report(order, "2" if "2" in versions.FILLS[self.version] else "F", "2",
                        int(order[38]))

    def report(self, order, exec_type, ord_status, filled):
        self.exec_count += 1
        message = fix.Message()
        header = message.getHeader()
        header.setField(8, versions.BEGIN_STRINGS[self.version])
        header.setField(35, "8")
        if self.version == "FIX.4.2":
            message.setField(20, "0")
        fields = {37: f"O{order[11]}", 11: order[11], 17: f"E{self.exec_count}", 150: exec_type,
                  39: ord_status, 55: order[55], 54: order[54], 38: order[38],
                  151: str(int(order[38]) - filled), 14: str(filled),
                  6: order[44] if filled else "0", 60: order[60]}
        if filled:
            fields |= {32: str(filled), 31: order[44]}
        for tag, value in fields.items():
            message.setField(tag, value)
        fix.Session.sendToTarget(message, self.session_id)


class Listening:
    """QuickFIX as an acceptor that runs, its files in a folder."""

    def __init__(self, application, version, folder, names):
        folder.mkdir(exist_ok=True)
        self.port = free_ports(1)[0]
        settings_path = folder / "acceptor.cfg"
        settings_path.write_text(SETTINGS.format(
            port=self.port, version=versions.settings(version, fix.__file__),
            store=folder / "store", log=folder / "log", acceptor=names[0], initiator=names[1]))
        # The engine keeps pointers to these without owning them.
        self.kept = [application, fix.SessionSettings(str(settings_path))]
        self.kept += [fix.FileStoreFactory(self.kept[1]), fix.FileLogFactory(self.kept[1])]
        self.acceptor = fix.SocketAcceptor(application, self.kept[2], self.kept[1], self.kept[3])
        self.acceptor.start()

    def stop(self):
        self.acceptor.stop()


class Run:
    """The engine, the line, and the initiator as a child process."""

    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.random = random.Random(given.seed)
        self.acceptor = Acceptor(given.version)
        self.engine = Listening(self.acceptor, given.version, folder, (ACCEPTOR, INITIATOR))
        self.line = Line(self.engine.port)
        self.children = Children(folder, given.gwanmun)
        self.drops, self.gaps = 0, {"to_initiator": 0, "to_acceptor": 0}

    def call(self):
        orders = max(self.given.drops, 10) * ORDERS_A_DROP
        self.children.start(
            "initiator", self.given.gwanmun, "conformance-initiator",
            "--connect", f"127.0.0.1:{self.line.port}", "--version", self.given.version,
            "--sender-comp-id", INITIATOR, "--target-comp-id", ACCEPTOR, "--orders", orders,
            "--drop-every", ORDERS_A_DROP, "--gap", GAP_NUMBERS, "--timeout", TIMEOUT_S)
        return self.children.children["initiator"], orders

    def drop_until_done(self, child):
        """Cuts the line whenever some more orders have come, until there were enough of it."""
        while self.drops < self.given.drops:
            wanted = len(self.acceptor.orders) + self.random.randint(1, ORDERS_A_DROP // 2)
            while len(self.acceptor.orders) < wanted:
                if child.poll() is not None:
                    return
                time.sleep(0.002)
            if self.drops % 5 == 2:
                self.gap()
            self.line.losing.update(self.random.choice(LOSSES))
            time.sleep(self.random.choice((0, 0.002, 0.01)))
            self.line.cut()
            self.drops += 1
            if self.drops % 10 == 5:
                # With no line at all.
                self.gap()
            self.line.mend()

    def gap(self):
        """Numbers are passed over towards the initiator, or what came from it is forgotten."""
        session = fix.Session.lookupSession(self.acceptor.session_id)
        with self.acceptor.lock:
            if self.gaps["to_initiator"] <= self.gaps["to_acceptor"]:
                session.setNextSenderMsgSeqNum(session.getExpectedSenderNum() + GAP_NUMBERS)
                self.gaps["to_initiator"] += 1
            else:
                wanted = max(1, session.getExpectedTargetNum() - GAP_NUMBERS)
                session.setNextTargetMsgSeqNum(wanted)
                self.gaps["to_acceptor"] += 1

    def stop(self):
        """Ends what was started, but for the engine: stopping QuickFIX's acceptor closes sockets under
        its own thread, and now and then crashes. It ends with this process."""
        self.children.stop()
        self.line.stop()


def judged(run, child, orders):
    """The result: the initiator's own figures beside QuickFIX's, and what does not fit."""
    acceptor, problems = run.acceptor, list(run.acceptor.failures)
    try:
        code = child.wait(timeout=TIMEOUT_S)
    except Exception:
        code = "not ended in time"
    text = (run.folder / "initiator.log").read_text()
    told = {}
    try:
        told = json.loads(text.splitlines()[-1])
    except (IndexError, ValueError):
        problems.append(f"the initiator printed no figures: {text[-500:]!r}")
    if code != 0:
        problems.append(f"the initiator ended with {code}")
    if run.drops < run.given.drops:
        problems.append(f"the line was cut {run.drops} of {run.given.drops} times")
    if len(acceptor.orders) != orders:
        problems.append(f"{len(acceptor.orders)} of {orders} orders came")
    if acceptor.doubled:
        problems.append(f"{acceptor.doubled} orders came twice")
    for name in ("unanswered", "doubled", "changed", "unknown", "refused"):
        if told.get(name) != 0:
            problems.append(f"the initiator's {name}: {told.get(name)}")
    # Those that it dropped itself are among them.
    if told.get("lost_in_flight", 0) < run.drops:
        problems.append(f"only {told.get('lost_in_flight')} lines were lost with orders in flight")
    if not told.get("logged_out"):
        problems.append("the initiator was not logged out")
    problems += wire.problems(run.line.connections, TO_ACCEPTOR, may_tear=True)
    return {
        "version": run.given.version, "orders": len(acceptor.orders), "cuts": run.drops,
        "unanswered": told.get("unanswered"), "doubled": told.get("doubled", 0) + acceptor.doubled,
        "copies": acceptor.copies, "gaps": run.gaps, "logons": acceptor.logons,
        "sent": dict(sorted(acceptor.sent_kinds.items())),
        "received": dict(sorted(acceptor.received_kinds.items())),
        "initiator": told, "violations": problems,
    }


def run_through(given, folder):
    run = Run(given, folder)
    try:
        child, orders = run.call()
        run.drop_until_done(child)
        return judged(run, child, orders)
    finally:
        run.stop()


def main():
    parser = argparse.ArgumentParser(description="QuickFIX as acceptor of our initiator.")
    parser.add_argument("--gwanmun", required=True, type=pathlib.Path)
    parser.add_argument("--version", choices=versions.NAMES, default="FIX.4.4")
    parser.add_argument("--drops", type=int, default=20, help="cut the line so many times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder of the run, kept; a new one that must not exist")
    given = parser.parse_args()
    return verdict.told(given, "acceptor", lambda folder: run_through(given, folder))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without destructors, for the engine's sake: see `Run.stop`.
    os._exit(code)
