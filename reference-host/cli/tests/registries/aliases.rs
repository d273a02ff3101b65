//! `wasi-mcp registry`, aliases and profiles.

use std::time::Duration;

use serde_json::json;
use wasi_mcp_registry::Config;

use super::command::StdioClient;
use super::{Home, with_hello};

#[tokio::test]
async fn an_alias_stands_for_a_file_or_a_reference() {
    let home = Home::new();
    let (registry, reference, digest) = with_hello();
    home.guest("hello-0.3", "guests/hello.wasm");
    let add = ["registry", "component", "add"];
    for line in [
        ["near", "guests/hello.wasm"],
        ["far", &reference],
        ["also", "far"],
    ] {
        home.printed(&[&add[..], &line].concat()).await;
    }
    let near = home.path("guests/hello.wasm");
    let near = near.canonicalize().unwrap();
    let list = home.printed(&["registry", "component", "list"]).await;
    let expected = format!("also  far\nfar   {reference}\nnear  {}\n", near.display());
    assert_eq!(list, expected);
    let list = home
        .json(&["registry", "component", "list", "--json"])
        .await;
    let components = json!({ "also": "far", "far": reference, "near": near });
    assert_eq!(list["components"], components);
    assert_eq!(
        list["config"],
        json!(home.path("config/wasi-mcp/config.toml"))
    );

    let call = ["hello", r#"{"name": "World"}"#, "--plain-http"];
    for alias in ["near", "far", "also"] {
        let printed = home.printed(&[&["call", alias][..], &call].concat()).await;
        assert_eq!(printed, "Hello, World!\n");
    }
    let pulled = home.printed(&["pull", "also", "--plain-http"]).await;
    assert_eq!(pulled, format!("{}/hello@{digest}\n", registry.host()));
    home.refused(
        &["pull", "near"],
        2,
        &["stands for the file", "nothing to pull"],
    )
    .await;

    let remove = ["registry", "component", "remove"];
    home.refused(
        &[&remove[..], &["far"]].concat(),
        2,
        &["the alias `also` stands for `far`"],
    )
    .await;
    home.printed(&[&remove[..], &["also"]].concat()).await;
    home.printed(&[&remove[..], &["far"]].concat()).await;
    home.refused(
        &["inspect", "far"],
        5,
        &["no such file, and no alias of this name"],
    )
    .await;
    home.refused(&["inspect", "neer"], 5, &["did you mean", "near"])
        .await;
}

#[tokio::test]
async fn two_changes_at_once_are_both_kept() {
    let home = Home::new();
    home.guest("hello-0.3", "hello.wasm");
    let path = home.path("config/wasi-mcp/config.toml");
    let lock = Config::lock(&path).unwrap();
    let mut config = Config::read(&path).unwrap();
    let line = ["registry", "component", "add", "theirs", "hello.wasm"];
    let mut theirs = home.command(&line).spawn().unwrap();
    // It would have ended by then.
    let ended = tokio::time::timeout(Duration::from_secs(2), theirs.wait());
    assert!(ended.await.is_err(), "it waits");
    config.add_component("ours", "hello.wasm", false).unwrap();
    config.save().unwrap();
    drop(lock);
    assert!(theirs.wait().await.unwrap().success());
    let config = Config::read(&path).unwrap();
    let names: Vec<&String> = config.components().keys().collect();
    assert_eq!(names, ["ours", "theirs"]);
}

#[tokio::test]
async fn a_profile_is_served_and_composed() {
    let home = Home::new();
    let (_registry, reference, _) = with_hello();
    home.guest("streams-0.3", "streams.wasm");
    home.guest("middleware-0.3", "marking.wasm");
    let add = ["registry", "profile", "add"];
    home.printed(&["registry", "component", "add", "greeter", &reference])
        .await;
    home.printed(&[&add[..], &["common", "greeter"]].concat())
        .await;
    home.printed(
        &[
            &add[..],
            &["more", "other=streams.wasm", "--base", "common", "--prefix"],
        ]
        .concat(),
    )
    .await;
    home.printed(
        &[
            &add[..],
            &[
                "marked",
                "--base",
                "common",
                "--with",
                "greeter=marking.wasm",
            ],
        ]
        .concat(),
    )
    .await;
    let streams = home.path("streams.wasm").canonicalize().unwrap();
    let list = home.printed(&["registry", "profile", "list"]).await;
    let marking = home.path("marking.wasm").canonicalize().unwrap();
    let expected = format!(
        "common:\n  greeter\nmarked, after common:\n  --with greeter={}\nmore, after common:\n  \
         other={}\n  --prefix\n",
        marking.display(),
        streams.display()
    );
    assert_eq!(list, expected);
    let list = home.json(&["registry", "profile", "list", "--json"]).await;
    let more = &list["profiles"]["more"];
    assert_eq!(more["base"], "common");
    assert_eq!(
        more["resolved"]["components"],
        json!([{ "name": "greeter", "reference": reference }, { "name": "other", "file": streams }])
    );

    let tools = async |line: &[&str]| {
        let mut client = StdioClient::connect(&mut home.command(line)).await;
        let answer = client.request("tools/list", json!({})).await;
        let tools = answer["result"]["tools"].as_array().unwrap().clone();
        let names = tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned());
        let names: Vec<String> = names.collect();
        assert_eq!(client.finish().await.code, Some(0));
        names
    };
    assert_eq!(
        tools(&["serve", "--profile", "common", "--plain-http"]).await,
        ["hello"]
    );
    let more = tools(&["serve", "--profile", "more", "--plain-http"]).await;
    assert_eq!(more[0], "greeter-hello", "{more:?}");
    let joined = [
        "serve",
        "--profile",
        "common",
        "streams.wasm",
        "--plain-http",
    ];
    assert_eq!(tools(&joined).await[0], "hello");

    let line = [
        "compose",
        "--profile",
        "more",
        "--output",
        "all.wasm",
        "--plain-http",
        "--json",
    ];
    let composed = home.json(&line).await;
    assert_eq!(composed["parts"][0]["name"], "greeter");
    assert_eq!(composed["parts"][1]["name"], "other");
    assert_eq!(composed["prefix"], true);
    let line = [
        "compose",
        "--profile",
        "marked",
        "--output",
        "all.wasm",
        "--plain-http",
    ];
    home.printed(&line).await;

    home.refused(
        &["serve", "--profile", "none"],
        2,
        &["no profile `none`: expected one of `common`, `marked`, `more`"],
    )
    .await;
    // A name that is misspelt, wherever it is given.
    let base = ["registry", "profile", "add", "p", "greeter", "--base"];
    let with = [
        "compose",
        "a=streams.wasm",
        "b=streams.wasm",
        "--output",
        "all.wasm",
    ];
    for (line, hint) in [
        (
            &["serve", "--profile", "comon"][..],
            "`comon`: did you mean `common`?",
        ),
        (
            &["compose", "--profile", "More", "--output", "all.wasm"],
            "did you mean `more`?",
        ),
        (&["pull", "greter"], "did you mean `greeter`?"),
        (
            &["registry", "profile", "remove", "marcked"],
            "did you mean `marked`?",
        ),
        (
            &["registry", "component", "remove", "greter"],
            "did you mean `greeter`?",
        ),
        (
            &["registry", "component", "add", "other", "greter"],
            "did you mean `greeter`?",
        ),
        (&[&base[..], &["mroe"]].concat()[..], "did you mean `more`?"),
        (
            &[&with[..], &["--with", "greter"]].concat()[..],
            "did you mean `greeter`?",
        ),
    ] {
        home.refused(line, 2, &[hint]).await;
    }
    let remove = ["registry", "profile", "remove"];
    home.refused(
        &[&remove[..], &["common"]].concat(),
        2,
        &["inherits from `common`"],
    )
    .await;
    home.refused(
        &["registry", "component", "remove", "greeter"],
        2,
        &["the profile `common` has the component `greeter`"],
    )
    .await;
    home.printed(&[&remove[..], &["more"]].concat()).await;
}

