//! Imports without state of their own whose functions never wait: `logging`, `identity`, and the
//! part of `shutdown` that both variants share.

/// Implements them for one variant; only the generated traits differ.
macro_rules! plain_imports {
    ($interfaces:path) => {
        const _: () = {
            use wasi_mcp_types::types::{Error, LogLevel, Principal};
            use wasmtime::component::Resource;
            use $crate::component::context::{RequestContext, request};
            use $interfaces as interfaces;

            impl interfaces::logging::Host for State {
                fn log(
                    &mut self,
                    ctx: Option<Resource<RequestContext>>,
                    level: LogLevel,
                    logger: Option<String>,
                    data: String,
                ) -> wasmtime::Result<Result<(), Error>> {
                    let key = match ctx {
                        Some(handle) => Some(request(self, &handle)?.key),
                        None => None,
                    };
                    let logged = self
                        .session
                        .log(key, level.into(), logger.as_deref(), &data);
                    Ok(logged.map_err(Error::from))
                }
            }

            impl interfaces::identity::Host for State {
                fn get_principal(
                    &mut self,
                    ctx: Resource<RequestContext>,
                ) -> wasmtime::Result<Option<Principal>> {
                    let principal = &request(self, &ctx)?.principal;
                    Ok(principal.as_deref().cloned())
                }
            }

            impl interfaces::shutdown::Host for State {
                fn is_stopped(&mut self) -> wasmtime::Result<bool> {
                    self.session.awaits_stop();
                    Ok(*self.stopping.borrow())
                }
            }
        };
    };
}
pub(super) use plain_imports;
