//! The list of imports that the host provides.

/// Adds every import of one variant to a linker; only the generated modules differ.
macro_rules! link_imports {
    ($linker:expr, $interfaces:ident) => {{
        $crate::component::linking::link_imports!(
            @each $linker, $interfaces:
            context elicitation identity logging notifications roots runtime sampling shutdown
        );
        Ok(())
    }};
    (@each $linker:expr, $interfaces:ident: $($interface:ident)*) => {
        $($interfaces::$interface::add_to_linker::<_, HasSelf<State>>($linker, |state| state)?;)*
    };
}
pub(super) use link_imports;
