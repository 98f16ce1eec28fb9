//! Tries the faults.
use shardproof::verify::{check::report::Axioms, execute::Executor, faults};
fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let axioms = Axioms::all();
    let programs = shardproof::verify::litmus::catalogue();
    let chase =
        faults::Chase { executors: &Executor::ALL, programs: &programs, seed: 1, axioms: &axioms };
    for seeded in faults::catalogue() {
        if !only.is_empty() && !only.iter().any(|o| o == seeded.id) {
            continue;
        }
        let start = std::time::Instant::now();
        let (fault, searches) = chase.hunt(seeded);
        print!("{:5} {:10?} {:5.1}s", fault.id, fault.verdict, start.elapsed().as_secs_f64());
        for h in &fault.hunts {
            match &h.anomaly {
                Some(a) => print!(
                    " | {}:{} {}x {:.2}s+{:.2} {}t{}o",
                    &h.executor[..3],
                    a,
                    h.executions,
                    h.seconds,
                    h.shrinking_seconds,
                    h.threads.unwrap(),
                    h.operations.unwrap()
                ),
                None => print!(" | {}:- {}x {:.2}s", &h.executor[..3], h.executions, h.seconds),
            }
        }
        println!();
        if !only.is_empty() {
            for s in searches {
                if let Some(f) = s.found {
                    println!(
                        "{}",
                        shardproof::verify::explain::explain(
                            &f.failure.history,
                            &f.failure.report.anomalies[0]
                        )
                    );
                }
            }
        }
    }
}
