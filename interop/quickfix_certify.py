"""QuickFIX as the member that `gwanmun certify` plays its scenarios with.

    python interop/quickfix_certify.py --gwanmun target/release/gwanmun
        [--version FIX.4.2|FIX.4.4|FIX.5.0SP2] [--spoil] [--keep DIR]

The engine connects as it would to a gateway, comes back by itself, and sends an order and its cancel
when the program asks its operator for them. An engine that is in use everywhere has to pass: where it
does not, the scenario is wrong, or the engine is and its users know. `--spoil` has it answer a
TestRequest with another TestReqID(112), which has to be found. Prints one JSON object: each scenario's
verdict, and what does not fit. Exit code 0: nothing to object to; 1: a violation; 2: usage; 4: a
process did not start.

Needs the Python package quickfix 1.16.0; everything else is the standard library.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import threading

import quickfix as fix

import verdict
import versions
from member import Engine
from processes import free_ports

GATE, MEMBER = "GATE", "MEMBER"
# Seconds of QuickFIX's interval between two attempts and of its heartbeat: the shortest it has.
RECONNECT_INTERVAL, HEART_BT_INT = 1, 1
PATIENCE_S = 20
TIMEOUT_S = 300
# All there are, those with orders included.
SCENARIOS = 17
SPOILT = "test-request"


class Member(fix.Application):
    """A session that sends an order or its cancel when it is told to."""

    def __init__(self, version, is_spoilt):
        super().__init__()
        self.version, self.is_spoilt = version, is_spoilt
        self.session_id = None
        self.orders = 0

    def onCreate(self, session_id):
        self.session_id = session_id

    def onLogon(self, session_id):
        pass

    def onLogout(self, session_id):
        pass

    def toAdmin(self, message, session_id):
        if self.is_spoilt and message.getHeader().getField(35) == "0" and message.isSetField(112):
            message.setField(112, "another")

    def fromAdmin(self, message, session_id):
        pass

    def toApp(self, message, session_id):
        pass

    def fromApp(self, message, session_id):
        pass

    def request(self, kind):
        """A new order, or the cancel of the last one."""
        message = fix.Message()
        header = message.getHeader()
        header.setField(8, versions.BEGIN_STRINGS[self.version])
        header.setField(35, kind)
        if kind == "D":
            self.orders += 1
            message.setField(11, f"C{self.orders}")
            message.setField(21, "1")
            message.setField(40, "2")
            message.setField(44, "70000")
            message.setField(59, "0")
        else:
            message.setField(11, f"X{self.orders}")
            message.setField(41, f"C{self.orders}")
        for tag, value in {1: "ACC-1", 55: "005930", 54: "1", 38: "10"}.items():
            message.setField(tag, value)
        message.setField(fix.TransactTime())
        fix.Session.sendToTarget(message, self.session_id)


def follow(program, member, log):
    """Reads what the program tells its operator, and does what it asks the member's for."""
    for line in program.stderr:
        log.write(line)
        if "send a new order" in line:
            member.request("D")
        elif "cancel its order" in line:
            member.request("F")


def judged(report, code, given):
    """The result: what does not fit an engine that is right, or the one thing that it does wrong."""
    verdicts = {scenario["name"]: scenario["verdict"] for scenario in report["scenarios"]}
    failed = [scenario for scenario in report["scenarios"] if scenario["verdict"] != "PASS"]
    problems = []
    if given.spoil:
        if [scenario["name"] for scenario in failed] != [SPOILT] or code != 1:
            problems.append(f"the wrong TestReqID was not found, or more than it: {failed}, {code}")
    else:
        problems += [f"not passed: {json.dumps(scenario)}" for scenario in failed]
        if len(verdicts) != SCENARIOS:
            problems.append(f"{len(verdicts)} of {SCENARIOS} scenarios were played")
        if code != 0 or not report["passed"]:
            problems.append(f"certify ended with {code}")
    return {"version": given.version, "scenarios": verdicts, "violations": problems}


def certified(given, folder):
    """Plays everything; gives the report and the exit code."""
    port = free_ports(1)[0]
    played = ["--scenario", SPOILT] if given.spoil else ["--orders"]
    program = subprocess.Popen(
        [str(given.gwanmun), "certify", "--port", str(port), "--sender-comp-id", GATE,
         "--target-comp-id", MEMBER, "--version", given.version, "--json",
         "--patience", str(PATIENCE_S), *played],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    member = Member(given.version, given.spoil)
    engine = None
    try:
        with open(folder / "certify.log", "w") as log:
            # The first line says that it listens.
            log.write(program.stderr.readline())
            teller = threading.Thread(target=follow, args=(program, member, log))
            engine = Engine(folder, port, member, (MEMBER, GATE), given.version, HEART_BT_INT,
                            reconnect_interval=RECONNECT_INTERVAL)
            teller.start()
            text = program.stdout.read()
            code = program.wait(timeout=TIMEOUT_S)
            teller.join()
    finally:
        if engine is not None:
            engine.stop()
        if program.poll() is None:
            program.kill()
            program.wait()
    (folder / "report.json").write_text(text)
    return json.loads(text), code


def main():
    parser = argparse.ArgumentParser(description="QuickFIX is certified.")
    parser.add_argument("--gwanmun", required=True, type=pathlib.Path)
    parser.add_argument("--version", choices=versions.NAMES, default="FIX.4.4")
    parser.add_argument("--spoil", action="store_true", help="do one thing wrong, to be found")
    parser.add_argument("--keep", help="folder of the run, kept; a new one that must not exist")
    given = parser.parse_args()
    return verdict.told(given, "certify", lambda folder: judged(*certified(given, folder), given))


if __name__ == "__main__":
    sys.exit(main())
