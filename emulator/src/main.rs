//! `cognito-emulator`: flags, start and end.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use cognito_emulator::guard::Guard;
use cognito_emulator::static_files::Site;
use cognito_emulator::{Clock, Emulator, config, server};
use tokio::signal::unix::{SignalKind, signal};

/// Amazon Cognito user pools on localhost, for tests and for work without a network.
#[derive(Debug, Parser)]
#[command(version)]
struct Flags {
    /// The port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 7665)]
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
    /// Where links in that directory may lead as well; may be given several times.
    #[arg(long, value_name = "PATH", requires = "serve")]
    follow: Vec<PathBuf>,
    /// A name, beside localhost, under which the emulator is reached; may be given several times.
    #[arg(long, value_name = "NAME")]
    allowed_host: Vec<String>,
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
    let site = match &flags.serve {
        Some(directory) => Some(Site::new(directory, &flags.follow)?),
        None => None,
    };
    let now = Clock::default().now();
    let state = match &flags.config {
        Some(file) => config::read(file, now).map_err(|problem| format!("--config {}: {problem}", file.display()))?,
        None => config::default_state(now)?,
    };
    // Before the line that says that it runs: its reader may end it at once.
    let told_to_end = end_signal().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let listener = server::bind(SocketAddr::new(flags.host, flags.port)).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    // The process that started the emulator may not be reading any more.
    let _ = writeln!(std::io::stdout(), "cognito-emulator listening on http://{address}");
    let (end, mut ended) = tokio::sync::watch::channel(());
    let (emulator, guard) = (Arc::new(Emulator::new(state)), Guard::new(flags.allowed_host));
    let serving = server::serve(listener, emulator, guard, site, async move {
        let _ = ended.changed().await;
    });
    tokio::select! {
        served = serving => served.map_err(|error| error.to_string()),
        () = async {
            told_to_end.await;
            let _ = end.send(());
            // Open connections end in peace, but one that does not end is not waited for.
            tokio::time::sleep(LAST_ANSWERS).await;
        } => Ok(()),
    }
}

/// Resolves at the first SIGINT or SIGTERM from now on.
fn end_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
