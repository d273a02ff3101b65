//! Bytes, which are base64 on the wire only.

use super::Codec;
use crate::json::{self, Fault, RawValue, Writer};

/// `list<u8>` as a string in base64, standard alphabet with padding
/// ([RFC 4648, section 4](https://www.rfc-editor.org/rfc/rfc4648#section-4)).
pub(in crate::wire) enum Base64 {}

impl Codec for Base64 {
    type Value = Vec<u8>;

    const EXPECTED: &'static str = "a string in base64";

    fn write(value: &Vec<u8>, writer: &mut Writer) -> Result<(), Fault> {
        writer.base64(value);
        Ok(())
    }

    fn read(value: &RawValue) -> Result<Vec<u8>, Fault> {
        json::base64(value)
    }
}
