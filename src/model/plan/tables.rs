//! Keys and where they lead: tables that every run of a plan needs and none changes, worked out by the first of them.
//!
//! Knows nothing of producers and their events.

use crate::model::catalog::Choice;
use crate::model::keys::Keys;
use crate::model::partitioning::Partitioner;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What all instances of a producer share.
#[derive(Clone)]
pub struct Tables {
    /// Their keys.
    pub keys: Arc<dyn Keys>,
    /// The partition of each, if a key alone decides.
    pub by_key: Option<Arc<[u32]>>,
}

/// The tables that were made last, and of what.
#[derive(Default)]
pub struct MadeTables(Mutex<Option<Made>>);

struct Made {
    keys: Choice<dyn Keys>,
    partitioner: Choice<dyn Partitioner>,
    partitions: u32,
    tables: Tables,
}

impl MadeTables {
    /// The tables for these keys, over so many partitions: those made before, if they are of the same.
    pub fn of(
        &self,
        keys: &Choice<dyn Keys>,
        partitioner: &Choice<dyn Partitioner>,
        partitions: u32,
    ) -> Tables {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |m: &&Made| m.keys.is(keys) && m.partitioner.is(partitioner) && m.partitions == partitions;
        if let Some(made) = made.as_ref().filter(same) {
            return made.tables.clone();
        }
        let all: Arc<dyn Keys> = keys.build().into();
        let by_key = partitioner.build().by_key(all.as_ref(), partitions).map(Arc::from);
        let tables = Tables { keys: all, by_key };
        let (keys, partitioner) = (keys.clone(), partitioner.clone());
        *made = Some(Made { keys, partitioner, partitions, tables: tables.clone() });
        tables
    }
}

impl fmt::Debug for MadeTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MadeTables")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Args, Value};
    use crate::model::{keys, partitioning};

    fn uniform(count: u64) -> Choice<dyn Keys> {
        let args = vec![("count", Value::Count(count)), ("prefix", Value::Text("key-".into()))];
        Choice::of(keys::MEMBERS, "uniform", Args(args))
    }
    fn by(name: &str) -> Choice<dyn Partitioner> {
        Choice::of(partitioning::MEMBERS, name, Args(vec![("adaptive", Value::Flag(true))]))
    }

    #[test]
    fn tables_are_made_once_and_anew_for_other_keys() {
        let (made, few, many, hash) = (MadeTables::default(), uniform(10), uniform(20), by("default"));
        let first = made.of(&few, &hash, 4);
        assert!(Arc::ptr_eq(&first.keys, &made.of(&few.clone(), &hash, 4).keys));
        assert_eq!(first.by_key.as_ref().map(|table| table.len()), Some(10));
        assert_eq!(made.of(&many, &hash, 4).by_key.map(|table| table.len()), Some(20));
        let wide = made.of(&many, &hash, 400).by_key.expect("keys decide");
        assert!(wide.iter().any(|p| *p >= 4));
        assert!(made.of(&many, &by("random"), 400).by_key.is_none());
    }
}
