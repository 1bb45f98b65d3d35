"""A TCP line of our own between a member and the gateway, which can be cut.

Everything that passes is kept per connection and direction, as the raw bytes that left each side.
Not in it: any reading of what passes.
"""

import select
import socket
import struct
import threading
import time

TO_GATEWAY, TO_MEMBER = "to_gateway", "to_member"
CHUNK_BYTES = 65536


class Connection:
    """One member's connection and the one to the gateway behind it."""

    def __init__(self, member, gateway):
        self.member, self.gateway = member, gateway
        self.taken = {TO_GATEWAY: bytearray(), TO_MEMBER: bytearray()}
        self.lost = {TO_GATEWAY: 0, TO_MEMBER: 0}
        self.gateway_side_port = gateway.getsockname()[1]
        self.was_cut = False
        self.is_open = True
        self.pumps = []

    def ends(self, direction):
        """Where bytes of a direction come from and go to."""
        pair = (self.member, self.gateway)
        return pair if direction == TO_GATEWAY else pair[::-1]


class Line:
    """Listens for members and forwards each to the gateway's port.

    `losing` names directions whose bytes are taken and thrown away, `holding` those in which nothing
    is taken, `garbling` those whose next message arrives with one bit turned.
    """

    def __init__(self, gateway_port):
        self.gateway_port = gateway_port
        self.connections = []
        self.losing, self.holding, self.garbling = set(), set(), set()
        self.is_down = False
        # A connection is begun before a cut or after it, and then turned away.
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                member, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.is_down:
                    raise ConnectionRefusedError
                gateway = socket.create_connection(("127.0.0.1", self.gateway_port), timeout=5)
            except OSError:
                member.close()
                continue
            gateway.settimeout(None)
            for end in (member, gateway):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(member, gateway)
            for direction in (TO_GATEWAY, TO_MEMBER):
                pump = threading.Thread(target=self.pump, args=(connection, direction), daemon=True)
                connection.pumps.append(pump)
            with self.lock:
                if self.is_down:
                    member.close()
                    gateway.close()
                    continue
                for pump in connection.pumps:
                    pump.start()
                self.connections.append(connection)

    def pump(self, connection, direction):
        source, target = connection.ends(direction)
        while connection.is_open:
            try:
                # A closed socket inside a blocking receive would stay alive until bytes came.
                is_ready = select.select([source], [], [], 0.02)[0]
                if not is_ready:
                    continue
                if direction in self.holding:
                    time.sleep(0.01)
                    continue
                chunk = source.recv(CHUNK_BYTES)
                if not chunk:
                    break
                connection.taken[direction] += chunk
                if direction in self.losing:
                    connection.lost[direction] += len(chunk)
                    continue
                target.sendall(self.passed(direction, chunk))
            except (OSError, ValueError):
                break
        if not connection.was_cut:
            self.end(connection)

    def passed(self, direction, chunk):
        """The chunk as it goes on: with one bit turned where a garbled message was asked for."""
        if direction not in self.garbling or len(chunk) < 40:
            return chunk
        self.garbling.discard(direction)
        # The first byte of a value, which stays printable: nothing but the sum is wrong.
        at = chunk.index(b"=", len(chunk) // 2) + 1
        return chunk[:at] + bytes([chunk[at] ^ 0x01]) + chunk[at + 1 :]

    def end(self, connection):
        """Ends a connection in good order on both sides."""
        connection.is_open = False
        for end in (connection.member, connection.gateway):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """Breaks every connection with a reset; new ones are turned away until `mend`."""
        with self.lock:
            self.is_down = True
            open_ones = [c for c in self.connections if c.is_open]
        for connection in open_ones:
            connection.was_cut = True
            connection.is_open = False
            for pump in connection.pumps:
                pump.join(timeout=2)
            for end in (connection.member, connection.gateway):
                # A linger of zero throws away what is queued and sends a reset instead of an end.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.close()
        self.losing.clear()
        self.holding.clear()

    def mend(self):
        """Lets new connections through."""
        self.is_down = False

    def stop(self):
        self.listener.close()
        for connection in self.connections:
            if connection.is_open:
                self.end(connection)
