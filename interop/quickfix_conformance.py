"""QuickFIX as initiator against `gwanmun conformance-acceptor`, the bare session layer.

    python interop/quickfix_conformance.py --gwanmun target/release/gwanmun
        [--version FIX.4.2|FIX.4.4|FIX.5.0SP2] [--keep DIR]

Logs on, has orders sent back, loses messages in both directions, passes numbers over, and logs out;
then once more from 1. Prints one JSON object. Exit code 0: nothing to object to; 1: a violation; 2:
usage; 4: a process did not start.

Needs the Python package quickfix 1.16.0; everything else is the standard library.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

import quickfix as fix

import fix_text
import versions
import wire
from ledger import TRANSPORT_TAGS
from line import TO_GATEWAY, TO_MEMBER, Line
from member import Engine, Member, wait
from orders import Requests
from processes import Children, free_ports

INITIATOR, ACCEPTOR = "CALLER", "GATE"
# Header fields that an echo has of its own.
HEADER_TAGS = (b"34", b"35", b"49", b"56")


class EchoLedger:
    """Each order comes back once, as it was sent; a copy of what came is not counted."""

    def __init__(self):
        self.requests, self.echoes, self.bodies = {}, {}, {}
        self.copies, self.doubled = 0, 0
        self.violations = []

    def sent(self, message):
        values = fix_text.as_dict(message)
        if values[35] == "D" and values.get(43) != "Y":
            self.requests[values[11]] = self.body(message)

    def received(self, message):
        values = fix_text.as_dict(message)
        number, cl_ord_id, body = int(values[34]), values[11], self.body(message)
        if number in self.bodies:
            self.copies += 1
            if self.bodies[number] != body or values.get(43) != "Y":
                self.violations.append(f"MsgSeqNum {number} came twice, and not as a copy")
            return
        self.bodies[number] = body
        if cl_ord_id in self.echoes:
            self.doubled += 1
            self.violations.append(f"{cl_ord_id} came back twice")
        self.echoes[cl_ord_id] = number
        if self.requests.get(cl_ord_id) != body:
            self.violations.append(f"{cl_ord_id} came back as another order")

    def begins_anew(self):
        """Numbers begin at 1 again: what came under the old ones is no copy any more."""
        self.bodies = {}

    def session_rejected(self, message):
        self.violations.append(f"rejected: {fix_text.shown(message)}")

    def unsettled(self):
        return [cl_ord_id for cl_ord_id in self.requests if cl_ord_id not in self.echoes]

    def body(self, message):
        return sorted(pair for pair in fix_text.fields(message)
                      if pair[0] not in TRANSPORT_TAGS + HEADER_TAGS)


class Run:
    """The member, the line and what went wrong."""

    def __init__(self, folder, port, version):
        self.problems, self.shown = [], {}
        self.line = Line(port)
        self.member = Member(EchoLedger())
        self.requests = Requests(1, versions.BEGIN_STRINGS[version])
        self.engine = Engine(folder, self.line.port, self.member, (INITIATOR, ACCEPTOR), version, 30,
                             reset_on_logon="Y")

    def wait(self, what, condition, timeout_s=20):
        return wait(what, condition, timeout_s, self.problems)

    def orders(self, count):
        for _ in range(count):
            message = self.requests.plain()
            fix.Session.sendToTarget(message, self.member.session_id)

    def await_echoes(self):
        def is_settled():
            with self.member.lock:
                return not self.member.ledger.unsettled()
        self.wait("every order back", is_settled)

    def received(self, kind):
        return self.member.received_kinds.get(kind, 0)

    def sent(self, kind):
        return self.member.sent_kinds.get(kind, 0)

    def is_logged_on(self):
        session = self.member.session
        return session is not None and session.isLoggedOn()

    # The steps.

    def logs_on(self):
        self.wait("a Logon", self.is_logged_on)

    def orders_come_back(self):
        self.orders(20)
        self.await_echoes()

    def orders_are_lost(self):
        """The acceptor misses orders: it asks, and gets copies with PossDupFlag."""
        asked, copies = self.received("2"), self.sent("D")
        self.line.losing.add(TO_GATEWAY)
        self.orders(5)
        self.settle_line(TO_GATEWAY)
        self.line.losing.clear()
        self.orders(3)
        self.wait("a ResendRequest", lambda: self.received("2") > asked)
        self.await_echoes()
        if self.sent("D") < copies + 8 + 5:
            self.problems.append("the orders lost were not sent again")

    def echoes_are_lost(self):
        """QuickFIX misses echoes: it asks, and gets copies with PossDupFlag."""
        asked = self.sent("2")
        self.line.losing.add(TO_MEMBER)
        self.orders(5)
        self.settle_line(TO_MEMBER)
        self.line.losing.clear()
        self.orders(3)
        self.wait("a ResendRequest of QuickFIX", lambda: self.sent("2") > asked)
        self.await_echoes()

    def numbers_are_passed_over(self):
        """What never was is filled over."""
        asked, filled, session = self.received("2"), self.sent("4"), self.member.session
        session.setNextSenderMsgSeqNum(session.getExpectedSenderNum() + 7)
        self.orders(5)
        self.wait("a ResendRequest", lambda: self.received("2") > asked)
        self.await_echoes()
        if self.sent("4") == filled:
            self.problems.append("QuickFIX filled no gap")

    def echoes_are_forgotten(self):
        """What came already comes again, in copies that say the same, and gap fills."""
        with self.member.lock:
            copies, session = self.member.ledger.copies, self.member.session
            wanted = session.getExpectedTargetNum() - 12
            again = sum(number >= wanted for number in self.member.ledger.bodies)
            session.setNextTargetMsgSeqNum(wanted)
        self.orders(2)
        self.wait(f"{again} copies", lambda: self.member.ledger.copies >= copies + again)
        self.await_echoes()

    def numbers_are_reset(self):
        """SequenceReset without GapFillFlag raises the number expected; nothing is asked for."""
        asked, session = self.received("2"), self.member.session
        number = session.getExpectedSenderNum() + 9
        session.setNextSenderMsgSeqNum(number)
        message = fix.Message()
        message.getHeader().setField(35, "4")
        message.setField(36, str(number + 1))
        fix.Session.sendToTarget(message, self.member.session_id)
        self.orders(3)
        self.await_echoes()
        if self.received("2") != asked:
            self.problems.append("a ResendRequest after a SequenceReset")

    def logs_out(self):
        before = self.received("5")
        self.member.session.logout()
        self.wait("a Logout", lambda: self.received("5") > before)
        self.wait("the end of the line", lambda: not self.is_logged_on())

    def logs_on_again(self):
        """Both sides begin at 1."""
        logons = self.member.logons
        with self.member.lock:
            self.member.ledger.begins_anew()
        self.member.session.logon()
        self.wait("another Logon", lambda: self.member.logons > logons)
        self.orders(3)
        self.await_echoes()
        if self.member.session.getExpectedTargetNum() > 1 + 1 + 3:
            self.problems.append("numbers did not begin at 1 again")

    def settle_line(self, direction):
        """Until the messages that are to be lost were taken from the line and thrown away."""
        connection = self.line.connections[-1]
        before = -1
        while connection.lost[direction] == 0 or connection.lost[direction] != before:
            before = connection.lost[direction]
            time.sleep(0.1)


STEPS = ("logs_on", "orders_come_back", "orders_are_lost", "echoes_are_lost",
         "numbers_are_passed_over", "echoes_are_forgotten", "numbers_are_reset", "logs_out",
         "logs_on_again", "logs_out")


def converse(run):
    """Every step; one that fails does not hide the next."""
    for name in STEPS:
        before = len(run.problems)
        try:
            getattr(run, name)()
        except Exception as error:
            run.problems.append(f"{name}: {type(error).__name__}: {error}")
        is_good = len(run.problems) == before and run.shown.get(name) != "failed"
        run.shown[name] = "ok" if is_good else "failed"
    run.engine.stop()
    run.line.stop()


def judged(run, version):
    ledger = run.member.ledger
    problems = run.problems + ledger.violations + run.member.failures
    problems += [f"QuickFIX rejects what the acceptor sent: {fix_text.shown(raw)}"
                 for raw in run.member.rejects_sent]
    # Each Logon begins a life of its own, with numbers from 1.
    for connection in run.line.connections:
        problems += wire.problems([connection], TO_MEMBER)
    if ledger.copies == 0:
        problems.append("no copy came, so nothing is shown by it")
    return {
        "version": version, "steps": run.shown, "logons": run.member.logons,
        "orders": len(ledger.requests), "unanswered": len(ledger.unsettled()),
        "doubled": ledger.doubled, "copies": ledger.copies,
        "sent": dict(sorted(run.member.sent_kinds.items())),
        "received": dict(sorted(run.member.received_kinds.items())), "violations": problems,
    }


def main():
    parser = argparse.ArgumentParser(description="QuickFIX against the bare session layer.")
    parser.add_argument("--gwanmun", required=True, type=pathlib.Path)
    parser.add_argument("--version", choices=versions.NAMES, default="FIX.4.4")
    parser.add_argument("--keep", help="folder of the run, kept; a new one that must not exist")
    given = parser.parse_args()
    if given.keep:
        pathlib.Path(given.keep).mkdir(parents=True)
    folder = pathlib.Path(given.keep or tempfile.mkdtemp(prefix="gwanmun-conform-")).resolve()
    children = Children(folder, given.gwanmun.resolve())
    try:
        port = free_ports(1)[0]
        children.start("acceptor", children.binary, "conformance-acceptor", "--port", port,
                       "--sender-comp-id", ACCEPTOR, "--target-comp-ids", INITIATOR)
        children.await_port("acceptor", port)
        run = Run(folder, port, given.version)
        converse(run)
        found = judged(run, given.version)
        codes = children.stop()
        found["violations"] += [f"{name} ended with {code}" for name, code in codes.items() if code]
    except (OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 4
    finally:
        children.stop()
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=2))
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
