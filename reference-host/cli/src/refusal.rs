//! Errors in the arguments, in few lines.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _};

use super::arguments::Arguments;

/// Rewrites the error: instead of all options that were given, the usage of the command, and a tip
/// that names the option which requires others.
pub(super) fn in_short(mut error: clap::Error, given: &[OsString]) -> clap::Error {
    if error.get(ContextKind::Usage).is_none() {
        return error;
    }
    let mut program = Arguments::command();
    program.build();
    let position = given
        .iter()
        .skip(1)
        .position(|word| program.find_subcommand(word).is_some());
    let Some(position) = position.map(|position| position + 1) else {
        return error;
    };
    let Some(mut command) = program.find_subcommand_mut(&given[position]) else {
        return error;
    };
    let mut position = position;
    while let Some(word) = given.get(position + 1)
        && command.find_subcommand(word).is_some()
    {
        command = command
            .find_subcommand_mut(word)
            .expect("it was found just now");
        position += 1;
    }
    let usage = command.render_usage();
    error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    let tips = tips(&error, command, &given[position + 1..]);
    if !tips.is_empty() {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

/// Names the options that require those which are missing.
fn tips(error: &clap::Error, command: &Command, given: &[OsString]) -> Vec<StyledStr> {
    if error.kind() != ErrorKind::MissingRequiredArgument {
        return Vec::new();
    }
    let always = missing_with(command, &[]);
    let missing = missing(error);
    let mut tips = Vec::new();
    for (index, word) in given.iter().enumerate() {
        let Some(option) = option(command, word) else {
            continue;
        };
        let takes_next = option.get_action().takes_values() && !contains(word, '=');
        let words = &given[index..given.len().min(index + 1 + usize::from(takes_next))];
        let needs = missing_with(command, words);
        let needs: Vec<String> = needs
            .into_iter()
            .filter(|needed| missing.contains(needed) && !always.contains(needed))
            .map(|needed| format!("'{needed}'"))
            .collect();
        if let Some(name) = option.get_long().filter(|_| !needs.is_empty()) {
            tips.push(format!("'--{name}' needs {}", needs.join(", ")).into());
        }
    }
    tips
}

fn contains(word: &OsString, letter: char) -> bool {
    word.to_str().is_some_and(|word| word.contains(letter))
}

/// Returns the option that a word names.
fn option<'a>(command: &'a Command, word: &OsString) -> Option<&'a clap::Arg> {
    let name = word.to_str()?.strip_prefix("--")?.split('=').next();
    command
        .get_arguments()
        .find(|argument| name.is_some() && argument.get_long() == name)
}

/// Returns the arguments that are missing when only these are given.
fn missing_with(command: &Command, words: &[OsString]) -> Vec<String> {
    let program = [OsString::from(command.get_name())];
    let parsed = command
        .clone()
        .no_binary_name(false)
        .try_get_matches_from(program.iter().chain(words));
    parsed.err().as_ref().map(missing).unwrap_or_default()
}

fn missing(error: &clap::Error) -> Vec<String> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names))
            if error.kind() == ErrorKind::MissingRequiredArgument =>
        {
            names.clone()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> String {
        let given: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let program = Arguments::command();
        let error = program.try_get_matches_from(&given).unwrap_err();
        in_short(error, &given).to_string()
    }

    #[test]
    fn an_option_that_requires_others_is_named() {
        for (line, tip) in [
            (
                "wasi-mcp serve a.wasm --watch",
                "'--watch' needs '--http <ADDR>'",
            ),
            (
                "wasi-mcp -v serve --max-sessions=5 a.wasm --env A=B",
                "'--max-sessions' needs '--http <ADDR>'",
            ),
            (
                "wasi-mcp serve a.wasm --http 80 --auth-issuer https://a.example",
                "'--auth-issuer' needs",
            ),
            (
                "wasi-mcp inspect a.wasm --allow-http-private",
                "'--allow-http-private' needs '--allow-http <HOST[:PORT]>'",
            ),
        ] {
            let text = refused(line);
            assert!(text.contains(tip), "{text}");
        }
        let text = refused("wasi-mcp call a.wasm --env A=B");
        assert!(text.contains("<TOOL>") && !text.contains("tip"), "{text}");
    }

    #[test]
    fn the_usage_does_not_repeat_the_options() {
        for (line, usage) in [
            (
                "wasi-mcp serve a.wasm --threads 1 --max-sessions 2 --session-idle 3",
                "Usage: wasi-mcp serve [OPTIONS] [COMPONENT] [[NAME=]COMPONENT]...\n",
            ),
            (
                "wasi-mcp call a.wasm tool --json --sampling-answer a --sampling-command b",
                "Usage: wasi-mcp call [OPTIONS] <COMPONENT> <TOOL> [JSON]\n",
            ),
            (
                "wasi-mcp registry component add --replace a",
                "Usage: wasi-mcp registry component add [OPTIONS] <NAME> <COMPONENT>\n",
            ),
            ("wasi-mcp nothing", "Usage: wasi-mcp [OPTIONS] <COMMAND>\n"),
        ] {
            let text = refused(line);
            assert!(text.contains(usage), "{text}");
        }
    }
}
