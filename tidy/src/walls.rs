//! Walls between crates: imports that must not exist, read from the resolved dependency tree.
//!
//! A manifest says what a crate asks for; the resolved tree says what it gets, through however many
//! crates in between. [`Tree`] holds that tree, [`findings`] names the wall that an edge broke and
//! the way by which it was broken. Dev-dependencies are looked at only where a test that reached
//! over the wall would judge a crate by its own mistakes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

/// What our packages are called: the folder behind this prefix.
const PREFIX: &str = "gwanmun-";

/// Which of our crates each crate may import itself. What is not listed is not allowed.
const MAY_IMPORT: [(&str, &[&str]); 14] = [
    ("market", &[]),
    ("runtime", &[]),
    ("fix", &["market"]),
    ("binary", &["market"]),
    ("captures", &["market"]),
    ("gateway", &["market", "fix", "binary", "captures"]),
    (
        "host",
        &["market", "fix", "binary", "captures", "gateway", "runtime"],
    ),
    ("exchange", &["market", "fix", "binary", "runtime"]),
    ("audit", &["market", "fix", "binary", "captures", "gateway"]),
    ("otc", &["market", "captures", "runtime"]),
    ("cli", BELOW_PEOPLE),
    ("dashboard", BELOW_PEOPLE),
    ("benches", BELOW_PEOPLE),
    ("tidy", &[]),
];

/// Everything under the crates that serve people.
const BELOW_PEOPLE: &[&str] = &[
    "market", "runtime", "fix", "binary", "captures", "gateway", "host", "exchange", "audit", "otc",
];

/// A wall: none of `from` reaches any of `to`, however many crates lie between.
struct Wall {
    name: &'static str,
    from: &'static [&'static str],
    to: &'static [&'static str],
    /// Whether tests may not reach over it either.
    binds_tests: bool,
}

const WALLS: [Wall; 7] = [
    Wall {
        name: "what decides cannot reach a socket, clock, thread or file",
        from: &["market", "fix", "binary", "captures", "gateway"],
        to: &[
            "runtime",
            "rustix",
            "io-uring",
            "socket2",
            "mio",
            "tokio",
            "core_affinity",
        ],
        binds_tests: false,
    },
    Wall {
        name: "replay links no kernel",
        from: &["audit"],
        to: &[
            "runtime",
            "rustix",
            "io-uring",
            "socket2",
            "mio",
            "tokio",
            "core_affinity",
        ],
        binds_tests: false,
    },
    Wall {
        name: "nothing that decides draws a random number",
        from: &["market", "fix", "binary", "captures", "gateway"],
        to: &["rand", "rand_core", "getrandom", "fastrand"],
        binds_tests: false,
    },
    Wall {
        name: "FIX and binary meet only in the gateway, as market values",
        from: &["fix", "binary"],
        to: &["fix", "binary"],
        binds_tests: true,
    },
    Wall {
        name: "old captures never depend on today's codecs",
        from: &["captures"],
        to: &["fix", "binary"],
        binds_tests: false,
    },
    Wall {
        name: "gateway and exchange meet over a wire or not at all",
        from: &["gateway", "host", "exchange"],
        to: &["gateway", "host", "exchange"],
        binds_tests: true,
    },
    Wall {
        name: "the process that carries orders links nothing that serves people",
        from: &["host"],
        to: &["audit", "otc", "cli", "dashboard"],
        binds_tests: false,
    },
];

/// Pairs on the same side of a wall.
const NEIGHBOURS: [(&str, &str); 1] = [("host", "gateway")];

/// The resolved dependency tree: crate names, ours without their prefix.
#[derive(Debug, Default)]
pub struct Tree {
    /// What a crate's own code is linked or built with.
    normal: BTreeMap<String, BTreeSet<String>>,
    /// What its tests are linked with besides.
    dev: BTreeMap<String, BTreeSet<String>>,
    /// Packages of this workspace.
    members: BTreeSet<String>,
}

