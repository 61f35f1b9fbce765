//! How the program ends when it cannot go on: one sentence for a person and an exit code for a script.

use std::path::Path;

use motcua_runtime::{grpc, listen::ListenError};

/// Exit codes of interfaces: 2 wrong configuration or input, 3 data folder in use, 4 port in use, 1 anything else.
#[derive(Debug)]
pub struct Fail {
    /// For the shell.
    pub code: u8,
    /// For the person.
    pub message: String,
    /// One line each: what is wrong where.
    pub details: Vec<String>,
}

impl Fail {
    /// Wrong configuration or input.
    pub fn config(message: impl std::fmt::Display) -> Self {
        Self { code: 2, message: message.to_string(), details: vec![] }
    }

    /// The data folder is in use.
    pub fn in_use(message: impl std::fmt::Display) -> Self {
        Self { code: 3, message: message.to_string(), details: vec![] }
    }

    /// Anything else.
    pub fn other(message: impl std::fmt::Display) -> Self {
        Self { code: 1, message: message.to_string(), details: vec![] }
    }

    /// What is wrong with a file, with its name before each line.
    pub fn of_file(mut self, file: &Path) -> Self {
        let name = file.display();
        self.message = format!("{name}: {}", self.message);
        for line in self.details.iter_mut().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
            *line = format!("{name}:{}", line.replacen("::", ":", 1));
        }
        self
    }

    /// Tells the person.
    #[allow(clippy::print_stderr, reason = "the program's last words")]
    pub fn print(&self) {
        eprintln!("motcua: {}", self.message);
        for line in &self.details {
            eprintln!("  {line}");
        }
    }
}

impl From<ListenError> for Fail {
    fn from(error: ListenError) -> Self {
        let code = if matches!(error, ListenError::InUse { .. }) { 4 } else { 2 };
        Self { code, message: error.to_string(), details: vec![] }
    }
}

impl From<tonic::Status> for Fail {
    fn from(status: tonic::Status) -> Self {
        use tonic_types::StatusExt as _;
        let details = status
            .get_details_bad_request()
            .map(|bad| {
                bad.field_violations
                    .into_iter()
                    .map(|v| match v.field.as_str() {
                        "" => v.description,
                        field => format!("{field}: {}", v.description),
                    })
                    // One finding is the message itself.
                    .filter(|line| {
                        !status.message().ends_with(line.split_once(": ").map_or(line.as_str(), |(_, text)| text))
                    })
                    .collect()
            })
            .unwrap_or_default();
        let reason = grpc::reason(&status).unwrap_or_else(|| format!("{:?}", status.code()));
        let code = match status.code() {
            tonic::Code::InvalidArgument | tonic::Code::FailedPrecondition | tonic::Code::NotFound => 2,
            _ => 1,
        };
        Self { code, message: format!("{} [{reason}]", status.message()), details }
    }
}
