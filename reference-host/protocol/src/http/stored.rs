//! Sessions in a key-value store, which all instances of a server share.
//!
//! Each piece of a session has a key of its own, so that concurrent requests overwrite nothing of
//! each other. All keys begin with the id and a dot:
//!
//! | key | value |
//! |---|---|
//! | `ID.session` | the [`StoredSession`], as JSON |
//! | `ID.level` | the level of log messages that the client chose, by its name in MCP |
//! | `ID.subscriptions` | `1`, once the session may have subscriptions |
//! | `ID.subscription.HASH` | the URI of a subscription |
//!
//! `HASH` is the 128-bit FNV-1a hash of the URI, in base64 for URLs: stores limit the length of keys
//! and their characters. Two URIs of one session with the same hash replace each other, and a reader
//! compares the URI.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wasi_mcp_types::capabilities::Client;

use super::session_id::SessionId;
use crate::json::{self, Fault, Object, Writer};
use crate::limits::Limits;
use crate::wire;

/// The most bytes of a value: stores limit them, and clients without credentials write them.
pub const VALUE_BYTES: usize = 64 << 10;
/// The version of the layout. A reader treats a session of another one as unknown.
const LAYOUT: i64 = 1;
/// The seconds by which the clock of the instance that made a session may be ahead.
const SKEW: u64 = 3600;

/// The record of a session, made with the answer to its `initialize` and never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSession {
    /// The time of its making, in seconds since 1970.
    pub made: u64,
    /// The client, without the level of log messages.
    pub client: Client,
    /// The user to whom it belongs, as a text that tells users apart. `None` if users are unknown.
    pub owner: Option<String>,
}

/// The record of a session cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its record is damaged: {0}")]
pub struct Damaged(String);

impl StoredSession {
    /// Writes the record.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if the client has no info, or JSON text in its capabilities is not an object.
    pub fn write(&self) -> Result<Vec<u8>, Fault> {
        let client = String::from_utf8(wire::initialize_params(&self.client)?)
            .map_err(|_| Fault::new("text"))?;
        let mut writer = Writer::with_capacity(client.len() + 64);
        writer.begin_object().key("layout").i64(LAYOUT);
        writer
            .key("made")
            .i64(i64::try_from(self.made).unwrap_or(i64::MAX));
        writer.key("client").raw(&client);
        if let Some(owner) = &self.owner {
            writer.key("owner").string(owner);
        }
        writer.end_object();
        Ok(writer.into_bytes())
    }

    /// Reads a record, which may be anything.
    ///
    /// # Errors
    ///
    /// [`Damaged`] unless it is a record of this layout.
    pub fn read(record: &[u8]) -> Result<Self, Damaged> {
        let damaged = |reason: &dyn std::fmt::Display| Damaged(reason.to_string());
        let text =
            json::check(record, Limits::default().depth).map_err(|defect| damaged(&defect))?;
        let object = Object::parse(text).map_err(|error| damaged(&error))?;
        Self::read_members(&object).map_err(|fault| damaged(&fault))
    }

    fn read_members(object: &Object<'_>) -> Result<Self, Fault> {
        object.required("layout", |layout| match json::integer(layout)? {
            LAYOUT => Ok(()),
            _ => Err(Fault::new("the layout 1")),
        })?;
        Ok(Self {
            made: object.required("made", |made| {
                u64::try_from(json::integer(made)?).map_err(|_| Fault::new("a time since 1970"))
            })?,
            client: object.required("client", |client| {
                wire::client_from_initialize(json::object(client)?)
            })?,
            owner: object.optional("owner", |owner| json::string(owner).map(Cow::into_owned))?,
        })
    }

    /// Returns whether the session is older than `lifetime`, in seconds, or was made in a future that
    /// no clock explains: such a session would never end.
    #[must_use]
    pub fn is_expired(&self, now: u64, lifetime: u64) -> bool {
        match now.checked_sub(self.made) {
            Some(age) => age > lifetime,
            None => self.made - now > SKEW,
        }
    }
}

/// Returns the beginning of all keys of a session.
#[must_use]
pub fn prefix(id: &SessionId) -> String {
    key(id, "")
}

/// Returns the key of the [`StoredSession`].
#[must_use]
pub fn session_key(id: &SessionId) -> String {
    key(id, "session")
}

/// Returns the key of the level of log messages.
#[must_use]
pub fn level_key(id: &SessionId) -> String {
    key(id, "level")
}

