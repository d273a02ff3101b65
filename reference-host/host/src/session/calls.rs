//! The table of calls: each request that the component has to work on, from its arrival to its end.
//!
//! There is one entry for each request, with the record that the guest sees and the stage that the
//! request has reached:
//!
//! | stage | the call |
//! |---|---|
//! | checking | has arrived; its parameters are being mapped and checked |
//! | queued | waits for an instance |
//! | accepted | was given to the instance of the session, which may not have begun it yet |
//! | apart | was given to an instance of its own |
//! | returning | has returned; its result is being prepared for the client |
//!
//! The table decides which call is next, which calls are lost with an instance, and when an instance
//! must be replaced because a call in it has exceeded its time while others wait. It does no I/O,
//! reads no clock and knows no lock: it is part of the session's state.
//!
//! The queue is part of the table, because an instance that takes a call needs the session's lock in
//! any case: the request may have been cancelled while it waited. With a queue of its own, it would
//! need two locks.
//!
//! The protocol's own record of requests stays apart. It knows what the client awaits: ids, streams,
//! progress, deadlines. It forgets the id of a request that was cancelled while the guest still works
//! on it, and it must not know of instances, since it also runs where there are none, in a component
//! that speaks the protocol itself. Both use the same keys.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use wasi_mcp_protocol::{ByRequest, Call, RequestKey, Subject};

use crate::component::call_start::CallStart;
use crate::component::context::Request;
use crate::component::job::Job;
use crate::component::streaming::Piece;

/// The longest time that a call may wait before it counts as held up. An instance that handles
/// calls concurrently has admitted it by then.
const TURN: Duration = Duration::from_secs(1);

/// The most results that may be in preparation before no further call is begun. Each may be large.
const MOST_RETURNING: usize = 4;

/// The calls of one session.
#[derive(Debug, Default)]
pub(super) struct Calls {
    entries: ByRequest<Entry>,
    /// The bytes of the texts of all requests.
    bytes: usize,
    /// The queued calls in their order. Keys of calls that have left the queue otherwise are skipped.
    queue: VecDeque<RequestKey>,
    /// The number of calls in the stage of that name.
    queued: usize,
    returning: usize,
    /// The bytes of the results in preparation.
    returning_bytes: usize,
    /// The number of accepted calls that have a deadline.
    overdue: usize,
}

#[derive(Debug)]
struct Entry {
    /// The request as the guest sees it; none while its parameters are being checked.
    request: Option<Arc<Request>>,
    /// The bytes of its text.
    bytes: usize,
    stage: Stage,
    /// The pieces of its response, from the time the response is to be streamed until it begins.
    pieces: Option<mpsc::Receiver<Piece>>,
}

#[derive(Debug)]
enum Stage {
    Checking,
    Queued {
        since: Instant,
        call: Call,
        alone: bool,
    },
    Accepted(Accepted),
    Apart,
    Returning {
        /// About the size of the result.
        bytes: usize,
    },
}

/// A call that the session's instance has accepted.
#[derive(Debug)]
struct Accepted {
    since: Instant,
    start: CallStart,
    subject: Subject,
    /// A copy of the call for the next instance, in case this one never admits it.
    again: Option<Job>,
    /// The deadline of a call that continues although its request has ended.
    overdue: Option<Instant>,
}

impl Calls {
    /// Adds a request whose parameters are yet to be checked.
    pub(super) fn arrive(&mut self, key: RequestKey, bytes: usize) {
        self.bytes += bytes;
        let entry = Entry {
            request: None,
            bytes,
            stage: Stage::Checking,
            pieces: None,
        };
        self.entries.insert(key, entry);
    }

    /// Returns the bytes of the texts of all requests.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends a call to the queue.
    pub(super) fn queue(&mut self, now: Instant, job: Job) {
        self.queue.push_back(job.request.key);
        self.set_queued(now, job);
    }

    /// Prepends calls to the queue, keeping their order.
    pub(super) fn queue_first(
        &mut self,
        now: Instant,
        jobs: impl IntoIterator<Item = Job, IntoIter: DoubleEndedIterator>,
    ) {
        for job in jobs.into_iter().rev() {
            self.queue.push_front(job.request.key);
            self.set_queued(now, job);
        }
    }

