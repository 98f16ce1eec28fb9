//! Recognises files of other tools, so that an error can name them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes that are looked at.
const LOOKED_AT: u64 = 4096;

/// What a file looks like, for `it looks like ..`; `None` if it cannot be read or is not known.
pub(crate) fn looks_like(path: &Path) -> Option<&'static str> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LOOKED_AT).read_to_end(&mut bytes).ok()?;
    describe(&bytes)
}

fn describe(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("an empty file");
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Some("a file compressed by gzip");
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start();
    let has = |parts: &[&str]| parts.iter().all(|part| text.contains(part));
    Some(if text.starts_with('{') && has(&["shardproof.history/"]) {
        "a history: give it with --history"
    } else if text.starts_with('{') && has(&["shardproof.evidence/"]) {
        "evidence: give its folder to `shardproof report --from`"
    } else if text.starts_with('{') && has(&["\"threads\"", "\"op\""]) {
        "a program: give it with --program"
    } else if has(&[":type", ":process"]) && text.starts_with(['{', '[', '(']) {
        "a history in EDN, as Jepsen, Elle, Knossos and Porcupine's key-value tests have it, which \
         this program writes (--edn) but does not read"
    } else if has(&["jepsen.util"]) {
        "a log of Jepsen, as Porcupine's tests read it"
    } else if has(&["orcupine"]) && text.starts_with('<') {
        "a page of Porcupine's visualizer"
    } else if text.starts_with("<!") || text.starts_with("<html") {
        "a web page"
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
            let found = describe(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert!(found.contains(expected), "{text}: {found}");
        }
        assert_eq!(describe(&[0x1f, 0x8b, 8]), Some("a file compressed by gzip"));
        assert_eq!(describe(b"not mine"), None);
        assert_eq!(describe(b"\x7fELF"), None);
        assert_eq!(looks_like(Path::new("no/such/file")), None);
    }
}
