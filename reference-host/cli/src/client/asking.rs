//! Asks the person at the terminal to fill in a form.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};
use tokio::sync::{Mutex, MutexGuard, mpsc};

use super::form::{Field, Form};
use crate::logging::Log;
use crate::output::visible;
use crate::similar;

/// Typed in place of a value, to refuse the form.
const DECLINE: &str = "!decline";
/// Typed in place of a value, to dismiss the form without a choice.
const CANCEL: &str = "!cancel";

/// Typed in place of a value, to leave the field out although it has a value.
const SKIP: &str = "!skip";

/// Begins what is typed in place of a value. Twice, it begins a value.
const COMMAND: char = '!';

/// The outcome of a form.
#[derive(Debug, PartialEq)]
pub(super) enum Filled {
    Accepted(Map<String, Value>),
    Declined,
    Cancelled,
}

/// The person at the terminal, who answers one form at a time.
pub(super) struct Person {
    keyboard: Mutex<Keyboard>,
    /// True once the person has interrupted the command.
    has_left: AtomicBool,
    log: Log,
}

/// Standard input, line by line.
struct Keyboard {
    /// Makes the thread read a line.
    reads: std::sync::mpsc::Sender<()>,
    /// The lines that were read, `None` at the end of the input.
    lines: mpsc::UnboundedReceiver<Option<String>>,
    /// True while a line that was asked for has not been taken.
    is_reading: bool,
}

impl Keyboard {
    /// Starts a thread that reads a line of standard input whenever one is asked for. It ends with
    /// the process: a read cannot be interrupted.
    fn start() -> io::Result<Self> {
        let (reads, asked) = std::sync::mpsc::channel();
        let (sender, lines) = mpsc::unbounded_channel();
        std::thread::Builder::new()
            .name("wasi-mcp-keyboard".to_owned())
            .spawn(move || {
                for () in asked {
                    let mut line = String::new();
                    let read = io::stdin().read_line(&mut line);
                    let line = read.is_ok_and(|bytes| bytes > 0).then_some(line);
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            reads,
            lines,
            is_reading: false,
        })
    }

    /// Waits for a line. A wait that was given up leaves its read to the next one.
    async fn line(&mut self) -> Option<String> {
        if !self.is_reading {
            self.reads.send(()).ok()?;
            self.is_reading = true;
        }
        let line = self.lines.recv().await;
        self.is_reading = false;
        line?
    }

    /// Discards what was typed and not taken, a line that is not complete included.
    fn discard(&mut self) {
        // Where this fails, or is not possible, the line goes to the next question.
        #[cfg(unix)]
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
        while self.lines.try_recv().is_ok() {
            self.is_reading = false;
        }
    }
}

/// A form on the screen. If it is dropped before it is answered, the person is told.
struct ShownForm<'a> {
    person: &'a Person,
    keyboard: MutexGuard<'a, Keyboard>,
    is_answered: bool,
}

impl Drop for ShownForm<'_> {
    fn drop(&mut self) {
        if self.is_answered || self.person.has_left.load(Ordering::Relaxed) {
            return;
        }
        self.keyboard.discard();
        self.person
            .log
            .say("\nThe form was withdrawn and needs no answer; what was typed is discarded.");
    }
}

/// Returns whether a person can be asked: standard error and standard input are a terminal.
pub(super) fn is_present() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

impl Person {
    /// Begins to read standard input.
    pub(super) fn new(log: &Log) -> io::Result<Self> {
        Ok(Self {
            keyboard: Mutex::new(Keyboard::start()?),
            has_left: AtomicBool::new(false),
            log: log.clone(),
        })
    }

    /// Marks the command as interrupted: the person need not be told what becomes of a form.
    pub(super) fn leave(&self) {
        self.has_left.store(true, Ordering::Relaxed);
    }

    /// Shows the form and waits until it is accepted or refused. Dropping the future takes the form
    /// back.
    pub(super) async fn fill(&self, form: &Form) -> Filled {
        let mut shown = ShownForm {
            keyboard: self.keyboard.lock().await,
            person: self,
            is_answered: false,
        };
        let filled = self.ask(&mut shown.keyboard, form).await;
        shown.is_answered = true;
        filled
    }

