//! Faults into source text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use crate::{Edit, Fault};

/// Source text by the file's path from `store/src/`.
pub(crate) type Sources = BTreeMap<String, String>;

/// Why the faults do not fit the sources.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Problem {
    /// Two faults have the same id.
    SameId { id: String },
    /// No replacement of a fault looks at its switch.
    AlwaysOn { fault: String },
    /// An edit is for a file that is not there.
    NoSuchFile { fault: String, file: String },
    /// The text to replace is not in the file, or more than once.
    NotOnce { fault: String, file: String, find: String, times: usize },
    /// Two edits replace the same text.
    Overlap { faults: [String; 2], file: String, text: String },
}

/// Applies all faults, each to the original text, so that their order does not matter.
///
/// # Errors
/// Everything that does not fit.
pub(crate) fn apply(sources: &Sources, faults: &[Fault]) -> Result<Sources, Vec<Problem>> {
    let mut problems = check_switches(faults);
    let mut by_file: BTreeMap<&str, Vec<Placed>> = BTreeMap::new();
    for fault in faults {
        for edit in fault.edits {
            match place(sources, fault, edit) {
                Ok(placed) => by_file.entry(edit.file).or_default().push(placed),
                Err(problem) => problems.push(problem),
            }
        }
    }
    let mut changed = sources.clone();
    for (file, mut edits) in by_file {
        edits.sort_by_key(|placed| placed.range.start);
        problems.extend(overlaps(file, &sources[file], &edits));
        if problems.is_empty() {
            changed.insert(file.to_owned(), replace_all(&sources[file], &edits));
        }
    }
    if problems.is_empty() { Ok(changed) } else { Err(problems) }
}

/// An edit and where its text is.
struct Placed {
    /// The fault's id.
    fault: &'static str,
    /// The bytes to replace.
    range: Range<usize>,
    /// What to replace them by.
    replace: &'static str,
}

fn check_switches(faults: &[Fault]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for Fault { id, edits, .. } in faults {
        if !ids.insert(*id) {
            problems.push(Problem::SameId { id: (*id).to_owned() });
        }
        let switch = format!("fault!({id})");
        if !edits.iter().any(|edit| edit.replace.contains(&switch)) {
            problems.push(Problem::AlwaysOn { fault: (*id).to_owned() });
        }
    }
    problems
}

fn place(sources: &Sources, fault: &Fault, edit: &Edit) -> Result<Placed, Problem> {
    let Edit { file, find, replace } = *edit;
    let (id, path) = (fault.id.to_owned(), file.to_owned());
    let Some(text) = sources.get(file) else {
        return Err(Problem::NoSuchFile { fault: id, file: path });
    };
    let mut found = text.match_indices(find);
    match (found.next(), found.count()) {
        (Some((start, _)), 0) => {
            Ok(Placed { fault: fault.id, range: start..start + find.len(), replace })
        }
        (first, further) => Err(Problem::NotOnce {
            fault: id,
            file: path,
            find: find.to_owned(),
            times: usize::from(first.is_some()) + further,
        }),
    }
}

/// The overlaps among edits of one file, sorted by where they begin.
fn overlaps(file: &str, text: &str, edits: &[Placed]) -> Vec<Problem> {
    let overlap = |pair: &[Placed]| {
        let [first, second] = pair else { return None };
        let common = second.range.start..first.range.end.min(second.range.end);
        (!common.is_empty()).then(|| Problem::Overlap {
            faults: [first.fault, second.fault].map(str::to_owned),
            file: file.to_owned(),
            text: text[common].to_owned(),
        })
    };
    edits.windows(2).filter_map(overlap).collect()
}

/// Makes replacements that are sorted and do not overlap.
fn replace_all(text: &str, edits: &[Placed]) -> String {
    let mut changed = String::with_capacity(2 * text.len());
    let mut end = 0;
    for Placed { range, replace, .. } in edits {
        changed.push_str(&text[end..range.start]);
        changed.push_str(&on_as_many_lines(replace, &text[range.clone()]));
        end = range.end;
    }
    changed.push_str(&text[end..]);
    changed
}

/// A replacement with as many line breaks as the text that it replaces, so that the lines below
/// keep their numbers. Lines that are comments are left out, since what is joined to them would be
/// lost.
fn on_as_many_lines(replace: &str, found: &str) -> String {
    let breaks = found.matches('\n').count();
    let lines: Vec<&str> =
        replace.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    // The first lines are joined: most replacements put something before the text they replace.
    let joined = lines.len().saturating_sub(breaks);
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        match number {
            0 => text.push_str(line),
            _ if number < joined => {
                text.push(' ');
                text.push_str(line.trim_start());
            }
            _ => {
                text.push('\n');
                text.push_str(line);
            }
        }
    }
    let missing = (breaks + 1).saturating_sub(lines.len().max(1));
    text.push_str(&"\n".repeat(missing));
    text
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameId { id } => {
                write!(f, "fault {id}: there are two of this id; give one of them an id of its own")
            }
            Self::AlwaysOn { fault } => write!(
                f,
                "fault {fault}: it would always be on; make one `replace` ask `fault!({fault})`"
            ),
            Self::NoSuchFile { fault, file } => write!(
                f,
                "fault {fault}: there is no store/src/{file}; set `file` to where its text is now"
            ),
            Self::NotOnce { fault, file, find, times: 0 } => write!(
                f,
                "fault {fault}: its text is not in store/src/{file}; set `find`, and with it \
                 `replace`, to what stands there now. Not found: {find:?}"
            ),
            Self::NotOnce { fault, file, find, times } => write!(
                f,
                "fault {fault}: its text is {times} times in store/src/{file}; make `find` longer, \
                 so that it is there once. Found: {find:?}"
            ),
            Self::Overlap { faults: [first, second], file, text } => write!(
                f,
                "faults {first} and {second}: both replace the same text of store/src/{file}; make \
                 the `find` of one shorter, or choose other text. Common: {text:?}"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