    fn set_queued(&mut self, now: Instant, job: Job) {
        let Job {
            request,
            call,
            alone,
        } = job;
        let stage = Stage::Queued {
            since: now,
            call,
            alone,
        };
        match self.entries.get_mut(&request.key) {
            Some(entry) => {
                let before = std::mem::replace(&mut entry.stage, stage);
                entry.request = Some(request);
                self.uncount(&before);
            }
            None => {
                let key = request.key;
                let entry = Entry {
                    request: Some(request),
                    bytes: 0,
                    stage,
                    pieces: None,
                };
                self.entries.insert(key, entry);
            }
        }
        self.queued += 1;
    }

    /// Returns whether calls are queued.
    pub(super) fn has_queued(&self) -> bool {
        self.queued > 0
    }

    /// Takes the first call of the queue for an instance of its own, or for one that calls share.
    /// Returns `None` if there is none, or if too many results are in preparation.
    pub(super) fn take(&mut self, now: Instant, is_shared: bool) -> Option<Job> {
        if self.returning >= MOST_RETURNING {
            return None;
        }
        loop {
            let key = self.queue.pop_front()?;
            let Some(entry) = self.entries.get_mut(&key) else {
                continue;
            };
            let (Stage::Queued { .. }, Some(request)) = (&entry.stage, entry.request.clone())
            else {
                continue;
            };
            let Stage::Queued { call, alone, .. } =
                std::mem::replace(&mut entry.stage, Stage::Apart)
            else {
                continue;
            };
            self.queued -= 1;
            let job = Job {
                request,
                call,
                alone,
            };
            if is_shared {
                entry.stage = Stage::Accepted(Accepted {
                    since: now,
                    start: CallStart::default(),
                    subject: job.call.subject(),
                    // A call that may delay this one is known to continue.
                    again: (self.overdue > 0).then(|| job.clone()),
                    overdue: None,
                });
            }
            return Some(job);
        }
    }

    /// Sets the value that tells whether an accepted call has started.
    pub(super) fn starting(&mut self, key: RequestKey, start: CallStart) {
        if let Some(accepted) = self.accepted_mut(key) {
            accepted.start = start;
        }
    }

    /// Records that a call has returned and that its result is being prepared. It is no longer lost
    /// with an instance. Does nothing if the request has been given up.
    pub(super) fn returning(&mut self, key: RequestKey, bytes: usize) {
        if let Some(entry) = self.entries.get_mut(&key) {
            let before = std::mem::replace(&mut entry.stage, Stage::Returning { bytes });
            self.uncount(&before);
            self.returning += 1;
            self.returning_bytes += bytes;
        }
    }

    /// Returns the bytes of all results in preparation.
    pub(super) fn returning_bytes(&self) -> usize {
        self.returning_bytes
    }

    /// Returns the request as the guest sees it.
    pub(super) fn request(&self, key: RequestKey) -> Option<&Arc<Request>> {
        self.entries.get(&key)?.request.as_ref()
    }

    /// Returns whether the request has an entry: it has not ended.
    pub(super) fn contains(&self, key: RequestKey) -> bool {
        self.entries.contains_key(&key)
    }

    /// Ends a request, and notifies a guest that waits for its end.
    pub(super) fn finish(&mut self, key: RequestKey) {
        if let Some(Entry {
            request: Some(request),
            ..
        }) = self.remove(key)
        {
            request.end.end();
        }
    }

    /// Ends all requests.
    pub(super) fn clear(&mut self) {
        for key in self.keys() {
            self.finish(key);
        }
    }

    /// Returns the keys of all requests.
    pub(super) fn keys(&self) -> Vec<RequestKey> {
        self.entries.keys().copied().collect()
    }

    /// Returns the keys of the queued calls, in their order.
    pub(super) fn queued_keys(&self) -> Vec<RequestKey> {
        let is_queued = |key: &&RequestKey| self.queued_since(**key).is_some();
        self.queue.iter().filter(is_queued).copied().collect()
    }

