//! Input and output in WASI 0.3: calls run side by side, and messages are read meanwhile.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use wasi_mcp_protocol::wire::FromJson;
use wasi_mcp_protocol::{AskKey, AskMethod, Lines};
use wasi_mcp_types::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use wasi_mcp_types::types::Error;

use crate::exchange::{AskJson, End, Exchange, ListRoots, Next, Receipt};
use crate::exports::wasi::mcp::context::{
    self, Cancellation, RequestContext, RequestContextBorrow,
};
use crate::exports::wasi::mcp::{elicitation, roots, sampling, shutdown};
use crate::exports::wasi_mcp::target::control;
use crate::wasi::cli::{stdin, stdout};
use crate::wasi::clocks::monotonic_clock::wait_for;
use crate::{EXCHANGES, Handle, Substrate, invocation, wit_stream};

/// The most bytes that are read at once.
const AT_ONCE: usize = 64 << 10;

/// A conversation.
#[derive(Clone)]
pub struct Open {
    pub exchange: Rc<Exchange>,
    /// The number of those who still need it: the calls and, over HTTP, the answer.
    users: Rc<Cell<u8>>,
}

/// One of those who need a conversation, by its number. The last one closes it when dropped.
struct User(u64);

impl Drop for User {
    fn drop(&mut self) {
        if let Some(open) = crate::exchange(self.0) {
            let left = open.users.get().saturating_sub(1);
            open.users.set(left);
            if left == 0 {
                crate::close(self.0);
            }
        }
    }
}

/// Messages are read by a task of their own.
pub fn glance(_: &Rc<Exchange>) {}

/// Messages are written by a task of their own, which wakes when there are some.
pub fn flush(_: &Rc<Exchange>) {}

fn is_stdio(exchange: &Rc<Exchange>) -> bool {
    crate::stdio().is_some_and(|stdio| Rc::ptr_eq(&stdio, exchange))
}

/// Waits until a condition has a result. It is tried again at each change of the exchange.
async fn until<T>(exchange: &Exchange, mut condition: impl FnMut() -> Option<T>) -> T {
    poll_fn(|context| {
        if let Some(result) = condition() {
            return Poll::Ready(result);
        }
        exchange.changed.wake(context.waker());
        Poll::Pending
    })
    .await
}

/// Reads lines until the end of the input.
async fn read(exchange: Rc<Exchange>) {
    let (mut input, _) = stdin::read_via_stream();
    let mut lines = Lines::new(exchange.message_bytes());
    let mut buffer = Vec::with_capacity(AT_ONCE);
    while !lines.has_ended() {
        until(&exchange, || exchange.has_room().then_some(())).await;
        let (result, bytes) = input.read(buffer).await;
        lines.push(&bytes);
        if matches!(result, wit_bindgen::StreamResult::Dropped) {
            lines.end();
        }
        while let Some(line) = lines.take() {
            receive(&exchange, line);
        }
        buffer = bytes;
        buffer.clear();
    }
    exchange.stop();
}

fn receive(exchange: &Exchange, line: &[u8]) {
    if !line.trim_ascii().is_empty() {
        match exchange.receive(line) {
            Receipt::Answered(answer) | Receipt::Refused(answer) => exchange.send(answer),
            Receipt::Accepted | Receipt::Pending => {}
        }
    }
}

/// Writes lines until the conversation has ended.
async fn write(exchange: Rc<Exchange>) {
    let (mut writer, reader) = wit_stream::new::<u8>();
    let written = stdout::write_via_stream(reader);
    let mut is_flushed = false;
    loop {
        let next = until(&exchange, || match exchange.take_outgoing() {
            Some(message) => Some(Some(message)),
            None => has_ended(&exchange).then_some(None),
        });
        let message = match next.await {
            Some(message) => message,
            None if is_flushed => break,
            None => {
                is_flushed = true;
                exchange.flush_held();
                continue;
            }
        };
        let mut line = message.text;
        let bytes = line.len();
        line.push(b'\n');
        // A client that has closed its end is about to end its input as well.
        writer.write_all(line).await;
        exchange.written(bytes);
    }
    drop(writer);
    let _ = written.await;
    exchange.close();
}

