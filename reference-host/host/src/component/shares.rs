//! Resources that all instances of an engine share, so that none takes more than its part.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::descriptor_permits::Permits;
use super::failure::Spinning;
use super::watchdog::ComputingTime;
use crate::work_pool::WorkPool;

/// The longest time for which the host works for one guest before others get a turn.
const SLICE: Duration = Duration::from_millis(10);

/// The longest time for which the work is done on the calling thread: another thread would take
/// longer to begin.
const AT_ONCE: Duration = Duration::from_millis(1);

/// The largest item, in bytes of text, that is processed on the calling thread.
const SMALL: usize = 4 << 10;

/// The most folders that all instances may be reading: half of the threads that tokio has for
/// blocking work.
const FOLDERS: usize = 256;

/// Descriptors, and threads for work that grows with the data of a guest. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    pub(super) descriptors: Permits,
    /// Permits to read a folder in WASI 0.3, which takes a thread until it was read. All instances
    /// together leave half of the threads for blocking work to other work.
    pub(super) folders: Arc<Semaphore>,
    /// Threads for slices of work, for half of the processors. They are neither tokio's, which
    /// guests can fill with operations on files, nor those for large messages, which clients can
    /// fill: neither must keep an instance from starting.
    slices: WorkPool,
}

impl Shares {
    pub(super) fn of_process() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            descriptors: Permits::of_process(),
            folders: Arc::new(Semaphore::new(FOLDERS)),
            slices: WorkPool::new((processors / 2).max(1)),
        }
    }
}

/// The time limit of work, and the session that is charged for it.
#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub(super) time: ComputingTime,
    /// The longest time for one call.
    pub(super) most: Duration,
}

impl Shares {
    /// Passes items to `each` one by one: small ones on the calling thread for a moment, and all
    /// others in slices on other threads. `size` returns the bytes of text in an item. The time is
    /// charged. Returns the results of `each`, or its first error.
    ///
    /// # Errors
    ///
    /// A trap if it exceeds the time limit.
    pub(super) async fn work_off<T, C, E>(
        &self,
        charge: &Charge,
        items: Vec<T>,
        size: impl Fn(&T) -> usize,
        mut collected: C,
        each: fn(&mut C, T) -> Result<(), E>,
    ) -> wasmtime::Result<Result<C, E>>
    where
        T: Send + 'static,
        C: Send + 'static,
        E: Send + 'static,
    {
        let small = items.iter().take_while(|item| size(item) <= SMALL).count();
        let mut items = items.into_iter();
        let began = Instant::now();
        for item in items.by_ref().take(small) {
            if let Err(error) = each(&mut collected, item) {
                return Ok(Err(error));
            }
            if began.elapsed() >= AT_ONCE {
                break;
            }
        }
        charge.time.spend(began.elapsed());
        if items.len() == 0 {
            return Ok(Ok(collected));
        }
        let mut taken = Duration::ZERO;
        loop {
            let slice = self.slices.run(move || {
                let began = Instant::now();
                let done = loop {
                    let Some(item) = items.next() else {
                        break Ok(true);
                    };
                    if let Err(error) = each(&mut collected, item) {
                        break Err(error);
                    }
                    if began.elapsed() >= SLICE {
                        break Ok(false);
                    }
                };
                (items, collected, done, began.elapsed())
            });
            let done;
            let slice_time;
            (items, collected, done, slice_time) = slice
                .await
                .ok_or_else(|| wasmtime::format_err!("the host failed"))?;
            charge.time.spend(slice_time);
            taken += slice_time;
            match done {
                Ok(true) => return Ok(Ok(collected)),
                Err(error) => return Ok(Err(error)),
                Ok(false) => {}
            }
            charge.time.check()?;
            if taken > charge.most {
                return Err(Spinning(charge.most).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(most: Duration) -> Charge {
        Charge {
            time: ComputingTime::new(Some(Duration::from_secs(1000))),
            most,
        }
    }

    fn sleep_and_keep(kept: &mut Vec<u64>, milliseconds: u64) -> Result<(), u64> {
        std::thread::sleep(Duration::from_millis(milliseconds));
        kept.push(milliseconds);
        if milliseconds == 99 {
            return Err(99);
        }
        Ok(())
    }

    #[tokio::test]
    async fn work_is_done_in_order_and_charged() {
        let shares = Shares::of_process();
        let charge = charge(Duration::from_secs(100));
        for bytes in [0, SMALL + 1] {
            let items = vec![0, 3, 4, 12, 1];
            let kept = shares
                .work_off(
                    &charge,
                    items.clone(),
                    |_| bytes,
                    Vec::new(),
                    sleep_and_keep,
                )
                .await;
            assert_eq!(kept.unwrap(), Ok(items));
        }
        assert!(charge.time.spent() >= Duration::from_millis(40));
    }

    #[tokio::test]
    async fn other_work_goes_on_beside_it_and_an_error_ends_it() {
        let shares = Shares::of_process();
        let charge = charge(Duration::from_secs(100));
        let items = vec![20, 20, 99, 20];
        let work = shares.work_off(&charge, items, |_| SMALL + 1, Vec::new(), sleep_and_keep);
        tokio::pin!(work);
        let mut turns = 0;
        let done = loop {
            tokio::select! {
                biased;
                done = &mut work => break done,
                () = tokio::time::sleep(Duration::from_millis(1)) => turns += 1,
            }
        };
        assert_eq!(done.unwrap(), Err(99));
        assert!(turns > 3, "{turns}");
    }

    /// Tokio's only thread for blocking work is taken, as guests can take all of them with
    /// operations on files that never end.
    #[test]
    fn work_goes_on_while_guests_take_all_threads_for_blocking_work() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let (release, released) = std::sync::mpsc::channel::<()>();
        let blocked = runtime.spawn_blocking(move || released.recv());
        let shares = Shares::of_process();
        let charge = charge(Duration::from_secs(100));
        let work = shares.work_off(
            &charge,
            vec![1, 2],
            |_| SMALL + 1,
            Vec::new(),
            sleep_and_keep,
        );
        let done =
            runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), work).await });
        drop(release);
        assert_eq!(done.expect("done in time").unwrap(), Ok(vec![1, 2]));
        assert!(runtime.block_on(blocked).expect("no panic").is_err());
    }

    #[tokio::test]
    async fn too_much_work_traps() {
        let shares = Shares::of_process();
        let charge = charge(Duration::from_millis(15));
        let items = vec![10; 100];
        let work = shares.work_off(&charge, items, |_| SMALL + 1, Vec::new(), sleep_and_keep);
        assert!(work.await.unwrap_err().is::<Spinning>());
    }
}
