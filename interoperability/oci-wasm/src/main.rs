//! Pushes and pulls components with oci-wasm, in the steps of `wkg oci push` and `wkg oci pull`.
//!
//! `oci-wasm-client push REFERENCE FILE` and `oci-wasm-client pull REFERENCE FILE`, which prints the
//! configuration. Registries are spoken to with HTTP.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use oci_wasm::{WasmClient, WasmConfig};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, reference, file] = arguments.as_slice() else {
        bail!("expected push|pull REFERENCE FILE");
    };
    // Its client needs one, even for HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let reference: Reference = reference.parse()?;
    let client = WasmClient::new(Client::new(ClientConfig {
        protocol: ClientProtocol::Http,
        ..ClientConfig::default()
    }));
    let auth = RegistryAuth::Anonymous;
    match command.as_str() {
        "push" => {
            let (config, mut layer) = WasmConfig::from_component(file, None).await?;
            let title = "org.opencontainers.image.title".to_owned();
            layer.annotations = Some(BTreeMap::from([(title, file.clone())]));
            client.push(&reference, &auth, layer, config, None).await?;
        }
        "pull" => {
            let (_, config, _) = client.pull_manifest_and_config(&reference, &auth).await?;
            println!("{}", serde_json::to_string(&config)?);
            let data = client.pull(&reference, &auth).await?;
            let layer = data.layers.into_iter().next().context("no layers")?;
            std::fs::write(file, layer.data)?;
        }
        other => bail!("unknown command {other}"),
    }
    Ok(())
}
