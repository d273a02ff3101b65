//! The tools. Each makes one attempt, and tells what came of it.

use serde_json::{Value, json};

use crate::bindings::wasi::mcp::content::{Resource, ResourceTemplate};
use crate::bindings::wasi::mcp::runtime;
use crate::bindings::wasi::mcp::types::Error;
use crate::wasi::{clocks, environment, files, holding, http, output, random, sockets};

pub struct Description {
    pub name: &'static str,
    pub description: &'static str,
    pub arguments: &'static [&'static str],
}

const fn tool(
    name: &'static str,
    description: &'static str,
    arguments: &'static [&'static str],
) -> Description {
    Description {
        name,
        description,
        arguments,
    }
}

pub const ALL: &[Description] = &[
    tool(
        "environment",
        "The environment variables, a JSON object.",
        &[],
    ),
    tool("arguments", "The command line, a JSON array.", &[]),
    tool(
        "list-folder",
        "The names in a folder, a JSON array.",
        &["path"],
    ),
    tool("read-file", "The text of a file.", &["path"]),
    tool("write-file", "Writes a text to a file.", &["path", "text"]),
    tool("remove-file", "Removes a file.", &["path"]),
    tool("create-folder", "Makes a folder.", &["path"]),
    tool(
        "make-link",
        "Makes a symbolic link to a target.",
        &["target", "path"],
    ),
    tool(
        "make-hard-link",
        "Gives a file a second path.",
        &["target", "path"],
    ),
    tool("rename", "Gives a file another path.", &["from", "to"]),
    tool(
        "connect",
        "Connects to an address through TCP.",
        &["address"],
    ),
    tool("listen", "Listens at an address through TCP.", &["address"]),
    tool("bind-udp", "Binds a UDP socket.", &["address"]),
    tool("resolve", "Looks a host's name up.", &["name"]),
    tool(
        "fetch",
        "Gets a URL through wasi:http; status and body, a JSON object.",
        &["url"],
    ),
    tool(
        "clocks",
        "Milliseconds since 1970, and two times of the monotonic clock.",
        &[],
    ),
    tool("random", "Two random numbers, a JSON array.", &[]),
    tool(
        "insecure-random",
        "Two random numbers of the insecure source, and the seed; a JSON object.",
        &[],
    ),
    tool(
        "print",
        "Prints a line to standard output and to standard error.",
        &["text"],
    ),
    tool(
        "hold",
        "Makes the host keep something a number of times: `handles`, `fields`, `copies`, `methods`, \
         `authorities` or `bodies`, each of a number of bytes.",
        &["what", "count", "bytes"],
    ),
    tool(
        "hold-files",
        "Opens a file a number of times, and keeps it open.",
        &["path", "count"],
    ),
    tool(
        "hold-folders",
        "Begins to read a folder a number of times, and does not go on.",
        &["path", "count"],
    ),
    tool("touch", "Sets the times of a file to now.", &["path"]),
    tool(
        "register-tools",
        "Registers a number of tools with this input schema.",
        &["count", "schema"],
    ),
    tool("register-resource", "Registers a resource.", &["uri"]),
    tool(
        "register-template",
        "Registers a resource template.",
        &["template"],
    ),
    tool(
        "sleep",
        "Blocks for some milliseconds, through WASI 0.2 in both variants.",
        &["milliseconds"],
    ),
    tool("panic", "Panics with a text.", &["text"]),
];

