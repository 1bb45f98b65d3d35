"""QuickFIX as a venue of a running gateway, which is the initiator towards it, over a line that drops.

    python interop/quickfix_venue.py --gwanmun target/release/gwanmun
        [--version FIX.4.2|FIX.4.4|FIX.5.0SP2] [--drops N] [--kills N] [--keep DIR]

QuickFIX plays the member too, in a session of its own. Orders, replaces and cancels go through the
gateway to the venue; the line between the two is cut so many times with some of what either side said
lost before, and the gateway is killed now and then. In the end each request has one answer, no order
was at the venue twice, none was sent again, and the fills that the member knows are the venue's.
Prints one JSON object. Exit code 0: nothing to object to; 1: a violation; 2: usage; 4: a process did
not start.

Needs the Python package quickfix 1.16.0; everything else is the standard library.
"""

import argparse
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
from drops import LOSSES
from ledger import Ledger
from line import Line
from member import Engine, Member, wait
from orders import Requests
from processes import GATEWAY, MEMBER, PASSWORD, USERNAME, House
from quickfix_acceptor import Listening

VENUE, FIRM = "QFVENUE", "FIRM"
# Requests between two cuts.
REQUESTS_A_DROP = 4


class Venue(fix.Application):
    """Takes every order, fills each third one in two parts, and answers what is asked about them."""

    def __init__(self, version):
        super().__init__()
        self.version = version
        self.lock = threading.RLock()
        self.session_id = None
        self.logons, self.exec_count, self.copies, self.doubled = 0, 0, 0, 0
        # By ClOrdID: what is known of the order; a replaced one is known by its new name alone.
        self.orders, self.names, self.fills = {}, set(), {}
        self.received_kinds, self.failures = {}, []

    def onCreate(self, session_id):
        self.session_id = session_id

    def onLogon(self, session_id):
        self.logons += 1

    def onLogout(self, session_id):
        pass

    def toAdmin(self, message, session_id):
        self.look(message)

    def toApp(self, message, session_id):
        self.look(message)

    def look(self, message):
        if message.getHeader().getField(35) in "3j":
            # What QuickFIX's dictionary does not allow it rejects.
            text = fix_text.shown(message.toString().encode("latin-1"))
            self.failures.append(f"QuickFIX rejects what the gateway sent: {text}")

    def fromAdmin(self, message, session_id):
        self.count(message)

    def fromApp(self, message, session_id):
        self.count(message)
        with self.lock:
            # An exception would vanish inside the engine.
            try:
                self.take(fix_text.as_dict(message.toString().encode("latin-1")))
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")

    def count(self, message):
        kind = message.getHeader().getField(35)
        with self.lock:
            self.received_kinds[kind] = self.received_kinds.get(kind, 0) + 1

    def take(self, request):
        if request.get(43) == "Y":
            self.copies += 1
        {"D": self.enter, "F": self.cancel, "G": self.replace, "H": self.status}[request[35]](request)

    def enter(self, request):
        if request[11] in self.names:
            self.doubled += 1
            return
        self.names.add(request[11])
        order = {"id": request[11], "symbol": request[55], "side": request[54],
                 "total": int(request[38]), "price": request.get(44, "1"), "cum": 0, "status": "0"}
        self.orders[request[11]] = order
        self.report(order, "0")
        if len(self.names) % 3 == 0:
            half = max(order["total"] // 2, 1)
            for part in (half, order["total"] - half):
                if part:
                    self.fill(order, part)

    def fill(self, order, quantity):
        order["cum"] += quantity
        order["status"] = "2" if order["cum"] >= order["total"] else "1"
        self.fills[order["symbol"]] = self.fills.get(order["symbol"], 0) + quantity
        kind = order["status"] if "2" in versions.FILLS[self.version] else "F"
        self.report(order, kind, {32: str(quantity), 31: order["price"]})

    def is_live(self, name):
        return name in self.orders and self.orders[name]["status"] in "01"

    def cancel(self, request):
        if not self.is_live(request[41]):
            self.refuse(request, "1")
            return
        order = self.orders[request[41]]
        order["status"] = "4"
        self.report(order, "4", {11: request[11], 41: request[41]})

    def replace(self, request):
        if not self.is_live(request[41]):
            self.refuse(request, "2")
            return
        order = self.orders.pop(request[41])
        order |= {"id": request[11], "total": int(request[38]), "price": request.get(44, "1")}
        self.names.add(request[11])
        self.orders[request[11]] = order
        self.report(order, "5", {41: request[41]})

    def status(self, request):
        order = self.orders.get(request[11])
        kind, more = "I", {}
        if self.version == "FIX.4.2":
            kind, more = (order["status"] if order else "8"), {20: "3"}
        elif 790 in request:
            more = {790: request[790]}
        if order is None:
            order = {"id": request[11], "symbol": request[55], "side": request[54], "total": 0,
                     "price": "1", "cum": 0, "status": "8"}
            more |= {103: "5"}
        self.report(order, kind, more)

    def report(self, order, kind, more=None):
        self.exec_count += 1
        left = order["total"] - order["cum"] if order["status"] in "01" else 0
        fields = {37: f"Q{order['id']}", 11: order["id"], 17: f"E{self.exec_count}", 150: kind,
                  39: order["status"], 55: order["symbol"], 54: order["side"],
                  38: str(order["total"]), 151: str(left), 14: str(order["cum"]),
                  6: order["price"] if order["cum"] else "0"} | (more or {})
        if self.version == "FIX.4.2":
            fields.setdefault(20, "0")
        self.say("8", fields)

    def refuse(self, request, response_to):
        self.say("9", {37: "NONE", 11: request[11], 41: request[41], 39: "8", 434: response_to,
                       102: "1"})

    def say(self, kind, fields):
        message = fix.Message()
        header = message.getHeader()
        header.setField(8, versions.BEGIN_STRINGS[self.version])
        header.setField(35, kind)
        for tag, value in fields.items():
            message.setField(tag, value)
        # Nothing but the session's own resend tells it where nobody is there.
        fix.Session.sendToTarget(message, self.session_id)


class Run:
    """Both engines, the line between gateway and venue, and the processes."""

    def __init__(self, given, folder):
        self.given, self.folder, self.problems = given, folder, []
        self.random = random.Random(given.seed)
        self.venue = Venue(given.version)
        self.acceptor = Listening(self.venue, given.version, folder / "venue", (VENUE, FIRM))
        self.line = Line(self.acceptor.port)
        self.house = House(folder, given.gwanmun)
        self.speak_fix()
        self.house.start_exchange()
        self.house.start_gateway()
        self.member = Member(Ledger(versions.FILLS["FIX.4.4"]), USERNAME, PASSWORD)
        self.requests = Requests(given.seed)
        self.engine = Engine(folder, self.house.fix_port, self.member, (MEMBER, GATEWAY), "FIX.4.4",
                             5)
        self.drops, self.kills = 0, 0

    def speak_fix(self):
        """The gateway's orders go to QuickFIX; market state still comes from the exchange."""
        path = self.house.gateway_file
        text = path.read_text()
        session = (f'protocol = "fix"\nbegin_string = "{versions.BEGIN_STRINGS[self.given.version]}"\n'
                   f'sender_comp_id = "{FIRM}"\ntarget_comp_id = "{VENUE}"\nheart_bt_int = 1')
        # The first is the venue's own; a comment of the example may have another.
        text = text.replace('protocol = "ouch50"', session, 1)
        old = f'connect = "127.0.0.1:{self.house.order_port}"'
        if old not in text:
            raise RuntimeError("the gateway's file has no order line to change")
        path.write_text(text.replace(old, f'connect = "127.0.0.1:{self.line.port}"', 1))

    def wait(self, what, condition, timeout_s=60):
        return wait(what, condition, timeout_s, self.problems)

    def send(self, message):
        fix.Session.sendToTarget(message, self.member.session_id)

    def unsettled(self):
        with self.member.lock:
            return set(self.member.ledger.unsettled())

    def working(self):
        with self.member.lock:
            return list(self.member.ledger.working().values())

    def some(self, count):
        """New orders, with a replace and a cancel of what works."""
        for _ in range(count):
            self.send(self.requests.order())
        working = self.working()
        for make in (self.requests.replace, self.requests.cancel):
            if working:
                name = working.pop(self.random.randrange(len(working)))
                self.send(make(name, self.member.ledger.requests[name]))

    def orders_flow(self):
        """Sends orders until the venue has one more: the line is settled."""
        before = len(self.venue.names)

        def has_more():
            if len(self.venue.names) > before:
                return True
            self.send(self.requests.order())
            time.sleep(0.05)
            return False
        return self.wait("orders at the venue", has_more)

    def go(self):
        self.wait("the member's logon", lambda: self.member.logons > 0)
        self.orders_flow()
        while self.drops < self.given.drops and not self.problems:
            self.some(self.random.randint(1, REQUESTS_A_DROP))
            self.line.losing.update(self.random.choice(LOSSES))
            self.some(self.random.randint(1, REQUESTS_A_DROP))
            time.sleep(self.random.choice((0, 0.001, 0.005, 0.02)))
            if self.kills < self.given.kills and self.drops % 3 == 1:
                self.kill()
            self.line.cut()
            self.drops += 1
            if self.random.random() < 0.3:
                self.some(1)
            self.line.mend()
            self.orders_flow()
        self.wait("every request answered", lambda: not self.unsettled())

    def kill(self):
        """The gateway dies, and another one goes on from its journal."""
        gateway = self.house.children["gateway"]
        gateway.kill()
        gateway.wait()
        self.kills += 1
        logons = self.member.logons
        self.house.start_gateway()
        self.wait("the member's logon", lambda: self.member.logons > logons)

    def stop(self):
        """Ends what was started, but for the acceptor, which crashes now and then when it is stopped."""
        self.engine.stop()
        codes = self.house.stop()
        self.line.stop()
        return codes


def member_fills(member):
    """Quantity filled by symbol, by the member's own messages."""
    fills, seen = {}, set()
    for raw in member.app_received:
        report = fix_text.as_dict(raw)
        if report[35] == "8" and report[150] == "F" and report[17] not in seen:
            seen.add(report[17])
            fills[report[55]] = fills.get(report[55], 0) + int(report[32])
    return fills


def judged(run, codes):
    venue, ledger = run.venue, run.member.ledger
    problems = run.problems + ledger.violations + run.member.failures + venue.failures
    problems += [f"{name}: never answered" for name in ledger.unsettled()]
    if venue.doubled:
        problems.append(f"{venue.doubled} orders were at the venue twice")
    if venue.copies:
        problems.append(f"{venue.copies} requests were sent again with PossDupFlag")
    fills = member_fills(run.member)
    if fills != venue.fills:
        problems.append(f"fills: the member knows {fills}, the venue {venue.fills}")
    if not venue.fills or venue.received_kinds.get("H", 0) == 0 and run.drops:
        problems.append("nothing was filled, or nothing was ever in doubt")
    with run.member.lock:
        working = len(ledger.working())
    live = sum(order["status"] in "01" for order in venue.orders.values())
    if working != live:
        problems.append(f"{working} orders work by the member, {live} by the venue")
    problems += [f"{name} ended with {code}" for name, code in codes.items() if code != 0]
    return {
        "version": run.given.version, "orders_at_venue": len(venue.names), "cuts": run.drops,
        "kills": run.kills, "venue_logons": venue.logons, "fills": venue.fills, "live": live,
        "counts": ledger.counts(), "received": dict(sorted(venue.received_kinds.items())),
        "violations": problems,
    }


def run_through(given, folder):
    run = Run(given, folder)
    try:
        run.go()
        return judged(run, run.stop())
    finally:
        run.house.stop()


def main():
    parser = argparse.ArgumentParser(description="QuickFIX as a venue of our gateway.")
    parser.add_argument("--gwanmun", required=True, type=pathlib.Path)
    parser.add_argument("--version", choices=versions.NAMES, default="FIX.4.4")
    parser.add_argument("--drops", type=int, default=20, help="cut the line so many times")
    parser.add_argument("--kills", type=int, default=3, help="kill the gateway so many times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder of the run, kept; a new one that must not exist")
    given = parser.parse_args()
    return verdict.told(given, "venue", lambda folder: run_through(given, folder))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without destructors, for the engine's sake: see `Run.stop`.
    os._exit(code)
