//! Resources: <https://modelcontextprotocol.io/specification/2025-06-18/server/resources>.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::capabilities::{needs, served_only_if_declared};
use super::check::Check;
use super::context::CheckContext;
use super::failures::{not_internal, refused};
use super::lifecycle::judge_gates;
use super::tally::Tally;
use super::tools::names_once;
use super::unlisted::unlisted;
use super::{changes, failures};
use crate::driver::log::Entry;
use crate::driver::{Body, ClientRole, Session};
use crate::model::{Finding, Judgement, Transport};
use crate::observe::evidence::place;
use crate::observe::{Asked, Conversation, Evidence};
use crate::survey::Survey;
use crate::survey::listing::{self, List, Listing};
use crate::survey::templates;
use crate::survey::{ToolCall, Use};
use crate::wire::envelope::Message;
use crate::wire::formats::{base64_bytes, is_scheme, is_uri};
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "resources/declare",
        "Declares resources if it serves them.",
        ["resources.declare"],
        declare
    ),
    check!(
        "resources/unique-uris",
        "Lists each URI once across all pages.",
        ["resources.uri-unique"],
        unique_uris
    ),
    check!(
        "resources/custom-scheme",
        "Uses schemes that RFC 3986 allows.",
        ["resources.custom-scheme"],
        schemes
    ),
    check!(
        "resources/read-listed",
        "Returns every listed resource.",
        ["resources.read-listed"],
        read_listed
    ),
    check!(
        "resources/internal-error",
        "Answers with -32603 when a listed resource fails.",
        ["resources.error-internal"],
        internal_error
    ),
    check!(
        "resources/read-uri",
        "Returns contents of the requested resource.",
        ["resources.read-uri"],
        read_uri
    ),
    check!(
        "resources/size",
        "States the size of the raw bytes.",
        ["resources.size"],
        size
    ),
    check!(
        "resources/text-only-if-text",
        "Returns only text as text.",
        ["resources.text-only-if-text"],
        text_only_if_text
    ),
    check!(
        "resources/template-read",
        "Returns the resources of expanded templates.",
        ["resources.template-read"],
        template_read
    ),
    check!(
        "resources/template-media-type",
        "Declares a media type for a template only if all expansions have it.",
        ["resources.template-mime"],
        template_media_type
    ),
    check!(
        "resources/unknown",
        "Answers an unknown resource with -32002.",
        ["resources.error-not-found"],
        unknown
    ),
    check!(
        "resources/validate-uris",
        "Refuses malformed URIs and path traversal.",
        ["resources.validate-uris"],
        validate_uris
    ),
    check!(
        "resources/subscribe",
        "Accepts subscribing and unsubscribing.",
        ["resources.subscribe-result"],
        subscribe
    ),
    check!(
        "resources/unsubscribe-unknown",
        "Continues after unsubscribing from a resource without a subscription.",
        ["resources.unsubscribe-unknown"],
        unsubscribe_unknown
    ),
    check!(
        "resources/updated-on-change",
        "Announces updates of a subscribed resource, and stops when unsubscribed.",
        ["resources.updated-on-change", "resources.unsubscribe-stops"],
        updated_on_change
    ),
    check!(
        "resources/list-changed",
        "Announces changes of its list.",
        ["resources.list-changed"],
        list_changed
    ),
    observe!(
        "resources/updated-only-subscribed",
        "Announces updates of subscribed resources only.",
        ["resources.updated-only-subscribed"],
        updated_only_subscribed
    ),
    observe!(
        "resources/updated-capability",
        "Announces updates only if subscribe is declared.",
        ["architecture.updated-needs-subscribe-cap"],
        |evidence| judge_gates(evidence, |method| method
            == "notifications/resources/updated")
    ),
    observe!(
        "resources/list-changed-declared",
        "Announces changes only if declared.",
        ["resources.list-changed"],
        |evidence| judge_gates(evidence, |method| method
            == "notifications/resources/list_changed")
    ),
    shape!(
        "resources/list-shape",
        "Lists resources in the right shape.",
        ["resources.list-shape"],
        ["resources/list"],
        ["ListResourcesResult", "Resource"],
        [Rule::Type]
    ),
    shape!(
        "resources/uri-valid",
        "Lists resources with URIs.",
        ["resources.uri-valid"],
        ["resources/list"],
        ["Resource"],
        [Rule::Uri]
    ),
    shape!(
        "resources/read-shape",
        "Returns contents of the right shape.",
        ["resources.read-shape"],
        ["resources/read"],
        [
            "ReadResourceResult",
            "ResourceContents",
            "TextResourceContents",
            "BlobResourceContents"
        ],
        [Rule::Type, Rule::NoBody, Rule::Uri]
    ),
    shape!(
        "resources/text-xor-blob",
        "Returns contents as text or as binary.",
        ["resources.read-text-xor-blob"],
        ["resources/read"],
        [
            "ResourceContents",
            "TextResourceContents",
            "BlobResourceContents"
        ],
        [Rule::TwoBodies]
    ),
    shape!(
        "resources/binary-encoded",
        "Encodes binary contents as base64.",
        ["resources.binary-encoded"],
        ["resources/read"],
        ["BlobResourceContents"],
        [Rule::Base64]
    ),
    shape!(
        "resources/templates-shape",
        "Lists templates in the right shape.",
        ["resources.templates-shape"],
        ["resources/templates/list"],
        ["ListResourceTemplatesResult", "ResourceTemplate"],
        [Rule::Type]
    ),
    shape!(
        "resources/template-syntax",
        "Lists URI templates of RFC 6570.",
        ["resources.template-rfc6570"],
        ["resources/templates/list"],
        ["ResourceTemplate"],
        [Rule::UriTemplate]
    ),
    shape!(
        "resources/updated-shape",
        "Names the updated resource.",
        ["schema.resource-updated"],
        ["notifications/resources/updated"],
        ["ResourceUpdatedNotification.params"],
        [Rule::Type, Rule::Uri]
    ),
    shape!(
        "resources/annotations-audience",
        "Names an audience of users and assistants.",
        ["annotations.audience"],
        [],
        ["Annotations"],
        [Rule::Type, Rule::Word]
    ),
    shape!(
        "resources/annotations-priority",
        "Gives priorities from 0 to 1.",
        ["annotations.priority"],
        [],
        ["Annotations"],
        [Rule::Priority]
    ),
    shape!(
        "resources/annotations-last-modified",
        "Gives times as ISO 8601.",
        ["annotations.last-modified"],
        [],
        ["Annotations"],
        [Rule::Timestamp]
    ),
    check!(
        "resources/annotations-placement",
        "Puts annotations on the block or the listed resource.",
        ["annotations.placement"],
        annotations_placement
    ),
];

