//! Tests of replacements that fit, and of those that do not.

use super::*;

const FILE: &str = "a.rs";
const TEXT: &str = "fn put() {\n    lock();\n    write();\n    unlock();\n}\n";

const SKIPS_LOCK: Fault = Fault::real(
    "A1",
    "a write without the lock",
    &[Edit {
        file: FILE,
        find: "lock();\n    write",
        replace: "if !fault!(A1) { lock(); }\nwrite",
    }],
);
const SKIPS_WRITE: Fault = Fault::real(
    "A2",
    "a write that is left out",
    &[Edit { file: FILE, find: "();\n    unlock", replace: "_unless(fault!(A2));\nunlock" }],
);

fn sources() -> Sources {
    Sources::from([(FILE.to_owned(), TEXT.to_owned()), ("b.rs".to_owned(), String::new())])
}

/// A fault of one edit.
fn fault(id: &'static str, find: &'static str, replace: &'static str) -> Fault {
    Fault::real(id, "", Box::leak(Box::new([Edit { file: FILE, find, replace }])))
}

/// What is wrong with the faults, in words.
fn problems(faults: &[Fault]) -> Vec<String> {
    apply(&sources(), faults).unwrap_err().iter().map(ToString::to_string).collect()
}

fn only_problem(faults: &[Fault]) -> String {
    let mut problems = problems(faults);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

#[test]
fn neighbouring_edits_apply_in_any_order() {
    let expected =
        "fn put() {\n    if !fault!(A1) { lock(); }\nwrite_unless(fault!(A2));\nunlock();\n}\n";
    for faults in [[SKIPS_LOCK, SKIPS_WRITE], [SKIPS_WRITE, SKIPS_LOCK]] {
        let changed = apply(&sources(), &faults).unwrap();
        assert_eq!(changed[FILE], expected);
        assert_eq!(changed["b.rs"], "");
    }
}

#[test]
fn an_edit_does_not_see_what_another_puts_in() {
    let first = fault("A1", "write();", "if fault!(A1) { release(); } write();");
    let second = fault("A2", "release();", "if !fault!(A2) { release(); }");
    let problem = only_problem(&[first, second]);
    assert!(problem.starts_with("fault A2: its text is not in store/src/a.rs"), "{problem}");
}

#[test]
fn text_that_is_not_there_names_the_fault_the_file_and_the_fix() {
    let problem = only_problem(&[fault("A3", "wait();", "fault!(A3)")]);
    assert_eq!(
        problem,
        "fault A3: its text is not in store/src/a.rs; set `find`, and with it `replace`, to what \
         stands there now. Not found: \"wait();\""
    );
}

#[test]
fn text_that_is_there_twice_names_the_fault_the_file_and_the_fix() {
    let problem = only_problem(&[fault("A4", "lock();", "fault!(A4)")]);
    assert_eq!(
        problem,
        "fault A4: its text is 2 times in store/src/a.rs; make `find` longer, so that it is there \
         once. Found: \"lock();\""
    );
}

#[test]
fn edits_that_overlap_name_both_faults() {
    let other = fault("A5", "write();", "if !fault!(A5) { write(); }");
    for faults in [[SKIPS_LOCK, other], [other, SKIPS_LOCK]] {
        let problem = only_problem(&faults);
        assert!(problem.starts_with("faults A1 and A5: both replace"), "{problem}");
        assert!(problem.ends_with("or choose other text. Common: \"write\""), "{problem}");
    }
    let inner = fault("A6", "();\n    write();\n    un", "fault!(A6)");
    let within = fault("A7", "write", "fault!(A7)");
    assert!(only_problem(&[within, inner]).contains("A6 and A7"));
    // The same text for two faults is an overlap too.
    let same = fault("A8", "write", "fault!(A8)");
    assert!(only_problem(&[within, same]).contains("A7 and A8"));
}

#[test]
fn a_fault_that_cannot_be_switched_off_is_refused() {
    let problem = only_problem(&[fault("A1", "write();", "fault!(A11)")]);
    assert!(problem.starts_with("fault A1: it would always be on"), "{problem}");
}

#[test]
fn an_id_is_given_once_and_a_file_must_be_there() {
    let twice = [fault("A1", "write();", "fault!(A1)"), fault("A1", "put()", "fault!(A1)")];
    assert!(only_problem(&twice).starts_with("fault A1: there are two of this id"));
    let edit = &[Edit { file: "c.rs", find: "x", replace: "fault!(A1)" }];
    let problem = only_problem(&[Fault::real("A1", "", edit)]);
    assert!(problem.starts_with("fault A1: there is no store/src/c.rs"), "{problem}");
}

#[test]
fn every_problem_is_reported_at_once() {
    let faults = [fault("A1", "wait();", "fault!(A1)"), fault("A2", "lock();", "fault!(A2)")];
    assert_eq!(problems(&faults).len(), 2);
}

#[test]
fn lines_keep_their_numbers_whatever_is_put_in() {
    let longer = "// Not locked.\nif fault!(A1) {\n    write();\n}\nlock();\nwrite();";
    for replace in [longer, "lock(); write(fault!(A1));"] {
        let edit = fault("A1", "    lock();\n    write();", replace);
        let changed = &apply(&sources(), &[edit]).unwrap()[FILE];
        let line = |text: &str| text.lines().position(|line| line.contains("unlock();"));
        assert_eq!(line(changed), line(TEXT), "{changed}");
        assert_eq!(changed.lines().count(), TEXT.lines().count(), "{changed}");
    }
}
