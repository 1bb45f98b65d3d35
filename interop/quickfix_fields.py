"""Whether QuickFIX reads the fields that we read.

    codec-differential --cases CASES
    python3 interop/quickfix_fields.py CASES --dictionary FIX44.xml

The cases are sound messages and messages with one thing changed, each with the fields that our codec
reads, or none where it refuses the message. QuickFIX parses each with its own FIX 4.4 dictionary, by
which it knows data fields and groups, and checks BodyLength(9) and CheckSum(10); what it then writes
again are the fields that it read. It sorts them, so that their order is not compared, and computes
tags 9 and 10 anew, which are left out. A message with a byte beyond ASCII cannot be given to it: its
package takes text, of which it makes two. Prints one JSON object; exit code 0 when the list below
explains all differences.
"""

import argparse
import collections
import json
import sys
import typing

SOH = "\x01"
COMPUTED = (9, 10)
# Data fields that a changed byte can make of a tag in the cases, and the tags of their lengths.
LENGTH_TAGS = {"89": "93", "91": "90", "96": "95"}
# NoMDEntries, the one count of the cases.
NUM_IN_GROUP = (268,)
SHOWN = 2


class Field(typing.NamedTuple):
    tag: str
    value: str | None
    """None where there is no `=`."""
    length: str | None
    """Of a data field: the value of the length in front of it; None where there is none."""
    fits: bool
    """Of a data field with a length: whether SOH stands where that says."""


def raw_fields(message):
    """The fields by a plain cut at each SOH, but for data with a length that fits it."""
    found, at = [], 0
    while at < len(message):
        end = message.find(SOH, at)
        end = len(message) if end < 0 else end
        tag, equals, value = message[at:end].partition("=")
        before = found[-1] if found else None
        length, fits = None, False
        if before and equals and before.tag == LENGTH_TAGS.get(tag):
            length, start = before.value or "", at + len(tag) + 1
            if length.isdigit() and message[start + int(length) : start + int(length) + 1] == SOH:
                fits, end = True, start + int(length)
                value = message[start:end]
        found.append(Field(tag, value if equals else None, length, fits))
        at = end + 1
    return found


def fields(text):
    """Tags and values of what a peer has written."""
    return [(int(field.tag), field.value) for field in raw_fields(text)]


def compared(of_one):
    """What is held against the other side: no order, nothing that is computed."""
    return collections.Counter((tag, value) for tag, value in of_one if tag not in COMPUTED)


def is_tag(text):
    return text.isascii() and text.isdigit() and len(text) <= 9 and not text.startswith("0")


def repeats_entries(ours, theirs):
    """Whether a NumInGroup stands twice, and the other side has all of ours and nothing but repeats."""
    more = compared(theirs) - compared(ours)
    counts = [tag for tag, _ in ours if tag in NUM_IN_GROUP]
    return (len(counts) > len(set(counts)) and not compared(ours) - compared(theirs)
            and all(field in compared(ours) for field in more))


# What QuickFIX reads otherwise, each with its reason. An entry holds only where the message itself
# shows the reason: it is given as raw fields. `ours` are our fields, `theirs` those of QuickFIX; None where one refuses it.
EXPLAINED = (
    ("it takes a field without a value, which FIX has not",
     lambda message, ours, theirs: ours is None and theirs is not None
     and any(field.value == "" for field in message)),
    ("it takes a tag with a leading zero or with other bytes than digits",
     lambda message, ours, theirs: ours is None and theirs is not None
     and any(not is_tag(field.tag) for field in message)),
    ("it takes a data field whose length goes beyond its SOH, and what stands there as its value",
     lambda message, ours, theirs: ours is None and theirs is not None
     and any(field.length is not None and not field.fits for field in message)),
    ("it refuses a data field without its length in front, which we read up to its SOH",
     lambda message, ours, theirs: ours is not None and theirs is None
     and any(field.tag in LENGTH_TAGS and field.length is None for field in message)),
    ("it writes a group's entries behind each NumInGroup, of which one may stand among the entries",
     lambda message, ours, theirs: ours is not None and theirs is not None
     and repeats_entries(ours, theirs)),
)


def explanation(message, ours, theirs):
    return next((why for why, applies in EXPLAINED if applies(message, ours, theirs)), None)


def judged(cases, decode):
    """Counts of what was compared, and the cases that nothing explains. `decode` gives the text that
    the peer writes again, or None and its reason."""
    counts = collections.Counter()
    explained = collections.Counter({why: 0 for why, _ in EXPLAINED})
    unexplained = []
    for case in cases:
        if not case["message"].isascii():
            counts["not_given"] += 1
            continue
        counts["compared"] += 1
        text, reason = decode(case["message"])
        theirs = None if text is None else fields(text)
        ours = case["fields"]
        if ours is None and theirs is None:
            counts["both_refused"] += 1
        elif ours is not None and theirs is not None and compared(ours) == compared(theirs):
            counts["same_fields"] += 1
        elif why := explanation(raw_fields(case["message"]), ours, theirs):
            explained[why] += 1
        else:
            unexplained.append((case, text, reason))
    return counts, explained, unexplained


def quickfix_decoder(dictionary):
    """The import is here, so that the judge can be tested without QuickFIX."""
    import quickfix

    dictionary = quickfix.DataDictionary(dictionary)

    def decode(message):
        try:
            return quickfix.Message(message, dictionary, True).toString(), ""
        except (quickfix.FIXException, RuntimeError) as error:
            return None, str(error)

    return decode


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cases")
    parser.add_argument("--dictionary", required=True)
    options = parser.parse_args()
    with open(options.cases, encoding="utf-8") as lines:
        counts, explained, unexplained = judged(map(json.loads, lines),
                                                quickfix_decoder(options.dictionary))
    print(json.dumps({**counts, "explained": explained, "unexplained": len(unexplained)}))
    kinds = collections.defaultdict(list)
    for case, text, reason in unexplained:
        ours = "refused" if case["fields"] is None else "taken"
        theirs = "taken" if text is not None else "refused"
        kinds[f"{case['mutation']}: ours {ours}, theirs {theirs}"].append((case, text, reason))
    for kind, found in kinds.items():
        print(f"UNEXPLAINED {len(found)} {kind}")
        for case, text, reason in found[:SHOWN]:
            print(f"    {case['message']!r}\n    {reason or repr(text)}")
    return 0 if counts["same_fields"] and not unexplained else 1


if __name__ == "__main__":
    sys.exit(main())