async fn declare(context: &CheckContext) -> Judgement {
    served_only_if_declared(context, "resources", "resources/list", Value::Null).await
}

async fn unique_uris(context: &CheckContext) -> Judgement {
    names_once(context, List::Resources).await
}

async fn schemes(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    let resources = survey.resources.names(List::Resources).into_iter();
    let templates = survey.templates.names(List::Templates).into_iter();
    // The values of a template may give the scheme.
    let resources = resources.map(|uri| (uri, false));
    for (uri, is_template) in resources.chain(templates.map(|template| (template, true))) {
        let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
        let is_given = is_template && scheme.unwrap_or(uri).contains('{');
        let legal = is_given || scheme.is_some_and(is_scheme);
        tally.expect(legal, || format!("{uri:?} has no legal scheme"));
    }
    tally.judge("URIs have a legal scheme", "the server lists no resource")
}

async fn read_listed(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    let works = survey
        .reads
        .iter()
        .any(|read| !failures::is_internal_error(&read.reply));
    for read in &survey.reads {
        match &read.reply.body {
            // A resource may exist and still fail: that is an internal error. If all do, nothing
            // shows that the server looks at them.
            Body::Error(_) if failures::is_internal_error(&read.reply) && works => tally.tried += 1,
            Body::Error(_) if failures::is_internal_error(&read.reply) => {
                tally.note(not_internal(&read.reply, "its contents"));
            }
            _ => drop(tally.note(read.reply.result())),
        }
    }
    tally.judge(
        "listed resources were given",
        "the server lists no resource",
    )
}

