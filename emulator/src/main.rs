//! `cognito-emulator`: flags, start and end.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use cognito_emulator::{Clock, Emulator, config, server};
use tokio::signal::unix::{SignalKind, signal};

/// Amazon Cognito user pools on localhost, for tests and for work without a network.
#[derive(Debug, Parser)]
#[command(version)]
struct Flags {
    /// The port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 9229)]
    port: u16,
    /// The address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = host)]
    host: IpAddr,
    /// Listen on an address that other machines reach. Anyone who reaches it can read every code and change every user.
    #[arg(long)]
    allow_remote: bool,
    /// The pools, clients and users to begin with, instead of the built-in pool.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A directory with a page to serve beside the API.
    #[arg(long, value_name = "DIR")]
    serve: Option<PathBuf>,
}

/// How long open connections get at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

fn host(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    text.parse()
        .map_err(|_| "expected an IP address or localhost".to_owned())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("cognito-emulator: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), String> {
    if !flags.host.is_loopback() && !flags.allow_remote {
        return Err(format!(
            "{} can be reached from other machines; use a loopback address, or say --allow-remote if that is meant",
            flags.host
        ));
    }
    if let Some(directory) = flags.serve.as_ref().filter(|directory| !directory.is_dir()) {
        return Err(format!("--serve {}: not a directory", directory.display()));
    }
    let now = Clock::default().now();
    let state = match &flags.config {
        Some(file) => config::read(file, now).map_err(|problem| format!("--config {}: {problem}", file.display()))?,
        None => config::default_state(now)?,
    };
    let listener = server::bind(SocketAddr::new(flags.host, flags.port)).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    // Whoever started the emulator may not be listening any more.
    let _ = writeln!(std::io::stdout(), "cognito-emulator listening on http://{address}");
    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let serving = server::serve(listener, Arc::new(Emulator::new(state)), flags.serve, async move {
        let _ = stopped.changed().await;
    });
    tokio::select! {
        served = serving => served.map_err(|error| error.to_string()),
        () = async {
            stop_signal().await;
            let _ = stop.send(());
            // Open connections end in peace, but nobody waits for one that does not end.
            tokio::time::sleep(LAST_ANSWERS).await;
        } => Ok(()),
    }
}

/// SIGINT or SIGTERM.
async fn stop_signal() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
