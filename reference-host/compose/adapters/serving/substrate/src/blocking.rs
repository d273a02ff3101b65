//! Input and output in WASI 0.2: one call runs at a time. Messages that arrive while the service
//! computes are read when it uses an import, and when it asks the client.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use wasi_mcp_protocol::wire::FromJson;
use wasi_mcp_protocol::{AskMethod, Lines};
use wasi_mcp_types::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use wasi_mcp_types::types::Error;

use crate::exchange::{AskJson, Exchange, ListRoots, Receipt};
use crate::exports::wasi::mcp::context::RequestContextBorrow;
use crate::exports::wasi::mcp::{context, elicitation, roots, sampling, shutdown};
use crate::exports::wasi_mcp::target::control;
use crate::wasi::cli::{stdin::get_stdin, stdout::get_stdout};
use crate::wasi::clocks::monotonic_clock::subscribe_duration;
use crate::wasi::io::poll::{Pollable, poll};
use crate::wasi::io::streams::{InputStream, OutputStream, StreamError};
use crate::{EXCHANGES, Handle, Substrate, invocation};

/// The most bytes that are read at once.
const AT_ONCE: u64 = 64 << 10;
/// The most bytes that one blocking write takes.
#[cfg(feature = "http")]
const WRITTEN: usize = 4096;

/// A conversation and its streams.
#[derive(Clone)]
pub struct Open {
    pub exchange: Rc<Exchange>,
}

thread_local! {
    static INPUT: RefCell<Option<Input>> = const { RefCell::new(None) };
    static OUTPUT: RefCell<Option<Output>> = const { RefCell::new(None) };
}

/// Standard input.
struct Input {
    // Dropped before its stream.
    readable: Pollable,
    stream: InputStream,
    lines: Lines,
}

impl Input {
    fn open(limit: usize) -> Self {
        let stream = get_stdin();
        Self {
            readable: stream.subscribe(),
            stream,
            lines: Lines::new(limit),
        }
    }

    /// Reads what has arrived.
    fn read(&mut self) {
        match self.stream.read(AT_ONCE) {
            Ok(bytes) => self.lines.push(&bytes),
            Err(StreamError::Closed | StreamError::LastOperationFailed(_)) => self.lines.end(),
        }
    }
}

/// Standard output.
struct Output {
    // Dropped before its stream.
    writable: Pollable,
    stream: OutputStream,
    /// The line that is being written, and the number of its bytes that were.
    line: Vec<u8>,
    written: usize,
}

impl Output {
    fn open() -> Self {
        let stream = get_stdout();
        Self {
            writable: stream.subscribe(),
            stream,
            line: Vec::new(),
            written: 0,
        }
    }

    /// Writes what the stream takes without waiting.
    fn write(&mut self, exchange: &Exchange) {
        // A client that has closed its end is about to end its input as well.
        if self.try_write(exchange).is_err() {
            self.line_is_written(exchange);
            while let Some(message) = exchange.take_outgoing() {
                exchange.written(message.text.len());
            }
        }
    }

    fn try_write(&mut self, exchange: &Exchange) -> Result<(), StreamError> {
        loop {
            if !self.is_pending() {
                self.line_is_written(exchange);
                let Some(message) = exchange.take_outgoing() else {
                    return Ok(());
                };
                self.line = message.text;
                self.line.push(b'\n');
            }
            let room = usize::try_from(self.stream.check_write()?).unwrap_or(usize::MAX);
            if room == 0 {
                return Ok(());
            }
            let end = self.line.len().min(self.written.saturating_add(room));
            self.stream.write(&self.line[self.written..end])?;
            self.written = end;
            if !self.is_pending() {
                self.stream.flush()?;
            }
        }
    }

    fn is_pending(&self) -> bool {
        self.written < self.line.len()
    }

    fn line_is_written(&mut self, exchange: &Exchange) {
        exchange.written(self.line.len().saturating_sub(1));
        self.line = Vec::new();
        self.written = 0;
    }
}

