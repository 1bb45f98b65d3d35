"""What every script does around its run: a folder, and the verdict as JSON and exit code."""

import json
import pathlib
import shutil
import sys
import tempfile


def told(given, name, run):
    """Runs `run(folder)`, which gives what it found, and prints that.

    0: no violations; 1: some; 4: the run could not be carried out. The folder is `given.keep`, which
    must not exist and stays, or one that is gone afterwards.
    """
    given.gwanmun = given.gwanmun.resolve()
    if given.keep:
        pathlib.Path(given.keep).mkdir(parents=True)
    folder = pathlib.Path(given.keep or tempfile.mkdtemp(prefix=f"gwanmun-{name}-")).resolve()
    try:
        found = run(folder)
    except (OSError, RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 4
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=2))
    return 1 if found["violations"] else 0
