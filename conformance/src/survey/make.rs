//! The steps of a survey.

use super::conduct::Conduct;
use super::listing::{self, List};
use super::record::Survey;
use crate::driver::SessionPool;
use crate::model::Finding;

impl Survey {
    /// Makes a survey. If the server ends a session meanwhile, as it may, the survey is made once more.
    ///
    /// # Errors
    ///
    /// When no session can be opened, or the server is lost for good.
    pub async fn make(sessions: &SessionPool, conduct: &Conduct) -> Result<Self, Finding> {
        let before = sessions.endings();
        let survey = Self::make_once(sessions, conduct).await;
        sessions.health().await;
        if sessions.endings() == before {
            return survey;
        }
        Self::make_once(sessions, conduct).await
    }

    async fn make_once(sessions: &SessionPool, conduct: &Conduct) -> Result<Self, Finding> {
        let session = sessions.session().await?;
        let mut survey = Self {
            log: Some(session.log().clone()),
            ..Self::default()
        };
        for list in List::ALL {
            if session.offers(list.capability(), None) {
                *survey.listing_mut(list) = listing::read(&session, list).await;
            }
        }
        survey.use_resources(sessions).await?;
        survey.use_templates(sessions).await?;
        survey.use_prompts(sessions).await?;
        survey.use_completions(sessions).await?;
        survey.note_unread();
        survey.use_tools(sessions, session, conduct).await?;
        survey.use_tools_further(sessions, conduct).await?;
        survey.note_only_failed();
        survey.note_unbroken();
        Ok(survey)
    }
}
