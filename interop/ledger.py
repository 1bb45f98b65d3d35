"""What a member can know about its own orders, kept apart from any engine.

Each D, F, G and H has exactly one settling answer, each fill one report, each order at most one
terminal state. A possible duplicate of a report already seen is compared with it and not counted.
"""

import fix_text

NEW, CANCELED, REPLACED, REJECTED, TRADE, EXPIRED = "0", "4", "5", "8", "F", "C"
TERMINAL = {"2", "3", "4", "8", "C"}
NEVER_ARRIVED = "200"
TRANSPORT_TAGS = (b"8", b"9", b"10", b"43", b"52", b"122", b"97")


class Ledger:
    """Requests as they were sent, answers as they were first received."""

    def __init__(self, fills=frozenset(TRADE)):
        """`fills` are the values of ExecType(150) that report a fill in the session's version."""
        self.fill_types = fills
        self.requests = {}
        self.sent_numbers = {}
        self.answers = {}
        self.fills = {}
        self.cum = {}
        self.terminal = {}
        self.bodies = {}
        self.refused = {}
        self.copies = 0
        # Answers and fills that came a second time under a number of their own.
        self.doubled = 0
        self.reports = 0
        self.violations = []

    def violation(self, text):
        self.violations.append(text)

    def sent(self, message):
        """A request leaves; a copy with PossDupFlag(43) is the same request."""
        values = fix_text.as_dict(message)
        kind, number = values.get(35), int(values[34])
        if kind not in ("D", "F", "G", "H"):
            return
        cl_ord_id = values[11]
        if values.get(43) == "Y":
            return
        self.sent_numbers[number] = cl_ord_id
        self.requests[cl_ord_id] = {
            "kind": kind,
            "orig": values.get(41),
            "symbol": values[55],
            "side": values[54],
            # Whoever sends a quantity that is no number wants to see it refused.
            "qty": int(values[38]) if values.get(38, "").isdigit() else 0,
            "price": values.get(44),
        }

    def root(self, cl_ord_id):
        """The ClOrdID(11) with which the order behind a chain of requests began."""
        while self.requests.get(cl_ord_id, {}).get("orig"):
            cl_ord_id = self.requests[cl_ord_id]["orig"]
        return cl_ord_id

    def is_copy(self, message, values):
        """Whether this MsgSeqNum(34) was seen before; it must then be the same message again."""
        number = int(values[34])
        body = [pair for pair in fix_text.fields(message) if pair[0] not in TRANSPORT_TAGS]
        known = self.bodies.setdefault(number, body)
        if known is body:
            return False
        self.copies += 1
        if values.get(43) != "Y":
            self.violation(f"MsgSeqNum {number} came twice without PossDupFlag")
        if known != body:
            self.violation(f"MsgSeqNum {number} came twice with another body")
        return True

    def received(self, message):
        """An application message as the session delivered it."""
        values = fix_text.as_dict(message)
        if self.is_copy(message, values):
            return
        kind = values[35]
        if kind == "8":
            self.reports += 1
            self.report(values)
        elif kind == "9":
            self.reports += 1
            self.settle(values[11], "cancel_reject", values)
        elif kind == "j":
            cl_ord_id = values.get(379) or self.sent_numbers.get(int(values.get(45, "0")))
            self.settle(cl_ord_id, "business_reject", values)
        else:
            self.violation(f"unexpected MsgType {kind}")

    def session_rejected(self, message):
        """A session Reject(3) names the MsgSeqNum(34) that it refuses."""
        values = fix_text.as_dict(message)
        cl_ord_id = self.sent_numbers.get(int(values.get(45, "0")))
        if cl_ord_id is None:
            self.violation(f"session reject of nothing of ours: {fix_text.shown(message)}")
        else:
            self.settle(cl_ord_id, "session_reject", values)

    def report(self, values):
        exec_type, cl_ord_id = values[150], values.get(11, "")
        request = self.requests.get(cl_ord_id)
        if request is None:
            self.violation(f"a report of an order that was never sent: ClOrdID {cl_ord_id}")
            return
        root = self.root(cl_ord_id)
        if exec_type in self.fill_types:
            self.fill(root, values)
        elif exec_type in (NEW, REJECTED, REPLACED):
            self.settle(cl_ord_id, exec_type, values)
        elif exec_type == CANCELED and request["kind"] == "F":
            self.settle(cl_ord_id, exec_type, values)
        elif exec_type not in (CANCELED, EXPIRED):
            self.violation(f"ExecType {exec_type} is no settling answer and no fill")
        self.check_quantities(root, values)
        # A cancel or replace that is refused says nothing about the order's own end.
        if values[39] in TERMINAL and not (exec_type == REJECTED and request["kind"] != "D"):
            before = self.terminal.get(root)
            self.terminal[root] = values[39]
            if before is not None:
                self.violation(f"order {root} ended twice: OrdStatus {before}, then {values[39]}")

    def fill(self, root, values):
        exec_id = values[17]
        if exec_id in self.fills:
            self.doubled += 1
            self.violation(f"fill {exec_id} reported twice")
            return
        if root in self.terminal:
            self.violation(f"fill {exec_id} after the end of order {root}")
        self.fills[exec_id] = (root, int(values[32]), values[31])
        self.cum[root] = self.cum.get(root, 0) + int(values[32])

    def check_quantities(self, root, values):
        """CumQty(14) is the sum of the fills; LeavesQty(151) is what can still be filled."""
        if int(values[14]) != self.cum.get(root, 0):
            text = f"order {root}: CumQty {values[14]}, but fills sum to {self.cum.get(root, 0)}"
            self.violation(text)
        leaves = int(values[151])
        if values[39] in TERMINAL and leaves != 0:
            self.violation(f"order {root}: ended with LeavesQty {leaves}")
        if values[39] in ("0", "1") and 38 in values and leaves != int(values[38]) - int(values[14]):
            self.violation(f"order {root}: LeavesQty {leaves} is not OrderQty minus CumQty")

    def settle(self, cl_ord_id, answer, values):
        if cl_ord_id not in self.requests:
            self.violation(f"an answer to nothing of ours: ClOrdID {cl_ord_id}")
            return
        kind = self.requests[cl_ord_id]["kind"]
        wanted = {"D": (NEW, REJECTED), "F": (CANCELED, "cancel_reject"),
                  "G": (REPLACED, "cancel_reject"), "H": ()}[kind]
        if answer not in wanted + ("business_reject", "session_reject"):
            self.violation(f"{kind} {cl_ord_id} answered with {answer}")
        self.answers.setdefault(cl_ord_id, []).append(answer)
        if len(self.answers[cl_ord_id]) > 1:
            self.doubled += 1
            self.violation(f"{kind} {cl_ord_id} answered twice: {self.answers[cl_ord_id]}")
        if answer not in (NEW, CANCELED, REPLACED):
            code = values.get(20110, values.get(58, answer))
            self.refused[code] = self.refused.get(code, 0) + 1

    def unsettled(self):
        """Requests that still have no answer."""
        return [cl_ord_id for cl_ord_id in self.requests if cl_ord_id not in self.answers]

    def working(self):
        """Orders that are acknowledged and not at their end, as their latest ClOrdID(11)."""
        latest = {}
        for cl_ord_id, request in self.requests.items():
            answered = self.answers.get(cl_ord_id, [None])[0]
            if (request["kind"], answered) in (("D", NEW), ("G", REPLACED)):
                latest[self.root(cl_ord_id)] = cl_ord_id
        return {root: last for root, last in latest.items() if root not in self.terminal}

    def counts(self):
        """The figures of the run."""
        of_kind = lambda kind: sum(r["kind"] == kind for r in self.requests.values())
        answered = lambda answer: sum(a[0] == answer for a in self.answers.values())
        return {
            "orders": of_kind("D"), "cancels": of_kind("F"), "replaces": of_kind("G"),
            "reports": self.reports, "fills": len(self.fills),
            "new": answered(NEW), "canceled": answered(CANCELED), "replaced": answered(REPLACED),
            "rejected": answered(REJECTED), "cancel_rejects": answered("cancel_reject"),
            "business_rejects": answered("business_reject"),
            "session_rejects": answered("session_reject"),
            "never_arrived": self.refused.get(NEVER_ARRIVED, 0),
            "refused_by_code": dict(sorted(self.refused.items())),
            "ended": len(self.terminal), "copies_not_counted": self.copies,
        }