fn is_stdio(exchange: &Rc<Exchange>) -> bool {
    crate::stdio().is_some_and(|stdio| Rc::ptr_eq(&stdio, exchange))
}

/// Returns whether messages wait for room in the standard output.
fn is_output_pending() -> bool {
    OUTPUT.with_borrow(|output| output.as_ref().is_some_and(Output::is_pending))
}

/// Handles what the client has sent meanwhile, without waiting.
pub fn glance(exchange: &Rc<Exchange>) {
    if is_stdio(exchange) {
        INPUT.with_borrow_mut(|input| {
            let input = input.as_mut();
            if let Some(input) = input.filter(|it| !it.lines.has_ended() && exchange.has_room()) {
                input.read();
            }
        });
        receive(exchange);
    }
    exchange.tick();
    flush(exchange);
}

/// Handles the lines that have arrived.
fn receive(exchange: &Rc<Exchange>) {
    INPUT.with_borrow_mut(|input| {
        let Some(input) = input else { return };
        while let Some(line) = input.lines.take() {
            if !line.trim_ascii().is_empty() {
                match exchange.receive(line) {
                    Receipt::Answered(answer) | Receipt::Refused(answer) => exchange.send(answer),
                    Receipt::Accepted | Receipt::Pending => {}
                }
            }
        }
        if input.lines.has_ended() {
            exchange.stop();
        }
    });
}

/// Waits for input, for room in the output if messages wait for it, or for the time of the next
/// action, and handles it.
fn wait(exchange: &Rc<Exchange>) {
    let timeout = exchange.next_timeout().map(|at| {
        let left = at.saturating_duration_since(Instant::now());
        subscribe_duration(u64::try_from(left.as_nanos()).unwrap_or(u64::MAX))
    });
    INPUT.with_borrow(|input| {
        OUTPUT.with_borrow(|output| {
            let is_read = |input: &&Input| !input.lines.has_ended() && exchange.has_room();
            let readable = input.as_ref().filter(is_read).map(|input| &input.readable);
            let output = output.as_ref().filter(|output| output.is_pending());
            let writable = output.map(|output| &output.writable);
            let awaited: Vec<&Pollable> = readable
                .into_iter()
                .chain(writable)
                .chain(&timeout)
                .collect();
            if !awaited.is_empty() {
                poll(&awaited);
            }
        });
    });
    glance(exchange);
}

#[cfg(feature = "http")]
fn write(stream: &OutputStream, bytes: &[u8]) -> Result<(), StreamError> {
    bytes
        .chunks(WRITTEN)
        .try_for_each(|chunk| stream.blocking_write_and_flush(chunk))
}

/// Writes the messages that wait for the client. To the standard output, it does not wait.
pub fn flush(exchange: &Rc<Exchange>) {
    if is_stdio(exchange) {
        OUTPUT.with_borrow_mut(|output| output.get_or_insert_with(Output::open).write(exchange));
    } else {
        #[cfg(feature = "http")]
        while let Some(message) = exchange.take_outgoing() {
            exchange.written(message.text.len());
            answering::send(exchange, message);
        }
    }
}

/// Writes all messages to the standard output, and waits for it.
fn drain(exchange: &Rc<Exchange>) {
    exchange.flush_held();
    flush(exchange);
    OUTPUT.with_borrow_mut(|output| {
        let Some(output) = output else { return };
        while output.is_pending() {
            output.writable.block();
            output.write(exchange);
        }
        // The client may be gone.
        let _ = output.stream.blocking_flush();
    });
}

impl control::Guest for Substrate {
    fn open_stdio() -> u64 {
        let exchange = Rc::new(Exchange::stdio());
        INPUT.set(Some(Input::open(exchange.message_bytes())));
        EXCHANGES.with_borrow_mut(|exchanges| exchanges.stdio = Some(Rc::clone(&exchange)));
        crate::open(Open { exchange })
    }

