//! Names of the environment that decide where the proxy listens, and where it goes.

use std::net::{Ipv4Addr, ToSocketAddrs};

/// The first that is set wins: so another proxy in the chain may have the names that AWS's samples share.
const PORT: [&str; 2] = ["MAINTENANCE_WINDOW_PROXY_PORT", "LRAP_LISTENER_PORT"];
const DEFAULT_PORT: u16 = 9009;
const UPSTREAM: &str = "MAINTENANCE_WINDOW_PROXY_UPSTREAM";
/// Every extension of a function has the same environment: where this one names us, it is another proxy's that stands before us.
const SHARED_UPSTREAM: &str = "LRAP_RUNTIME_API_ENDPOINT";
const LAMBDA: &str = "AWS_LAMBDA_RUNTIME_API";

pub struct Settings {
    /// Where requests of the runtime go.
    pub upstream: String,
    pub port: u16,
}

/// Value of a variable; none where it is empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether a text is `host:port`, and no URL.
fn is_address(text: &str) -> bool {
    let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '@', ' ']);
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    text.rsplit_once(':').is_some_and(|(host, port)| is_host(host) && is_port(port))
}

/// Whether a connection to an address, however it is written, is one to this port of this machine's.
fn leads_to(address: &str, port: u16) -> bool {
    let has_port = address.rsplit_once(':').is_some_and(|(_, text)| text.parse() == Ok(port));
    let found = if has_port { address.to_socket_addrs().ok() } else { None };
    let mut addresses = found.into_iter().flatten().map(|found| found.ip().to_canonical());
    addresses.any(|ip| ip == Ipv4Addr::LOCALHOST || ip.is_unspecified())
}

impl Settings {
    /// A fault names the variable, its value, and what is allowed.
    pub fn read() -> Result<Settings, String> {
        let named = PORT.iter().find_map(|name| Some((name, variable(name)?)));
        let port = match &named {
            None => DEFAULT_PORT,
            Some((name, text)) => match text.parse() {
                Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => port,
                _ => {
                    return Err(format!(
                        "{name}: \"{text}\" is not allowed; write a number of a port, from 1 to 65535"
                    ));
                }
            },
        };
        let is_own = |address: &str| leads_to(address, port);
        let (name, upstream) = [UPSTREAM, SHARED_UPSTREAM, LAMBDA]
            .iter()
            .filter_map(|name| Some((*name, variable(name)?)))
            .find(|(name, upstream)| *name != SHARED_UPSTREAM || !is_own(upstream))
            .ok_or("AWS_LAMBDA_RUNTIME_API is not set")?;
        if !is_address(&upstream) {
            return Err(format!("{name}: \"{upstream}\" is not allowed; write host:port"));
        }
        if is_own(&upstream) {
            return Err(format!(
                "{name}: \"{upstream}\" is the proxy's own port; write where the Runtime API is, or another {}",
                PORT[0]
            ));
        }
        Ok(Settings { upstream, port })
    }
}
