//! [Progress](https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress):
//! the parameters of a notification except its token, which the host handles.

use crate::wire::record::record;
use wasi_mcp_types::content::Progress;

record! {
    Progress {
        progress: f64,
        total: Option<f64>,
        message: Option<String>,
    }
}
