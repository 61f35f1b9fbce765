//! The contracts of Một Cửa, generated from `proto/motcua/**`.
#![allow(missing_docs, reason = "documented in the .proto files")]
#![allow(clippy::all)]
include!(concat!(env!("OUT_DIR"), "/mod.rs"));

pub use motcua::*;

/// Encoded `FileDescriptorSet`, for gRPC reflection and for tests that walk every RPC.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
