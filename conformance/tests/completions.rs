//! The completions for shells.

use std::process::Command;

/// Returns the completion script for a shell.
fn script(shell: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .args(["completions", shell])
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{shell}");
    assert!(output.stderr.is_empty(), "{shell}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Returns the subcommands in the help.
fn subcommands() -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .arg("--help")
        .output()
        .expect("the program starts");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    let names = lines.filter(|line| !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

#[test]
fn every_shell_completes_every_subcommand() {
    let subcommands = subcommands();
    assert!(subcommands.len() > 4 && subcommands.contains(&"run".to_owned()));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = script(shell);
        assert!(script.contains("wasi-mcp-conformance"), "{shell}");
        for word in subcommands
            .iter()
            .map(String::as_str)
            .chain(["junit", "fail-fast"])
        {
            let named = script.contains(word);
            // Neither of them completes values of options.
            let unable = word == "junit" && ["elvish", "powershell"].contains(&shell);
            assert_eq!(named, !unable, "{shell}: {word}");
        }
    }
}

#[cfg(unix)]
#[test]
fn bash_reads_its_script() {
    use std::io::Write;
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("bash starts");
    let mut input = bash.stdin.take().expect("its input");
    input
        .write_all(script("bash").as_bytes())
        .expect("bash reads");
    drop(input);
    assert!(bash.wait().expect("bash ends").success());
}
