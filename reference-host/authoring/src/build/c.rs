//! C: the bindings of wit-bindgen, and a compiler for WASI 0.1, whose module becomes a component.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wit_bindgen_core::AsyncFilterSet;

use super::native::{encode, module_beside};
use super::{bindings, own_or_on_path};
use crate::build_error::{BuildError, MissingTool};
use crate::project::{C_FLAGS, Project};
use crate::tool::run;
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
    bindings::write(folder, &mut wit, options.build(), &[])?;
    let module = module_beside(component)?;
    let flags = flags(folder)?;
    let compiler = Compiler::find(folder);
    let mut arguments = compiler.arguments;
    arguments.extend(["-mexec-model=reactor", "-Os"].map(Into::into));
    arguments.push(format!("-Wl,-z,stack-size={STACK}").into());
    if !flags.iter().any(|flag| flag.starts_with("-g")) {
        arguments.push("-s".into());
    }
    // Later ones win.
    arguments.extend(flags.into_iter().map(Into::into));
    arguments.extend(sources(folder)?.into_iter().map(Into::into));
    // The bindings refer to it, so that the linker keeps the world.
    arguments.push(format!("{0}/{0}_component_type.o", bindings::FOLDER).into());
    arguments.extend(["-o".into(), module.clone().into()]);
    let missing = MissingTool::command(
        "a C compiler for WebAssembly",
        "run `python3 -m venv .venv && .venv/bin/pip install ziglang==0.17.0`, or set WASI_SDK_PATH \
         to a WASI SDK",
    );
    run(folder, compiler.program, &arguments, missing)?;
    encode(&wit, &module, component)
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
        if let Some(sdk) = env::var_os("WASI_SDK_PATH") {
            return Self {
                program: Path::new(&sdk).join("bin").join("clang"),
                // An overflow of a stack that comes first is a trap. Zig always puts it there.
                arguments: ["--target=wasm32-wasip1", "-Wl,--stack-first"]
                    .map(Into::into)
                    .into(),
            };
        }
        // The Python package has a program of another name.
        let packaged = own_or_on_path(folder, "python-zig");
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
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// Reads the project's own flags.
fn flags(folder: &Path) -> Result<Vec<String>, BuildError> {
    let file = folder.join(C_FLAGS);
    match fs::read_to_string(&file) {
        Ok(text) => Ok(words(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(&file, &error)),
    }
}

/// Returns the flags of a text, one a line, as clangd reads them.
///
/// <https://clang.llvm.org/docs/JSONCompilationDatabase.html#alternatives>
fn words(text: &str) -> Vec<String> {
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
    fn flags_are_one_a_line() {
        assert_eq!(
            words("# first\n-Wall\n\n  -DNAME=a b\n"),
            ["-Wall", "-DNAME=a b"]
        );
        let folder = tempfile::tempdir().unwrap();
        assert!(flags(folder.path()).unwrap().is_empty());
    }
}
