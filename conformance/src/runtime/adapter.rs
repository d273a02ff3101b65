//! The adapter: a TOML file that says how a runtime is started with a
//! component, what it supports, and when it gives up. `runtimes/README.md`
//! describes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::launch::{self, Folder, Launcher};
use super::{Base, Component, Limits, Runtime, Setting, issuer};
use crate::driver::client_role::Asked;
use crate::driver::connection::Transport;
use crate::driver::{Server, Timing};

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    name: String,
    stdio: Option<Stdio>,
    http: Option<Http>,
    /// Prepares a component before the runtime is first started with it.
    #[serde(default)]
    prepare: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    deny: Deny,
    /// Further arguments with which the runtime uses each instance for one call.
    #[serde(default)]
    per_call: Vec<String>,
    #[serde(default)]
    supports: Supports,
    #[serde(default)]
    seconds: Seconds,
    expectations: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stdio {
    command: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Http {
    command: Vec<String>,
    url: String,
    /// Further arguments with which it requires tokens.
    #[serde(default)]
    protect: Vec<String>,
}

/// Further arguments with which the runtime denies a request to the client.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Deny {
    sampling: Vec<String>,
    elicitation: Vec<String>,
    roots: Vec<String>,
}

impl Deny {
    fn arguments(&self, asked: Asked) -> &[String] {
        match asked {
            Asked::Sampling => &self.sampling,
            Asked::Elicitation => &self.elicitation,
            Asked::Roots => &self.roots,
        }
    }
}

/// The features that the runtime supports. Omitted ones are supported.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Supports {
    variants: Vec<String>,
    worlds: Vec<String>,
    blocking: bool,
}

impl Default for Supports {
    fn default() -> Self {
        let all = |names: [&str; 2]| names.map(str::to_owned).to_vec();
        Self {
            variants: all(["0.2", "0.3"]),
            worlds: all(["backend", "service"]),
            blocking: true,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Seconds {
    ready: Option<f64>,
    answer: Option<f64>,
    quiet: Option<f64>,
    start: Option<f64>,
    computing: Option<f64>,
    client_request: Option<f64>,
    cancelled_call: Option<f64>,
    stopping: Option<f64>,
}

/// The default time until a runtime listens.
const READY: Duration = Duration::from_secs(30);

/// A runtime that is started as the file says.
#[derive(Debug)]
pub struct Adapter {
    name: String,
    stdio: Option<Vec<String>>,
    http: Option<(Vec<String>, String)>,
    protect: Vec<String>,
    prepare: Vec<String>,
    deny: Deny,
    per_call: Vec<String>,
    environment: BTreeMap<String, String>,
    supports: Supports,
    ready: Duration,
    timing: Timing,
    limits: Limits,
    expectations: Option<PathBuf>,
    folder: Arc<Folder>,
}

impl Adapter {
    /// Reads an adapter. Paths in it are taken from the folder that it stands in.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is malformed, and why.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).with_context(|| format!("{} is malformed", path.display()))
    }

    /// Reads the text of an adapter that stands in this folder.
    ///
    /// # Errors
    ///
    /// When it is malformed, and why.
    pub fn parse(text: &str, folder: &Path) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        ensure!(
            file.stdio.is_some() || file.http.is_some(),
            "it says neither how to start the runtime over stdio nor over http"
        );
        let stdio = file.stdio.map(|stdio| stdio.command);
        let (http, protect) = match file.http {
            Some(http) => (Some((http.command, http.url)), http.protect),
            None => (None, Vec::new()),
        };
        let prepare = Some(&file.prepare).filter(|words| !words.is_empty());
        for (name, command) in [
            ("stdio", stdio.as_ref()),
            ("http", http.as_ref().map(|it| &it.0)),
            ("prepare", prepare),
        ] {
            let Some(command) = command else { continue };
            ensure!(!command.is_empty(), "the command of {name} is empty");
            ensure!(
                command.iter().any(|word| word.contains("{component}")),
                "the command of {name} does not say where the file of the component goes: {{component}}"
            );
        }
        if let Some((command, url)) = &http {
            let has_port = |text: &String| text.contains("{port}");
            ensure!(
                command.iter().any(has_port) && has_port(url),
                "command and url of http have to say where the port goes: {{port}}"
            );
        }
        for word in ["{issuer}", "{keys}"] {
            ensure!(
                protect.is_empty() || protect.iter().any(|argument| argument.contains(word)),
                "http.protect lacks {word}: expected arguments that name the issuer of tokens and \
                 the file of its keys"
            );
        }
        for variant in &file.supports.variants {
            ensure!(
                ["0.2", "0.3"].contains(&variant.as_str()),
                "there is no variant {variant:?}"
            );
        }
        for world in &file.supports.worlds {
            ensure!(
                ["backend", "service"].contains(&world.as_str()),
                "there is no world {world:?}"
            );
        }
        let seconds = file.seconds;
        let ready = duration(seconds.ready)?.unwrap_or(READY);
        let or =
            |given: Option<f64>, usual| Ok::<_, anyhow::Error>(duration(given)?.unwrap_or(usual));
        Ok(Self {
            name: file.name,
            stdio,
            http,
            protect,
            prepare: file.prepare,
            deny: file.deny,
            per_call: file.per_call,
            environment: file.environment,
            supports: file.supports,
            ready,
            timing: Timing {
                // Over stdio, a runtime is ready when it answers.
                start: ready,
                answer: or(seconds.answer, Timing::FAR.answer)?,
                quiet: or(seconds.quiet, Timing::FAR.quiet)?,
                ..Timing::FAR
            },
            limits: Limits {
                start: duration(seconds.start)?,
                computing: duration(seconds.computing)?,
                client_request: duration(seconds.client_request)?,
                cancelled_call: duration(seconds.cancelled_call)?,
                stopping: duration(seconds.stopping)?,
            },
            expectations: file.expectations.map(|path| folder.join(path)),
            folder: Arc::new(Folder::default()),
        })
    }

    /// The file that says what is known to fail.
    pub fn expectations(&self) -> Option<&Path> {
        self.expectations.as_deref()
    }
}

fn duration(seconds: Option<f64>) -> anyhow::Result<Option<Duration>> {
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(Some(duration)),
        _ => bail!("{seconds}: expected a number of seconds above 0"),
    }
}

