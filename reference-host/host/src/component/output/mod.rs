//! Where goes what a guest writes to its standard output and error.

mod lines;
mod stream;

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;

use wasmtime_wasi::WasiCtxBuilder;

pub(crate) use lines::Allowance;
pub use lines::{GuestLine, GuestStream, Origin};

use lines::Printer;
use stream::Stream;

/// Takes bytes as a guest writes them.
type Bytes = Arc<dyn Fn(&[u8]) + Send + Sync>;
/// Takes a guest's lines.
type Lines = Arc<dyn Fn(&GuestLine<'_>) + Send + Sync>;

/// Where goes what a guest writes to its standard output and error: both to
/// the same place, as standard output belongs to MCP.
#[derive(Clone)]
pub struct GuestOutput(Sink);

#[derive(Clone)]
enum Sink {
    Bytes(Bytes),
    Lines(Lines),
}

impl GuestOutput {
    /// To the standard error of this process, each line with the number of its
    /// session, which is the default.
    pub fn process() -> Self {
        // Nobody is left to be told that standard error is gone.
        Self::lines(|line| {
            let _ = writeln!(io::stderr().lock(), "{line}");
        })
    }

    /// To a function, line by line: bounded in length and number, and without
    /// any character that could act on a terminal. The guest waits until the
    /// function returns.
    pub fn lines(sink: impl Fn(&GuestLine<'_>) + Send + Sync + 'static) -> Self {
        Self(Sink::Lines(Arc::new(sink)))
    }

    /// To a function, in the order in which it is written and as it is. The
    /// guest waits until the function returns.
    pub fn to(sink: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        Self(Sink::Bytes(Arc::new(sink)))
    }

    pub(super) fn grant(&self, builder: &mut WasiCtxBuilder, origin: &Origin) {
        let stream = |stream| match &self.0 {
            Sink::Bytes(sink) => Stream(Arc::clone(sink)),
            Sink::Lines(sink) => {
                let printer = Printer::new(Arc::clone(sink), origin.clone(), stream);
                Stream(Arc::new(move |bytes| printer.write(bytes)))
            }
        };
        builder
            .stdout(stream(GuestStream::Output))
            .stderr(stream(GuestStream::Error));
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
