//! The cause of an instance's loss, in words that a client may read.

use std::fmt;

use wasi_mcp_protocol::START_FAILED;
use wasmtime::{FrameInfo, Trap, WasmBacktrace};
use wasmtime_wasi::{I32Exit, ResourceTableError};
use wasmtime_wasi_http::FieldMapError;

use super::holdings::HoldsTooMuch;
use super::state::HANDLES;
use crate::visible::Visible;

/// The ways in which an instance is lost, as errors name them to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// It trapped.
    Trapped,
    /// It exited.
    Exited,
    /// The host stopped it.
    Stopped,
    /// It failed for another reason.
    Failed,
}

impl Loss {
    /// Returns all ways.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Trapped, Self::Exited, Self::Stopped, Self::Failed].into_iter()
    }

    /// Returns the words with which the message of each error about it begins, after
    /// [`START_FAILED`] where the component did not start.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Trapped => "the component trapped",
            Self::Exited => "the component exited",
            Self::Stopped => "the component was stopped",
            Self::Failed => "the component failed",
        }
    }

    /// Returns the way that the message of an error names, if it is about a loss. A component may
    /// quote such words in an error of its own, so only the beginning counts.
    #[must_use]
    pub fn of(message: &str) -> Option<Self> {
        let message = message.strip_prefix(START_FAILED).unwrap_or(message);
        Self::all().find(|loss| message.starts_with(loss.words()))
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

/// Raised by the watchdog: the guest computed for too long without yielding to its event loop.
#[derive(Debug, thiserror::Error)]
#[error("it computed for {0:?} without yielding")]
pub(super) struct Spinning(pub(super) std::time::Duration);

/// Raised by the watchdog: the session's guest has exhausted its total computing time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("this session has used up its {0:?} of computing time")]
pub(super) struct OutOfTime(pub(super) std::time::Duration);

/// The guest's last line on standard error, as the context of its failure.
#[derive(Debug, Clone, thiserror::Error)]
#[error("its last line of standard error: {0}")]
pub(super) struct LastLine(pub(super) String);

/// The source lines at which the guest failed, as the context of its failure.
#[derive(Debug, Clone, thiserror::Error)]
#[error("at {0}")]
pub(super) struct FailedAt(pub(super) String);

/// The maximum number of source lines reported for a failure: that of the failure, then those of callers.
const PLACES: usize = 3;
/// The maximum length of a place, in bytes.
const LONGEST_PLACE: usize = 400;

/// Returns the source lines at which the guest failed, safe to show, if its debug information is known.
pub(super) fn place(error: &wasmtime::Error) -> Option<String> {
    let trace: &WasmBacktrace = error.downcast_ref()?;
    let symbols = trace.frames().iter().flat_map(FrameInfo::symbols);
    let lines = symbols.filter_map(|symbol| {
        // Rust's standard library is not the author's code.
        let file = symbol.file().filter(|file| !file.starts_with("/rustc/"))?;
        let line = symbol.line().filter(|line| *line > 0)?;
        let is_mangled = |name: &&str| name.starts_with("_R") || name.starts_with("_Z");
        Some(match symbol.name().filter(|name| !is_mangled(name)) {
            Some(function) => format!("{file}:{line} in {function}"),
            None => format!("{file}:{line}"),
        })
    });
    let lines: Vec<String> = lines.take(PLACES).collect();
    if lines.is_empty() {
        return None;
    }
    let place = Visible(lines.join(", called at ").as_bytes()).to_string();
    Some(place[..place.floor_char_boundary(LONGEST_PLACE)].to_owned())
}

/// Returns whether the guest asked for more handles than it may hold.
pub(super) fn is_out_of_handles(error: &wasmtime::Error) -> bool {
    matches!(error.downcast_ref(), Some(ResourceTableError::Full))
        // The engine's own limit has no type.
        || error.root_cause().to_string().contains("store handle limit exceeded")
}

/// Describes an instance that the host gave up because a cancelled call did not return.
pub(crate) fn not_returned() -> String {
    format!("{}: it did not return from a cancelled call", Loss::Stopped)
}

/// Describes the failure, with its place and the guest's last line if the client may see them.
pub(super) fn describe(error: &wasmtime::Error) -> String {
    let cause = describe_cause(error);
    let place = error.downcast_ref::<FailedAt>().map(ToString::to_string);
    let last = error.downcast_ref::<LastLine>().map(ToString::to_string);
    let details: Vec<String> = place.into_iter().chain(last).collect();
    if details.is_empty() {
        return cause;
    }
    format!("{cause} ({})", details.join("; "))
}

/// Describes the failure without paths, addresses or back traces of the host.
fn describe_cause(error: &wasmtime::Error) -> String {
    tracing::debug!(error = format!("{error:?}"), "the engine's error");
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return format!("{} with status {status}", Loss::Exited);
    }
    if let Some(spinning) = error.downcast_ref::<Spinning>() {
        return format!("{}: {spinning}", Loss::Stopped);
    }
    if let Some(out_of_time) = error.downcast_ref::<OutOfTime>() {
        return format!("{}: {out_of_time}", Loss::Stopped);
    }
    if let Some(held) = error.downcast_ref::<HoldsTooMuch>() {
        return format!("{}: {held}", Loss::Stopped);
    }
    if is_out_of_handles(error) {
        return format!(
            "{}: it holds {HANDLES} handles, the maximum, and requested another",
            Loss::Stopped
        );
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) =
        error.downcast_ref()
    {
        return format!("{}: its HTTP header fields are too large", Loss::Stopped);
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return format!("{}: {trap}", Loss::Trapped);
    }
    Loss::Failed.words().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gimli::write::{
        Address, AttributeValue, Dwarf, EndianVec, LineProgram, LineString, Sections, Unit,
    };
    use gimli::{Encoding, Format, LineEncoding, LittleEndian, constants};
    use wasmtime::{Config, Engine, Instance, Module, Store, WasmBacktraceDetails};

    use super::*;

    /// The export `run`, a function that traps, in a module without debug information.
    const TRAPPING: &[u8] = b"\0asm\x01\0\0\0\
        \x01\x04\x01\x60\0\0\
        \x03\x02\x01\0\
        \x07\x07\x01\x03run\0\0\
        \x0a\x05\x01\x03\0\0\x0b";

    /// Adds the information that the function is in this file.
    fn with_debug_information(file: &str, function: &str) -> Vec<u8> {
        let encoding = Encoding {
            format: Format::Dwarf32,
            version: 4,
            address_size: 4,
        };
        let text = |text: &str| LineString::String(text.as_bytes().to_vec());
        let lines = LineEncoding::default();
        let mut program = LineProgram::new(encoding, lines, text(""), None, text(file), None);
        let file_id = program.add_file(text(file), program.default_directory(), None);
        // The addresses are those in the section of the code.
        let [begin, length] = [1, 4];
        program.begin_sequence(Some(Address::Constant(begin)));
        program.row().file = file_id;
        program.row().line = 95;
        program.generate_row();
        program.end_sequence(length);
        let mut unit = Unit::new(encoding, program);
        let root = unit.root();
        let entry = unit.add(root, constants::DW_TAG_subprogram);
        for (entry, name) in [(root, file), (entry, function)] {
            let entry = unit.get_mut(entry);
            let name = AttributeValue::String(name.as_bytes().to_vec());
            entry.set(constants::DW_AT_name, name);
            let begin = AttributeValue::Address(Address::Constant(begin));
            entry.set(constants::DW_AT_low_pc, begin);
            entry.set(constants::DW_AT_high_pc, AttributeValue::Udata(length));
        }
        let mut dwarf = Dwarf::new();
        dwarf.units.add(unit);
        let mut sections = Sections::new(EndianVec::new(LittleEndian));
        dwarf.write(&mut sections).unwrap();
        let mut module = TRAPPING.to_vec();
        let write = |id: gimli::SectionId, section: &EndianVec<LittleEndian>| {
            let (name, bytes) = (id.name().as_bytes(), section.slice());
            let size = 1 + name.len() + bytes.len();
            let size = u8::try_from(size).ok().filter(|size| *size < 0x80);
            module.extend([0, size.unwrap(), u8::try_from(name.len()).unwrap()]);
            module.extend(name);
            module.extend(bytes);
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(()) = sections.for_each(write);
        module
    }

    /// Returns the failure of the function.
    fn trap(module: &[u8], details: WasmBacktraceDetails) -> wasmtime::Error {
        let mut config = Config::new();
        config.wasm_backtrace_details(details);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, module).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance
            .get_typed_func::<(), ()>(&mut store, "run")
            .unwrap();
        run.call(&mut store, ()).unwrap_err()
    }

    #[test]
    fn the_place_of_a_trap_is_its_source_line() {
        let module = with_debug_information("server.c", "count_words");
        let error = trap(&module, WasmBacktraceDetails::Enable);
        let found = place(&error).unwrap();
        assert_eq!(found, "server.c:95 in count_words");
        // Shown only to those who may see the guest's last line.
        assert!(!describe(&error).contains("server.c"));
        let error = error.context(FailedAt(found));
        let told = describe(&error);
        assert!(told.ends_with(" (at server.c:95 in count_words)"), "{told}");
        let told = describe(&error.context(LastLine("boom".to_owned())));
        let details = " (at server.c:95 in count_words; its last line of standard error: boom)";
        assert!(told.ends_with(details), "{told}");

        assert_eq!(place(&trap(&module, WasmBacktraceDetails::Disable)), None);
        assert_eq!(place(&trap(TRAPPING, WasmBacktraceDetails::Enable)), None);
    }

    #[test]
    fn a_place_is_safe_to_show_and_names_no_library_of_rust() {
        let enabled = WasmBacktraceDetails::Enable;
        let module = with_debug_information("/rustc/0/core.rs", "panic");
        assert_eq!(place(&trap(&module, enabled)), None);
        let module = with_debug_information("a\n\u{1b}.c", "_ZN1a");
        let found = place(&trap(&module, enabled)).unwrap();
        assert_eq!(found, "a\\u{a}\\u{1b}.c:95");
    }

    #[test]
    fn each_description_names_its_loss() {
        let errors: [(wasmtime::Error, Loss); 5] = [
            (I32Exit(3).into(), Loss::Exited),
            (Spinning(Duration::ZERO).into(), Loss::Stopped),
            (OutOfTime(Duration::ZERO).into(), Loss::Stopped),
            (Trap::UnreachableCodeReached.into(), Loss::Trapped),
            (wasmtime::Error::msg("else"), Loss::Failed),
        ];
        for (error, loss) in errors {
            assert_eq!(Loss::of(&describe(&error)), Some(loss), "{error}");
        }
        assert_eq!(Loss::of("no such tool"), None);
        assert_eq!(
            Loss::of(&format!("{START_FAILED}{}", Loss::Failed)),
            Some(Loss::Failed)
        );
        // A gateway may tell of a component behind it.
        assert_eq!(Loss::of("upstream: the component failed"), None);
    }
}
