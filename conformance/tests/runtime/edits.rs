//! Faults of a host that change a message, as their name describes.
//!
//! `out lost result.tools.title` removes the member from every message to the client that has
//! it; `in supplied tools/call:params.arguments={}` adds it to every call that lacks it. A path
//! passes through arrays. The text of numbers and of other members is unchanged.

use serde_json::Value;

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the host.
    In,
    /// From the host to the client.
    Out,
}

#[derive(Clone, Copy, Debug)]
enum Verb {
    /// Removes the member.
    Lost,
    /// Replaces it with another value of its kind.
    Changed,
    /// Empties it: a text, a list or an object.
    Emptied,
    /// Makes it null.
    Nulled,
    /// Reverses a list.
    Turned,
    /// Adds the member if it is absent.
    Supplied,
    /// Drops the message.
    Dropped,
    /// Sends the message twice.
    Twice,
}

/// One change of messages.
#[derive(Clone, Debug)]
pub struct Edit {
    direction: Direction,
    verb: Verb,
    /// The method of the messages that it changes; empty for all methods.
    method: &'static str,
    path: &'static str,
    value: &'static str,
}

impl Edit {
    /// Reads the name of a fault; `None` if it names no change of a message.
    pub fn parse(name: &'static str) -> Option<Self> {
        let (direction, rest) = name.split_once(' ')?;
        let (verb, what) = rest.split_once(' ')?;
        let direction = match direction {
            "in" => Direction::In,
            "out" => Direction::Out,
            _ => return None,
        };
        let verb = match verb {
            "lost" => Verb::Lost,
            "changed" => Verb::Changed,
            "emptied" => Verb::Emptied,
            "nulled" => Verb::Nulled,
            "turned" => Verb::Turned,
            "supplied" => Verb::Supplied,
            "dropped" => Verb::Dropped,
            "twice" => Verb::Twice,
            _ => return None,
        };
        let (what, value) = what.split_once('=').unwrap_or((what, ""));
        let (method, path) = match verb {
            Verb::Dropped | Verb::Twice => (what, ""),
            _ => what.split_once(':').unwrap_or(("", what)),
        };
        Some(Self {
            direction,
            verb,
            method,
            path,
            value,
        })
    }

    /// Returns the lines in place of this one.
    pub fn apply(&self, direction: Direction, line: String) -> Vec<String> {
        let Some(mut message) = (direction == self.direction)
            .then(|| protected(&line))
            .flatten()
        else {
            return vec![line];
        };
        if !self.method.is_empty() && message["method"] != self.method {
            return vec![line];
        }
        let last = self.path.rsplit('.').next().unwrap_or_default();
        let parents: Vec<&str> = self.path.split('.').collect();
        let parents = &parents[..parents.len() - 1];
        match self.verb {
            Verb::Dropped => return Vec::new(),
            Verb::Twice => return vec![line.clone(), line],
            _ => {}
        }
        let mut changed = false;
        visit(&mut message, parents, &mut |parent| {
            changed |= self.change(parent, last);
        });
        if changed {
            vec![restored(&message.to_string())]
        } else {
            vec![line]
        }
    }

    fn change(&self, parent: &mut Value, name: &str) -> bool {
        let Some(members) = parent.as_object_mut() else {
            return false;
        };
        if let Verb::Supplied = self.verb {
            let value = protected(self.value).expect("the value is JSON");
            let absent = !members.contains_key(name);
            members.entry(name).or_insert(value);
            return absent;
        }
        if let Verb::Lost = self.verb {
            return members.remove(name).is_some();
        }
        let Some(value) = members.get_mut(name) else {
            return false;
        };
        let before = value.clone();
        match (self.verb, &mut *value) {
            (Verb::Nulled, value) => *value = Value::Null,
            (Verb::Emptied, Value::Array(items)) => items.clear(),
            (Verb::Emptied, Value::Object(members)) => members.clear(),
            (Verb::Emptied, value) => *value = "".into(),
            (Verb::Turned, Value::Array(items)) => items.reverse(),
            (_, Value::Bool(it)) => *it = !*it,
            (_, Value::String(text)) if text.starts_with(MARK) => text.push('1'),
            (_, Value::String(text)) => text.push('x'),
            (_, Value::Array(items)) => {
                items.pop();
            }
            (_, Value::Object(members)) => {
                members.insert("added".to_owned(), Value::Null);
            }
            (_, Value::Null | Value::Number(_)) => *value = "changed".into(),
        }
        *value != before
    }
}