    /// Records that a request was cancelled or has timed out. Returns whether the instance continues
    /// its call, which it may do until `deadline` if others wait.
    pub(super) fn cancel(
        &mut self,
        key: RequestKey,
        reason: Option<String>,
        deadline: Instant,
    ) -> bool {
        if let Some(request) = self.request(key) {
            request.end.cancel(reason);
        }
        let Some(accepted) = self.accepted_mut(key) else {
            return false;
        };
        let is_new = accepted.overdue.replace(deadline).is_none();
        self.overdue += usize::from(is_new);
        true
    }

    /// Returns whether the instance continues a call whose request has ended.
    pub(super) fn has_overdue(&self) -> bool {
        self.overdue > 0
    }

    /// Stores the pieces of a response that is to be streamed.
    pub(super) fn set_pieces(&mut self, key: RequestKey, pieces: mpsc::Receiver<Piece>) {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.pieces = Some(pieces);
        }
    }

    /// Takes the pieces of a response that begins.
    pub(super) fn take_pieces(&mut self, key: RequestKey) -> Option<mpsc::Receiver<Piece>> {
        self.entries.get_mut(&key)?.pieces.take()
    }

    /// Removes and returns the calls that are lost with the session's instance. The requests are
    /// yet to be finished.
    pub(super) fn lose(&mut self) -> Lost {
        self.overdue = 0;
        let mut calls = Vec::new();
        for (key, entry) in &mut self.entries {
            if matches!(entry.stage, Stage::Accepted(_))
                && let Stage::Accepted(accepted) = std::mem::replace(&mut entry.stage, Stage::Apart)
            {
                calls.push((*key, accepted.subject));
            }
        }
        calls.sort_by_key(|(key, _)| *key);
        Lost(calls)
    }

    /// Returns the time at which the instance must be replaced unless something changes. This is
    /// the case if a call in it has exceeded its time while others wait for their turn, in the
    /// queue or in the instance.
    pub(super) fn replacement(&mut self, now: Instant, grace: Duration) -> Option<Instant> {
        if self.overdue == 0 {
            return None;
        }
        let mut earliest_overdue: Option<Instant> = None;
        let mut earliest_waiting: Option<Instant> = None;
        let earlier = |earliest: Option<Instant>, time: Instant| {
            Some(earliest.map_or(time, |earliest| earliest.min(time)))
        };
        for entry in self.entries.values_mut() {
            match &mut entry.stage {
                Stage::Queued { since, .. } => {
                    earliest_waiting = earlier(earliest_waiting, *since);
                }
                Stage::Accepted(accepted) => {
                    let has_started = accepted.start.has_started();
                    if let Some(deadline) = &mut accepted.overdue {
                        // A call that has not begun does not delay others: its time counts from its
                        // start.
                        if !has_started {
                            *deadline = now + grace;
                        }
                        earliest_overdue = earlier(earliest_overdue, *deadline);
                    } else if !has_started {
                        earliest_waiting = earlier(earliest_waiting, accepted.since);
                    }
                }
                Stage::Checking | Stage::Apart | Stage::Returning { .. } => {}
            }
        }
        Some((earliest_waiting? + TURN.min(grace)).max(earliest_overdue?))
    }

    /// Queues the accepted calls that have not begun again, for the next instance.
    pub(super) fn requeue_held_up(&mut self, now: Instant) {
        let mut held_up: Vec<_> = self
            .entries
            .values_mut()
            .filter_map(|entry| match &mut entry.stage {
                Stage::Accepted(accepted) if !accepted.start.has_started() => {
                    Some((accepted.since, accepted.again.take()?))
                }
                _ => None,
            })
            .collect();
        held_up.sort_by_key(|(since, job)| (*since, job.request.key));
        self.queue_first(now, held_up.into_iter().map(|(_, job)| job));
    }

    fn queued_since(&self, key: RequestKey) -> Option<Instant> {
        match self.entries.get(&key)?.stage {
            Stage::Queued { since, .. } => Some(since),
            _ => None,
        }
    }

    fn accepted_mut(&mut self, key: RequestKey) -> Option<&mut Accepted> {
        match &mut self.entries.get_mut(&key)?.stage {
            Stage::Accepted(accepted) => Some(accepted),
            _ => None,
        }
    }

    fn remove(&mut self, key: RequestKey) -> Option<Entry> {
        let entry = self.entries.remove(&key)?;
        self.bytes -= entry.bytes;
        self.uncount(&entry.stage);
        Some(entry)
    }

    /// Subtracts a stage that an entry has left from the counts.
    fn uncount(&mut self, stage: &Stage) {
        match stage {
            Stage::Queued { .. } => self.queued -= 1,
            Stage::Returning { bytes } => {
                self.returning -= 1;
                self.returning_bytes -= bytes;
            }
            Stage::Accepted(accepted) => {
                self.overdue -= usize::from(accepted.overdue.is_some());
            }
            Stage::Checking | Stage::Apart => {}
        }
    }
}