#[tokio::test]
async fn mistakes_in_the_configuration_are_named() {
    let home = Home::new();
    home.guest("hello-0.3", "hello.wasm");
    let add = ["registry", "component", "add"];
    home.printed(&[&add[..], &["a", "hello.wasm"]].concat())
        .await;
    home.printed(&[&add[..], &["b", "a"]].concat()).await;
    for (line, parts) in [
        (&["a", "b", "--replace"][..], &["a -> b -> a"][..]),
        (&["a", "hello.wasm"], &["the alias `a` exists", "--replace"]),
        (&["a.b", "hello.wasm"], &["`a.b` is not a name"]),
        (
            &["c", "none.wasm"],
            &["none.wasm: no such file or alias, and no reference"],
        ),
        (&["c", "ghcr.io/a:b:c"], &["is not a name"]),
        (&["c", "oci://ghcr.io/a"], &["the tag is missing"]),
    ] {
        home.refused(&[&add[..], line].concat(), 2, parts).await;
    }
    let add = ["registry", "profile", "add"];
    home.refused(
        &[&add[..], &["p", "a", "--base", "p"]].concat(),
        2,
        &["p -> p"],
    )
    .await;
    home.refused(
        &[&add[..], &["p", "a", "--base", "q"]].concat(),
        2,
        &["no profile `q`"],
    )
    .await;

    home.write(
        "config/wasi-mcp/config.toml",
        "[components]\na = \"b\"\nb = \"a\"\n",
    );
    let place = home
        .path("config/wasi-mcp/config.toml:2: ")
        .display()
        .to_string();
    home.refused(
        &["inspect", "a"],
        5,
        &[&place, "aliases stand for each other: a -> b -> a"],
    )
    .await;
    home.write("config/wasi-mcp/config.toml", "[components]\n\na = \n");
    let place = home
        .path("config/wasi-mcp/config.toml:3: ")
        .display()
        .to_string();
    home.refused(&["registry", "component", "list"], 2, &[&place])
        .await;
    home.refused(&["serve", "--profile", "p"], 2, &[&place])
        .await;
    // A file needs no configuration.
    home.printed(&["inspect", "hello.wasm"]).await;

    std::fs::remove_dir_all(home.path("config")).unwrap();
    home.write("config", "a file");
    let line = ["registry", "component", "add", "a", "hello.wasm"];
    home.refused(&line, 2, &["config.toml: ", "cannot be"])
        .await;
}

#[tokio::test]
async fn empty_lists_say_how_to_fill_them() {
    let home = Home::new();
    for kind in ["component", "profile"] {
        let outcome = home.run(&["registry", kind, "list"]).await;
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), ""));
        let command = format!("registry {kind} add NAME COMPONENT");
        assert!(outcome.stderr.contains(&command), "{outcome:?}");
    }
    let missing = home.run(&["serve"]).await;
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.stderr.contains("<COMPONENT>"), "{missing:?}");
}
