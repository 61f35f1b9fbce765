//! Listeners: which address, which refusal, which remedy.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

/// Why a listener was refused.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else holds the port.
    #[error("{key}: port {} of {} is in use by another program; choose another with {key} {}:PORT, or port 0 for any free one", .address.port(), .address.ip(), .address.ip())]
    InUse {
        /// Flag or setting.
        key: String,
        /// The address asked for.
        address: SocketAddr,
    },
    /// A network address without TLS in front of it.
    #[error(
        "{key}: {address} is reachable from the network and this listener has no TLS; listen on 127.0.0.1, or put a TLS proxy in front and say so with tls_in_front = true"
    )]
    Plain {
        /// Flag or setting.
        key: String,
        /// The address asked for.
        address: SocketAddr,
    },
    /// The system said no.
    #[error("{key}: cannot listen on {address}: {source}")]
    Io {
        /// Flag or setting.
        key: String,
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Binds `address`; `key` is the flag or setting it came from. `tls_in_front` is the operator's word that a proxy
/// ends TLS before it.
pub async fn bind(key: &str, address: SocketAddr, tls_in_front: bool) -> Result<TcpListener, ListenError> {
    if !is_loopback(address.ip()) && !tls_in_front {
        return Err(ListenError::Plain { key: key.into(), address });
    }
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => ListenError::InUse { key: key.into(), address },
        _ => ListenError::Io { key: key.into(), address, source },
    })
}

/// Whether only this machine can reach the address.
pub fn is_loopback(ip: IpAddr) -> bool {
    ip.is_loopback()
}
