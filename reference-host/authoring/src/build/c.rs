//! C: the bindings of wit-bindgen, and a compiler for WASI 0.1, whose module becomes a component.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wit_bindgen_core::AsyncFilterSet;

use super::native::{encode, encode_with, module_beside};
use super::{bindings, lines, project_or_path_program};
use crate::build_error::{BuildError, MissingTool};
use crate::project::{C_FLAGS, Project};
use crate::tool::run_advised;
use crate::wit::Wit;

/// The largest stack, in bytes: each instance has one. Zig's own is 16 MiB.
const STACK: usize = 1 << 20;

pub(super) fn build(project: &Project, component: &Path) -> Result<(), BuildError> {
    let folder = project.folder();
    let mut wit = Wit::read(folder)?;
    let options = wit_bindgen_c::Opts {
        // The library includes `bindings.h`, whatever the world is called.
        rename_world: Some(bindings::FOLDER.to_owned()),
        // A C program has no event loop: in 0.3 it waits, too.
        async_: AsyncFilterSet::all(false),
        ..Default::default()
    };
    bindings::write(folder, &mut wit, options.build())?;
    let module = module_beside(component)?;
    let flags = flags(folder)?;
    let compiler = Compiler::find(folder);
    let mut arguments = compiler.arguments;
    arguments.extend(["-mexec-model=reactor", "-Os"].map(Into::into));
    arguments.push(format!("-Wl,-z,stack-size={STACK}").into());
    // Then the author controls debug information.
    let is_debug_chosen = flags
        .iter()
        .any(|flag| flag.starts_with("-g") || flag == "-s");
    if !is_debug_chosen {
        arguments.extend(["-g", "-fdebug-compilation-dir=."].map(Into::into));
    }
    // Later ones win.
    arguments.extend(flags.into_iter().map(Into::into));
    let sources = sources(folder)?;
    arguments.extend(sources.iter().map(Into::into));
    // The bindings refer to it, so that the linker keeps the world.
    arguments.push(format!("{0}/{0}_component_type.o", bindings::FOLDER).into());
    arguments.extend(["-o".into(), module.clone().into()]);
    let missing = MissingTool::command(
        "the C compiler",
        format!(
            "{}, or set WASI_SDK_PATH to a WASI SDK",
            project.language().setup()
        ),
    );
    run_advised(folder, compiler.program, &arguments, missing, |output| {
        missing_import(&wit, output)
    })?;
    if is_debug_chosen {
        return encode(&wit, &module, component);
    }
    // A trap inside the library or the bindings is reported at the author's line that called them.
    let mut own = sources;
    own.retain(|source| source.components().count() == 1);
    encode_with(&wit, &module, component, |module| {
        lines::keep_lines(&module, &own)
    })
}

/// Returns the line to add to the world for the first interface of which the compiler or the linker misses a
/// function. The library declares functions of all interfaces, but defines none.
fn missing_import(wit: &Wit, output: &str) -> Option<String> {
    let is_complaint = |line: &&str| line.contains("undefined") || line.contains("undeclared");
    let complaints: Vec<_> = output.lines().filter(is_complaint).collect();
    wit.interfaces_of_mcp().find_map(|name| {
        let function = format!("wasi_mcp_{}_", name.replace('-', "_"));
        // An export's function is called `exports_wasi_mcp_...`.
        let misses = |line: &&str| {
            let mut places = line.match_indices(&function);
            places.any(|(place, _)| !line[..place].ends_with('_'))
        };
        complaints
            .iter()
            .any(misses)
            .then(|| wit.missing_import(name))?
    })
}

/// A compiler for WASI 0.1 and its first arguments.
struct Compiler {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Compiler {
    /// Returns the compiler of the WASI SDK if `WASI_SDK_PATH` names one, or else Zig's: that of the
    /// project's `.venv`, or the one on the path.
    fn find(folder: &Path) -> Self {
        if let Some(sdk) = env::var_os("WASI_SDK_PATH").filter(|sdk| !sdk.is_empty()) {
            let clang = Path::new(&sdk).join("bin").join("clang");
            return Self {
                // It runs in the project's folder.
                program: std::path::absolute(&clang).unwrap_or(clang),
                // An overflow of a stack that comes first is a trap. Zig always puts it there.
                arguments: ["--target=wasm32-wasip1", "-Wl,--stack-first"]
                    .map(Into::into)
                    .into(),
            };
        }
        // The Python package has a program of another name.
        let packaged = project_or_path_program(folder, "python-zig");
        let program = match packaged.is_absolute() || is_on_path("python-zig") {
            true => packaged,
            false => "zig".into(),
        };
        Self {
            program,
            arguments: ["cc", "-target", "wasm32-wasi"].map(Into::into).into(),
        }
    }
}

fn is_on_path(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&folders).any(|folder| folder.join(&file).is_file())
}

