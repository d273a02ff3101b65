//! Calls that make the host keep memory for this guest.

use std::mem::forget;

use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{NewTimestamp, PathFlags};
use wasip2::http::types::{Fields, Method, OutgoingRequest};

pub fn hold(what: &str, bytes: usize) -> Result<(), String> {
    match what {
        "handles" => forget(Fields::new()),
        "fields" => forget(fields(bytes)?),
        "copies" => {
            let copy = fields(bytes)?.clone();
            copy.append("b", b"c").map_err(text)?;
            forget(copy);
        }
        "methods" => {
            let request = OutgoingRequest::new(Fields::new());
            let method = Method::Other("M".repeat(bytes));
            request
                .set_method(&method)
                .map_err(|()| "the method is refused")?;
            forget(request);
        }
        "authorities" => {
            let request = OutgoingRequest::new(Fields::new());
            let authority = "a".repeat(bytes);
            request
                .set_authority(Some(&authority))
                .map_err(|()| "the authority is refused")?;
            forget(request);
        }
        "bodies" => {
            let request = OutgoingRequest::new(Fields::new());
            let body = request.body().map_err(|()| "there is no body")?;
            let stream = body.write().map_err(|()| "there is no stream")?;
            let room = stream.check_write().map_err(text)?;
            let room = usize::try_from(room).map_err(text)?;
            stream.write(&vec![0; bytes.min(room)]).map_err(text)?;
            forget((request, body, stream));
        }
        _ => return Err(format!("{what:?} cannot be held")),
    }
    Ok(())
}

fn fields(bytes: usize) -> Result<Fields, String> {
    let fields = Fields::new();
    fields.append("a", &vec![b'a'; bytes]).map_err(text)?;
    Ok(fields)
}

pub async fn files(path: &str, count: usize) -> Result<(), String> {
    for at in 0..count {
        let file = std::fs::File::open(path).map_err(|error| format!("file {at}: {error}"))?;
        forget(file);
    }
    Ok(())
}

pub async fn folders(path: &str, count: usize) -> Result<(), String> {
    for at in 0..count {
        let folder = std::fs::read_dir(path).map_err(|error| format!("folder {at}: {error}"))?;
        forget(folder);
    }
    Ok(())
}

pub async fn touch(path: &str) -> Result<(), String> {
    let folders = preopens::get_directories();
    let (folder, rest) = folders
        .iter()
        .find_map(|(folder, name)| Some((folder, path.strip_prefix(name)?.strip_prefix('/')?)))
        .ok_or("no folder is granted")?;
    folder
        .set_times_at(
            PathFlags::SYMLINK_FOLLOW,
            rest,
            NewTimestamp::Now,
            NewTimestamp::Now,
        )
        .map_err(text)
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