fn has_ended(exchange: &Exchange) -> bool {
    exchange.is_stopping() && !exchange.is_busy() && !exchange.has_outgoing()
}

/// The next step of an exchange.
enum Step {
    Call(Next),
    Tick,
    End,
}

impl control::Guest for Substrate {
    async fn open_stdio() -> u64 {
        let exchange = Rc::new(Exchange::stdio());
        EXCHANGES.with_borrow_mut(|exchanges| exchanges.stdio = Some(Rc::clone(&exchange)));
        wit_bindgen::spawn_local(read(Rc::clone(&exchange)));
        wit_bindgen::spawn_local(write(Rc::clone(&exchange)));
        crate::open(Open {
            exchange,
            users: Rc::new(Cell::new(1)),
        })
    }

    async fn next(of: u64) -> Option<control::Invocation> {
        let open = crate::exchange(of)?;
        let exchange = &open.exchange;
        loop {
            match step(exchange).await {
                Step::Call(next) => return Some(invocation(exchange, next)),
                Step::Tick => exchange.tick(),
                Step::End => {
                    // Calls that were left behind would hold the process.
                    if is_stdio(exchange) && exchange.has_left_calls() {
                        std::process::exit(0);
                    }
                    drop(User(of));
                    return None;
                }
            }
        }
    }

    fn finished(of: u64, number: u64, returned: Result<control::Returned, Error>) {
        crate::finished(of, number, returned);
    }
}

/// A wait for a time.
type Waiting = Pin<Box<dyn Future<Output = ()>>>;

/// Waits for the next step.
async fn step(exchange: &Rc<Exchange>) -> Step {
    let is_stdio = is_stdio(exchange);
    let mut timer: Option<(Instant, Waiting)> = None;
    poll_fn(|context: &mut Context<'_>| {
        if let Some(next) = exchange.take_job() {
            return Poll::Ready(Step::Call(next));
        }
        let is_over = match is_stdio {
            true => exchange.is_closed(),
            false => !exchange.is_busy(),
        };
        if is_over {
            return Poll::Ready(Step::End);
        }
        exchange.changed.wake(context.waker());
        if let Some(at) = exchange.next_timeout() {
            // One that is due too early only looks again.
            if timer.as_ref().is_none_or(|(earlier, _)| at < *earlier) {
                let left = at.saturating_duration_since(Instant::now());
                let left = u64::try_from(left.as_nanos()).unwrap_or(u64::MAX);
                timer = Some((at, Box::pin(wait_for(left))));
            }
            if let Some((_, waiting)) = &mut timer
                && waiting.as_mut().poll(context).is_ready()
            {
                timer = None;
                return Poll::Ready(Step::Tick);
            }
        }
        Poll::Pending
    })
    .await
}

impl context::Guest for Substrate {
    type RequestContext = Handle;

    async fn wait_cancelled(context: RequestContext) -> Option<Cancellation> {
        let request = Rc::clone(&context.get::<Handle>().request);
        drop(context);
        let end = poll_fn(|context| {
            if let Some(end) = &*request.end.borrow() {
                return Poll::Ready(end.clone());
            }
            request.ended.wake(context.waker());
            Poll::Pending
        });
        match end.await {
            End::Cancelled(reason) => Some(Cancellation { reason }),
            End::Finished => None,
        }
    }
}

impl shutdown::Guest for Substrate {
    fn is_stopped() -> bool {
        crate::stdio().is_some_and(|exchange| exchange.is_stopping())
    }

    async fn wait_stopped() {
        match crate::stdio() {
            Some(exchange) => until(&exchange, || exchange.is_stopping().then_some(())).await,
            // Over HTTP a runtime drops an instance without notice: until then, it may get another
            // request.
            None => std::future::pending().await,
        }
    }
}

/// Gives up on the answer of the client when the service does.
struct GiveUp<'a>(&'a Exchange, AskKey);

impl Drop for GiveUp<'_> {
    fn drop(&mut self) {
        self.0.give_up(self.1);
    }
}

