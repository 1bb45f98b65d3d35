//! The members' ledgers against the venue's, session by session.
//!
//! The venue's ledger is cut into one piece for each session, by the OrderID(37) that each member
//! was told: so a run of any length is joined in the memory of one session, and a MsgSeqNum(34)
//! means one message. What the venue has under an OrderID that no member knows is a piece of its
//! own, joined with a ledger in which nobody did anything.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use gwanmun_audit::ledgers::{FINDINGS_MAX, Joined, join};
use gwanmun_market::OrderId;

use crate::demo::ledger::COLUMNS;
use crate::exit::{Exit, Failure};

/// Where OrderID(37) stands in a member's line: behind eight others that hold no comma.
const ORDER_ID_COLUMN: usize = 6;
/// What the join needs of the venue's lines; all of it stands in front of the raw bytes.
const VENUE_KEY: &str = "cl_ord_id";

/// Joins the ledgers `members` with the venue's, and adds it all up. `scratch` is a folder for the
/// pieces.
///
/// # Errors
/// When a file cannot be read or written, or is no ledger.
pub fn join_all(members: &[PathBuf], venue: &Path, scratch: &Path) -> Result<Joined, Failure> {
    let mut owners = HashMap::new();
    for (index, path) in members.iter().enumerate() {
        order_ids(path, &mut |order_id| {
            owners.entry(order_id).or_insert(index);
        })?;
    }
    let nobody = members.len();
    let pieces: Vec<PathBuf> = (0..=nobody)
        .map(|index| scratch.join(format!("venue-{index}.csv")))
        .collect();
    split(venue, &pieces, &owners)?;
    drop(owners);
    let mut all = Joined::default();
    for (index, piece) in pieces.iter().enumerate() {
        let venue = read(piece)?;
        let member = match members.get(index) {
            Some(path) => read(path)?,
            None => format!("{COLUMNS}\n"),
        };
        let joined = join(&member, &[&venue]).map_err(|error| {
            Failure::input(members.get(index).map_or(piece, |path| path), &error)
        })?;
        add(&mut all, joined);
        let _ = std::fs::remove_file(piece);
    }
    Ok(all)
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::input(path, &error))
}

fn lines(path: &Path) -> Result<impl Iterator<Item = std::io::Result<String>>, Failure> {
    let file = File::open(path).map_err(|error| Failure::input(path, &error))?;
    Ok(BufReader::with_capacity(1 << 20, file).lines())
}

/// Every OrderID that the member was told.
fn order_ids(path: &Path, found: &mut impl FnMut(OrderId)) -> Result<(), Failure> {
    for line in lines(path)? {
        let line = line.map_err(|error| Failure::input(path, &error))?;
        let mut cells = line.split(',').skip(1);
        if cells.next() != Some("in") {
            continue;
        }
        let text = cells.nth(ORDER_ID_COLUMN - 2).unwrap_or("");
        if let Some(order_id) = OrderId::new(text.as_bytes()).filter(|id| !id.is_empty()) {
            found(order_id);
        }
    }
    Ok(())
}

/// Writes each of the venue's lines that is about an order into its owner's piece, without its raw
/// bytes; lines about no order are left out.
fn split(
    venue: &Path,
    pieces: &[PathBuf],
    owners: &HashMap<OrderId, usize>,
) -> Result<(), Failure> {
    let refuse = |error: std::io::Error| Failure::input(venue, &error);
    let mut lines = lines(venue)?;
    let head = lines
        .next()
        .transpose()
        .map_err(refuse)?
        .unwrap_or_default();
    let (columns, key) = match (
        head.rsplit_once(','),
        head.split(',').position(|name| name == VENUE_KEY),
    ) {
        (Some((columns, "raw")), Some(key)) => (columns, key),
        _ => return Err(Failure::input(venue, &"not a venue's ledger")),
    };
    let width = columns.split(',').count();
    let mut files = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let create = |error: std::io::Error| Failure::host(&piece.display().to_string(), &error);
        let mut file = BufWriter::with_capacity(1 << 16, File::create(piece).map_err(create)?);
        writeln!(file, "{columns}")?;
        files.push(file);
    }
    for line in lines {
        let line = line.map_err(refuse)?;
        let cells: Vec<&str> = line.splitn(width + 1, ',').collect();
        if cells.len() <= width {
            return Err(Failure::new(
                Exit::Input,
                format!("{}: cut short", venue.display()),
            ));
        }
        let name = cells.get(key).copied().unwrap_or("").trim();
        if name.is_empty() {
            continue;
        }
        let owner = OrderId::new(name.as_bytes()).and_then(|id| owners.get(&id).copied());
        if let Some(file) = files.get_mut(owner.unwrap_or(pieces.len() - 1)) {
            writeln!(file, "{}", cells.get(..width).unwrap_or(&cells).join(","))?;
        }
    }
    for mut file in files {
        file.flush()?;
    }
    Ok(())
}