    fn next(of: u64) -> Option<control::Invocation> {
        let open = crate::exchange(of)?;
        let exchange = &open.exchange;
        loop {
            if is_stdio(exchange) {
                // A cancellation that has arrived concerns calls that wait.
                glance(exchange);
                // While a call computes, nothing is written.
                if is_output_pending() {
                    wait(exchange);
                    continue;
                }
            }
            if let Some(next) = exchange.take_job() {
                return Some(invocation(exchange, next));
            }
            flush(exchange);
            if !is_stdio(exchange) || exchange.is_stopping() {
                if is_stdio(exchange) {
                    drain(exchange);
                }
                #[cfg(feature = "http")]
                answering::end(exchange);
                crate::close(of);
                return None;
            }
            wait(exchange);
        }
    }

    fn finished(of: u64, number: u64, returned: Result<control::Returned, Error>) {
        crate::finished(of, number, returned);
    }
}

impl context::Guest for Substrate {
    type RequestContext = Handle;
}

impl shutdown::Guest for Substrate {
    fn is_stopped() -> bool {
        crate::stdio().is_some_and(|exchange| {
            glance(&exchange);
            exchange.is_stopping()
        })
    }
}

/// Asks the client, and reads its messages until it has answered.
fn ask<T: FromJson>(
    context: &RequestContextBorrow<'_>,
    method: AskMethod,
    params: &impl AskJson,
) -> Result<T, Error> {
    let Handle { exchange, request } = context.get::<Handle>();
    glance(exchange);
    let ask = exchange.ask(request, method, params)?;
    flush(exchange);
    loop {
        if let Some(answer) = exchange.take_answer(ask, method) {
            return answer;
        }
        wait(exchange);
    }
}

impl sampling::Guest for Substrate {
    fn create_message(
        context: RequestContextBorrow<'_>,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, Error> {
        ask(&context, AskMethod::CreateMessage, &params)
    }
}

impl elicitation::Guest for Substrate {
    fn elicit(
        context: RequestContextBorrow<'_>,
        params: ElicitParams,
    ) -> Result<ElicitResult, Error> {
        ask(&context, AskMethod::Elicit, &params)
    }
}

impl roots::Guest for Substrate {
    fn list_roots(
        context: RequestContextBorrow<'_>,
        meta: Option<String>,
    ) -> Result<ListRootsResult, Error> {
        ask(&context, AskMethod::ListRoots, &ListRoots(meta))
    }
}

/// Answers of HTTP requests.
#[cfg(feature = "http")]
mod answering {
    use std::cell::RefCell;
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::{Context, Poll, Waker};

    use wasi_mcp_protocol::http::Refusal;
    use wasi_mcp_protocol::{MessageKind, Outgoing};

    use super::{AT_ONCE, Open, write};
    use crate::Substrate;
    use crate::exchange::Exchange;
    use crate::exports::wasi_mcp::target::web;
    use crate::wasi::http::types::{
        Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
    };
    use crate::wasi::io::streams::{InputStream, OutputStream, StreamError};
    use crate::web::{Answer, Head, event};

    /// The state of an answer.
    enum State {
        Due(ResponseOutparam, crate::web::Fields),
        /// The stream is dropped before its body.
        Events(OutputStream, OutgoingBody),
    }

    thread_local! {
        /// The answers that are due, by the exchange.
        static ANSWERS: RefCell<Vec<(Rc<Exchange>, State)>> = const { RefCell::new(Vec::new()) };
    }

    fn take(exchange: &Rc<Exchange>) -> Option<State> {
        ANSWERS.with_borrow_mut(|answers| {
            let at = answers
                .iter()
                .position(|(it, _)| Rc::ptr_eq(it, exchange))?;
            Some(answers.swap_remove(at).1)
        })
    }

    fn keep(exchange: &Rc<Exchange>, state: State) {
        ANSWERS.with_borrow_mut(|answers| answers.push((Rc::clone(exchange), state)));
    }