/// Asks the client, and waits for its answer.
async fn ask<T: FromJson>(
    context: &RequestContextBorrow<'_>,
    method: AskMethod,
    params: &impl AskJson,
) -> Result<T, Error> {
    let Handle { exchange, request } = context.get::<Handle>();
    let exchange = Rc::clone(exchange);
    let ask = exchange.ask(request, method, params)?;
    let _give_up = GiveUp(&exchange, ask);
    until(&exchange, || exchange.take_answer(ask, method)).await
}

impl sampling::Guest for Substrate {
    async fn create_message(
        context: RequestContextBorrow<'_>,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, Error> {
        ask(&context, AskMethod::CreateMessage, &params).await
    }
}

impl elicitation::Guest for Substrate {
    async fn elicit(
        context: RequestContextBorrow<'_>,
        params: ElicitParams,
    ) -> Result<ElicitResult, Error> {
        ask(&context, AskMethod::Elicit, &params).await
    }
}

impl roots::Guest for Substrate {
    async fn list_roots(
        context: RequestContextBorrow<'_>,
        meta: Option<String>,
    ) -> Result<ListRootsResult, Error> {
        ask(&context, AskMethod::ListRoots, &ListRoots(meta)).await
    }
}

/// Answers of HTTP requests.
#[cfg(feature = "http")]
mod answering {
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::Poll;
    use std::time::Duration;

    use wasi_mcp_protocol::http::Refusal;
    use wasi_mcp_protocol::{MessageKind, Outgoing};
    use wit_bindgen::{StreamResult, StreamWriter};

    use super::{AT_ONCE, Open, User};
    use crate::exchange::Exchange;
    use crate::exports::wasi_mcp::target::web;
    use crate::wasi::clocks::monotonic_clock::wait_for;
    use crate::wasi::http::types::{ErrorCode, Fields, Request, Response};
    use crate::web::{Answer, Head, event};
    use crate::{Substrate, wit_future, wit_stream};

    /// The time without a message after which an answer begins as a stream of events.
    const SILENCE: Duration = Duration::from_secs(5);
    /// The time of silence after which a comment is sent on a stream, so that no intermediary takes
    /// the connection for dead.
    const KEEP_ALIVE: Duration = Duration::from_secs(15);
    /// A comment, which a reader of events skips.
    const COMMENT: &[u8] = b":\n\n";

    /// The answer to a request.
    enum Due {
        Whole(Answer),
        Later(Open, crate::web::Fields),
    }

    thread_local! {
        static DUE: RefCell<HashMap<u64, Due>> = RefCell::default();
        /// Numbers of requests that need no exchange. They are those of no exchange.
        static WHOLE: Cell<u64> = const { Cell::new(u64::MAX) };
    }

    impl web::Guest for Substrate {
        async fn open_http(request: Request) -> u64 {
            match opened(request).await {
                Ok((exchange, exposing)) => {
                    let open = Open {
                        exchange,
                        users: Rc::new(Cell::new(2)),
                    };
                    let number = crate::open(open.clone());
                    DUE.with_borrow_mut(|due| due.insert(number, Due::Later(open, exposing)));
                    number
                }
                Err(answer) => {
                    let number = WHOLE.get();
                    WHOLE.set(number - 1);
                    DUE.with_borrow_mut(|due| due.insert(number, Due::Whole(answer)));
                    number
                }
            }
        }

        async fn respond(of: u64) -> Result<Response, ErrorCode> {
            let due = DUE.with_borrow_mut(|due| due.remove(&of));
            match due {
                None => Err(ErrorCode::InternalError(None)),
                Some(Due::Whole(answer)) => whole(answer),
                Some(Due::Later(open, exposing)) => later(of, open, exposing).await,
            }
        }
    }

    async fn opened(request: Request) -> Result<(Rc<Exchange>, crate::web::Fields), Answer> {
        let head = Head {
            method: crate::web::method(request.get_method()),
            path: request.get_path_with_query().unwrap_or_default(),
            authority: request.get_authority(),
            fields: request.get_headers().copy_all(),
        };
        let admitted = head.admit().await?;
        match body(request).await {
            Ok(message) => admitted.open(message),
            Err(refusal) => Err(admitted.refuse(&refusal)),
        }
    }

