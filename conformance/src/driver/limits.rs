//! Limits on the resources that a server can take from the driver. Servers are not trusted: one
//! that never stops writing, or never begins to read, must not keep the suite from ending.

use std::time::Duration;

/// The longest accepted line, event or body, in bytes.
pub const MESSAGE_LIMIT: usize = 64 << 20;

/// The highest number of bytes kept for a session.
pub const KEPT_LIMIT: usize = 256 << 20;

/// The memory counted for a message in addition to its bytes.
pub const MESSAGE_COST: usize = 1 << 10;

/// Formats a number of bytes for a message.
pub fn mebibytes(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}

/// The time that a server may take to read a message.
pub const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// The highest number of requests to a server and answers to it that are in flight together.
pub const UNDER_WAY_LIMIT: usize = 1024;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::timeout;

    use super::*;
    use crate::driver::connection::{Connection, Lines};
    use crate::driver::log::{Log, State};
    use crate::driver::{ClientRole, Session, Timing};

    const PING: &[u8] = b"{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\n";

    /// Opens a session with a server that writes but never reads. Returns its output, and its
    /// input, which is full at once.
    fn deaf() -> (Session, DuplexStream, DuplexStream) {
        let (output, ours) = duplex(1 << 16);
        let (input, unread) = duplex(16);
        let lines = Lines {
            output: Box::new(ours),
            errors: None,
            input: Box::new(input),
            process: None,
        };
        let timing = Timing {
            grace: Duration::from_millis(200),
            ..Timing::NEAR
        };
        let (role, log) = (ClientRole::complete(), Log::new("a session"));
        let session = Session::over(Connection::Lines(lines), role, timing, log);
        (session, output, unread)
    }

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn a_server_that_asks_endlessly_and_reads_nothing_is_abandoned() {
        let (session, mut output, _unread) = deaf();
        let asking = tokio::spawn(async move { while output.write_all(PING).await.is_ok() {} });
        let reply = timeout(SOON, session.initialize("2025-06-18")).await;
        let came = reply.expect("the wait has an end").came();
        assert!(came.contains("did not take 1024 answers"), "{came}");
        timeout(SOON, session.close()).await.expect("it ends");
        asking.await.expect("nobody listens to it any more");
    }

    /// Returns the reason for abandoning a session whose server writes this piece endlessly.
    async fn given_up_for(piece: Vec<u8>) -> String {
        let (session, mut output, _unread) = deaf();
        let writing = tokio::spawn(async move { while output.write_all(&piece).await.is_ok() {} });
        let closed = |state: &State| state.closed.clone();
        let why = session.log().until(6 * SOON, closed).await;
        timeout(SOON, writing)
            .await
            .expect("nobody listens to it any more")
            .expect("it writes");
        why.expect("the session was given up")
    }

    #[tokio::test]
    async fn an_endless_line_is_not_kept() {
        let why = given_up_for(vec![b'x'; 1 << 16]).await;
        assert!(why.contains("a line is longer than 64 MiB"), "{why}");
    }

    #[tokio::test]
    async fn endless_lines_are_not_kept() {
        let mut piece = vec![b'x'; 1 << 23];
        piece.push(b'\n');
        let why = given_up_for(piece).await;
        assert!(
            why.contains("more than 256 MiB went over the wire"),
            "{why}"
        );
    }

    #[tokio::test]
    async fn a_session_ends_while_an_answer_is_blocked() {
        let (session, mut output, _unread) = deaf();
        output.write_all(PING).await.expect("it is read");
        let asked = session.log().wait_for(0, SOON, |entry| entry.is("ping"));
        assert!(asked.await.is_some());
        timeout(SOON, session.close_now()).await.expect("it ends");
        assert!(session.log().read().killed);
    }
}
