use motcua_store::StoreError;

/// Why web could not start or do its own part.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The accounts' database.
    #[error("accounts: {0}")]
    Store(#[from] StoreError),
    /// The machine gives no random bytes.
    #[error("no random bytes")]
    Random,
    /// A setting that cannot work.
    #[error("{key}: {problem}")]
    Setting {
        /// The key's name.
        key: &'static str,
        /// What is wrong and what to write instead.
        problem: String,
    },
    /// The listener.
    #[error("listener: {0}")]
    Listen(#[from] std::io::Error),
}
