//! The scaling law that was fitted to each subject. Fitting is a judgement and comes from outside: see
//! [`ScalingLaw`].

use crate::evidence::Spread;
use crate::render::report::ReportError;
use crate::render::report::glossary::Term;
use crate::render::report::html::{Entry, Head, Section, Table, Words};
use crate::render::report::numbers::{NONE, interval, three};
use crate::render::report::page::Page;

/// A scaling law for one subject in one place, or why there is none.
#[derive(Clone, PartialEq, Debug)]
pub struct ScalingLaw {
    /// Which part of merged evidence it was fitted to.
    pub part: usize,
    /// The subject.
    pub subject: String,
    /// The workload.
    pub workload: String,
    /// The placement.
    pub placement: String,
    /// The law, or in words why none was fitted.
    pub outcome: Result<Law, String>,
}

/// `X(n) = λn / (1 + σ(n−1) + κn(n−1))`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Law {
    /// Throughput of one thread, in operations per second.
    pub lambda_ops_s: Spread,
    /// Contention.
    pub sigma: Spread,
    /// Coherence.
    pub kappa: Spread,
    /// Threads at which throughput is highest; none where it never falls.
    pub peak_threads: Option<f64>,
}

/// All laws in one table.
pub(crate) fn section(page: &Page<'_>, laws: &[ScalingLaw]) -> Result<Section, ReportError> {
    let mut section = Section::new("scaling-law", "Scaling law");
    if laws.is_empty() {
        return section.missing(
            "No scaling law was fitted: it takes more numbers of threads than were measured.",
            "shardproof measure --threads 1,2,3,4,6,8",
        );
    }
    let caption = Words::new(
        "The universal scaling law, fitted to throughput on as many threads as there are cores \
         or fewer. Each value with its interval.",
        &[Term::Lambda, Term::Sigma, Term::Kappa, Term::Peak, Term::Oversubscribed],
    );
    let heads = vec![
        Head::of(Term::Workload),
        Head::of(Term::Placement),
        Head::of(Term::Subject),
        Head::unit(Term::Lambda, "Mops/s"),
        Head::unit(Term::Interval, "Mops/s"),
        Head::of(Term::Sigma),
        Head::of(Term::Interval),
        Head::of(Term::Kappa),
        Head::of(Term::Interval),
        Head::unit(Term::Peak, "threads"),
    ];
    let figures = heads.len() - 3;
    let mut table = Table::new(caption, 3, heads);
    for law in laws {
        let names = [
            Entry::from(law.workload.as_str()),
            format!("{}{}", law.placement, page.part_name(law.part)).into(),
            law.subject.as_str().into(),
        ];
        match &law.outcome {
            Ok(law) => table.row(names.into_iter().chain(fitted(law))),
            Err(why) => {
                let instead = Entry::instead(format!("not fitted: {why}"), figures);
                table.row(names.into_iter().chain([instead]));
            }
        }
    }
    section.add_table(&table, "Scaling laws")?;
    Ok(section)
}

fn fitted(law: &Law) -> [Entry; 7] {
    [
        three(law.lambda_ops_s.median / 1e6).into(),
        interval(&law.lambda_ops_s, 1e6).into(),
        three(law.sigma.median).into(),
        interval(&law.sigma, 1.0).into(),
        three(law.kappa.median).into(),
        interval(&law.kappa, 1.0).into(),
        law.peak_threads.map_or_else(|| NONE.to_owned(), three).into(),
    ]
}
