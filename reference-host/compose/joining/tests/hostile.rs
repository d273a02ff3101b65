//! Services that break rules, and what they cost the others.

mod plain;

use std::cell::{Cell, RefCell};

use wasi_mcp_joining::{Joint, Service, Settings, Wrapper, now};
use wasi_mcp_types::content::ListToolsResult;
use wasi_mcp_types::types::ErrorCode;

use plain::{Fault, NoContext, Plain, tool, uri};

fn plain(name: &str, tools: &[&str]) -> Plain {
    Plain {
        name: name.to_owned(),
        tools: RefCell::new(tools.iter().map(|tool| (*tool).to_owned()).collect()),
        page_size: 2,
        ..Plain::default()
    }
}

fn names(page: &ListToolsResult) -> Vec<&str> {
    page.tools.iter().map(|tool| tool.name.as_str()).collect()
}

/// Returns the name of the service that answers a call.
fn owner(service: &impl Service<Context = NoContext>, name: &str) -> Option<String> {
    now(service.call_tool(NoContext, tool(name))).ok()?.extra
}

#[test]
fn the_first_of_two_owners_wins_and_a_line_says_so() {
    thread_local! {
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }
    let report = |line: &str| LINES.with_borrow_mut(|lines| lines.push(line.to_owned()));
    let joint = Joint::new(
        plain("left", &["a", "b"]),
        plain("right", &["b", "c"]),
        report,
    );
    for _ in 0..2 {
        let page = now(joint.list_tools(NoContext, None)).unwrap();
        assert_eq!(names(&page), ["a", "b", "c"]);
    }
    assert_eq!(owner(&joint, "b").as_deref(), Some("left"));
    assert_eq!(owner(&joint, "c").as_deref(), Some("right"));
    let lines = LINES.take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("\"b\"") && lines[0].contains("--prefix"),
        "{lines:?}"
    );
}

#[test]
fn duplicates_of_one_service_stay_its_own() {
    let joint = Joint::new(
        plain("left", &["a", "a"]),
        plain("right", &["b", "b"]),
        |_| {},
    );
    let page = now(joint.list_tools(NoContext, None)).unwrap();
    assert_eq!(names(&page), ["a", "a", "b", "b"]);
}

#[test]
fn a_list_that_goes_wrong_costs_its_owner_alone() {
    for fault in [Fault::SameCursor, Fault::Endless, Fault::Fails] {
        for faulty_is_left in [true, false] {
            let faulty = plain("faulty", &["f"]);
            faulty.fault.set(fault);
            let good = plain("good", &["g"]);
            let joint = match faulty_is_left {
                true => Joint::new(faulty, good, |_| {}),
                false => Joint::new(good, faulty, |_| {}),
            };
            let found = owner(&joint, "g");
            assert_eq!(found.as_deref(), Some("good"), "{fault:?} {faulty_is_left}");
            let found = owner(&joint, "f");
            assert_eq!(
                found.as_deref(),
                Some("faulty"),
                "{fault:?} {faulty_is_left}"
            );
        }
    }
}

#[test]
fn a_cursor_that_leads_to_itself_is_an_error() {
    let faulty = plain("faulty", &["f"]);
    faulty.fault.set(Fault::SameCursor);
    let joint = Joint::new(faulty, plain("good", &["g"]), |_| {});
    let first = now(joint.list_tools(NoContext, None)).unwrap();
    let again = now(joint.list_tools(NoContext, first.next_cursor)).unwrap_err();
    assert!(
        again.message.contains("lists tools without end"),
        "{}",
        again.message
    );
    assert_eq!(again.code, ErrorCode::InternalError);
}

#[test]
fn a_name_that_moves_is_found_again() {
    let joint = Joint::new(plain("left", &["a", "m"]), plain("right", &["b"]), |_| {});
    assert_eq!(owner(&joint, "m").as_deref(), Some("left"));
    // The lists cannot be reached any more: tools are moved through a second joint.
    struct Shared<'a>(&'a Plain);
    impl Service for Shared<'_> {
        type Context = NoContext;
        type Streamed = String;
        async fn get_server(
            &self,
        ) -> Result<wasi_mcp_types::capabilities::Server, wasi_mcp_types::types::Error> {
            self.0.get_server().await
        }
        async fn list_tools(
            &self,
            context: NoContext,
            cursor: Option<String>,
        ) -> Result<ListToolsResult, wasi_mcp_types::types::Error> {
            self.0.list_tools(context, cursor).await
        }
        async fn call_tool(
            &self,
            context: NoContext,
            params: wasi_mcp_types::content::CallToolParams,
        ) -> Result<wasi_mcp_types::content::CallToolResult, wasi_mcp_types::types::Error> {
            self.0.call_tool(context, params).await
        }
    }
    let (left, right) = (plain("left", &["a", "m"]), plain("right", &["b"]));
    let joint = Joint::new(Shared(&left), Shared(&right), |_| {});
    assert_eq!(owner(&joint, "m").as_deref(), Some("left"));
    left.tools.borrow_mut().retain(|name| name != "m");
    right.tools.borrow_mut().push("m".to_owned());
    assert_eq!(owner(&joint, "m").as_deref(), Some("right"));
    right.tools.borrow_mut().retain(|name| name != "m");
    left.tools.borrow_mut().push("m".to_owned());
    assert_eq!(owner(&joint, "m").as_deref(), Some("left"));
}

