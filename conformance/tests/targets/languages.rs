//! Components in Python, alone and joined with one in Rust, on runtimes that know nothing of
//! `wasi:mcp`.

use std::fs;
use std::path::{Path, PathBuf};

use wasi_mcp_compose::{Composition, Part, Target, TargetOptions, target_with};
use wasi_mcp_conformance::targets::url;
use wasi_mcp_embedded_guests::find;

use super::{
    HTTP_JOBS, PROCESSORS, as_command, ends_with_its_input, judged, passes_as_one_tool, serve,
    serve_with_jco,
};

/// The parts of a server, in the order of its lists.
const COMPOSITIONS: [&[&str]; 2] = [&["python"], &["python", "rust"]];

fn hello(language: &str, variant: &str) -> Vec<u8> {
    if language == "rust" {
        let guest = find(&format!("hello-{variant}")).expect("an embedded guest");
        return guest.bytes.to_vec();
    }
    let folder = std::env::var_os("WASI_MCP_PYTHON_GUESTS").unwrap_or_else(|| {
        panic!(
            "set WASI_MCP_PYTHON_GUESTS to the folder that reference-guest/python/hello/build.sh \
             filled"
        )
    });
    let file = PathBuf::from(folder).join(format!("hello-{language}-{variant}.wasm"));
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Writes a server with both entry points to a file.
fn server(languages: &[&str], variant: &str, folder: &Path) -> PathBuf {
    let part = |language: &&str| Part::new(*language, hello(language, variant));
    let composition = Composition {
        parts: languages.iter().map(part).collect(),
        // Both have a tool `hello`.
        prefix: true,
        ..Composition::default()
    };
    let whole = composition.compose().unwrap();
    let served = target_with(&whole, TargetOptions::new(Target::Both)).unwrap();
    let path = folder.join(format!("{}-{variant}.wasm", languages.join("-")));
    fs::write(&path, served).unwrap();
    path
}

async fn passes_everywhere(variant: &str) {
    for languages in COMPOSITIONS {
        let what = format!("{} for {variant}", languages.join(" and "));
        let folder = tempfile::tempdir().unwrap();
        let component = server(languages, variant, folder.path());
        let alone = PROCESSORS.write().await;
        ends_with_its_input(&what, &component);
        let (by_wasmtime, address) = serve(&component);
        // jco runs components of WASI 0.2 alone.
        let by_jco = (variant == "0.2").then(|| serve_with_jco(&component));
        drop(alone);
        let run = judged(as_command(&component), None).await;
        passes_as_one_tool(&what, &run, 80);
        for address in by_jco.iter().map(|(_, address)| address).chain([&address]) {
            let target = url::target(address, &[], None).expect("a target");
            passes_as_one_tool(&what, &judged(target, HTTP_JOBS).await, 100);
        }
        drop((by_wasmtime, by_jco));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs wasmtime, jco and the Python guests, which .ci/run installs and builds"]
async fn python_and_rust_for_0_2_pass_everywhere() {
    passes_everywhere("0.2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs wasmtime and the Python guests, which .ci/run installs and builds"]
async fn python_and_rust_for_0_3_pass_everywhere() {
    passes_everywhere("0.3").await;
}
