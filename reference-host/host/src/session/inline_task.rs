//! Execution of a session's supervisor: by a task of its own, and inline by callers that bring
//! work.
//!
//! Switching from the task of a connection to the task of an instance and back costs more than many
//! guest calls. A caller with a message therefore acquires the supervisor, hands it the message,
//! and polls it at once; the task continues with any work left. Only one of them polls at a time.
//! Every wake-up reaches the one that polls, or else the task.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::task::{ArcWake, AtomicWaker, waker_ref};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// The most times in a row that an inline caller polls a supervisor that keeps waking itself.
const POLLS: usize = 4;
/// The longest time for which an inline caller keeps polling. Longer computations are left to the task,
/// so that a message delays its caller no longer than the engine lets a guest compute at a time.
const PATIENCE: Duration = Duration::from_millis(1);

/// A supervisor that its task and inline callers poll.
pub(super) struct InlineTask {
    supervisor: Mutex<Option<BoxFuture<'static, ()>>>,
    /// Wakes the task.
    task: AtomicWaker,
    /// Set while a guard is held, or about to be; its holder handles `woken`.
    is_guarded: AtomicBool,
    /// Set if the supervisor needs to be polled.
    woken: AtomicBool,
    /// The runtime of the task. The supervisor's timers and sockets belong to it, regardless of the
    /// thread that polls.
    home: Handle,
}

