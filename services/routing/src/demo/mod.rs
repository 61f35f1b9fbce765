//! The demo centre that a first start applies.

/// The demo centre of Vĩnh Long, as a centre's file.
pub const DEMO_CENTRE_TOML: &str = include_str!("vinh_long.toml");
