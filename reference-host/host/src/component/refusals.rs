//! Functions of WASI that have no effect without a grant: the log names the denied access and the
//! option that grants it.

use wasmtime::component::{Accessor, Linker, Resource};
use wasmtime_wasi::cli::WasiCliView as _;
use wasmtime_wasi::p2::bindings as p2;
use wasmtime_wasi::p3::bindings as p3;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};

use super::state::State;

/// The versions of WASI's packages, as `wasmtime-wasi` links them.
macro_rules! p2_interface {
    ($name:literal) => {
        concat!("wasi:", $name, "@0.2.12")
    };
}
macro_rules! p3_interface {
    ($name:literal) => {
        concat!("wasi:", $name, "@0.3.0")
    };
}

const NO_SOCKETS: &str =
    "no option grants sockets, but --allow-http HOST grants requests through wasi:http";

/// The result of a function that creates a socket.
type Socket<T, E> = wasmtime::Result<(Result<Resource<T>, E>,)>;

impl State {
    /// Mentions an empty environment: most components do not need one.
    fn note_environment(&self, variables: &[(String, String)]) {
        if variables.is_empty() {
            self.denials
                .mention("environment variables", "--env NAME=VALUE sets one");
        }
    }

    fn note_lookup(&self, name: &str) {
        let what = format!("the address of the host {name:?}");
        self.denials.tell(&what, NO_SOCKETS);
    }

    fn note_socket(&self, kind: &str) {
        self.denials.tell(&format!("a {kind} socket"), NO_SOCKETS);
    }
}

/// Replaces functions of WASI 0.2.
pub(super) fn note_p2(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    use p2::sockets::network::{ErrorCode, IpAddressFamily};
    linker
        .instance(p2_interface!("cli/environment"))?
        .func_wrap("get-environment", |mut store, (): ()| {
            let state = store.data_mut();
            let variables = p2::cli::environment::Host::get_environment(&mut state.cli())?;
            state.note_environment(&variables);
            Ok((variables,))
        })?;
    linker
        .instance(p2_interface!("sockets/tcp-create-socket"))?
        .func_wrap(
            "create-tcp-socket",
            |store, (_,): (IpAddressFamily,)| -> Socket<wasmtime_wasi::p2::TcpSocket, ErrorCode> {
                store.data().note_socket("TCP");
                Ok((Err(ErrorCode::AccessDenied),))
            },
        )?;
    linker
        .instance(p2_interface!("sockets/udp-create-socket"))?
        .func_wrap(
            "create-udp-socket",
            |store, (_,): (IpAddressFamily,)| -> Socket<wasmtime_wasi::p2::UdpSocket, ErrorCode> {
                store.data().note_socket("UDP");
                Ok((Err(ErrorCode::AccessDenied),))
            },
        )?;
    linker
        .instance(p2_interface!("sockets/ip-name-lookup"))?
        .func_wrap(
            "resolve-addresses",
            |mut store, (network, name): (Resource<wasmtime_wasi::p2::Network>, String)| {
                let state = store.data_mut();
                state.note_lookup(&name);
                let found = p2::sockets::ip_name_lookup::Host::resolve_addresses(
                    &mut state.sockets(),
                    network,
                    name,
                );
                Ok((match found {
                    Ok(stream) => Ok(stream),
                    Err(error) => Err(error.downcast()?),
                },))
            },
        )
}

/// Replaces functions of WASI 0.3.
pub(super) fn note_p3(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    use p3::sockets::types::{ErrorCode, IpAddressFamily};
    linker
        .instance(p3_interface!("cli/environment"))?
        .func_wrap("get-environment", |mut store, (): ()| {
            let state = store.data_mut();
            let variables = p3::cli::environment::Host::get_environment(&mut state.cli())?;
            state.note_environment(&variables);
            Ok((variables,))
        })?;
    let mut types = linker.instance(p3_interface!("sockets/types"))?;
    types.func_wrap(
        "[static]tcp-socket.create",
        |store, (_,): (IpAddressFamily,)| -> Socket<wasmtime_wasi::sockets::TcpSocket, ErrorCode> {
            store.data().note_socket("TCP");
            Ok((Err(ErrorCode::AccessDenied),))
        },
    )?;
    types.func_wrap(
        "[static]udp-socket.create",
        |store, (_,): (IpAddressFamily,)| -> Socket<wasmtime_wasi::sockets::UdpSocket, ErrorCode> {
            store.data().note_socket("UDP");
            Ok((Err(ErrorCode::AccessDenied),))
        },
    )?;
    linker
        .instance(p3_interface!("sockets/ip-name-lookup"))?
        .func_wrap_concurrent(
            "resolve-addresses",
            |accessor: &Accessor<State>, (name,): (String,)| {
                Box::pin(async move {
                    accessor.with(|mut access| access.get().note_lookup(&name));
                    let sockets = accessor.with_getter::<WasiSockets>(|state| state.sockets());
                    let found = <WasiSockets as p3::sockets::ip_name_lookup::HostWithStore<
                        State,
                    >>::resolve_addresses(&sockets, name);
                    Ok((found.await?,))
                })
            },
        )
}
