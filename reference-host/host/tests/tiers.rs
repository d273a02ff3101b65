//! A large component starts with baseline code, until its optimised code is in the cache.

#![cfg(target_arch = "x86_64")]

#[path = "support/guest_file.rs"]
mod guest_file;
mod messages;
mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use guest_file::large;
use serde_json::json;
use support::{Client, REFERENCE, guest};
use wasi_mcp_host::component::{Component, Engine, EngineOptions, Isolation, LoadError, Source};
use wasi_mcp_host::session::{Server, ServerHandle, ServerOptions};

/// The folder of the compiled code, within a temporary one.
const CODE: &str = "code";

fn engine(cache: Option<&Path>) -> Engine {
    let options = EngineOptions::default();
    let options = match cache {
        // The engine creates it, with access for this user alone.
        Some(folder) => options.with_cache(folder.join(CODE)),
        None => options,
    };
    Engine::new(options).unwrap()
}

fn server(component: Component) -> Arc<Server> {
    Arc::new(Server::new(component, ServerOptions::default()))
}

async fn answers(server: &Arc<Server>) {
    let mut client = Client::connect(server).await;
    let answer = client.tool("echo", json!({ "text": "?" })).await;
    assert_eq!(answer["result"]["content"][0]["text"], "?", "{answer}");
}

/// Returns the marks of components whose optimised code is cached.
fn marks(cache: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(cache.join(CODE).join("optimized/components")) else {
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn the_optimised_code_replaces_the_baseline_code_once() {
    for name in REFERENCE {
        let cache = tempfile::tempdir().unwrap();
        let component = large(name);
        let load = || {
            let engine = engine(Some(cache.path()));
            engine.load_tiered(Source::Bytes(&component)).unwrap()
        };
        let first = load();
        let optimization = first.optimization.expect("nothing is cached");
        assert!(optimization.has_cache() && !optimization.is_cached());
        answers(&server(first.component)).await;
        // A start whose process ends before the code is optimised changes nothing.
        assert!(load().optimization.is_some(), "{name}");

        answers(&server(optimization.run().unwrap())).await;
        assert!(optimization.is_cached());
        assert_eq!(marks(cache.path()).len(), 1, "{name}");
        let later = load();
        assert!(later.optimization.is_none(), "{name}");
        answers(&server(later.component)).await;
    }
}

#[test]
fn code_that_was_optimised_at_first_is_found_too() {
    let cache = tempfile::tempdir().unwrap();
    let component = large("hello-0.2");
    engine(Some(cache.path()))
        .load(Source::Bytes(&component))
        .unwrap();
    let other = large("hello-0.3");
    for (component, is_cached) in [(&component, true), (&other, false)] {
        let loaded = engine(Some(cache.path())).load_tiered(Source::Bytes(component));
        assert_eq!(loaded.unwrap().optimization.is_none(), is_cached);
    }
    // Nothing is kept.
    let loaded = engine(None).load_tiered(Source::Bytes(&component));
    let optimization = loaded.unwrap().optimization.expect("baseline code");
    assert!(!optimization.has_cache());
}

#[test]
fn a_mark_is_removed_when_the_code_cannot_be_stored() {
    let cache = tempfile::tempdir().unwrap();
    let component = large("hello-0.2");
    let load = |cache: &Path| engine(Some(cache)).load(Source::Bytes(&component)).unwrap();
    load(cache.path());
    assert_eq!(marks(cache.path()).len(), 1);
    // The mark stands in a cache where a file takes the place of the folder of the code. The first cache
    // would not do: its worker, which still runs, removes files that it does not know.
    let full = tempfile::tempdir().unwrap();
    engine(Some(full.path()));
    let [from, to] = [&cache, &full].map(|cache| cache.path().join(CODE));
    std::fs::rename(from.join("optimized"), to.join("optimized")).unwrap();
    std::fs::write(to.join("modules"), "").unwrap();
    load(full.path());
    assert!(marks(full.path()).is_empty());
}

#[test]
fn small_and_broken_components_are_loaded_as_ever() {
    let small = engine(None).load_tiered(Source::Bytes(guest("hello-0.3").bytes));
    assert!(small.unwrap().optimization.is_none());
    let mut broken = large("hello-0.3");
    broken[1000..2000].fill(0xff);
    let tiered = engine(None).load_tiered(Source::Bytes(&broken));
    let ever = engine(None).load(Source::Bytes(&broken)).unwrap_err();
    assert_eq!(tiered.unwrap_err().to_string(), ever.to_string());
    let baseline = engine(None).load_baseline(Source::Bytes(&broken));
    let baseline = baseline.unwrap_err();
    assert!(matches!(baseline, LoadError::Baseline(_)), "{baseline}");
}

#[test]
fn baseline_code_needs_a_stack_that_leaves_the_host_enough() {
    let options = EngineOptions::default().with_config(|config| {
        config.async_stack_size(1 << 20);
    });
    let engine = Engine::new(options).unwrap();
    let component = large("hello-0.3");
    let loaded = engine.load_tiered(Source::Bytes(&component)).unwrap();
    assert!(loaded.optimization.is_none());
}

#[tokio::test]
async fn limits_and_faults_of_baseline_code_are_those_of_any() {
    for name in REFERENCE {
        let component = engine(None).load_baseline(Source::Bytes(guest(name).bytes));
        let component = component.unwrap();
        let mut options = ServerOptions::default();
        options.isolation = Isolation::Call;
        options.instance.memory_bytes = 16 << 20;
        let mut quick = options.clone();
        quick.instance.computing = Duration::from_millis(500);
        for (options, tool, arguments, part) in [
            (&options, "trap", json!({}), "trapped"),
            (&options, "panic", json!({}), "trapped"),
            (&options, "recurse", json!({}), "trapped"),
            (&options, "exit", json!({}), "exited with status"),
            (&options, "allocate", json!({ "megabytes": 64 }), "trapped"),
            (&quick, "spin", json!({}), "without yielding"),
        ] {
            let server = Arc::new(Server::new(component.clone(), options.clone()));
            let mut client = Client::connect(&server).await;
            let answer = client.tool(tool, arguments).await;
            assert_eq!(answer["error"]["code"], -32603, "{name} {tool}: {answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains(part), "{name} {tool}: {message}");
            client.assert_alive().await;
        }
    }
}

#[test]
fn a_server_that_was_replaced_is_not_replaced_again() {
    let loaded = || server(support::component("hello-0.3"));
    let (first, second, optimized) = (loaded(), loaded(), loaded());
    let served = ServerHandle::from(Arc::clone(&first));
    assert!(served.replace_if(&first, Arc::clone(&second)));
    assert!(!served.replace_if(&first, optimized));
    assert!(Arc::ptr_eq(&served.current(), &second));
}