    impl web::Guest for Substrate {
        fn open_http(request: IncomingRequest, response: ResponseOutparam) -> u64 {
            match opened(&request) {
                Ok((exchange, exposing)) => {
                    keep(&exchange, State::Due(response, exposing));
                    crate::open(Open { exchange })
                }
                Err(answer) => {
                    respond(response, answer);
                    // No exchange has this number: there is nothing to call.
                    0
                }
            }
        }
    }

    fn opened(request: &IncomingRequest) -> Result<(Rc<Exchange>, crate::web::Fields), Answer> {
        let head = Head {
            method: crate::web::method(request.method()),
            path: request.path_with_query().unwrap_or_default(),
            authority: request.authority(),
            fields: request.headers().entries(),
        };
        let admitted = now(head.admit())?;
        match body(request) {
            Ok(message) => admitted.open(message),
            Err(refusal) => Err(admitted.refuse(&refusal)),
        }
    }

    /// Returns the result of a future in which nothing waits: its imports block.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => unreachable!("an import of WASI 0.2 returned without its result"),
        }
    }

    /// Reads the body of a request.
    fn body(request: &IncomingRequest) -> Result<Vec<u8>, Refusal> {
        let body = request.consume().map_err(|()| Refusal::BROKEN)?;
        let stream: InputStream = body.stream().map_err(|()| Refusal::BROKEN)?;
        let limit = wasi_mcp_protocol::Limits::default().message_bytes;
        let mut bytes = Vec::new();
        loop {
            match stream.blocking_read(AT_ONCE) {
                Ok(part) => bytes.extend_from_slice(&part),
                Err(StreamError::Closed) => return Ok(bytes),
                Err(StreamError::LastOperationFailed(_)) => return Err(Refusal::BROKEN),
            }
            if bytes.len() > limit {
                return Err(Refusal::TOO_LARGE);
            }
        }
    }

    /// Begins an answer. Returns its body.
    fn begin(response: ResponseOutparam, head: &Answer) -> Option<(OutputStream, OutgoingBody)> {
        // Names and values are valid: they are fixed, or came with the request.
        let fields = Fields::from_list(&head.fields).ok()?;
        let outgoing = OutgoingResponse::new(fields);
        outgoing.set_status_code(head.status).ok()?;
        let body = outgoing.body().ok()?;
        ResponseOutparam::set(response, Ok(outgoing));
        let stream = body.write().ok()?;
        Some((stream, body))
    }

    fn finish(stream: OutputStream, body: OutgoingBody) {
        drop(stream);
        // The client may be gone.
        let _ = OutgoingBody::finish(body, None);
    }

    fn respond(response: ResponseOutparam, answer: Answer) {
        if let Some((stream, body)) = begin(response, &answer) {
            let _ = write(&stream, &answer.body);
            finish(stream, body);
        }
    }

    /// Sends a message: the response as JSON if it is the first one, else as an event.
    pub(super) fn send(exchange: &Rc<Exchange>, message: Outgoing) {
        let is_last = matches!(message.kind, MessageKind::Response { .. });
        let begun = match take(exchange) {
            None => return,
            Some(State::Events(stream, body)) => Some((stream, body)),
            Some(State::Due(response, exposing)) if is_last => {
                let answer = Answer::response(exchange, message).with(exposing);
                return respond(response, answer);
            }
            Some(State::Due(response, exposing)) => {
                begin(response, &Answer::events_of(exchange).with(exposing))
            }
        };
        let Some((stream, body)) = begun else { return };
        // Of a client that is gone, the work goes on: a closed connection is not a cancellation.
        let _ = write(&stream, &event(&message.text));
        if is_last {
            finish(stream, body);
        } else {
            keep(exchange, State::Events(stream, body));
        }
    }

    /// Ends an answer that has none: nothing was to be answered.
    pub(super) fn end(exchange: &Rc<Exchange>) {
        match take(exchange) {
            Some(State::Events(stream, body)) => finish(stream, body),
            Some(State::Due(response, exposing)) => {
                respond(response, Answer::events_of(exchange).with(exposing));
            }
            None => {}
        }
    }
}
