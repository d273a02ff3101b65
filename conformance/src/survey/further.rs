//! Further calls of tools, with other valid arguments: all members, and random choices.

use std::time::Duration;

use super::conduct::Conduct;
use super::listing::List;
use super::record::Survey;
use super::tools::{call_tool, unexercised};
use crate::arguments;
use crate::driver::Body;
use crate::driver::SessionPool;
use crate::model::Finding;

/// The duration up to which a tool is called again. Slower calls are not worth three times their
/// time.
const QUICK: Duration = Duration::from_millis(250);
/// The highest number of tools that are called again.
const MAX_TOOLS: usize = 60;

impl Survey {
    /// Calls the quick tools again.
    pub(super) async fn use_tools_further(
        &mut self,
        sessions: &SessionPool,
        conduct: &Conduct,
    ) -> Result<(), Finding> {
        let quick = self
            .calls
            .iter()
            .filter(|call| matches!(call.reply.body, Body::Result(_)) && call.took < QUICK);
        let quick: Vec<(String, _)> = quick
            .take(MAX_TOOLS)
            .filter_map(|call| {
                let tool = self.tools.get(List::Tools, &call.tool)?;
                let made = arguments::instances(&tool["inputSchema"], conduct.seed).ok()?;
                let others = made
                    .into_iter()
                    .filter(|arguments| *arguments != call.arguments);
                Some((call.tool.clone(), others.collect::<Vec<_>>()))
            })
            .collect();
        for (tool, all) in quick {
            for arguments in all {
                let session = sessions.live_session().await?;
                let call = call_tool(&session, tool.clone(), arguments).await;
                let why = unexercised(&call);
                let told = call.arguments.clone();
                self.further.push(call);
                if let Some(why) = why {
                    self.leave_out(format!("tool {tool} with {told}"), why);
                    break;
                }
            }
        }
        Ok(())
    }
}
