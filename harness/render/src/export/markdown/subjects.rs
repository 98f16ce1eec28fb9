//! How each subject is set up.

use shardproof_evidence::{Evidence, Subject};

use super::section;
use super::table::Table;

/// What each subject is.
pub(super) fn subjects(text: &mut String, evidence: &Evidence) {
    if evidence.subjects.is_empty() {
        return;
    }
    section(text, "Subjects");
    let mut table = Table::new(&["subject", "what it is", "settings"], 0..0);
    for Subject { name, about, settings } in &evidence.subjects {
        table.row([name.clone(), about.clone(), settings.clone()]);
    }
    table.write(text);
}