/// The calls that are lost with an instance, the oldest first. Displays the first few of them.
#[derive(Debug)]
pub(super) struct Lost(Vec<(RequestKey, Subject)>);

impl Lost {
    /// Returns each call with its description: its subject, and the number of others.
    pub(super) fn described(&self) -> impl Iterator<Item = (RequestKey, String)> {
        let others = self.0.len().saturating_sub(1);
        self.0.iter().map(move |(key, subject)| {
            let text = match others {
                0 => subject.to_string(),
                1 => format!("{subject} and another call"),
                others => format!("{subject} and {others} other calls"),
            };
            (*key, text)
        })
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        for (index, (_, subject)) in self.0.iter().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{subject}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::component::Resource;

    use super::*;
    use crate::component::context::{RequestContext, RequestEnd};

    const GRACE: Duration = Duration::from_secs(10);

    fn job(number: u64) -> Job {
        let request = Request {
            key: RequestKey::from_number(number),
            id: None,
            meta: None,
            progress_token: None,
            check: Default::default(),
            principal: None,
            end: RequestEnd::default(),
        };
        Job {
            request: Arc::new(request),
            call: Call::Subscribe(format!("x:{number}")),
            alone: false,
        }
    }

    fn key(number: u64) -> RequestKey {
        RequestKey::from_number(number)
    }

    fn keys(jobs: &[Job]) -> Vec<RequestKey> {
        jobs.iter().map(|job| job.request.key).collect()
    }

    /// Returns the start of a call that has not begun while the context is kept.
    fn not_started() -> (Arc<Resource<RequestContext>>, CallStart) {
        let context = Arc::new(Resource::new_own(1));
        let start = CallStart::of(&context);
        (context, start)
    }

    fn take_all(calls: &mut Calls, now: Instant) -> Vec<Job> {
        std::iter::from_fn(|| calls.take(now, true)).collect()
    }

    #[test]
    fn calls_are_taken_in_their_order_and_repeated_ones_first() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        calls.arrive(key(1), 10);
        assert!(!calls.has_queued(), "its parameters are being checked");
        calls.queue(now, job(2));
        calls.queue(now, job(1));
        calls.queue_first(now, [job(3), job(4)]);
        assert_eq!(calls.queued_keys(), [key(3), key(4), key(2), key(1)]);
        let taken = take_all(&mut calls, now);
        assert_eq!(keys(&taken), [key(3), key(4), key(2), key(1)]);
        assert!(!calls.has_queued());
    }

