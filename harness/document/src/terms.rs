//! What each column means: one definition for each term. The glossary of a document is the terms of
//! its columns and figures.

/// A word with its definition.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Term {
    /// The word. No two terms share it.
    pub word: &'static str,
    /// What it means.
    pub definition: &'static str,
}

impl Term {
    /// The word in ASCII letters, digits and hyphens: what links end in.
    #[must_use]
    pub fn id(&self) -> String {
        let safe = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        self.word.to_ascii_lowercase().chars().map(safe).collect()
    }
}

macro_rules! terms {
    ($($name:ident $word:literal $definition:literal)*) => {
        $(#[doc = $word] pub static $name: Term = Term { word: $word, definition: $definition };)*
        /// All of them.
        pub static ALL: &[&Term] = &[$(&$name,)*];
    };
}

terms! {
    SUBJECT "subject"
        "A store under test. Two are controls: ceiling gives each thread a private hash map \
         without locks or versions, so it shows what the machine can do; floor does nothing, so it \
         shows what measuring costs."
    WORKLOAD "workload"
        "What is done to a subject: a mix of operations, keys, values and sizes."
    MIX "mix" "The operations of a workload and their shares: get90-put10 is nine gets for each \
               put."
    PLACEMENT "placement"
        "Which thread works in which run. disjoint: each in runs of its own. colliding: the same, \
         but all runs fall in one shard of the subject's directory. shared: all in one run. hot: \
         all at one key of one run. disjointA-sharedB: of 100 operations, A in a run of the \
         thread's own and B in a shared one."
    PART "part" "Merged evidence has parts, one for each machine, counted from 1. No ratio crosses \
                 parts."
    THREADS "threads" "Threads at work at the same time."
    KEYS "keys" "Keys in the store before timing starts."
    KEY_CHOICE "how keys are chosen"
        "uniform: each as often. zipf:S: rank r in proportion to 1/r^S, ranks shuffled. \
         hotspot:K:O: K of 100 keys get O of 100 operations. latest: the newest key most often. \
         sequential: by number, then again from the first."
    KEY_SHAPE "how keys look"
        "random: letters that look random. dense: the number itself in 8 bytes. shifted: the \
         number times 2^32. user: user and the number in digits. uuid: 36 letters in the form of a \
         UUID."
    SIZE "size" "Bytes of a key or a value. 100..1000: every length between is as likely. \
                 40:9,1000:1: lengths with their weights."
    ROLES "roles"
        "What each thread does. all: the whole mix. one-writer: the first thread writes, the \
         others read. held-snapshot: the whole mix beside a snapshot that stays open."
    ROUND "round"
        "Every cell runs once in each round, in random order, so that what disturbs the machine \
         disturbs all cells alike."
    THROUGHPUT "throughput"
        "Operations per second of all threads together: the median over rounds. The clock is read \
         before and after the timed loop, never in it."
    INTERVAL "interval"
        "An interval for the median that assumes no distribution: from one round's value to \
         another's. With fewer than six rounds it is the whole range."
    COVERAGE "coverage" "How often such an interval holds the true median, for independent rounds."
    TO_BASE "ratio to the base"
        "Throughput divided by that of the base subject in the same cell, each round by the same \
         round; the median of these ratios."
    SCALING "scaling"
        "Throughput divided by that of the same subject on one thread, each round by the same \
         round; the median of these ratios."
    TO_CEILING "of ceiling"
        "Scaling divided by the scaling of ceiling: what sharing costs, without what the machine \
         costs."
    KEPT "kept per thread"
        "Throughput per thread divided by that of one thread. 1: further threads cost the others \
         nothing. 1 divided by the number of threads: they add nothing."
    OVERSUBSCRIBED "oversubscribed"
        "More threads than cores. Threads wait for a core, so nothing follows for scaling: such \
         points are hollow, joined to no other and not coloured."
    VALID "valid" "Whether every checked answer of the cell was right."
    CHECKS "answers checked"
        "Answers compared with what the operation streams imply: a sample of reads, and at rest \
         every key."
    WARNINGS "warnings" "What may have spoiled a figure. The section on warnings has advice for \
                         each."
    ALLOCATIONS "allocations" "Calls of the allocator by the operations themselves, counted."
    CPU_TIME "processor time"
        "Time that the workers spent on a processor, per operation; the median over rounds. It \
         leaves out waiting asleep."
    ON_CPU "on processor"
        "The part of the measured time that the threads spent on a processor; the median over \
         rounds."
    START_SKEW "start skew"
        "Time from the first worker's start to the last one's; the median over rounds."
    CONFLICTS "conflicts"
        "Transactions that found what they had read changed by another thread, per operation of \
         any kind; the mean over rounds."
    OPERATION "operation" "The kind of operation; all is all kinds together."
    LOOP "loop"
        "Closed loop: each operation begins when the one before is done, and one reading of the \
         clock is in its time. Open loop: operations arrive at a rate that does not depend on the \
         store, and each is timed from the moment at which it should have begun, so that waiting \
         counts."
    ARRIVALS "arrivals"
        "The rate that was asked for in an open loop, all threads together. Gaps are \
         constant, or with poisson drawn from the exponential distribution."
    OFFERED "offered" "Operations that fell due in a round, divided by its length."
    ACHIEVED "achieved"
        "The rate that was reached, median over rounds. Far below the offered rate, latencies grow \
         for as long as it is measured."
    SLICE "length of a round"
        "How long operations arrived in one round: longer where a round would have held too few."
    COUNT "count" "Operations that were timed."
    PERCENTILE "percentile"
        "p99 is the time that 99 of 100 operations did not exceed, over all rounds. A percentile \
         with fewer than ten samples beyond it is withheld: few-samples."
    PERCENTILE_OF_ROUNDS "percentile of rounds" "The percentile of each round: the median over \
                                                 rounds."
    MEAN "mean" "The sum of all times divided by their number."
    BEGAN "began" "When the round began, from the beginning of the measurement."
    RATE_SEARCH "rate search"
        "The highest rate of those tried at which p99 kept the bound and the store kept up. Each \
         rate was tried three times."
    ACQUIRE "taking a snapshot"
        "Time to take a snapshot and drop it. p50: over batches, the mean in each batch, so that \
         reading the clock counts for little. One by one: each timed alone, with one reading of \
         the clock in it."
    WRITERS "writers" "Threads that put without pause meanwhile."
    LIMIT "limit" "Why a subject was measured at fewer keys than others."
    HELD "held snapshot" "A snapshot that stays open while keys drawn at random are overwritten."
    EXTRA_BYTES "extra bytes"
        "Bytes requested and not freed, more than just before the snapshot was taken. Below 0: \
         less than then."
    VERSIONS "versions" "Versions that the store holds."
    NEWEST_READ "read of the newest" "One read of a newest value while the snapshot is open."
    SNAPSHOT_READ "read through the snapshot" "One read of the value that the snapshot sees."
    RECLAIM "reclaim"
        "After a held snapshot is dropped, while overwrites go on: the time until nine tenths of \
         the extra bytes are given back."
    COLLECTED "after collecting"
        "Extra bytes after the store was asked to collect, which happens only where they had not \
         come back."
    PER_ENTRY "bytes per entry" "Live bytes of a filled store divided by the number of entries."
    PER_VERSION "bytes per version"
        "Bytes of each further version that a snapshot keeps. Where snapshots are copies: bytes of \
         an entry's copy."
    PER_RUN "bytes per run" "Bytes of a run with one entry in it."
    DURATION "duration" "How long one operation takes: the median over rounds."
    RATIO "ratio"
        "How many times as long as what it is compared with. The two took turns; the median over \
         pairs."
    LAMBDA "lambda (λ)"
        "Of the scaling law X(n) = λn / (1 + σ(n−1) + κn(n−1)): throughput of one thread."
    SIGMA "sigma (σ)" "Contention: the part of the work that only one thread can do at a time."
    KAPPA "kappa (κ)" "Coherence: what each pair of threads costs. Above 0, throughput falls \
                       beyond some number of threads."
    PEAK "peak" "The number of threads at which the fitted law is highest; none where it never \
                 falls."
    FIT_ERROR "error" "The largest relative error of the fit at a number of threads."
    PROPERTY "property" "One axiom of the store's contract."
    VERDICT "verdict"
        "pass: checked to the end that was asked for, where it could have failed, and nothing was \
         wrong. vacuous: it could never have failed, which is no pass. inconclusive: not checked \
         to the end. FAIL: broken, with a counterexample."
    COULD_FAIL "could have failed"
        "Reads, or pairs of events, at which a faulty store could have given itself away."
    EXECUTOR "executor"
        "How programs are run: sequentially, every interleaving (loom), random schedules (shuttle, \
         pct), or real threads (litmus, stress)."
    EXECUTIONS "executions" "Runs of programs, each with its own schedule."
    REPLAY "replay" "The command that reproduces it."
    FAULT "seeded fault"
        "A fault put into the store on purpose: checks that find it can fail. An equivalent fault \
         cannot be told from the correct store by any execution."
    CERTIFICATE "certificate"
        "What the machine can show, measured just before. Figures are worth no more than it."
    CORE_TO_CORE "core to core"
        "How long a cache line takes from one processor to another: half a round trip, median over \
         batches."
    NOISE_FLOOR "noise floor"
        "The same thing measured twice in turns differs by less than this in 19 of 20 pairs: \
         smaller differences are noise."
    CLOCK_COST "clock" "What one reading of the clock takes."
    SETTING "setting" "What was asked for, or found on the machine."
    SKIPPED "reason" "What the subject cannot do, so that it was left out."
    ADVICE "advice" "What a warning means, and what to do about it."
    RESULT "result" "What came of it. Worse news comes first."
    CHANGE "change"
        "Against the figure before it, both divided by the control ceiling of their own file where \
         both files have it. *: the interval of the change leaves out no change by more than the \
         noise floor of either file."
    FILE "file" "One file of evidence, numbered in the order in which they were measured."
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_terms_share_a_link_and_links_need_no_escaping() {
        let ids: BTreeSet<String> = ALL.iter().map(|term| term.id()).collect();
        assert_eq!(ids.len(), ALL.len());
    }
}
