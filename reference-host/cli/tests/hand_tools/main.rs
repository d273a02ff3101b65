//! `wasi-mcp inspect`, `call`, `read`, `get` and `complete`: their output, their answers, and
//! their exit status.

#[path = "../command/mod.rs"]
mod command;
#[path = "../../../host/tests/messages/mod.rs"]
mod messages;

mod answers;
mod inspecting;
mod reading;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(target_os = "linux")]
mod unwritable;

use command::{GuestFile, Outcome, run, wasi_mcp};
use serde_json::{Value, json};
use tokio::process::Command;

/// The reference guest in each form that this host runs.
const REFERENCES: [&str; 4] = [
    "reference-backend-0.2",
    "reference-backend-0.3",
    "reference-service-0.2",
    "reference-service-0.3",
];

/// Returns a command on a guest.
fn on(guest: &GuestFile, command: &str, arguments: &[&str]) -> Command {
    let mut program = wasi_mcp();
    program.arg(command).arg(guest.path()).args(arguments);
    program
}

/// Runs a command on a guest.
async fn outcome(guest: &GuestFile, command: &str, arguments: &[&str]) -> Outcome {
    run(&mut on(guest, command, arguments)).await
}

/// Returns the standard output of a command that succeeds.
#[track_caller]
fn printed(outcome: Outcome) -> String {
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.stdout
}

/// Asserts that a command failed with this status and these parts in its last line.
#[track_caller]
fn assert_failed(outcome: &Outcome, status: i32, parts: &[&str]) {
    assert_eq!(outcome.code, Some(status), "{outcome:?}");
    assert_eq!(outcome.stdout, "", "{outcome:?}");
    let last = outcome.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: "), "{outcome:?}");
    for part in parts {
        assert!(last.contains(part), "{part:?} is not in {last:?}");
    }
}

#[tokio::test]
async fn prompts_are_printed_message_by_message() {
    for name in REFERENCES {
        let guest = GuestFile::write(name);
        let expected = "user:\nPlan three days in Paris, France.\n";
        let pairs = ["journey", "country=France", "city=Paris"];
        assert_eq!(printed(outcome(&guest, "get", &pairs).await), expected);
        let object = ["journey", r#"{"country": "France", "city": "Paris"}"#];
        assert_eq!(printed(outcome(&guest, "get", &object).await), expected);
    }
    let guest = GuestFile::write("reference-backend-0.3");
    let text = printed(outcome(&guest, "get", &["test_prompt_with_image"]).await);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2], lines[3]), ("user:", "", "user:"));
    let image: Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(image["mimeType"], "image/png");
    assert_eq!(lines[4], "Please analyze the image above.");

    let whole = printed(outcome(&guest, "get", &["test_simple_prompt", "--json"]).await);
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["description"], "A text.");
    assert_eq!(whole["messages"][0]["role"], "user");
}

