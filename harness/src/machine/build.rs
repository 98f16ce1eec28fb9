//! What was built, as the build script recorded it.

use crate::evidence::Build;

/// The build of this program.
#[must_use]
pub fn describe() -> Build {
    Build {
        commit: env!("SHARDPROOF_BUILD_COMMIT").to_owned(),
        dirty: match env!("SHARDPROOF_BUILD_DIRTY") {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        rustc: env!("SHARDPROOF_BUILD_RUSTC").to_owned(),
        profile: env!("SHARDPROOF_BUILD_PROFILE").to_owned(),
        opt_level: env!("SHARDPROOF_BUILD_OPT_LEVEL").to_owned(),
        target: env!("SHARDPROOF_BUILD_TARGET").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
