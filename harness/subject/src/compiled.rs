//! How the timed code was compiled, as the build script recorded it.

/// The compiler, as it names itself.
pub const RUSTC: &str = env!("SHARDPROOF_BUILD_RUSTC");
/// Cargo's profile: `release` or `debug`.
pub const PROFILE: &str = env!("SHARDPROOF_BUILD_PROFILE");
/// The level of optimisation: `0` to `3`, `s` or `z`.
pub const OPT_LEVEL: &str = env!("SHARDPROOF_BUILD_OPT_LEVEL");
/// The target's triple.
pub const TARGET: &str = env!("SHARDPROOF_BUILD_TARGET");