async fn internal_error(context: &CheckContext) -> Judgement {
    let uses = &context.survey().await?.reads;
    failures::answered_with(uses, &[-32603, -32002], "listed resources")
}

/// Returns the contents of a read.
fn contents(read: &Use) -> Vec<&Value> {
    let result = read.reply.result().ok();
    result
        .and_then(|result| result["contents"].as_array())
        .into_iter()
        .flatten()
        .collect()
}

async fn read_uri(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for read in &survey.reads {
        for item in contents(read) {
            let uri = item["uri"].as_str().unwrap_or_default();
            let base = read.name.trim_end_matches('/');
            tally.expect(uri.starts_with(base), || {
                format!("read {}; got contents of {uri:?}", read.name)
            });
        }
    }
    tally.judge(
        "contents belong to the requested resource",
        "no resource was read",
    )
}

async fn size(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for read in &survey.reads {
        let listed = listed_size(&survey.resources, &read.name);
        let (Some(listed), Some(bytes)) = (listed, bytes_of(read)) else {
            continue;
        };
        if bytes == listed {
            tally.tried += 1;
            continue;
        }
        // It may change in between, so it is read between two lists.
        let before = listing::read(&session, List::Resources).await;
        let params = json!({"uri": read.name});
        let again = Use {
            name: read.name.clone(),
            reply: session.request("resources/read", params.clone()).await,
            params,
        };
        let after = listing::read(&session, List::Resources).await;
        let listed = [before, after].map(|list| listed_size(&list, &read.name));
        let (Some(bytes), [Some(before), Some(after)]) = (bytes_of(&again), listed) else {
            continue;
        };
        tally.expect(bytes == before || bytes == after, || {
            format!(
                "{}: size {before} is listed, {bytes} bytes were read, then size {after} is listed",
                read.name
            )
        });
    }
    tally.judge(
        "sizes match the bytes read",
        "no resource with a size was read",
    )
}

fn listed_size(resources: &Listing, uri: &str) -> Option<u64> {
    resources.get(List::Resources, uri)?["size"].as_u64()
}

/// Returns the number of bytes of a read with a single content.
fn bytes_of(read: &Use) -> Option<u64> {
    let items = contents(read);
    let [item] = items.as_slice() else {
        return None;
    };
    if read.reply.is_mended() {
        return None;
    }
    let bytes = match (&item["text"], &item["blob"]) {
        (Value::String(text), _) => text.len(),
        (_, Value::String(blob)) => base64_bytes(blob)?.len(),
        _ => return None,
    };
    u64::try_from(bytes).ok()
}

async fn text_only_if_text(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for read in &survey.reads {
        for text in contents(read)
            .into_iter()
            .filter_map(|item| item["text"].as_str())
        {
            // They are legal in text, but rarely intended.
            let replaced = text.contains('\u{fffd}') && !read.reply.is_mended();
            let odd = text.contains('\u{0}') || replaced;
            let warning = || {
                let what = "the text has NUL or replacement characters";
                Finding::Warning(format!("{}: {what}", read.name))
            };
            tally.note(if odd { Err(warning()) } else { Ok(()) });
        }
    }
    tally.judge("texts are text", "no resource with text was read")
}

async fn template_read(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for read in &survey.expansions {
        let uri = read.params["uri"].as_str().unwrap_or_default();
        tally.expect(is_uri(uri), || {
            format!("{} expands to {uri:?}, which is not a URI", read.name)
        });
        // "1" may be an unknown value for the template.
        tally.note(
            not_internal(&read.reply, "contents, or an error that names the URI").and_then(|()| {
                let result = read.reply.result().map(drop);
                result.map_err(|_| Finding::Skip("unknown value".to_owned()))
            }),
        );
    }
    for (template, uri) in completed(survey) {
        let reply = session.request("resources/read", json!({"uri": uri})).await;
        tally.note(reply.result().map_err(|finding| {
            Finding::Violation(format!(
                "{template} with values from completion/complete: {finding}"
            ))
        }));
    }
    tally.judge(
        "probes of templates succeeded",
        "the server lists no template",
    )
}

