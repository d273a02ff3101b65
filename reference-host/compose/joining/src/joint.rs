//! Two services as one.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use wasi_mcp_types::capabilities::{Server, ServerCapabilities};
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, CompletionReference,
    GetPromptParams, GetPromptResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, ReadResourceParams, ReadResourceResult,
};
use wasi_mcp_types::types::{Error, ErrorCode};

use crate::cursor::{self, Place};
use crate::known::{self, Known};
use crate::merge;
use crate::page::Page;
use crate::service::{Context, Service, invalid_params, not_found};

/// The most names whose second owner is reported: the lists are the components'.
const MOST_REPORTED: usize = 1_000;

/// Two services as one: the lists of the left one come first, and what both have is the left one's.
///
/// An owner is found by the lists, which are walked once. Where the answer is that there is no such
/// name (`invalid-params`), they are walked again, and the other side is asked if the name is its
/// own now. A resource that neither lists is asked of the left side, then of the right one.
pub struct Joint<L, R> {
    left: L,
    right: R,
    report: fn(&str),
    reported: RefCell<HashSet<String>>,
    servers: RefCell<Option<Rc<(Server, Server)>>>,
    tools: Known,
    prompts: [Known; 2],
    resources: [Known; 2],
    templates: [Known; 2],
    /// The side that accepted a subscription.
    subscriptions: RefCell<HashMap<String, Side>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// The sides that declare a capability.
#[derive(Debug, Clone, Copy)]
struct Offers {
    left: bool,
    right: bool,
}

impl Offers {
    fn by(self, side: Side) -> bool {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }

    /// Returns the sides to ask, the owner first.
    fn in_order(self, owner: Option<Side>) -> impl Iterator<Item = Side> {
        let first = owner.unwrap_or(Side::Left);
        [first, first.other()]
            .into_iter()
            .filter(move |side| self.by(*side))
    }
}

impl<L, R> std::fmt::Debug for Joint<L, R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Joint").finish_non_exhaustive()
    }
}

/// Calls one method of the side.
macro_rules! on {
    ($self:ident, $side:expr, $method:ident($($argument:expr),*)) => {
        match $side {
            Side::Left => $self.left.$method($($argument),*).await,
            Side::Right => $self.right.$method($($argument),*).await,
        }
    };
}

