//! The server's behaviour when the client never answers its requests. It is tried once, in one
//! session and with concurrent waits, and judged by several checks.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::record::{Survey, ToolCall};
use crate::driver::SessionPool;
use crate::driver::client_role::Asked;
use crate::driver::log::Entry;
use crate::driver::session::Pending;
use crate::driver::{ClientRole, Reply, Session, Timing};
use crate::model::Finding;
use crate::wire::envelope::Message;
use crate::wire::identifier::Identifier;

/// The minimum number of progress reports during the wait.
const REPORTS: u32 = 40;
/// The longest pause between two reports.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// The outcomes of requests that the client left unanswered.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// The tool that asked.
    pub tool: String,
    /// The method of the unanswered request.
    pub method: &'static str,
    /// The time limit of the wait.
    pub waited: Duration,
    /// A request that the client ignored.
    pub ignored: Outcome,
    /// A request for which the client kept reporting progress; `None` if the server gave no token
    /// or did not ask a second time.
    pub prolonged: Option<Outcome>,
    /// The state of the session after all this and a late answer.
    pub afterwards: Result<(), Finding>,
}

/// The outcome of one request.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The request of the server.
    pub asked: Arc<Entry>,
    /// The end of the call on whose behalf it was sent.
    pub reply: Reply,
    /// True if the server cancelled its request.
    pub cancelled: bool,
}

/// A request of the server in flight on behalf of a call.
pub struct Open {
    /// The request.
    pub entry: Arc<Entry>,
    /// Its id.
    pub id: Identifier,
    /// Its progress token, [`Value::Null`] if absent.
    pub token: Value,
}

impl Unanswered {
    /// Leaves requests of the server unanswered for the given time.
    ///
    /// # Errors
    ///
    /// A skip when no tool asks the client.
    pub async fn make(
        sessions: &SessionPool,
        survey: &Survey,
        waited: Duration,
    ) -> Result<Self, Finding> {
        let (asked, call) = asking(survey)?;
        let session = sessions.fresh(ClientRole::complete().silent()).await?;
        let ignored = session.begin("tools/call", call.params()).await;
        let first = open_request(&session, asked, ignored.from, waited).await;
        let first = first.ok_or_else(|| {
            let method = asked.method();
            Finding::Skip(format!("{} did not send {method} again", call.tool))
        })?;
        let (ignored, prolonged) = tokio::join!(
            outcome(&session, &ignored, &first, waited),
            prolonged(&session, asked, call, &first, waited)
        );
        // Late, and malformed as well.
        let late = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{}}}}"#, first.id);
        session.deliver(late.as_bytes()).await;
        let afterwards = session
            .expect_alive("requests that were left unanswered, and a late answer")
            .await;
        Ok(Self {
            tool: call.tool.clone(),
            method: asked.method(),
            waited,
            ignored,
            prolonged,
            afterwards,
        })
    }
}

/// Returns the time after which the server must have given up.
///
/// # Errors
///
/// A skip when it is unknown.
pub fn patience(timing: Timing) -> Result<Duration, Finding> {
    timing.peer_timeout.ok_or_else(|| {
        let reason =
            "it is unknown how long the server leaves its own requests open (--peer-timeout)";
        Finding::Skip(reason.to_owned())
    })
}

/// Finds a tool that asks the client.
///
/// # Errors
///
/// A skip when there is none.
pub fn asking(survey: &Survey) -> Result<(Asked, &ToolCall), Finding> {
    let found = Asked::ALL
        .into_iter()
        .find_map(|asked| Some((asked, survey.asking(asked).ok()?)));
    found.ok_or_else(|| Finding::Skip("no tool was seen to ask the client".to_owned()))
}

/// Waits for a request of the server at or after this position of the log.
pub async fn open_request(
    session: &Session,
    asked: Asked,
    from: usize,
    within: Duration,
) -> Option<Open> {
    let is_asked = |entry: &Entry| entry.is(asked.method());
    let entry = session.log().wait_for(from, within, is_asked).await?;
    let Message::Request { id, params, .. } = &entry.envelope.message else {
        return None;
    };
    Some(Open {
        id: id.clone(),
        token: params["_meta"]["progressToken"].clone(),
        entry: entry.clone(),
    })
}

/// Waits for the end of a call, and cancels it after a timeout.
async fn outcome(session: &Session, pending: &Pending, open: &Open, waited: Duration) -> Outcome {
    let reply = session.reply(pending, waited).await;
    // The cancellation may follow the end of the call.
    let is_cancelled = |entry: &Entry| {
        entry.is("notifications/cancelled")
            && entry
                .params()
                .is_some_and(|params| Identifier::from_value(&params["requestId"]) == open.id)
    };
    let within = session.timing().call;
    let cancelled = session
        .log()
        .wait_for(open.entry.index, within, is_cancelled)
        .await
        .is_some();
    if reply.is_silence() {
        session.cancel(&pending.id).await;
    }
    Outcome {
        asked: open.entry.clone(),
        reply,
        cancelled,
    }
}

/// Repeats the call with continuous progress reports.
async fn prolonged(
    session: &Session,
    asked: Asked,
    call: &ToolCall,
    first: &Open,
    waited: Duration,
) -> Option<Outcome> {
    if first.token.is_null() {
        return None;
    }
    let pending = session.begin("tools/call", call.params()).await;
    // A server without concurrency asks when the first call is over.
    let from = pending.from.max(first.entry.index + 1);
    let open = open_request(session, asked, from, waited).await?;
    if open.token.is_null() {
        session.cancel(&pending.id).await;
        return None;
    }
    tokio::select! {
        outcome = outcome(session, &pending, &open, waited) => Some(outcome),
        () = report(session, &open.token, (waited / REPORTS).min(LONGEST_PAUSE)) => None,
    }
}

/// Reports progress forever.
async fn report(session: &Session, token: &Value, pause: Duration) {
    let mut progress = 0.5;
    loop {
        let params = json!({"progressToken": token, "progress": progress});
        session.notify("notifications/progress", params).await;
        tokio::time::sleep(pause).await;
        progress += 0.5;
    }
}
