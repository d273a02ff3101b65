//! A server made with the official Rust SDK, `rmcp`.
//!
//! ```text
//! foreign-rmcp              over stdio
//! foreign-rmcp HOST:PORT    over Streamable HTTP, at /mcp
//! ```

// The SDK deprecates what a later revision of MCP withdraws. This is 2025-06-18.
#![allow(deprecated)]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rmcp::handler::server::router::prompt::PromptRouter;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::*;
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::{
    ErrorData, Json, RoleServer, ServerHandler, ServiceExt, prompt, prompt_handler, prompt_router,
    tool, tool_handler, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

const NOTE: &str = "note://counted";
const LEVELS: [LoggingLevel; 8] = [
    LoggingLevel::Debug,
    LoggingLevel::Info,
    LoggingLevel::Notice,
    LoggingLevel::Warning,
    LoggingLevel::Error,
    LoggingLevel::Critical,
    LoggingLevel::Alert,
    LoggingLevel::Emergency,
];
const LANGUAGES: [&str; 3] = ["python", "rust", "typescript"];

#[derive(Deserialize, JsonSchema)]
struct Numbers {
    a: i64,
    b: i64,
}

#[derive(Serialize, JsonSchema)]
struct Sum {
    sum: i64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Review {
    code: String,
    language: Option<String>,
}

/// The form that `greet` asks the user to fill in.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Name {
    name: String,
}
rmcp::elicit_safe!(Name);

#[derive(Clone)]
struct Server {
    tool_router: ToolRouter<Self>,
    prompt_router: PromptRouter<Self>,
    counted: Arc<AtomicUsize>,
    subscribed: Arc<Mutex<HashSet<String>>>,
    /// The first of the levels that are logged.
    level: Arc<AtomicUsize>,
}

#[tool_router]
impl Server {
    fn new() -> Self {
        Self {
            tool_router: Self::tool_router(),
            prompt_router: Self::prompt_router(),
            counted: Arc::default(),
            subscribed: Arc::default(),
            level: Arc::default(),
        }
    }

    #[tool(description = "Adds two numbers")]
    async fn add(&self, Parameters(numbers): Parameters<Numbers>) -> Result<Json<Sum>, String> {
        let sum = numbers.a.checked_add(numbers.b);
        sum.map(|sum| Json(Sum { sum }))
            .ok_or("too large".to_owned())
    }

    #[tool(description = "Fails always")]
    async fn fail(&self) -> Result<String, String> {
        Err("this tool fails always".to_owned())
    }

    #[tool(description = "Counts to ten in a second, with progress, and changes a resource")]
    async fn count(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        for step in 1..=10 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if let Some(token) = context.meta.get_progress_token() {
                let progress = ProgressNotificationParam::new(token, f64::from(step))
                    .with_total(10.0)
                    .with_message(format!("step {step}"));
                context.peer.notify_progress(progress).await.map_err(lost)?;
            }
        }
        let counted = self.counted.fetch_add(1, Ordering::Relaxed) + 1;
        if self.subscribed.lock().await.contains(NOTE) {
            let updated = ResourceUpdatedNotificationParam::new(NOTE);
            let told = context.peer.notify_resource_updated(updated).await;
            told.map_err(lost)?;
        }
        Ok(format!("counted {counted} times"))
    }

    #[tool(description = "Logs at three levels")]
    async fn write_log(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        let wanted = &LEVELS[self.level.load(Ordering::Relaxed)..];
        let levels = [LoggingLevel::Debug, LoggingLevel::Info, LoggingLevel::Error];
        for level in levels.into_iter().filter(|level| wanted.contains(level)) {
            let message = LoggingMessageNotificationParam::new(level, "a message".into());
            let told = context.peer.notify_logging_message(message).await;
            told.map_err(lost)?;
        }
        Ok("logged".to_owned())
    }

    #[tool(description = "Asks the client's model")]
    async fn sample(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        let question = vec![SamplingMessage::user_text("What is the time?")];
        let question = CreateMessageRequestParams::new(question, 100);
        let answer = context.peer.create_message(question).await.map_err(lost)?;
        Ok(answer.model)
    }

    #[tool(description = "Asks the user for a name")]
    async fn greet(&self, context: RequestContext<RoleServer>) -> Result<String, String> {
        match context.peer.elicit::<Name>("What is your name?").await {
            Ok(Some(Name { name })) => Ok(format!("Hello, {name}")),
            Ok(None) => Ok("Hello".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tool(description = "Counts the client's roots")]
    async fn list_roots(&self, context: RequestContext<RoleServer>) -> Result<String, ErrorData> {
        let roots = context.peer.list_roots().await.map_err(lost)?;
        Ok(format!("{} roots", roots.roots.len()))
    }
}

#[prompt_router]
impl Server {
    #[prompt(description = "Asks to review code")]
    async fn review(&self, Parameters(review): Parameters<Review>) -> Vec<PromptMessage> {
        let language = review.language.as_deref().unwrap_or("rust");
        let text = format!("Review this {language}: {}", review.code);
        vec![PromptMessage::new_text(Role::User, text)]
    }
}

#[tool_handler(router = self.tool_router)]
#[prompt_handler(router = self.prompt_router)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(
            ServerCapabilities::builder()
                .enable_completions()
                .enable_logging()
                .enable_prompts()
                .enable_resources()
                .enable_resources_subscribe()
                .enable_tools()
                .build(),
        )
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let note = Resource::new(NOTE, "note").with_mime_type("text/plain");
        Ok(ListResourcesResult::with_all_items(vec![note]))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let greeting = ResourceTemplate::new("greeting://{name}", "greeting");
        Ok(ListResourceTemplatesResult::with_all_items(vec![
            greeting.with_mime_type("text/plain"),
        ]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let text = if request.uri == NOTE {
            format!("counted {} times", self.counted.load(Ordering::Relaxed))
        } else if let Some(name) = request.uri.strip_prefix("greeting://") {
            format!("Hello, {name}")
        } else {
            return Err(ErrorData::resource_not_found("no such resource", None));
        };
        Ok(ReadResourceResult::new(vec![ResourceContents::text(text, request.uri)]).into())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.subscribed.lock().await.insert(request.uri);
        Ok(())
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.subscribed.lock().await.remove(&request.uri);
        Ok(())
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let level = LEVELS.iter().position(|level| *level == request.level);
        self.level
            .store(level.unwrap_or_default(), Ordering::Relaxed);
        Ok(())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let matching = LANGUAGES
            .iter()
            .filter(|language| language.starts_with(&request.argument.value));
        let values = matching.map(ToString::to_string).collect();
        let values = CompletionInfo::new(values).map_err(lost)?;
        Ok(CompleteResult::new(values))
    }
}

fn lost(error: impl ToString) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(address) = std::env::args().nth(1) {
        let service = StreamableHttpService::new(
            || Ok(Server::new()),
            Arc::new(LocalSessionManager::default()),
            Default::default(),
        );
        let router = axum::Router::new().nest_service("/mcp", service);
        let listener = tokio::net::TcpListener::bind(address).await?;
        axum::serve(listener, router).await?;
    } else {
        let server = Server::new().serve(rmcp::transport::stdio()).await?;
        server.waiting().await?;
    }
    Ok(())
}
