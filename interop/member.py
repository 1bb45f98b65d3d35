"""QuickFIX as a member: the engine, its settings, and the callbacks that feed our ledger.

Every callback runs on a thread of QuickFIX; the lock is held for as long as the ledger is touched.
"""

import pathlib
import threading
import time

import quickfix as fix

import versions

SETTINGS = """
[DEFAULT]
ConnectionType=initiator
ReconnectInterval={reconnect_interval}
HeartBtInt={heart_bt_int}
StartTime=00:00:00
EndTime=00:00:00
TimestampPrecision=9
SocketNodelay=Y
SocketConnectHost=127.0.0.1
SocketConnectPort={port}
FileStorePath={store}
FileLogPath={log}
LogonTimeout=10
LogoutTimeout=5
ResetOnLogon={reset_on_logon}
SendNextExpectedMsgSeqNum={next_expected}

[SESSION]
{version}
SenderCompID={sender_comp_id}
TargetCompID={target_comp_id}
"""


class Member(fix.Application):
    """One session of the engine, with what was sent and received."""

    def __init__(self, ledger, username=None, password=None):
        super().__init__()
        self.username, self.password = username, password
        self.session_id = None
        self.ledger = ledger
        self.lock = threading.RLock()
        self.logons, self.logouts = 0, 0
        self.sent_kinds, self.received_kinds = {}, {}
        self.test_answers, self.admin_received, self.app_received = set(), [], []
        self.failures, self.rejects_sent = [], []

    def onCreate(self, session_id):
        self.session_id = session_id

    def onLogon(self, session_id):
        self.logons += 1

    def onLogout(self, session_id):
        self.logouts += 1

    def toAdmin(self, message, session_id):
        kind = message.getHeader().getField(35)
        if kind == "A" and self.username is not None:
            message.setField(553, self.username)
            message.setField(554, self.password)
        if kind == "3":
            self.rejects_sent.append(message.toString().encode("latin-1"))
        self.count(self.sent_kinds, kind)

    def fromAdmin(self, message, session_id):
        raw = message.toString().encode("latin-1")
        kind = message.getHeader().getField(35)
        self.count(self.received_kinds, kind)
        with self.lock:
            self.admin_received.append(raw)
            if kind == "0" and message.isSetField(112):
                self.test_answers.add(message.getField(112))
            if kind == "3":
                self.guarded(self.ledger.session_rejected, raw)

    def toApp(self, message, session_id):
        kind = message.getHeader().getField(35)
        self.count(self.sent_kinds, kind)
        if kind == "j":
            # The engine's own, about what it cannot read.
            self.rejects_sent.append(message.toString().encode("latin-1"))
        with self.lock:
            self.guarded(self.ledger.sent, message.toString().encode("latin-1"))

    def fromApp(self, message, session_id):
        raw = message.toString().encode("latin-1")
        self.count(self.received_kinds, message.getHeader().getField(35))
        with self.lock:
            self.app_received.append(raw)
            self.guarded(self.ledger.received, raw)

    def guarded(self, step, raw):
        """An exception in a callback would vanish inside the engine; it counts as a violation."""
        try:
            step(raw)
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error} in {raw!r}")

    def count(self, kinds, kind):
        with self.lock:
            kinds[kind] = kinds.get(kind, 0) + 1

    @property
    def session(self):
        return fix.Session.lookupSession(self.session_id)


class Engine:
    """A running initiator over one member."""

    def __init__(self, folder, port, member, comp_ids, version, heart_bt_int, **more):
        """Connects as the first of two CompIDs to the second; `more` goes into the settings."""
        settings_path = pathlib.Path(folder) / "member.cfg"
        values = {"reconnect_interval": 1, "reset_on_logon": "N", "next_expected": "N", **more}
        settings_path.write_text(SETTINGS.format(
            heart_bt_int=heart_bt_int, port=port, version=versions.settings(version, fix.__file__),
            store=pathlib.Path(folder) / "store", log=pathlib.Path(folder) / "log",
            sender_comp_id=comp_ids[0], target_comp_id=comp_ids[1], **values))
        # The engine keeps pointers to these without owning them.
        self.settings = fix.SessionSettings(str(settings_path))
        self.store = fix.FileStoreFactory(self.settings)
        self.log = fix.FileLogFactory(self.settings)
        self.initiator = fix.SocketInitiator(member, self.store, self.settings, self.log)
        self.initiator.start()

    def stop(self):
        self.initiator.stop(True)


def wait(what, condition, timeout_s, problems):
    """Waits until a condition holds; a timeout is a problem that names what was waited for."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    problems.append(f"timed out after {timeout_s} s: {what}")
    return False
