"""The judges themselves: each is shown something wrong and has to say so.

    python3 -m unittest discover -s interop
"""

import pathlib
import struct
import tempfile
import types
import unittest

import fix_text
import quickfix_fields
import tcpdump_compare
import tshark_reads
import versions
import wire
from ledger import Ledger
from recording import ACK, FIN, RST, SYN

CLIENT_PORT, FIX_PORT = 40000, 9876


def message(text):
    """A whole message from its fields behind BodyLength(9), with bars between them."""
    body = text.replace("|", "\x01").encode() + b"\x01"
    front = b"8=FIX.4.4\x019=%d\x01" % len(body) + body
    return front + b"10=" + fix_text.check_sum(front) + b"\x01"


def order(number, cl_ord_id, kind="D", orig=""):
    orig = f"41={orig}|" if orig else ""
    return message(f"35={kind}|34={number}|11={cl_ord_id}|{orig}55=005930|54=1|38=10|44=71500")


def report(number, cl_ord_id, exec_type, ord_status, cum=0, more=""):
    leaves = 0 if ord_status in "248" else 10 - cum
    return message(f"35=8|34={number}|{more}11={cl_ord_id}|17=E{number}|150={exec_type}"
                   f"|39={ord_status}|38=10|14={cum}|151={leaves}|32={cum}|31=71500|37=G1")


class LedgerTest(unittest.TestCase):
    def ledger(self, *received):
        ledger = Ledger()
        ledger.sent(order(2, "D1"))
        ledger.sent(order(3, "F1", "F", "D1"))
        for raw in received:
            ledger.received(raw)
        return ledger

    def check(self, wanted, *received):
        violations = self.ledger(*received).violations
        self.assertTrue(any(wanted in text for text in violations), violations)

    def test_a_sound_day_is_sound(self):
        ledger = self.ledger(report(2, "D1", "0", "0"), report(3, "D1", "F", "1", 4),
                             report(3, "D1", "F", "1", 4, "43=Y|122=x|"),
                             report(4, "F1", "4", "4", 4))
        self.assertEqual((ledger.violations, ledger.unsettled(), ledger.copies), ([], [], 1))

    def test_a_missing_answer_is_seen(self):
        self.assertEqual(self.ledger(report(2, "D1", "0", "0")).unsettled(), ["F1"])

    def test_what_is_wrong_is_named(self):
        new = report(2, "D1", "0", "0")
        self.check("answered twice", new, report(3, "D1", "0", "0"))
        self.check("never sent", report(2, "D9", "0", "0"))
        self.check("CumQty", new, report(3, "D1", "4", "4", 4))
        self.check("ended twice", new, report(3, "D1", "F", "2", 10), report(4, "F1", "4", "4", 10))
        self.check("after the end", new, report(3, "F1", "4", "4"), report(4, "D1", "F", "1", 4))
        self.check("without PossDupFlag", new, new)
        self.check("another body", new, report(2, "D1", "0", "1", 0, "43=Y|"))
        self.check("no settling answer", report(2, "D1", "A", "A"))
        fill = report(3, "D1", "F", "1", 4)
        twice = fill.replace(b"34=3", b"34=4")
        self.check("reported twice", new, fill, twice)


class FillTest(unittest.TestCase):
    def test_a_fill_is_told_in_the_version_s_words(self):
        fill = report(3, "D1", "1", "1", 4)
        for version, count in (("FIX.4.2", 1), ("FIX.4.4", 0), ("FIX.5.0SP2", 0)):
            ledger = Ledger(versions.FILLS[version])
            ledger.sent(order(2, "D1"))
            ledger.received(report(2, "D1", "0", "0"))
            ledger.received(fill)
            self.assertEqual((len(ledger.fills), not ledger.violations), (count, count == 1))


