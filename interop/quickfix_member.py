"""QuickFIX as a member of a running gateway: the whole conversation, and our own ledger of it.

    python interop/quickfix_member.py --gwanmun target/release/gwanmun
        [--version FIX.4.2|FIX.4.4|FIX.5.0SP2] [--only-session | --drops N] [--tcpdump] [--keep DIR]

Starts an exchange and a gateway, puts a line of its own between the gateway and QuickFIX, and goes
through the steps below. With --drops the line drops so many times while requests are in flight, and
both sides are made to miss messages in between. With --tcpdump the whole run is watched and compared with the gateway's
capture. Prints one JSON object. Exit code 0: nothing to object to; 1: a violation; 2: usage; 4: a
process did not start.

Needs the Python package quickfix 1.16.0; everything else is the standard library.
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile
import time

import quickfix as fix

import fix_text
import tcpdump_compare
import versions
import wire
from drops import Drops
from ledger import Ledger
from line import TO_GATEWAY, TO_MEMBER, Line
from member import Engine, Member, wait
from orders import Requests
from processes import GATEWAY, MEMBER, PASSWORD, USERNAME, House


class Run:
    """One run: the member, its line, its requests and what went wrong."""

    def __init__(self, folder, port, seed, version, heart_bt_int, next_expected):
        self.problems = []
        self.line = Line(port)
        self.member = Member(Ledger(versions.FILLS[version]), USERNAME, PASSWORD)
        self.requests = Requests(seed, versions.BEGIN_STRINGS[version])
        self.heart_bt_int = heart_bt_int
        self.engine = Engine(folder, self.line.port, self.member, (MEMBER, GATEWAY), version,
                             heart_bt_int, next_expected="NY"[next_expected])
        self.version = version
        self.drops = Drops(self, seed)
        self.shown = {}
        # Requests whose answer was waited for in vain; waiting again would help nobody.
        self.given_up = set()

    def wait(self, what, condition, timeout_s=20):
        return wait(what, condition, timeout_s, self.problems)

    def pause(self, seconds):
        time.sleep(seconds)

    def await_logon(self, count):
        self.wait(f"logon {count}", lambda: self.member.logons >= count and self.is_logged_on())

    def is_logged_on(self):
        session = self.member.session
        return session is not None and session.isLoggedOn()

    def send(self, message):
        fix.Session.sendToTarget(message, self.member.session_id)

    def locked(self, step):
        with self.member.lock:
            return step()

    def unsettled(self):
        return set(self.locked(self.member.ledger.unsettled)) - self.given_up

    def await_settled(self, what):
        if not self.wait(f"{what}: every request answered", lambda: not self.unsettled()):
            left = sorted(self.unsettled())
            self.given_up.update(left)
            self.problems.append(f"{what}: {len(left)} without answer, first {left[:5]}")

    def step(self, name, step):
        """Runs a step and keeps how long it took; a step that fails does not hide the next."""
        before = len(self.problems)
        try:
            step()
        except Exception as error:
            self.problems.append(f"{name}: {type(error).__name__}: {error}")
        self.shown[name] = "ok" if len(self.problems) == before else "failed"

    # Steps of the session alone.

    def logs_on(self):
        self.await_logon(1)

    def answers_a_test_request(self):
        message = fix.Message()
        message.getHeader().setField(35, "1")
        message.setField(112, "ARE-YOU-THERE")
        self.send(message)
        self.wait("Heartbeat with our TestReqID",
                  lambda: "ARE-YOU-THERE" in self.member.test_answers)

    def sends_heartbeats(self):
        before = self.member.received_kinds.get("0", 0)
        self.wait("two Heartbeats of the gateway",
                  lambda: self.member.received_kinds.get("0", 0) >= before + 2,
                  6 * self.heart_bt_int + 10)

    def asks_when_we_are_silent(self):
        """Our bytes are held back: the gateway has to ask, and be content once they arrive."""
        before = self.member.received_kinds.get("1", 0)
        self.line.holding.add(TO_GATEWAY)
        self.wait("TestRequest of the gateway",
                  lambda: self.member.received_kinds.get("1", 0) > before,
                  4 * self.heart_bt_int + 10)
        self.line.holding.clear()
        time.sleep(0.5)
        if not self.is_logged_on():
            self.problems.append("the gateway did not take the answer to its TestRequest")

    def logs_out(self):
        before = self.member.received_kinds.get("5", 0)
        self.member.session.logout()
        self.wait("Logout of the gateway",
                  lambda: self.member.received_kinds.get("5", 0) > before)

    # Steps with orders.

    def rounds(self, count, what):
        """Orders in rounds of twenty, and after each some of what works is changed: the venue's other
        participants leave nothing standing for long."""
        for number in range(count):
            for _ in range(20):
                self.send(self.requests.order())
            self.await_settled(f"{what}, round {number + 1}")
            self.change_some(f"{what}, changes {number + 1}")

    def change_some(self, what):
        """Replaces every second working order and cancels every fourth."""
        working = list(self.locked(self.member.ledger.working).values())
        for index, cl_ord_id in enumerate(working):
            request = self.member.ledger.requests[cl_ord_id]
            if index % 2 == 0:
                self.send(self.requests.replace(cl_ord_id, request))
            elif index % 4 == 1:
                self.send(self.requests.cancel(cl_ord_id, request))
        self.await_settled(what)

    def cancel_twice(self):
        """The second cancel of each order comes too late, or finds the first under way."""
        for cl_ord_id in list(self.locked(self.member.ledger.working).values())[:5]:
            request = self.member.ledger.requests[cl_ord_id]
            self.send(self.requests.cancel(cl_ord_id, request))
            self.send(self.requests.cancel(cl_ord_id, request))
        self.await_settled("cancels sent twice")

    def unusual_requests(self):
        """Every kind of answer that says no, and reports with every field that we write."""
        for message in self.requests.unusual():
            self.send(message)
        self.await_settled("unusual requests")

    def cut_with_orders_in_flight(self):
        """Answers to the first orders and the last orders themselves are lost with the line."""
        logons = self.member.logons
        self.line.losing.add(TO_MEMBER)
        for _ in range(20):
            self.send(self.requests.order())
        time.sleep(0.3)
        self.line.losing.add(TO_GATEWAY)
        for _ in range(20):
            self.send(self.requests.order())
        time.sleep(0.2)
        self.line.cut()
        self.wait("the engine sees the cut", lambda: not self.is_logged_on())
        # Orders written while the line is down wait in the engine's store.
        for _ in range(5):
            self.send(self.requests.order())
        self.line.mend()
        self.await_logon(logons + 1)
        self.await_settled("after the cut")

    def gap_towards_the_gateway(self):
        """Our numbers jump: the gateway has to ask for what it never got."""
        session = self.member.session
        before = self.member.received_kinds.get("2", 0)
        session.setNextSenderMsgSeqNum(session.getExpectedSenderNum() + 7)
        for _ in range(10):
            self.send(self.requests.order())
        self.wait("ResendRequest of the gateway",
                  lambda: self.member.received_kinds.get("2", 0) > before)
        self.await_settled("after a gap towards the gateway")

    def gap_towards_the_member(self):
        """We forget what we got: the engine asks, and gets copies and gap fills."""
        session = self.member.session
        with self.member.lock:
            copies = self.member.ledger.copies
            wanted = session.getExpectedTargetNum() - 12
            of_us = [raw for raw in self.member.app_received
                     if int(fix_text.as_dict(raw)[34]) >= wanted]
            session.setNextTargetMsgSeqNum(wanted)
        for _ in range(5):
            self.send(self.requests.order())
        self.wait(f"{len(of_us)} copies of what we forgot",
                  lambda: self.member.ledger.copies >= copies + len(of_us))
        self.await_settled("after a gap towards the member")

    def garbled_to_the_gateway(self):
        """One bit turned on the way: the gateway drops the message and asks for it again."""
        before = self.member.received_kinds.get("2", 0)
        self.line.garbling.add(TO_GATEWAY)
        self.send(self.requests.order())
        time.sleep(0.3)
        self.send(self.requests.order())
        self.wait("ResendRequest for the garbled message",
                  lambda: self.member.received_kinds.get("2", 0) > before)
        self.await_settled("after a garbled message")


SESSION_STEPS = ("logs_on", "answers_a_test_request", "sends_heartbeats", "asks_when_we_are_silent")


def order_steps(run):
    """The 200 orders and more, with everything that may come between."""
    return [
        ("orders, replaces and cancels", lambda: run.rounds(4, "before the cut")),
        ("cancels sent twice", run.cancel_twice),
        ("unusual requests", run.unusual_requests),
        ("a cut with orders in flight", run.cut_with_orders_in_flight),
        ("changes after the cut", lambda: run.change_some("after the cut")),
        ("a gap towards the gateway", run.gap_towards_the_gateway),
        ("a gap towards the member", run.gap_towards_the_member),
        ("a garbled message", run.garbled_to_the_gateway),
        ("more orders", lambda: run.rounds(4, "after the gaps")),
    ]


def converse(run, only_session, drops):
    """Every step, the log-out at the end included."""
    if drops:
        run.step("logs on", run.logs_on)
        run.step(f"{drops} drops", lambda: run.drops.go(drops))
    elif only_session:
        for name in SESSION_STEPS:
            run.step(name.replace("_", " "), getattr(run, name))
    else:
        run.step("logs on", run.logs_on)
        for name, step in order_steps(run):
            run.step(name, step)
            if any("timed out" in problem for problem in run.problems) and not run.is_logged_on():
                run.problems.append(f"{name}: the session is down, the rest was not run")
                break
    run.step("logs out", run.logs_out)
    run.engine.stop()
    run.line.stop()
    run.problems += wire.problems(run.line.connections, TO_MEMBER)


def result(run, only_session, drops):
    ledger = run.member.ledger
    violations = run.problems + ledger.violations + run.member.failures
    violations += [f"QuickFIX rejects what the gateway sent: {fix_text.shown(raw)}"
                   for raw in run.member.rejects_sent]
    violations += [f"{cl_ord_id}: never answered" for cl_ord_id in ledger.unsettled()]
    counts = ledger.counts()
    if drops and run.drops.done < drops:
        violations.append(f"the line dropped {run.drops.done} of {drops} times")
    if not only_session and not drops:
        violations += [f"fewer {what} than the run needs: {counts[what]} of {least}"
                       for what, least in (("orders", 200), ("cancels", 20), ("replaces", 20),
                                           ("fills", 5), ("copies_not_counted", 1),
                                           ("business_rejects", 1), ("session_rejects", 2))
                       if counts[what] < least]
    return {
        "version": run.version, "steps": run.shown, "logons": run.member.logons,
        "unanswered": len(ledger.unsettled()), "doubled": ledger.doubled,
        "line": run.drops.counts(), "counts": counts,
        "sent": dict(sorted(run.member.sent_kinds.items())),
        "received": dict(sorted(run.member.received_kinds.items())),
        "cut_ports": [c.gateway_side_port for c in run.line.connections if c.was_cut],
        "violations": violations,
    }


def arguments():
    parser = argparse.ArgumentParser(description="QuickFIX as a member of a running gateway.")
    parser.add_argument("--gwanmun", help="the program; it is started as exchange and gateway")
    parser.add_argument("--gateway", help="the thin gwanmun-gateway, in place of gwanmun's own")
    parser.add_argument("--gateway-port", type=int, help="a gateway that runs already")
    parser.add_argument("--version", choices=versions.NAMES, default="FIX.4.4")
    steps = parser.add_mutually_exclusive_group()
    steps.add_argument("--only-session", action="store_true", help="no orders")
    steps.add_argument("--drops", type=int, default=0, help="drop the line so many times")
    parser.add_argument("--tcpdump", action="store_true", help="watch and compare; needs root")
    parser.add_argument("--next-expected", action="store_true",
                        help="tell NextExpectedMsgSeqNum in the Logon; not in FIX.4.2")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder of the run, kept; a new one that must not exist")
    given = parser.parse_args()
    if (given.gwanmun is None) == (given.gateway_port is None):
        parser.error("one of --gwanmun and --gateway-port is needed")
    return given


def watched(given, folder):
    """One run from the start of the processes to their end: its result, or None."""
    house, codes = None, {}
    try:
        port = given.gateway_port
        if port is None:
            begin_string = versions.BEGIN_STRINGS[given.version]
            house = House(folder, given.gwanmun, given.gateway, begin_string=begin_string)
            house.start_exchange()
            house.start_gateway()
            port = house.fix_port
        heart_bt_int = 1 if given.only_session else 5
        run = Run(folder, port, given.seed, given.version, heart_bt_int, given.next_expected)
        converse(run, given.only_session, given.drops)
        found = result(run, given.only_session, given.drops)
    finally:
        if house is not None:
            codes = house.stop()
    found["exit_codes"] = codes
    if house is not None:
        # The venue's own word on what reached it.
        at_venue = house.venue_orders()
        twice = len(at_venue) - len(set(at_venue))
        found["doubled"] += twice
        if twice:
            found["violations"].append(f"{twice} orders reached the venue twice")
    found["violations"] += [f"{name} ended with {code}" for name, code in codes.items() if code]
    if found["violations"] and house is not None:
        print(house.log_tail("gateway"), file=sys.stderr)
    return found


def compared(watch, folder, found):
    """What tcpdump saw, held against the gateway's capture."""
    compared = tcpdump_compare.compare(watch.path, tcpdump_compare.capture_files(folder))
    if watch.dropped != 0:
        compared["violations"].append(f"tcpdump lost {watch.dropped} packets: the run is void")
    is_of_cut_line = lambda difference: any(
        f":{port} " in difference["line"] for port in found["cut_ports"])
    compared["violations"] += [f"{difference['line']}: differs, but we never cut it"
                               for difference in compared["differences"]
                               if not is_of_cut_line(difference)]
    found["violations"] += compared.pop("violations")
    found["tcpdump"] = compared


def main():
    given = arguments()
    if given.keep:
        pathlib.Path(given.keep).mkdir(parents=True)
    folder = pathlib.Path(given.keep or tempfile.mkdtemp(prefix="gwanmun-member-")).resolve()
    watch = tcpdump_compare.Watch(folder / "lo.pcap") if given.tcpdump else None
    try:
        with watch or contextlib.nullcontext():
            found = watched(given, folder)
        if watch is not None:
            compared(watch, folder, found)
    except (RuntimeError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 4
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=2))
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
