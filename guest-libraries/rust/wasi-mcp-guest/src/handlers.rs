//! Requests on their way to the functions that answer them.

use std::rc::Rc;

use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

use crate::completion::{Completion, IntoCompletion};
use crate::context::Context;
use crate::errors::{invalid_params, missing_argument, resource_not_found};
use crate::items::{Completers, Items};
use crate::registry;
use crate::schema;
use crate::server::{self, ServerDefinition};
use crate::streaming::{Begun, Opened, Pipe};
use crate::visibility::{Named, is_visible};

pub async fn call_tool<S: ServerDefinition>(
    mut context: Context,
    params: CallToolParams,
) -> Result<CallToolResult, Error> {
    // The filter sees it, as does the handler.
    context.set_extra(params.extra.clone());
    let tool = find::<S, _>(&context, |items| items.tool(&params.name))
        .await?
        .ok_or_else(|| invalid_params(format!("unknown tool: {}", params.name)))?;
    if S::SERVICE {
        let arguments = params.arguments.as_deref().unwrap_or("{}");
        schema::check_arguments(tool.input_schema(), arguments)
            .map_err(|fault| invalid_params(format!("invalid arguments: {fault}")))?;
    }
    (tool.handler)(context, params).await
}

pub async fn read_resource<S: ServerDefinition>(
    context: Context,
    params: ReadResourceParams,
) -> Result<ReadResourceResult, Error> {
    opened::<S>(context, params).await?.read().await
}

/// Begins to stream a resource. Returns `None` for one that is read as a whole, for which no pipe is opened.
#[cfg_attr(
    not(feature = "p3"),
    allow(dead_code, reason = "WASI 0.2 has no streams")
)]
pub async fn read_resource_stream<S: ServerDefinition, R>(
    context: Context,
    params: ReadResourceParams,
    open_pipe: impl FnOnce() -> (Box<dyn Pipe>, R),
) -> Result<Option<Begun<R>>, Error> {
    opened::<S>(context, params).await?.begin(open_pipe).await
}

pub async fn subscribe<S: ServerDefinition>(context: Context, uri: String) -> Result<(), Error> {
    open::<S>(&context, &uri).await?;
    S::subscribed(context, uri).await
}

pub async fn unsubscribe<S: ServerDefinition>(context: Context, uri: String) -> Result<(), Error> {
    server::prepare::<S>()?;
    S::unsubscribed(context, uri).await
}

pub async fn get_prompt<S: ServerDefinition>(
    mut context: Context,
    params: GetPromptParams,
) -> Result<GetPromptResult, Error> {
    context.set_extra(params.extra.clone());
    let prompt = find::<S, _>(&context, |items| items.prompt(&params.name))
        .await?
        .ok_or_else(|| invalid_params(format!("unknown prompt: {}", params.name)))?;
    let required = prompt.prompt.arguments.iter().flatten();
    for argument in required.filter(|it| it.required == Some(true)) {
        let mut given = params.arguments.iter().flatten();
        if !given.any(|(name, _)| *name == argument.name) {
            return Err(missing_argument(&argument.name));
        }
    }
    (prompt.handler)(context, params).await
}

pub async fn complete<S: ServerDefinition>(
    mut context: Context,
    params: CompleteParams,
) -> Result<CompleteResult, Error> {
    context.set_extra(params.extra);
    let argument = params.argument.name;
    match params.ref_ {
        CompletionReference::Prompt(reference) => {
            let prompt = find::<S, _>(&context, |items| items.prompt(&reference.name))
                .await?
                .ok_or_else(|| invalid_params(format!("unknown prompt: {}", reference.name)))?;
            let mut known = prompt.prompt.arguments.iter().flatten();
            if !known.any(|known| known.name == argument) {
                return Err(unknown_argument(&argument));
            }
            let completion = Completion {
                value: params.argument.value,
                arguments: params.context_arguments.unwrap_or_default(),
                context,
            };
            complete_with(&prompt.completers, &argument, completion).await
        }
        CompletionReference::ResourceTemplate(reference) => {
            let template = find::<S, _>(&context, |items| items.template(&reference))
                .await?
                .filter(|template| template.listed)
                .ok_or_else(|| invalid_params(format!("unknown resource template: {reference}")))?;
            if !template.pattern.variables().any(|known| known == argument) {
                return Err(unknown_argument(&argument));
            }
            let completion = Completion {
                value: params.argument.value,
                arguments: params.context_arguments.unwrap_or_default(),
                context,
            };
            complete_with(&template.completers, &argument, completion).await
        }
        CompletionReference::Other(reference) => {
            Err(invalid_params(format!("unknown reference: {reference}")))
        }
    }
}

