//! Events of a history: in few letters for a picture, and as a sentence.

use crate::history::{ABSENT, Event, Kind, flag};
use crate::words::{Words, entries, value, value_short, yes_or_no};

impl Words<'_> {
    /// What was called and what came back, as short as can be: `put r0 "a" = 7 @3.12`.
    pub(crate) fn call(self, event: &Event) -> String {
        let call = self.asked(event);
        let again = if event.has(flag::REREAD) { " (again)" } else { "" };
        format!("{call}{}{again}", self.answer(event))
    }

    /// What was called: `put r0 "a" = 7`, `s7.get r0 "a"`.
    pub(crate) fn asked(self, event: &Event) -> String {
        let Event { run, key, handle, value, .. } = *event;
        let Some(kind) = Kind::from_number(event.kind) else {
            return format!("unknown operation {}", event.kind);
        };
        let (name, prefix) = (|| self.key(key), || self.prefix(key));
        let written = || value_short(value);
        match kind {
            Kind::Put => format!("put r{run} {} = {}", name(), written()),
            Kind::Delete => format!("delete r{run} {}", name()),
            Kind::SetPut => format!("w{handle}.put r{run} {} = {}", name(), written()),
            Kind::SetDelete => format!("w{handle}.delete r{run} {}", name()),
            Kind::RemoveRun => format!("remove r{run}"),
            Kind::Get => format!("get r{run} {}", name()),
            Kind::Contains => format!("contains r{run} {}", name()),
            Kind::Count => format!("count r{run}"),
            Kind::List => format!("list r{run} {}", prefix()),
            Kind::Open => format!("open s{handle}"),
            Kind::Clone => format!("clone s{value} into s{handle}"),
            Kind::Drop => format!("drop s{handle}"),
            Kind::SnapshotGet => format!("s{handle}.get r{run} {}", name()),
            Kind::SnapshotContains => format!("s{handle}.contains r{run} {}", name()),
            Kind::SnapshotCount => format!("s{handle}.count r{run}"),
            Kind::SnapshotList => format!("s{handle}.list r{run} {}", prefix()),
            Kind::Begin => format!("begin t{handle} r{run}"),
            Kind::TransactionGet => format!("t{handle}.get {}", name()),
            Kind::TransactionPut => format!("t{handle}.put {} = {}", name(), written()),
            Kind::TransactionDelete => format!("t{handle}.delete {}", name()),
            Kind::TransactionList => format!("t{handle}.list {}", prefix()),
            Kind::Commit => format!("commit t{handle}"),
            Kind::Abort => format!("abort t{handle}"),
            Kind::Collect => "collect".to_owned(),
            Kind::Tick => "tick".to_owned(),
            Kind::Notify => format!("notify f{key}"),
            Kind::Observe => format!("observe f{key}"),
            Kind::Held => "held".to_owned(),
        }
    }

    /// What came back: ` -> 7 @3.12`, ` @3.12`; nothing if nothing does.
    pub(crate) fn answer(self, event: &Event) -> String {
        let Event { stamp, sequence, value, .. } = *event;
        if event.has(flag::REFUSED) {
            return " -> refused".to_owned();
        }
        if event.has(flag::CONFLICT) {
            return " -> conflict".to_owned();
        }
        if event.has(flag::NO_EFFECT) {
            return " -> no effect".to_owned();
        }
        let Some(kind) = Kind::from_number(event.kind) else {
            return String::new();
        };
        let version = || self.version(" @", stamp, sequence);
        match kind {
            Kind::Put | Kind::SetPut | Kind::SetDelete | Kind::RemoveRun | Kind::Commit => {
                version()
            }
            Kind::Delete | Kind::TransactionDelete | Kind::TransactionGet if value == ABSENT => {
                " -> nothing".to_owned()
            }
            Kind::Delete => format!(" -> was {}{}", value_short(value), version()),
            Kind::TransactionDelete => format!(" -> was {}", value_short(value)),
            Kind::TransactionGet => format!(" -> {}", value_short(value)),
            Kind::Get | Kind::SnapshotGet if value == ABSENT => " -> nothing".to_owned(),
            Kind::Get | Kind::SnapshotGet => format!(" -> {}{}", value_short(value), version()),
            Kind::Contains | Kind::SnapshotContains => format!(" -> {}", yes_or_no(value)),
            Kind::Count | Kind::SnapshotCount => format!(" -> {value}"),
            Kind::List | Kind::SnapshotList | Kind::TransactionList => {
                let unsorted = if event.has(flag::UNSORTED) { ", unsorted" } else { "" };
                format!(" -> {}{unsorted}", entries(value))
            }
            Kind::Open | Kind::Clone | Kind::Begin => self.moment(" @", stamp),
            Kind::Tick => format!(" -> {stamp}"),
            Kind::Observe if value == 0 => " -> not raised".to_owned(),
            Kind::Observe => " -> raised".to_owned(),
            Kind::Held => format!(": {stamp} versions of {value} keys"),
            Kind::Drop | Kind::TransactionPut | Kind::Abort | Kind::Collect | Kind::Notify => {
                String::new()
            }
        }
    }

    /// What was done and seen, as the rest of a sentence that begins with who did it: `put key "a"
    /// of run 0: value 7, at version 3.12`.
    pub(crate) fn sentence(self, event: &Event) -> String {
        let flags = [
            (flag::REFUSED, ", which was refused"),
            (flag::CONFLICT, ", which failed with a conflict"),
            (flag::NO_EFFECT, ", which changed nothing"),
            (flag::UNSORTED, ", not sorted"),
            (flag::REREAD, ", again"),
        ];
        let told = flags.iter().filter(|(flag, _)| event.has(*flag)).map(|(_, text)| *text);
        self.told(event) + &told.collect::<String>()
    }

    fn told(self, event: &Event) -> String {
        let Event { run, key, handle, value: found, stamp, sequence, .. } = *event;
        let Some(kind) = Kind::from_number(event.kind) else {
            return format!("did something unknown ({})", event.kind);
        };
        // What was refused, or failed, or changed nothing has no version.
        let committed = !event.has(flag::REFUSED | flag::CONFLICT | flag::NO_EFFECT);
        let at = || {
            if committed { self.version(", at version ", stamp, sequence) } else { String::new() }
        };
        let of = || match found {
            ABSENT => String::new(),
            _ => self.version(", of version ", stamp, sequence),
        };
        let as_of = || self.moment(", of version ", stamp);
        let place = || format!("key {} of run {run}", self.key(key));
        let (found_value, counted) = (|| value(found), || entries(found));
        let snapshot = || format!("snapshot {handle}");
        let transaction = || format!("transaction {handle}");
        let listed = || format!("the keys of run {run} with prefix {}", self.prefix(key));
        match kind {
            Kind::Put => format!("put {}: {}{}", place(), found_value(), at()),
            Kind::Delete => format!("deleted {}, which held {}{}", place(), found_value(), at()),
            Kind::SetPut => {
                format!("put {} in write set {handle}: {}{}", place(), found_value(), at())
            }
            Kind::SetDelete => format!("deleted {} in write set {handle}{}", place(), at()),
            Kind::RemoveRun => format!("removed run {run}{}", at()),
            Kind::Get => format!("read {}: {}{}", place(), found_value(), of()),
            Kind::Contains => format!("asked for {}: {}", place(), yes_or_no(found)),
            Kind::Count => format!("counted the keys of run {run}: {found}"),
            Kind::List => format!("listed {}: {}", listed(), counted()),
            Kind::Open => format!("opened {}{}", snapshot(), as_of()),
            Kind::Clone => format!("cloned snapshot {found} into {}{}", snapshot(), as_of()),
            Kind::Drop => format!("dropped {}", snapshot()),
            Kind::SnapshotGet => {
                format!("read {} in {}: {}{}", place(), snapshot(), found_value(), of())
            }
            Kind::SnapshotContains => {
                format!("asked for {} in {}: {}", place(), snapshot(), yes_or_no(found))
            }
            Kind::SnapshotCount => {
                format!("counted the keys of run {run} in {}: {found}", snapshot())
            }
            Kind::SnapshotList => format!("listed {} in {}: {}", listed(), snapshot(), counted()),
            Kind::Begin => format!("began {} on run {run}{}", transaction(), as_of()),
            Kind::TransactionGet => {
                format!("read {} in {}: {}", place(), transaction(), found_value())
            }
            Kind::TransactionPut => {
                format!("put {} in {}: {}", place(), transaction(), found_value())
            }
            Kind::TransactionDelete => {
                format!("deleted {} in {}, which held {}", place(), transaction(), found_value())
            }
            Kind::TransactionList => {
                format!("listed {} in {}: {}", listed(), transaction(), counted())
            }
            Kind::Commit => format!("committed {}{}", transaction(), at()),
            Kind::Abort => format!("aborted {}", transaction()),
            Kind::Collect => "collected what nobody can see".to_owned(),
            Kind::Tick => format!("moved the clock on to {stamp}"),
            Kind::Notify => format!("raised flag {key}"),
            Kind::Observe if found == 0 => format!("found flag {key} not raised"),
            Kind::Observe => format!("found flag {key} raised"),
            Kind::Held => format!("found {stamp} versions of {found} live keys"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn every_kind_has_words_of_its_own() {
        let header = samples::header();
        let words = Words::new(&header);
        let event =
            |kind: Kind| Event { kind: kind as u8, value: 7, handle: 3, ..Event::default() };
        let texts = |text: &dyn Fn(&Event) -> String| {
            let mut texts: Vec<String> = Kind::ALL.map(|kind| text(&event(kind))).to_vec();
            texts.sort();
            texts.dedup();
            texts.len()
        };
        assert_eq!(texts(&|event| words.call(event)), Kind::ALL.len());
        assert_eq!(texts(&|event| words.sentence(event)), Kind::ALL.len());
    }

    #[test]
    fn a_number_without_a_name_is_told_as_a_number() {
        let header = samples::header();
        let event = Event { kind: Kind::Get as u8, key: 99, ..Event::default() };
        assert_eq!(Words::new(&header).call(&event), "get r0 #99 -> nothing");
        let unknown = Event { kind: 77, ..Event::default() };
        assert_eq!(Words::new(&header).call(&unknown), "unknown operation 77");
    }

    #[test]
    fn versions_are_told_only_where_the_subject_shows_them() {
        let mut header = samples::header();
        let event =
            Event { kind: Kind::Put as u8, value: 7, stamp: 3, sequence: 12, ..Event::default() };
        assert_eq!(Words::new(&header).call(&event), r#"put r0 "a" = 7 @3.12"#);
        header.claims.versions = false;
        assert_eq!(Words::new(&header).call(&event), r#"put r0 "a" = 7"#);
        assert_eq!(Words::new(&header).sentence(&event), r#"put key "a" of run 0: value 7"#);
    }
}