impl Tree {
    /// Reads the output of `cargo metadata --format-version 1`.
    ///
    /// # Errors
    /// A text naming the part of the output that is not as expected.
    pub fn from_metadata(json: &[u8]) -> Result<Tree, String> {
        let metadata: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let list = |value: &Value, what: &str| {
            value
                .as_array()
                .cloned()
                .ok_or_else(|| format!("cargo metadata has no {what}"))
        };
        let mut names = BTreeMap::new();
        for package in list(&metadata["packages"], "packages")? {
            names.insert(
                text(&package["id"]),
                ours(&text(&package["name"])).to_owned(),
            );
        }
        let name_of = |id: &Value| names.get(&text(id)).cloned().unwrap_or_default();
        let mut tree = Tree::default();
        for id in list(&metadata["workspace_members"], "workspace_members")? {
            tree.members.insert(name_of(&id));
        }
        for node in list(&metadata["resolve"]["nodes"], "resolved nodes")? {
            let from = name_of(&node["id"]);
            for dependency in list(&node["deps"], "deps of a node")? {
                let to = name_of(&dependency["pkg"]);
                for kind in list(&dependency["dep_kinds"], "dep_kinds of an edge")? {
                    let is_dev = kind["kind"] == "dev";
                    tree.add(&from, &to, is_dev);
                }
            }
        }
        Ok(tree)
    }

    /// Adds an edge.
    pub fn add(&mut self, from: &str, to: &str, is_dev: bool) {
        let edges = if is_dev {
            &mut self.dev
        } else {
            &mut self.normal
        };
        edges
            .entry(from.to_owned())
            .or_default()
            .insert(to.to_owned());
    }

    /// Adds a package of the workspace.
    pub fn add_member(&mut self, name: &str) {
        self.members.insert(name.to_owned());
    }

    /// Packages of the workspace, without their prefix.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(String::as_str)
    }

    /// Everything a crate is linked with, each with the crate that first asked for it. With
    /// `with_tests` its own dev-dependencies count as well.
    fn reached(&self, from: &str, with_tests: bool) -> BTreeMap<String, String> {
        let mut asked_by = BTreeMap::new();
        let mut queue = VecDeque::from([from.to_owned()]);
        while let Some(at) = queue.pop_front() {
            let tests = if with_tests && at == from {
                self.dev.get(&at)
            } else {
                None
            };
            for to in self.normal.get(&at).into_iter().chain(tests).flatten() {
                if to != from && !asked_by.contains_key(to) {
                    asked_by.insert(to.clone(), at.clone());
                    queue.push_back(to.clone());
                }
            }
        }
        asked_by
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn ours(package: &str) -> &str {
    package.strip_prefix(PREFIX).unwrap_or(package)
}

/// Every broken wall, each with its name and the way through it.
#[must_use]
pub fn findings(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for member in tree.members() {
        table_findings(tree, member, &mut findings);
    }
    for wall in &WALLS {
        for from in wall
            .from
            .iter()
            .filter(|from| tree.members.contains(**from))
        {
            let reached = tree.reached(from, wall.binds_tests);
            for to in wall.to {
                if from != to && !NEIGHBOURS.contains(&(*from, *to)) && reached.contains_key(*to) {
                    findings.push(broken(wall.name, from, to, &reached));
                }
            }
        }
    }
    findings
}

/// Edges that the table of allowed imports does not have.
fn table_findings(tree: &Tree, member: &str, findings: &mut Vec<String>) {
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == member) else {
        let text = "has no row in the table of allowed imports; a new crate is a decision for ";
        findings.push(format!("`{member}` {text}ARCHITECTURE.md"));
        return;
    };
    for to in tree.normal.get(member).into_iter().flatten() {
        let is_ours = tree.members.contains(to);
        if is_ours && !allowed.contains(&to.as_str()) {
            findings.push(format!(
                "`{member}` -> `{to}`: not in the table of allowed imports"
            ));
        }
    }
}