fn in_unicode(path: PathBuf) -> anyhow::Result<String> {
    let path = path.into_os_string().into_string();
    path.map_err(|path| anyhow::anyhow!("{}: the path is not Unicode", path.display()))
}

impl Runtime for Adapter {
    fn name(&self) -> &str {
        &self.name
    }

    fn supports(&self, base: Base, transport: Transport) -> bool {
        let command = match transport {
            Transport::Stdio => self.stdio.is_some(),
            Transport::Http => self.http.is_some(),
        };
        let supports = &self.supports;
        command
            && supports
                .variants
                .iter()
                .any(|variant| variant == base.variant())
            && supports.worlds.iter().any(|world| world == base.world())
            && (supports.blocking || base != Base::Blocking)
    }

    fn knows(&self, setting: Setting) -> bool {
        match setting {
            Setting::Open => true,
            Setting::Denying(asked) => !self.deny.arguments(asked).is_empty(),
            Setting::Protected => !self.protect.is_empty(),
            Setting::PerCall => !self.per_call.is_empty(),
        }
    }

    fn serve(
        &self,
        component: &Component,
        transport: Transport,
        setting: Setting,
    ) -> anyhow::Result<Arc<dyn Server>> {
        let file = in_unicode(self.folder.write(component)?)?;
        let (command, url) = match (transport, &self.stdio, &self.http) {
            (Transport::Stdio, Some(command), _) => (command, None),
            (Transport::Http, _, Some((command, url))) => (command, Some(url.clone())),
            _ => bail!(
                "the adapter does not say how to start {} over {transport}",
                self.name
            ),
        };
        let (further, keys) = match setting {
            Setting::Open => (&[][..], String::new()),
            Setting::Denying(asked) => (self.deny.arguments(asked), String::new()),
            Setting::PerCall => (&self.per_call[..], String::new()),
            Setting::Protected => (&self.protect[..], in_unicode(self.folder.write_keys()?)?),
        };
        let filled = |word: &String| {
            word.replace("{component}", &file)
                .replace("{issuer}", issuer::ISSUER)
                .replace("{keys}", &keys)
                .replace("{claim}", issuer::GRANTED)
        };
        let launcher = Launcher {
            words: command.iter().chain(further).map(filled).collect(),
            prepare: self.prepare.iter().map(filled).collect(),
            prepared: OnceCell::new(),
            environment: self.environment.clone(),
            ready: self.ready,
            // The file is there as long as a server of it is.
            _folder: self.folder.clone(),
        };
        Ok(launch::server(launcher, url))
    }

