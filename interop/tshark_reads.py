"""What tshark makes of our captures: as many sound FIX messages as we count, and no complaint.

A garbled message is in the capture as it came; it is no complaint and no sound message either.
"""

import collections
import subprocess

COMPLAINTS = (
    "tcp.checksum.status == 0 || ip.checksum.status == 0 || udp.checksum.status == 0"
    " || _ws.malformed"
    " || tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || tcp.analysis.out_of_order"
)
PREFERENCES = (
    "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
)


def fields(path, fix_ports, *arguments):
    """One list of fields for each packet that tshark shows."""
    decode_as = [word for port in fix_ports for word in ("-d", f"tcp.port=={port},fix")]
    command = ["tshark", "-r", str(path), *PREFERENCES, *decode_as, "-T", "fields", *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    return [line.split("\t") for line in said.splitlines()]


def judged(paths, fix_ports):
    """FIX messages by MsgType(35) as tshark decodes them, and its complaints."""
    kinds, complaints = collections.Counter(), []
    for path in paths:
        shown = fields(path, fix_ports, "-Y", "fix", "-e", "fix.MsgType", "-e", "fix.checksum_good")
        for types, sound in shown:
            pairs = zip(types.split(","), sound.split(","))
            kinds.update(kind for kind, is_sound in pairs if is_sound in ("1", "True"))
        found = fields(path, fix_ports, "-Y", COMPLAINTS, "-e", "frame.number", "-e", "_ws.col.Info")
        complaints += [f"tshark on {path.name}, frame {': '.join(row)}" for row in found]
    return dict(sorted(kinds.items())), complaints
