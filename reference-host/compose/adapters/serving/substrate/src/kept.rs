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

/// A session, and its keys.
pub struct Kept {
    keys: Keys,
    /// The client, unless the session has yet to be stored.
    client: Option<Client>,
    /// The user to whom it belongs, if users are known.
    owner: Option<String>,
    /// The stored level of log messages.
    level: Cell<Option<LogLevel>>,
}

/// The keys of a session in the store. Each failure is logged, without the id.
struct Keys {
    id: SessionId,
    bucket: Bucket,
}

impl Keys {
    fn open(id: SessionId) -> Result<Self, NoSession> {
        match store::open(&bucket_name()) {
            Ok(bucket) => Ok(Self { id, bucket }),
            Err(error) => Err(failed(&id, error)),
        }
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, NoSession> {
        self.checked(self.bucket.get(key))
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), NoSession> {
        self.checked(self.bucket.set(key, value))
    }

    fn delete(&self, key: &str) -> Result<(), NoSession> {
        self.checked(self.bucket.delete(key))
    }

    fn exists(&self, key: &str) -> Result<bool, NoSession> {
        self.checked(self.bucket.exists(key))
    }

    /// Returns all keys of the session, or `None` if too many others hide some.
    fn list(&self) -> Result<Option<Vec<String>>, NoSession> {
        let prefix = stored::prefix(&self.id);
        let mut keys = Vec::new();
        let mut cursor = None;
        for _ in 0..KEY_PAGES {
            let page = self.checked(self.bucket.list_keys(cursor))?;
            keys.extend(page.keys.into_iter().filter(|key| key.starts_with(&prefix)));
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(Some(keys));
            }
        }
        Ok(None)
    }

    /// Writes a key of a session that may end meanwhile: no key outlives its session.
    fn set_in_session(&self, key: &str, value: &[u8]) -> Result<(), NoSession> {
        self.set(key, value)?;
        if self.exists(&stored::session_key(&self.id))? {
            return Ok(());
        }
        self.delete(key)?;
        Err(unknown())
    }

    fn checked<T>(&self, result: Result<T, store::Error>) -> Result<T, NoSession> {
        result.map_err(|error| failed(&self.id, error))
    }
}

fn unknown() -> NoSession {
    NoSession::from(&Refusal::SESSION_UNKNOWN)
}

