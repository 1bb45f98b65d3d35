"""FIX tag=value text, read by hand.

In it: cutting messages out of a byte stream, reading fields, and the rewriting of secrets that the
gateway's journal does. Not in it: anything that QuickFIX or the gateway could have taught it; these
few lines are a third opinion.
"""

SOH = b"\x01"
SECRET_TAGS = (b"554", b"925", b"96")


def split(stream):
    """The whole messages of a byte stream as (offset, bytes) pairs, and the bytes in no message."""
    messages, strays, at = [], [], 0
    while at < len(stream):
        length = length_at(stream, at)
        if length is None:
            after = stream.find(b"8=FIX", at + 1)
            after = len(stream) if after < 0 else after
            strays.append((at, stream[at:after]))
            at = after
        else:
            messages.append((at, stream[at : at + length]))
            at += length
    return messages, strays


def length_at(stream, at):
    """Length of the well-formed message at an offset: BodyLength(9) and CheckSum(10) must agree."""
    if stream[at : at + 2] != b"8=":
        return None
    body_length_at = stream.find(SOH + b"9=", at, at + 20)
    if body_length_at < 0:
        return None
    body_at = stream.find(SOH, body_length_at + 3, body_length_at + 12) + 1
    digits = stream[body_length_at + 3 : body_at - 1]
    if body_at == 0 or not digits.isdigit():
        return None
    trailer_at = body_at + int(digits)
    trailer = stream[trailer_at : trailer_at + 7]
    if len(trailer) < 7 or trailer[:3] != b"10=" or trailer[6:] != SOH:
        return None
    if trailer[3:6] != check_sum(stream[at:trailer_at]):
        return None
    return trailer_at + 7 - at


def check_sum(front):
    """CheckSum(10) over everything in front of it."""
    return b"%03d" % (sum(front) % 256)


def fields(message):
    """The (tag, value) pairs of a message, in order."""
    pairs = [field.partition(b"=") for field in message.rstrip(SOH).split(SOH)]
    return [(tag, value) for tag, _, value in pairs]


def as_dict(message):
    """Tag number to text; the first of a repeated tag counts."""
    values = {}
    for tag, value in fields(message):
        values.setdefault(int(tag), value.decode("latin-1"))
    return values


def rewritten(message):
    """The message as the gateway's journal keeps it: secrets as asterisks, CheckSum(10) anew."""
    pairs = fields(message)
    if not any(tag in SECRET_TAGS for tag, _ in pairs):
        return message
    kept = [
        tag + b"=" + (b"*" * len(value) if tag in SECRET_TAGS else value)
        for tag, value in pairs
        if tag != b"10"
    ]
    front = SOH.join(kept) + SOH
    return front + b"10=" + check_sum(front) + SOH


def shown(message, length_max=200):
    """One line for people: separators as bars, everything else outside ASCII escaped."""
    text = message.replace(SOH, b"|").decode("ascii", "backslashreplace")
    text = "".join(c if c.isprintable() else "\\x%02x" % ord(c) for c in text)
    return text if len(text) <= length_max else text[:length_max] + "..."