#[test]
fn bad_arguments_are_refused_by_the_owner() {
    let joint = Joint::new(plain("left", &["a"]), plain("right", &["b"]), |_| {});
    for name in ["a", "b"] {
        let mut params = tool(name);
        params.arguments = Some("bad".to_owned());
        let refused = now(joint.call_tool(NoContext, params)).unwrap_err();
        assert_eq!(refused.message, "bad arguments", "{name}");
    }
}

#[test]
fn a_resource_without_owner_is_asked_in_order() {
    let with = |name: &str, unlisted: &[&str], listed: &[&str]| Plain {
        unlisted: unlisted.iter().map(|uri| (*uri).to_owned()).collect(),
        resources: listed.iter().map(|uri| (*uri).to_owned()).collect(),
        ..plain(name, &[])
    };
    let joint = Joint::new(
        with("left", &["u", "w"], &["x"]),
        with("right", &["v", "u"], &["w"]),
        |_| {},
    );
    let owner = |name: &str| {
        let read = now(joint.read_resource(NoContext, uri(name)));
        read.map(|result| result.extra.unwrap())
            .map_err(|error| error.code)
    };
    assert_eq!(owner("u").unwrap(), "left");
    assert_eq!(owner("v").unwrap(), "right");
    assert_eq!(owner("w").unwrap(), "right", "what a side lists is its own");
    assert_eq!(owner("none").unwrap_err(), ErrorCode::ResourceNotFound);
}

#[test]
fn instructions_are_those_of_both_in_their_order() {
    let joint = Joint::new(plain("left", &["a"]), plain("right", &["b"]), |_| {});
    let server = now(joint.get_server()).unwrap();
    assert_eq!(server.instructions.as_deref(), Some("of left\n\nof right"));
    assert_eq!(server.info.name, "left");
}

#[test]
fn a_prefix_is_added_and_taken_off() {
    let wrapper = |tools: &[&str]| {
        let settings = Settings {
            prefix: "p-".to_owned(),
            ..Settings::default()
        };
        Wrapper::new(settings, plain("inner", tools))
    };
    let wrapped = wrapper(&["a", "p-a"]);
    let page = now(wrapped.list_tools(NoContext, None)).unwrap();
    assert_eq!(names(&page), ["p-a", "p-p-a"]);
    let called = |name: &str| now(wrapped.call_tool(NoContext, tool(name)));
    assert_eq!(called("p-a").unwrap().meta.as_deref(), Some("a"));
    assert_eq!(called("p-p-a").unwrap().meta.as_deref(), Some("p-a"));
    for unknown in ["a", "p-", "q-a"] {
        assert_eq!(
            called(unknown).unwrap_err().code,
            ErrorCode::InvalidParams,
            "{unknown}"
        );
    }
}

#[test]
fn walks_are_bounded() {
    let faulty = plain("faulty", &[]);
    faulty.fault.set(Fault::Endless);
    faulty.tools.borrow_mut().push("f".to_owned());
    let asked = Cell::new(0);
    struct Counted<'a>(Plain, &'a Cell<usize>);
    impl Service for Counted<'_> {
        type Context = NoContext;
        type Streamed = String;
        async fn get_server(
            &self,
        ) -> Result<wasi_mcp_types::capabilities::Server, wasi_mcp_types::types::Error> {
            self.0.get_server().await
        }
        async fn list_tools(
            &self,
            context: NoContext,
            cursor: Option<String>,
        ) -> Result<ListToolsResult, wasi_mcp_types::types::Error> {
            self.1.set(self.1.get() + 1);
            self.0.list_tools(context, cursor).await
        }
    }
    let joint = Joint::new(Counted(faulty, &asked), plain("good", &["g"]), |_| {});
    for _ in 0..3 {
        assert_eq!(owner(&joint, "g").as_deref(), Some("good"));
    }
    assert_eq!(asked.get(), wasi_mcp_joining::MOST_PAGES);
}
