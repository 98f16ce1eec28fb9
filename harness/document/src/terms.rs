//! Definitions: one for each term. The glossary of a document contains the terms of its columns and
//! figures.

/// A term with its definition.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Term {
    /// The term itself, unique.
    pub word: &'static str,
    /// What it means.
    pub definition: &'static str,
}

impl Term {
    /// The term in ASCII letters, digits and hyphens, as an anchor for links.
    #[must_use]
    pub fn id(&self) -> String {
        let safe = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        self.word.to_ascii_lowercase().chars().map(safe).collect()
    }
}

macro_rules! terms {
    ($($name:ident $word:literal $definition:literal)*) => {
        $(#[doc = $word] pub static $name: Term = Term { word: $word, definition: $definition };)*
        /// All terms.
        pub static ALL: &[&Term] = &[$(&$name,)*];
    };
}

terms! {
    SUBJECT "subject"
        "A store under test. Two are controls: ceiling gives each thread a private hash map \
         without locks or versions and shows what the machine can do; floor does nothing and shows \
         the cost of measuring."
    WORKLOAD "workload"
        "The load on a subject: a mix of operations, with distributions of keys and values."
    MIX "mix" "The operations of a workload and their shares: get90-put10 is nine gets for each \
               put."
    PLACEMENT "placement"
        "Which runs each thread works in. disjoint: runs of its own. colliding: runs of its own, \
         but all runs are in one shard of the subject's directory. shared: all threads in one run. \
         hot: all threads at one key of one run. disjointA-sharedB: of 100 operations, A in a run \
         of the thread's own and B in a shared run."
    PART "part" "What one machine contributed to merged evidence, counted from 1. Ratios are never \
                 taken across parts."
    THREADS "threads" "Threads that run concurrently."
    KEYS "keys" "Keys in the store before timing starts."
    KEY_CHOICE "key distribution"
        "uniform: all keys equally often. zipf:S: rank r in proportion to 1/r^S, with shuffled \
         ranks. hotspot:K:O: K % of the keys get O % of the operations. latest: newer keys more \
         often. sequential: in order, then from the start again."
    KEY_SHAPE "key shape"
        "random: random letters. dense: the key's number in 8 bytes. shifted: the number times \
         2^32. user: the word user and the number in digits. uuid: 36 letters in the form of a \
         UUID."
    SIZE "size" "Bytes of a key or a value. 100..1000: uniform between these lengths. 40:9,1000:1: \
                 lengths with their weights."
    ROLES "roles"
        "What each thread does. all: the whole mix. one-writer: the first thread writes, the \
         others read. held-snapshot: the whole mix while a snapshot stays open."
    ROUND "round"
        "Every cell runs once in each round, in random order, so that disturbances of the machine \
         affect all cells alike."
    THROUGHPUT "throughput"
        "Operations per second, all threads together: median over rounds. The clock is read before \
         and after the timed loop, never inside it."
    INTERVAL "interval"
        "A distribution-free confidence interval for the median, from one round's value to \
         another's. With fewer than six rounds it is the full range."
    COVERAGE "coverage" "The probability that an interval contains the true median, if rounds are \
                         independent."
    TO_BASE "ratio to the base"
        "Throughput divided by that of the base subject in the same cell, paired round by round: \
         median of the ratios."
    SCALING "scaling"
        "Throughput divided by that of the same subject on one thread, paired round by round: \
         median of the ratios."
    TO_CEILING "of ceiling"
        "Scaling divided by the scaling of ceiling: the cost of sharing, without the limits of the \
         machine."
    KEPT "scaling efficiency"
        "Throughput per thread divided by the throughput of one thread. 1: perfect scaling. 1 \
         divided by the number of threads: further threads add nothing."
    OVERSUBSCRIBED "oversubscribed"
        "More threads than cores. Threads wait for a core, so this says nothing about scaling: \
         such points are hollow, not connected and not coloured."
    VALID "valid" "Whether every checked answer of the cell was right."
    CHECKS "answers checked"
        "Answers compared with what the operation streams imply: a sample of reads while timing, \
         and every key afterwards."
    WARNINGS "warnings" "Conditions that may have distorted a result. The section on warnings has \
                         advice on each."
    ALLOCATIONS "allocations" "Allocator calls made by the operations."
    CPU_TIME "processor time"
        "Processor time of the workers per operation: median over rounds. Time asleep is excluded."
    ON_CPU "on processor"
        "The share of the measured time that threads spent on a processor: median over rounds."
    START_SKEW "start skew"
        "Time from the first worker's start to the last worker's start: median over rounds."
    CONFLICTS "conflicts"
        "Transactions that failed because another thread changed what they had read, per operation \
         of any kind: mean over rounds."
    OPERATION "operation" "The kind of operation; all is all kinds together."
    LOOP "loop"
        "Closed loop: each operation starts when the previous one ends, and its time includes one \
         reading of the clock. Open loop: operations arrive at a rate that does not depend on the \
         store, and each is timed from its intended start, so waiting counts."
    ARRIVALS "arrivals"
        "The target rate of an open loop, all threads together. Gaps are constant or, with \
         poisson, exponentially distributed."
    OFFERED "offered" "Operations due in a round, divided by its duration."
    ACHIEVED "achieved"
        "The rate achieved: median over rounds. If it is far below the offered rate, latencies \
         grow for as long as the round lasts."
    SLICE "round duration"
        "Duration of arrivals in one round, extended if a round would have contained too few \
         operations."
    COUNT "count" "Operations timed."
    PERCENTILE "percentile"
        "p99 is the time that 99 of 100 operations did not exceed, over all rounds. A percentile \
         with fewer than ten samples beyond it is withheld: few-samples."
    PERCENTILE_OF_ROUNDS "percentile of rounds" "The percentile of each round: median over rounds."
    MEAN "mean" "The sum of all times divided by their number."
    BEGAN "start" "When the round started, counted from the start of the measurement."
    RATE_SEARCH "rate search"
        "The highest rate tried at which p99 stayed within the limit and the store kept up. Each \
         rate was tried three times."
    ACQUIRE "taking a snapshot"
        "Time to take a snapshot and drop it. p50: median over batches of the mean within a batch, \
         so that the cost of the clock is spread over the batch. Individual: each timed \
         separately, including one reading of the clock."
    WRITERS "writers" "Threads that put continuously meanwhile."
    LIMIT "limit" "Why a subject was measured with fewer keys than others."
    HELD "held snapshot" "A snapshot that stays open while random keys are overwritten."
    EXTRA_BYTES "extra bytes"
        "Live bytes in excess of those just before the snapshot was taken. Negative: fewer than \
         then."
    VERSIONS "versions" "Versions in the store."
    NEWEST_READ "current read" "Time to read a current value while the snapshot is open."
    SNAPSHOT_READ "snapshot read" "Time to read a value through the snapshot."
    RECLAIM "reclaim"
        "Time until 90 % of the extra bytes are freed after a held snapshot is dropped, while \
         overwrites continue."
    COLLECTED "after collecting"
        "Extra bytes after an explicit collection, which is done only if they were not freed \
         without one."
    PER_ENTRY "bytes per entry" "Live bytes of a filled store divided by the number of entries."
    PER_VERSION "bytes per version"
        "Bytes of each further version that a snapshot retains. If snapshots are copies: bytes of \
         an entry's copy."
    PER_RUN "bytes per run" "Live bytes of a store of runs with one entry each, divided by the \
                             number of runs."
    DURATION "duration" "Time per operation: median over rounds."
    RATIO "ratio"
        "Duration divided by that of the operation it is compared with. The two alternated: median \
         over pairs."
    LAMBDA "lambda (λ)"
        "Of the scaling law X(n) = λn / (1 + σ(n−1) + κn(n−1)): throughput of one thread."
    SIGMA "sigma (σ)" "Contention: the share of the work that only one thread can do at a time."
    KAPPA "kappa (κ)" "Coherence: the cost of each pair of threads. Above 0, throughput falls \
                       beyond some number of threads."
    PEAK "peak" "The number of threads at which the fitted law is highest; none if it never falls."
    FIT_ERROR "error" "The largest relative error of the fit at any number of threads."
    PROPERTY "property" "One axiom of the store's contract."
    VERDICT "verdict"
        "pass: checked to the requested bound, where it could have failed, without a violation. \
         vacuous: it could not have failed, so this is not a pass. inconclusive: not checked to \
         the requested bound. FAIL: violated, with a counterexample."
    COULD_FAIL "could have failed"
        "Reads, or pairs of events, at which a faulty store could have been detected."
    UNJUDGED "not judged"
        "Reads that were not judged, or only in part. Without versions, of a listing that is known \
         by its digest alone only the number of entries is judged."
    BESIDE_COMMITS "snapshots beside a commit"
        "Snapshots whose opening overlapped a commit of several keys: only those could show a part \
         of it."
    EXECUTOR "executor"
        "How programs are run: sequentially, every interleaving (loom), random schedules (shuttle, \
         pct), or real threads (litmus, stress)."
    EXECUTIONS "executions" "Runs of programs, each with its own schedule."
    REPLAY "replay" "The command that reproduces it."
    FAULT "seeded fault"
        "A fault put into the store on purpose: a check that finds it is able to fail. No \
         execution can distinguish an equivalent fault from the correct store."
    CERTIFICATE "certificate"
        "How well the machine can measure, examined just before. No result is better than its \
         certificate."
    CORE_TO_CORE "core to core"
        "Transfer time of a cache line between two processors: half a round trip, median over \
         batches."
    NOISE_FLOOR "noise floor"
        "The same thing measured twice, alternating, differs by less than this in 19 of 20 pairs: \
         smaller differences are noise."
    CLOCK_COST "clock cost" "Cost of one reading of the clock."
    SETTING "setting" "What was requested, or found on the machine."
    SKIPPED "reason" "The feature that the subject lacks."
    ADVICE "advice" "What a warning means, and what to do about it."
    RESULT "result" "The outcome, worst first."
    CHANGE "change"
        "Relative to the previous result, both divided by the control ceiling of their own file if \
         both files have it. *: the interval excludes no change by more than the noise floor of \
         either file."
    FILE "file" "One evidence file, numbered in order of measurement."
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_term_has_its_own_anchor() {
        let ids: BTreeSet<String> = ALL.iter().map(|term| term.id()).collect();
        assert_eq!(ids.len(), ALL.len());
    }
}