/// Reads the project's own flags.
fn flags(folder: &Path) -> Result<Vec<String>, BuildError> {
    let file = folder.join(C_FLAGS);
    match fs::read_to_string(&file) {
        Ok(text) => Ok(parse_flags(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(&file, &error)),
    }
}

/// Returns the flags, one per line, without comments.
///
/// <https://clang.llvm.org/docs/JSONCompilationDatabase.html#alternatives>
fn parse_flags(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(ToOwned::to_owned)
        .collect()
}

/// The folders whose C files belong to the program, below the project's.
const SOURCES: [&str; 3] = ["", "vendor/wasi-mcp", bindings::FOLDER];

/// Lists the C files of a project, relative to its folder.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let mut sources = Vec::new();
    for place in SOURCES {
        let path = folder.join(place);
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries,
        };
        let entries = entries.and_then(|entries| {
            let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
            names.collect::<io::Result<Vec<_>>>()
        });
        let names = entries.map_err(|error| unreadable(&path, &error))?;
        let files = names.into_iter().map(|name| Path::new(place).join(name));
        sources.extend(files.filter(|file| file.extension().is_some_and(|it| it == "c")));
    }
    // The order of a folder is that of its file system.
    sources.sort();
    Ok(sources)
}

fn unreadable(path: &Path, error: &io::Error) -> BuildError {
    BuildError::Project(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_its_c_files_and_those_of_the_library_and_the_bindings() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "server.c",
            "server.h",
            "words.c",
            "tests/test.c",
            "bindings/bindings.c",
            "vendor/wasi-mcp/json.c",
        ] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let expected = [
            "bindings/bindings.c",
            "server.c",
            "vendor/wasi-mcp/json.c",
            "words.c",
        ];
        assert_eq!(sources(folder.path()).unwrap(), expected.map(PathBuf::from));
    }

    #[test]
    fn an_undefined_function_calls_for_an_import() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("wit/deps/mcp");
        fs::create_dir_all(&package).unwrap();
        let interfaces = "package wasi:mcp@0.3.0;\ninterface start {}\ninterface tools {}\n\
                          interface client-events {}\n";
        fs::write(package.join("mcp.wit"), interfaces).unwrap();
        let world = "package local:server;\nworld server {\n  import wasi:mcp/start@0.3.0;\n}\n";
        fs::write(folder.path().join("wit/world.wit"), world).unwrap();
        let wit = Wit::read(folder.path()).unwrap();
        for (output, interface) in [
            (
                "error: vendor/mcp_events.o: undefined symbol: wasi_mcp_client_events_wait\n",
                Some("client-events"),
            ),
            (
                "server.c:3: call to undeclared function 'wasi_mcp_tools_call'",
                Some("tools"),
            ),
            ("undefined symbol: exports_wasi_mcp_tools_call", None),
            ("undefined symbol: wasi_mcp_start_run", None),
            ("undefined symbol: helper", None),
            (
                "mcp_logging.c:9: extern bool wasi_mcp_tools_call();\nserver.c:3: error: expected ';'",
                None,
            ),
        ] {
            let advice = missing_import(&wit, output);
            let found = advice.as_ref().and_then(|line| line.split('@').next());
            let expected = interface.map(|name| format!("add `import wasi:mcp/{name}"));
            assert_eq!(found, expected.as_deref(), "{output}");
        }
    }

    #[test]
    fn flags_are_one_a_line() {
        assert_eq!(
            parse_flags("# first\n-Wall\n\n  -DNAME=a b\n"),
            ["-Wall", "-DNAME=a b"]
        );
        let folder = tempfile::tempdir().unwrap();
        assert!(flags(folder.path()).unwrap().is_empty());
    }
}