/// Returns expansions of templates whose values all came from the server's completions.
fn completed(survey: &Survey) -> Vec<(&str, String)> {
    let value = |template: &str, variable: &str| {
        let gave = |used: &&Use| {
            used.params["ref"]["uri"] == template && used.params["argument"]["name"] == variable
        };
        let used = survey.completions.iter().find(gave)?;
        let value = used.reply.result().ok()?["completion"]["values"][0].as_str()?;
        let unreserved = |one: char| one.is_ascii_alphanumeric() || "-._~".contains(one);
        (!value.is_empty() && value.chars().all(unreserved)).then_some(value)
    };
    let templates = survey.templates.names(List::Templates).into_iter();
    let known = templates.filter(|template| {
        let variables = templates::variables(template);
        let known = |variable: &String| value(template, variable).is_some();
        // One variable only, as values of several may not fit each other.
        variables.len() == 1 && variables.iter().all(known)
    });
    let expanded = known.map(|template| {
        let fill = |variable: &str| value(template, variable).unwrap_or_default().to_owned();
        (template, templates::expand(template, fill))
    });
    expanded.collect()
}

async fn template_media_type(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for read in &survey.expansions {
        let template = survey.templates.get(List::Templates, &read.name);
        let Some(promised) = template.and_then(|item| item["mimeType"].as_str()) else {
            continue;
        };
        // A part of it may have another type.
        let whole = contents(read)
            .into_iter()
            .filter(|item| item["uri"] == read.params["uri"]);
        for found in whole.filter_map(|item| item["mimeType"].as_str()) {
            tally.expect(found == promised, || {
                format!("{}: {promised} is promised, {found} was read", read.name)
            });
        }
    }
    tally.judge(
        "expansions have the promised media type",
        "no expansion of a template with a media type was read",
    )
}

async fn unknown(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "resources", None)?;
    let survey = context.survey().await?;
    let uri = unlisted(survey, List::Resources);
    if offers_uri(survey, &uri) {
        let why = "a template of the server may expand to any URI";
        return Err(Finding::Skip(why.to_owned()));
    }
    let reply = session.request("resources/read", json!({"uri": uri})).await;
    reply.error_with(&[-32002])?;
    Ok("an unknown resource was answered with -32002".to_owned())
}

async fn validate_uris(context: &CheckContext) -> Judgement {
    // In a session of its own, as the server may accept a subscription to something that is not a
    // URI.
    let session = context.fresh(ClientRole::complete()).await?;
    needs(&session, "resources", None)?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for uri in [
        "",
        "relative/path",
        "../../../../etc/passwd",
        "file:///etc/passwd",
        "%2e%2e%2fetc%2fpasswd",
        "no uri at all",
        "://",
    ] {
        for method in ["resources/read", "resources/subscribe"] {
            if method == "resources/subscribe" && !session.offers("resources", Some("subscribe")) {
                continue;
            }
            let reply = session.request(method, json!({"uri": uri})).await;
            // The specification does not define what can be subscribed to, but requires an answer.
            let served = method != "resources/read" || offers_uri(survey, uri);
            tally.note(match reply.result() {
                Ok(_) if served => Ok(()),
                _ => refused(&reply, "an error"),
            });
        }
    }
    tally.note(session.expect_alive("unusual URIs").await);
    tally.judge("probes with unusual URIs did no harm", "")
}

/// Returns true if the server itself indicates that there may be something at this URI.
fn offers_uri(survey: &Survey, uri: &str) -> bool {
    let templates = survey.templates.names(List::Templates);
    survey.resources.get(List::Resources, uri).is_some()
        || templates
            .into_iter()
            .any(|it| templates::may_match(it, uri))
}

