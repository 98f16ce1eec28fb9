//! Build information, as recorded by the build scripts.

use shardproof_evidence::Build;
use shardproof_subject::build_info;

/// The version with the commit and the features that this program was built with.
pub const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (commit ",
    env!("SHARDPROOF_BUILD_COMMIT"),
    ", features: ",
    env!("SHARDPROOF_BUILD_FEATURES"),
    ")"
);

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
        rustc: build_info::RUSTC.to_owned(),
        profile: build_info::PROFILE.to_owned(),
        opt_level: build_info::OPT_LEVEL.to_owned(),
        target: build_info::TARGET.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
