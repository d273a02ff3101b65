//! Progress of a request.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use std::time::Duration;

    use schemars::JsonSchema;
    use serde::Serialize;
    use wasi_mcp_guest::errors::code_name;
    use wasi_mcp_guest::records::Progress;
    use wasi_mcp_guest::tasks::sleep;
    use wasi_mcp_guest::{Context, Json, ToolError};

    /// Reports progress step by step: 0 of `steps`, 1 of `steps`, and so on.
    #[tool(read_only)]
    async fn report_progress(
        context: &Context,
        #[default(3)]
        #[schemars(range(max = 100_000))]
        steps: u32,
        /// Between two steps
        #[default]
        #[schemars(range(max = 60_000))]
        milliseconds: u32,
        /// Tells the total, as it does by default
        #[default(true)]
        total: bool,
    ) -> Result<String, ToolError> {
        for step in 0..=steps {
            if step > 0 && milliseconds > 0 {
                sleep(Duration::from_millis(milliseconds.into())).await;
            }
            context.progress(
                f64::from(step),
                total.then_some(f64::from(steps)),
                format!("Step {step} of {steps}"),
            )?;
        }
        Ok(format!("Reported {} times", u64::from(steps) + 1))
    }

    #[derive(Serialize, JsonSchema)]
    struct Answers {
        answers: Vec<String>,
    }

    /// Reports progress that is not allowed, and tells what the host answered to each report.
    #[tool(read_only)]
    fn misreport_progress(context: &Context) -> Json<Answers> {
        let report = |progress| {
            let progress = Progress {
                progress,
                ..Progress::default()
            };
            match context.report_progress(&progress) {
                Ok(()) => "ok".into(),
                Err(error) => code_name(error.code),
            }
        };
        Json(Answers {
            answers: [1.0, 1.0, 0.5, f64::NAN, f64::INFINITY, 2.5]
                .map(report)
                .into(),
        })
    }
}
