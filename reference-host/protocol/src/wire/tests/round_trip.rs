//! A round trip from WIT to JSON and back changes nothing.

use std::fmt::Debug;

use proptest::test_runner::{Config, TestRunner};

use super::generate::Generate;
use super::table::entries;
use crate::json;
use crate::wire::codec::Codec;
use crate::wire::{FromJson, MAX_DEPTH, ToJson, from_json, to_json};

pub(super) fn check<T>()
where
    T: ToJson + FromJson + Generate + Codec<Value = T> + PartialEq + Debug,
{
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&T::strategy(), |value| {
        let written = to_json(&value).expect("made-up values follow the rules");
        let text = json::check(&written, MAX_DEPTH).expect("what is written is JSON");
        assert!(!text.contains(['\n', '\r']), "{text}");
        let read: T = from_json(&written).expect("what is written can be read");
        assert_eq!(read, value);
        assert_eq!(to_json(&read).as_deref(), Ok(written.as_slice()));
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn values_survive_the_wire() {
    for entry in entries() {
        eprintln!("{}", entry.wit);
        (entry.round_trip)();
    }
}
