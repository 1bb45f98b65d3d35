"""A member's line that drops again and again while requests are in flight.

Each drop differs by one seed: what is lost before it, whether requests are written while the line is
down, whether the next one drops while logging on. Between some of them either side is made to miss
messages. Not in it: any judgement, which is the ledger's and the wire's.
"""

import random

from line import TO_GATEWAY, TO_MEMBER

# What is taken and thrown away before the line drops, so that it is missing on the other side.
LOSSES = ((), (TO_MEMBER,), (TO_GATEWAY,), (TO_MEMBER, TO_GATEWAY))
# Between drops with everything answered: from then on a request that stays unanswered is found near
# the drop that made it so.
SETTLED_EVERY = 10


class Drops:
    """Drops the line of a run so many times."""

    def __init__(self, run, seed):
        self.run = run
        self.random = random.Random(seed)
        # Those with requests in flight count; the others are shown.
        self.done, self.idle, self.while_logging_on, self.requests_in_flight = 0, 0, 0, 0
        self.gaps = {TO_GATEWAY: 0, TO_MEMBER: 0}

    def go(self, count):
        settled = 0
        while self.done < count:
            self.drop()
            if self.done // SETTLED_EVERY > settled:
                settled = self.done // SETTLED_EVERY
                self.run.await_settled(f"after {self.done} drops")
                self.gap(count)
            if not self.run.is_logged_on():
                self.run.problems.append(f"drop {self.done}: the session stays down")
                return
        self.run.await_settled(f"after {self.done} drops")

    def requests(self, count):
        """New orders, with a replace and a cancel of what works, none of them waited for."""
        run = self.run
        for _ in range(count):
            run.send(run.requests.order())
        working = list(run.locked(run.member.ledger.working).values())
        for make in (run.requests.replace, run.requests.cancel):
            if working:
                cl_ord_id = working.pop(self.random.randrange(len(working)))
                run.send(make(cl_ord_id, run.member.ledger.requests[cl_ord_id]))

    def drop(self):
        run = self.run
        logons = run.member.logons
        self.requests(self.random.randint(1, 3))
        run.line.losing.update(self.random.choice(LOSSES))
        self.requests(self.random.randint(1, 4))
        # From at once to when the answers are under way.
        run.pause(self.random.choice((0, 0.001, 0.005, 0.02)))
        self.cut()
        run.wait("the engine sees the cut", lambda: not run.is_logged_on())
        if self.random.random() < 0.3:
            # They wait in the engine's store.
            self.requests(2)
        if self.random.random() < 0.15:
            self.drop_while_logging_on()
        run.line.mend()
        run.await_logon(logons + 1)

    def drop_while_logging_on(self):
        """The Logon, or its answer, is lost as well."""
        line = self.run.line
        before = len(line.connections)
        line.losing.add(self.random.choice((TO_GATEWAY, TO_MEMBER)))
        line.mend()
        self.run.wait("the engine connects", lambda: any(
            connection.taken[TO_GATEWAY] for connection in line.connections[before:]))
        self.cut()
        self.while_logging_on += 1

    def cut(self):
        self.run.line.cut()
        in_flight = len(self.run.unsettled())
        self.requests_in_flight += in_flight
        self.done += in_flight > 0
        self.idle += in_flight == 0

    def gap(self, count):
        """Either side is made to miss messages, in turn; nothing is under way now."""
        is_first = self.done // SETTLED_EVERY % 2 == 1
        if is_first or self.done >= count:
            self.run.gap_towards_the_gateway()
            self.gaps[TO_GATEWAY] += 1
        if not is_first or self.done >= count:
            self.run.gap_towards_the_member()
            self.gaps[TO_MEMBER] += 1

    def counts(self):
        """What was done to the line."""
        return {"drops_in_flight": self.done, "requests_in_flight": self.requests_in_flight,
                "drops_idle": self.idle, "while_logging_on": self.while_logging_on,
                "gaps_to_gateway": self.gaps[TO_GATEWAY], "gaps_to_member": self.gaps[TO_MEMBER]}