/// A finding that shows the way from one side of a wall to the other and the edge that broke it.
fn broken(wall: &str, from: &str, to: &str, reached: &BTreeMap<String, String>) -> String {
    let mut way = vec![to];
    let mut at = to;
    while let Some(asked_by) = reached.get(at) {
        way.push(asked_by);
        at = asked_by;
        if at == from {
            break;
        }
    }
    way.reverse();
    let edge = way
        .get(way.len().saturating_sub(2))
        .copied()
        .unwrap_or(from);
    format!(
        "wall \"{wall}\": `{}`, broken by the edge `{edge}` -> `{to}`",
        way.join("` -> `")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as it should be, with one more edge.
    fn house_with(from: &str, to: &str, is_dev: bool) -> Tree {
        let mut tree = Tree::default();
        for (member, allowed) in MAY_IMPORT {
            tree.add_member(member);
            allowed.iter().for_each(|to| tree.add(member, to, false));
        }
        tree.add(from, to, is_dev);
        tree
    }

    #[test]
    fn the_house_as_drawn_stands() {
        assert_eq!(
            findings(&house_with("cli", "market", false)),
            [] as [String; 0]
        );
    }

    #[test]
    fn each_forbidden_edge_is_named() {
        for (from, to, wall) in [
            ("gateway", "runtime", "what decides"),
            ("captures", "rustix", "what decides"),
            ("market", "rand", "random"),
            ("audit", "runtime", "replay links no kernel"),
            ("fix", "binary", "FIX and binary"),
            ("binary", "fix", "FIX and binary"),
            ("captures", "fix", "old captures"),
            ("gateway", "exchange", "gateway and exchange"),
            ("exchange", "gateway", "gateway and exchange"),
            ("exchange", "host", "gateway and exchange"),
            ("host", "audit", "serves people"),
            ("host", "dashboard", "serves people"),
        ] {
            let found = findings(&house_with(from, to, false));
            let edge = format!("`{from}` -> `{to}`");
            let is_named = |text: &String| text.contains(wall) && text.contains(&edge);
            assert!(found.iter().any(is_named), "{from} -> {to}: {found:?}");
        }
    }

    #[test]
    fn the_way_through_other_crates_is_shown() {
        let mut tree = house_with("gateway", "outside", false);
        tree.add("outside", "socket2", false);
        let found = findings(&tree);
        let way = "`gateway` -> `outside` -> `socket2`, broken by the edge `outside` -> `socket2`";
        assert!(found.iter().any(|text| text.contains(way)), "{found:?}");
    }

    #[test]
    fn tests_are_bound_where_they_judge() {
        assert_eq!(
            findings(&house_with("gateway", "runtime", true)),
            [] as [String; 0]
        );
        assert_eq!(findings(&house_with("exchange", "gateway", true)).len(), 1);
        assert_eq!(findings(&house_with("fix", "binary", true)).len(), 1);
    }

    #[test]
    fn edges_and_crates_outside_the_table_are_found() {
        assert_eq!(findings(&house_with("otc", "gateway", false)).len(), 1);
        let mut tree = house_with("cli", "market", false);
        tree.add_member("attic");
        assert!(findings(&tree)[0].contains("`attic` has no row"));
    }

    #[test]
    fn metadata_is_read() {
        let json = br#"{
            "packages": [
                {"id": "1", "name": "gwanmun-gateway"}, {"id": "2", "name": "gwanmun-runtime"},
                {"id": "3", "name": "gwanmun-exchange"}
            ],
            "workspace_members": ["1", "2", "3"],
            "resolve": {"nodes": [
                {"id": "1", "deps": [
                    {"pkg": "2", "dep_kinds": [{"kind": null}]},
                    {"pkg": "3", "dep_kinds": [{"kind": "dev"}]}
                ]},
                {"id": "2", "deps": []}, {"id": "3", "deps": []}
            ]}
        }"#;
        let found = findings(&Tree::from_metadata(json).unwrap());
        // One edge over the table, the same over its wall, and a test over another wall.
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(Tree::from_metadata(b"{}").is_err());
    }
}
