//! `motcua`: a whole one-stop centre in one binary, or one of its services.

mod cli;
mod client;
mod commands;
mod data;
mod embedded;
mod fail;
mod serve;
mod up;

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // One provider of cryptography in the process, before anything opens TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => {
            fail.print();
            ExitCode::from(fail.code)
        }
    }
}
