//! Recognises files of other tools, so that an error can name them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes that are looked at.
const LOOKED_AT: u64 = 4096;

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Nothing is in it.
    Empty,
    /// A gzip file.
    Gzip,
    /// A history of ours.
    History,
    /// Evidence of ours.
    Evidence,
    /// A program of ours.
    Program,
    /// A history as maps of EDN.
    Edn,
    /// A log of Jepsen.
    JepsenLog,
    /// A page of Porcupine.
    Porcupine,
    /// Another web page.
    WebPage,
}

impl Kind {
    /// Its name, for `it looks like ..`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "an empty file",
            Self::Gzip => "a file compressed by gzip",
            Self::History => "a history: give it with --history",
            Self::Evidence => "evidence: give its folder to `shardproof report --from`",
            Self::Program => "a program: give it with --program",
            Self::Edn => {
                "a history in EDN, as Jepsen, Elle, Knossos and Porcupine's key-value tests have \
                 it, which this program writes (--edn) but does not read"
            }
            Self::JepsenLog => "a log of Jepsen, as Porcupine's tests read it",
            Self::Porcupine => "a page of Porcupine's visualizer",
            Self::WebPage => "a web page",
        }
    }
}

/// What a file looks like; `None` if it cannot be read or is not known.
pub(crate) fn looks_like(path: &Path) -> Option<Kind> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LOOKED_AT).read_to_end(&mut bytes).ok()?;
    describe(&bytes)
}

fn describe(bytes: &[u8]) -> Option<Kind> {
    if bytes.is_empty() {
        return Some(Kind::Empty);
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Some(Kind::Gzip);
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start();
    let has = |parts: &[&str]| parts.iter().all(|part| text.contains(part));
    Some(if text.starts_with('{') && has(&["shardproof.history/"]) {
        Kind::History
    } else if text.starts_with('{') && has(&["shardproof.evidence/"]) {
        Kind::Evidence
    } else if text.starts_with('{') && has(&["\"threads\"", "\"op\""]) {
        Kind::Program
    } else if has(&[":type", ":process"]) && text.starts_with(['{', '[', '(']) {
        Kind::Edn
    } else if has(&["jepsen.util"]) {
        Kind::JepsenLog
    } else if has(&["orcupine"]) && text.starts_with('<') {
        Kind::Porcupine
    } else if text.starts_with("<!") || text.starts_with("<html") {
        Kind::WebPage
    } else {
        return None;
    })
}

/// The same as the end of a sentence: `; it looks like ..`, or nothing.
pub(crate) fn clause(looks_like: Option<&str>) -> String {
    looks_like.map_or_else(String::new, |what| format!("; it looks like {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_tools_are_recognised() {
        for (text, expected) in [
            ("{:index 0, :type :invoke, :process 0, :f :txn, :value [[:r 1 nil]]}", "Elle"),
            ("[{:type :invoke, :process 0, :f :read}]", "Jepsen"),
            ("{:process 4, :type :invoke, :f :get, :key \"7\", :value nil}\n", "Porcupine"),
            ("INFO  jepsen.util - 0\t:invoke\t:write\t1", "log of Jepsen"),
            ("<!DOCTYPE html><title>Porcupine</title>", "Porcupine's visualizer"),
            ("{\"schema\":\"shardproof.history/1\",\"threads\":1}", "--history"),
            ("{\n  \"schema\": \"shardproof.evidence/2\",", "report --from"),
            ("{\"threads\": [[{\"op\": \"put\"}]]}", "--program"),
            ("", "empty"),
        ] {
            let found = describe(text.as_bytes()).unwrap_or_else(|| panic!("{text}")).as_str();
            assert!(found.contains(expected), "{text}: {found}");
        }
        assert_eq!(describe(&[0x1f, 0x8b, 8]), Some(Kind::Gzip));
        assert_eq!(describe(b"not mine"), None);
        assert_eq!(describe(b"\x7fELF"), None);
        assert_eq!(looks_like(Path::new("no/such/file")), None);
    }
}