fn add(all: &mut Joined, one: Joined) {
    for (sum, part) in [
        (&mut all.orders, one.orders),
        (&mut all.requests, one.requests),
        (&mut all.accepted, one.accepted),
        (&mut all.reports, one.reports),
        (&mut all.fills, one.fills),
        (&mut all.venue_orders, one.venue_orders),
        (&mut all.venue_fills, one.venue_fills),
        (&mut all.compared, one.compared),
        (&mut all.lost, one.lost),
        (&mut all.duplicated, one.duplicated),
        (&mut all.different, one.different),
    ] {
        *sum += part;
    }
    for (code, count) in one.refused {
        *all.refused.entry(code).or_default() += count;
    }
    let room = FINDINGS_MAX - all.findings.len().min(FINDINGS_MAX);
    all.findings.extend(one.findings.into_iter().take(room));
}

#[cfg(test)]
mod tests {
    use super::*;

    const VENUE: &str = "time_ns,direction,line,user,sequence_number,soup_type,ouch_type,\
user_ref_num,orig_user_ref_num,side,quantity,symbol,price,cl_ord_id,reason,match_number,raw\n";

    /// One session's order as its member saw it: sent, acknowledged, filled.
    fn member(order_id: &str) -> String {
        format!(
            "{COLUMNS}\n1,out,2,D,A,,,,,,005930,1,10,71500,,,,,\n\
             2,in,2,8,A,,{order_id},X1{order_id},0,0,005930,1,10,71500,,,,,\n\
             3,in,3,8,A,,{order_id},X2{order_id},F,2,005930,1,10,71500,10,71500,,,\n"
        )
    }

    /// The same order at the venue.
    fn venue(order_id: &str, number: u32) -> String {
        format!(
            "1,in,1,gwan1,,U,O,{number},,B,10,005930,71500,{order_id},,,00,11\n\
             2,out,1,gwan1,5,S,E,{number},,,10,,71500,{order_id},,7,00\n\
             3,in,1,gwan1,,R,,,,,,,,,,,00\n"
        )
    }

    fn joined(members: &[String], venue: &str) -> Result<Joined, Failure> {
        let name = format!("gwanmun-joined-{:?}", std::thread::current().id());
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: String, text: &str| {
            std::fs::write(folder.join(&name), text).unwrap();
            folder.join(name)
        };
        let paths: Vec<PathBuf> = (0..)
            .zip(members)
            .map(|(index, text)| write(format!("m{index}.csv"), text))
            .collect();
        let venue = write("venue.csv".to_owned(), &format!("{VENUE}{venue}"));
        let joined = join_all(&paths, &venue, &folder);
        std::fs::remove_dir_all(&folder).unwrap();
        joined
    }

    #[test]
    fn sessions_with_the_same_names_and_numbers_are_kept_apart() {
        let members = [member("L1"), member("L2")];
        let both = joined(&members, &format!("{}{}", venue("L1", 1), venue("L2", 2))).unwrap();
        assert!(both.is_clean(), "{both:?}");
        assert_eq!((both.orders, both.fills, both.venue_fills), (2, 2, 2));
    }

    #[test]
    fn what_one_side_lacks_is_found_in_every_session() {
        let members = [member("L1"), member("L2")];
        let lost = joined(&members, &venue("L1", 1)).unwrap();
        assert_eq!((lost.lost, lost.different), (1, 1), "{lost:?}");
        let text = format!("{}{}{}", venue("L1", 1), venue("L2", 2), venue("L3", 3));
        let unknown = joined(&members, &text).unwrap();
        assert!(unknown.different > 0 && unknown.lost > 0, "{unknown:?}");
        let twice = format!("{}{}{}", venue("L1", 1), venue("L2", 2), venue("L2", 3));
        let twice = joined(&members, &twice).unwrap();
        assert_eq!((twice.duplicated, twice.lost), (1, 1), "{twice:?}");
    }

    #[test]
    fn half_a_ledger_is_no_ledger() {
        let text = venue("L1", 1);
        let cut = text.get(..text.len() - 60).unwrap();
        assert!(joined(&[member("L1")], cut).is_err());
    }
}