class WireTest(unittest.TestCase):
    def problems(self, *streams, was_cut=False, may_tear=False):
        connections = [types.SimpleNamespace(taken={"out": stream}, was_cut=was_cut)
                       for stream in streams]
        return wire.problems(connections, "out", may_tear)

    def test_numbers_that_go_on_over_connections_are_right(self):
        first, second, third = (order(number, f"D{number}") for number in (1, 2, 3))
        copy = message("35=D|34=1|43=Y|11=D1|55=005930|54=1|38=10|44=71500")
        self.assertEqual(self.problems(first + second, copy + third), [])
        fill = message("35=4|34=2|43=Y|123=Y|36=3")
        self.assertEqual(self.problems(first, third, fill), [])

    def test_what_is_wrong_is_named(self):
        first, third = order(1, "D1"), order(3, "D3")
        event = message("35=8|34=1|17=E1"), message("35=8|34=2|17=E1")
        for text, streams in (("twice without", (first, first)), ("never left", (first + third,)),
                              ("malformed", (first[:-9] + third,)), ("ExecID", event)):
            found = self.problems(*streams)
            self.assertTrue(any(text in problem for problem in found), (text, found))

    def test_a_message_may_be_torn_where_its_line_was(self):
        torn = order(1, "D1") + order(2, "D2")[:-9]
        self.assertEqual(len(self.problems(torn)), 1)
        self.assertEqual(self.problems(torn, was_cut=True), [])
        self.assertEqual(self.problems(torn, may_tear=True), [])


def packet(from_client, sequence, flags, payload=b"", acknowledged=0):
    """An Ethernet frame with a TCP segment on loopback."""
    ports = (CLIENT_PORT, FIX_PORT) if from_client else (FIX_PORT, CLIENT_PORT)
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags | ACK, 9, 0, 0)
    tcp = tcp if not flags & SYN or not from_client else tcp[:13] + bytes([SYN]) + tcp[14:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0, 9, 6, 0,
                     b"\x7f\0\0\1", b"\x7f\0\0\1")
    return b"\0" * 12 + b"\x08\0" + ip + tcp + payload


def conversation(from_member, end=FIN):
    """A recording in which the member sends these bytes in pieces, out of order and twice."""
    middle = len(from_member) // 2
    first = packet(True, 101, 0, from_member[:middle])
    second = packet(True, 101 + middle, 0, from_member[middle:])
    frames = [packet(True, 100, SYN), packet(False, 500, SYN, acknowledged=101),
              second, first, second, packet(False, 501, 0, acknowledged=101 + middle),
              packet(True, 101 + len(from_member), end)]
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return head + b"".join(struct.pack("<IIII", 0, 0, len(f), len(f)) + f for f in frames)


class CompareTest(unittest.TestCase):
    def setUp(self):
        # The invented frames carry no checksums, and tshark has tests of its own to pass.
        self.judged, tshark_reads.judged = tshark_reads.judged, lambda *_: ({}, [])

    def tearDown(self):
        tshark_reads.judged = self.judged

    def compared(self, theirs, ours, end=FIN):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in ("theirs.pcap", "ours.pcap")]
            for path, stream in zip(paths, (theirs, ours)):
                path.write_bytes(conversation(stream, end))
            result = tcpdump_compare.compare(paths[0], paths[1:])
        result["violations"] = [v for v in result["violations"] if "tshark" not in v]
        return result

    def test_equal_streams_are_equal(self):
        stream = order(2, "D1") + order(3, "D2")
        self.assertEqual(self.compared(stream, stream)["violations"], [])

    def test_secrets_are_rewritten_first(self):
        logon = message("35=A|34=1|553=member1|554=m1-pass")
        self.assertIn(b"554=*******\x01", fix_text.rewritten(logon))
        self.assertEqual(self.compared(logon, fix_text.rewritten(logon))["violations"], [])
        self.assertEqual(len(self.compared(logon, logon)["violations"]), 2)

    def test_a_missing_or_changed_message_is_found(self):
        first, second = order(2, "D1"), order(3, "D2")
        self.assertEqual(len(self.compared(first + second, first)["violations"]), 1)
        self.assertEqual(len(self.compared(first, first + second)["violations"]), 1)
        self.assertEqual(len(self.compared(first + second, second)["violations"]), 1)
        self.assertEqual(len(self.compared(first, order(2, "D7"))["violations"]), 2)

    def test_on_a_cut_line_only_the_end_may_differ(self):
        first, second = order(2, "D1"), order(3, "D2")
        cut = self.compared(first + second, first, end=RST)
        self.assertEqual((cut["violations"], len(cut["differences"])), ([], 1))
        self.assertNotEqual(self.compared(first + second, second, end=RST)["violations"], [])

    def test_the_ledger_of_the_driver_is_held_against_the_wire(self):
        with tempfile.TemporaryDirectory() as folder:
            theirs, ledger = pathlib.Path(folder) / "x.pcap", pathlib.Path(folder) / "x.csv"
            theirs.write_bytes(conversation(order(2, "D1") + order(3, "D2")))
            rows = [f"out,{tcpdump_compare.in_ledger(order(n, f'D{n - 1}'))}" for n in (2, 3)]
            for kept, wanted in ((rows, 0), (rows[:1], 1), (rows + rows[:1], 1)):
                ledger.write_text("direction,raw\n" + "\n".join(kept) + "\n")
                found = tcpdump_compare.compare_ledger(theirs, ledger)["violations"]
                self.assertEqual(len(found), wanted, found)


