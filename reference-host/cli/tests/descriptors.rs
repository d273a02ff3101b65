//! `wasi-mcp serve --http` with few open files.

#![cfg(target_os = "linux")]

mod command;
#[path = "../../host/tests/messages/mod.rs"]
mod messages;

use std::time::Duration;

use command::http::{HttpClient, HttpHost};
use command::{GuestFile, PATIENCE, wasi_mcp};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::json;
use tokio::net::TcpStream;

fn limit(host: &HttpHost, files: u64) {
    let process = i32::try_from(host.process()).expect("a process id");
    // Nobody may raise a maximum again.
    let limit = Rlimit {
        current: Some(files),
        maximum: getrlimit(Resource::Nofile).maximum,
    };
    prlimit(Pid::from_raw(process), Resource::Nofile, limit).expect("a limit");
}

fn open_files(host: &HttpHost) -> u64 {
    let folder = format!("/proc/{}/fd", host.process());
    std::fs::read_dir(folder).expect("its files").count() as u64
}

#[tokio::test]
async fn connections_leave_some_descriptors_and_a_warning_gives_the_number() {
    let guest = GuestFile::write("hello-0.3");
    let command = wasi_mcp();
    let mut limited = tokio::process::Command::new("sh");
    limited
        .arg("-c")
        .arg(r#"ulimit -n 100; exec "$0" "$@""#)
        .arg(command.as_std().get_program())
        .arg("serve")
        .arg(guest.path())
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true);
    let mut host = HttpHost::start(&mut limited).await;
    let warning = host.logged("the limit of open files").await;
    assert!(warning.contains("100"), "{warning}");
    let client = HttpClient::connect(&host.address).await;
    let mut connections = Vec::new();
    for _ in 0..150 {
        connections.push(
            TcpStream::connect(&host.address)
                .await
                .expect("it is queued"),
        );
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(open_files(&host) < 80, "{} are open", open_files(&host));
    drop(connections);
    let answer = client.call("hello", json!({ "name": "x" })).await;
    assert!(answer["result"].is_object(), "{answer}");
}

#[tokio::test]
async fn a_host_without_descriptors_recovers() {
    let guest = GuestFile::write("hello-0.3");
    let mut command = wasi_mcp();
    command
        .arg("serve")
        .arg(guest.path())
        .args(["--admin", "127.0.0.1:0"]);
    let mut host = HttpHost::start(&mut command).await;
    let client = HttpClient::connect(&host.address).await;
    // As if guests held all the others.
    limit(&host, 3);
    let waiting = client.clone();
    let waiting = tokio::spawn(async move { waiting.call("hello", json!({ "name": "x" })).await });
    host.logged("limit=\"descriptors\"").await;
    assert!(!waiting.is_finished());
    limit(&host, 1000);
    let answer = tokio::time::timeout(PATIENCE, waiting).await;
    let answer = answer.expect("in time").expect("no panic");
    assert!(answer["result"].is_object(), "{answer}");
}
