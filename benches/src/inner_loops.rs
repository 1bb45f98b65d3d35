//! The inner loops of the AVX-512 front, as the compiler made them: how many instructions each has,
//! and which of them are the wide ones.
//!
//! Valgrind knows no AVX-512, so that [`crate::instructions`] cannot count what runs there. What
//! can be held fast is the code itself. A release build is disassembled, the jumps of a function
//! are followed, and instructions from which control may come back to them are a loop. Registers,
//! addresses and the order of instructions may change; more instructions than were recorded, and
//! fewer of those that work on 512 bits or on masks, are told. Recorded is `inner-loops.txt`; what
//! compares is the program `codec-instructions`. Not here: how often a loop runs, and how fast.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::instructions::is_too_many;

/// The functions whose loops are looked at. They ask for more than their callers have, so that the
/// compiler cannot make them part of one.
pub const FUNCTIONS: [&str; 2] = ["avx512::read", "avx512::check_sum"];
const MODULE: &str = "gwanmun_fix::scan::";
/// Counts every instruction of a loop but padding; the other names are mnemonics.
const ALL: &str = "instructions";

/// A count for each loop and kind of instruction. Loops are numbered from the longest on.
pub type Counts = BTreeMap<(String, String), u64>;

/// One instruction of a function.
#[derive(Debug)]
struct Instruction {
    address: u64,
    mnemonic: String,
    operands: String,
}

impl Instruction {
    /// From a line of objdump: address, colon, tab, mnemonic, operands.
    fn from_line(line: &str) -> Option<Instruction> {
        let (address, text) = line.trim_start().split_once(":\t")?;
        let text = text.trim();
        let (mnemonic, operands) = text.split_once(' ').unwrap_or((text, ""));
        Some(Instruction {
            address: u64::from_str_radix(address, 16).ok()?,
            mnemonic: mnemonic.to_owned(),
            operands: operands.trim().to_owned(),
        })
    }

    /// What only makes the next instruction begin at a round address.
    fn is_padding(&self) -> bool {
        let mut words = self.operands.split(' ').chain([self.mnemonic.as_str()]);
        words.any(|word| word.starts_with("nop"))
    }

    /// Whether it works on a register of 512 bits or on a mask.
    fn is_wide(&self) -> bool {
        let mut registers = self.operands.split('%').skip(1);
        registers.any(|name| {
            let mut bytes = name.bytes();
            let is_mask = bytes.next() == Some(b'k') && bytes.next().is_some_and(is_digit);
            name.starts_with("zmm") || is_mask
        })
    }