pub async fn initialized<S: ServerDefinition>(context: Context) -> Result<(), Error> {
    server::prepare::<S>()?;
    S::initialized(context).await;
    Ok(())
}

pub async fn roots_changed<S: ServerDefinition>(context: Context) -> Result<(), Error> {
    server::prepare::<S>()?;
    S::roots_changed(context).await;
    Ok(())
}

/// Returns an item, if there is one and the request may see it.
async fn find<S: ServerDefinition, T: Named>(
    context: &Context,
    find: impl FnOnce(&Items) -> Option<Rc<T>>,
) -> Result<Option<Rc<T>>, Error> {
    server::prepare::<S>()?;
    match registry::with(|registry| find(&registry.items)) {
        Some(item) if is_visible::<S>(context, &*item).await => Ok(Some(item)),
        _ => Ok(None),
    }
}

/// Opens the resource with this URI, or that of the first template that matches it. No template serves
/// the URI of a hidden resource.
async fn open<S: ServerDefinition>(context: &Context, uri: &str) -> Result<Opened, Error> {
    server::prepare::<S>()?;
    let (resource, matching) = registry::with(|registry| {
        let items = &registry.items;
        (items.resource(uri), items.matching_templates(uri))
    });
    if let Some(resource) = resource {
        if is_visible::<S>(context, &*resource).await {
            return Ok((resource.open)(context.clone()));
        }
        return Err(resource_not_found(uri));
    }
    for (template, variables) in matching {
        if is_visible::<S>(context, &*template).await
            && let Some(opened) = (template.open)(context.clone(), uri.into(), &variables)
        {
            return Ok(opened);
        }
    }
    Err(resource_not_found(uri))
}

/// Opens the resource of a request.
async fn opened<S: ServerDefinition>(
    mut context: Context,
    params: ReadResourceParams,
) -> Result<Opened, Error> {
    context.set_extra(params.extra);
    open::<S>(&context, &params.uri).await
}

fn unknown_argument(name: &str) -> Error {
    invalid_params(format!("unknown argument: {name}"))
}

