//! Objects whose member names are data.

use std::collections::HashSet;
use std::marker::PhantomData;

use super::Codec;
use crate::json::{self, Fault, RawValue, Writer};

/// `list<tuple<string, T>>` as an object with a member for each tuple.
///
/// The order is kept both ways. A duplicate name is refused in a list; in an object its last value
/// wins.
pub(in crate::wire) struct Map<C>(PhantomData<C>);

impl<C: Codec> Codec for Map<C> {
    type Value = Vec<(String, C::Value)>;

    const EXPECTED: &'static str = "an object";

    fn write(value: &Self::Value, writer: &mut Writer) -> Result<(), Fault> {
        let mut names = HashSet::with_capacity(value.len());
        writer.begin_object();
        for (name, value) in value {
            if !names.insert(name.as_str()) {
                return Err(Fault::new("a name that occurs once").within(name));
            }
            writer.key(name);
            C::write(value, writer).map_err(|fault| fault.within(name))?;
        }
        writer.end_object();
        Ok(())
    }

    fn read(value: &RawValue) -> Result<Self::Value, Fault> {
        json::object(value)?
            .iter()
            .map(|(name, value)| match C::read(value) {
                Ok(value) => Ok((name.into_owned(), value)),
                Err(fault) => Err(fault.within(&name)),
            })
            .collect()
    }
}