    /// Where control may go from here besides the next instruction, and whether it may go there.
    fn successors(&self) -> Result<(Option<u64>, bool), String> {
        let is_jump = self.mnemonic.starts_with('j');
        let target = self.operands.split(' ').next().unwrap_or("");
        match self.mnemonic.as_str() {
            "ret" | "ud2" => Ok((None, false)),
            mnemonic if is_jump => match u64::from_str_radix(target, 16) {
                Ok(target) => Ok((Some(target), mnemonic != "jmp")),
                Err(_) => Err(format!("a jump to {target} cannot be followed")),
            },
            _ => Ok((None, true)),
        }
    }
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// The loops of every function in a program.
///
/// # Errors
/// objdump is missing or failed; a function is not in the program or has no loop; a jump cannot be
/// followed.
pub fn counts(program: &Path) -> Result<Counts, String> {
    let mut counts = Counts::new();
    for function in FUNCTIONS {
        let text = disassembled(program, function)?;
        counts.extend(counts_of(function, &text).map_err(|why| format!("{function}: {why}"))?);
    }
    Ok(counts)
}

fn disassembled(program: &Path, function: &str) -> Result<String, String> {
    let output = Command::new("objdump")
        .args(["--demangle", "--no-show-raw-insn", "--wide"])
        .arg(format!("--disassemble={MODULE}{function}"))
        .arg(program)
        .output()
        .map_err(|error| format!("objdump does not start: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("objdump failed: {said}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn counts_of(function: &str, text: &str) -> Result<Counts, String> {
    let code: Vec<Instruction> = text.lines().filter_map(Instruction::from_line).collect();
    let mut loops = loops(&code)?;
    if loops.is_empty() {
        return Err("the program has no such function, or it has no loop".to_owned());
    }
    loops.sort_by_key(|one| std::cmp::Reverse(one.len()));
    let mut counts = Counts::new();
    for (nth, one) in loops.iter().enumerate() {
        let name = format!("{function}/{}", nth + 1);
        for instruction in one {
            let mut add = |kind: &str| {
                *counts.entry((name.clone(), kind.to_owned())).or_insert(0) += 1;
            };
            add(ALL);
            if instruction.is_wide() {
                add(&instruction.mnemonic);
            }
        }
    }
    Ok(counts)
}

/// The loops: instructions that can be reached from each other, without padding. A loop within
/// another is part of it.
fn loops(code: &[Instruction]) -> Result<Vec<Vec<&Instruction>>, String> {
    let place = |address| code.iter().position(|one| one.address == address);
    let mut successors = Vec::with_capacity(code.len());
    for (at, instruction) in code.iter().enumerate() {
        let (target, goes_on) = instruction.successors()?;
        let next = (goes_on && at + 1 < code.len()).then_some(at + 1);
        // A jump out of the function comes back nowhere.
        successors.push([next, target.and_then(place)]);
    }
    let reached: Vec<Vec<bool>> = (0..code.len())
        .map(|from| reached_from(from, &successors))
        .collect();
    let reaches = |from: usize, to: usize| reached.get(from).and_then(|all| all.get(to)).copied();
    let mut is_seen = vec![false; code.len()];
    let mut loops = Vec::new();
    for at in 0..code.len() {
        if reaches(at, at) != Some(true) || is_seen.get(at) == Some(&true) {
            continue;
        }
        let mut one = Vec::new();
        for ((other, instruction), is_seen) in code.iter().enumerate().zip(&mut is_seen) {
            if reaches(at, other) == Some(true) && reaches(other, at) == Some(true) {
                *is_seen = true;
                one.push(instruction);
            }
        }
        one.retain(|instruction| !instruction.is_padding());
        loops.push(one);
    }
    Ok(loops)
}

/// What is reached from an instruction in one step or more.
fn reached_from(from: usize, successors: &[[Option<usize>; 2]]) -> Vec<bool> {
    let mut reached = vec![false; successors.len()];
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for to in successors.get(at).into_iter().flatten().flatten() {
            if let Some(is_reached) = reached.get_mut(*to).filter(|is_reached| !**is_reached) {
                *is_reached = true;
                open.push(*to);
            }
        }
    }
    reached
}

/// What was found, as `inner-loops.txt` has it: a loop, a kind and a count in each line.
#[must_use]
pub fn text_of(found: &Counts) -> String {
    let mut text = HEAD.to_owned();
    for ((name, kind), count) in found {
        // A string takes whatever it is given.
        let _ = writeln!(text, "{name} {kind} {count}");
    }
    text
}

const HEAD: &str = "\
# The inner loops of the AVX-512 front in a release build: see src/inner_loops.rs. Of each loop all
# instructions, and those on 512 bits or masks by mnemonic. .ci/run refuses a loop that is more than
# 3 % longer, or that has fewer of the latter. Recorded anew together with instructions.txt, which
# says how.
";

/// The counts that a text holds; `None` where it is none of [`text_of`].
#[must_use]
pub fn recorded(text: &str) -> Option<Counts> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let of_line = |line: &str| {
        let mut words = line.split(' ');
        let name = (words.next()?.to_owned(), words.next()?.to_owned());
        let count = words.next()?.parse().ok()?;
        words.next().is_none().then_some((name, count))
    };
    lines.map(of_line).collect()
}

/// What is worse than it was recorded, a sentence each.
#[must_use]
pub fn worse(found: &Counts, recorded: &Counts) -> Vec<String> {
    let count = |counts: &Counts, key| counts.get(key).copied().unwrap_or(0);
    let mut told = Vec::new();
    for (key, &before) in recorded {
        let (name, kind) = key;
        let now = count(found, key);
        if now == 0 {
            told.push(format!("{name}: no {kind}, where there were {before}"));
        } else if kind == ALL && is_too_many(now, before) {
            told.push(format!(
                "{name}: {now} instructions, where there were {before}"
            ));
        } else if kind != ALL && now < before {
            told.push(format!("{name}: {now} {kind}, where there were {before}"));
        }
    }
    let is_new = |key: &&(String, String)| key.1 == ALL && !recorded.contains_key(*key);
    let new = found.keys().filter(is_new);
    told.extend(new.map(|(name, _)| format!("{name}: a loop that was not recorded")));
    told
}

/// Loops with their instructions, and how many of them are wide, for people.
#[must_use]
pub fn summary(counts: &Counts) -> Vec<(&str, u64, u64)> {
    let all = counts.iter().filter(|((_, kind), _)| kind == ALL);
    let wide = |name: &str| {
        let of_loop = counts
            .iter()
            .filter(|((other, kind), _)| other == name && kind != ALL);
        of_loop.map(|(_, count)| count).sum()
    };
    all.map(|((name, _), &count)| (name.as_str(), count, wide(name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A loop of blocks that ends in two places and leaves by a jump back to the function's end,
    /// which stands in front; padding; and a loop of one instruction's length.
    const CODE: &str = "\
0000000000001000 <gwanmun_fix::scan::avx512::read>:
    1000:\tjmp    1010 <gwanmun_fix::scan::avx512::read+0x10>
    1004:\tvzeroupper
    1007:\tret
    1008:\tdata16 cs nopw 0x0(%rax,%rax,1)
    1010:\tvmovdqu64 (%rsi,%rcx,1),%zmm14
    1014:\tvpcmpeqb %zmm5,%zmm14,%k0
    1018:\tkmovq  %k0,%r8
    1019:\tnopl   0x0(%rax)
    101a:\tcmp    $0x10,%r8
    101c:\tjb     1004 <gwanmun_fix::scan::avx512::read+0x4>
    1020:\tvpaddw %ymm16,%ymm0,%ymm16
    1024:\tjne    1010 <gwanmun_fix::scan::avx512::read+0x10>
    1028:\tadd    $0x1,%kx
    102c:\tjmp    1014 <gwanmun_fix::scan::avx512::read+0x14>
    1030:\tdec    %rax
    1034:\tjne    1030 <gwanmun_fix::scan::avx512::read+0x30>
    1038:\tjmp    1004 <gwanmun_fix::scan::avx512::read+0x4>
";

    fn counted(code: &str) -> Counts {
        counts_of("avx512::read", code).unwrap()
    }

    #[test]
    fn loops_are_what_control_comes_back_to() {
        let found = counted(CODE);
        assert_eq!(
            summary(&found),
            [("avx512::read/1", 9, 3), ("avx512::read/2", 2, 0)]
        );
        let one = |kind: &str| found.get(&("avx512::read/1".to_owned(), kind.to_owned()));
        assert_eq!(one("vpcmpeqb"), Some(&1));
        assert_eq!(one("kmovq"), Some(&1));
        assert_eq!(one("vpaddw"), None);
    }

    #[test]
    fn what_cannot_be_told_is_an_error() {
        assert!(counts_of("avx512::read", "").is_err());
        assert!(counts_of("avx512::read", "    1000:\tret\n").is_err());
        assert!(counts_of("avx512::read", "    1000:\tjmp    *%rax\n").is_err());
    }

    #[test]
    fn what_is_recorded_is_read_back() {
        let found = counted(CODE);
        assert_eq!(recorded(&text_of(&found)).as_ref(), Some(&found));
        assert_eq!(recorded("avx512::read/1 vpcmpeqb"), None);
        assert_eq!(recorded("avx512::read/1 vpcmpeqb 1 2"), None);
    }

    #[test]
    fn other_registers_and_another_order_are_as_good() {
        let before = counted(CODE);
        let renamed = CODE.replace("%zmm14", "%zmm30").replace("%k0", "%k3");
        assert!(worse(&counted(&renamed), &before).is_empty());
        assert!(worse(&before, &before).is_empty());
    }

    #[test]
    fn longer_loops_and_narrower_ones_are_told() {
        let before = counted(CODE);
        let told = |from: &str, to: &str| worse(&counted(&CODE.replace(from, to)), &before);
        let longer = told("    1020:", "    101e:\tinc    %rax\n    1020:");
        assert_eq!(
            longer,
            ["avx512::read/1: 10 instructions, where there were 9"]
        );
        let narrower = told("vpcmpeqb %zmm5,%zmm14,%k0", "vpcmpeqb %ymm5,%ymm14,%ymm0");
        assert_eq!(
            narrower,
            ["avx512::read/1: no vpcmpeqb, where there were 1"]
        );
        let more = told("    1038:\tjmp    1004", "    1038:\tjmp    1038");
        assert_eq!(more, ["avx512::read/3: a loop that was not recorded"]);
    }

    #[test]
    fn every_function_has_a_recorded_loop() {
        let recorded = recorded(include_str!("../inner-loops.txt")).unwrap();
        for function in FUNCTIONS {
            let first = (format!("{function}/1"), ALL.to_owned());
            assert!(recorded.contains_key(&first), "{function}");
        }
    }
}
