//! What messaging costs where a closed formula says so.

mod batching;
mod crashes;
mod handovers;
mod limits;
mod outages;
mod rebalances;
mod skew;

use super::case::{Case, Group, Size, Trial};
use super::pipeline::{Read, scenario};
use super::rig::chance;
use super::script::Script;
use crate::engine::Stream;
use crate::experiment::results::RunRecord;

/// All of them.
pub(super) fn trials(seed: u64, size: Size) -> Vec<Trial> {
    let mut all = batching::trials(size);
    all.extend(crashes::trials(seed, size));
    all.extend(rebalances::trials(seed, size));
    all.extend(handovers::trials(seed, size));
    all.extend(outages::trials());
    all.extend(skew::trials(size));
    all.extend(limits::trials(size));
    all
}

/// One scenario, the same in every replication.
fn fixed(name: impl Into<String>, script: &Script, replications: u32, cases: Vec<(Case, Read)>) -> Trial {
    scenario(Group::Messaging, name, script, replications, cases)
}

/// A scenario of which something is left to chance in every replication, such as the moment of a crash.
///
/// `write` writes it from that chance; the first replication's is shown. `read` gives the figures of all cases.
pub(in crate::validate) fn varied(
    (group, name, seed): (Group, &str, u64),
    replications: u32,
    cases: Vec<Case>,
    write: impl Fn(u32, &mut Stream) -> Script + Send + Sync + 'static,
    read: impl Fn(u32, &RunRecord) -> Vec<f64> + Send + Sync + 'static,
) -> Trial {
    let purpose = format!("{}/{name}", group.name());
    let first = write(0, &mut chance(seed, &purpose, 0));
    let note =
        format!("# Replication 0 of {replications}; what is left to chance differs from one to the next.\n");
    Trial {
        group,
        name: name.to_owned(),
        title: first.title(),
        script: note + &first.set("replications", 1).text(),
        replications,
        cases,
        play: Box::new(move |stage, replication| {
            let script = write(replication, &mut stage.chance(&purpose, replication));
            read(replication, &stage.scenario(&script.text(), replication))
        }),
    }
}
