//! Optimised code for a component that is served with baseline code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, anyhow};
use wasi_mcp_host::component::Optimization;
use wasi_mcp_host::session::{Server, ServerHandle};

use super::load::single_threaded;

/// Compiles optimised code, one component at a time, and gives it to new sessions.
#[derive(Clone)]
pub(super) struct Optimizer {
    served: ServerHandle,
    /// Sessions begin while the command runs. Over stdio there is one, which keeps its code.
    has_new_sessions: bool,
    work: Arc<Mutex<Work>>,
}

#[derive(Default)]
struct Work {
    /// The newest one. It replaces one that has not begun.
    next: Option<(Arc<Server>, Optimization)>,
    /// A thread takes what is next.
    is_running: bool,
}

impl Optimizer {
    pub(super) fn new(served: ServerHandle, has_new_sessions: bool) -> Self {
        Self {
            served,
            has_new_sessions,
            work: Arc::default(),
        }
    }

    /// Compiles the code of the server's component on another thread, which ends with the process.
    pub(super) fn begin(&self, server: Arc<Server>, optimization: Optimization) {
        if !self.has_new_sessions && !optimization.has_cache() {
            return;
        }
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        work.next = Some((server, optimization));
        if work.is_running {
            return;
        }
        let this = self.clone();
        let thread = std::thread::Builder::new().name("optimizing".to_owned());
        match thread.spawn(move || this.work()) {
            Ok(_) => work.is_running = true,
            Err(error) => {
                work.next = None;
                tracing::warn!(%error, "the component keeps its baseline code, which is slower");
            }
        }
    }

    fn work(&self) {
        while let Some((server, optimization)) = self.next() {
            let optimize = AssertUnwindSafe(|| self.optimize(&server, &optimization));
            let done = catch_unwind(optimize).unwrap_or_else(|_| Err(anyhow!("a panic")));
            if let Err(error) = done {
                tracing::warn!("the component keeps its baseline code, which is slower: {error:#}");
            }
        }
    }

    fn next(&self) -> Option<(Arc<Server>, Optimization)> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let next = work.next.take();
        work.is_running = next.is_some();
        next
    }

    fn optimize(&self, server: &Arc<Server>, optimization: &Optimization) -> Result<()> {
        let until = if self.has_new_sessions {
            "until its optimised code is ready"
        } else {
            "this time: its optimised code is compiled for the next start"
        };
        tracing::info!("serving with baseline code, which is slower, {until}");
        let began = Instant::now();
        let component = optimization.run()?;
        let seconds = began.elapsed().as_secs_f32();
        if !self.has_new_sessions {
            if optimization.is_cached() {
                tracing::info!("the next start gets optimised code, which took {seconds:.1} s");
            }
            return Ok(());
        }
        let optimized = Arc::new(server.with_component(component));
        let runtime = single_threaded()?;
        // If the component does not start at the moment, that says nothing about its code.
        let probed = runtime.block_on(async {
            match optimized.probe().await {
                Err(error) if server.probe().await.is_ok() => Err(error),
                _ => Ok(()),
            }
        });
        // A start that a file blocks must not hold up the next optimisation.
        runtime.shutdown_background();
        probed?;
        if self.served.replace_if(server, optimized) {
            tracing::info!("new sessions get optimised code, which took {seconds:.1} s");
        }
        Ok(())
    }
}
