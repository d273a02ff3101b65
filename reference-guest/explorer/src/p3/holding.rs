//! Calls that make the host keep memory for this guest.

use std::mem::forget;

use wasip3::filesystem::types::{DescriptorFlags, NewTimestamp, OpenFlags, PathFlags};
use wasip3::http::types::{Fields, Method, Request};
use wasip3::wit_future;

use super::files::{granted, open};

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
            let request = request()?;
            let method = Method::Other("M".repeat(bytes));
            request
                .set_method(&method)
                .map_err(|()| "the method is refused")?;
            forget(request);
        }
        "authorities" => {
            let request = request()?;
            let authority = "a".repeat(bytes);
            request
                .set_authority(Some(&authority))
                .map_err(|()| "the authority is refused")?;
            forget(request);
        }
        // A body of this variant is read when the host wants it, and kept by the guest until then.
        "bodies" => forget(request()?),
        _ => return Err(format!("{what:?} cannot be held")),
    }
    Ok(())
}

fn request() -> Result<Request, String> {
    let (_, no_trailers) = wit_future::new(|| Ok(None));
    let (request, sent) = Request::new(Fields::new(), None, no_trailers, None);
    forget(sent);
    Ok(request)
}

fn fields(bytes: usize) -> Result<Fields, String> {
    let fields = Fields::new();
    fields.append("a", &vec![b'a'; bytes]).map_err(text)?;
    Ok(fields)
}

pub async fn files(path: &str, count: usize) -> Result<(), String> {
    for at in 0..count {
        let file = open(path, OpenFlags::empty(), DescriptorFlags::READ).await;
        forget(file.map_err(|error| format!("file {at}: {error}"))?);
    }
    Ok(())
}

pub async fn folders(path: &str, count: usize) -> Result<(), String> {
    let folder = open(path, OpenFlags::DIRECTORY, DescriptorFlags::READ).await?;
    for at in 0..count {
        let (mut entries, done) = folder.read_directory();
        if entries.next().await.is_none() {
            done.await
                .map_err(|error| format!("folder {at}: {error:?}"))?;
        } else {
            forget((entries, done));
        }
    }
    Ok(())
}

pub async fn touch(path: &str) -> Result<(), String> {
    let (folder, rest) = granted(path)?;
    folder
        .set_times_at(
            PathFlags::SYMLINK_FOLLOW,
            rest,
            NewTimestamp::Now,
            NewTimestamp::Now,
        )
        .await
        .map_err(text)
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