/// Returns a session with subscriptions, and a URI to subscribe to.
async fn subscribable(context: &CheckContext) -> Result<(Session, String), Finding> {
    let session = context.fresh(ClientRole::complete()).await?;
    needs(&session, "resources", Some("subscribe"))?;
    let survey = context.survey().await?;
    let watched = changing(survey);
    let first = || {
        survey
            .resources
            .names(List::Resources)
            .first()
            .map(|uri| (*uri).to_owned())
    };
    let uri = watched.map(|(_, uri)| uri).or_else(first);
    uri.map(|uri| (session, uri))
        .ok_or_else(|| Finding::Skip("the server lists no resource".to_owned()))
}

/// Returns a tool that updates a resource, and that resource. The announced URI may name a part of
/// a listed one.
fn changing(survey: &Survey) -> Option<(&ToolCall, String)> {
    let call = survey.quickest(|call| call.succeeded() && !call.behaviour.updated.is_empty())?;
    let named = call.behaviour.updated.first()?;
    let listed = survey
        .resources
        .names(List::Resources)
        .into_iter()
        .filter(|uri| named.starts_with(uri));
    let whole = listed.max_by_key(|uri| uri.len()).unwrap_or(named);
    Some((call, whole.to_owned()))
}

async fn subscribe(context: &CheckContext) -> Judgement {
    let (session, uri) = subscribable(context).await?;
    let mut tally = Tally::default();
    for method in [
        "resources/subscribe",
        "resources/subscribe",
        "resources/unsubscribe",
    ] {
        tally.note(session.request(method, json!({"uri": uri})).await.result());
    }
    tally.judge("requests to subscribe and unsubscribe were accepted", "")
}

async fn unsubscribe_unknown(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "resources", Some("subscribe"))?;
    let reply = session
        .request(
            "resources/unsubscribe",
            json!({"uri": "test://never-subscribed"}),
        )
        .await;
    session
        .expect_alive("unsubscribing without a subscription")
        .await?;
    if reply.is_silence() {
        return Err(reply.unexpected("an answer"));
    }
    not_internal(&reply, "a result, or an error that names the mistake")?;
    Ok(format!(
        "unsubscribing without a subscription got {}",
        reply.came()
    ))
}

async fn updated_on_change(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let (call, uri) = changing(survey)
        .ok_or_else(|| Finding::Skip("no tool was seen to change a resource".to_owned()))?;
    let session = context.fresh(ClientRole::complete()).await?;
    // Another check judges announcements without the capability.
    needs(&session, "resources", Some("subscribe"))?;
    session
        .request("resources/subscribe", json!({"uri": uri}))
        .await
        .result()?;
    let timing = session.timing();
    let first = session.log().len();
    call_to_change(&session, call).await?;
    if !is_told(&session, first, &uri, timing.answer).await {
        return Err(Finding::Violation(format!(
            "subscribed to {uri}, called {}; got no notifications/resources/updated",
            call.tool
        )));
    }
    session.settle().await;
    let usual = updates(&session, first, &uri).len();
    let asked = session.log().len();
    let ended = answered(&session, "resources/unsubscribe", &uri).await?;
    // The resource may change at once, or when the tool is called.
    session.settle().await;
    let called = session.log().len();
    call_to_change(&session, call).await?;
    session.settle().await;
    // Lines arrive in order. Over HTTP, an announcement and the answer come on two streams.
    let from = match session.transport() {
        Transport::Stdio => ended,
        Transport::Http => asked,
    };
    if let Some(entry) = updates(&session, from, &uri).first() {
        let told = format!("unsubscribed from {uri}; got {} afterwards", entry.shown());
        let crossed = from == asked && entry.index < called;
        return Err(if crossed {
            let why = "unless it was sent before the answer, on another stream";
            Finding::Warning(format!("{told}, {why}"))
        } else {
            Finding::Violation(told)
        });
    }
    // Late announcements come before the update of the next change, or with it.
    let again = answered(&session, "resources/subscribe", &uri).await?;
    call_to_change(&session, call).await?;
    is_told(&session, again, &uri, timing.answer).await;
    session.settle().await;
    let late = updates(&session, again, &uri).len();
    if late > usual {
        return Err(Finding::Warning(format!(
            "unsubscribed from {uri}, called {}, and subscribed again; the next call led to {late} \
             updates, the first one to {usual}: what changed meanwhile was announced as well",
            call.tool
        )));
    }
    Ok(format!(
        "{} updated {uri}, which was announced to a subscriber only",
        call.tool
    ))
}

