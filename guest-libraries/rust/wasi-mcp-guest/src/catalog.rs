//! The lists of a service.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>

use std::rc::Rc;

use wasi_mcp_types::content::*;
use wasi_mcp_types::types::{Cursor, Error};

use crate::context::Context;
use crate::items::Items;
use crate::pages::{self, List};
use crate::registry;
use crate::server::{self, ServerDefinition};
use crate::visibility::{Named, is_visible};

pub async fn list_tools<S: ServerDefinition>(
    context: Context,
    cursor: Option<Cursor>,
) -> Result<ListToolsResult, Error> {
    let (page, next_cursor) = page::<S, _>(context, cursor, |items| &items.tools).await?;
    Ok(ListToolsResult {
        tools: page.iter().map(|it| it.tool.clone()).collect(),
        next_cursor,
        ..ListToolsResult::default()
    })
}

pub async fn list_resources<S: ServerDefinition>(
    context: Context,
    cursor: Option<Cursor>,
) -> Result<ListResourcesResult, Error> {
    let (page, next_cursor) = page::<S, _>(context, cursor, |items| &items.resources).await?;
    Ok(ListResourcesResult {
        resources: page.iter().map(|it| it.resource.clone()).collect(),
        next_cursor,
        ..ListResourcesResult::default()
    })
}

pub async fn list_resource_templates<S: ServerDefinition>(
    context: Context,
    cursor: Option<Cursor>,
) -> Result<ListResourceTemplatesResult, Error> {
    let (page, next_cursor) = page::<S, _>(context, cursor, |items| &items.templates).await?;
    Ok(ListResourceTemplatesResult {
        resource_templates: page.iter().map(|it| it.template.clone()).collect(),
        next_cursor,
        ..ListResourceTemplatesResult::default()
    })
}

pub async fn list_prompts<S: ServerDefinition>(
    context: Context,
    cursor: Option<Cursor>,
) -> Result<ListPromptsResult, Error> {
    let (page, next_cursor) = page::<S, _>(context, cursor, |items| &items.prompts).await?;
    Ok(ListPromptsResult {
        prompts: page.iter().map(|it| it.prompt.clone()).collect(),
        next_cursor,
        ..ListPromptsResult::default()
    })
}