    async fn ask(&self, keyboard: &mut Keyboard, form: &Form) -> Filled {
        self.log
            .say(&format!("\nThe component asks: {}", visible(&form.message)));
        self.log.say(&format!(
            "({DECLINE} refuses the form, {CANCEL} dismisses it; Enter keeps the value in brackets, \
             {SKIP} leaves the field out)"
        ));
        // It cannot be meant for questions that were not on the screen.
        keyboard.discard();
        let mut values = Map::new();
        loop {
            for field in &form.fields {
                match self.value(keyboard, field, values.get(&field.name)).await {
                    Typed::Value(value) => {
                        values.insert(field.name.clone(), value);
                    }
                    Typed::Nothing => {
                        values.remove(&field.name);
                    }
                    Typed::Decline => return Filled::Declined,
                    Typed::Cancel => return Filled::Cancelled,
                }
            }
            self.log.say(&format!(
                "\nThe answer: {}",
                visible(&Value::Object(values.clone()).to_string())
            ));
            for complaint in form.complaints(&values) {
                self.log.say(&complaint);
            }
            match self.consent(keyboard).await {
                Consent::Send if form.complaints(&values).is_empty() => {
                    return Filled::Accepted(values);
                }
                Consent::Send | Consent::Edit => {}
                Consent::Decline => return Filled::Declined,
                Consent::Cancel => return Filled::Cancelled,
            }
        }
    }

    /// Asks for one field until the value is valid.
    async fn value(&self, keyboard: &mut Keyboard, field: &Field, before: Option<&Value>) -> Typed {
        let preset = before.or(field.default.as_ref());
        self.log
            .say(&format!("\n{}: {}", field.heading(), field.expected()));
        if let Some(description) = field.description() {
            self.log.say(&description);
        }
        for choice in field.choices() {
            self.log.say(&format!("  {choice}"));
        }
        loop {
            let prompt = match preset {
                Some(preset) => format!("[{}] > ", visible(&in_words(preset))),
                None => "> ".to_owned(),
            };
            let typed = match self.line(keyboard, &prompt).await {
                None => return Typed::Cancel,
                Some(line) => line,
            };
            let value = match typed.trim() {
                DECLINE => return Typed::Decline,
                CANCEL => return Typed::Cancel,
                typed @ ("" | SKIP) => match preset.filter(|_| typed.is_empty()) {
                    Some(preset) => return Typed::Value(preset.clone()),
                    None if !field.is_required => return Typed::Nothing,
                    None => Err("a value is required".to_owned()),
                },
                // The only way to send no text at all.
                "\"\"" => field.parse(""),
                trimmed => match trimmed.strip_prefix(COMMAND) {
                    Some(value) if value.starts_with(COMMAND) => field.parse(value),
                    Some(_) => Err(format!(
                        "{}; a value that begins with {COMMAND} is typed with {COMMAND}{COMMAND}",
                        unknown_command(trimmed)
                    )),
                    None => field.parse(trimmed),
                },
            };
            match value {
                Ok(value) => return Typed::Value(value),
                Err(complaint) => self.log.say(&complaint),
            }
        }
    }

    async fn consent(&self, keyboard: &mut Keyboard) -> Consent {
        loop {
            let prompt = "send? [y]es, [e]dit, [d]ecline, [c]ancel > ";
            let Some(typed) = self.line(keyboard, prompt).await else {
                return Consent::Cancel;
            };
            match typed.trim().to_lowercase().as_str() {
                "y" | "yes" => return Consent::Send,
                "e" | "edit" => return Consent::Edit,
                "d" | "decline" | DECLINE => return Consent::Decline,
                "c" | "cancel" | CANCEL => return Consent::Cancel,
                typed if typed.starts_with(COMMAND) => self.log.say(&unknown_command(typed)),
                _ => self.log.say("expected y, e, d or c"),
            }
        }
    }

    async fn line(&self, keyboard: &mut Keyboard, prompt: &str) -> Option<String> {
        self.log.prompt(prompt);
        keyboard.line().await
    }
}

enum Typed {
    Value(Value),
    Nothing,
    Decline,
    Cancel,
}

enum Consent {
    Send,
    Edit,
    Decline,
    Cancel,
}

/// Suggests a command for a misspelt one.
fn unknown_command(typed: &str) -> String {
    let meant = similar::question(typed, &[DECLINE, CANCEL, SKIP])
        .unwrap_or_else(|| format!("expected {DECLINE}, {CANCEL} or {SKIP}"));
    format!("unknown command `{}`: {meant}", visible(typed))
}

/// Shows a value as it would be typed.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) if text.starts_with(COMMAND) => format!("{COMMAND}{text}"),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_command_is_not_a_value() {
        for (typed, meant) in [
            ("!declin", DECLINE),
            ("!Decline", DECLINE),
            ("!cancle", CANCEL),
            ("!s", SKIP),
        ] {
            let told = unknown_command(typed);
            let expected = format!("unknown command `{typed}`: did you mean `{meant}`?");
            assert_eq!(told, expected);
        }
        let told = unknown_command("!quit");
        assert!(
            told.ends_with("expected !decline, !cancel or !skip"),
            "{told}"
        );
    }
}