#[tokio::test]
async fn arguments_of_prompts_are_strings() {
    let guest = GuestFile::write("hello-0.3");
    for (argument, part) in [
        ("country", "NAME=VALUE"),
        (r#"{"country": 1}"#, "is a string"),
        ("{", "not a JSON object"),
    ] {
        let refused = outcome(&guest, "get", &["journey", argument]).await;
        assert_failed(&refused, 2, &[part]);
    }
}

#[tokio::test]
async fn completions_are_printed_line_by_line() {
    for name in REFERENCES {
        let guest = GuestFile::write(name);
        let complete =
            async |arguments: &[&str]| printed(outcome(&guest, "complete", arguments).await);
        let prompt = ["--prompt", "journey", "country"];
        assert_eq!(complete(&prompt).await, "France\nGermany\nJapan\n");
        let typed = ["--prompt", "journey", "country", "G"];
        assert_eq!(complete(&typed).await, "Germany\n");
        let known = [
            "--prompt",
            "journey",
            "city",
            "--context",
            "country=Japan",
            "--context",
            "days=2",
        ];
        assert_eq!(complete(&known).await, "Kyoto\nOsaka\nTokyo\n");
        let template = ["--template", "test://template/{id}/data", "id", "12"];
        assert_eq!(complete(&template).await, "12\n123\n");
    }
    let guest = GuestFile::write("reference-backend-0.3");
    let many = ["--template", "test://integers/{integer}", "integer", "1"];
    let many = outcome(&guest, "complete", &many).await;
    assert_eq!(many.stdout.lines().count(), 100, "{many:?}");
    assert!(many.stderr.contains("100 of 111 values"), "{many:?}");
    let whole = ["--prompt", "journey", "country", "F", "--json"];
    let whole = printed(outcome(&guest, "complete", &whole).await);
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(
        whole["completion"],
        json!({ "values": ["France"], "total": 1, "hasMore": false })
    );
}

#[tokio::test]
async fn a_completion_is_of_a_prompt_or_of_a_template() {
    let guest = GuestFile::write("hello-0.3");
    for arguments in [
        ["argument"].as_slice(),
        &["argument", "--prompt", "a", "--template", "b"],
        &["argument", "--prompt", "a", "--context", "x"],
    ] {
        let refused = outcome(&guest, "complete", arguments).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
    }
}

#[tokio::test]
async fn similar_names_are_suggested_for_misspelt_ones() {
    for name in REFERENCES {
        let guest = GuestFile::write(name);
        for (command, arguments, suggested) in [
            ("call", ["test-simple-text"].as_slice(), "test_simple_text"),
            ("call", &["Echo"], "echo"),
            ("call", &["reportprogress"], "report-progress"),
            ("get", &["jurney"], "journey"),
            ("read", &["test://static-txt"], "test://static-text"),
            ("complete", &["--prompt", "jorney", "city"], "journey"),
            (
                "complete",
                &["--template", "test://template/{it}/data", "it"],
                "test://template/{id}/data",
            ),
        ] {
            let refused = outcome(&guest, command, arguments).await;
            let hint = format!("did you mean `{suggested}`");
            assert_failed(&refused, 3, &[&hint]);
        }
        let refused = outcome(&guest, "read", &["test://template/1/date"]).await;
        assert_failed(
            &refused,
            3,
            &["URIs can also be built from `test://template/{id}/data`"],
        );
        let refused = outcome(&guest, "call", &["zzz"]).await;
        assert_failed(&refused, 3, &["it has the tools `echo`, ", " more"]);
        // The name exists, so there is no suggestion.
        let refused = outcome(&guest, "call", &["echo"]).await;
        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert!(!refused.stderr.contains("did you mean"), "{refused:?}");
    }
    let guest = GuestFile::write("hello-0.2");
    let refused = outcome(&guest, "call", &["zzz"]).await;
    assert_failed(&refused, 3, &["it has the tools `hello`"]);
}

#[tokio::test]
async fn wrong_arguments_of_prompts_and_templates_are_named() {
    for name in REFERENCES {
        let guest = GuestFile::write(name);
        let refused = outcome(&guest, "get", &["journey", "contry=France", "city=Paris"]).await;
        let parts = [
            "the prompt has no argument `contry`: did you mean `country`?",
            "country=VALUE",
            "[days=VALUE]",
        ];
        assert_failed(&refused, 3, &parts);
        let refused = outcome(&guest, "complete", &["--prompt", "journey", "contry"]).await;
        assert_failed(&refused, 3, &parts[..1]);
        let refused = outcome(&guest, "complete", &["--prompt", "journey", "zzz"]).await;
        let parts = ["the prompt has no argument `zzz`: it has the arguments `country`, "];
        assert_failed(&refused, 3, &parts);
        let template = ["--template", "test://template/{id}/data", "ip"];
        let refused = outcome(&guest, "complete", &template).await;
        assert!(
            refused
                .stderr
                .contains("the template has no variable `ip`: it has the variables `id`"),
            "{refused:?}"
        );
        let refused = outcome(&guest, "read", &["test://no-such-thing"]).await;
        assert_failed(&refused, 3, &["test://no-such-thing (error -32002): "]);
        assert!(!refused.stderr.contains("{\"uri\""), "{refused:?}");
    }
}

#[tokio::test]
async fn a_component_without_the_feature_says_what_it_offers() {
    for name in ["hello-0.2", "hello-0.3"] {
        let guest = GuestFile::write(name);
        for (command, arguments, hint) in [
            (
                "get",
                ["prompt"].as_slice(),
                "the component offers no prompts, only tools",
            ),
            (
                "read",
                &["x:y"],
                "the component offers no resources, only tools",
            ),
            (
                "complete",
                &["--prompt", "prompt", "argument"],
                "the component completes no arguments",
            ),
        ] {
            let refused = outcome(&guest, command, arguments).await;
            assert_failed(&refused, 3, &[hint]);
        }
    }
}

#[tokio::test]
async fn a_trap_shows_the_last_line_of_the_guest() {
    for name in REFERENCES {
        let guest = GuestFile::write(name);
        let panicked = outcome(&guest, "call", &["panic"]).await;
        assert_failed(
            &panicked,
            4,
            &[
                "the component trapped",
                "its last line of standard error: ",
                "The reference guest was asked to panic",
            ],
        );
        // The log would tell it a second time.
        let told = panicked.stderr.matches("the component trapped").count();
        assert_eq!(told, 1, "{panicked:?}");
        let exited = outcome(&guest, "call", &["exit", r#"{"status": 3}"#]).await;
        // 0.2 knows only success and failure.
        assert_failed(&exited, 4, &["the component exited with status "]);
    }
}

#[tokio::test]
async fn the_time_of_a_request_is_limited() {
    let guest = GuestFile::write("reference-backend-0.3");
    let late = outcome(
        &guest,
        "call",
        &["wait-until-cancelled", "--timeout", "0.3"],
    )
    .await;
    assert_failed(&late, 3, &["timed out after"]);
}

#[tokio::test]
async fn levels_and_quiet_choose_what_is_shown() {
    for name in ["reference-backend-0.2", "reference-backend-0.3"] {
        let guest = GuestFile::write(name);
        let arguments = ["log-all-levels", r#"{"logger": "a"}"#];
        let debug = [arguments[0], arguments[1], "--log-level", "debug"];
        let all = outcome(&guest, "call", &debug).await;
        for level in ["debug", "info", "notice", "warning", "error", "emergency"] {
            assert!(all.stderr.contains(&format!("{level} [a]: ")), "{all:?}");
        }
        let some = outcome(
            &guest,
            "call",
            &[arguments[0], arguments[1], "--log-level", "warning"],
        )
        .await;
        assert!(some.stderr.contains("warning [a]: "), "{some:?}");
        assert!(!some.stderr.contains("notice [a]: "), "{some:?}");
        let none = outcome(&guest, "call", &[arguments[0], arguments[1], "--quiet"]).await;
        assert!(!none.stderr.contains("[a]: "), "{none:?}");
        assert_eq!(none.stdout, all.stdout);
        let progress = outcome(&guest, "call", &["report-progress", "--quiet"]).await;
        assert!(!progress.stderr.contains("progress "), "{progress:?}");
        let progress = outcome(&guest, "call", &["report-progress"]).await;
        assert!(
            progress.stderr.contains("progress 3 of 3: Step 3 of 3"),
            "{progress:?}"
        );
    }
    // A guest without logs ignores the level.
    let guest = GuestFile::write("hello-0.3");
    let arguments = ["hello", r#"{"name": "World"}"#, "--log-level", "debug"];
    assert_eq!(
        printed(outcome(&guest, "call", &arguments).await),
        "Hello, World!\n"
    );
}

#[tokio::test]
async fn structured_content_without_content_is_printed() {
    let guest = GuestFile::write("reference-backend-0.3");
    let arguments = ["sum", r#"{"numbers": [1, 2.5]}"#, "--json"];
    let whole = printed(outcome(&guest, "call", &arguments).await);
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(
        whole["structuredContent"],
        json!({ "count": 2, "sum": 3.5 })
    );
}

#[tokio::test]
async fn completions_for_shells_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(run(wasi_mcp().args(["completions", shell])).await);
        for word in [
            "serve", "inspect", "call", "read", "get", "complete", "compile", "elicit", "template",
        ] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}