    #[test]
    fn calls_that_were_given_up_are_not_taken() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        calls.queue(now, job(1));
        calls.queue(now, job(2));
        calls.finish(key(1));
        assert!(calls.request(key(1)).is_none());
        assert_eq!(keys(&take_all(&mut calls, now)), [key(2)]);
        calls.queue(now, job(3));
        calls.clear();
        assert!(!calls.has_queued() && calls.keys().is_empty());
        assert!(calls.take(now, true).is_none());
    }

    #[test]
    fn waiting_guests_hear_of_the_end_and_of_the_cancellation() {
        use futures::FutureExt as _;
        let (mut calls, now) = (Calls::default(), Instant::now());
        let (first, second) = (job(1), job(2));
        calls.queue(now, first.clone());
        calls.queue(now, second.clone());
        assert!(
            !calls.cancel(key(1), Some("enough".to_owned()), now),
            "it has not begun"
        );
        calls.finish(key(1));
        calls.finish(key(2));
        let told = |job: &Job| job.request.end.cancelled().now_or_never();
        let reason = told(&first).flatten().and_then(|it| it.reason);
        assert_eq!(reason.as_deref(), Some("enough"));
        assert_eq!(told(&second), Some(None));
    }

    #[test]
    fn results_in_preparation_hold_back_further_calls() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        for number in 0..=MOST_RETURNING as u64 {
            calls.queue(now, job(number));
        }
        for number in 0..MOST_RETURNING as u64 {
            calls.take(now, true).expect("a call");
            calls.returning(key(number), 10);
        }
        assert!(calls.has_queued() && calls.take(now, true).is_none());
        assert_eq!(calls.lose().described().count(), 0, "they have returned");
        calls.finish(key(0));
        let last = calls.take(now, true).expect("there is room again");
        assert_eq!(last.request.key, key(MOST_RETURNING as u64));
        assert_eq!(calls.returning_bytes(), 30);
        calls.returning(key(99), 10);
        assert!(
            calls.request(key(99)).is_none(),
            "an unknown call is ignored"
        );
    }

    #[test]
    fn only_accepted_calls_are_lost_with_the_instance() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        for number in 1..=4 {
            calls.queue(now, job(number));
        }
        calls.take(now, true);
        calls.take(now, true);
        calls.take(now, false);
        let lost = calls.lose();
        let described: Vec<_> = lost.described().collect();
        let first = "the subscription to \"x:1\" and another call".to_owned();
        assert_eq!(described[0], (key(1), first));
        assert_eq!(described.len(), 2);
        assert!(lost.to_string().ends_with("\"x:2\""), "{lost}");
        assert_eq!(calls.queued_keys(), [key(4)]);
    }

    #[test]
    fn an_instance_is_replaced_when_an_overdue_call_holds_up_others() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        calls.queue(now, job(1));
        calls.take(now, true);
        assert_eq!(calls.replacement(now, GRACE), None);
        assert!(calls.cancel(key(1), None, now + GRACE));
        assert_eq!(calls.replacement(now, GRACE), None, "nothing waits");
        let later = now + Duration::from_secs(2);
        calls.queue(later, job(2));
        assert_eq!(calls.replacement(later, GRACE), Some(now + GRACE));
        let late = now + 2 * GRACE;
        let (_context, start) = not_started();
        calls.take(late, true);
        calls.starting(key(2), start);
        assert_eq!(calls.replacement(late, GRACE), Some(late + TURN));
        // The end of the overdue call removes the deadline.
        calls.finish(key(1));
        assert!(!calls.has_overdue());
        assert_eq!(calls.replacement(late, GRACE), None);
    }

    #[test]
    fn the_time_of_a_cancelled_call_counts_from_its_start() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        let (context, start) = not_started();
        calls.queue(now, job(1));
        calls.take(now, true);
        calls.starting(key(1), start);
        calls.cancel(key(1), None, now + GRACE);
        calls.queue(now, job(2));
        let later = now + 3 * GRACE;
        assert_eq!(calls.replacement(later, GRACE), Some(later + GRACE));
        drop(context);
        assert_eq!(calls.replacement(later + GRACE, GRACE), Some(later + GRACE));
    }

    #[test]
    fn calls_that_were_held_up_go_to_the_next_instance() {
        let (mut calls, now) = (Calls::default(), Instant::now());
        let (_context, start) = not_started();
        calls.queue(now, job(1));
        calls.take(now, true);
        calls.cancel(key(1), None, now);
        calls.queue(now, job(2));
        calls.queue(now, job(3));
        calls.take(now, true);
        calls.starting(key(2), start);
        calls.requeue_held_up(now);
        assert_eq!(calls.queued_keys(), [key(2), key(3)]);
        let lost: Vec<_> = calls.lose().described().map(|(key, _)| key).collect();
        assert_eq!(lost, [key(1)], "it had begun");
        assert_eq!(keys(&take_all(&mut calls, now)), [key(2), key(3)]);
    }
}
