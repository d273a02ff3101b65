//! Routing of guest stdout and stderr.

mod last_words;
mod lines;
mod stream;

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;

use wasmtime_wasi::WasiCtxBuilder;

pub(crate) use last_words::LastWords;
pub(crate) use lines::Allowance;
pub use lines::{GuestLine, GuestStream, Origin};

use lines::Printer;
use stream::Stream;

/// Receives bytes as a guest writes them.
type Bytes = Arc<dyn Fn(&[u8]) + Send + Sync>;
/// Receives a guest's lines.
type Lines = Arc<dyn Fn(&GuestLine<'_>) + Send + Sync>;

/// Routes guest stdout and stderr. Both go to the same sink, because the host's own standard output
/// belongs to MCP.
#[derive(Clone)]
pub struct GuestOutput(Sink);

#[derive(Clone)]
enum Sink {
    Bytes(Bytes),
    Lines(Lines),
}

impl GuestOutput {
    /// Routes to the standard error of this process, each line with the number of its session. This
    /// is the default.
    pub fn process() -> Self {
        // If standard error is gone, the failure cannot be reported anywhere.
        Self::lines(|line| {
            let _ = writeln!(io::stderr().lock(), "{line}");
        })
    }

    /// Routes to a function, line by line. Lines are limited in length and number, and contain no
    /// character that could act on a terminal. The guest waits until the function returns.
    pub fn lines(sink: impl Fn(&GuestLine<'_>) + Send + Sync + 'static) -> Self {
        Self(Sink::Lines(Arc::new(sink)))
    }

    /// Routes to a function, unchanged and in the order of the writes. The guest waits until the
    /// function returns.
    pub fn to(sink: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        Self(Sink::Bytes(Arc::new(sink)))
    }

    /// Connects a guest's streams; `last_words` gets the end of its standard error.
    pub(super) fn grant(
        &self,
        builder: &mut WasiCtxBuilder,
        origin: &Origin,
        last_words: &LastWords,
    ) {
        let write = |stream| -> Bytes {
            match &self.0 {
                Sink::Bytes(sink) => Arc::clone(sink),
                Sink::Lines(sink) => {
                    let printer = Printer::new(Arc::clone(sink), origin.clone(), stream);
                    Arc::new(move |bytes| printer.write(bytes))
                }
            }
        };
        let (last_words, errors) = (last_words.clone(), write(GuestStream::Error));
        let errors: Bytes = Arc::new(move |bytes| {
            last_words.note(bytes);
            errors(bytes);
        });
        builder
            .stdout(Stream(write(GuestStream::Output)))
            .stderr(Stream(errors));
    }
}

impl Default for GuestOutput {
    fn default() -> Self {
        Self::process()
    }
}

impl fmt::Debug for GuestOutput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Sink::Lines(_) => "GuestOutput::lines(..)",
            Sink::Bytes(_) => "GuestOutput::to(..)",
        })
    }
}