    fn timing(&self) -> Timing {
        self.timing
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let adapter = Adapter::parse(text, Path::new(""));
        format!("{:#}", adapter.expect_err("it is malformed"))
    }

    #[test]
    fn what_is_malformed_is_said() {
        for (text, part) in [
            ("", "name"),
            ("name = 'a'", "neither how to start"),
            ("name = 'a'\nnam = 1", "unknown field"),
            ("name = 'a'\n[stdio]\ncommand = []", "empty"),
            (
                "name = 'a'\nprepare = ['compile']\n[stdio]\ncommand = ['run', '{component}']",
                "the command of prepare",
            ),
            ("name = 'a'\n[stdio]\ncommand = ['run']", "{component}"),
            (
                "name = 'a'\n[http]\ncommand = ['run', '{component}']\nurl = 'http://127.0.0.1:{port}'",
                "{port}",
            ),
            (
                "name = 'a'\n[stdio]\ncommand = ['run', '{component}']\n[supports]\nvariants = ['1']",
                "no variant",
            ),
            (
                "name = 'a'\n[stdio]\ncommand = ['run', '{component}']\n[supports]\nworlds = ['new']",
                "no world",
            ),
            (
                "name = 'a'\n[stdio]\ncommand = ['run', '{component}']\n[seconds]\nstart = 0",
                "above 0",
            ),
            (
                "name = 'a'\n[http]\ncommand = ['run', '{component}', '{port}']\nurl = 'http://127.0.0.1:{port}'\nprotect = ['{keys}']",
                "{issuer}",
            ),
        ] {
            let fault = fault(text);
            assert!(fault.contains(part), "{text}: {fault}");
        }
    }

    #[test]
    fn what_is_left_out_is_supported_and_not_known() {
        let text = "name = 'a'\n[stdio]\ncommand = ['run', '{component}']";
        let adapter = Adapter::parse(text, Path::new("")).expect("it is well-formed");
        assert!(
            Base::ALL
                .iter()
                .all(|base| adapter.supports(*base, Transport::Stdio))
        );
        assert!(!adapter.supports(Base::Concurrent, Transport::Http));
        assert!(adapter.limits().start.is_none());
        assert!(adapter.knows(Setting::Open) && !adapter.knows(Setting::Protected));
        assert!(!adapter.knows(Setting::Denying(Asked::Roots)));
        assert!(!adapter.knows(Setting::PerCall));
        let text = format!(
            "{text}\n[supports]\nblocking = false\nvariants = ['0.3']\nworlds = ['backend']"
        );
        let adapter = Adapter::parse(&text, Path::new("")).expect("it is well-formed");
        let supported = Base::ALL
            .into_iter()
            .filter(|base| adapter.supports(*base, Transport::Stdio));
        assert_eq!(supported.collect::<Vec<_>>(), [Base::Concurrent]);
    }

    #[test]
    fn the_example_is_well_formed() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes/wasi-mcp.toml");
        let adapter = Adapter::read(&example).expect("it is well-formed");
        assert_eq!(adapter.name(), "wasi-mcp");
        assert!(adapter.knows(Setting::Protected) && adapter.knows(Setting::PerCall));
        for asked in Asked::ALL {
            assert!(adapter.knows(Setting::Denying(asked)), "{asked:?}");
        }
        let runtime: Arc<dyn Runtime> = Arc::new(adapter);
        assert_eq!(crate::runner::runtime::Trial::all(&runtime).len(), 8);
    }
}
