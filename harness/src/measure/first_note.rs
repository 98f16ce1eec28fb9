//! What a machine can show, in the line that is there before anything is measured.

use crate::evidence::Certificate;

/// The figures of a certificate that decide on what can be seen at all.
pub(crate) fn of(certificate: &Certificate) -> String {
    let noise = certificate.same_twice.as_ref().map_or_else(
        || "noise not measured".to_owned(),
        |same| format!("noise floor {:.1} %", 100.0 * same.noise_floor),
    );
    let contention = certificate.counters.map_or_else(
        || "contention not measured".to_owned(),
        |counters| format!("shared counters are {:.1} times as slow", counters.ratio.median),
    );
    let pinning = match certificate.pinned_to {
        Some(_) => "threads can be pinned",
        None => "threads cannot be pinned",
    };
    format!("this machine: {noise}, {contention}, {pinning}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Counters, SameTwice, Spread};

    fn certificate() -> Certificate {
        Certificate {
            cpus: None,
            siblings: None,
            pinned_to: None,
            cpu_quota: None,
            governor: None,
            turbo: None,
            virtualisation: None,
            clock_source: None,
            clock_resolution_ns: 10.0,
            core_to_core_rounds_ns: Vec::new(),
            core_to_core: Vec::new(),
            counters: None,
            stolen_share: None,
            pressure_share: None,
            same_twice: None,
        }
    }

    #[test]
    fn what_is_known_is_told_and_what_is_not_is_said_to_be_so() {
        let nothing =
            "this machine: noise not measured, contention not measured, threads cannot be pinned";
        assert_eq!(of(&certificate()), nothing);
        let ratio = Spread { median: 8.64, low: 8.0, high: 9.0, coverage: 0.95 };
        let known = Certificate {
            pinned_to: Some(vec![0, 1]),
            counters: Some(Counters { threads: 2, padded_ops_s: 9e8, packed_ops_s: 1e8, ratio }),
            same_twice: Some(SameTwice {
                what: "a loop".to_owned(),
                pairs: 30,
                ratio,
                noise_floor: 0.0213,
            }),
            ..certificate()
        };
        let all = "this machine: noise floor 2.1 %, shared counters are 8.6 times as slow, \
                   threads can be pinned";
        assert_eq!(of(&known), all);
    }
}
