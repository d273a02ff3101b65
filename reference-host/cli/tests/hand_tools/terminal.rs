//! The commands at a terminal: `script` of util-linux gives them one.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::*;
use crate::command::PATIENCE;

/// A command whose standard streams are a terminal.
struct Terminal {
    process: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    /// The output since the last key.
    shown: String,
}

impl Terminal {
    fn start(command: &Command) -> Self {
        let command = command.as_std();
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<String> = words
            .map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''")))
            .collect();
        let mut script = Command::new("script");
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        // Without `exec` a shell would take the signals, too.
        let line = format!("exec {}", words.join(" "));
        let mut process = script
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .env("TERM", "dumb")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("`script` of util-linux is installed");
        Self {
            keys: process.stdin.take().unwrap(),
            screen: process.stdout.take().unwrap(),
            process,
            shown: String::new(),
        }
    }

    /// Waits until the screen shows this text.
    async fn shows(&mut self, text: &str) {
        let read = async {
            while !self.shown.contains(text) {
                let mut bytes = [0; 4096];
                let count = self.screen.read(&mut bytes).await.unwrap();
                assert_ne!(count, 0, "{text:?} is not in {:?}", self.shown);
                self.shown += &String::from_utf8_lossy(&bytes[..count]);
            }
        };
        let shown = tokio::time::timeout(PATIENCE, read).await;
        assert!(shown.is_ok(), "{text:?} is not in {:?}", self.shown);
    }

    async fn presses(&mut self, keys: &str) {
        self.shown.clear();
        self.keys.write_all(keys.as_bytes()).await.unwrap();
    }

    /// Answers the question that this text is part of.
    async fn answers(&mut self, text: &str, answer: &str) {
        self.shows(text).await;
        self.shows("> ").await;
        self.presses(&format!("{answer}\n")).await;
    }

    /// Waits for the end of the command, and returns its status and the rest of the screen.
    async fn ends(mut self) -> (Option<i32>, String) {
        let rest = async {
            let mut bytes = Vec::new();
            self.screen.read_to_end(&mut bytes).await.unwrap();
            self.shown += &String::from_utf8_lossy(&bytes);
            self.process.wait().await.unwrap().code()
        };
        let code = tokio::time::timeout(PATIENCE, rest).await;
        (code.expect("it ends in time"), self.shown)
    }
}

/// Makes a pipe beside a guest: a command that loads it waits for the writer.
fn pipe(guest: &GuestFile) -> PathBuf {
    let path = guest.sibling("pipe.wasm");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    path
}

/// Calls the tool that asks for one value of each kind.
fn elicit(name: &str) -> (GuestFile, Terminal) {
    let guest = GuestFile::write(name);
    let terminal = Terminal::start(&on(&guest, "call", &["elicit"]));
    (guest, terminal)
}

#[tokio::test]
async fn a_person_fills_in_each_kind_of_field() {
    for name in ["reference-backend-0.2", "reference-backend-0.3"] {
        let (_guest, mut terminal) = elicit(name);
        terminal
            .shows("The component asks: Please fill in the form.")
            .await;
        terminal
            .answers("Name (name): text, 1 to 40 characters, required", "")
            .await;
        terminal
            .answers("(ratio): a number, 0.5 to 99.5", "0")
            .await;
        terminal
            .answers("expected a number, 0.5 to 99.5", "1.5")
            .await;
        terminal
            .answers("(age): a whole number, 0 to 150, required", "")
            .await;
        terminal.answers("a value is required", "1.5").await;
        terminal
            .answers("expected a whole number, 0 to 150", "151")
            .await;
        terminal
            .answers("expected a whole number, 0 to 150", "36")
            .await;
        terminal
            .answers("Agreed (agreed): yes or no", "perhaps")
            .await;
        terminal.answers("expected yes or no", "y").await;
        terminal.answers("2) Green (g)", "4").await;
        terminal.answers("expected a number from 1 to 3", "2").await;
        terminal.answers("email: an email address", "nobody").await;
        terminal
            .answers("expected an email address", "ada@example.com")
            .await;
        terminal.answers("homepage: a URI", "").await;
        terminal.answers("birthday: a date", "1815-12-10").await;
        terminal
            .answers("appointment: date and time", "tomorrow")
            .await;
        terminal.answers("expected date and time", "").await;
        // The second round: typed values are kept, changed, or omitted.
        terminal.answers("send?", "e").await;
        terminal.answers("[Ada] > ", "Ada L.").await;
        terminal.answers("[1.5] > ", "!skip").await;
        terminal.answers("[36] > ", "").await;
        terminal.answers("[yes] > ", "no").await;
        terminal.answers("[g] > ", "Blue").await;
        terminal.answers("[ada@example.com] > ", "").await;
        terminal.answers("homepage: a URI", "").await;
        terminal.answers("[1815-12-10] > ", "").await;
        terminal.answers("appointment: date and time", "").await;
        terminal.answers("send?", "y").await;
        let (code, screen) = terminal.ends().await;
        assert_eq!(code, Some(0), "{screen}");
        let result = screen.lines().last().unwrap();
        let result: Value =
            serde_json::from_str(result).unwrap_or_else(|error| panic!("{error}: {screen}"));
        let content = json!({
            "name": "Ada L.", "age": 36, "agreed": false, "colour": "b",
            "email": "ada@example.com", "birthday": "1815-12-10",
        });
        assert_eq!(result, json!({ "action": "accept", "content": content }));
    }
}

