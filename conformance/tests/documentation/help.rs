//! The help of every command of the three programs.

use crate::programs;

const PROGRAMS: [&str; 3] = ["wasi-mcp", "wasi-mcp-conformance", "wasi-mcp-wit"];

/// Lists the mistakes in the help of the programs and of their commands.
pub(crate) fn complaints() -> Vec<String> {
    let mut complaints = Vec::new();
    let mut seen = 0;
    for program in PROGRAMS {
        let help = programs::help(&format!("{program} --help"));
        complaints.extend(of(program, &help));
        for command in commands(&help) {
            if command == "help" {
                continue;
            }
            let line = format!("{program} {command}");
            let help = programs::help(&format!("{line} --help"));
            complaints.extend(of(&line, &help));
            // Commands that people type by hand.
            if program == "wasi-mcp" && !help.contains("\nExamples:\n") {
                complaints.push(format!("{line} --help: no examples"));
            }
            complaints.extend(wrong_examples(program, &line, &help));
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen} commands have help");
    complaints
}

/// The commands in a program's help.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    let names = lines.filter(|line| !line.starts_with("   "));
    names
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .collect()
}

/// The examples in a command's help.
fn examples(help: &str) -> impl Iterator<Item = &str> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    lines.map(str::trim)
}

/// Lists examples of other programs, and options of examples that the command does not have.
fn wrong_examples(program: &str, line: &str, help: &str) -> Vec<String> {
    let (described, _) = help.split_once("Examples:").unwrap_or((help, ""));
    let mut complaints = Vec::new();
    for example in examples(help) {
        if !example.starts_with(&format!("{program} ")) {
            complaints.push(format!("{line} --help: `{example}` is another program"));
        }
        let own = example.starts_with(&format!("{line} "));
        // Behind `--` stand the options of another command.
        let words = example.split_whitespace().take_while(|word| *word != "--");
        let options = words.filter(|word| word.starts_with("--"));
        let unknown = options.filter(|option| own && !described.contains(option));
        complaints.extend(unknown.map(|option| format!("{line} --help: there is no {option}")));
    }
    complaints
}

/// Lists the mistakes in one text.
fn of(command: &str, help: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut complain = |what: &str, line: &str| {
        complaints.push(format!("{command} --help: {what}: `{}`", line.trim()));
    };
    let mut heading = "";
    let mut options = 0;
    for line in help.lines() {
        let words = line.trim_start();
        if line.ends_with(':') && line == words {
            (heading, options) = (line, 0);
        }
        let indent = line.len() - words.len();
        let is_argument = words.starts_with(['<', '[']) && (2..=6).contains(&indent);
        let is_option = words.starts_with("--") || is_short_option(words);
        if is_argument && heading != "Arguments:" && heading != "Examples:" {
            let is_default = words.starts_with("[default") || words.starts_with("[possible");
            if !is_default {
                complain(&format!("an argument below `{heading}`"), line);
            }
        }
        if is_option && indent > 0 && heading == "Arguments:" {
            complain("an option below `Arguments:`", line);
        }
        if is_option && indent > 0 {
            options += 1;
            if options == 20 && heading == "Options:" {
                complain("20 options in one group", line);
            }
        }
        let last = words.rsplit(": ").next().unwrap_or_default().trim();
        if words.contains(": ") && ["None", "None."].contains(&last) {
            complain("says nothing", line);
        }
    }
    complaints
}

fn is_short_option(words: &str) -> bool {
    let mut letters = words.chars();
    letters.next() == Some('-')
        && letters.next().is_some_and(char::is_alphabetic)
        && letters.next().is_none_or(|letter| ", ".contains(letter))
}

#[test]
fn misplaced_lines_are_found() {
    let good = "Does it\n\nUsage: it [OPTIONS] <FILE>\n\nArguments:\n  <FILE>\n          The file\n\n\
                Options:\n  -h, --help\n          Print help\n";
    assert_eq!(of("it", good), Vec::<String>::new());
    for (bad, part) in [
        (
            good.replace("Arguments:", "Sandbox:"),
            "an argument below `Sandbox:`",
        ),
        (
            good.replace("Options:\n", ""),
            "an option below `Arguments:`",
        ),
        (format!("{good}          - call:    None\n"), "says nothing"),
        (
            format!("{good}{}", "      --one\n          It\n".repeat(20)),
            "20 options",
        ),
    ] {
        let complaints = of("it", &bad);
        assert!(
            complaints.iter().any(|text| text.contains(part)),
            "{part}: {complaints:?}"
        );
    }
    let help = "  --one\nExamples:\n  it do --one\n  it do --two\n  that do\n";
    assert_eq!(
        wrong_examples("it", "it do", help),
        [
            "it do --help: there is no --two",
            "it do --help: `that do` is another program"
        ]
    );
    assert_eq!(
        commands("Commands:\n  a     Does\n           more\n  b-c   It\n\nOptions:\n"),
        ["a", "b-c"]
    );
}
