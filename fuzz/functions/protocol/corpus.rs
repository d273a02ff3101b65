//! The committed corpus of each target. The host's crate includes this file too.

use std::path::Path;

/// Returns the inputs in the corpus of a target.
pub(crate) fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let files = std::fs::read_dir(folder.join(target)).expect("the target has a corpus");
    let read = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        (
            name.into_owned(),
            std::fs::read(&path).expect("the input can be read"),
        )
    };
    files.map(read).collect()
}

/// Runs `check` on every input of a target.
pub(crate) fn play(target: &str, check: fn(&[u8])) {
    let inputs = inputs(target);
    assert!(inputs.len() > 3, "{target} has {} inputs", inputs.len());
    for (name, input) in inputs {
        eprintln!("{target}/{name}");
        check(&input);
    }
}
