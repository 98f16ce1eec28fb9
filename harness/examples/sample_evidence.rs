//! Writes made-up evidence with something in every section, so that the report can be looked at and timed:
//! `cargo run --example sample_evidence -- DIR [CORES [THREADS,...]]`, then `shardproof report --from DIR --out DIR`.

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first() else {
        eprintln!("usage: sample_evidence DIR [CORES [THREADS,...]]");
        std::process::exit(2);
    };
    let cores = arguments.get(1).map_or(2, |text| text.parse().expect("CORES is a number"));
    let threads: Vec<usize> = arguments.get(2).map_or_else(
        || vec![1, 2, 4],
        |text| text.split(',').map(|each| each.parse().expect("THREADS are numbers")).collect(),
    );
    let evidence = shardproof_samples::sample(cores, &threads);
    let path = evidence.write(Path::new(folder)).expect("DIR can be written");
    println!("{} cells written to {}", evidence.cells.len(), path.display());
}
