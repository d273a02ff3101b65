//! Who runs a session's supervisor: a task of its own, and whoever brings work.
//!
//! A switch from the task of a connection to the one of an instance and back
//! costs more than many a call of a guest. So who brings a message attends to
//! the supervisor first, gives it the message, and polls it at once; the task
//! goes on with what is not done then. One of them at a time polls, and every
//! wake-up reaches the one that does, or else the task.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::task::{ArcWake, AtomicWaker, waker_ref};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How often in a row an attendant polls a supervisor that goes on waking
/// itself.
const POLLS: usize = 4;
/// For how long it does: who computes longer is left to the task, so that a
/// message costs its bringer no more than what the engine lets a guest have at a
/// time.
const PATIENCE: Duration = Duration::from_millis(1);

/// A supervisor, to be polled by its task and by attendants.
pub(super) struct Driven {
    supervisor: Mutex<Option<BoxFuture<'static, ()>>>,
    /// Wakes the task.
    task: AtomicWaker,
    /// Somebody polls, or is about to, and will see to `woken`.
    attended: AtomicBool,
    /// The supervisor is to be polled.
    woken: AtomicBool,
    /// Where the task runs: the timers and sockets of what is polled belong there,
    /// whoever polls.
    home: Handle,
}

impl Driven {
    /// Spawns the task that runs a supervisor to its end. The end of the task,
    /// whatever the cause, is that of the supervisor.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub(super) fn spawn(
        supervisor: impl Future<Output = ()> + Send + 'static,
    ) -> (Arc<Self>, JoinHandle<()>) {
        let driven = Self::new(supervisor);
        let task = tokio::spawn(Task(Arc::clone(&driven)));
        (driven, task)
    }

    fn new(supervisor: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        Arc::new(Self {
            supervisor: Mutex::new(Some(Box::pin(supervisor))),
            task: AtomicWaker::new(),
            attended: AtomicBool::new(false),
            woken: AtomicBool::new(true),
            home: Handle::current(),
        })
    }

    /// Does something that gives the supervisor work, and lets it do that work
    /// before this returns, as far as nothing has to be waited for.
    pub(super) fn attend<R>(self: &Arc<Self>, act: impl FnOnce() -> R) -> R {
        let Some(attendance) = Attendance::begin(self) else {
            // Whoever polls now sees what comes.
            return act();
        };
        let result = act();
        let mut attendance = attendance;
        if self.woken.load(Ordering::SeqCst) {
            let _home = self.home.enter();
            let began = Instant::now();
            for _ in 0..POLLS {
                let is_over = attendance.poll().is_ready();
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

impl ArcWake for Driven {
    fn wake_by_ref(driven: &Arc<Self>) {
        driven.woken.store(true, Ordering::SeqCst);
        if !driven.attended.load(Ordering::SeqCst) {
            driven.task.wake();
        }
    }
}

/// The right to poll. Where the supervisor is still to be polled when it ends,
/// its task is woken.
struct Attendance<'a> {
    driven: &'a Arc<Driven>,
    supervisor: Option<MutexGuard<'a, Option<BoxFuture<'static, ()>>>>,
    /// The supervisor, once it is through: dropped outside the lock, as the end
    /// of an instance may take its time.
    ended: Option<BoxFuture<'static, ()>>,
}

impl<'a> Attendance<'a> {
    /// `None`: somebody else polls, and sees to whatever wakes the supervisor
    /// meanwhile.
    fn begin(driven: &'a Arc<Driven>) -> Option<Self> {
        let supervisor = match driven.supervisor.try_lock() {
            Ok(supervisor) => supervisor,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        driven.attended.store(true, Ordering::SeqCst);
        Some(Self {
            driven,
            supervisor: Some(supervisor),
            ended: None,
        })
    }

    /// Polls once. Ready: the supervisor has ended.
    fn poll(&mut self) -> Poll<()> {
        self.driven.woken.store(false, Ordering::SeqCst);
        let Some(slot) = self.supervisor.as_deref_mut() else {
            return Poll::Pending;
        };
        let polled = match slot {
            Some(supervisor) => {
                let waker = waker_ref(self.driven);
                supervisor.as_mut().poll(&mut Context::from_waker(&waker))
            }
            None => Poll::Ready(()),
        };
        if polled.is_ready() {
            if let Some(ended) = slot.take() {
                self.ended = Some(ended);
            }
            // The task may have come while this attendance had the right, and
            // whoever saw the end before may have woken it for just that: it is
            // woken again when this attendance ends, and ends too.
            self.driven.woken.store(true, Ordering::SeqCst);
        }
        polled
    }

    /// Gives the right back; whether somebody has to poll again.
    fn leave(&mut self) -> bool {
        self.driven.attended.store(false, Ordering::SeqCst);
        self.supervisor = None;
        self.driven.woken.load(Ordering::SeqCst)
    }
}

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        // Where the right was still held: the task could not poll before.
        if self.supervisor.is_some() && self.leave() {
            self.driven.task.wake();
        }
        // What ended is dropped now.
    }
}

/// Polls the supervisor whenever nobody else does.
struct Task(Arc<Driven>);

impl Future for Task {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.task.register(context.waker());
        let Some(mut attendance) = Attendance::begin(&self.0) else {
            return Poll::Pending;
        };
        let polled = attendance.poll();
        if attendance.leave() && polled.is_pending() {
            // A guest that computes wakes itself each time: others, and what
            // comes from outside, have their turn first.
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

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl ArcWake for Woken {
        fn wake_by_ref(woken: &Arc<Self>) {
            woken.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// A supervisor that counts what it was notified of.
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
        let (driven, task) = Driven::spawn(run);
        tokio::task::yield_now().await;
        for expected in 1..=10 {
            driven.attend(|| notify.notify_one());
            assert_eq!(count.load(Ordering::SeqCst), expected);
        }
        task.abort();
    }

    #[tokio::test]
    async fn who_computes_long_is_left_to_the_task() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        let driven = Driven::new(std::future::poll_fn(move |context| {
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(2 * PATIENCE);
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        driven.attend(|| ());
        assert_eq!(polls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn who_wakes_itself_lets_others_have_their_turn() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        let (_driven, task) = Driven::spawn(std::future::poll_fn(move |context| {
            counted.fetch_add(1, Ordering::SeqCst);
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        }));
        // This is not a task of the runtime's queue, and comes last there.
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
        let (driven, task) = Driven::spawn(async move {
            seen.notified().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            done.notify_one();
        });
        tokio::task::yield_now().await;
        driven.attend(|| notify.notify_one());
        finished.notified().await;
        task.await.expect("the task ends with the supervisor");
    }

    #[tokio::test]
    async fn an_attendant_that_sees_the_end_ends_the_task() {
        let notify = Arc::new(Notify::new());
        let seen = Arc::clone(&notify);
        let (driven, task) = Driven::spawn(async move { seen.notified().await });
        tokio::task::yield_now().await;
        driven.attend(|| notify.notify_one());
        task.await.unwrap();
        driven.attend(|| ());
    }

    /// Each who attends after the end takes the task's turn, and has to give it
    /// another.
    #[tokio::test]
    async fn the_task_hears_of_an_end_that_was_seen_before_its_turn() {
        let driven = Driven::new(std::future::ready(()));
        let mut task = Task(Arc::clone(&driven));
        let woken = Arc::new(Woken::default());
        let waker = futures::task::waker(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        for times in 1..=3 {
            driven.attend(|| assert!(Pin::new(&mut task).poll(&mut context).is_pending()));
            assert_eq!(woken.0.load(Ordering::SeqCst), times);
        }
        assert!(Pin::new(&mut task).poll(&mut context).is_ready());
    }

    #[tokio::test]
    async fn a_dropped_task_takes_the_supervisor_with_it() {
        let kept = Arc::new(());
        let held = Arc::clone(&kept);
        let (_driven, task) = Driven::spawn(async move {
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
            let (driven, task) = Driven::spawn(async move { seen.notified().await });
            let other = tokio::spawn({
                let (driven, notify) = (Arc::clone(&driven), Arc::clone(&notify));
                async move { driven.attend(|| notify.notify_one()) }
            });
            driven.attend(|| notify.notify_one());
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
        let (driven, task) = Driven::spawn(async move {
            loop {
                seen.notified().await;
                taken.store(offered.load(Ordering::SeqCst), Ordering::SeqCst);
            }
        });
        let bringers = (0..4).map(|_| {
            let (driven, notify, sent) =
                (Arc::clone(&driven), Arc::clone(&notify), Arc::clone(&sent));
            tokio::spawn(async move {
                for _ in 0..2_000 {
                    driven.attend(|| {
                        sent.fetch_add(1, Ordering::SeqCst);
                        notify.notify_one();
                    });
                    tokio::task::yield_now().await;
                }
            })
        });
        futures::future::join_all(bringers).await;
        // The last one is seen, whoever saw it.
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
