use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PrintError;
use super::spool::{Reach, Spool};

const CONNECT_MAX: Duration = Duration::from_secs(2);

/// An ESC/POS printer on the network, usually at port 9100.
pub type TcpPrinter = Spool<Network>;

/// `host:port`.
#[derive(Debug)]
pub struct Network {
    address: String,
}

impl TcpPrinter {
    /// A printer at `host:port`, its paper so many dots wide.
    #[must_use]
    pub fn at(address: String, dots: usize) -> Self {
        Self::new(Network { address }, dots)
    }
}

#[async_trait::async_trait]
impl Reach for Network {
    type Line = TcpStream;

    async fn open(&self) -> Result<TcpStream, PrintError> {
        let unreachable = |reason: String| PrintError::Unreachable { address: self.address.clone(), reason };
        match timeout(CONNECT_MAX, TcpStream::connect(&self.address)).await {
            Ok(Ok(stream)) => {
                // Questions are three bytes: they must not wait for each other.
                stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
                Ok(stream)
            }
            Ok(Err(error)) => Err(unreachable(error.to_string())),
            Err(_) => Err(unreachable("connect timed out".into())),
        }
    }

    fn place(&self) -> String {
        self.address.clone()
    }
}