fn visit(value: &mut Value, path: &[&str], act: &mut impl FnMut(&mut Value)) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(|item| visit(item, path, act));
        return;
    }
    match path.split_first() {
        None => act(value),
        Some((name, rest)) => {
            if let Some(member) = value.get_mut(*name) {
                visit(member, rest, act);
            }
        }
    }
}

/// Marks a string that holds the text of a number.
const MARK: char = '\u{10ffff}';

/// Parses JSON, with numbers as strings that hold their text; `None` for other text.
fn protected(text: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text).ok()?;
    let mut quoted = String::with_capacity(text.len());
    let (mut inside, mut escaped, mut number) = (false, false, false);
    for character in text.chars() {
        let belongs = !inside && (character.is_ascii_digit() || "+-.eE".contains(character));
        // `true`, `false` and `null` have letters of a number, too, but do not begin with one.
        let belongs = belongs && (number || character.is_ascii_digit() || character == '-');
        if belongs != number {
            quoted.push('"');
            if belongs {
                quoted.push(MARK);
            }
            number = belongs;
        }
        if character == '"' && !escaped {
            inside = !inside;
        }
        escaped = character == '\\' && !escaped;
        quoted.push(character);
    }
    if number {
        quoted.push('"');
    }
    serde_json::from_str(&quoted).ok()
}

/// Adds blanks between the tokens of JSON.
pub fn spaced(line: &str) -> String {
    let mut text = String::with_capacity(line.len() * 2);
    let (mut inside, mut escaped) = (false, false);
    for character in line.chars() {
        let separates = !inside && "{}[],:".contains(character);
        if separates {
            text.push(' ');
        }
        if character == '"' && !escaped {
            inside = !inside;
        }
        escaped = character == '\\' && !escaped;
        text.push(character);
        if separates {
            text.push(' ');
        }
    }
    text
}

/// Restores the numbers of a text.
fn restored(text: &str) -> String {
    let mut restored = String::with_capacity(text.len());
    let mark = format!("\"{MARK}");
    let mut pieces = text.split(&mark);
    restored.extend(pieces.next());
    for piece in pieces {
        let (number, rest) = piece.split_once('"').unwrap_or((piece, ""));
        restored.push_str(number);
        restored.push_str(rest);
    }
    restored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_touches_nothing_else() {
        let line = r#"{"result":{"tools":[{"n":1.10,"title":"a"},{"big":9007199254740993,"t":[true,-2e+3]}]}}"#;
        let edit = |name: &'static str| Edit::parse(name).expect(name);
        let lost = edit("out lost result.tools.title").apply(Direction::Out, line.to_owned());
        assert_eq!(lost, [line.replace(r#","title":"a""#, "")]);
        for other in ["out lost result.tools.none", "in lost result.tools.title"] {
            let same = edit(other).apply(Direction::Out, line.to_owned());
            assert_eq!(same, [line], "{other}");
        }
        let more = edit("out supplied result.tools.title=null");
        let more = more.apply(Direction::Out, line.to_owned());
        assert!(more[0].contains(r#"-2e+3],"title":null"#), "{more:?}");
        let changed = edit("out changed result.tools.n").apply(Direction::Out, line.to_owned());
        assert!(changed[0].contains("1.101"), "{changed:?}");
        assert!(Edit::parse("ids-rounded").is_none());
    }
}
