//! The block of docs/embedding.md with the cache of compiled code.

use wasi_mcp_host::component::{Engine, EngineError, EngineOptions};

pub fn engine() -> Result<Engine, EngineError> {
    let options = EngineOptions::default()
        .with_user_cache()
        .on_compilation(|it| eprintln!("compiling for {} s", it.elapsed.as_secs()));
    Engine::new_or_uncached(options)
}