impl<L, R> Joint<L, R>
where
    L: Service,
    R: Service<Context = L::Context, Streamed = L::Streamed>,
{
    /// Joins two services. `report` takes a line for the operator.
    pub fn new(left: L, right: R, report: fn(&str)) -> Self {
        Self {
            left,
            right,
            report,
            reported: RefCell::default(),
            servers: RefCell::default(),
            tools: Known::default(),
            prompts: Default::default(),
            resources: Default::default(),
            templates: Default::default(),
            subscriptions: RefCell::default(),
        }
    }

    /// Returns both descriptions. `get-server` comes before any other call of an instance.
    async fn servers(&self) -> Result<Rc<(Server, Server)>, Error> {
        let known = self.servers.borrow().clone();
        if let Some(servers) = known {
            return Ok(servers);
        }
        let servers = Rc::new((
            self.left.get_server().await?,
            self.right.get_server().await?,
        ));
        self.servers.replace(Some(Rc::clone(&servers)));
        Ok(servers)
    }

    async fn offers(&self, declares: fn(&ServerCapabilities) -> bool) -> Result<Offers, Error> {
        let servers = self.servers().await?;
        Ok(Offers {
            left: declares(&servers.0.capabilities),
            right: declares(&servers.1.capabilities),
        })
    }

    /// Returns a page of a list: the pages of the left side, then those of the right one. The last
    /// page of the left side includes the first one of the right side, because many clients read one
    /// page only.
    async fn list<P: Page>(
        &self,
        offers: Offers,
        known: &Known,
        context: L::Context,
        cursor: Option<String>,
        left: impl AsyncFn(L::Context, Option<String>) -> Result<P, Error>,
        right: impl AsyncFn(L::Context, Option<String>) -> Result<P, Error>,
    ) -> Result<P, Error> {
        let foreign = || invalid_params("`cursor`: no cursor of this list");
        let (mut page, names, at) = match Place::read(cursor)? {
            Place::Left(None) if !offers.left => (P::default(), None, None),
            Place::Left(inner) if offers.left => {
                let mut page = left(context.duplicate(), inner.clone()).await?;
                known::check_next(inner.as_deref(), &mut page)?;
                if let Some(next) = page.next() {
                    *next = cursor::left(next);
                    return Ok(page);
                }
                let names = match inner {
                    None => known.learn(&mut page),
                    Some(_) if offers.right => known.walk(&context, &left).await,
                    Some(_) => return Ok(page),
                };
                (page, Some(names), None)
            }
            Place::Right(inner) if offers.right => {
                let names = match offers.left {
                    true => Some(known.get(&context, &left).await),
                    false => None,
                };
                (P::default(), names, Some(inner))
            }
            _ => return Err(foreign()),
        };
        if offers.right {
            let mut following = right(context, at.clone()).await?;
            known::check_next(at.as_deref(), &mut following)?;
            if let Some(next) = following.next() {
                *next = cursor::right(next);
            }
            if let Some(names) = names {
                following.items().retain(|item| {
                    let is_taken = names.contains(P::key(item));
                    if is_taken {
                        self.report_second::<P>(P::key(item));
                    }
                    !is_taken
                });
            }
            page.append(following);
        }
        Ok(page)
    }

    /// Tells the operator, once, that a name is hidden.
    fn report_second<P: Page>(&self, name: &str) {
        let mut reported = self.reported.borrow_mut();
        let key = format!("{} {name}", P::ITEMS);
        if reported.len() < MOST_REPORTED && reported.insert(key) {
            let remedy = match P::HAVE_PREFIXES {
                true => "Compose with --prefix to have both",
                false => "A prefix does not apply to URIs: rename one of them",
            };
            (self.report)(&format!(
                "two components of this composition have {name:?} among their {}: the first one's \
                 is used. {remedy}",
                P::ITEMS
            ));
        }
    }

    /// Asks the owner of a name, and again after a walk where the answer is that the name is unknown
    /// and the walk finds another owner.
    async fn ask_owner<T>(
        &self,
        offers: Offers,
        context: L::Context,
        is_left: impl AsyncFn(&L::Context, bool) -> Option<bool>,
        ask: impl AsyncFn(Side, L::Context) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let side = match (offers.left, offers.right) {
            (true, true) => {
                if is_left(&context, false).await == Some(true) {
                    Side::Left
                } else {
                    Side::Right
                }
            }
            (true, false) => return ask(Side::Left, context).await,
            // Where neither has the capability, the right side refuses.
            _ => return ask(Side::Right, context).await,
        };
        let answer = ask(side, context.duplicate()).await;
        if !matches!(&answer, Err(error) if matches!(error.code, ErrorCode::InvalidParams)) {
            return answer;
        }
        let now = match is_left(&context, true).await {
            Some(true) => Side::Left,
            Some(false) => Side::Right,
            // The list of the left side cannot be read: it may have the name all the same.
            None => side.other(),
        };
        if now == side {
            return answer;
        }
        ask(now, context).await
    }

    /// Asks the owner of a resource, or both sides in their order until one has it.
    async fn ask_in_order<T>(
        &self,
        offers: Offers,
        owner: Option<Side>,
        context: L::Context,
        uri: &str,
        ask: impl AsyncFn(Side, L::Context) -> Result<T, Error>,
    ) -> Result<(Side, T), Error> {
        let mut refused = not_found(uri);
        for side in offers.in_order(owner) {
            match ask(side, context.duplicate()).await {
                Ok(answer) => return Ok((side, answer)),
                Err(error) if matches!(error.code, ErrorCode::ResourceNotFound) => refused = error,
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    /// Returns the side that lists a resource, the left one if both do.
    async fn resource_owner(&self, context: &L::Context, uri: &str) -> Result<Option<Side>, Error> {
        let offers = self.offers(has_resources).await?;
        let [left, right] = &self.resources;
        if offers.left && left.get(context, self.left_resources()).await.contains(uri) {
            return Ok(Some(Side::Left));
        }
        if offers.right
            && right
                .get(context, self.right_resources())
                .await
                .contains(uri)
        {
            return Ok(Some(Side::Right));
        }
        Ok(None)
    }

    fn left_resources(
        &self,
    ) -> impl AsyncFn(L::Context, Option<String>) -> Result<ListResourcesResult, Error> {
        async |context, cursor| self.left.list_resources(context, cursor).await
    }

    fn right_resources(
        &self,
    ) -> impl AsyncFn(L::Context, Option<String>) -> Result<ListResourcesResult, Error> {
        async |context, cursor| self.right.list_resources(context, cursor).await
    }

    /// Returns the side that lists the template or the resource of a reference.
    async fn template_owner(&self, context: &L::Context, uri: &str) -> Result<Option<Side>, Error> {
        let offers = self.offers(has_resources).await?;
        let [left, right] = &self.templates;
        let list = async |context, cursor| self.left.list_resource_templates(context, cursor).await;
        if offers.left && left.get(context, list).await.contains(uri) {
            return Ok(Some(Side::Left));
        }
        let list =
            async |context, cursor| self.right.list_resource_templates(context, cursor).await;
        if offers.right && right.get(context, list).await.contains(uri) {
            return Ok(Some(Side::Right));
        }
        self.resource_owner(context, uri).await
    }

    /// Returns the side that lists a prompt.
    async fn prompt_owner(&self, context: &L::Context, name: &str) -> Result<Option<Side>, Error> {
        let offers = self.offers(has_prompts).await?;
        let [left, right] = &self.prompts;
        let list = async |context, cursor| self.left.list_prompts(context, cursor).await;
        if offers.left && left.get(context, list).await.contains(name) {
            return Ok(Some(Side::Left));
        }
        let list = async |context, cursor| self.right.list_prompts(context, cursor).await;
        if offers.right && right.get(context, list).await.contains(name) {
            return Ok(Some(Side::Right));
        }
        Ok(None)
    }

    async fn reference_owner(
        &self,
        context: &L::Context,
        reference: &CompletionReference,
    ) -> Result<Option<Side>, Error> {
        match reference {
            CompletionReference::Prompt(prompt) => self.prompt_owner(context, &prompt.name).await,
            CompletionReference::ResourceTemplate(uri) => self.template_owner(context, uri).await,
            CompletionReference::Other(_) => Ok(None),
        }
    }

    fn forget_references(&self) {
        let all = [&self.prompts, &self.templates, &self.resources];
        all.into_iter().flatten().for_each(Known::forget);
    }
}

fn has_tools(declared: &ServerCapabilities) -> bool {
    declared.tools.is_some()
}

fn has_resources(declared: &ServerCapabilities) -> bool {
    declared.resources.is_some()
}

fn has_subscriptions(declared: &ServerCapabilities) -> bool {
    let resources = declared.resources.as_ref();
    resources.is_some_and(|resources| resources.subscribe == Some(true))
}

fn has_prompts(declared: &ServerCapabilities) -> bool {
    declared.prompts.is_some()
}

fn has_completions(declared: &ServerCapabilities) -> bool {
    declared.completions.is_some()
}

impl<L, R> Service for Joint<L, R>
where
    L: Service,
    R: Service<Context = L::Context, Streamed = L::Streamed>,
{
    type Context = L::Context;
    type Streamed = L::Streamed;

    async fn get_server(&self) -> Result<Server, Error> {
        let servers = self.servers().await?;
        Ok(merge::servers(servers.0.clone(), servers.1.clone()))
    }

    async fn list_tools(
        &self,
        context: L::Context,
        cursor: Option<String>,
    ) -> Result<ListToolsResult, Error> {
        let offers = self.offers(has_tools).await?;
        let left = async |context, cursor| self.left.list_tools(context, cursor).await;
        let right = async |context, cursor| self.right.list_tools(context, cursor).await;
        self.list(offers, &self.tools, context, cursor, left, right)
            .await
    }

    async fn list_resources(
        &self,
        context: L::Context,
        cursor: Option<String>,
    ) -> Result<ListResourcesResult, Error> {
        let offers = self.offers(has_resources).await?;
        let [known, other] = &self.resources;
        // Both sides' names tell the owner of a resource: those of the right one are learnt anew.
        other.forget();
        let (left, right) = (self.left_resources(), self.right_resources());
        self.list(offers, known, context, cursor, left, right).await
    }

    async fn list_resource_templates(
        &self,
        context: L::Context,
        cursor: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        let offers = self.offers(has_resources).await?;
        let left = async |context, cursor| self.left.list_resource_templates(context, cursor).await;
        let right =
            async |context, cursor| self.right.list_resource_templates(context, cursor).await;
        self.list(offers, &self.templates[0], context, cursor, left, right)
            .await
    }

    async fn list_prompts(
        &self,
        context: L::Context,
        cursor: Option<String>,
    ) -> Result<ListPromptsResult, Error> {
        let offers = self.offers(has_prompts).await?;
        let left = async |context, cursor| self.left.list_prompts(context, cursor).await;
        let right = async |context, cursor| self.right.list_prompts(context, cursor).await;
        self.list(offers, &self.prompts[0], context, cursor, left, right)
            .await
    }

    async fn call_tool(
        &self,
        context: L::Context,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        let offers = self.offers(has_tools).await?;
        let list = async |context, cursor| self.left.list_tools(context, cursor).await;
        let is_left = async |context: &L::Context, again: bool| {
            let names = match again {
                true => self.tools.walk(context, list).await,
                false => self.tools.get(context, list).await,
            };
            names.has(&params.name)
        };
        let ask = async |side, context| on!(self, side, call_tool(context, params.clone()));
        self.ask_owner(offers, context, is_left, ask).await
    }

    async fn get_prompt(
        &self,
        context: L::Context,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        let offers = self.offers(has_prompts).await?;
        let known = &self.prompts[0];
        let list = async |context, cursor| self.left.list_prompts(context, cursor).await;
        let is_left = async |context: &L::Context, again: bool| {
            let names = match again {
                true => known.walk(context, list).await,
                false => known.get(context, list).await,
            };
            names.has(&params.name)
        };
        let ask = async |side, context| on!(self, side, get_prompt(context, params.clone()));
        self.ask_owner(offers, context, is_left, ask).await
    }

    async fn read_resource(
        &self,
        context: L::Context,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        let offers = self.offers(has_resources).await?;
        let owner = self.resource_owner(&context, &params.uri).await?;
        let ask = async |side, context| on!(self, side, read_resource(context, params.clone()));
        let answer = self
            .ask_in_order(offers, owner, context, &params.uri, ask)
            .await;
        answer.map(|(_, result)| result)
    }

    async fn read_resource_stream(
        &self,
        context: L::Context,
        params: ReadResourceParams,
    ) -> Result<Option<L::Streamed>, Error> {
        let offers = self.offers(has_resources).await?;
        let owner = self.resource_owner(&context, &params.uri).await?;
        let mut refused = not_found(&params.uri);
        // A side that streams nothing for this URI may still have it: `read-resource` tells.
        let mut may_be_had = false;
        for side in offers.in_order(owner) {
            let (context, params) = (context.duplicate(), params.clone());
            match on!(self, side, read_resource_stream(context, params)) {
                Ok(None) if owner == Some(side) => return Ok(None),
                Ok(None) => may_be_had = true,
                Ok(streamed) => return Ok(streamed),
                Err(error) if matches!(error.code, ErrorCode::ResourceNotFound) => refused = error,
                Err(error) => return Err(error),
            }
        }
        if may_be_had { Ok(None) } else { Err(refused) }
    }

    async fn subscribe(&self, context: L::Context, uri: String) -> Result<(), Error> {
        let offers = self.offers(has_subscriptions).await?;
        let owner = self.resource_owner(&context, &uri).await?;
        let ask = async |side, context| on!(self, side, subscribe(context, uri.clone()));
        let (side, ()) = self.ask_in_order(offers, owner, context, &uri, ask).await?;
        self.subscriptions.borrow_mut().insert(uri, side);
        Ok(())
    }

    async fn unsubscribe(&self, context: L::Context, uri: String) -> Result<(), Error> {
        let offers = self.offers(has_subscriptions).await?;
        let subscribed = self.subscriptions.borrow().get(&uri).copied();
        let owner = match subscribed {
            Some(side) => Some(side),
            None => self.resource_owner(&context, &uri).await?,
        };
        let ask = async |side, context| on!(self, side, unsubscribe(context, uri.clone()));
        self.ask_in_order(offers, owner, context, &uri, ask).await?;
        self.subscriptions.borrow_mut().remove(&uri);
        Ok(())
    }

    async fn complete(
        &self,
        context: L::Context,
        params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        let offers = self.offers(has_completions).await?;
        let mut asked = None;
        let mut refused = invalid_params("unknown reference");
        for _ in 0..2 {
            let owner = self.reference_owner(&context, &params.ref_).await?;
            match owner {
                Some(side) if asked == Some(side) => break,
                // The owner completes nothing, which is no fault of the request.
                Some(side) if !offers.by(side) => return Ok(CompleteResult::default()),
                Some(side) => {
                    asked = owner;
                    let answer = on!(self, side, complete(context.duplicate(), params.clone()));
                    match answer {
                        Err(error) if matches!(error.code, ErrorCode::InvalidParams) => {
                            refused = error;
                        }
                        answer => return answer,
                    }
                }
                None => {}
            }
            self.forget_references();
        }
        if asked.is_some() {
            return Err(refused);
        }
        // Nobody lists it: one of them may know it all the same.
        for side in offers.in_order(None) {
            match on!(self, side, complete(context.duplicate(), params.clone())) {
                Err(error) if matches!(error.code, ErrorCode::InvalidParams) => refused = error,
                answer => return answer,
            }
        }
        Err(refused)
    }

    async fn initialized(&self, context: L::Context) {
        self.left.initialized(context.duplicate()).await;
        self.right.initialized(context).await;
    }

    async fn roots_changed(&self, context: L::Context) {
        self.left.roots_changed(context.duplicate()).await;
        self.right.roots_changed(context).await;
    }
}
