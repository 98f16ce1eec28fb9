//! The names that the registry knows, and how it takes more.

use std::collections::BTreeSet;

use sharded_store::UnifiedStore;
use shardproof_registry::Subjects;
use shardproof_subject::{Description, Role};

/// What `verify` verifies without own stores.
const VERIFIED: [&str; 3] = ["sharded", "unified", "migrated"];
/// The peers, in builds with and without them.
const PEERS: [&str; 10] = [
    "surrealmx",
    "fjall",
    "redb",
    "skipdb",
    "dashmap",
    "papaya",
    "scc",
    "skiplist",
    "moka",
    "rwlock",
];

#[test]
fn every_name_has_a_description_and_stands_for_what_it_says() {
    let subjects = Subjects::new();
    for (name, about) in subjects.about_measured() {
        assert!(!about.is_empty(), "{name}");
        assert_eq!(subjects.measure(name).unwrap().as_str(), name);
    }
    for (name, about) in subjects.about_verified() {
        assert!(!about.is_empty(), "{name}");
        assert_eq!(subjects.verify(name).unwrap().name(), name);
    }
    let measured: BTreeSet<&str> = subjects.about_measured().map(|(name, _)| name).collect();
    assert_eq!(measured.len(), subjects.measured().len(), "each name once");
}

#[test]
fn every_measured_subject_has_its_own_configuration() {
    let subjects = Subjects::new().measured();
    for subject in &subjects {
        let settings = &subject.description().settings;
        assert!(!settings.contains("unknown"), "{subject}: not in the lock file: {settings}");
        let is_library = subject.as_str() != "floor";
        assert_eq!(settings.contains(|c: char| c.is_ascii_digit()), is_library, "{settings}");
    }
    let distinct: BTreeSet<_> =
        subjects.iter().map(|subject| &subject.description().settings).collect();
    assert_eq!(distinct.len(), subjects.len());
}

#[test]
fn an_own_store_is_measured_and_verified_and_becomes_the_default() {
    assert_eq!(Subjects::new().verified_by_default(), VERIFIED);
    let mine = Description::new("mine").about("one lock");
    let subjects = Subjects::new().with(mine, UnifiedStore::new);
    assert_eq!(subjects.verified_by_default(), ["mine"]);
    assert_eq!(subjects.measure("mine").unwrap().description().about, "one lock");
    assert_eq!(subjects.measure("mine").unwrap().description().role, Role::Store);
    assert_eq!(subjects.verify("mine").unwrap().name(), "mine");
    assert!(subjects.verify("sharded").is_ok());
}

#[test]
fn an_unknown_name_is_refused_with_the_known_names() {
    let subjects = Subjects::new().with("mine", UnifiedStore::new);
    let error = subjects.measure("seeed").unwrap_err().to_string();
    assert!(error.contains("`seeed` is not a subject"), "{error}");
    assert!(error.contains("seed, ceiling, floor") && error.contains("mine"), "{error}");
    // Verified only, or measured only.
    assert!(subjects.measure("migrated").is_err());
    let error = subjects.verify("floor").unwrap_err().to_string();
    assert!(error.contains("`floor` is not a subject to verify"), "{error}");
    assert!(error.contains("migrated, seed"), "{error}");
}

#[test]
fn a_peer_is_known_or_the_error_names_the_feature() {
    for peer in PEERS {
        let subjects = Subjects::new();
        if cfg!(feature = "peers") {
            assert_eq!(subjects.measure(peer).unwrap().description().role, Role::Peer);
            assert!(subjects.verify(peer).is_ok());
        } else {
            let error = subjects.measure(peer).unwrap_err().to_string();
            assert!(error.contains(peer) && error.contains("--features peers"), "{error}");
        }
    }
}

#[test]
#[should_panic(expected = "already a subject `sharded`")]
fn a_taken_name_is_refused() {
    let _ = Subjects::new().with("sharded", UnifiedStore::new);
}

#[test]
#[should_panic(expected = "`my store` cannot name a subject")]
fn a_name_that_would_break_names_of_cells_is_refused() {
    let _ = Subjects::new().with("my store", UnifiedStore::new);
}
