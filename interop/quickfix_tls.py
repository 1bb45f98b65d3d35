"""QuickFIX as a member over TLS, with OpenSSL between it and the gateway.

    python interop/quickfix_tls.py --gwanmun target/debug/gwanmun [--keep DIR]

The gateway is one that was built with the feature `tls`. Its certificate and the member's are made by
the command `openssl`; QuickFIX's package has no TLS of its own, so a line of this script carries what it
says over Python's `ssl`, which is OpenSSL. For TLS 1.3 and 1.2 the member logs on, sends an order, is
told New, and logs out; `openssl s_client` without a certificate, with TLS 1.1, and with an authority
that did not sign is turned away. Prints one JSON object. Exit code 0: nothing to object to; 1: a
violation; 2: usage; 4: a process did not start.

Needs the Python package quickfix 1.16.0 and the command openssl; everything else is the standard library.
"""

import argparse
import pathlib
import select
import socket
import ssl
import subprocess
import sys
import threading

import quickfix as fix

import fix_text
import verdict
from ledger import Ledger
from member import Engine, Member, wait
from processes import GATEWAY, MEMBER, PASSWORD, USERNAME, House, set_keys
from versions import FILLS

NAME = "gateway.test"
VERSIONS = {"TLSv1.3": ssl.TLSVersion.TLSv1_3, "TLSv1.2": ssl.TLSVersion.TLSv1_2}
CHUNK_BYTES = 65536
TIMEOUT_S = 30


def openssl(*words, told=b""):
    """Runs the command; gives its code and what it printed."""
    done = subprocess.run(["openssl", *map(str, words)], input=told, capture_output=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def make_certificates(folder):
    """An authority, the gateway's certificate, the member's, and an authority of somebody else."""
    for authority in ("authority", "stranger"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", f"/CN={authority}", "-keyout", folder / f"{authority}.key",
                "-out", folder / f"{authority}.crt")
    for name in ("gateway", "member"):
        key, request = folder / f"{name}.key", folder / f"{name}.csr"
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key,
                "-out", request, "-addext", f"subjectAltName=DNS:{NAME}")
        code, text = openssl("x509", "-req", "-in", request, "-CA", folder / "authority.crt",
                             "-CAkey", folder / "authority.key", "-CAcreateserial", "-days", "2",
                             "-copy_extensions", "copy", "-out", folder / f"{name}.crt")
        if code != 0:
            raise RuntimeError(f"no certificate for {name}: {text}")
        key.chmod(0o600)


class TlsLine:
    """Listens for the engine and carries what it says over TLS of one version."""

    def __init__(self, gateway_port, folder, version):
        self.gateway_port = gateway_port
        self.context = ssl.create_default_context(cafile=folder / "authority.crt")
        self.context.load_cert_chain(folder / "member.crt", folder / "member.key")
        self.context.minimum_version = self.context.maximum_version = VERSIONS[version]
        self.agreed, self.faults = set(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        try:
            raw = socket.create_connection(("127.0.0.1", self.gateway_port))
            with near, self.context.wrap_socket(raw, server_hostname=NAME) as far:
                self.agreed.add(far.version())
                while True:
                    ready = [far] if far.pending() else select.select([near, far], [], [])[0]
                    for source, target in ((near, far), (far, near)):
                        if source in ready:
                            # An end without close_notify would be an exception here.
                            piece = source.recv(CHUNK_BYTES)
                            if not piece:
                                return
                            target.sendall(piece)
        except OSError as error:
            self.faults.append(f"{type(error).__name__}: {error}")

    def stop(self):
        self.listener.close()


def order(number):
    message = fix.Message()
    header = message.getHeader()
    header.setField(8, "FIX.4.4")
    header.setField(35, "D")
    for tag, value in {11: f"TLS-{number}", 1: "ACC-1", 55: "005930", 54: "1", 38: "10", 40: "2",
                       44: "70000", 59: "0"}.items():
        message.setField(tag, value)
    message.setField(fix.TransactTime())
    return message


def trade(house, folder, version, number, problems):
    """One day's part over one version of TLS; the sessions follow each other in one store."""
    line = TlsLine(house.fix_port, folder, version)
    member = Member(Ledger(FILLS["FIX.4.4"]), USERNAME, PASSWORD)
    engine = Engine(folder, line.port, member, (MEMBER, GATEWAY), "FIX.4.4", 30)
    if wait(f"a Logon over {version}", lambda: member.logons == 1, TIMEOUT_S, problems):
        fix.Session.sendToTarget(order(number), member.session_id)

        def is_new():
            reports = [fix_text.as_dict(raw) for raw in member.app_received]
            return any(it.get(11) == f"TLS-{number}" and it.get(150) == "0" for it in reports)

        wait(f"New over {version}", is_new, TIMEOUT_S, problems)
    engine.stop()
    line.stop()
    problems += member.failures + line.faults
    if line.agreed != {version}:
        problems.append(f"agreed were {line.agreed}, not {version}")


def refused(house, folder, problems):
    """Who must not come in, each by a command of OpenSSL's; gives what each was told."""
    to = ("s_client", "-connect", f"127.0.0.1:{house.fix_port}", "-servername", NAME,
          "-verify_return_error", "-verify_hostname", NAME)
    known = ("-CAfile", folder / "authority.crt")
    own = ("-cert", folder / "member.crt", "-key", folder / "member.key")
    cases = {
        "without a certificate": ((*to, *known, "-tls1_2"), "alert"),
        "TLS 1.1": ((*to, *known, *own, "-tls1_1"), "error"),
        "another authority": ((*to, "-CAfile", folder / "stranger.crt", *own), "verify error"),
    }
    for name, (words, expected) in cases.items():
        code, text = openssl(*words)
        if code == 0 or expected not in text:
            problems.append(f"{name} was not turned away: {code}, {text[-500:]}")
    # The same words, with what is asked for, come in: the judge can tell the difference.
    code, text = openssl(*to, *known, *own)
    if code != 0 or "Verification: OK" not in text:
        problems.append(f"openssl did not come in: {code}, {text[-500:]}")


def run(given, folder):
    make_certificates(folder)
    house = House(folder, given.gwanmun)
    tls = ", ".join(f'{key} = "{folder / name}"' for key, name in (
        ("certificate", "gateway.crt"), ("key", "gateway.key"), ("client_ca", "authority.crt")))
    text = house.gateway_file.read_text()
    house.gateway_file.write_text(set_keys(text, {"defaults.tls": f"{{ {tls} }}"}))
    problems = []
    try:
        house.start_exchange()
        house.start_gateway()
        # Orders are taken once the line to the venue is settled.
        wait("a settled venue", lambda: "settled" in house.log_tail("gateway"), TIMEOUT_S, problems)
        for number, version in enumerate(VERSIONS):
            trade(house, folder, version, number, problems)
        refused(house, folder, problems)
    finally:
        codes = house.stop()
    problems += [f"{name} ended with {code}" for name, code in codes.items() if code != 0]
    if len(house.venue_orders()) != len(VERSIONS):
        problems.append(f"at the venue came {house.venue_orders()}")
    return {"versions": list(VERSIONS), "orders": len(VERSIONS), "violations": problems}


def main():
    parser = argparse.ArgumentParser(description="QuickFIX behind OpenSSL as a member over TLS.")
    parser.add_argument("--gwanmun", required=True, type=pathlib.Path)
    parser.add_argument("--keep", help="folder of the run, kept; a new one that must not exist")
    given = parser.parse_args()
    return verdict.told(given, "tls", lambda folder: run(given, folder))


if __name__ == "__main__":
    sys.exit(main())
