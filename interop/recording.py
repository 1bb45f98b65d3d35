"""Packet recordings: pcap and pcapng files to TCP connections, by a reader of our own.

In it: the two file formats, Ethernet / IPv4 / IPv6 / TCP headers, and reassembly by sequence number
with retransmissions and reordering. Not in it: anything about FIX.
"""

import struct

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
ETHERNET, LINUX_COOKED, LINUX_COOKED_2 = 1, 113, 276
CLIENT, SERVER = "client", "server"


class Unreadable(Exception):
    """The file is no recording that this reader knows."""


def packets(path):
    """(link type, frame) of every packet of a file, in file order."""
    with open(path, "rb") as file:
        content = file.read()
    magic = content[:4]
    if magic == b"\x0a\x0d\x0d\x0a":
        yield from pcapng_packets(content)
    elif magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        yield from pcap_packets(content, "<")
    elif magic in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        yield from pcap_packets(content, ">")
    else:
        raise Unreadable(f"{path}: neither pcap nor pcapng")


def pcap_packets(content, order):
    link_type = struct.unpack_from(order + "I", content, 20)[0] & 0xFFFF
    at = 24
    while at + 16 <= len(content):
        kept_bytes = struct.unpack_from(order + "I", content, at + 8)[0]
        yield link_type, content[at + 16 : at + 16 + kept_bytes]
        at += 16 + kept_bytes


def pcapng_packets(content):
    order, link_types, at = "<", [], 0
    while at + 12 <= len(content):
        if content[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if content[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            link_types = []
        kind, length = struct.unpack_from(order + "II", content, at)
        if length < 12 or length % 4 or at + length > len(content):
            raise Unreadable(f"pcapng block of {length} bytes at {at}")
        if kind == 1:
            link_types.append(struct.unpack_from(order + "H", content, at + 8)[0])
        elif kind == 6:
            interface, _, _, kept_bytes = struct.unpack_from(order + "IIII", content, at + 8)
            yield link_types[interface], content[at + 28 : at + 28 + kept_bytes]
        at += length


def segment(link_type, frame):
    """(source, target, sequence, acknowledged, flags, payload) of a TCP packet, or None."""
    head = {ETHERNET: 14, LINUX_COOKED: 16, LINUX_COOKED_2: 20}.get(link_type)
    if head is None:
        raise Unreadable(f"link type {link_type}")
    type_at = {ETHERNET: 12, LINUX_COOKED: 14, LINUX_COOKED_2: 0}[link_type]
    ether_type = frame[type_at : type_at + 2]
    packet = frame[head:]
    if ether_type == b"\x08\x00" and packet[9] == 6:
        header_bytes = (packet[0] & 0x0F) * 4
        addresses = packet[12:16], packet[16:20]
        tcp = packet[header_bytes : struct.unpack_from(">H", packet, 2)[0]]
    elif ether_type == b"\x86\xdd" and packet[6] == 6:
        addresses = packet[8:24], packet[24:40]
        tcp = packet[40 : 40 + struct.unpack_from(">H", packet, 4)[0]]
    else:
        return None
    source_port, target_port, sequence, acknowledged = struct.unpack_from(">HHII", tcp, 0)
    payload = tcp[(tcp[12] >> 4) * 4 :]
    source, target = (addresses[0], source_port), (addresses[1], target_port)
    return source, target, sequence, acknowledged, tcp[13], payload


class Half:
    """One direction of a connection: its bytes in order, and how far the other side has them."""

    def __init__(self):
        self.first = None
        self.pieces = []
        self.acknowledged_bytes = 0
        self.is_ended = False

    def offset(self, sequence):
        """Distance from the first byte, over the wrap of 32-bit sequence numbers."""
        distance = (sequence - self.first) & 0xFFFFFFFF
        return distance - (1 << 32) if distance >= 1 << 31 else distance

    def add(self, sequence, payload):
        if self.first is None:
            self.first = sequence
        if payload:
            self.pieces.append((self.offset(sequence), payload))

    def stream(self):
        """The bytes up to the first hole, and whether bytes lie behind one."""
        joined = bytearray()
        for offset, payload in sorted(self.pieces, key=lambda piece: piece[0]):
            if offset > len(joined):
                return bytes(joined), True
            joined += payload[len(joined) - offset :] if offset + len(payload) > len(joined) else b""
        return bytes(joined), False


class Connection:
    """One TCP connection, from its handshake to its end."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.halves = {CLIENT: Half(), SERVER: Half()}
        self.is_reset = False

    @property
    def key(self):
        return self.client, self.server

    def take(self, side, sequence, acknowledged, flags, payload):
        half = self.halves[side]
        other = self.halves[SERVER if side == CLIENT else CLIENT]
        if flags & SYN:
            half.first = (sequence + 1) & 0xFFFFFFFF
        else:
            half.add(sequence, payload)
        if flags & ACK and other.first is not None:
            other.acknowledged_bytes = max(other.acknowledged_bytes, other.offset(acknowledged))
        half.is_ended |= bool(flags & FIN)
        self.is_reset |= bool(flags & RST)


def connections(paths):
    """Every connection of one or more files that began with a handshake, in order."""
    found, current = [], {}
    for path in paths:
        for link_type, frame in packets(path):
            parts = segment(link_type, frame)
            if parts is None:
                continue
            source, target, sequence, acknowledged, flags, payload = parts
            if flags & SYN and not flags & ACK:
                known = current.get((source, target))
                # A repeated SYN is the same connection; another number is a new one.
                if known is None or known.halves[CLIENT].first != (sequence + 1) & 0xFFFFFFFF:
                    current[source, target] = Connection(source, target)
                    found.append(current[source, target])
            if (source, target) in current:
                connection, side = current[source, target], CLIENT
            elif (target, source) in current:
                connection, side = current[target, source], SERVER
            else:
                continue
            connection.take(side, sequence, acknowledged, flags, payload)
    return found


def shown(end):
    """An end of a connection for people."""
    address, port = end
    if len(address) == 4:
        return ".".join(map(str, address)) + f":{port}"
    return f"[{address.hex(':', 2)}]:{port}"
