//! Admission, and the properties of the endpoint.

use http::{Method, StatusCode};
use serde_json::json;

use super::client::{Service, initialize, ping};
use crate::transport::http::HttpOptions;

const EVIL: &str = "http://evil.example.com";

#[tokio::test]
async fn foreign_origins_and_hosts_are_refused_before_anything_else() {
    let service = Service::start().await;
    let (client, session) = service.client().await;
    let seen = session.received().len();
    for method in [
        Method::POST,
        Method::GET,
        Method::DELETE,
        Method::OPTIONS,
        Method::PUT,
    ] {
        for (name, value) in [
            ("origin", EVIL),
            ("origin", "null"),
            ("host", "evil.example.com"),
            ("host", "evil.example.com:80"),
        ] {
            for path in ["/mcp", "/elsewhere"] {
                let body = ping(1).to_string();
                let answer = client
                    .request_to(path, method.clone(), &[(name, value)], body)
                    .await;
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{method} {path} {name}: {value}"
                );
                assert_eq!(answer.header("access-control-allow-origin"), None);
            }
        }
    }
    assert_eq!(session.received().len(), seen);
    assert!(!session.is_closed());
}

#[tokio::test]
async fn local_origins_are_let_in_and_may_see_the_session_id() {
    let service = Service::start().await;
    let client = service.stranger();
    for origin in [
        format!("http://{}", service.address),
        "http://localhost:6274".to_owned(),
        "http://[::1]:1".to_owned(),
    ] {
        let body = initialize(json!({})).to_string();
        let answer = client
            .request(Method::POST, &[("origin", &origin)], body)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(&*origin));
        let exposed = answer.header("access-control-expose-headers");
        let exposed = exposed.expect("exposed fields").to_ascii_lowercase();
        for name in ["mcp-session-id", "www-authenticate", "retry-after"] {
            assert!(
                exposed.split(", ").any(|it| it == name),
                "{name}: {exposed}"
            );
        }
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    let without = client.post(&initialize(json!({}))).await;
    assert_eq!(without.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn an_allowed_origin_gets_its_preflight_answered() {
    let service = Service::with(HttpOptions {
        allowed_origins: vec!["https://app.example".parse().expect("origin")],
        ..HttpOptions::default()
    })
    .await;
    let client = service.stranger();
    let preflight = |origin: &'static str| {
        let client = client.clone();
        async move {
            let changes = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
                (
                    "access-control-request-headers",
                    "content-type,mcp-session-id, mcp-method, Mcp-Param-Region,mcp-x y, x-other",
                ),
            ];
            client.request(Method::OPTIONS, &changes, "").await
        }
    };
    let answer = preflight("https://app.example").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example")
    );
    let methods = answer
        .header("access-control-allow-methods")
        .expect("methods");
    assert!(
        ["GET", "POST", "DELETE"]
            .iter()
            .all(|method| methods.contains(method))
    );
    let fields = answer.headers.get_all("access-control-allow-headers");
    let fields: Vec<_> = fields.iter().map(|it| it.to_str().expect("text")).collect();
    let headers = fields.join(", ").to_ascii_lowercase();
    let headers: Vec<_> = headers.split(", ").collect();
    assert!(!headers.contains(&"x-other"), "{headers:?}");
    for name in [
        "mcp-method",
        "mcp-param-region",
        "content-type",
        "accept",
        "mcp-session-id",
        "mcp-protocol-version",
        "last-event-id",
    ] {
        assert!(headers.contains(&name), "{name} in {headers:?}");
    }
    assert_eq!(
        preflight("https://other.example").await.status,
        StatusCode::FORBIDDEN
    );

    let refused = client
        .request(Method::GET, &[("origin", "https://app.example")], "")
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("https://app.example"),
        "the page may read what was wrong"
    );
}

#[tokio::test]
async fn there_is_one_endpoint_with_its_methods() {
    let service = Service::start().await;
    let (client, _session) = service.client().await;
    for path in ["/", "/mcp/", "/mcp/x", "/sse", "/MCP"] {
        for method in [Method::POST, Method::GET, Method::DELETE] {
            let answer = client
                .request_to(path, method, &[], ping(1).to_string())
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    for method in [Method::PUT, Method::PATCH, Method::HEAD] {
        let answer = client.request(method.clone(), &[], "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        let allowed = answer.header("allow").expect("Allow");
        assert!(
            ["GET", "POST", "DELETE"]
                .iter()
                .all(|method| allowed.contains(method))
        );
    }
    let answer = client.request(Method::OPTIONS, &[], "").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("allow").is_some());
    let answer = client
        .request_to("/mcp?key=value", Method::POST, &[], ping(1).to_string())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "a query does not matter");
}

#[tokio::test]
async fn the_path_can_be_chosen() {
    let service = Service::with(HttpOptions {
        path: "/elsewhere".to_owned(),
        ..HttpOptions::default()
    })
    .await;
    let client = service.stranger();
    let body = initialize(json!({})).to_string();
    let answer = client
        .request_to("/elsewhere", Method::POST, &[], body.clone())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = client.request_to("/mcp", Method::POST, &[], body).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
