//! Servers with one mistake each. The test `messages` compiles them.

#[cfg(feature = "async-without-async")]
mod async_without_async;
#[cfg(feature = "forgotten-items")]
mod forgotten_items;
#[cfg(feature = "forgotten-tool")]
mod forgotten_tool;
#[cfg(feature = "missing-variable")]
mod missing_variable;
#[cfg(feature = "nested-form")]
mod nested_form;
#[cfg(feature = "visible-in-backend")]
mod visible_in_backend;
#[cfg(feature = "wrong-argument")]
mod wrong_argument;
#[cfg(feature = "wrong-default")]
mod wrong_default;
#[cfg(feature = "wrong-return-type")]
mod wrong_return_type;
