"""Messages as QuickFIX 1.16.0 writes them, one per line, `|` for SOH.

    python fix/golden/write_quickfix.py > fix/golden/quickfix_messages.txt

with a Python that has quickfix==1.16.0 installed. QuickFIX chooses the order of the fields, and
computes BodyLength(9) and CheckSum(10): this is how an engine that shares no line with ours writes.
"""

import quickfix as fix

HEADER = {49: "MEMBER", 56: "GATE", 52: "20261123-00:12:33.123456"}
ORDER = {11: "C-1", 1: "ACC1", 21: "1", 55: "005930", 54: "1", 38: "10",
         60: "20261123-00:12:33.123"}

MESSAGES = [
    ("A", {98: "0", 108: "30", 141: "Y", 553: "me", 554: "secret"}),
    ("A", {98: "0", 108: "30", 95: "5", 96: "a|b=c"}),
    ("0", {}),
    ("0", {112: "TEST=1"}),
    ("1", {112: "TEST=1"}),
    ("2", {7: "3", 16: "0"}),
    ("3", {45: "12", 371: "55", 372: "D", 373: "1", 58: "Required tag missing"}),
    ("4", {123: "Y", 36: "9"}),
    ("5", {58: "bye"}),
    ("D", {**ORDER, 40: "2", 44: "71500", 59: "0"}),
    ("D", {**ORDER, 40: "2", 44: "-37.63", 59: "3", 20101: "2", 20103: "voice/1"}),
    ("D", {**ORDER, 40: "1", 59: "4", 354: "6", 355: "삼성"}),
    ("F", {41: "C-1", 11: "C-2", 55: "005930", 54: "2", 60: "20261123-00:12:34", 38: "10"}),
    ("G", {**ORDER, 41: "C-1", 11: "C-3", 40: "2", 44: "71400.5"}),
    ("8", {37: "O1", 11: "C-1", 17: "E1", 150: "F", 39: "1", 55: "005930", 54: "1", 38: "10",
           32: "4", 31: "71400", 151: "6", 14: "4", 6: "71400", 60: "20261123-00:12:35.000001"}),
    ("9", {37: "O1", 11: "C-2", 41: "C-1", 39: "2", 434: "1", 102: "0", 58: "too late"}),
    ("j", {45: "12", 372: "D", 380: "4", 58: "not now"}),
]


def written(msg_type, fields, seq_num):
    message = fix.Message()
    message.getHeader().setField(8, "FIX.4.4")
    message.getHeader().setField(35, msg_type)
    message.getHeader().setField(34, str(seq_num))
    for tag, value in HEADER.items():
        message.getHeader().setField(tag, value)
    for tag, value in fields.items():
        message.setField(tag, value.replace("|", "\x01"))
    return message.toString()


def with_parties(seq_num):
    message = fix.Message(written("D", {**ORDER, 40: "2", 44: "71500"}, seq_num), False)
    for party, role in (("TRADER", "12"), ("DESK", "7")):
        group = fix.Group(453, 448)
        group.setField(448, party)
        group.setField(447, "D")
        group.setField(452, role)
        message.addGroup(group)
    return message.toString()


if __name__ == "__main__":
    for number, (msg_type, fields) in enumerate(MESSAGES, start=1):
        print(written(msg_type, fields, number).replace("\x01", "|"))
    print(with_parties(len(MESSAGES) + 1).replace("\x01", "|"))
