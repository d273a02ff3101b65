//! The mark: one member more in `_meta`.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

const KEY: &str = "example.org/middleware";

/// `_meta` with the mark; every other member stays as it is, number text included.
pub fn marked(meta: Option<String>) -> String {
    let text = meta.as_deref().unwrap_or("{}");
    match serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(text) {
        Ok(mut members) => {
            members.insert(KEY.into(), RawValue::TRUE.to_owned());
            serde_json::to_string(&members).unwrap_or_else(|_| text.to_owned())
        }
        // No JSON object: the host says so, better than we can.
        Err(_) => text.to_owned(),
    }
}
