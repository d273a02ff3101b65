//! Components that the suite runs: traps and broken rules are failures of the component.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use wasi_mcp_conformance::runtime::{Base, Component};

/// A folder with the service of the probes in this mode.
struct Stage {
    folder: TempDir,
    component: PathBuf,
}

impl Stage {
    fn new(mode: &str) -> Self {
        Self::of(Base::Service, mode)
    }

    /// A folder with another build of the probes in this mode.
    fn of(base: Base, mode: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let component = folder.path().join("judged.wasm");
        let bytes = Component::new(base, mode).expect("the probes have modes");
        fs::write(&component, bytes.bytes).expect("it is written");
        Self { folder, component }
    }

    /// Judges the component with these further arguments, over stdio.
    fn run(&self, arguments: &[&str]) -> Output {
        self.run_over("stdio", arguments)
    }

    fn run_over(&self, transport: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
            .current_dir(self.folder.path())
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .args(["run", "--transport", transport])
            .arg(&self.component)
            .args(arguments)
            .output()
            .expect("it runs")
    }

    /// The verdicts of the checks of components: status and message.
    fn verdicts(&self, arguments: &[&str]) -> (Option<i32>, [(String, String); 2]) {
        self.verdicts_over("stdio", arguments)
    }

    fn verdicts_over(
        &self,
        transport: &str,
        arguments: &[&str],
    ) -> (Option<i32>, [(String, String); 2]) {
        let output = self.run_over(transport, &[&["--format", "json"], arguments].concat());
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        let results = report["runs"][0]["results"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let of = |check: &str| {
            let verdict = results.iter().find(|verdict| verdict["check"] == check);
            let verdict = verdict.unwrap_or_else(|| panic!("{check} was not made"));
            let text = |name: &str| verdict[name].as_str().unwrap_or_default().to_owned();
            (text("status"), text("message"))
        };
        let verdicts = [of("component/no-traps"), of("component/keeps-rules")];
        (output.status.code(), verdicts)
    }
}

#[test]
fn a_component_that_answers_passes() {
    let (status, verdicts) = Stage::new("default").verdicts(&[]);
    let [no_traps, keeps_rules] = verdicts.map(|verdict| verdict.0);
    assert_eq!(
        (status, no_traps.as_str(), keeps_rules.as_str()),
        (Some(0), "pass", "pass")
    );
}

#[test]
fn a_tool_that_always_traps_fails() {
    for (mode, why) in [("trap", "trapped"), ("exit", "exited with status 1")] {
        let (status, [no_traps, keeps_rules]) =
            Stage::new(mode).verdicts(&["--filter", "component/*"]);
        assert_eq!(
            (status, no_traps.0.as_str()),
            (Some(1), "fail"),
            "{mode}: {}",
            no_traps.1
        );
        assert!(no_traps.1.contains(why), "{mode}: {}", no_traps.1);
        let command = "Reproduce it: wasi-mcp call judged.wasm measure";
        assert!(no_traps.1.contains(command), "{mode}: {}", no_traps.1);
        assert_eq!(keeps_rules.0, "pass", "{mode}: {}", keeps_rules.1);
    }
}

#[test]
fn a_prompt_or_a_resource_that_traps_fails() {
    for (mode, subject) in [
        ("prompt-traps", "prompts/get picture: "),
        ("resource-traps", "resources/read service:///third: "),
    ] {
        for transport in ["stdio", "http"] {
            let (status, [no_traps, keeps_rules]) =
                Stage::new(mode).verdicts_over(transport, &["--filter", "component/*"]);
            assert_eq!(
                (status, no_traps.0.as_str()),
                (Some(1), "fail"),
                "{mode}, {transport}: {}",
                no_traps.1
            );
            assert!(no_traps.1.contains(subject), "{mode}: {}", no_traps.1);
            assert_eq!(keeps_rules.0, "pass", "{mode}: {}", keeps_rules.1);
        }
    }
}

#[test]
fn a_trap_without_a_request_fails() {
    let cases = [
        (Base::Service, "background-traps", "component/*"),
        (Base::Concurrent, "notification-traps", "roots/list-changed"),
    ];
    for (base, mode, filter) in cases {
        for transport in ["stdio", "http"] {
            // Other tools of the probes end their instances in other ways.
            let arguments = ["--filter", filter, "--filter", "component/*"];
            let skipped = ["trap*", "exit", "overflow", "spin", "eat-memory"];
            let skipped = skipped.iter().flat_map(|name| ["--skip-tool", *name]);
            let arguments: Vec<&str> = arguments.into_iter().chain(skipped).collect();
            let (status, [no_traps, _]) =
                Stage::of(base, mode).verdicts_over(transport, &arguments);
            assert_eq!(
                (status, no_traps.0.as_str()),
                (Some(1), "fail"),
                "{mode}, {transport}: {}",
                no_traps.1
            );
            // In the background, another call may be in flight and is lost as well.
            let told = match mode {
                "background-traps" => "something broke in the background",
                _ => "lost in the background, in a notification or in a cancelled request",
            };
            assert!(
                no_traps.1.contains(told),
                "{mode}, {transport}: {}",
                no_traps.1
            );
        }
    }
}

#[test]
fn the_last_words_of_a_component_are_shown_over_both_transports() {
    for transport in ["stdio", "http"] {
        let (_, [no_traps, _]) =
            Stage::new("needs-file").verdicts_over(transport, &["--filter", "component/*"]);
        let words = "/data/input.txt is there";
        assert!(no_traps.1.contains(words), "{transport}: {}", no_traps.1);
    }
}

#[test]
fn a_trap_is_reported_once() {
    let arguments = [
        "--filter",
        "component/*",
        "--filter",
        "tools/listed-tools-answer",
    ];
    let stage = Stage::new("trap");
    let output = stage.run(&[&arguments[..], &["--format", "json"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).expect("the run ends");
    let run = &report["runs"][0];
    let results = run["results"].as_array().cloned().unwrap_or_default();
    let of = |id: &str| results.iter().find(|it| it["check"] == id).cloned();
    let answers = of("tools/listed-tools-answer").unwrap_or_default();
    assert_eq!(answers["status"], "skip", "{answers}");
    let reason = "component/no-traps reports this failure of the component";
    assert_eq!(answers["reason"], reason);
    assert_eq!(run["summary"]["fail"], 1, "{run}");
    assert_eq!(run["summary"]["warn"], 0, "{run}");
    // Progress and report count the same.
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let total = results.len();
    let counted = format!("{} passed, 1 failed", total - 2);
    assert!(told.contains(&counted), "{told}");
}

#[test]
fn a_tool_that_never_returns_is_named() {
    let output = Stage::new("spin").run(&["--filter", "component/*", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("the run ends");
    let left_out = report["runs"][0]["notExercised"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let named = left_out.iter().any(|it| {
        it["what"] == "tool measure" && it["why"].to_string().contains("did not end within")
    });
    assert!(named, "{left_out:?}");
}

#[test]
fn a_tool_that_traps_on_some_arguments_fails() {
    let (status, [no_traps, _]) = Stage::new("trap-sometimes").verdicts(&[]);
    assert_eq!(
        (status, no_traps.0.as_str()),
        (Some(1), "fail"),
        "{}",
        no_traps.1
    );
    // The arguments are a word for a shell.
    let shown = no_traps.1.contains("call judged.wasm echo '{\"text\":\"");
    assert!(shown, "{}", no_traps.1);
}

#[test]
fn a_tool_that_breaks_a_rule_fails() {
    for mode in [
        "structured-mismatch",
        "structured-missing",
        "structured-no-json",
    ] {
        let (status, [no_traps, keeps_rules]) =
            Stage::new(mode).verdicts(&["--filter", "component/*"]);
        assert_eq!(
            (status, keeps_rules.0.as_str()),
            (Some(1), "fail"),
            "{mode}: {}",
            keeps_rules.1
        );
        assert!(
            keeps_rules.1.contains("measure"),
            "{mode}: {}",
            keeps_rules.1
        );
        assert_eq!(no_traps.0, "pass", "{mode}: {}", no_traps.1);
    }
}

#[test]
fn a_component_gets_the_folders_that_are_granted() {
    let stage = Stage::new("needs-file");
    let only = ["--filter", "component/*"];
    let (status, [no_traps, _]) = stage.verdicts(&only);
    assert_eq!(status, Some(1), "{}", no_traps.1);
    // The component's own text is shown.
    assert!(
        no_traps.1.contains("/data/input.txt is there"),
        "{}",
        no_traps.1
    );
    let data = stage.folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    fs::write(data.join("input.txt"), "words").expect("it is written");
    let granted = [&only[..], &["--dir", "data::/data::ro"]].concat();
    let (status, [no_traps, _]) = stage.verdicts(&granted);
    assert_eq!(
        (status, no_traps.0.as_str()),
        (Some(0), "pass"),
        "{}",
        no_traps.1
    );
}

#[test]
fn every_form_of_the_report_shows_the_failure() {
    let stage = Stage::new("trap");
    for format in ["human", "junit", "markdown", "html"] {
        let output = stage.run(&["--filter", "component/*", "--format", format]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("component/no-traps"), "{format}: {text}");
        assert!(
            text.contains("call judged.wasm measure"),
            "{format}: {text}"
        );
    }
}

#[test]
fn grants_are_for_components_and_parsed_as_by_the_host() {
    let stage = Stage::new("default");
    for (arguments, part) in [
        (&["--dir", "data"][..], "HOST::GUEST"),
        (&["--dir", "data::/data::rw"], "`rw`"),
        (&["--dir", "nowhere::/data"], "nowhere"),
        (&["--env", "NAME"], "NAME=VALUE"),
        (&["--allow-http", "http://example.com"], "example.com"),
        (&["--allow-http-private"], "--allow-http"),
    ] {
        let output = stage.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .args(["run", "--command", "true", "--deny-roots"])
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--deny-roots"), "{stderr}");
}

/// Returns the number of files with compiled code in a folder and those below it.
fn compiled(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => compiled(&path),
            // Others hold statistics, or are being written.
            path => usize::from(path.extension().is_none()),
        })
        .sum()
}

#[test]
fn compiled_code_is_kept_where_the_commands_of_the_host_keep_theirs() {
    let stage = Stage::new("default");
    let caches = tempfile::tempdir().expect("a folder");
    let run = |further: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
            .env("XDG_CACHE_HOME", caches.path())
            .args(["run", "--transport", "stdio", "--filter", "component/*"])
            .arg(&stage.component)
            .args(further)
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{output:?}");
        compiled(&caches.path().join("wasi-mcp"))
    };
    assert_eq!(run(&["--no-cache"]), 0);
    let kept = run(&[]);
    assert!(kept > 0, "nothing is kept");
    assert_eq!(run(&[]), kept, "compiled again");
}
