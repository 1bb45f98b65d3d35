"""The FIX versions that are spoken here, in the words of the gateway and of QuickFIX.

Not in it: anything about a dictionary's content; those files are QuickFIX's own.
"""

import pathlib
import sys

NAMES = ("FIX.4.2", "FIX.4.4", "FIX.5.0SP2")
BEGIN_STRINGS = {"FIX.4.2": "FIX.4.2", "FIX.4.4": "FIX.4.4", "FIX.5.0SP2": "FIXT.1.1"}
# ExecType(150) of a fill: before FIX.4.3 it repeats the OrdStatus(39) that the fill led to.
FILLS = {"FIX.4.2": frozenset("12"), "FIX.4.4": frozenset("F"), "FIX.5.0SP2": frozenset("F")}
# What QuickFIX's settings call the version of the application's messages behind FIXT.1.1.
APPLICATION = {"FIX.5.0SP2": "FIX.5.0SP2"}


def dictionary(name, package):
    """A data dictionary that the package of QuickFIX brings along."""
    for folder in (sys.prefix, *map(str, pathlib.Path(package).parents)):
        path = pathlib.Path(folder) / "share" / "quickfix" / name
        if path.is_file():
            return path
    raise FileNotFoundError(f"share/quickfix/{name} of the quickfix package")


def settings(version, package):
    """The lines of a QuickFIX session that name the version and what its messages are held against.

    Every rule that QuickFIX can hold a message to is on, but for user-defined tags, which no
    dictionary has.
    """
    lines = [
        f"BeginString={BEGIN_STRINGS[version]}", "UseDataDictionary=Y",
        "ValidateFieldsOutOfOrder=Y", "ValidateFieldsHaveValues=Y", "ValidateUnorderedGroupFields=Y",
        "ValidateUserDefinedFields=N", "AllowUnknownMsgFields=N",
    ]
    if version in APPLICATION:
        lines += [
            f"DefaultApplVerID={APPLICATION[version]}",
            f"TransportDataDictionary={dictionary('FIXT11.xml', package)}",
            f"AppDataDictionary={dictionary('FIX50SP2.xml', package)}",
        ]
    else:
        lines.append(f"DataDictionary={dictionary(version.replace('.', '') + '.xml', package)}")
    return "\n".join(lines)
