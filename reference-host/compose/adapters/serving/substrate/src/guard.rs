//! The tokens of HTTP requests. The rules are those of `wasi-mcp-authorization`, as the reference host
//! has them; here they meet the settings of the component and the keys of the issuer. Neither tokens
//! nor settings are logged.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Instant, SystemTime};

use http::Uri;
use wasi_mcp_authorization::jwt::{
    KeyCache, Keys, Need, Rules, Settings, SettingsKeys, TokenHeader,
};
use wasi_mcp_authorization::{
    CANNOT_CHECK, Challenge, Policy, TokenError, User, VerifierUnavailable,
};
use wasi_mcp_protocol::http::refusal;
use wasi_mcp_types::types::Principal;

use crate::exchange::Bell;
use crate::fetch;
use crate::web::{Answer, field};

/// The answer to every request while the settings are wrong. What is wrong is for the operator alone.
const MISCONFIGURED: &str = "authorization is not configured: see the log of the server";

thread_local! {
    /// The guard of this instance, or nothing if its settings are wrong.
    static GUARD: OnceCell<Option<Guard>> = const { OnceCell::new() };
}

/// Returns the text by which a session knows its user.
pub fn user(principal: Option<&Principal>) -> Option<String> {
    principal.map(|principal| User::of(principal).to_text())
}

/// Admits requests or challenges them.
#[derive(Clone)]
pub struct Guard(Rc<Inside>);

struct Inside {
    policy: Policy,
    rules: Rules,
    /// The host of the endpoint.
    host: Option<String>,
    keys: SharedKeys,
}

impl Guard {
    /// Returns the guard, or the refusal of every request.
    pub fn open() -> Result<Self, Answer> {
        let guard = GUARD.with(|guard| guard.get_or_init(Self::from_environment).clone());
        guard.ok_or_else(|| Answer::json(500, refusal(500, MISCONFIGURED)))
    }

    fn from_environment() -> Option<Self> {
        match Settings::read(|name| std::env::var(name).ok()) {
            Ok(settings) => Some(Self(Rc::new(Inside {
                policy: settings.policy(),
                rules: settings.rules(),
                host: settings.resource.host(),
                keys: SharedKeys::new(settings.keys),
            }))),
            Err(error) => {
                report!("every request is refused: authorization is not configured: {error}");
                None
            }
        }
    }

    /// Returns the host of the endpoint, as clients know it.
    pub fn host(&self) -> Option<String> {
        self.0.host.clone()
    }

    /// Returns the metadata if the path is one of its locations.
    pub fn metadata(&self, path: &str) -> Option<Vec<u8>> {
        self.0.policy.metadata(path).map(<[u8]>::to_owned)
    }

    /// Returns the party whose token is in these fields `Authorization`.
    pub async fn check<'a>(
        &self,
        fields: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Option<Principal>, Answer> {
        let policy = &self.0.policy;
        let token = policy
            .token(fields)
            .map_err(|challenge| self.challenge(&challenge))?;
        let admitted = match self.verify(token).await {
            Ok(principal) => policy.admit(principal),
            Err(TokenError::Unavailable(error)) => {
                report!("tokens cannot be checked: {error}");
                return Err(Answer::json(503, refusal(503, CANNOT_CHECK)));
            }
            Err(error) => Err(Challenge::Invalid(error.to_string().into())),
        };
        admitted
            .map(Some)
            .map_err(|challenge| self.challenge(&challenge))
    }

    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let header = TokenHeader::read(token)?;
        let keys = self.0.keys.for_token(&header).await?;
        self.0
            .rules
            .verify(token, &header, &keys, SystemTime::now())
    }

    fn challenge(&self, challenge: &Challenge) -> Answer {
        let status = challenge.status();
        let answer = Answer::json(status, refusal(status, challenge.reason()));
        let header = self.0.policy.header(challenge);
        answer.with([field("www-authenticate", &header)])
    }
}

/// The keys of the issuer, which the requests of this instance share.
#[derive(Clone)]
struct SharedKeys(Rc<State>);

struct State {
    cache: RefCell<KeyCache>,
    /// The address of the keys, unless they came as text.
    url: Option<Uri>,
    is_reading: Cell<bool>,
    /// Rings at the end of a read.
    read: Bell,
}

impl SharedKeys {
    fn new(keys: SettingsKeys) -> Self {
        let (cache, url) = match keys {
            SettingsKeys::Text(keys) => (KeyCache::fixed(keys), None),
            SettingsKeys::Url(url) => (KeyCache::new(), Some(url)),
        };
        Self(Rc::new(State {
            cache: RefCell::new(cache),
            url,
            is_reading: Cell::new(false),
            read: Bell::default(),
        }))
    }

    /// Returns the keys to verify a token with. They are read again if none fits, and from time to
    /// time.
    async fn for_token(&self, header: &TokenHeader) -> Result<Arc<Keys>, VerifierUnavailable> {
        let now = Instant::now();
        let need = self.0.cache.borrow().need(header, now);
        if need != Need::None {
            self.begin(now);
        }
        if need == Need::Wait {
            self.end_of_read().await;
        }
        self.0.cache.borrow().keys(header, now)
    }

    /// Begins to read the keys, unless they are being read or the last read was too recent.
    fn begin(&self, now: Instant) {
        let Some(url) = self.0.url.clone() else {
            return;
        };
        if !self.0.is_reading.get() && self.0.cache.borrow_mut().begin(now) {
            self.0.is_reading.set(true);
            let reading = Reading(self.clone());
            fetch::spawn(async move {
                let read = fetch::get(&url).await.and_then(|text| {
                    let keys = Keys::read(&text);
                    keys.map_err(|error| error.to_string())
                });
                let read = read.map_err(|reason| {
                    VerifierUnavailable(format!("the keys at {url} cannot be read: {reason}"))
                });
                reading.0.0.cache.borrow_mut().finish(now, read);
                drop(reading);
            });
        }
    }

    async fn end_of_read(&self) {
        poll_fn(|context| {
            if !self.0.is_reading.get() {
                return Poll::Ready(());
            }
            self.0.read.wake(context.waker());
            Poll::Pending
        })
        .await;
    }
}

/// A read in progress. It ends when dropped.
struct Reading(SharedKeys);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.0.is_reading.set(false);
        self.0.0.read.ring();
    }
}