/// Returns the key that is present once a session may have subscriptions: without it, nobody needs to
/// look for them among all keys of the store.
#[must_use]
pub fn subscriptions_key(id: &SessionId) -> String {
    key(id, "subscriptions")
}

/// Returns the key of a subscription.
#[must_use]
pub fn subscription_key(id: &SessionId, uri: &str) -> String {
    let hash = URL_SAFE_NO_PAD.encode(fnv_1a(uri.as_bytes()).to_be_bytes());
    key(id, &format!("subscription.{hash}"))
}

fn key(id: &SessionId, name: &str) -> String {
    format!("{}.{name}", id.as_str())
}

/// <https://www.rfc-editor.org/rfc/rfc9923.html>
fn fnv_1a(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + 0x13b;
    bytes.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::RANDOM_BYTES;

    const CLIENT: &str = r#"{"protocolVersion":"2025-06-18","capabilities":{"experimental":{"x":{"y":[1.50]}},"roots":{"listChanged":true},"sampling":{}},"clientInfo":{"name":"a \"client\"","version":"1"}}"#;

    fn client() -> Client {
        wire::client_from_initialize(Object::parse(CLIENT).unwrap()).unwrap()
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let stored = StoredSession {
            made: 1_764_500_000,
            client: client(),
            owner: None,
        };
        let record = stored.write().unwrap();
        let expected = format!(r#"{{"layout":1,"made":1764500000,"client":{CLIENT}}}"#);
        assert_eq!(String::from_utf8(record.clone()).unwrap(), expected);
        assert_eq!(StoredSession::read(&record).as_ref(), Ok(&stored));
        let owned = StoredSession {
            owner: Some("[\"user\"]".to_owned()),
            ..stored
        };
        assert_eq!(StoredSession::read(&owned.write().unwrap()), Ok(owned));
    }

    #[test]
    fn damaged_records_are_refused() {
        let good = format!(r#"{{"layout":1,"made":5,"client":{CLIENT}}}"#);
        assert!(StoredSession::read(good.as_bytes()).is_ok());
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        for bad in [
            "",
            "x",
            "[]",
            "{}",
            &good[1..],
            &good.replace("\"layout\":1", "\"layout\":2"),
            &good.replace("\"layout\":1,", ""),
            &good.replace("\"made\":5", "\"made\":-5"),
            &good.replace("\"made\":5", "\"made\":\"5\""),
            &good.replace("\"made\":5", "\"made\":1e30"),
            &good.replace("\"sampling\":{}", "\"sampling\":1"),
            &good.replace("clientInfo", "clientinfo"),
            &good.replace("\"made\":5", "\"made\":5,\"owner\":7"),
            &good.replace("\"made\":5", "\"made\":5,\"owner\":null"),
            &good.replace("a \\\"client", "\\ud800"),
            &deep,
        ] {
            let read = StoredSession::read(bad.as_bytes());
            assert!(read.is_err(), "{:.200} {read:?}", bad);
        }
        assert!(StoredSession::read(b"{\"layout\":1,\xff}").is_err());
    }

    #[test]
    fn sessions_end_by_age() {
        let stored = StoredSession {
            made: 10_000,
            client: client(),
            owner: None,
        };
        for (now, is_expired) in [
            (10_000, false),
            (10_060, false),
            (10_061, true),
            // The clock of the maker was ahead.
            (10_000 - SKEW, false),
            (10_000 - SKEW - 1, true),
            (u64::MAX, true),
        ] {
            assert_eq!(stored.is_expired(now, 60), is_expired, "{now}");
        }
    }

    #[test]
    fn keys_begin_with_the_id_and_fit_every_store() {
        let id = SessionId::from_random([7; RANDOM_BYTES]);
        let long = "x".repeat(10_000);
        let keys = [
            session_key(&id),
            level_key(&id),
            subscriptions_key(&id),
            subscription_key(&id, "file:///ä b"),
            subscription_key(&id, "file:///ä c"),
            subscription_key(&id, &long),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(key.starts_with(&prefix(&id)), "{key}");
            assert!(key.len() < 100, "{key}");
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            assert!(key.bytes().all(fits), "{key}");
            assert!(!keys[..at].contains(key), "{key}");
        }
    }

    #[test]
    fn the_hash_is_that_of_its_definition() {
        assert_eq!(fnv_1a(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv_1a(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(fnv_1a(b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
