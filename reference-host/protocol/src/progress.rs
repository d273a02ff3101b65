//! [Progress](https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress)
//! of the work on a request.

use std::time::Instant;

use super::error::ContextError;
use super::observer::{DroppedNotification, Limit};
use super::outgoing::MessageKind;
use super::rate::Rate;
use super::requests::{Request, RequestKey};
use super::response;
use super::session::Session;
use super::timers::Timer;
use crate::json::{RawValue, Writer};

/// The maximum length of a report's message in bytes: each request in flight may have one that is
/// held back.
const MESSAGE_BYTES: usize = 64 << 10;

/// The progress of one request.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The client's token as JSON text; without one the client wants no progress.
    token: Option<Box<str>>,
    /// The last value that was accepted.
    reached: Option<f64>,
    rate: Rate,
    /// The newest report, while it is held back for the rate limit.
    held: Option<Report>,
}

#[derive(Debug)]
struct Report {
    progress: f64,
    total: Option<f64>,
    message: Option<String>,
}

impl Progress {
    pub(super) fn new(token: Option<&RawValue>) -> Self {
        Self {
            token: token.map(|token| token.get().into()),
            ..Self::default()
        }
    }
}

impl Report {
    fn notification(&self, token: &str) -> Vec<u8> {
        response::notification("notifications/progress", |params: &mut Writer| {
            params.key("progressToken").raw(token);
            let numbers = params
                .key("progress")
                .f64(self.progress)
                .and_then(|params| params.optional_f64("total", self.total));
            numbers
                .expect("reports have finite numbers")
                .optional_string("message", self.message.as_deref());
        })
    }
}

impl Session {
    /// Reports progress of the component. Reports beyond
    /// [`Limits::progress_per_second`](super::Limits::progress_per_second) are held back; the
    /// newest is sent once the rate allows it, and before the response.
    ///
    /// Without a token of the client the report is ignored, unchecked.
    ///
    /// # Errors
    ///
    /// [`ContextError::InvalidParams`] if a number is not finite, `progress` is not larger than
    /// before or `message` is too large; [`ContextError::InvalidState`] after the end of the
    /// request; [`ContextError::Cancelled`] and [`ContextError::TimedOut`].
    pub fn report_progress(
        &mut self,
        now: Instant,
        key: RequestKey,
        progress: f64,
        total: Option<f64>,
        message: Option<&str>,
    ) -> Result<(), ContextError> {
        let rate = self.limits.progress_per_second;
        let request = self.live(key)?;
        let state = &mut request.progress;
        if state.token.is_none() || request.is_streamed {
            return Ok(());
        }
        if message.is_some_and(|message| message.len() > MESSAGE_BYTES) {
            return Err(ContextError::InvalidParams(format!(
                "the message of a report has at most {MESSAGE_BYTES} bytes"
            )));
        }
        if !progress.is_finite() || total.is_some_and(|total| !total.is_finite()) {
            return Err(ContextError::InvalidParams(
                "progress and total are finite numbers".to_owned(),
            ));
        }
        if let Some(reached) = state.reached.filter(|reached| progress <= *reached) {
            return Err(ContextError::InvalidParams(format!(
                "progress has to increase: {progress} follows {reached}"
            )));
        }
        state.reached = Some(progress);
        let replaced = state.held.replace(Report {
            progress,
            total,
            message: message.map(ToOwned::to_owned),
        });
        let admitted = state.rate.admit(now, rate);
        if replaced.is_some() {
            self.observer
                .notification_dropped(DroppedNotification::ProgressRate);
            self.observer.limit_reached(Limit::ProgressPerSecond);
        }
        match admitted {
            Ok(()) => self.flush_progress(key),
            Err(next) => self.timers.set(Timer::Progress(key), next),
        }
        Ok(())
    }

    /// Sends the report that is held back, now that the rate allows it.
    pub(super) fn release_progress(&mut self, now: Instant, key: RequestKey) {
        let rate = self.limits.progress_per_second;
        if let Some(request) = self.requests.get_mut(key) {
            // Counts towards the new window, which it opens.
            let _ = request.progress.rate.admit(now, rate);
        }
        self.flush_progress(key);
    }

    /// Sends the report that is held back, if there is one.
    pub(super) fn flush_progress(&mut self, key: RequestKey) {
        self.timers.clear(Timer::Progress(key));
        let Some(request @ Request { end: None, .. }) = self.requests.get_mut(key) else {
            return;
        };
        let state = &mut request.progress;
        let (Some(report), Some(token)) = (state.held.take(), &state.token) else {
            return;
        };
        let message = report.notification(token);
        self.effects
            .send(request.route(), MessageKind::Report, message);
    }
}