#[tokio::test]
async fn a_misspelt_command_is_not_taken_as_a_value() {
    let (_guest, mut terminal) = elicit("reference-backend-0.3");
    terminal
        .shows("(!decline refuses the form, !cancel dismisses it;")
        .await;
    terminal.answers("[Ada] > ", "!declin").await;
    terminal.shows("did you mean `!decline`?").await;
    terminal.answers("[Ada] > ", "!!declin").await;
    terminal.answers("(ratio): a number", "!decline").await;
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains(r#"{"action":"decline""#), "{screen}");

    let guest = GuestFile::write("reference-backend-0.3");
    let arguments = ["test_elicitation", r#"{"message": "Who?"}"#];
    let mut terminal = Terminal::start(&on(&guest, "call", &arguments));
    terminal.answers("username", "!!declin").await;
    terminal.answers("email", "ada@example.com").await;
    terminal.answers("send?", "!cancle").await;
    terminal.answers("did you mean `!cancel`?", "perhaps").await;
    terminal.answers("expected y, e, d or c", "y").await;
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("\"!declin\""), "{screen}");
}

#[tokio::test]
async fn lines_typed_before_the_form_are_no_answers() {
    let guest = GuestFile::write("reference-backend-0.3");
    let pipe = pipe(&guest);
    let mut command = wasi_mcp();
    command.arg("call").arg(&pipe).arg("elicit");
    let mut terminal = Terminal::start(&command);
    // The command waits for the component: it is the writer's turn.
    let bytes = std::fs::read(guest.path()).unwrap();
    let writer =
        tokio::task::spawn_blocking(move || std::fs::File::options().write(true).open(pipe));
    let mut writer = writer.await.unwrap().unwrap();
    terminal.presses("typed too early\n!decline\n").await;
    // The terminal echoes it, so it waits to be read.
    terminal.shows("typed too early\r\n!decline\r\n").await;
    let written =
        tokio::task::spawn_blocking(move || std::io::Write::write_all(&mut writer, &bytes));
    written.await.unwrap().unwrap();
    terminal.answers("[Ada] > ", "").await;
    terminal.answers("(ratio): a number", "!cancel").await;
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains(r#"{"action":"cancel""#), "{screen}");
}

#[tokio::test]
async fn lists_fit_the_terminal() {
    let guest = GuestFile::write("reference-backend-0.3");
    let mut inspect = on(&guest, "inspect", &[]);
    let whole = printed(run(&mut inspect).await);
    assert!(whole.lines().any(|line| line.chars().count() > 60));
    assert!(!whole.contains('…'), "{whole}");
    let path = guest.path().to_str().unwrap();
    let program = env!("CARGO_BIN_EXE_wasi-mcp");
    let line = r#"stty cols 60 && exec "$0" inspect "$1""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", line, program, path]);
    for (name, value) in inspect.as_std().get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let (code, screen) = Terminal::start(&shell).ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(
        screen.trim_end().ends_with("--json has everything)"),
        "{screen}"
    );
    let items = |text: &str| -> Vec<String> {
        let items = text.lines().filter(|line| line.starts_with("  "));
        items.map(str::to_owned).collect()
    };
    let (shown, all) = (items(&screen), items(&whole));
    assert_eq!(shown.len(), all.len(), "{screen}");
    for (shown, line) in shown.iter().zip(&all) {
        if line.chars().count() <= 60 {
            assert_eq!(shown, line);
        } else {
            assert!(shown.chars().count() <= 60, "{shown}");
            assert!(
                line.starts_with(shown.strip_suffix('…').unwrap()),
                "{shown}"
            );
        }
    }
}

#[tokio::test]
async fn a_person_refuses_a_form() {
    for (keys, action) in [
        ("!decline\n", "decline"),
        ("!cancel\n", "cancel"),
        // The end of the input.
        ("\u{4}", "cancel"),
    ] {
        let (_guest, mut terminal) = elicit("reference-backend-0.3");
        terminal.shows("[Ada] > ").await;
        terminal.presses(keys).await;
        let (code, screen) = terminal.ends().await;
        assert_eq!(code, Some(0), "{screen}");
        assert!(
            screen.contains(&format!(r#"{{"action":"{action}""#)),
            "{screen}"
        );
    }
    for (answer, action) in [("d", "decline"), ("c", "cancel")] {
        let guest = GuestFile::write("reference-backend-0.3");
        let arguments = ["test_elicitation", r#"{"message": "Who?"}"#];
        let mut terminal = Terminal::start(&on(&guest, "call", &arguments));
        terminal.answers("username", "ada").await;
        terminal.answers("email", "ada@example.com").await;
        terminal.answers("send?", answer).await;
        let (code, screen) = terminal.ends().await;
        assert_eq!(code, Some(0), "{screen}");
        assert!(screen.contains(action), "{screen}");
    }
}

/// Calls the tool that asks the user and the model at once, and then the user again. A script
/// answers for the model.
fn ask_user_and_model(script: &str) -> (GuestFile, Terminal) {
    let guest = GuestFile::write("reference-backend-0.3");
    let file = guest.sibling("model.sh");
    std::fs::write(&file, script).unwrap();
    let command = format!(
        "sh '{}' '{}'",
        file.display(),
        guest.sibling("sign").display()
    );
    let arguments = ["ask-user-and-model", "--sampling-command", &command];
    let terminal = Terminal::start(&on(&guest, "call", &arguments));
    (guest, terminal)
}

#[tokio::test]
async fn a_form_that_the_component_withdraws_gives_way_to_the_next_one() {
    let answer = r#"{"role":"assistant","model":"m","content":{"type":"text","text":"42"}}"#;
    let script = format!("until [ -e \"$1\" ]; do sleep 0.05; done; echo '{answer}'\n");
    let (guest, mut terminal) = ask_user_and_model(&script);
    terminal.shows("answer: text, required").await;
    terminal.shows("> ").await;
    // A line that is not finished when the form is withdrawn.
    terminal.presses("forty-").await;
    terminal.shows("forty-").await;
    std::fs::write(guest.sibling("sign"), "").unwrap();
    terminal.shows("The form was withdrawn").await;
    terminal
        .shows("The component asks: Is the model right?")
        .await;
    terminal.answers("agreed: yes or no", "yes").await;
    terminal.answers("send?", "y").await;
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    let result: Value = serde_json::from_str(screen.lines().last().unwrap()).unwrap();
    assert_eq!(
        result,
        json!({
            "first": "model",
            "confirmation": { "action": "accept", "content": { "agreed": true } },
        })
    );
}

#[tokio::test]
async fn a_model_that_nobody_waits_for_is_ended() {
    let script = "echo $$ > \"$1.new\"; mv \"$1.new\" \"$1\"; exec sleep 86400\n";
    let (guest, mut terminal) = ask_user_and_model(script);
    terminal.shows("answer: text, required").await;
    terminal.shows("> ").await;
    let until = async |patience, is_done: &dyn Fn() -> bool| {
        let done = async {
            while !is_done() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(patience, done).await.expect("in time");
    };
    let sign = guest.sibling("sign");
    until(PATIENCE, &|| sign.exists()).await;
    let process = std::fs::read_to_string(&sign).unwrap();
    let process = Path::new("/proc").join(process.trim());
    assert!(process.exists(), "the model thinks");
    terminal.presses("42\n").await;
    terminal.answers("send?", "y").await;
    terminal.shows("Is the user right?").await;
    // The command goes on: it waits for this answer. Meanwhile it reaps the program, and not only when some
    // other event wakes it.
    until(PATIENCE / 4, &|| !process.exists()).await;
    terminal.answers("agreed: yes or no", "no").await;
    terminal.answers("send?", "y").await;
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains(r#""first":"user""#), "{screen}");
}

#[tokio::test]
async fn ctrl_c_cancels_the_call_at_a_question_and_without_one() {
    let (_guest, mut terminal) = elicit("reference-backend-0.3");
    terminal.shows("[Ada] > ").await;
    terminal.presses("\u{3}").await;
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(130), "{screen}");
    assert!(screen.contains("the request is cancelled"), "{screen}");
    assert!(!screen.contains("The form was withdrawn"), "{screen}");

    for name in REFERENCES {
        let guest = GuestFile::write(name);
        let arguments = ["wait-until-cancelled", "-vv"];
        let mut terminal = Terminal::start(&on(&guest, "call", &arguments));
        terminal.shows("\"tools/call\"").await;
        terminal.presses("\u{3}").await;
        let (code, screen) = terminal.ends().await;
        assert_eq!(code, Some(130), "{name}: {screen}");
        assert!(
            screen.contains("notifications/cancelled"),
            "{name}: {screen}"
        );
    }
}

#[tokio::test]
async fn ctrl_c_ends_every_command_before_its_request() {
    let guest = GuestFile::write("hello-0.3");
    let commands: [&[&str]; 5] = [
        &["inspect"],
        &["call", "tool"],
        &["read", "x:y"],
        &["get", "prompt"],
        &["complete", "argument", "--prompt", "prompt"],
    ];
    for arguments in commands {
        let pipe = pipe(&guest);
        let mut command = wasi_mcp();
        command.arg(arguments[0]).arg(&pipe).args(&arguments[1..]);
        let mut terminal = Terminal::start(&command);
        // It reads the component, so it takes signals.
        let writer = pipe.clone();
        let writer =
            tokio::task::spawn_blocking(move || std::fs::File::options().write(true).open(writer));
        let writer = writer.await.unwrap().unwrap();
        terminal.presses("\u{3}").await;
        let (code, screen) = terminal.ends().await;
        assert_eq!(code, Some(130), "{arguments:?}: {screen}");
        assert!(screen.contains("error: interrupted"), "{screen}");
        drop(writer);
        std::fs::remove_file(pipe).unwrap();
    }

    let guest = GuestFile::write("probes-backend-0.3");
    let probes = std::fs::read(guest.path()).unwrap();
    let never = wasi_mcp_embedded_guests::mode::with_mode(&probes, "start-never").unwrap();
    std::fs::write(guest.path(), never).unwrap();
    for arguments in &commands[..2] {
        let (name, rest) = arguments.split_first().unwrap();
        let mut command = on(&guest, name, rest);
        let mut terminal = Terminal::start(command.arg("-vv"));
        terminal.shows("\"initialize\"").await;
        terminal.presses("\u{3}").await;
        let (code, screen) = terminal.ends().await;
        assert_eq!(code, Some(130), "{arguments:?}: {screen}");
        let told = screen.matches("error: interrupted").count();
        assert_eq!(told, 1, "{arguments:?}: {screen}");
    }
}

#[tokio::test]
async fn a_signal_ends_a_command_whose_output_is_not_read() {
    let guest = GuestFile::write("streams-0.3");
    let mut process = on(&guest, "read", &["stream:10000000000"]).spawn().unwrap();
    let mut output = process.stdout.take().unwrap();
    output.read_exact(&mut [0; 1000]).await.unwrap();
    command::signal(&process, "INT").await;
    let ended = command::end(process).await;
    drop(output);
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert_eq!(ended.stderr.matches("error: interrupted").count(), 1);
}

#[tokio::test]
async fn a_terminal_gets_no_bytes_and_no_control_characters() {
    let guest = GuestFile::write("reference-backend-0.3");
    let terminal = Terminal::start(&on(&guest, "read", &["test://static-binary"]));
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(
        screen.contains("test://static-binary (image/png), 70 bytes: not shown"),
        "{screen}"
    );
    assert!(!screen.contains("IHDR"), "{screen}");

    let arguments = ["echo", r#"{"text": "a\u001b[2Jb"}"#];
    let terminal = Terminal::start(&on(&guest, "call", &arguments));
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains(r"a\u{1b}[2Jb"), "{screen}");

    let guest = GuestFile::write("streams-0.3");
    let terminal = Terminal::start(&on(&guest, "read", &["stream:10000000000"]));
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("not shown on a terminal"), "{screen}");
}

#[tokio::test]
async fn an_answer_given_in_advance_is_not_asked_for() {
    let guest = GuestFile::write("reference-backend-0.3");
    let arguments = ["elicit", "--elicit", "decline"];
    let terminal = Terminal::start(&on(&guest, "call", &arguments));
    let (code, screen) = terminal.ends().await;
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("The component asks"), "{screen}");
}
