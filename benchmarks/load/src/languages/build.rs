//! Builds of the servers, and the time that they take.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use crate::progress;

/// The duration of builds, in seconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct BuildTimes {
    /// Without results of earlier builds. Packages are downloaded already.
    pub cold: Option<f64>,
    /// After a change of the server's source.
    pub warm: Option<f64>,
}

/// The builds that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// None: the server is built if it must be.
    Nothing,
    /// A build without earlier results.
    Cold,
    /// Such a build, and another one after a change.
    ColdAndWarm,
}

/// A build of one server.
pub struct Build {
    /// The name of the server.
    pub name: String,
    /// The command.
    pub command: Command,
    /// The folder of results and caches, which belongs to this build alone.
    pub folder: PathBuf,
    /// The server's source.
    pub source: PathBuf,
    /// The result.
    pub result: PathBuf,
}

impl Build {
    /// Builds the server.
    pub fn run(mut self, measured: Measured) -> Result<(PathBuf, BuildTimes)> {
        let mut times = BuildTimes::default();
        if measured == Measured::Nothing {
            fs::create_dir_all(&self.folder)?;
            self.once("a")?;
            return Ok((self.result, times));
        }
        emptied(&self.folder)?;
        times.cold = Some(self.once("cold")?);
        if measured == Measured::ColdAndWarm {
            // Tools of some languages look at times alone.
            let source = File::options().append(true).open(&self.source);
            let source =
                source.with_context(|| format!("cannot open {}", self.source.display()))?;
            source.set_modified(SystemTime::now())?;
            times.warm = Some(self.once("warm")?);
        }
        Ok((self.result, times))
    }

    fn once(&mut self, what: &str) -> Result<f64> {
        progress::at(&format!("{what} build: {}", self.name));
        let begun = Instant::now();
        let program = self.command.get_program().display().to_string();
        let output = self.command.output();
        let output = output.with_context(|| format!("cannot run {program}"))?;
        let time = begun.elapsed().as_secs_f64();
        ensure!(
            output.status.success() && self.result.is_file(),
            "{} cannot be built:\n{}{}",
            self.name,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        progress::done(&format!("{what} build: {}", self.name));
        Ok(time)
    }
}

/// Makes a folder, or empties it, and returns it.
pub fn emptied(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(folder: &Path, script: &str) -> Build {
        let source = folder.join("source");
        fs::write(&source, "").unwrap();
        let mut command = Command::new("sh");
        command.current_dir(folder).args(["-c", script]);
        Build {
            name: "a server".to_owned(),
            command,
            folder: folder.join("out"),
            source,
            result: folder.join("out/result"),
        }
    }

    #[test]
    fn a_cold_build_begins_with_an_empty_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("out")).unwrap();
        fs::write(folder.path().join("out/old"), "").unwrap();
        let script = "test ! -e out/old && echo x >> out/result";
        let (result, times) = build(folder.path(), script)
            .run(Measured::ColdAndWarm)
            .unwrap();
        assert_eq!(fs::read_to_string(result).unwrap(), "x\nx\n");
        assert!(times.cold.is_some() && times.warm.is_some());
    }

    #[test]
    fn without_measurement_results_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for expected in ["x\n", "x\nx\n"] {
            let build = build(folder.path(), "echo x >> out/result");
            let (result, times) = build.run(Measured::Nothing).unwrap();
            assert_eq!(fs::read_to_string(result).unwrap(), expected);
            assert!(times.cold.is_none() && times.warm.is_none());
        }
    }

    #[test]
    fn a_failed_build_shows_its_output() {
        let folder = tempfile::tempdir().unwrap();
        let error = build(folder.path(), "echo the reason >&2; false").run(Measured::Cold);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("a server cannot be built:\nthe reason"));
    }
}
