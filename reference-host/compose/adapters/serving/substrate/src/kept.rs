//! Sessions that are kept in a key-value store, in the layout of
//! [`stored`](wasi_mcp_protocol::http::stored): any instance serves any request of a session.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasi_mcp_protocol::http::{
    METHODS_WITHOUT_STREAMS, Named, RANDOM_BYTES, Refusal, SessionId, stored,
};
use wasi_mcp_protocol::{LogLevel, Opening};
use wasi_mcp_types::capabilities::Client;

use crate::exchange::NoSession;
use crate::wasi::keyvalue::store::{self, Bucket};
use crate::wasi::random::random::get_random_u64;

/// The variables of the environment for the name of the bucket, and for the seconds after which a
/// session ends.
const BUCKET: &str = "WASI_MCP_SESSION_BUCKET";
const LIFETIME: &str = "WASI_MCP_SESSION_LIFETIME";
/// The seconds unless the environment says otherwise.
const DAY: u64 = 24 * 60 * 60;
/// The most pages of keys that are read to find those of one session.
const KEY_PAGES: usize = 10_000;

/// A session, and the bucket that holds it.
pub struct Kept {
    id: SessionId,
    bucket: Bucket,
    /// The client, unless the session has yet to be stored.
    client: Option<Client>,
    /// The stored level of log messages.
    level: Cell<Option<LogLevel>>,
}

fn unknown() -> NoSession {
    NoSession::from(&Refusal::SESSION_UNKNOWN)
}

impl From<store::Error> for NoSession {
    fn from(error: store::Error) -> Self {
        // The details of a failure are for the operator alone.
        let (cause, details) = match error {
            store::Error::NoSuchStore => ("there is no such bucket", String::new()),
            store::Error::AccessDenied => ("access is denied", String::new()),
            store::Error::Other(details) => ("it failed", details),
        };
        eprintln!(
            "the key-value store of the sessions, bucket {:?}: {cause} {}",
            bucket_name(),
            details.escape_debug()
        );
        Self::unavailable(format!(
            "the key-value store of the sessions cannot be used: {cause}. Its operator grants \
             wasi:keyvalue to the component (wasmtime: -S keyvalue) and names the bucket in {BUCKET}"
        ))
    }
}

fn bucket_name() -> String {
    std::env::var(BUCKET).unwrap_or_default()
}

fn lifetime() -> u64 {
    let Ok(text) = std::env::var(LIFETIME) else {
        return DAY;
    };
    text.trim().parse().unwrap_or_else(|_| {
        eprintln!("{LIFETIME} is {text:?}: expected a number of seconds; sessions last a day");
        DAY
    })
}

/// Returns the seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.as_ref().map_or(0, Duration::as_secs)
}

impl Kept {
    /// The methods of the endpoint, and the refusal of any other.
    pub const METHODS: &str = METHODS_WITHOUT_STREAMS;
    pub const METHOD: &Refusal = &Refusal::METHOD_WITHOUT_STREAMS;
    /// Tells whether DELETE ends a session.
    pub const CAN_END: bool = true;