/// Completes an argument. One without a completer has no values.
async fn complete_with(
    completers: &Completers,
    argument: &str,
    completion: Completion,
) -> Result<CompleteResult, Error> {
    match completers.iter().find(|(name, _)| name == argument) {
        Some((_, completer)) => completer(completion).await,
        None => <[&str; 0]>::default().into_completion(&completion.value),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::{self, Poll};

    use wasi_mcp_types::capabilities::Server;

    use super::*;
    use crate::content::{text, text_contents};
    use crate::server::Exports;
    use crate::testing;

    #[crate::items(rename_all = "kebab-case")]
    mod sample {
        use crate::errors::internal;
        use crate::{ByteWriter, Completion, Context, Error, Json, ToolError};

        #[derive(serde::Serialize, schemars::JsonSchema)]
        pub struct Sum {
            sum: u32,
        }

        /// Adds two numbers.
        #[tool(title = "Sum", read_only, destructive = false)]
        async fn add_up(
            _context: &Context,
            /// The first.
            a: u32,
            #[default(2)]
            #[schemars(range(max = 9))]
            b: u32,
            note: Option<String>,
        ) -> Result<Json<Sum>, ToolError> {
            if note.is_some() {
                return Err(ToolError::new("no notes"));
            }
            Ok(Json(Sum { sum: a + b }))
        }

        #[resource(uri = "test://one", mime_type = "text/plain")]
        fn one() -> &'static str {
            "1"
        }

        #[resource(template = "test://numbers/{number}")]
        fn numbers(#[complete(["1", "10", "2"])] number: u32) -> Option<String> {
            (number < 100).then(|| number.to_string())
        }

        #[resource(template = "test://numbers/{word}", name = "words", unlisted)]
        fn word(word: &str) -> String {
            format!("the word {word}")
        }

        #[resource(template = "test://letters/{letters}", mime_type = "text/plain")]
        async fn letters(letters: u32, out: &mut ByteWriter) -> Result<Option<()>, Error> {
            if letters > 3 {
                return Ok(None);
            }
            for _ in 0..letters {
                out.write("a").await?;
            }
            if letters == 1 {
                return Err(internal("too few"));
            }
            Ok(Some(()))
        }

        async fn towns(completion: &Completion) -> Vec<&'static str> {
            match completion.argument("country") {
                Some("France") => vec!["Lyon", "Paris"],
                _ => vec!["Lyon", "Paris", "Porto"],
            }
        }

        /// Plans a journey.
        #[prompt]
        fn journey(
            #[arg(title = "Town")]
            #[complete(async towns)]
            town: String,
            days: Option<u8>,
        ) -> String {
            format!("{} days in {town}", days.unwrap_or(3))
        }
    }

    /// A backend with these items, which has started.
    struct Sample;

    impl ServerDefinition for Sample {
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
            sample::items()
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        registry::with(|registry| registry.items = sample::items());
        testing::run(future)
    }

    fn call(arguments: &str) -> Result<CallToolResult, Error> {
        run(call_tool::<Sample>(
            Context::detached(),
            CallToolParams {
                name: "add-up".into(),
                arguments: Some(arguments.into()),
                extra: None,
            },
        ))
    }

    fn read(uri: &str) -> Result<ReadResourceResult, Error> {
        run(read_resource::<Sample>(
            Context::detached(),
            ReadResourceParams {
                uri: uri.into(),
                extra: None,
            },
        ))
    }

    fn complete_argument(
        reference: CompletionReference,
        name: &str,
        known: &[(&str, &str)],
    ) -> Result<Vec<String>, Error> {
        let known = known
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let result = run(complete::<Sample>(
            Context::detached(),
            CompleteParams {
                ref_: reference,
                argument: CompleteArgument {
                    name: name.into(),
                    value: "P".into(),
                },
                context_arguments: Some(known.collect()),
                extra: None,
            },
        ));
        Ok(result?.values)
    }

    fn prompt(name: &str) -> CompletionReference {
        CompletionReference::Prompt(PromptReference {
            name: name.into(),
            title: None,
        })
    }

    #[test]
    fn a_tool_is_described_by_its_function() {
        let items = sample::items();
        let tool = items.tools().next().unwrap();
        assert_eq!(tool.name, "add-up");
        assert_eq!(tool.title.as_deref(), Some("Sum"));
        assert_eq!(tool.description.as_deref(), Some("Adds two numbers."));
        assert_eq!(
            tool.input_schema,
            r#"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"integer","format":"uint32","minimum":0,"description":"The first."},"b":{"type":"integer","format":"uint32","minimum":0,"maximum":9,"default":2},"note":{"type":["string","null"]}},"required":["a"]}"#
        );
        assert_eq!(
            tool.output_schema.as_deref(),
            Some(
                r#"{"type":"object","properties":{"sum":{"type":"integer","format":"uint32","minimum":0}},"required":["sum"]}"#
            )
        );
        let annotations = tool.annotations.as_ref().unwrap();
        assert_eq!(annotations.read_only_hint, Some(true));
        assert_eq!(annotations.destructive_hint, Some(false));
        assert_eq!(annotations.idempotent_hint, None);
    }

    #[test]
    fn a_tool_gets_its_arguments() {
        let result = call(r#"{"a": 40}"#).unwrap();
        assert_eq!(result.structured_content.as_deref(), Some(r#"{"sum":42}"#));
        let result = call(r#"{"a": 1, "note": "x"}"#).unwrap();
        assert_eq!(result.is_error, Some(true));
        assert_eq!(result.content, [text("no notes")]);
    }

    #[test]
    fn arguments_that_do_not_fit_are_refused() {
        for (arguments, message) in [
            ("{}", "missing field `a`"),
            (r#"{"a": -1}"#, "invalid value"),
            (r#"{"a": 1, "c": 1}"#, "unknown field `c`"),
        ] {
            let error = call(arguments).unwrap_err();
            assert_eq!(error.code, crate::ErrorCode::InvalidParams);
            assert!(error.message.contains(message), "{}", error.message);
        }
    }

    #[test]
    fn a_resource_is_found_by_uri_then_by_template() {
        let contents = |uri| read(uri).unwrap().contents;
        assert_eq!(
            contents("test://one"),
            [text_contents("test://one", "text/plain", "1")]
        );
        let text_of = |uri| match contents(uri).remove(0) {
            ResourceContents::Text(contents) => contents.text,
            ResourceContents::Blob(_) => panic!("a text is expected"),
        };
        assert_eq!(text_of("test://numbers/7"), "7");
        // What is no number is left to the next template.
        assert_eq!(text_of("test://numbers/seven"), "the word seven");
        for (uri, exists) in [("test://letters/1", true), ("test://letters/one", false)] {
            let subscribed = run(subscribe::<Sample>(Context::detached(), uri.into()));
            assert_eq!(subscribed.is_ok(), exists);
        }
        for unknown in ["test://two", "test://numbers/100", "test://numbers/"] {
            assert_eq!(read(unknown).unwrap_err(), resource_not_found(unknown));
        }
    }

    /// A reader that closes after a number of pieces.
    struct Reader {
        pieces: Rc<Cell<usize>>,
        most: usize,
    }

    impl Pipe for Reader {
        fn write(&mut self, _: Vec<u8>) -> Pin<Box<dyn Future<Output = bool> + '_>> {
            self.pieces.set(self.pieces.get() + 1);
            let takes = self.pieces.get() <= self.most;
            // As a stream does, it waits for the host.
            let mut has_waited = false;
            Box::pin(poll_fn(move |_| {
                match std::mem::replace(&mut has_waited, true) {
                    true => Poll::Ready(takes),
                    false => Poll::Pending,
                }
            }))
        }
    }

    /// A stream, and the number of pieces written to it.
    type Observed = Begun<Rc<Cell<usize>>>;

    /// Begins to stream a resource to a reader that takes this many pieces.
    fn stream(uri: &str, most: usize) -> Result<Option<Observed>, Error> {
        let pieces = Rc::<Cell<usize>>::default();
        let mut is_open = false;
        let open_pipe = || -> (Box<dyn Pipe>, _) {
            is_open = true;
            let reader = Reader {
                pieces: Rc::clone(&pieces),
                most,
            };
            (Box::new(reader), pieces)
        };
        let params = ReadResourceParams {
            uri: uri.into(),
            extra: None,
        };
        let begun = run(read_resource_stream::<Sample, _>(
            Context::detached(),
            params,
            open_pipe,
        ))?;
        assert_eq!(begun.is_some(), is_open);
        Ok(begun)
    }

    /// Runs a future to its end, however often it waits.
    fn end<T>(future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut context = task::Context::from_waker(task::Waker::noop());
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
        }
    }

    #[test]
    fn a_resource_that_is_written_is_streamed() {
        let begun = stream("test://letters/3", 3).unwrap().unwrap();
        let head = crate::content::blob_contents("test://letters/3", "text/plain", []);
        assert_eq!(begun.result.contents, [head]);
        assert_eq!(begun.reader.get(), 1);
        assert_eq!(end(begun.rest), Ok(()));
        assert_eq!(begun.reader.get(), 3);

        let begun = stream("test://letters/0", 3).unwrap().unwrap();
        assert_eq!(begun.result.contents.len(), 1);
        assert_eq!(end(begun.rest), Ok(()));
        assert_eq!(begun.reader.get(), 0);
    }

    #[test]
    fn a_stream_fails_with_its_function_or_without_a_reader() {
        let not_found = resource_not_found("test://letters/4");
        assert_eq!(stream("test://letters/4", 3).err(), Some(not_found));
        let begun = stream("test://letters/1", 3).unwrap().unwrap();
        assert_eq!(end(begun.rest).unwrap_err().message, "too few");
        let begun = stream("test://letters/3", 1).unwrap().unwrap();
        let error = end(begun.rest).unwrap_err();
        assert_eq!(error.code, crate::ErrorCode::Cancelled);
        assert_eq!(begun.reader.get(), 2);
    }

    #[test]
    fn a_resource_that_is_returned_is_not_streamed() {
        for uri in ["test://one", "test://numbers/7"] {
            assert!(stream(uri, 3).unwrap().is_none());
        }
    }

    #[test]
    fn without_streams_what_is_written_is_collected() {
        let result = read("test://letters/3").unwrap();
        let all = crate::content::blob_contents("test://letters/3", "text/plain", *b"aaa");
        assert_eq!(result.contents, [all]);
        let unknown = "test://letters/4";
        assert_eq!(read(unknown).unwrap_err(), resource_not_found(unknown));
    }

    #[test]
    fn unlisted_templates_are_not_registered() {
        let items = sample::items();
        let listed: Vec<_> = items.resource_templates().map(|it| &it.name).collect();
        assert_eq!(listed, ["numbers", "letters"]);
    }

    #[test]
    fn a_prompt_gets_its_arguments() {
        let params = |arguments: &[(&str, &str)]| GetPromptParams {
            name: "journey".into(),
            arguments: Some(
                arguments
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into()))
                    .collect(),
            ),
            extra: None,
        };
        let get = |arguments| run(get_prompt::<Sample>(Context::detached(), params(arguments)));
        let result = get(&[("town", "Porto"), ("days", "5")]).unwrap();
        assert_eq!(result.messages, [crate::user(text("5 days in Porto"))]);
        assert_eq!(result.description.as_deref(), Some("Plans a journey."));
        for missing in [&[][..], &[("town", "Porto"), ("days", "300")]] {
            assert_eq!(
                get(missing).unwrap_err().code,
                crate::ErrorCode::InvalidParams
            );
        }
        let items = sample::items();
        let arguments = items.prompts().next().unwrap().arguments.clone().unwrap();
        assert_eq!(arguments[0].title.as_deref(), Some("Town"));
        assert_eq!(
            [arguments[0].required, arguments[1].required],
            [Some(true), Some(false)]
        );
    }

    #[test]
    fn a_prompt_with_its_own_handler_gets_its_required_arguments() {
        let mut items = Items::new();
        items.add_prompt(
            crate::Origin {
                name: "own",
                file: file!(),
                line: line!(),
            },
            Prompt {
                name: "own".into(),
                arguments: Some(vec![PromptArgument {
                    name: "town".into(),
                    required: Some(true),
                    ..PromptArgument::default()
                }]),
                ..Prompt::default()
            },
            Rc::new(|_, _| Box::pin(async { Ok(GetPromptResult::default()) })),
        );
        registry::with(|registry| registry.items = items);
        let get = |arguments| {
            let params = GetPromptParams {
                name: "own".into(),
                arguments,
                extra: None,
            };
            testing::run(get_prompt::<Sample>(Context::detached(), params))
        };
        assert_eq!(get(None), Err(missing_argument("town")));
        assert!(get(Some(vec![("town".into(), "Porto".into())])).is_ok());
    }

    #[test]
    fn arguments_are_completed() {
        let journey = || prompt("journey");
        assert_eq!(
            complete_argument(journey(), "town", &[]).unwrap(),
            ["Paris", "Porto"]
        );
        assert_eq!(
            complete_argument(journey(), "town", &[("country", "France")]).unwrap(),
            ["Paris"]
        );
        // An argument without a completer.
        assert!(
            complete_argument(journey(), "days", &[])
                .unwrap()
                .is_empty()
        );
        let template = |template: &str| CompletionReference::ResourceTemplate(template.into());
        let numbers = template("test://numbers/{number}");
        assert!(
            complete_argument(numbers, "number", &[])
                .unwrap()
                .is_empty()
        );
        for (reference, name) in [
            (journey(), "country"),
            (prompt("none"), "town"),
            (template("test://none/{x}"), "x"),
            (CompletionReference::Other("{}".into()), "x"),
        ] {
            assert_eq!(
                complete_argument(reference, name, &[]).unwrap_err().code,
                crate::ErrorCode::InvalidParams
            );
        }
    }

    #[test]
    fn two_items_of_one_name_are_named() {
        let mut items = sample::items();
        assert_eq!(items.check(), Ok(()));
        items.append(sample::items());
        let faults = items.check().unwrap_err();
        assert!(
            faults.starts_with(
                "tool `add-up` is registered by `add_up` (wasi-mcp-guest/src/handlers.rs:"
            ) && faults.contains("change the `name` of one; resource `test://one`"),
            "{faults}"
        );
    }

    #[test]
    fn items_need_their_export() {
        let exports = Exports {
            tools: true,
            ..Exports::default()
        };
        let fault = exports.check(&sample::items()).unwrap_err();
        assert!(
            fault.contains("adds resources, which the component does not export: name the kind, as in `#[setup(resources)]`"),
            "{fault}"
        );
        assert_eq!(exports.check(&Items::new()), Ok(()));
    }

    #[crate::items]
    mod unusable {
        use crate::{Arguments, Json};

        #[tool]
        fn list() -> Json<Vec<u8>> {
            Json(Vec::new())
        }

        #[tool]
        fn any(_: Arguments<serde_json::Value>) {}
    }

    #[crate::items]
    mod defaults {
        #[tool]
        fn count(
            #[schemars(range(max = 9))]
            #[default(10)]
            up_to: u32,
            #[schemars(range(max = 9))]
            #[default(9)]
            step: u32,
            #[schemars(length(min = 1))]
            #[default]
            unit: String,
        ) -> String {
            format!("{up_to} {unit} by {step}")
        }
    }

    #[test]
    fn defaults_outside_of_their_bounds_are_named() {
        let faults = defaults::items().check().unwrap_err();
        let faults: Vec<&str> = faults.split("; ").collect();
        let expected = [
            "the default of `up_to` breaks its bound `maximum: 9`: change one",
            "the default of `unit` breaks its bound `minLength: 1`: change one",
        ];
        assert_eq!(faults.len(), expected.len());
        for (fault, expected) in faults.into_iter().zip(expected) {
            assert!(
                fault.starts_with("tool `count` (wasi-mcp-guest/src/handlers.rs:")
                    && fault.ends_with(expected),
                "{fault}"
            );
        }
    }

    #[test]
    fn types_that_are_no_objects_are_named() {
        let faults = unusable::items().check().unwrap_err();
        for (function, fault) in [
            (
                "`list`",
                r#"structured content must be an object, but its schema has the type "array": return a struct in `Json`"#,
            ),
            (
                "`any`",
                "the arguments must be an object, but its schema has no type: use a struct, or set `input_schema`",
            ),
        ] {
            assert!(
                faults.contains(function) && faults.contains(fault),
                "{faults}"
            );
        }
    }
}
