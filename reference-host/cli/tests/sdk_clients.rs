//! Real clients: the official Python and TypeScript SDKs for MCP use the reference guests through
//! `wasi-mcp serve`. Their requests and expectations are in `interoperability/`.

mod served;

use std::process::Command;

use served::{
    GuestFile, HttpServer, file_named_by, file_of_project, serve, share_compiled_code, transcript,
};

struct Sdk {
    /// The environment variable that names the interpreter.
    variable: &'static str,
    interpreter: &'static str,
    script: &'static str,
}

const PYTHON_1: Sdk = Sdk {
    variable: "WASI_MCP_PYTHON_SDK_1",
    interpreter: "the Python of an environment with interoperability/python/requirements-1.txt",
    script: "interoperability/python/main.py",
};
const PYTHON_2: Sdk = Sdk {
    variable: "WASI_MCP_PYTHON_SDK_2",
    interpreter: "the Python of an environment with interoperability/python/requirements-2.txt",
    script: "interoperability/python/main.py",
};
const TYPESCRIPT: Sdk = Sdk {
    variable: "WASI_MCP_NODE",
    interpreter: "Node.js 22 or later, after `npm ci` in interoperability/typescript",
    script: "interoperability/typescript/main.mjs",
};

impl Sdk {
    /// Returns the command that runs all checks; the transport and the server are appended to it.
    fn client(&self) -> Command {
        let mut command = Command::new(file_named_by(self.variable, self.interpreter));
        command.arg(file_of_project(self.script));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        share_compiled_code(&mut command);
        command
    }
}

fn drives_over_stdio(sdk: &Sdk, guest: &str) {
    let file = GuestFile::write(guest);
    let server = serve(&file);
    let mut client = sdk.client();
    client
        .arg("stdio")
        .arg(server.get_program())
        .args(server.get_args());
    assert_content(client, guest, String::new);
}

fn drives_over_http(sdk: &Sdk, guest: &str) {
    let file = GuestFile::write(guest);
    let server = HttpServer::start(&file);
    let mut client = sdk.client();
    client.args(["http", server.url()]);
    assert_content(client, guest, || server.log());
}

/// Runs the client and fails unless all of its checks pass.
fn assert_content(mut client: Command, guest: &str, log: impl Fn() -> String) {
    let output = client.output().expect("the client starts");
    // Calls that wait for one another need a guest that runs them concurrently.
    let skipped = if guest.ends_with("0.2") { 1 } else { 0 };
    let summary = format!(" 0 failed, {skipped} skipped");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains(&summary),
        "{guest}: expected `{summary}`\n{}\n{}",
        transcript(&output),
        log()
    );
}

macro_rules! clients {
    ($($client:ident: $sdk:ident;)*) => {$(
        mod $client {
            use super::*;

            clients! { @guests $sdk;
                backend_0_2_over_stdio: drives_over_stdio("reference-backend-0.2");
                backend_0_2_over_http: drives_over_http("reference-backend-0.2");
                backend_0_3_over_stdio: drives_over_stdio("reference-backend-0.3");
                backend_0_3_over_http: drives_over_http("reference-backend-0.3");
                service_0_2_over_stdio: drives_over_stdio("reference-service-0.2");
                service_0_2_over_http: drives_over_http("reference-service-0.2");
                service_0_3_over_stdio: drives_over_stdio("reference-service-0.3");
                service_0_3_over_http: drives_over_http("reference-service-0.3");
            }
        }
    )*};
    (@guests $sdk:ident; $($test:ident: $drives:ident($guest:literal);)*) => {$(
        #[test]
        #[ignore = "needs the Python and TypeScript SDKs, which .ci/run sets up"]
        fn $test() {
            $drives(&$sdk, $guest);
        }
    )*};
}

clients! {
    python_sdk_1: PYTHON_1;
    python_sdk_2: PYTHON_2;
    typescript_sdk: TYPESCRIPT;
}
