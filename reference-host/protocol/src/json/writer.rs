//! Writing compact JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::object::Object;
use super::text::strip_line_breaks;

/// Appends compact JSON to a buffer and inserts the commas.
///
/// The caller ensures that brackets match and that each member has a key and a value:
/// `writer.begin_object().key("name").string("echo").end_object()`.
///
/// A writer may have a limit: output beyond it is omitted, and [`Writer::is_over`] reports that the
/// text is unusable.
#[derive(Debug)]
pub struct Writer {
    text: Vec<u8>,
    comma: bool,
    limit: usize,
    over: bool,
    hasty: bool,
    /// The bytes counted so far, by a writer that only counts.
    counted: Option<usize>,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            text: Vec::new(),
            comma: false,
            limit: usize::MAX,
            over: false,
            hasty: false,
            counted: None,
        }
    }
}

/// The maximum size of an escaped character: `\u0000`.
pub const LONGEST_ESCAPE: usize = 6;

/// NaN and the infinities have no form in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("NaN and the infinities cannot be written as JSON")]
pub struct NotFinite;

impl Writer {
    /// Creates a writer with an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a writer whose buffer has room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            text: Vec::with_capacity(capacity),
            ..Self::default()
        }
    }

    /// Sets the limit to `limit` bytes.
    #[must_use]
    pub fn limited(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Sets that JSON text longer than the limit is not even checked; see [`Writer::skips`].
    #[must_use]
    pub(crate) fn hasty(mut self) -> Self {
        self.hasty = true;
        self
    }

    /// Creates a writer that counts bytes in place of writing them. It does not look at the
    /// characters of a text: escapes and line breaks are counted as written.
    #[must_use]
    pub(crate) fn counting() -> Self {
        Self {
            counted: Some(0),
            ..Self::default()
        }
    }

    /// Returns the number of bytes counted.
    #[must_use]
    pub(crate) fn counted(&self) -> usize {
        self.counted.unwrap_or(self.text.len())
    }

    /// Counts text of this length, if the writer only counts.
    fn counts(&mut self, bytes: usize) -> bool {
        if let Some(counted) = &mut self.counted {
            *counted = counted.saturating_add(bytes);
        }
        self.counted.is_some()
    }

    /// Returns whether this text need not be checked: the writer only counts it, or skips checks and
    /// has no room for it. The output is over the limit then.
    pub(crate) fn skips(&mut self, json: &str) -> bool {
        self.counts(json.len()) || self.hasty && !self.takes(json.len())
    }

    /// Returns whether the output exceeded the limit.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Returns the text that was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.text
    }

    /// Returns the text that was written.
    #[must_use]
    pub fn into_string(self) -> String {
        String::from_utf8(self.text).expect("only UTF-8 was written")
    }

    /// Returns the number of bytes that may still be written.
    fn room(&self) -> usize {
        self.limit.saturating_sub(self.text.len())
    }

    /// Returns whether `more` bytes may be written. After the first refusal, nothing may.
    fn takes(&mut self, more: usize) -> bool {
        self.over |= more > self.room();
        !self.over
    }

    fn push(&mut self, byte: u8) {
        if !self.counts(1) && self.takes(1) {
            self.text.push(byte);
        }
    }

    fn append(&mut self, text: &[u8]) {
        if !self.counts(text.len()) && self.takes(text.len()) {
            self.text.extend_from_slice(text);
        }
    }

    fn value(&mut self) {
        if self.comma {
            self.push(b',');
        }
        self.comma = true;
    }

    fn open(&mut self, bracket: u8) -> &mut Self {
        self.value();
        self.push(bracket);
        self.comma = false;
        self
    }

    fn close(&mut self, bracket: u8) -> &mut Self {
        self.push(bracket);
        self.comma = true;
        self
    }

    /// Writes `{`.
    pub fn begin_object(&mut self) -> &mut Self {
        self.open(b'{')
    }

    /// Writes `}`.
    pub fn end_object(&mut self) -> &mut Self {
        self.close(b'}')
    }

    /// Writes `[`.
    pub fn begin_array(&mut self) -> &mut Self {
        self.open(b'[')
    }

    /// Writes `]`.
    pub fn end_array(&mut self) -> &mut Self {
        self.close(b']')
    }

    /// Writes a member's name; its value must follow.
    pub fn key(&mut self, name: &str) -> &mut Self {
        self.string(name);
        self.push(b':');
        self.comma = false;
        self
    }

    /// Writes a string with its escapes.
    pub fn string(&mut self, value: &str) -> &mut Self {
        self.value();
        if self.counts(value.len() + 2) {
            return self;
        }
        let most = value.len().saturating_mul(LONGEST_ESCAPE).saturating_add(2);
        if self.over {
            // Output that is already incomplete need not be searched for escapes.
        } else if most <= self.room() {
            serde_json::to_writer(&mut self.text, value).expect("a vector takes every string");
        } else {
            let written = serde_json::to_writer(Limited(self), value);
            self.over |= written.is_err();
        }
        self
    }

    /// Writes one JSON value that is known to be valid, verbatim but without line breaks.
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.value();
        if !self.counts(json.len()) {
            self.append(strip_line_breaks(json).as_bytes());
        }
        self
    }

    /// Writes a number; a whole one without a fraction.
    ///
    /// # Errors
    ///
    /// [`NotFinite`] for NaN and the infinities; nothing is written then.
    pub fn f64(&mut self, value: f64) -> Result<&mut Self, NotFinite> {
        if !value.is_finite() {
            return Err(NotFinite);
        }
        self.value();
        let text = if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
            (value as i64).to_string()
        } else {
            serde_json::to_string(&value).expect("finite numbers have a text")
        };
        self.append(text.as_bytes());
        Ok(self)
    }

    /// Writes an integer.
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.value();
        self.append(value.to_string().as_bytes());
        self
    }

    /// Writes an integer.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.i64(value.into())
    }

    /// Writes `true` or `false`.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.raw(if value { "true" } else { "false" })
    }

    /// Writes `null`.
    pub fn null(&mut self) -> &mut Self {
        self.raw("null")
    }

    /// Writes bytes as a string in base64, standard alphabet with padding.
    pub fn base64(&mut self, bytes: &[u8]) -> &mut Self {
        self.value();
        let length = base64::encoded_len(bytes.len(), true).expect("a buffer's base64 fits memory");
        if !self.counts(length + 2) && self.takes(length + 2) {
            self.text.push(b'"');
            let start = self.text.len();
            self.text.resize(start + length, 0);
            STANDARD
                .encode_slice(bytes, &mut self.text[start..])
                .expect("the room was reckoned for it");
            self.text.push(b'"');
        }
        self
    }

    /// Writes the members of `object` into the object that is open.
    pub fn members(&mut self, object: &Object<'_>) -> &mut Self {
        for (name, value) in object.iter() {
            self.key(&name).raw(value.get());
        }
        self
    }

    /// Writes the member `name` if there is a string for it.
    pub fn optional_string(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.key(name).string(value);
        }
        self
    }

    /// Writes the member `name` if there is valid JSON for it.
    pub fn optional_raw(&mut self, name: &str, json: Option<&str>) -> &mut Self {
        if let Some(json) = json {
            self.key(name).raw(json);
        }
        self
    }

    /// Writes the member `name` if there is a boolean for it.
    pub fn optional_bool(&mut self, name: &str, value: Option<bool>) -> &mut Self {
        if let Some(value) = value {
            self.key(name).bool(value);
        }
        self
    }

    /// Writes the member `name` if there is a number for it.
    ///
    /// # Errors
    ///
    /// [`NotFinite`] for NaN and the infinities.
    pub fn optional_f64(&mut self, name: &str, value: Option<f64>) -> Result<&mut Self, NotFinite> {
        if let Some(value) = value {
            if !value.is_finite() {
                return Err(NotFinite);
            }
            self.key(name).f64(value)?;
        }
        Ok(self)
    }
}

/// Writes into a [`Writer`] up to its limit.
struct Limited<'a>(&'a mut Writer);

impl std::io::Write for Limited<'_> {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.write_all(text).map(|()| text.len())
    }

    fn write_all(&mut self, text: &[u8]) -> std::io::Result<()> {
        self.0.append(text);
        if self.0.over {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