    /// Finds the session that a request names.
    pub fn named<'a>(ids: impl Iterator<Item = &'a [u8]>) -> Result<Option<Self>, NoSession> {
        match Named::by(ids) {
            Named::Missing => Ok(None),
            Named::Several => Err(NoSession::from(&Refusal::SESSION_MISSING)),
            Named::One(id) => Self::find(id).map(Some),
        }
    }

    fn find(id: &[u8]) -> Result<Self, NoSession> {
        let id = SessionId::read(id).ok_or_else(unknown)?;
        let bucket = store::open(&bucket_name())?;
        let record = bucket.get(&stored::session_key(&id))?;
        let record = record.ok_or_else(unknown)?;
        let session = match stored::StoredSession::read(&record) {
            Ok(session) => session,
            Err(damaged) => {
                // It may quote the record.
                let reason = damaged.to_string();
                let reason = reason.escape_debug();
                eprintln!("the session {id:?} is treated as unknown: {reason}");
                return Err(unknown());
            }
        };
        let kept = Self {
            id,
            bucket,
            client: Some(session.client.clone()),
            level: Cell::new(None),
        };
        if session.is_expired(now(), lifetime()) {
            kept.end()?;
            return Err(unknown());
        }
        kept.level.set(kept.stored_level()?);
        Ok(kept)
    }

    fn stored_level(&self) -> Result<Option<LogLevel>, NoSession> {
        let Some(name) = self.bucket.get(&stored::level_key(&self.id))? else {
            return Ok(None);
        };
        let level = std::str::from_utf8(&name)
            .ok()
            .and_then(LogLevel::from_name);
        if level.is_none() {
            eprintln!("the session {:?}: its level is damaged", self.id);
        }
        Ok(level)
    }

    /// Returns the session for a message, or the refusal of a message that may not come now.
    pub fn admit(
        kept: Option<Self>,
        opening: &Opening,
        version_fits: bool,
    ) -> Result<Option<Self>, NoSession> {
        match (kept, opening) {
            // It negotiates the version.
            (None, Opening::Initialize) => Self::begin().map(Some),
            (None, _) => Err(NoSession::from(&Refusal::SESSION_MISSING)),
            (Some(kept), Opening::Initialize) => Ok(Some(kept)),
            (Some(kept), _) if version_fits => Ok(Some(kept)),
            (Some(_), _) => Err(NoSession::from(&Refusal::VERSION_UNFIT)),
        }
    }

    /// Makes the id of a session, which is stored once its `initialize` succeeds. The store is
    /// opened before anything is done.
    fn begin() -> Result<Self, NoSession> {
        let bucket = store::open(&bucket_name())?;
        let mut random = [0; RANDOM_BYTES];
        for bytes in random.chunks_mut(size_of::<u64>()) {
            bytes.copy_from_slice(&get_random_u64().to_le_bytes()[..bytes.len()]);
        }
        Ok(Self {
            id: SessionId::from_random(random),
            bucket,
            client: None,
            level: Cell::new(None),
        })
    }

    /// Returns whether the session has yet to be stored.
    pub fn is_new(&self) -> bool {
        self.client.is_none()
    }

    /// Returns the client of a stored session.
    pub fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Stores a new session.
    pub fn store(&self, client: &Client) -> Result<(), NoSession> {
        let session = stored::StoredSession {
            made: now(),
            client: client.clone(),
        };
        // It was read from an `initialize`.
        let record = session.write().map_err(|fault| {
            let reason = format!("the session cannot be stored: {fault}");
            eprintln!("{reason}");
            NoSession::unavailable(reason)
        })?;
        Ok(self.bucket.set(&stored::session_key(&self.id), &record)?)
    }

    /// Ends the session: deletes its keys.
    pub fn end(&self) -> Result<(), NoSession> {
        let bucket = &self.bucket;
        // From here on, it is unknown.
        bucket.delete(&stored::session_key(&self.id))?;
        bucket.delete(&stored::level_key(&self.id))?;
        let marker = stored::subscriptions_key(&self.id);
        if !bucket.exists(&marker)? {
            return Ok(());
        }
        let prefix = stored::prefix(&self.id);
        let mut cursor = None;
        for _ in 0..KEY_PAGES {
            let page = bucket.list_keys(cursor)?;
            for key in page.keys.iter().filter(|key| key.starts_with(&prefix)) {
                if *key != marker {
                    bucket.delete(key)?;
                }
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(bucket.delete(&marker)?);
            }
        }
        eprintln!(
            "the session {:?} has ended, but the store has too many keys to find all of its own",
            self.id
        );
        Ok(())
    }

    /// Returns the stored level of log messages.
    pub fn level(&self) -> Option<LogLevel> {
        self.level.get()
    }

    /// Stores the level of log messages, unless it is stored.
    pub fn set_level(&self, level: Option<LogLevel>) -> Result<(), NoSession> {
        if let Some(level) = level.filter(|_| level != self.level.get()) {
            self.set(&stored::level_key(&self.id), level.name().as_bytes())?;
            self.level.set(Some(level));
        }
        Ok(())
    }

    /// Stores a subscription, or its end.
    pub fn set_subscription(&self, uri: &str, is_subscribed: bool) -> Result<(), NoSession> {
        let key = stored::subscription_key(&self.id, uri);
        if !is_subscribed {
            return Ok(self.bucket.delete(&key)?);
        }
        // First, so that no subscription is missed when the session ends.
        self.set(&stored::subscriptions_key(&self.id), b"1")?;
        self.set(&key, uri.as_bytes())
    }

    /// Returns whether the client is subscribed to a resource.
    pub fn is_subscribed(&self, uri: &str) -> Result<bool, NoSession> {
        let stored = self.bucket.get(&stored::subscription_key(&self.id, uri))?;
        Ok(stored.is_some_and(|stored| stored == uri.as_bytes()))
    }

    /// Writes a key of a session that may end meanwhile: no key outlives its session.
    fn set(&self, key: &str, value: &[u8]) -> Result<(), NoSession> {
        self.bucket.set(key, value)?;
        if self.bucket.exists(&stored::session_key(&self.id))? {
            return Ok(());
        }
        self.bucket.delete(key)?;
        Err(unknown())
    }
}