/// Lets a tool update a resource, and waits until its messages over the same stream have come.
async fn call_to_change(session: &Session, call: &ToolCall) -> Result<(), Finding> {
    session
        .request("tools/call", call.params())
        .await
        .result()?;
    session.fence().await.map(drop).map_err(Finding::Violation)
}

/// Sends a request about a URI. Returns the position in the log behind its answer.
async fn answered(session: &Session, method: &str, uri: &str) -> Result<usize, Finding> {
    let reply = session.request(method, json!({"uri": uri})).await;
    reply.result()?;
    let answer = reply.entry.as_ref().map(|entry| entry.index + 1);
    Ok(answer.unwrap_or_else(|| session.log().len()))
}

/// Returns true for the announcement that a resource or a part of it was updated.
fn is_update(entry: &Entry, uri: &str) -> bool {
    let named = entry.params().and_then(|params| params["uri"].as_str());
    entry.is("notifications/resources/updated")
        && entry.from_server()
        && named.is_some_and(|named| named.starts_with(uri))
}

fn updates(session: &Session, from: usize, uri: &str) -> Vec<Arc<Entry>> {
    let entries = session.log().since(from).into_iter();
    entries.filter(|entry| is_update(entry, uri)).collect()
}

/// Waits for the announcement of an update at or after this position.
async fn is_told(session: &Session, from: usize, uri: &str, within: Duration) -> bool {
    let told = session
        .log()
        .wait_for(from, within, |entry| is_update(entry, uri));
    told.await.is_some()
}

async fn list_changed(context: &CheckContext) -> Judgement {
    changes::announced(
        context,
        List::Resources,
        "notifications/resources/list_changed",
    )
    .await
}

fn updated_only_subscribed(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.of_method("notifications/resources/updated") {
        let Some(uri) = entry.params().and_then(|params| params["uri"].as_str()) else {
            continue;
        };
        let subscribed = is_subscribed(conversation, entry, uri);
        tally.expect(subscribed, || {
            format!("not subscribed ({})", place(conversation, entry))
        });
    }
    tally.judge(
        "updates seen, all of subscribed resources",
        "no update was announced",
    )
}

/// Returns true if the client was subscribed to a resource, or to one that it is a part of, when an
/// announcement was sent. A subscription ends with the answer to `resources/unsubscribe`.
fn is_subscribed(conversation: &Conversation, announcement: &Entry, uri: &str) -> bool {
    let before = |asked: &&Asked| asked.sent < announcement.index;
    let about = |asked: &&Asked, base: &Value| asked.params["uri"] == *base;
    let of = |method: &'static str| {
        let asked = conversation.ours.iter();
        asked.filter(move |asked| asked.method == method)
    };
    of("resources/subscribe").filter(before).any(|subscribed| {
        let base = &subscribed.params["uri"];
        let covers = base.as_str().is_some_and(|base| uri.starts_with(base));
        let ended = of("resources/unsubscribe")
            .filter(|asked| asked.sent > subscribed.sent && about(asked, base))
            .any(|asked| {
                let answer = asked.answers.first();
                let answered = answer.is_some_and(|answer| {
                    let message = &conversation.entries[*answer].envelope.message;
                    *answer < announcement.index
                        && matches!(message, Message::Response { answer: Ok(_), .. })
                });
                let via = asked.via;
                answered && !conversation.may_have_crossed(announcement, asked.answered_at, via)
            });
        covers && !ended
    })
}

async fn annotations_placement(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for read in &survey.reads {
        for item in contents(read) {
            // The objects are open: annotations are legal there, but clients ignore them.
            let misplaced = Finding::Warning(format!("{}: annotations in the contents", read.name));
            tally.note(
                item.get("annotations")
                    .is_none()
                    .then_some(())
                    .ok_or(misplaced),
            );
        }
    }
    tally.judge(
        "contents carry no annotations of their own",
        "no resource was read",
    )
}
