//! A registry of the kind that the public ones run: Debian's package docker-registry.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The user of a restricted registry.
pub const USER: &str = "publisher";
/// The user's password.
pub const PASSWORD: &str = "right";
/// The password's hash, of the kind that `htpasswd -B` makes.
const HASH: &str = "$2a$04$zyGZ9lcfloQ38z3QlWnho.cBRH8pTPoiSZiVDa4aF8MlvjKOAKItq";

/// A registry on loopback with nothing in it.
pub struct Registry {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Registry {
    /// Starts one that everybody may use, or only the user.
    pub fn start(restricted: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let at = |name: &str| folder.path().join(name);
        let mut configuration = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\n\
             http:\n  addr: 127.0.0.1:{port}\n",
            at("storage").display()
        );
        if restricted {
            fs::write(at("htpasswd"), format!("{USER}:{HASH}\n")).expect("a file");
            configuration += &format!(
                "auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
                at("htpasswd").display()
            );
        }
        fs::write(at("config.yml"), configuration).expect("a file");
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(at("config.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry runs: install Debian's package docker-registry");
        let registry = Self {
            process,
            port,
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(Instant::now() < deadline, "the registry does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    /// Returns the host with its port.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns a port on which nothing listens.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