/// Logs a failure of the store, whose details are for the operator alone.
fn failed(id: &SessionId, error: store::Error) -> NoSession {
    let (cause, details) = match error {
        store::Error::NoSuchStore => ("there is no such bucket", String::new()),
        store::Error::AccessDenied => ("access is denied", String::new()),
        store::Error::Other(details) => ("it failed", details),
    };
    // They may quote the key.
    let details = id.shorten_in(&details);
    report!(
        "the key-value store of the sessions, the bucket of {BUCKET}: {cause} {}",
        details.escape_debug()
    );
    NoSession {
        status: 503,
        reason: format!(
            "the key-value store of the sessions cannot be used: {cause}. Its operator grants \
             wasi:keyvalue to the component (wasmtime: -S keyvalue) and names the bucket in {BUCKET}"
        )
        .into(),
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
        report!("{LIFETIME} is {text:?}: expected a number of seconds; sessions last a day");
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

    /// Finds the session that a request of this user names. That of another user does not exist.
    pub fn named<'a>(
        ids: impl Iterator<Item = &'a [u8]>,
        user: Option<&str>,
    ) -> Result<Option<Self>, NoSession> {
        match Named::by(ids) {
            Named::Missing => Ok(None),
            Named::Several => Err(NoSession::from(&Refusal::SESSION_MISSING)),
            Named::One(id) => Self::find(id, user).map(Some),
        }
    }

    fn find(id: &[u8], user: Option<&str>) -> Result<Self, NoSession> {
        let keys = Keys::open(SessionId::read(id).ok_or_else(unknown)?)?;
        let id = &keys.id;
        let record = keys.get(&stored::session_key(id))?;
        let session = match stored::StoredSession::read(&record.ok_or_else(unknown)?) {
            Ok(session) => session,
            Err(damaged) => {
                // It may quote the record.
                let reason = damaged.to_string();
                let reason = reason.escape_debug();
                report!("the session {id:?} is treated as unknown: {reason}");
                return Err(unknown());
            }
        };
        if session.owner.as_deref() != user {
            return Err(unknown());
        }
        let is_expired = session.is_expired(now(), lifetime());
        let kept = Self {
            keys,
            client: Some(session.client),
            owner: session.owner,
            level: Cell::new(None),
        };
        if is_expired {
            kept.end()?;
            return Err(unknown());
        }
        kept.level.set(kept.stored_level()?);
        Ok(kept)
    }

    fn stored_level(&self) -> Result<Option<LogLevel>, NoSession> {
        let id = &self.keys.id;
        let Some(name) = self.keys.get(&stored::level_key(id))? else {
            return Ok(None);
        };
        let level = std::str::from_utf8(&name)
            .ok()
            .and_then(LogLevel::from_name);
        if level.is_none() {
            report!("the session {id:?}: its level is damaged");
        }
        Ok(level)
    }

    /// Returns the session for a message of this user, or the refusal of a message that may not come
    /// now.
    pub fn admit(
        kept: Option<Self>,
        user: Option<String>,
        opening: &Opening,
        version_fits: bool,
    ) -> Result<Option<Self>, NoSession> {
        match (kept, opening) {
            // It negotiates the version.
            (None, Opening::Initialize) => Self::begin(user).map(Some),
            (None, _) => Err(NoSession::from(&Refusal::SESSION_MISSING)),
            (Some(kept), Opening::Initialize) => Ok(Some(kept)),
            (Some(kept), _) if version_fits => Ok(Some(kept)),
            (Some(_), _) => Err(NoSession::from(&Refusal::VERSION_UNFIT)),
        }
    }

    /// Makes the id of a session, which is stored once its `initialize` succeeds. The store is
    /// opened before anything is done.
    fn begin(owner: Option<String>) -> Result<Self, NoSession> {
        let mut random = [0; RANDOM_BYTES];
        for bytes in random.chunks_mut(size_of::<u64>()) {
            bytes.copy_from_slice(&get_random_u64().to_le_bytes()[..bytes.len()]);
        }
        Ok(Self {
            keys: Keys::open(SessionId::from_random(random))?,
            client: None,
            owner,
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
        self.keys.id.as_str()
    }

    /// Stores a new session.
    pub fn store(&self, client: &Client) -> Result<(), NoSession> {
        let session = stored::StoredSession {
            made: now(),
            client: client.clone(),
            owner: self.owner.clone(),
        };
        let refused = |status, reason: String| NoSession {
            status,
            reason: reason.into(),
        };
        // It was read from an `initialize`.
        let record = session.write().map_err(|fault| {
            let reason = format!("the session cannot be stored: {fault}");
            report!("{reason}");
            refused(503, reason)
        })?;
        let (bytes, limit) = (record.len(), stored::VALUE_BYTES);
        if bytes > limit {
            let reason = format!(
                "capabilities and clientInfo take {bytes} bytes of a session: expected at most {limit}"
            );
            return Err(refused(413, reason));
        }
        let key = stored::session_key(&self.keys.id);
        self.keys.set(&key, &record)?;
        // Another instance opens the bucket anew, too. A store may be late, so that this is only
        // logged.
        let again = Keys::open(self.keys.id.clone())?;
        if !again.exists(&key)? {
            report!(
                "the key-value store of the sessions does not have the session {:?}, which was just \
                 stored: unless it is only late, each session is unknown after its `initialize`",
                self.keys.id
            );
        }
        Ok(())
    }

    /// Ends the session: deletes its keys.
    pub fn end(&self) -> Result<(), NoSession> {
        let Keys { id, .. } = &self.keys;
        // From here on, it is unknown.
        self.keys.delete(&stored::session_key(id))?;
        self.keys.delete(&stored::level_key(id))?;
        let marker = stored::subscriptions_key(id);
        if !self.keys.exists(&marker)? {
            return Ok(());
        }
        // All are listed before one is deleted, which may move those of the next page.
        let Some(keys) = self.keys.list()? else {
            report!(
                "the session {id:?} has ended, but the store has too many keys to find all of its own"
            );
            return Ok(());
        };
        for key in keys.iter().filter(|key| **key != marker) {
            self.keys.delete(key)?;
        }
        self.keys.delete(&marker)
    }

    /// Returns the stored level of log messages.
    pub fn level(&self) -> Option<LogLevel> {
        self.level.get()
    }

    /// Stores the level of log messages, unless it is stored.
    pub fn set_level(&self, level: Option<LogLevel>) -> Result<(), NoSession> {
        if let Some(level) = level.filter(|_| level != self.level.get()) {
            let key = stored::level_key(&self.keys.id);
            self.keys.set_in_session(&key, level.name().as_bytes())?;
            self.level.set(Some(level));
        }
        Ok(())
    }

    /// Stores a subscription, or its end.
    pub fn set_subscription(&self, uri: &str, is_subscribed: bool) -> Result<(), NoSession> {
        let Keys { id, .. } = &self.keys;
        let key = stored::subscription_key(id, uri);
        if !is_subscribed {
            return self.keys.delete(&key);
        }
        // First, so that no subscription is missed when the session ends.
        let marker = stored::subscriptions_key(id);
        self.keys.set_in_session(&marker, b"1")?;
        self.keys.set_in_session(&key, uri.as_bytes())
    }

    /// Returns whether the client is subscribed to a resource.
    pub fn is_subscribed(&self, uri: &str) -> Result<bool, NoSession> {
        let key = stored::subscription_key(&self.keys.id, uri);
        let stored = self.keys.get(&key)?;
        Ok(stored.is_some_and(|stored| stored == uri.as_bytes()))
    }
}
