//! Any split of a catalogue over several services lists, calls, reads and completes like the one
//! service that has all of it.

mod plain;

use std::cell::RefCell;

use proptest::prelude::*;
use wasi_mcp_joining::{Service, now};
use wasi_mcp_types::content::{
    CompleteArgument, CompleteParams, CompletionReference, GetPromptParams, PromptReference,
};
use wasi_mcp_types::types::{Error, ErrorCode};

use plain::{NoContext, Plain, Tree, tool, uri};

/// The sizes of the four lists and of the unlisted resources, in each part.
type Sizes = Vec<(usize, usize, usize, usize, usize, usize)>;

fn sizes() -> impl Strategy<Value = Sizes> {
    let part = (
        0..5_usize,
        0..3_usize,
        0..4_usize,
        0..3_usize,
        0..2_usize,
        1..4_usize,
    );
    prop::collection::vec(part, 1..6)
}

/// Makes the parts, whose names are numbered through, and the service that has all of them.
fn services(sizes: &Sizes) -> (Vec<Plain>, Plain) {
    let mut next = 0;
    let mut names = |kind: &str, count: usize| -> Vec<String> {
        (0..count)
            .map(|_| {
                next += 1;
                // Not in the order of the alphabet.
                format!("{kind}:{}", (next * 37) % 101)
            })
            .collect()
    };
    let mut whole = Plain {
        page_size: 3,
        ..Plain::default()
    };
    let mut parts = Vec::new();
    for (tools, prompts, resources, templates, unlisted, page_size) in sizes {
        let part = Plain {
            tools: RefCell::new(names("tool", *tools)),
            prompts: names("prompt", *prompts),
            resources: names("resource", *resources),
            templates: names("template", *templates),
            unlisted: names("unlisted", *unlisted),
            page_size: *page_size,
            ..Plain::default()
        };
        whole
            .tools
            .borrow_mut()
            .extend(part.tools.borrow().iter().cloned());
        whole.prompts.extend(part.prompts.iter().cloned());
        whole.resources.extend(part.resources.iter().cloned());
        whole.templates.extend(part.templates.iter().cloned());
        whole.unlisted.extend(part.unlisted.iter().cloned());
        parts.push(part);
    }
    (parts, whole)
}

/// Walks a list, and returns its items with the number of pages.
async fn walk<T>(
    page: impl AsyncFn(Option<String>) -> Result<(Vec<T>, Option<String>), Error>,
) -> Vec<T> {
    let mut all = Vec::new();
    let mut cursor = None;
    for _ in 0..1_000 {
        let (items, next) = page(cursor).await.unwrap();
        all.extend(items);
        match next {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
    panic!("the list does not end");
}

macro_rules! all {
    ($service:expr, $list:ident, $items:ident) => {
        walk(async |cursor| {
            let page = $service.$list(NoContext, cursor).await?;
            Ok((page.$items, page.next_cursor))
        })
        .await
    };
}

fn completion(reference: CompletionReference) -> CompleteParams {
    CompleteParams {
        ref_: reference,
        argument: CompleteArgument {
            name: "a".to_owned(),
            value: String::new(),
        },
        context_arguments: None,
        extra: None,
    }
}

fn prompt_reference(name: &str) -> CompletionReference {
    CompletionReference::Prompt(PromptReference {
        name: name.to_owned(),
        title: None,
    })
}

/// What matters of an answer: the result, or the kind of error.
macro_rules! answer {
    ($call:expr) => {
        $call.await.map_err(|error| error.code)
    };
}

async fn check(sizes: &Sizes, lists_first: bool) {
    let (parts, whole) = services(sizes);
    let joined = Tree::of(parts);
    let server = joined.get_server().await.unwrap();
    let expected = whole.get_server().await.unwrap();
    assert_eq!(server.capabilities, expected.capabilities);

    if lists_first {
        assert_eq!(
            all!(joined, list_tools, tools),
            all!(whole, list_tools, tools)
        );
        assert_eq!(
            all!(joined, list_prompts, prompts),
            all!(whole, list_prompts, prompts)
        );
        assert_eq!(
            all!(joined, list_resources, resources),
            all!(whole, list_resources, resources)
        );
        assert_eq!(
            all!(joined, list_resource_templates, resource_templates),
            all!(whole, list_resource_templates, resource_templates)
        );
    }
    let tools = whole.tools.borrow().clone();
    for name in tools.iter().map(String::as_str).chain(["unknown"]) {
        let found = answer!(joined.call_tool(NoContext, tool(name)));
        assert_eq!(
            found,
            answer!(whole.call_tool(NoContext, tool(name))),
            "{name}"
        );
    }
    for name in whole.prompts.iter().map(String::as_str).chain(["unknown"]) {
        let params = || GetPromptParams {
            name: name.to_owned(),
            arguments: None,
            extra: None,
        };
        let found = answer!(joined.get_prompt(NoContext, params()));
        assert_eq!(
            found,
            answer!(whole.get_prompt(NoContext, params())),
            "{name}"
        );
        let params = || completion(prompt_reference(name));
        if expected.capabilities.completions.is_some() {
            let found = answer!(joined.complete(NoContext, params()));
            assert_eq!(
                found,
                answer!(whole.complete(NoContext, params())),
                "{name}"
            );
        }
    }
    let uris = whole
        .resources
        .iter()
        .chain(&whole.unlisted)
        .map(String::as_str);
    for name in uris.chain(["unknown"]) {
        let found = answer!(joined.read_resource(NoContext, uri(name)));
        assert_eq!(
            found,
            answer!(whole.read_resource(NoContext, uri(name))),
            "{name}"
        );
        let found = answer!(joined.subscribe(NoContext, name.to_owned()));
        assert_eq!(
            found,
            answer!(whole.subscribe(NoContext, name.to_owned())),
            "{name}"
        );
    }
    for name in whole.templates.iter().map(String::as_str) {
        let params = || completion(CompletionReference::ResourceTemplate(name.to_owned()));
        let found = answer!(joined.complete(NoContext, params()));
        assert_eq!(
            found,
            answer!(whole.complete(NoContext, params())),
            "{name}"
        );
    }
    if expected.capabilities.tools.is_some() {
        for cursor in ["", "x", "@1", "l", "r", "lx", "rx", "l@9999", "rr@9999"] {
            let page = answer!(joined.list_tools(NoContext, Some(cursor.to_owned())));
            if sizes.len() > 1 {
                let code = page.expect_err(cursor);
                assert_eq!(code, ErrorCode::InvalidParams, "{cursor}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_split_catalogue_is_the_whole_one(sizes in sizes(), lists_first: bool) {
        now(check(&sizes, lists_first));
    }
}