/// Returns a page of the items of one kind that the request may see, and the cursor of the next.
async fn page<S: ServerDefinition, T: Named>(
    context: Context,
    cursor: Option<Cursor>,
    list: fn(&Items) -> &List<Rc<T>>,
) -> Result<(Vec<Rc<T>>, Option<Cursor>), Error> {
    server::prepare::<S>()?;
    let rest = registry::with(|registry| {
        let rest = list(&registry.items).after(cursor.as_deref())?;
        Ok(rest.to_vec())
    })?;
    let is_shown =
        async |item: &Rc<T>| item.is_listed() && is_visible::<S>(&context, &**item).await;
    Ok(pages::page(rest, is_shown).await)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use wasi_mcp_types::capabilities::{PromptsCapability, Server, ToolsCapability};

    use super::*;
    use crate::errors::{invalid_params, resource_not_found};
    use crate::server::Exports;
    use crate::testing::run;
    use crate::{ErrorCode, ItemName, handlers};

    #[crate::items]
    mod guide {
        use serde_json::{Map, Value};

        use crate::Arguments;

        #[tool]
        fn open() -> &'static str {
            "open"
        }

        #[tool]
        fn secret() -> &'static str {
            "secret"
        }

        #[tool]
        fn pages(#[schemars(range(max = 9))] to: u32) -> String {
            to.to_string()
        }

        #[tool(input_schema = r#"{
            "type": "object",
            "properties": { "name": { "type": "string" } },
            "required": ["name"],
            "additionalProperties": false
        }"#)]
        fn sign(Arguments(entry): Arguments<Map<String, Value>>) -> String {
            Value::Object(entry).to_string()
        }

        #[resource(uri = "guide://open")]
        fn open_page() -> &'static str {
            "open"
        }

        #[resource(uri = "guide://secret")]
        fn secret_page() -> &'static str {
            "secret"
        }

        #[resource(template = "guide://{page}")]
        fn page(#[complete(["one", "two"])] page: String) -> String {
            page
        }

        #[resource(template = "guide://{page}/secret")]
        fn page_secret(#[complete(["one", "two"])] page: String) -> String {
            page
        }

        #[resource(template = "guide://{page}/draft", unlisted)]
        fn draft(#[complete(["one", "two"])] page: String) -> String {
            page
        }

        #[prompt]
        fn tour(#[complete(["Lyon"])] city: String) -> String {
            city
        }

        #[prompt]
        fn secret_tour(#[complete(["Lyon"])] city: String) -> String {
            city
        }
    }

    /// A service that shows its secrets to requests with further members alone.
    struct Guide;

    impl ServerDefinition for Guide {
        const SERVICE: bool = true;
        const EXPORTS: Exports = Exports {
            tools: true,
            resources: true,
            subscriptions: false,
            prompts: true,
            completion: true,
        };
        const LIST_CHANGED: bool = false;

        fn description() -> Server {
            Server::default()
        }

        fn items() -> Items {
            guide::items()
        }

        async fn visible(context: &Context, item: ItemName<'_>) -> bool {
            let (ItemName::Tool(name)
            | ItemName::Resource(name)
            | ItemName::ResourceTemplate(name)
            | ItemName::Prompt(name)) = item;
            context.extra().is_some() || !name.contains("secret")
        }
    }

    /// Two kinds of requests.
    const MANY: Option<&str> = None;
    const FEW: Option<&str> = Some("{}");

    fn context(extra: Option<&str>) -> Context {
        let mut context = Context::detached();
        context.set_extra(extra.map(Into::into));
        context
    }

    fn call(
        tool: &str,
        arguments: Option<&str>,
        extra: Option<&str>,
    ) -> Result<CallToolResult, Error> {
        run(handlers::call_tool::<Guide>(
            Context::detached(),
            CallToolParams {
                name: tool.into(),
                arguments: arguments.map(Into::into),
                extra: extra.map(Into::into),
            },
        ))
    }

    fn get(prompt: &str, extra: Option<&str>) -> Result<GetPromptResult, Error> {
        run(handlers::get_prompt::<Guide>(
            Context::detached(),
            GetPromptParams {
                name: prompt.into(),
                arguments: Some(vec![("city".into(), "Lyon".into())]),
                extra: extra.map(Into::into),
            },
        ))
    }

    fn read(uri: &str, extra: Option<&str>) -> Result<ReadResourceResult, Error> {
        run(handlers::read_resource::<Guide>(
            Context::detached(),
            ReadResourceParams {
                uri: uri.into(),
                extra: extra.map(Into::into),
            },
        ))
    }

    fn complete(
        ref_: CompletionReference,
        name: &str,
        extra: Option<&str>,
    ) -> Result<CompleteResult, Error> {
        run(handlers::complete::<Guide>(
            Context::detached(),
            CompleteParams {
                ref_,
                argument: CompleteArgument {
                    name: name.into(),
                    value: String::new(),
                },
                context_arguments: None,
                extra: extra.map(Into::into),
            },
        ))
    }

    #[test]
    fn hidden_items_are_not_listed() {
        let names = |extra| {
            let context = || context(extra);
            let tools = run(list_tools::<Guide>(context(), None)).unwrap().tools;
            let resources = run(list_resources::<Guide>(context(), None)).unwrap();
            let templates = run(list_resource_templates::<Guide>(context(), None)).unwrap();
            let prompts = run(list_prompts::<Guide>(context(), None)).unwrap().prompts;
            [
                tools.into_iter().map(|it| it.name).collect::<Vec<_>>(),
                resources.resources.into_iter().map(|it| it.uri).collect(),
                templates
                    .resource_templates
                    .into_iter()
                    .map(|it| it.uri_template)
                    .collect(),
                prompts.into_iter().map(|it| it.name).collect(),
            ]
        };
        assert_eq!(
            names(FEW),
            [
                &["open", "secret", "pages", "sign"][..],
                &["guide://open", "guide://secret"],
                &["guide://{page}", "guide://{page}/secret"],
                &["tour", "secret_tour"]
            ]
        );
        assert_eq!(
            names(MANY),
            [
                &["open", "pages", "sign"][..],
                &["guide://open"],
                &["guide://{page}"],
                &["tour"]
            ]
        );
    }

    #[test]
    fn hidden_items_are_unknown() {
        assert!(call("secret", None, FEW).is_ok());
        assert_eq!(
            call("secret", None, MANY),
            Err(invalid_params("unknown tool: secret"))
        );
        assert!(get("secret_tour", FEW).is_ok());
        assert_eq!(
            get("secret_tour", MANY),
            Err(invalid_params("unknown prompt: secret_tour"))
        );

        // The template `guide://{page}` matches the first, too.
        for uri in ["guide://secret", "guide://one/secret"] {
            assert!(read(uri, FEW).is_ok());
            assert_eq!(read(uri, MANY), Err(resource_not_found(uri)));
            let subscribe = |extra| run(handlers::subscribe::<Guide>(context(extra), uri.into()));
            assert_eq!(subscribe(FEW), Ok(()));
            assert_eq!(subscribe(MANY), Err(resource_not_found(uri)));
        }

        let prompt = || {
            CompletionReference::Prompt(PromptReference {
                name: "secret_tour".into(),
                title: None,
            })
        };
        let template = || CompletionReference::ResourceTemplate("guide://{page}/secret".into());
        for (reference, argument) in [(prompt(), "city"), (template(), "page")] {
            assert!(complete(reference.clone(), argument, FEW).is_ok());
            let refused = complete(reference, argument, MANY).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidParams);
        }
    }

    #[test]
    fn arguments_outside_of_their_bounds_are_refused() {
        assert!(call("pages", Some(r#"{"to": 9}"#), MANY).is_ok());
        assert_eq!(
            call("pages", Some(r#"{"to": 10}"#), MANY),
            Err(invalid_params(
                "invalid arguments: `to` breaks its bound `maximum: 9`"
            ))
        );
    }

    #[test]
    fn arguments_that_do_not_fit_a_given_schema_are_refused() {
        assert!(call("sign", Some(r#"{"name": "Ada"}"#), MANY).is_ok());
        for (arguments, fault) in [
            (None, "`name` is missing"),
            (
                Some(r#"{"name": 1}"#),
                r#"`name` has the wrong type: expected "string""#,
            ),
            (Some(r#"{"name": "Ada", "age": 36}"#), "`age` is unknown"),
        ] {
            assert_eq!(
                call("sign", arguments, MANY),
                Err(invalid_params(format!("invalid arguments: {fault}")))
            );
        }
    }

    #[test]
    fn an_unlisted_template_is_read_but_not_completed() {
        assert!(read("guide://one/draft", MANY).is_ok());
        let draft = CompletionReference::ResourceTemplate("guide://{page}/draft".into());
        assert_eq!(
            complete(draft, "page", MANY).unwrap_err().code,
            ErrorCode::InvalidParams
        );
    }

    #[test]
    fn any_export_may_be_called_first() {
        let calls: [fn() -> Result<(), Error>; 13] = [
            || server::get_server::<Guide>().map(drop),
            || run(list_tools::<Guide>(context(FEW), None)).map(drop),
            || run(list_resources::<Guide>(context(FEW), None)).map(drop),
            || run(list_resource_templates::<Guide>(context(FEW), None)).map(drop),
            || run(list_prompts::<Guide>(context(FEW), None)).map(drop),
            || call("open", None, FEW).map(drop),
            || get("tour", FEW).map(drop),
            || read("guide://open", FEW).map(drop),
            || {
                run(handlers::subscribe::<Guide>(
                    context(FEW),
                    "guide://open".into(),
                ))
            },
            || {
                run(handlers::unsubscribe::<Guide>(
                    context(FEW),
                    "guide://open".into(),
                ))
            },
            || run(handlers::initialized::<Guide>(context(FEW))),
            || run(handlers::roots_changed::<Guide>(context(FEW))),
            || {
                let tour = CompletionReference::Prompt(PromptReference {
                    name: "tour".into(),
                    title: None,
                });
                complete(tour, "city", FEW).map(drop)
            },
        ];
        for call in calls {
            // An instance is a thread here.
            let instance = thread::spawn(move || {
                call()?;
                // The items are registered once: they do not come back.
                crate::lists::remove(&guide::items())?;
                let left = run(list_tools::<Guide>(context(FEW), None))?;
                assert_eq!(left.tools, []);
                Ok::<(), Error>(())
            });
            assert_eq!(instance.join().expect("no call panics"), Ok(()));
        }
    }

    #[test]
    fn a_service_describes_itself_as_a_backend_does() {
        let server = server::get_server::<Guide>().unwrap();
        let capabilities = &server.capabilities;
        assert_eq!(
            capabilities.tools,
            Some(ToolsCapability { list_changed: None })
        );
        assert_eq!(
            capabilities.prompts,
            Some(PromptsCapability { list_changed: None })
        );
        assert!(capabilities.resources.is_some() && capabilities.completions.is_some());
        assert_eq!(server::get_server::<Guide>(), Ok(server));
    }

    /// A service with two tools of one name.
    struct Twice;

    impl ServerDefinition for Twice {
        const SERVICE: bool = true;
        const EXPORTS: Exports = Guide::EXPORTS;
        const LIST_CHANGED: bool = false;

        fn description() -> Server {
            Server::default()
        }

        fn items() -> Items {
            let mut items = guide::items();
            items.append(guide::items());
            items
        }
    }

    #[test]
    fn mistakes_fail_get_server() {
        let message = Twice::items().check().unwrap_err();
        for _ in 0..2 {
            assert_eq!(
                server::get_server::<Twice>(),
                Err(invalid_params(message.clone()))
            );
        }
    }
}
