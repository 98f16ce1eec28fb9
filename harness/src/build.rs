//! What was built, as the build scripts recorded it.

use shardproof_evidence::Build;
use shardproof_subject::compiled;

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
        rustc: compiled::RUSTC.to_owned(),
        profile: compiled::PROFILE.to_owned(),
        opt_level: compiled::OPT_LEVEL.to_owned(),
        target: compiled::TARGET.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
