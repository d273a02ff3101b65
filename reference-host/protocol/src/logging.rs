//! [Logging](https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/logging).

use std::time::Instant;

use super::effect::Route;
use super::error::ContextError;
use super::initialize::Phase;
use super::limits::Limits;
use super::observer::{DroppedNotification, Limit};
use super::outgoing::MessageKind;
use super::rate::Rate;
use super::requests::RequestKey;
use super::response;
use super::session::{Session, Verdict};
use super::timers::Timer;
use crate::json::{self, Fault, Object, Writer};

/// The severity of a log message, by the names of RFC 5424 section 6.2.1. More severe is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// `debug`
    Debug,
    /// `info`
    Info,
    /// `notice`
    Notice,
    /// `warning`
    Warning,
    /// `error`
    Error,
    /// `critical`
    Critical,
    /// `alert`
    Alert,
    /// `emergency`
    Emergency,
}

impl LogLevel {
    /// Every level, the least severe first.
    pub const ALL: [Self; 8] = [
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// The level until a client chooses one, which the specification leaves to the server.
    pub const DEFAULT: Self = Self::Info;

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }

    /// Returns the level with this name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// The text of a log message: a logger, and data that are one JSON value.
#[derive(Debug, Clone, Copy)]
pub struct LogText<'a> {
    logger: Option<&'a str>,
    data: &'a str,
}

impl<'a> LogText<'a> {
    /// Checks the text of a log message. `exceeded` is called if it is too large.
    ///
    /// # Errors
    ///
    /// [`ContextError::InvalidParams`] if `data` is not JSON or too large.
    pub fn check(
        logger: Option<&'a str>,
        data: &'a str,
        limits: &Limits,
        exceeded: impl FnOnce(),
    ) -> Result<Self, ContextError> {
        let bytes = data.len() + logger.map_or(0, str::len);
        limits.check_size("a log message", bytes, exceeded)?;
        json::check(data.as_bytes(), limits.depth).map_err(|defect| {
            ContextError::InvalidParams(format!("the data of a log message: {defect}"))
        })?;
        Ok(Self { logger, data })
    }

    /// Returns the message as one line for a terminal, without control characters.
    #[must_use]
    pub fn line(&self, level: LogLevel) -> String {
        let mut line = format!("{}: ", level.name());
        let logger = self.logger.map(|logger| [logger, ": "]);
        for part in logger.into_iter().flatten().chain([self.data.trim()]) {
            for character in part.chars() {
                if character.is_control() {
                    line.extend(character.escape_default());
                } else {
                    line.push(character);
                }
            }
        }
        line
    }
}

/// The level that the client chose, and the recent rate.
#[derive(Debug, Default)]
pub(super) struct Logging {
    chosen: Option<LogLevel>,
    rate: Rate,
    dropped: u64,
}

/// Reads the level of `logging/setLevel`.
pub(super) fn read_level(params: &Object<'_>) -> Result<LogLevel, Fault> {
    params.required("level", |level| {
        json::string(level)
            .ok()
            .and_then(|name| LogLevel::from_name(&name))
            .ok_or_else(|| {
                Fault::new(
                    "one of debug, info, notice, warning, error, critical, alert and emergency",
                )
            })
    })
}

impl Session {
    /// Returns the level that the client chose, if it did.
    #[must_use]
    pub fn log_level(&self) -> Option<LogLevel> {
        self.logging.chosen
    }

    /// Takes over the level that the client chose in another session object, which stands for the
    /// same session.
    pub fn assume_log_level(&mut self, level: Option<LogLevel>) {
        self.logging.chosen = level;
    }

    /// Handles `logging/setLevel`.
    pub(super) fn set_level(&mut self, level: LogLevel) -> Verdict {
        self.logging.chosen = Some(level);
        Verdict::Answer(b"{}".to_vec())
    }

    /// Checks the text of a log message and sends it; see [`Session::log_text`].
    ///
    /// # Errors
    ///
    /// As [`Session::log_text`] and, after that, as [`LogText::check`].
    pub fn log(
        &mut self,
        now: Instant,
        key: Option<RequestKey>,
        level: LogLevel,
        logger: Option<&str>,
        data: &str,
    ) -> Result<(), ContextError> {
        self.check_log(key)?;
        let exceeded = || self.observer.limit_reached(Limit::ResultBytes);
        let text = LogText::check(logger, data, &self.limits, exceeded)?;
        self.log_text(now, key, level, text)
    }

    /// Checks that the component may log for the request `key` or for none. This check comes
    /// before that of the text.
    ///
    /// # Errors
    ///
    /// [`ContextError::InvalidState`] after the end of the request; [`ContextError::Cancelled`] and
    /// [`ContextError::TimedOut`].
    pub fn check_log(&mut self, key: Option<RequestKey>) -> Result<(), ContextError> {
        key.map_or(Ok(()), |key| self.live(key).map(drop))
    }

    /// Sends a log message of the component, for the request `key` or for none. Messages below the
    /// client's level are omitted. Messages beyond
    /// [`Limits::logs_per_second`](super::Limits::logs_per_second) are dropped, and a later warning
    /// gives their number.
    ///
    /// # Errors
    ///
    /// As [`Session::check_log`].
    pub fn log_text(
        &mut self,
        now: Instant,
        key: Option<RequestKey>,
        level: LogLevel,
        text: LogText<'_>,
    ) -> Result<(), ContextError> {
        let (route, is_dropped) = match key {
            Some(key) => {
                let request = self.live(key)?;
                (request.route(), request.is_streamed)
            }
            None => (Route::Unrelated, false),
        };
        if !is_dropped && self.wants(level) && self.admit_log(now) {
            self.send_log(route, level, text.logger, text.data);
        }
        Ok(())
    }

    fn wants(&self, level: LogLevel) -> bool {
        // The answer to `initialize` must be the first message to the client.
        matches!(self.phase, Phase::Operating { .. })
            && level >= self.logging.chosen.unwrap_or(LogLevel::DEFAULT)
    }

    fn admit_log(&mut self, now: Instant) -> bool {
        let Err(next) = self.logging.rate.admit(now, self.limits.logs_per_second) else {
            return true;
        };
        self.logging.dropped += 1;
        self.observer
            .notification_dropped(DroppedNotification::LogRate);
        self.observer.limit_reached(Limit::LogsPerSecond);
        if !self.timers.is_set(Timer::DroppedLogs) {
            self.timers.set(Timer::DroppedLogs, next);
        }
        false
    }

    /// Tells the client that log messages were dropped.
    pub(super) fn report_dropped_logs(&mut self, now: Instant) {
        let dropped = std::mem::take(&mut self.logging.dropped);
        if dropped > 0 && self.wants(LogLevel::Warning) {
            let count = if dropped == 1 {
                "1 log message was".to_owned()
            } else {
                format!("{dropped} log messages were")
            };
            let data = format!("\"{count} dropped: too many in one second\"");
            // Counts towards the new window, which it opens.
            let _ = self.logging.rate.admit(now, self.limits.logs_per_second);
            self.send_log(Route::Unrelated, LogLevel::Warning, None, &data);
        }
    }

    fn send_log(&mut self, route: Route, level: LogLevel, logger: Option<&str>, data: &str) {
        let message = response::notification("notifications/message", |params: &mut Writer| {
            params.key("level").string(level.name());
            params
                .optional_string("logger", logger)
                .key("data")
                .raw(data.trim());
        });
        self.effects.send(route, MessageKind::Report, message);
    }
}
