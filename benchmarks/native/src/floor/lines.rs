//! stdio: blocking reads and writes, as few of them as there can be.

use std::io::{Read as _, Write as _};

use anyhow::Result;

use crate::answer::Server;

/// Answers until the input ends.
pub fn serve() -> Result<()> {
    let server = Server::new();
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    // Read past the buffer of the standard library, which is smaller.
    let mut unread = Vec::new();
    let mut answers = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        let length = input.read(&mut chunk)?;
        if length == 0 {
            return Ok(());
        }
        unread.extend_from_slice(&chunk[..length]);
        let mut start = 0;
        while let Some(length) = memchr::memchr(b'\n', &unread[start..]) {
            let before = answers.len();
            server.answer(&unread[start..start + length], &mut answers);
            if answers.len() > before {
                answers.push(b'\n');
            }
            start += length + 1;
        }
        unread.drain(..start);
        // The standard library's writer keeps what stands after the last line end: nothing does.
        output.write_all(&answers)?;
        output.flush()?;
        answers.clear();
    }
}
