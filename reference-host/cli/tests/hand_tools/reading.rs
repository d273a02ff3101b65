//! Resources: texts, bytes, several contents, streams, files.

use std::fs;

use tokio::io::AsyncReadExt as _;

use super::*;

/// The bytes of a resource of the streams guest.
fn streamed(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|position| (position % 251) as u8).collect()
}

/// Runs a command, and returns its standard output as bytes.
async fn bytes(guest: &GuestFile, arguments: &[&str]) -> Vec<u8> {
    let output = on(guest, "read", arguments).output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output.stdout
}

#[tokio::test]
async fn contents_go_to_standard_output_unchanged() {
    for name in REFERENCES {
        let guest = GuestFile::write(name);
        let text = bytes(&guest, &["test://static-text"]).await;
        assert_eq!(text, b"This is the content of the static text resource.");
        let image = bytes(&guest, &["test://static-binary"]).await;
        assert!(image.starts_with(b"\x89PNG\r\n"), "{image:?}");
        let both = bytes(&guest, &["test://folder"]).await;
        assert_eq!(both, [b"In the folder.", image.as_slice()].concat());
    }
    let guest = GuestFile::write("reference-backend-0.3");
    let named = outcome(&guest, "read", &["test://folder", "--json"]).await;
    let whole: Value = serde_json::from_str(&printed(named)).unwrap();
    assert_eq!(whole["contents"][0]["text"], "In the folder.");
    assert!(whole["contents"][1]["blob"].is_string(), "{whole}");
    let refused = outcome(&guest, "read", &["test://failing"]).await;
    assert_failed(&refused, 3, &["The resource cannot be read"]);
}

#[tokio::test]
async fn contents_go_to_files() {
    let guest = GuestFile::write("reference-backend-0.3");
    let file = guest.sibling("image.png");
    let path = file.to_str().unwrap();
    let silent = printed(outcome(&guest, "read", &["test://static-binary", "-o", path]).await);
    assert_eq!(silent, "");
    assert!(fs::read(&file).unwrap().starts_with(b"\x89PNG"));

    // A file that exists is replaced, but only by a whole resource.
    printed(outcome(&guest, "read", &["test://static-text", "-o", path]).await);
    let text = b"This is the content of the static text resource.";
    assert_eq!(fs::read(&file).unwrap(), text);
    for unreadable in ["test://failing", "test://no-such-thing"] {
        let refused = outcome(&guest, "read", &[unreadable, "-o", path]).await;
        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert_eq!(fs::read(&file).unwrap(), text);
    }

    let refused = outcome(&guest, "read", &["test://folder", "-o", path]).await;
    assert_failed(&refused, 2, &[path, "2 contents", "existing folder"]);

    let folder = guest.sibling("folder");
    fs::create_dir(&folder).unwrap();
    let into = folder.to_str().unwrap();
    printed(outcome(&guest, "read", &["test://folder", "-o", into]).await);
    assert_eq!(fs::read(folder.join("1-text")).unwrap(), b"In the folder.");
    assert!(
        fs::read(folder.join("2-image"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    // The component chose the names: no file is replaced.
    let again = outcome(&guest, "read", &["test://folder", "-o", into]).await;
    assert_failed(&again, 2, &["1-text", "cannot be written"]);

    let json = guest.sibling("result.json");
    let arguments = ["test://folder", "--json", "-o", json.to_str().unwrap()];
    printed(outcome(&guest, "read", &arguments).await);
    let whole: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(whole["contents"].as_array().unwrap().len(), 2);
    let nowhere = guest.sibling("no/such/file");
    let arguments = ["test://folder", "--json", "-o", nowhere.to_str().unwrap()];
    let refused = outcome(&guest, "read", &arguments).await;
    assert_failed(&refused, 2, &["no/such/file", "cannot be written"]);
}

#[tokio::test]
async fn streams_are_passed_on() {
    let guest = GuestFile::write("streams-0.3");
    for (uri, expected) in [
        ("stream:0", 0),
        ("stream:1", 1),
        ("stream:300000", 300_000),
        ("stream:300000?begun=7", 300_000),
    ] {
        assert!(bytes(&guest, &[uri]).await == streamed(expected), "{uri}");
        let whole = bytes(&guest, &[uri, "--json"]).await;
        let whole: Value = serde_json::from_slice(&whole).unwrap();
        let blob = whole["contents"][0]["blob"].as_str().unwrap();
        assert_eq!(blob.len(), expected.div_ceil(3) * 4, "{uri}");
        let file = guest.sibling("streamed");
        bytes(&guest, &[uri, "-o", file.to_str().unwrap()]).await;
        assert!(fs::read(file).unwrap() == streamed(expected), "{uri}");
    }
    assert_eq!(bytes(&guest, &["plain:text"]).await, b"text");

    // A whole number of groups of base64.
    let mut failed = on(&guest, "read", &["stream:300000?fail=210000"]);
    let failed = failed.output().await.unwrap();
    assert_eq!(failed.status.code(), Some(3), "{failed:?}");
    assert!(failed.stdout == streamed(210_000), "what came is passed on");
    let text = String::from_utf8_lossy(&failed.stderr);
    assert!(text.contains("did not complete"), "{text}");

    let folder = guest.sibling("folder");
    fs::create_dir(&folder).unwrap();
    let before = folder.join("before");
    fs::write(&before, "before").unwrap();
    for path in [&before, &folder.join("new"), &folder] {
        let arguments = ["stream:300000?fail=210000", "-o", path.to_str().unwrap()];
        let failed = outcome(&guest, "read", &arguments).await;
        assert_failed(&failed, 3, &["did not complete"]);
        let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing of it is left: {left:?}");
        assert_eq!(fs::read(&before).unwrap(), b"before");
    }
}

/// The peak memory of a process, in bytes.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes.unwrap().parse::<usize>().unwrap() << 10
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_stream_is_not_held_in_memory() {
    let guest = GuestFile::write("streams-0.3");
    let size = 256 << 20;
    let mut process = on(&guest, "read", &[&format!("stream:{size}")])
        .spawn()
        .unwrap();
    let mut output = process.stdout.take().unwrap();
    let mut buffer = vec![0; 1 << 16];
    let (mut read, mut at_start) = (0, 0);
    while read < size {
        let bytes = output.read(&mut buffer).await.unwrap();
        assert_ne!(bytes, 0, "it ended after {read} bytes");
        read += bytes;
        // The process waits for the pipe to be read, so it lives.
        if read < size / 2 {
            at_start = peak(process.id().unwrap());
        } else if read < size - (1 << 20) {
            let grown = peak(process.id().unwrap()).saturating_sub(at_start);
            assert!(grown < size / 8, "{grown} bytes more after {read}");
        }
    }
    assert_eq!(process.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_reader_that_closes_its_end_ends_a_stream() {
    let guest = GuestFile::write("streams-0.3");
    let mut process = on(&guest, "read", &["stream:10000000000"]).spawn().unwrap();
    let mut output = process.stdout.take().unwrap();
    output.read_exact(&mut [0; 1000]).await.unwrap();
    drop(output);
    let ended = command::end(process).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("error"), "{ended:?}");
}
