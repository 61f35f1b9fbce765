//! The outside world, stricter than the real one: a gateway that counts what it accepted, a printer that reads its bytes.
pub mod escpos;
mod http;
pub mod identity;
pub mod otlp;
pub mod printer;
pub mod sms;
pub mod smtp;
pub mod wire;
pub mod zalo;
