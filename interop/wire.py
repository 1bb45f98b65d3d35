"""What one side said over all its connections, raw: judged by its numbers alone.

Not in it: what the messages mean, which is a ledger's.
"""

import fix_text


def problems(connections, direction, may_tear=False):
    """No number twice without PossDupFlag, none left out, no event under two numbers, nothing malformed.

    A connection may end within a message where the line was cut, or where the side that speaks drops
    its own lines (`may_tear`).
    """
    found, seen, again, exec_ids = [], {}, set(), {}
    for connection in connections:
        stream = bytes(connection.taken[direction])
        messages, strays = fix_text.split(stream)
        for offset, stray in strays:
            is_torn_end = offset + len(stray) == len(stream)
            if not (is_torn_end and (connection.was_cut or may_tear)):
                found.append(f"malformed: {fix_text.shown(stray)}")
        for _, message in messages:
            values = fix_text.as_dict(message)
            number = int(values[34])
            if values[35] == "4":
                again.update(range(number, int(values[36])))
            if values.get(43) == "Y":
                again.add(number)
                continue
            if number in seen:
                found.append(f"MsgSeqNum {number} left twice without PossDupFlag")
            seen[number] = message
            exec_id = values.get(17)
            if exec_id is not None and exec_ids.setdefault(exec_id, number) != number:
                found.append(f"ExecID {exec_id} left twice without PossDupFlag")
    # What was still queued when the line was cut leaves later, as a copy or within a gap fill.
    last = max(seen, default=0)
    missing = sorted(set(range(min(seen, default=1), last + 1)) - set(seen) - again)
    if missing:
        found.append(f"MsgSeqNums that never left: {missing[:10]}")
    return found