pub async fn call(name: &str, arguments: &Value) -> Result<String, String> {
    let argument = |name: &str| {
        arguments[name]
            .as_str()
            .ok_or_else(|| format!("`{name}`: a string is expected"))
    };
    match name {
        "environment" => {
            let variables: serde_json::Map<String, Value> = environment::variables()
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect();
            Ok(Value::Object(variables).to_string())
        }
        "arguments" => Ok(json!(environment::arguments()).to_string()),
        "sleep" => {
            let time = number(argument("milliseconds")?)?;
            std::thread::sleep(std::time::Duration::from_millis(time as u64));
            Ok("slept".into())
        }
        "list-folder" => {
            let mut names = files::list(argument("path")?).await?;
            names.sort_unstable();
            Ok(json!(names).to_string())
        }
        "read-file" => files::read(argument("path")?).await,
        "write-file" => {
            files::write(argument("path")?, argument("text")?).await?;
            Ok("written".into())
        }
        "remove-file" => {
            files::remove(argument("path")?).await?;
            Ok("removed".into())
        }
        "create-folder" => {
            files::create_folder(argument("path")?).await?;
            Ok("made".into())
        }
        "make-link" => {
            files::link(argument("target")?, argument("path")?).await?;
            Ok("made".into())
        }
        "make-hard-link" => {
            files::hard_link(argument("target")?, argument("path")?).await?;
            Ok("made".into())
        }
        "rename" => {
            files::rename(argument("from")?, argument("to")?).await?;
            Ok("renamed".into())
        }
        "connect" => {
            sockets::connect(address(argument("address")?)?).await?;
            Ok("connected".into())
        }
        "listen" => {
            sockets::listen(address(argument("address")?)?).await?;
            Ok("listening".into())
        }
        "bind-udp" => {
            sockets::bind_udp(address(argument("address")?)?).await?;
            Ok("bound".into())
        }
        "resolve" => sockets::resolve(argument("name")?).await,
        "fetch" => {
            let (status, body) = http::get(argument("url")?).await?;
            Ok(json!({ "status": status, "body": body }).to_string())
        }
        "clocks" => {
            let before = clocks::monotonic_nanoseconds();
            clocks::wait_a_millisecond().await;
            let after = clocks::monotonic_nanoseconds();
            Ok(json!({
                "wall": clocks::wall_milliseconds(),
                "monotonic": [before, after],
            })
            .to_string())
        }
        "random" => Ok(json!([random::draw(), random::draw()]).to_string()),
        "insecure-random" => {
            let (low, high) = random::insecure_seed();
            let numbers = [random::draw_insecurely(), random::draw_insecurely()];
            Ok(json!({ "numbers": numbers, "seed": [low, high] }).to_string())
        }
        "print" => {
            output::print(argument("text")?).await?;
            Ok("printed".into())
        }
        "hold" => {
            let (count, bytes) = (number(argument("count")?)?, number(argument("bytes")?)?);
            for _ in 0..count {
                holding::hold(argument("what")?, bytes)?;
            }
            Ok("held".into())
        }
        "hold-files" => {
            let count = number(argument("count")?)?;
            holding::files(argument("path")?, count).await?;
            Ok("held".into())
        }
        "hold-folders" => {
            let count = number(argument("count")?)?;
            holding::folders(argument("path")?, count).await?;
            Ok("held".into())
        }
        "touch" => {
            holding::touch(argument("path")?).await?;
            Ok("touched".into())
        }
        "register-tools" => {
            let count = number(argument("count")?)?;
            let schema = argument("schema")?;
            let tools: Vec<_> = (0..count)
                .map(|at| crate::server::extra_tool(at, schema))
                .collect();
            runtime::register_tools(&tools).map_err(message)?;
            Ok("registered".into())
        }
        "register-resource" => {
            let resource = Resource {
                uri: argument("uri")?.into(),
                name: "extra".into(),
                title: None,
                description: None,
                mime_type: None,
                size: None,
                annotations: None,
                meta: None,
                extra: None,
            };
            runtime::register_resources(&[resource]).map_err(message)?;
            Ok("registered".into())
        }
        "register-template" => {
            let template = ResourceTemplate {
                uri_template: argument("template")?.into(),
                name: "extra".into(),
                title: None,
                description: None,
                mime_type: None,
                annotations: None,
                meta: None,
                extra: None,
            };
            runtime::register_resource_templates(&[template]).map_err(message)?;
            Ok("registered".into())
        }
        "panic" => panic!("{}", argument("text")?),
        _ => Err(format!("there is no tool {name}")),
    }
}

fn message(error: Error) -> String {
    error.message
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// The parts of `http://AUTHORITY/PATH`, the only kind of URL that `fetch` knows.
pub fn authority_and_path(url: &str) -> Result<(&str, &str), String> {
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| format!("{url}: no URL that begins with http://"))?;
    Ok(match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    })
}
