//! A session made of a template.

use clap::Args;

use super::{Place, Why, ask};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct AddSession {
    #[command(flatten)]
    place: Place,
    /// The [[session_template]] of the configuration.
    #[arg(long, value_name = "NAME")]
    template: String,
    /// TargetCompID(56): the member.
    #[arg(long, value_name = "ID")]
    target_comp_id: String,
    /// SenderCompID(49), where it is not the template's.
    #[arg(long, value_name = "ID")]
    sender_comp_id: Option<String>,
    /// Username(553) that his Logon must carry.
    #[arg(long, value_name = "NAME", requires = "password_file")]
    username: Option<String>,
    /// The file with Password(554), by its name in the folder [secrets] dir.
    #[arg(long, value_name = "NAME", requires = "username")]
    password_file: Option<String>,
    /// An account that it may name, where these are not the template's. May be given again.
    #[arg(long, value_name = "ID")]
    account: Vec<String>,
    #[command(flatten)]
    why: Why,
}

impl AddSession {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        let accounts = self.account.join(",");
        let mut words = vec![
            ("template", self.template.as_str()),
            ("target_comp_id", self.target_comp_id.as_str()),
        ];
        for (key, value) in [
            ("sender_comp_id", self.sender_comp_id.as_deref()),
            ("username", self.username.as_deref()),
            ("password_file", self.password_file.as_deref()),
            (
                "accounts",
                Some(accounts.as_str()).filter(|all| !all.is_empty()),
            ),
        ] {
            words.extend(value.map(|value| (key, value)));
        }
        words.extend(self.why.words());
        ask(&self.place, "add-session", &words)
    }
}
