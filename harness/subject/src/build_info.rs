//! The compiler settings of the timed code, as recorded by the build script.

/// The compiler's version string.
pub const RUSTC: &str = env!("SHARDPROOF_BUILD_RUSTC");
/// Cargo's profile: `release` or `debug`.
pub const PROFILE: &str = env!("SHARDPROOF_BUILD_PROFILE");
/// The optimisation level: `0` to `3`, `s` or `z`.
pub const OPT_LEVEL: &str = env!("SHARDPROOF_BUILD_OPT_LEVEL");
/// The target triple.
pub const TARGET: &str = env!("SHARDPROOF_BUILD_TARGET");
