//! Output buffered for a server.

use std::io::{ErrorKind, Write};

use anyhow::Result;

/// Bytes to be written as soon as the other side accepts them.
#[derive(Debug, Default)]
pub struct Unwritten {
    bytes: Vec<u8>,
    written: usize,
}

impl Unwritten {
    /// Returns the buffer to append to.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Writes as much as possible without waiting.
    pub fn write_to(&mut self, output: &mut impl Write) -> Result<()> {
        while self.written < self.bytes.len() {
            match output.write(&self.bytes[self.written..]) {
                Ok(length) => self.written += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.bytes.clear();
        self.written = 0;
        Ok(())
    }
}
