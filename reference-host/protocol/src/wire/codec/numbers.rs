//! Numbers and the ranges that MCP gives them.

use super::Codec;
use crate::json::{self, Fault, RawValue, Writer};

impl Codec for u32 {
    type Value = u32;

    const EXPECTED: &'static str = "an integer from 0 to 4294967295";

    fn write(value: &u32, writer: &mut Writer) -> Result<(), Fault> {
        writer.u32(*value);
        Ok(())
    }

    fn read(value: &RawValue) -> Result<u32, Fault> {
        json::unsigned(value)
    }
}

impl Codec for f64 {
    type Value = f64;

    const EXPECTED: &'static str = "a number";

    fn write(value: &f64, writer: &mut Writer) -> Result<(), Fault> {
        writer
            .f64(*value)
            .map_err(|_| Fault::new("a finite number"))?;
        Ok(())
    }

    fn read(value: &RawValue) -> Result<f64, Fault> {
        json::number(value)
    }
}

/// A priority from 0, the lowest, to 1, the highest
/// ([annotations](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#annotations),
/// [model
/// preferences](https://modelcontextprotocol.io/specification/2025-06-18/client/sampling#model-preferences)).
pub(in crate::wire) enum Priority {}

impl Priority {
    fn check(value: f64) -> Result<f64, Fault> {
        if (0.0..=1.0).contains(&value) {
            Ok(value)
        } else {
            Err(Fault::new(Self::EXPECTED))
        }
    }
}

impl Codec for Priority {
    type Value = f64;

    const EXPECTED: &'static str = "a number from 0 to 1";

    fn write(value: &f64, writer: &mut Writer) -> Result<(), Fault> {
        f64::write(&Self::check(*value)?, writer)
    }

    fn read(value: &RawValue) -> Result<f64, Fault> {
        Self::check(json::number(value)?)
    }
}

/// A size in bytes. The schema has an integer, WIT an `f64`, which represents each integer up to
/// 2^53.
pub(in crate::wire) enum Size {}

impl Size {
    const MAX: f64 = 9_007_199_254_740_992.0;

    fn check(value: f64) -> Result<f64, Fault> {
        if (0.0..=Self::MAX).contains(&value) && value.fract() == 0.0 {
            Ok(value)
        } else {
            Err(Fault::new(Self::EXPECTED))
        }
    }
}

impl Codec for Size {
    type Value = f64;

    const EXPECTED: &'static str = "an integer from 0 to 9007199254740992";

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the check leaves whole numbers that fit"
    )]
    fn write(value: &f64, writer: &mut Writer) -> Result<(), Fault> {
        writer.i64(Self::check(*value)? as i64);
        Ok(())
    }

    fn read(value: &RawValue) -> Result<f64, Fault> {
        Self::check(json::number(value)?)
    }
}
