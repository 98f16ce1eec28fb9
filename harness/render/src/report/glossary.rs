//! What each word and number of the page means. Heads and captions link here, so that none is a riddle.

/// Makes the enum and all that hangs on it, so that a word cannot be linked and left undefined.
macro_rules! terms {
    ($($name:ident $id:literal $word:literal $definition:literal)*) => {
        /// A word that the page defines.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Term {
            $(#[doc = $word] $name,)*
        }

        impl Term {
            /// All of them, in the order of the page.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// What links end in, after `def-`.
            pub(crate) const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The word itself.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it means.
            pub(crate) const fn definition(self) -> &'static str {
                match self { $(Self::$name => $definition,)* }
            }
        }
    };
}

terms! {
    Subject "subject" "subject"
        "A store under test. Two of them are controls: ceiling and floor."
    Ceiling "ceiling" "ceiling"
        "A control: each thread has a hash map of its own, without locks or versions. It shows \
         how much the machine can do, and how far threads scale where nothing is shared."
    Floor "floor" "floor"
        "A control that does nothing: what the measuring itself costs. It is in tables and not \
         in pictures of throughput, where it would press all else flat."
    Workload "workload" "workload"
        "What is done to a subject: a mix of operations, keys, values and sizes. The section on \
         configuration has all."
    Mix "mix" "mix"
        "The operations of a workload and their shares: get90-put10 is nine gets for each put."
    Placement "placement" "placement"
        "Which thread works in which run: one of the five that follow."
    Disjoint "disjoint" "disjoint"
        "A placement: each thread works in runs of its own, so that threads need nothing of each \
         other."
    Colliding "colliding" "colliding"
        "A placement: each thread works in runs of its own, but all of these fall in one shard of \
         the subject's directory. Where a subject has no directory, it is the same as disjoint."
    SharedRun "shared" "shared" "A placement: all threads work in one run."
    Hot "hot" "hot"
        "A placement: all threads work in one run, and at one key of it. More contention than \
         this there is not."
    Mixture "mixture" "disjointA-sharedB"
        "A placement: of 100 operations, A are in a run of the thread's own and B in one run that \
         all share."
    Keys "keys" "keys" "Keys in the store, before anything was timed."
    KeyChoice "key-choice" "how keys are chosen"
        "Which of its keys an operation takes: one of the five that follow."
    Uniform "uniform" "uniform" "Keys are chosen evenly: each as often."
    Zipf "zipf" "zipf:S"
        "Keys are chosen by Zipf's law: the key of rank r in proportion to 1 by r to the power of \
         S. Which key has which rank is shuffled, the same for all threads."
    Hotspot "hotspot" "hotspot:K:O"
        "K of 100 keys get O of 100 operations, each of them as often; the others share the rest."
    Latest "latest" "latest"
        "The newest key most often, the one before it less, and so on by Zipf's law."
    Sequential "sequential" "sequential"
        "One key after another by number, and again from the first."
    KeyShape "key-shape" "how keys look"
        "random: letters that look random. dense: the number itself, in 8 bytes. shifted: the \
         number times 2 to the power of 32, so that the low half never varies. user: user and \
         the number in digits. uuid: 36 letters in the form of a UUID. Zeros or further letters \
         make keys as long as was asked for."
    ValueSize "value-size" "size of values"
        "40: all are as long. 100..1000: each length from the one to the other is as likely. \
         40:9,1000:1: lengths with their weights."
    Roles "roles" "roles" "What each thread does: one of the four that follow."
    RoleAll "role-all" "all" "As a role: every thread runs the whole mix."
    RoleOneWriter "one-writer" "one-writer"
        "As a role: the first thread runs the writes of the mix and nothing else, every other its \
         reads. One thread alone has nobody who reads."
    RoleHeld "held-snapshot-role" "held-snapshot"
        "As a role: every thread runs the whole mix, beside one snapshot that is held all the \
         time."
    RoleBoth "one-writer-held-snapshot" "one-writer-held-snapshot"
        "As a role: one thread writes and the others read, beside one snapshot that is held all \
         the time."
    Threads "threads" "threads" "Threads at work at the same time."
    Cell "cell" "cell"
        "One point of the matrix: a subject, a workload, a placement and a number of threads."
    Part "part" "part"
        "Merged evidence has parts, each from one machine. Nothing is compared across parts."
    Round "round" "round"
        "Each cell is run once in each round, in random order, so that what disturbs the machine \
         disturbs all alike."
    Throughput "throughput" "throughput"
        "Operations per second of all threads together: the median over rounds. The clock is \
         read before and after the loop, never in it."
    Interval "interval" "interval"
        "From one round's value to another's, so that it holds the true median as often as its \
         coverage says, whatever the distribution is. With fewer than six rounds it is the whole \
         range."
    Coverage "coverage" "coverage"
        "How often such an interval holds the true median, for independent rounds."
    Scaling "scaling" "scaling"
        "Throughput by that of the same subject on one thread, each round by the same round; the \
         median of that."
    ToCeiling "to-ceiling" "of the ceiling"
        "Scaling by the scaling of the ceiling: what is lost by sharing, and not by the machine."
    Kept "kept" "kept per thread"
        "Throughput per thread by the same subject's throughput on one thread. 1 means that \
         further threads cost the others nothing; 1 by the number of threads means that they add \
         nothing. The ceiling's row shows what the machine itself takes away."
    Oversubscribed "oversubscribed" "oversubscribed"
        "More threads than cores. Threads then wait for a core, so nothing follows for scaling: \
         such points are hollow, not joined to others and not coloured."
    Invalid "invalid" "invalid"
        "A check of the subject's answers failed. How fast wrong answers come is no throughput, \
         so there are no figures."
    Checks "checks" "answers checked"
        "Answers that were compared with what the streams of operations imply: a sample of \
         reads, and at rest every key."
    Warnings "warning" "warning"
        "Something that may have spoiled a figure, found by the program itself. Its name, wherever \
         it stands, leads to the section on warnings, which says what to do about it."
    Allocations "allocations" "allocations"
        "Calls of the allocator by the operations themselves, counted and not estimated."
    CpuTime "cpu-time" "processor time"
        "Processor time (CPU time) of an operation: the time that the workers were on a \
         processor, by operations done; the median over rounds. It leaves out waiting asleep, \
         which throughput does not."
    OnCpu "on-cpu" "on processor"
        "On-CPU share: the part of the measured time in which the workers were on a processor, \
         median over rounds. Far below 100 %, somebody else had it, or they slept on locks."
    StartSkew "start-skew" "start skew"
        "Time between the first worker's start and the last one's; the median over rounds. For so \
         long fewer were at work than the cell says."
    Conflicts "conflicts" "conflicts"
        "Conflicts per operation: transactions that found what they had read changed by another \
         thread, by operations of any kind; the mean over rounds."
    ClosedLoop "closed-loop" "closed loop"
        "Each operation begins when the one before is done. A stalled store is asked less, so \
         long waits are under-represented."
    OpenLoop "open-loop" "open loop"
        "Operations arrive at a rate that does not depend on the store, and each is timed from \
         the moment at which it should have started. A stall counts for all that had to wait."
    Arrivals "arrivals" "arrivals"
        "The rate at which operations were to arrive in an open loop, of all threads together. \
         Gaps are constant, or, with poisson, drawn from the exponential distribution."
    Achieved "achieved" "rate that was reached"
        "Operations done in an open loop by the time it took: the median over rounds. Far below \
         what was asked for, the subject did not keep up, and its latencies only say that they are \
         too long."
    Operation "operation" "operation"
        "The kind of operation; all is all of them together."
    Count "count" "count" "Operations that were timed."
    Percentile "percentile" "percentile"
        "The 99th percentile is the time that 99 of 100 operations did not exceed, over all \
         rounds. Each operation is timed, with one reading of the clock in it; kept with three \
         digits. The axis of the pictures gives each further nine the same room."
    Mean "mean" "mean" "The sum of all times by their number."
    OverTime "over-time" "latency of a round"
        "Percentiles of one round alone, by when it began. A store that gets slower, or stalls \
         now and then, shows here and nowhere else."
    RateSearch "rate-search" "rate search"
        "The highest rate of arrivals tried at which the 99th percentile stayed under the bound \
         and the store kept up. Each rate was tried three times."
    Acquire "acquire" "taking a snapshot"
        "The time to take a snapshot and drop it. p50 is the median over batches of the mean in \
         a batch, because reading the clock costs about as much; p99 is over snapshots timed one \
         by one, one reading of the clock included."
    Writers "writers" "writers" "Threads that put without pause meanwhile."
    Held "held" "held snapshot"
        "A snapshot that is kept open while others overwrite keys drawn at random. Its age is \
         the number of overwrites since it was taken, and the time."
    KeysOverwritten "keys-overwritten" "keys overwritten"
        "Keys overwritten since the snapshot was taken, each counted once: no more versions need \
         be kept for it."
    ExtraBytes "extra-bytes" "extra bytes"
        "Bytes requested and not freed, less those when the snapshot was taken."
    Versions "versions" "versions" "Versions that the store says it holds."
    NewestRead "newest-read" "read of the newest"
        "One read of a newest value while the snapshot is open."
    SnapshotRead "snapshot-read" "read through the snapshot"
        "One read of the value that the snapshot sees."
    Reclaim "reclaim" "reclaim"
        "After the drop of a held snapshot, while overwrites go on: the time until nine tenths \
         of the extra bytes had been given back."
    Collected "collected" "once told to collect"
        "Extra bytes after the store was told to collect what nobody sees any more. It is told so \
         only where the bytes had not come back without that."
    PerEntry "bytes-per-entry" "bytes per entry"
        "Bytes requested and not freed by a filled store, by its entries: key, value and all \
         that is around them."
    PerVersion "bytes-per-version" "bytes per version"
        "Bytes of each further version of an entry that a snapshot keeps. Where snapshots are \
         copies, bytes of an entry's copy; 0 where a snapshot keeps nothing, and so does not stay \
         as it was."
    PerRun "bytes-per-run" "bytes per run"
        "Bytes of a run with one entry in it: what a run costs before it is filled."
    Ratio "ratio" "ratio"
        "How many times as long as what it is compared with. The two were taken in turns, and \
         the ratio is the median over pairs."
    Duration "duration" "duration" "How long one operation takes: the median over rounds."
    Certificate "certificate" "certificate"
        "What the machine was found to be able to show, measured just before. Figures are worth \
         no more than it."
    CoreToCore "core-to-core" "core to core"
        "How long a cache line takes from one processor to another: half of a round trip, the \
         median over batches."
    NoiseFloor "noise-floor" "noise floor"
        "The same thing was measured twice in turns. 19 of 20 pairs differ by less than this: \
         smaller differences are noise."
    SameTwice "same-twice" "same twice"
        "One cell, or one control, measured twice in every round as if it were two. What differs \
         between the two is noise, for they are the same."
    Counters "counters" "padded by packed"
        "How many times as fast threads count in cache lines of their own as on one line. Near \
         1, this machine cannot show contention."
    ClockCost "clock" "reading of the clock" "What one reading of the clock takes."
    Setting "setting" "setting" "What was asked for, what it was measured on and what was found \
                                 there."
    Skipped "skipped" "skipped"
        "What was left out of the matrix, because the subject cannot do it."
    Property "property" "property"
        "One axiom of the store's contract."
    Verdict "verdict" "verdict"
        "pass: checked to the end that was asked for, where it could have failed, and nothing \
         was wrong. vacuous: it could never have failed, which is no pass. inconclusive: not \
         checked to the end. FAIL: broken, with a counterexample."
    CouldFail "could-have-failed" "could have failed"
        "Reads, or pairs of events, at which a faulty store could have given itself away."
    Executor "executor" "executor"
        "How programs are run: one thread after the other, every interleaving (loom), random \
         schedules (shuttle), real threads."
    Executions "executions" "executions" "Runs of programs, each with a schedule of its own."
    Fault "fault" "seeded fault"
        "A fault put into the store on purpose. Checks that find it can fail, so that their \
         passes mean something. An equivalent fault cannot be told from the correct store by any \
         execution."
    Lambda "lambda" "λ"
        "Of the scaling law X(n) = λn / (1 + σ(n−1) + κn(n−1)): throughput of one thread."
    Sigma "sigma" "σ"
        "Contention: the part of the work that only one thread can do at a time. 0 is none."
    Kappa "kappa" "κ"
        "Coherence: what each pair of threads costs. Above 0, throughput falls again from some \
         number of threads on."
    Peak "peak" "peak"
        "The number of threads at which the fitted law is highest; none where it never falls."
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_terms_share_an_id_and_ids_need_no_escaping() {
        let ids: BTreeSet<&str> = Term::ALL.iter().map(|term| term.id()).collect();
        assert_eq!(ids.len(), Term::ALL.len());
        for id in ids {
            assert!(id.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{id}");
        }
    }
}
