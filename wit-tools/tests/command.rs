//! The command writes what is out of date, and says so where it only checks.

mod project;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use project::{copy, root};

fn run(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasi-mcp-wit"))
        .args(arguments)
        .arg("--root")
        .arg(root)
        .output()
        .expect("the command can be started")
}

#[track_caller]
fn assert_status(output: &Output, status: i32, words: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}");
    assert!(text.contains(words), "{text}");
}

#[test]
fn the_project_is_up_to_date() {
    assert_status(&run(&root(), &["all", "--check"]), 0, "");
}

#[test]
fn what_is_stale_is_named_and_mended() {
    let folder = copy();
    for (task, file) in [
        ("derive", "wit/preview2/runtime.wit"),
        ("types", "reference-host/types/src/content.rs"),
        ("reference", "proposal/reference.md"),
        ("mapping", "proposal/mapping.md"),
    ] {
        let path = folder.path().join(file);
        let good = fs::read(&path).expect("the file can be read");
        fs::write(&path, "stale").expect("the file can be written");
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a file has a name");
        assert_status(&run(folder.path(), &[task, "--check"]), 1, name);
        assert_status(&run(folder.path(), &["all", "--check"]), 1, "out of date");
        assert_eq!(fs::read(&path).expect("the file can be read"), b"stale");
        assert_status(&run(folder.path(), &[task]), 0, "");
        assert_eq!(fs::read(&path).expect("the file can be read"), good);
        fs::remove_file(&path).expect("the file can be removed");
        assert_status(&run(folder.path(), &[task, "--check"]), 1, name);
        assert_status(&run(folder.path(), &["all"]), 0, "");
        assert_status(&run(folder.path(), &["all", "--check"]), 0, "");
    }
}

#[test]
fn a_file_that_the_package_does_not_have_is_removed() {
    let folder = copy();
    let path = folder.path().join("wit/preview2/old.wit");
    fs::write(&path, "package wasi:mcp@0.2.0-draft2;\n").expect("the file can be written");
    assert_status(
        &run(folder.path(), &["derive", "--check"]),
        1,
        "old.wit does not belong",
    );
    assert_status(&run(folder.path(), &["derive"]), 0, "");
    assert!(!path.exists());
}

#[test]
fn what_it_cannot_do_is_said() {
    let folder = copy();
    fs::write(folder.path().join("wit/types.wit"), "interface {").expect("it can be written");
    assert_status(&run(folder.path(), &["all", "--check"]), 2, "types.wit");
    assert_status(
        &run(&folder.path().join("wit"), &["all"]),
        2,
        "is --root right?",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_no_panic() {
    use std::fs::OpenOptions;
    use std::process::Stdio;

    let full = || -> Stdio {
        let full = OpenOptions::new().write(true).open("/dev/full");
        full.expect("this system has it").into()
    };
    let unread = || -> Stdio {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer.into()
    };
    let end = |arguments: &[&str], stdout: Stdio, stderr: Stdio| {
        let running = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-wit"))
            .args(arguments)
            .current_dir(root())
            .stdout(stdout)
            .stderr(stderr)
            .spawn();
        let output = running
            .and_then(std::process::Child::wait_with_output)
            .expect("the command ends");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), text)
    };
    let publish = ["publish", "--registry", "example.com/a", "--dry-run"];
    let elsewhere = ["all", "--root", "no/such/folder"];
    for broken in [full, unread] {
        assert_eq!(end(&elsewhere, Stdio::null(), broken()).0, Some(2));
        assert_eq!(end(&["nothing"], Stdio::null(), broken()).0, Some(2));
        assert_eq!(end(&publish, Stdio::null(), broken()).0, Some(0));
    }
    for arguments in [["--help"].as_slice(), &publish] {
        let (status, text) = end(arguments, full(), Stdio::piped());
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains("standard output cannot be written"), "{text}");
        assert_eq!(
            end(arguments, unread(), Stdio::piped()),
            (Some(0), String::new())
        );
    }
}
