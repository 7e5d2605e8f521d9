//! The two pipelines of `scenarios/speed/`, through the whole model with everything measured.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use laglab::experiment::once;
use laglab::experiment::watch::Unwatched;
use laglab::scenario::{Overrides, Scenario};

/// Three replicas of every partition, and acknowledgements when all have a record.
const REPLICATED: [(&str, &str); 4] = [
    ("cluster.brokers", "3"),
    ("topic.events.replication-factor", "3"),
    ("topic.events.min-insync-replicas", "2"),
    ("producer.source.acks", "\"all\""),
];

fn pipeline(criterion: &mut Criterion, name: &str, text: &str, duration: &str, more: &[(&str, &str)]) {
    let mut set = vec![("duration".to_owned(), format!("\"{duration}\""))];
    set.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let overrides = Overrides { set, ..Overrides::default() };
    let scenario = Scenario::parse(name, text, &overrides, &mut |file| Err(format!("{file}: not needed")))
        .expect("a shipped scenario is valid");
    let plan = &scenario.variants[0].plan;
    let messages = once::run(plan, 0, &Unwatched).created;
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10).throughput(Throughput::Elements(messages));
    group.bench_function(name, |b| b.iter(|| once::run(plan, 0, &Unwatched).digest));
    group.finish();
}

fn sparse(criterion: &mut Criterion) {
    pipeline(criterion, "sparse", include_str!("../scenarios/speed/sparse-pipeline.toml"), "50s", &[]);
}

fn dense(criterion: &mut Criterion) {
    let text = include_str!("../scenarios/speed/dense-pipeline.toml");
    pipeline(criterion, "dense", text, "2s", &[]);
    pipeline(criterion, "dense, three replicas, acks=all", text, "2s", &REPLICATED);
}

criterion_group!(benches, sparse, dense);
criterion_main!(benches);
