//! The component that holds the settings of a wrapper.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection,
    MemorySection, MemoryType, Module, TypeSection, ValType,
};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use crate::ComposeError;

/// The interface, as the adapters' WIT has it.
const WIT: &str = "
package wasi-mcp:adapters;
interface settings { get: func() -> string; }
world holder { export settings; }
";

/// The place of the text: behind the pointer and the length that the function returns.
const TEXT: u32 = 8;
const PAGE: u32 = 65_536;

/// Makes a component whose `settings.get` returns a text.
pub(crate) fn component(text: &str) -> Result<Vec<u8>, ComposeError> {
    generate(text).map_err(|error| ComposeError::Encoding(format!("{error:#}")))
}

fn generate(text: &str) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("settings.wit", WIT)?;
    let world = resolve.select_world(&[package], Some("holder"))?;
    let mut module = module(text)?;
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(ComponentEncoder::default().module(&module)?.encode()?)
}

/// Makes the core module: a memory that holds the text, and a function that returns its place.
fn module(text: &str) -> Result<Vec<u8>, std::num::TryFromIntError> {
    let length = u32::try_from(text.len())?;
    let pages = u64::from(TEXT + length).div_ceil(PAGE.into());

    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: pages,
        maximum: Some(pages),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("wasi-mcp:adapters/settings#get", ExportKind::Func, 0);
    let mut get = Function::new([]);
    get.instructions().i32_const(0).end();
    let mut code = CodeSection::new();
    code.function(&get);
    let mut bytes = TEXT.to_le_bytes().to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.as_bytes());
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), bytes);

    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&memories)
        .section(&exports)
        .section(&code)
        .section(&data);
    Ok(module.finish())
}