impl InlineTask {
    /// Spawns the task that runs a supervisor to its end. The end of the task, for any reason, ends
    /// the supervisor.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub(super) fn spawn(
        supervisor: impl Future<Output = ()> + Send + 'static,
    ) -> (Arc<Self>, JoinHandle<()>) {
        let inline = Self::new(supervisor);
        let task = tokio::spawn(Task(Arc::clone(&inline)));
        (inline, task)
    }

    fn new(supervisor: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        Arc::new(Self {
            supervisor: Mutex::new(Some(Box::pin(supervisor))),
            task: AtomicWaker::new(),
            is_guarded: AtomicBool::new(false),
            woken: AtomicBool::new(true),
            home: Handle::current(),
        })
    }

    /// Calls `act`, which gives the supervisor work, and runs the supervisor inline before
    /// returning, until it has to wait.
    pub(super) fn run_inline<R>(self: &Arc<Self>, act: impl FnOnce() -> R) -> R {
        let Some(mut guard) = PollGuard::begin(self) else {
            // The current holder sees the new work.
            return act();
        };
        let result = act();
        if self.woken.load(Ordering::SeqCst) {
            let _home = self.home.enter();
            let began = Instant::now();
            for _ in 0..POLLS {
                let is_over = guard.poll().is_ready();
                let goes_on = self.woken.load(Ordering::SeqCst) && began.elapsed() < PATIENCE;
                if is_over || !goes_on {
                    break;
                }
            }
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Option<BoxFuture<'static, ()>>> {
        self.supervisor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl ArcWake for InlineTask {
    fn wake_by_ref(inline: &Arc<Self>) {
        inline.woken.store(true, Ordering::SeqCst);
        if !inline.is_guarded.load(Ordering::SeqCst) {
            inline.task.wake();
        }
    }
}

/// Exclusive permission to poll. When it is released while the supervisor needs to be polled, the
/// task is woken.
struct PollGuard<'a> {
    inline: &'a Arc<InlineTask>,
    supervisor: Option<MutexGuard<'a, Option<BoxFuture<'static, ()>>>>,
    /// The completed supervisor. It is dropped outside the lock, because dropping an instance may
    /// take a while.
    ended: Option<BoxFuture<'static, ()>>,
}

impl<'a> PollGuard<'a> {
    /// Acquires the permission. Returns `None` if another holder has it, which then handles any
    /// wake-up of the supervisor.
    fn begin(inline: &'a Arc<InlineTask>) -> Option<Self> {
        let supervisor = match inline.supervisor.try_lock() {
            Ok(supervisor) => supervisor,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        inline.is_guarded.store(true, Ordering::SeqCst);
        Some(Self {
            inline,
            supervisor: Some(supervisor),
            ended: None,
        })
    }

    /// Polls once. Returns `Ready` if the supervisor has ended.
    fn poll(&mut self) -> Poll<()> {
        self.inline.woken.store(false, Ordering::SeqCst);
        let Some(slot) = self.supervisor.as_deref_mut() else {
            return Poll::Pending;
        };
        let polled = match slot {
            Some(supervisor) => {
                let waker = waker_ref(self.inline);
                supervisor.as_mut().poll(&mut Context::from_waker(&waker))
            }
            None => Poll::Ready(()),
        };
        if polled.is_ready() {
            if let Some(ended) = slot.take() {
                self.ended = Some(ended);
            }
            // The task may have been polled while this guard was held, perhaps woken by an
            // earlier guard that saw the end. Wake it once more when this guard ends, so
            // that it ends too.
            self.inline.woken.store(true, Ordering::SeqCst);
        }
        polled
    }

    /// Releases the permission, and returns whether another poll is needed.
    fn leave(&mut self) -> bool {
        self.inline.is_guarded.store(false, Ordering::SeqCst);
        self.supervisor = None;
        self.inline.woken.load(Ordering::SeqCst)
    }
}

impl Drop for PollGuard<'_> {
    fn drop(&mut self) {
        // If the permission was still held, the task could not poll before.
        if self.supervisor.is_some() && self.leave() {
            self.inline.task.wake();
        }
        // `ended` is dropped here.
    }
}

/// Polls the supervisor whenever no inline caller does.
struct Task(Arc<InlineTask>);

impl Future for Task {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.task.register(context.waker());
        let Some(mut guard) = PollGuard::begin(&self.0) else {
            return Poll::Pending;
        };
        let polled = guard.poll();
        if guard.leave() && polled.is_pending() {
            // A guest that computes wakes itself each time. Let other tasks and external events
            // run first.
            let again = pin!(tokio::task::yield_now());
            if again.poll(context).is_ready() {
                context.waker().wake_by_ref();
            }
        }
        polled
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // Dropped outside the lock, as above.
        let supervisor = self.0.lock().take();
        drop(supervisor);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Notify;

    use super::*;

    /// Counts its wake-ups.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl ArcWake for Woken {
        fn wake_by_ref(woken: &Arc<Self>) {
            woken.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Returns a supervisor that counts its notifications.
    fn counter() -> (Arc<Notify>, Arc<AtomicUsize>, impl Future<Output = ()>) {
        let (notify, count) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let (seen, counted) = (Arc::clone(&notify), Arc::clone(&count));
        let run = async move {
            loop {
                seen.notified().await;
                counted.fetch_add(1, Ordering::SeqCst);
            }
        };
        (notify, count, run)
    }

    #[tokio::test]
    async fn work_is_done_before_its_bringer_goes_on() {
        let (notify, count, run) = counter();
        let (inline, task) = InlineTask::spawn(run);
        tokio::task::yield_now().await;
        for expected in 1..=10 {
            inline.run_inline(|| notify.notify_one());
            assert_eq!(count.load(Ordering::SeqCst), expected);
        }
        task.abort();
    }

    #[tokio::test]
    async fn long_computing_is_left_to_the_task() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        let inline = InlineTask::new(std::future::poll_fn(move |context| {
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(2 * PATIENCE);
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        inline.run_inline(|| ());
        assert_eq!(polls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn who_wakes_itself_lets_others_have_their_turn() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        let (_driven, task) = InlineTask::spawn(std::future::poll_fn(move |context| {
            counted.fetch_add(1, Ordering::SeqCst);
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        // This is not a queued task of the runtime, so it runs last.
        for turn in 1..=20 {
            tokio::task::yield_now().await;
            let polls = polls.load(Ordering::SeqCst);
            assert!(polls <= 2 * turn, "{polls} polls before turn {turn}");
        }
        task.abort();
    }

    #[tokio::test]
    async fn what_is_not_done_at_once_is_left_to_the_task() {
        let (notify, finished) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (seen, done) = (Arc::clone(&notify), Arc::clone(&finished));
        let (inline, task) = InlineTask::spawn(async move {
            seen.notified().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            done.notify_one();
        });
        tokio::task::yield_now().await;
        inline.run_inline(|| notify.notify_one());
        finished.notified().await;
        task.await.expect("the task ends with the supervisor");
    }

    #[tokio::test]
    async fn an_inline_caller_that_sees_the_end_ends_the_task() {
        let notify = Arc::new(Notify::new());
        let seen = Arc::clone(&notify);
        let (inline, task) = InlineTask::spawn(async move { seen.notified().await });
        tokio::task::yield_now().await;
        inline.run_inline(|| notify.notify_one());
        task.await.unwrap();
        inline.run_inline(|| ());
    }

    /// Each inline caller after the end takes the task's turn, and has to wake it again.
    #[tokio::test]
    async fn the_task_hears_of_an_end_that_was_seen_before_its_turn() {
        let inline = InlineTask::new(std::future::ready(()));
        let mut task = Task(Arc::clone(&inline));
        let woken = Arc::new(Woken::default());
        let waker = futures::task::waker(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        for times in 1..=3 {
            inline.run_inline(|| assert!(Pin::new(&mut task).poll(&mut context).is_pending()));
            assert_eq!(woken.0.load(Ordering::SeqCst), times);
        }
        assert!(Pin::new(&mut task).poll(&mut context).is_ready());
    }

    #[tokio::test]
    async fn a_dropped_task_takes_the_supervisor_with_it() {
        let kept = Arc::new(());
        let held = Arc::clone(&kept);
        let (_driven, task) = InlineTask::spawn(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn the_end_is_seen_whoever_polls() {
        for _ in 0..500 {
            let notify = Arc::new(Notify::new());
            let seen = Arc::clone(&notify);
            let (inline, task) = InlineTask::spawn(async move { seen.notified().await });
            let other = tokio::spawn({
                let (inline, notify) = (Arc::clone(&inline), Arc::clone(&notify));
                async move { inline.run_inline(|| notify.notify_one()) }
            });
            inline.run_inline(|| notify.notify_one());
            other.await.unwrap();
            tokio::time::timeout(Duration::from_secs(60), task)
                .await
                .expect("the task did not hear of the end")
                .unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_wake_up_is_lost_among_threads() {
        let (notify, received) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let sent = Arc::new(AtomicUsize::new(0));
        let (seen, taken, offered) = (
            Arc::clone(&notify),
            Arc::clone(&received),
            Arc::clone(&sent),
        );
        let (inline, task) = InlineTask::spawn(async move {
            loop {
                seen.notified().await;
                taken.store(offered.load(Ordering::SeqCst), Ordering::SeqCst);
            }
        });
        let bringers = (0..4).map(|_| {
            let (inline, notify, sent) =
                (Arc::clone(&inline), Arc::clone(&notify), Arc::clone(&sent));
            tokio::spawn(async move {
                for _ in 0..2_000 {
                    inline.run_inline(|| {
                        sent.fetch_add(1, Ordering::SeqCst);
                        notify.notify_one();
                    });
                    tokio::task::yield_now().await;
                }
            })
        });
        futures::future::join_all(bringers).await;
        // The last notification is seen, whichever poll saw it.
        let all_seen = async {
            while received.load(Ordering::SeqCst) != 8_000 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), all_seen)
            .await
            .expect("a wake-up was lost");
        task.abort();
    }
}
