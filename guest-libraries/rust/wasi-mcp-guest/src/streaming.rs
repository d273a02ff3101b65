//! Resources whose bytes are streamed.
//!
//! In WASI 0.3 the host reads the bytes while the function writes them. Otherwise they are collected.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use wasi_mcp_types::content::ReadResourceResult;
use wasi_mcp_types::types::{Error, ErrorCode};

use crate::errors::{protocol_error, resource_not_found};
use crate::items::LocalFuture;
use crate::resource::{IntoContents, Location};

/// Receives the bytes of a resource, which neither the component nor the host has to hold as a whole.
///
/// A [`resource`](macro@crate::resource) with a parameter `&mut ByteWriter` is streamed in WASI 0.3.
/// In WASI 0.2, which has no streams, the bytes become one blob.
pub struct ByteWriter {
    pipe: Box<dyn Pipe>,
    has_begun: Rc<Cell<bool>>,
}

impl ByteWriter {
    /// Writes a piece, and waits until the client's side has taken it.
    ///
    /// An error means that the reader is gone, for example because the request was cancelled: end the
    /// function with `?`. An error that the function returns before its first piece becomes the answer
    /// to the request. A later one aborts the response, because bytes cannot be withdrawn.
    pub async fn write(&mut self, bytes: impl Into<Vec<u8>>) -> Result<(), Error> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Ok(());
        }
        self.has_begun.set(true);
        if self.pipe.write(bytes).await {
            Ok(())
        } else {
            Err(Error::new(
                ErrorCode::Cancelled,
                "the stream has no reader any more",
            ))
        }
    }

    fn new(pipe: Box<dyn Pipe>) -> Self {
        Self {
            pipe,
            has_begun: Rc::default(),
        }
    }
}

/// The connection to the reader.
pub trait Pipe {
    /// Passes bytes on. Returns true if the reader took all of them.
    fn write(&mut self, bytes: Vec<u8>) -> Pin<Box<dyn Future<Output = bool> + '_>>;
}

/// The outcome of a function that writes to a [`ByteWriter`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a resource that is streamed",
    label = "not a result of a streamed resource",
    note = "return nothing, or an `Option<()>` or `Result<(), E>` with an error that implements `Display`"
)]
pub trait IntoOutcome {
    /// Returns nothing, or the error that ends the request or its response.
    fn into_outcome(self, uri: &str) -> Result<(), Error>;
}

impl IntoOutcome for () {
    fn into_outcome(self, _: &str) -> Result<(), Error> {
        Ok(())
    }
}

impl<T: IntoOutcome> IntoOutcome for Option<T> {
    fn into_outcome(self, uri: &str) -> Result<(), Error> {
        self.ok_or_else(|| resource_not_found(uri))?
            .into_outcome(uri)
    }
}

impl<T: IntoOutcome, E: Display + 'static> IntoOutcome for Result<T, E> {
    fn into_outcome(self, uri: &str) -> Result<(), Error> {
        self.map_err(protocol_error)?.into_outcome(uri)
    }
}

/// The future of a function that writes.
pub type Writing = LocalFuture<Result<(), Error>>;

/// A resource that a function is about to read.
pub enum Opened {
    /// The function returns all of it.
    Whole(LocalFuture<Result<ReadResourceResult, Error>>),
    /// The function writes it.
    Streamed(Location, Box<dyn FnOnce(ByteWriter) -> Writing>),
}

impl Opened {
    /// Returns the whole resource.
    pub async fn read(self) -> Result<ReadResourceResult, Error> {
        match self {
            Self::Whole(reading) => reading.await,
            Self::Streamed(location, write) => {
                let collected = Collected::default();
                write(ByteWriter::new(Box::new(collected.clone()))).await?;
                collected.0.take().into_contents(location)
            }
        }
    }

    /// Runs a writing function until its first byte or its end. A function that returns the resource is
    /// not run, and no pipe is opened for it. An error before the first byte ends the request.
    pub async fn begin<R>(
        self,
        open_pipe: impl FnOnce() -> (Box<dyn Pipe>, R),
    ) -> Result<Option<Begun<R>>, Error> {
        let Self::Streamed(location, write) = self else {
            return Ok(None);
        };
        let (pipe, reader) = open_pipe();
        let writer = ByteWriter::new(pipe);
        let has_begun = writer.has_begun.clone();
        let mut rest = write(writer);
        let ended = poll_fn(|context| match rest.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending if has_begun.get() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await;
        if let Some(outcome) = ended {
            if !has_begun.get() {
                outcome.clone()?;
            }
            rest = Box::pin(async { outcome });
        }
        let result = Vec::<u8>::new().into_contents(location)?;
        Ok(Some(Begun {
            result,
            reader,
            rest,
        }))
    }
}

/// A started stream.
pub struct Begun<R> {
    /// The result, without the bytes.
    pub result: ReadResourceResult,
    /// The end of the pipe that the host reads.
    pub reader: R,
    /// The rest of the function, which writes the bytes.
    pub rest: Writing,
}

/// Collects the bytes.
#[derive(Clone, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl Pipe for Collected {
    fn write(&mut self, mut bytes: Vec<u8>) -> Pin<Box<dyn Future<Output = bool> + '_>> {
        self.0.borrow_mut().append(&mut bytes);
        Box::pin(async { true })
    }
}
