//! Any text read as a scenario: it is understood or refused with places in the text, and never a panic.
#![no_main]

use laglab::scenario::{Overrides, Scenario, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut traces = |_: &str| Ok(b"at,key,size\n0,a,10\n1.5,b,20\n".to_vec());
    if let Err(found) = Scenario::parse("fuzz", text, &Overrides::default(), &mut traces) {
        assert!(!found.0.is_empty(), "a refusal says why");
        render(&found, "fuzz.toml", text, false);
    }
});