    /// Reads the body of a request.
    async fn body(request: Request) -> Result<Vec<u8>, Refusal> {
        let (read, result) = wit_future::new(|| Ok(()));
        let (mut stream, trailers) = Request::consume_body(request, result);
        let limit = wasi_mcp_protocol::Limits::default().message_bytes;
        let mut bytes = Vec::new();
        let mut buffer = Vec::with_capacity(AT_ONCE);
        loop {
            let (result, part) = stream.read(buffer).await;
            bytes.extend_from_slice(&part);
            buffer = part;
            buffer.clear();
            if bytes.len() > limit {
                return Err(Refusal::TOO_LARGE);
            }
            if matches!(result, StreamResult::Dropped) {
                break;
            }
        }
        drop(read);
        match trailers.await {
            Ok(_) => Ok(bytes),
            Err(_) => Err(Refusal::BROKEN),
        }
    }

    /// Begins an answer. Returns the writer of its body.
    fn begin(head: &Answer) -> Result<(Response, StreamWriter<u8>), ErrorCode> {
        // Names and values are valid: they are fixed, or came with the request.
        let fields = Fields::from_list(&head.fields).map_err(|_| ErrorCode::InternalError(None))?;
        let (writer, contents) = wit_stream::new::<u8>();
        let (trailing, trailers) = wit_future::new(|| Ok(None));
        let (response, _) = Response::new(fields, Some(contents), trailers);
        response
            .set_status_code(head.status)
            .map_err(|()| ErrorCode::InternalError(None))?;
        wit_bindgen::spawn_local(async move {
            // The client may be gone.
            let _ = trailing.write(Ok(None)).await;
        });
        Ok((response, writer))
    }

    fn whole(answer: Answer) -> Result<Response, ErrorCode> {
        let (response, mut writer) = begin(&answer)?;
        wit_bindgen::spawn_local(async move {
            writer.write_all(answer.body).await;
        });
        Ok(response)
    }

    /// An event that a client waits for.
    enum Happening {
        Message(Outgoing),
        /// Nothing comes any more.
        End,
        /// Nothing has come for so long.
        Silence,
    }

    /// Waits for the next message.
    async fn next(exchange: &Exchange, silence: Duration) -> Happening {
        let silence = u64::try_from(silence.as_nanos()).unwrap_or(u64::MAX);
        let mut timer = pin!(wait_for(silence));
        poll_fn(|context| {
            if let Some(message) = exchange.take_outgoing() {
                exchange.written(message.text.len());
                return Poll::Ready(Happening::Message(message));
            }
            if !exchange.is_busy() {
                return Poll::Ready(Happening::End);
            }
            exchange.changed.wake(context.waker());
            timer.as_mut().poll(context).map(|()| Happening::Silence)
        })
        .await
    }

    /// Waits for the first message: the response alone is JSON. Anything else begins a stream of
    /// events, as does a long silence.
    async fn later(
        number: u64,
        open: Open,
        exposing: crate::web::Fields,
    ) -> Result<Response, ErrorCode> {
        let user = User(number);
        let exchange = open.exchange;
        let is_last = |kind| matches!(kind, MessageKind::Response { .. });
        let mut happening = next(&exchange, SILENCE).await;
        match happening {
            Happening::Message(message) if is_last(message.kind) => {
                return whole(Answer::response(&exchange, message).with(exposing));
            }
            // Nothing was to be answered.
            Happening::End => return whole(Answer::events_of(&exchange).with(exposing)),
            Happening::Message(_) | Happening::Silence => {}
        }
        let (response, mut writer) = begin(&Answer::events_of(&exchange).with(exposing))?;
        wit_bindgen::spawn_local(async move {
            let _user = user;
            loop {
                // Of a client that is gone, the work goes on: a closed connection is not a
                // cancellation.
                match happening {
                    Happening::Message(message) => {
                        writer.write_all(event(&message.text)).await;
                        if is_last(message.kind) {
                            break;
                        }
                    }
                    Happening::Silence => {
                        writer.write_all(COMMENT.to_owned()).await;
                    }
                    Happening::End => break,
                }
                happening = next(&exchange, KEEP_ALIVE).await;
            }
            drop(writer);
        });
        Ok(response)
    }
}
