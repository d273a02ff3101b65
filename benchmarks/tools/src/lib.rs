//! The tools that all compared servers offer, so that they offer the same.
//!
//! Three tools: [`ECHO`] returns the text that it is given, [`LARGE_TEXT`] a
//! text of so many bytes, [`LARGE_BINARY`] an image of so many bytes. Further
//! tools, as many as the environment asks for with [`FURTHER_TOOLS`], are there
//! to be listed.

use std::cell::RefCell;

/// Returns its argument `text`.
pub const ECHO: &str = "echo";
/// Returns a text of as many bytes as its argument `bytes` says.
pub const LARGE_TEXT: &str = "large-text";
/// Returns an image of as many bytes as its argument `bytes` says.
pub const LARGE_BINARY: &str = "large-binary";

/// The schema of the arguments of [`ECHO`] and of the further tools.
pub const TEXT_SCHEMA: &str =
    r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#;
/// The schema of the arguments of [`LARGE_TEXT`] and [`LARGE_BINARY`].
pub const SIZE_SCHEMA: &str = r#"{"type":"object","properties":{"bytes":{"type":"integer","minimum":0}},"required":["bytes"]}"#;

/// The environment variable that says how many further tools there are.
pub const FURTHER_TOOLS: &str = "BENCHMARK_TOOLS";

/// The media type of the image.
pub const IMAGE_TYPE: &str = "image/png";

/// A tool.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// A description in one sentence.
    pub description: String,
    /// The JSON Schema of its arguments.
    pub schema: &'static str,
}

/// All tools, as the environment says.
pub fn all() -> Vec<Tool> {
    let further = std::env::var(FURTHER_TOOLS);
    let further = further.map_or(0, |number| {
        number.parse().expect("the number of further tools")
    });
    let tool = |name: &str, description: &str, schema| Tool {
        name: name.to_owned(),
        description: description.to_owned(),
        schema,
    };
    let mut tools = vec![
        tool(ECHO, "Returns the text that it is given.", TEXT_SCHEMA),
        tool(LARGE_TEXT, "Returns a text of so many bytes.", SIZE_SCHEMA),
        tool(
            LARGE_BINARY,
            "Returns an image of so many bytes.",
            SIZE_SCHEMA,
        ),
    ];
    tools.extend((0..further).map(|number: u32| {
        let name = format!("further-{number:05}");
        let description =
            format!("Tool {number}: takes a text, and is here to be listed among many others.");
        tool(&name, &description, TEXT_SCHEMA)
    }));
    tools
}

/// A line of the text of [`LARGE_TEXT`]: JSON has to escape three of its characters.
const LINE: &str = "A line of text, in which the word \"quoted\" stands between quotes.\n";

/// The text of so many bytes.
pub fn large_text(bytes: usize) -> String {
    let mut text = LINE.repeat(bytes.div_ceil(LINE.len()));
    text.truncate(bytes);
    text
}

/// The bytes of the image: no repetition that is easy to see.
pub fn large_binary(bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

/// The last of the large values that was made: who is asked for the same again
/// has it in memory, as a server that sends a file has.
#[derive(Debug, Default)]
pub struct Memory<T> {
    last: RefCell<Option<(usize, T)>>,
}

impl<T> Memory<T> {
    /// Nothing is remembered.
    pub const fn new() -> Self {
        Self {
            last: RefCell::new(None),
        }
    }

    /// Uses the value of this size, and makes it where it is not remembered.
    pub fn with<R>(&self, size: usize, make: fn(usize) -> T, use_it: impl FnOnce(&T) -> R) -> R {
        let mut last = self.last.borrow_mut();
        match &*last {
            Some((remembered, _)) if *remembered == size => {}
            _ => *last = Some((size, make(size))),
        }
        let (_, value) = last.as_ref().expect("it was made");
        use_it(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_large_as_asked_for() {
        for size in [0, 1, 100, 1000] {
            assert_eq!(large_text(size).len(), size);
            assert_eq!(large_binary(size).len(), size);
        }
    }

    #[test]
    fn a_value_is_made_once() {
        let memory = Memory::new();
        let first = memory.with(100, large_text, |text| text.as_ptr());
        assert_eq!(first, memory.with(100, large_text, |text| text.as_ptr()));
        assert_eq!(memory.with(7, large_text, String::len), 7);
    }
}