class FieldsTest(unittest.TestCase):
    """The judge of fields, with a peer that says what a test wants."""

    def judged(self, text, ours, theirs):
        """Counts, explanations that were used and the number of unexplained cases; bars for SOH."""
        case = {"mutation": "Byte", "message": text.replace("|", "\x01"), "fields": ours}
        theirs = theirs and theirs.replace("|", "\x01")
        counts, explained, unexplained = quickfix_fields.judged([case], lambda _: (theirs, "no"))
        return dict(counts), [why for why, count in explained.items() if count], len(unexplained)

    def test_order_and_what_is_computed_do_not_matter(self):
        ours = [[8, "x"], [9, "3"], [55, "A"], [11, "B"], [95, "3"], [96, "a\x01="], [10, "000"]]
        theirs = "8=x|9=4|11=B|55=A|95=3|96=a|=|10=001|"
        self.assertEqual(self.judged("8=x|", ours, theirs),
                         ({"compared": 1, "same_fields": 1}, [], 0))

    def test_a_difference_is_told(self):
        for theirs in ("8=x|55=B|", "8=x|", "8=x|55=A|55=A|", None):
            counts, explained, unexplained = self.judged("8=x|55=A|", [[8, "x"], [55, "A"]], theirs)
            self.assertEqual((counts, explained, unexplained), ({"compared": 1}, [], 1), theirs)
        self.assertEqual(self.judged("8=x|55=A|", None, "8=x|55=A|")[1:], ([], 1))

    def test_both_may_refuse_and_some_cannot_be_given(self):
        self.assertEqual(self.judged("8=x|", None, None), ({"compared": 1, "both_refused": 1}, [], 0))
        self.assertEqual(self.judged("8=\xff|", None, None), ({"not_given": 1}, [], 0))

    def test_an_explanation_asks_for_its_reason(self):
        for text, ours, theirs, is_explained in (
            ("8=x|55=|", None, "8=x|55=|", True),
            ("8=x|55=|", [[8, "x"]], None, False),
            ("8=x|055=A|", None, "8=x|55=A|", True),
            ("8=x|95=4|96=a|=|5=y|", None, "8=x|", True),
            ("8=x|95=3|96=a|=|5=y|", None, "8=x|95=3|96=a|=|", False),
            ("8=x|95=-1|96=a|", None, "8=x|", True),
            ("8=x|96=a|", [[8, "x"], [96, "a"]], None, True),
            ("8=x|95=1|96=a|", [[8, "x"], [95, "1"], [96, "a"]], None, False),
            ("8=x|", [[268, "1"], [55, "A"], [268, "1"]], "268=1|55=A|268=1|55=A|", True),
            ("8=x|", [[268, "1"], [55, "A"], [268, "1"]], "268=1|55=A|268=1|55=B|", False),
            ("8=x|", [[268, "1"], [55, "A"], [268, "1"]], "268=1|55=A|55=A|", False),
            ("8=x|", [[268, "1"], [55, "A"]], "268=1|55=A|55=A|", False),
        ):
            _, explained, unexplained = self.judged(text, ours, theirs)
            self.assertEqual((len(explained), unexplained), (int(is_explained), 1 - is_explained), text)


if __name__ == "__main__":
    unittest.main()
