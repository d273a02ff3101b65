//! [Completion](https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/completion).
//!
//! MCP nests anonymous objects here, which are fields of one record in WIT.

use crate::json::{self, Fault, Object, RawValue, Writer};
use crate::wire::codec::{Codec, JsonObject, Map, write_extra};
use crate::wire::open::{read_tagged, write_tagged};
use crate::wire::record::{object, record};
use crate::wire::tagged::{TAG, Tagged as _, has_tag};
use crate::wire::{FromJson, Record, ToJson};
use wasi_mcp_types::content::{
    CompleteArgument, CompleteParams, CompleteResult, CompletionReference, PromptReference,
};

record! {
    PromptReference tagged "ref/prompt" {
        name: String,
        title: Option<String>,
    }

    CompleteArgument {
        name: String,
        value: String,
    }
}

/// The `type` of a reference to a resource template.
const RESOURCE: &str = "ref/resource";
const URI: &str = "uri";

impl ToJson for CompletionReference {
    fn write(&self, writer: &mut Writer) -> Result<(), Fault> {
        match self {
            Self::Prompt(prompt) => prompt.write(writer)?,
            Self::ResourceTemplate(uri) => {
                writer.begin_object();
                writer.key(TAG).string(RESOURCE);
                writer.key(URI).string(uri);
                writer.end_object();
            }
            Self::Other(text) => write_tagged(text, &[PromptReference::TAG, RESOURCE], writer)?,
        }
        Ok(())
    }
}

impl FromJson for CompletionReference {
    const EXPECTED: &'static str = "an object";

    fn read(value: &RawValue) -> Result<Self, Fault> {
        let mut object = json::object(value)?;
        if has_tag::<PromptReference>(&object) {
            return PromptReference::from_object(object).map(Self::Prompt);
        }
        let is_resource = object
            .get(TAG)
            .and_then(|value| json::string(value).ok())
            .is_some_and(|tag| tag == RESOURCE);
        if !is_resource {
            return read_tagged(value, &object).map(Self::Other);
        }
        String::read_member(&mut object, URI).map(Self::ResourceTemplate)
    }
}

const REF: &str = "ref";
const ARGUMENT: &str = "argument";
const CONTEXT: &str = "context";
const ARGUMENTS: &str = "arguments";
const META: &str = "_meta";

type ContextArguments = Option<Map<String>>;

/// Leaves `_meta` of the request out, which is not part of its params here. Members of `context`
/// other than `arguments` are dropped: the record has no field for them.
impl Record for CompleteParams {
    const MEMBERS: &'static [&'static str] = &[REF, ARGUMENT, CONTEXT, META];

    fn from_object(mut object: Object<'_>) -> Result<Self, Fault> {
        object.take(META);
        Ok(Self {
            ref_: CompletionReference::read_member(&mut object, REF)?,
            argument: CompleteArgument::read_member(&mut object, ARGUMENT)?,
            context_arguments: match object.take(CONTEXT) {
                Some(context) => json::object(context)
                    .and_then(|mut context| ContextArguments::read_member(&mut context, ARGUMENTS))
                    .map_err(|fault| fault.within(CONTEXT))?,
                None => None,
            },
            extra: object.rest_to_json(),
        })
    }

    fn write_members(&self, writer: &mut Writer) -> Result<(), Fault> {
        CompletionReference::write_member(&self.ref_, REF, writer)?;
        CompleteArgument::write_member(&self.argument, ARGUMENT, writer)?;
        if self.context_arguments.is_some() {
            writer.key(CONTEXT).begin_object();
            ContextArguments::write_member(&self.context_arguments, ARGUMENTS, writer)
                .map_err(|fault| fault.within(CONTEXT))?;
            writer.end_object();
        }
        write_extra(self.extra.as_deref(), Self::MEMBERS, writer)
    }
}

object!(CompleteParams);

const COMPLETION: &str = "completion";
const VALUES: &str = "values";
const TOTAL: &str = "total";
const HAS_MORE: &str = "hasMore";

/// Suggestions for an argument: at most 100 of them.
enum Values {}

impl Values {
    const MAX: usize = 100;

    fn check(values: &[String]) -> Result<(), Fault> {
        if values.len() <= Self::MAX {
            Ok(())
        } else {
            Err(Fault::new(format!(
                "an array of at most {} values",
                Self::MAX
            )))
        }
    }
}

impl Codec for Values {
    type Value = Vec<String>;

    const EXPECTED: &'static str = "an array";

    fn write(value: &Vec<String>, writer: &mut Writer) -> Result<(), Fault> {
        Self::check(value)?;
        <Vec<String> as Codec>::write(value, writer)
    }

    fn read(value: &RawValue) -> Result<Vec<String>, Fault> {
        let values = <Vec<String> as Codec>::read(value)?;
        Self::check(&values)?;
        Ok(values)
    }
}

impl Record for CompleteResult {
    const MEMBERS: &'static [&'static str] = &[COMPLETION, META];

    fn from_object(mut object: Object<'_>) -> Result<Self, Fault> {
        let completion = object
            .take(COMPLETION)
            .ok_or_else(|| Fault::new("an object"))
            .and_then(json::object);
        let (values, total, has_more) = completion
            .and_then(|mut completion| {
                Ok((
                    Values::read_member(&mut completion, VALUES)?,
                    Option::<u32>::read_member(&mut completion, TOTAL)?,
                    Option::<bool>::read_member(&mut completion, HAS_MORE)?,
                ))
            })
            .map_err(|fault| fault.within(COMPLETION))?;
        Ok(Self {
            values,
            total,
            has_more,
            meta: Option::<JsonObject>::read_member(&mut object, META)?,
            extra: object.rest_to_json(),
        })
    }

    fn write_members(&self, writer: &mut Writer) -> Result<(), Fault> {
        writer.key(COMPLETION).begin_object();
        Values::write_member(&self.values, VALUES, writer)
            .and_then(|()| Option::<u32>::write_member(&self.total, TOTAL, writer))
            .and_then(|()| Option::<bool>::write_member(&self.has_more, HAS_MORE, writer))
            .map_err(|fault| fault.within(COMPLETION))?;
        writer.end_object();
        Option::<JsonObject>::write_member(&self.meta, META, writer)?;
        write_extra(self.extra.as_deref(), Self::MEMBERS, writer)
    }
}

object!(CompleteResult);
