//! Stories end with the fate they are about, and tell of nobody who has nothing to do with it.

use crate::draw;
use crate::support::{moment, pipeline, strike};
use laglab::engine::{Dist, Span};
use laglab::experiment::once;
use laglab::experiment::results::{Story, StoryKind};
use laglab::experiment::watch::Unwatched;
use laglab::measure::{SAMPLES_PER_BUCKET, Victim, VictimOf};
use laglab::model::cause::{DuplicateCause, LossCause};
use laglab::model::fact::{Facts, How, Reader};
use laglab::model::ids::{EventId, GroupId, Offset};
use laglab::model::plan::{Commit, Delivery, Plan, Target};
use laglab::model::record::Record;
use laglab::model::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The stories of a plan's first replication, with what they are about.
fn stories(plan: &Plan) -> Vec<(VictimOf, Story)> {
    let victims = once::run(plan, 0, &Unwatched).victims;
    let told = once::tell(plan, 0, &victims, &Unwatched);
    assert_eq!(told.len(), victims.len());
    victims.into_iter().zip(told).collect()
}

/// A consumer that dies every ten seconds for a second, for a minute.
fn deadly(delivery: Delivery, commit: Commit) -> Plan {
    let mut plan = pipeline(100.0, Dist::Constant(8_000_000), 2, 60);
    let group = &mut plan.groups[0];
    (group.delivery, group.commit) = (delivery, commit);
    group.session_timeout = laglab::engine::Span::from_secs(2);
    group.heartbeat = laglab::engine::Span::millis(500);
    for s in [10.0, 20.0, 30.0, 40.0, 50.0] {
        let lasts = Some(laglab::engine::Span::from_secs(1));
        plan.faults.push(strike("crash", moment(s), lasts, Target::Consumer(GroupId(0), 0)));
    }
    plan
}

fn crashes(story: &Story) -> usize {
    story.steps.iter().filter(|s| s.what == "crashes").count()
}

fn last(story: &Story) -> &str {
    story.steps.last().map_or("", |s| s.what.as_str())
}

#[test]
fn a_loss_is_the_last_thing_told_of_it() {
    let all = stories(&deadly(Delivery::AtMostOnce, Commit::Before));
    let about = Victim::Lost(LossCause::CommittedBeforeEffect);
    let (_, story) = all.iter().find(|((_, victim, ..), _)| *victim == about).expect("something is lost");
    assert_eq!(last(story), "loses it from its hands, without the effect", "{story:#?}");
    assert_eq!(crashes(story), 1, "the later crashes are no matter of this event: {story:#?}");
}

#[test]
fn a_repetition_is_the_last_thing_told_of_it() {
    let commit = Commit::Auto(laglab::engine::Span::from_secs(5));
    let all = stories(&deadly(Delivery::AtLeastOnce, commit));
    let about = Victim::Duplicate(DuplicateCause::CrashBeforeCommit);
    let (_, story) = all.iter().find(|((_, victim, ..), _)| *victim == about).expect("something is repeated");
    assert_eq!(last(story), "applies its effect AGAIN", "{story:#?}");
    assert_eq!(crashes(story), 1, "{story:#?}");
}

/// How a story of this kind may end.
fn ends_well(story: &Story) -> bool {
    let endings: &[&str] = match story.kind {
        StoryKind::Duplicate => &["applies its effect AGAIN"],
        StoryKind::Shed => &["is refused: "],
        StoryKind::Lost => &[
            "is lost for good: ",
            "is aborted with its transaction: ",
            "is cut off: ",
            "will not read it any more: ",
            "passes over it after its last try",
            "asks the idempotency store, which knows the key",
            "loses it from its hands",
            "commits offset ",
        ],
    };
    endings.iter().any(|end| last(story).starts_with(end))
}

/// What is wrong with a story.
fn flaw(story: &Story) -> Option<&'static str> {
    let steps = &story.steps;
    if !steps.first().is_some_and(|s| s.what.ends_with(" is created")) {
        return Some("does not begin with the creation");
    }
    if !ends_well(story) {
        return Some("does not end with its fate");
    }
    if steps.windows(2).any(|two| two[0].at > two[1].at) {
        return Some("is not in order of time");
    }
    let holds_at = |i: usize| {
        let got =
            steps[..i].iter().rposition(|s| s.who == steps[i].who && s.what.starts_with("gets it from"));
        let fell = steps[..i].iter().rposition(|s| s.who == steps[i].who && s.what == "crashes");
        got.is_some() && got > fell
    };
    let cut = steps.iter().any(|s| s.what.ends_with("left out here)"));
    if !cut && (0..steps.len()).any(|i| steps[i].what == "crashes" && !holds_at(i)) {
        return Some("tells of the crash of somebody who does not hold the event");
    }
    None
}

/// Who had an effect in the end, of these.
struct Effects {
    wanted: BTreeSet<(GroupId, EventId)>,
    seen: BTreeMap<(GroupId, EventId), String>,
}
impl Facts for Effects {
    fn applied(
        &mut self,
        who: Reader,
        from: Offset,
        records: &[Record],
        times: &[laglab::engine::Time],
        how: How,
    ) {
        for (i, (record, at)) in records.iter().zip(times).enumerate() {
            if self.wanted.contains(&(who.group, record.event)) {
                let what = format!("offset {} at {at:?} by {who:?} {how:?}", from + i as u64);
                self.seen.insert((who.group, record.event), what);
            }
        }
    }
}

#[test]
fn stories_of_every_plan_are_whole_and_true() {
    let mut kinds = BTreeSet::new();
    for seed in 1_000..1_600 {
        let plan = draw::plan(seed);
        let all = stories(&plan);
        for (_, story) in &all {
            kinds.insert((story.kind, story.cause.clone()));
            assert_eq!(flaw(story), None, "seed {seed}: {story:#?}");
        }
        let lost = all.iter().filter(|((_, victim, ..), _)| matches!(victim, Victim::Lost(_)));
        let wanted: BTreeSet<_> = lost.map(|((group, _, event, _), _)| (*group, *event)).collect();
        let mut effects = Effects { wanted, seen: BTreeMap::new() };
        // A run may end at any sample: the same samples as in the run that was measured.
        let sample_every = Span((plan.sample_every.0 / SAMPLES_PER_BUCKET).max(1));
        let plan = Arc::new(Plan { sample_every, ..plan });
        let mut world = World::new(&plan, 0, &mut effects);
        while world.advance(100_000, &mut effects) {}
        assert!(
            effects.seen.is_empty(),
            "seed {seed}: told as lost, and applied in the end: {:?}",
            effects.seen
        );
    }
    assert!(kinds.len() > 15, "the plans show few causes: {kinds:?}");
}
