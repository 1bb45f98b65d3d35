r"""FIX 5.0 SP2 for easyfix-messages, cut down to some messages and what they are made of.

    python3 benches/peers/codec-race/reduce_dictionary.py FIX50SP2.xml FIXT11.xml REDUCED D F 8 W X
    FIX_XML=REDUCED cargo build --release --manifest-path benches/peers/Cargo.toml -p codec-race \
        --features easyfix

Both files are in the source of the package easyfix-messages, in its folder xml. REDUCED has to be a
whole path, since the package's build runs elsewhere.
"""

import sys
import xml.etree.ElementTree as tree


def main():
    application, transport, target, *kept = sys.argv[1:]
    document = tree.parse(application)
    root = document.getroot()
    sections = {name: root.find(name) for name in ("messages", "components", "fields")}

    def keep(section, is_kept):
        for one in [one for one in sections[section] if not is_kept(one)]:
            sections[section].remove(one)

    keep("messages", lambda message: message.get("msgtype") in kept)
    components = {one.get("name"): one for one in sections["components"]}
    used, fields = set(), set()
    # The session's own messages are in the other file, their fields here.
    todo = [*sections["messages"], tree.parse(transport).getroot()]
    while todo:
        for part in todo.pop().iter():
            name = part.get("name")
            if part.tag in ("field", "group"):
                fields.add(name)
            elif part.tag == "component" and name in components and name not in used:
                used.add(name)
                todo.append(components[name])
    keep("components", lambda component: component.get("name") in used)
    keep("fields", lambda field: field.get("name") in fields)
    document.write(target)
    print(f"{len(kept)} messages, {len(used)} components, {len(sections['fields'])} fields")


if __name__ == "__main__":
    main()
