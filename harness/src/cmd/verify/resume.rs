//! What `verify --resume` goes on with, and why it refuses to.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use shardproof::base::excerpt::excerpt;
use shardproof::evidence::verification::{VerificationConfig, VerificationRun};
use shardproof::evidence::{Evidence, Verification};

use crate::cmd::message::say;
use crate::cmd::verify::{Arguments, FILE_NAME, sanitizer};

/// What to do where nothing else would help.
const FIX: &str = "start again without --resume, or give another folder with --out";

/// The properties that an earlier run settled; `None` without `--resume`, or where there is none.
///
/// # Errors
/// When the earlier run is another one than is asked for: the error names the field that differs.
pub(super) fn verification(
    arguments: &Arguments,
) -> anyhow::Result<Option<(VerificationRun, Vec<Verification>)>> {
    let Some((path, older)) = earlier(arguments)? else { return Ok(None) };
    let Some(run) = older.verification.clone() else { return nothing(&path) };
    let at = Place { path: &path, run: "verification.config" };
    at.check_same(&older, &run.config, arguments)?;
    let mut executors = names(&arguments.executors());
    executors.push(sanitizer::EXECUTOR.to_owned());
    let rows = older.verifications;
    at.check_among("subjects", rows.iter().map(|row| &row.subject), &arguments.subjects)?;
    at.check_among("executors", rows.iter().map(|row| &row.executor), &executors)?;
    Ok(Some((run, rows)))
}

/// The seeded faults that an earlier run hunted, as [`verification`] does it.
///
/// # Errors
/// The same.
#[cfg(feature = "faults")]
pub(super) fn fault_hunt(
    arguments: &Arguments,
    ids: &[String],
) -> anyhow::Result<Option<Vec<shardproof::evidence::verification::Fault>>> {
    let Some((path, older)) = earlier(arguments)? else { return Ok(None) };
    let Some(config) = older.fault_hunt.clone() else { return nothing(&path) };
    let at = Place { path: &path, run: "fault_hunt" };
    at.check_same(&older, &config, arguments)?;
    let executors = names(&arguments.executors());
    at.check("executors", &config.executors.join(","), &executors.join(","))?;
    at.check_among("fault", older.faults.iter().map(|fault| &fault.id), ids)?;
    Ok(Some(older.faults))
}

/// The file that says what is done, with `--resume`.
fn earlier(arguments: &Arguments) -> anyhow::Result<Option<(PathBuf, Evidence)>> {
    let path = arguments.out.join(FILE_NAME);
    if !arguments.resume {
        return Ok(None);
    }
    if !path.exists() {
        return nothing(&path);
    }
    let older = Evidence::read(&path).with_context(|| format!("cannot resume: {FIX}"))?;
    Ok(Some((path, older)))
}

/// There is nothing to go on with, which is no error: a script may always give `--resume`.
fn nothing<T>(path: &Path) -> anyhow::Result<Option<T>> {
    say(format_args!("nothing to resume in {}: starting anew", path.display()));
    Ok(None)
}

fn names(all: &[impl ToString]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// Where a field of the earlier run stands.
struct Place<'a> {
    /// The file.
    path: &'a Path,
    /// The field of what was asked for.
    run: &'static str,
}

impl Place<'_> {
    fn check_same(
        &self,
        older: &Evidence,
        config: &VerificationConfig,
        arguments: &Arguments,
    ) -> anyhow::Result<()> {
        if older.build != shardproof::build::describe() {
            let path = self.path.display();
            bail!("{path}: field `build`: the earlier run is of another build: {FIX}");
        }
        self.check("profile", &config.profile, arguments.profile.as_str())?;
        self.check("seed", &config.seed.to_string(), &arguments.seed.to_string())
    }

    fn check(&self, flag: &str, earlier: &str, now: &str) -> anyhow::Result<()> {
        if earlier != now {
            let Self { path, run } = self;
            let (path, earlier) = (path.display(), excerpt(earlier));
            bail!(
                "{path}: field `{run}.{flag}`: the earlier run has {earlier}, this one {now}: give \
                 --{flag} {earlier}, or {FIX}"
            );
        }
        Ok(())
    }

    /// Refuses results that are not asked for: they would be lost, or decide the exit code.
    fn check_among<'a>(
        &self,
        flag: &str,
        earlier: impl Iterator<Item = &'a String>,
        now: &[String],
    ) -> anyhow::Result<()> {
        for name in earlier {
            if !now.contains(name) {
                let (path, name) = (self.path.display(), excerpt(name));
                bail!(
                    "{path}: the earlier run has results of {name}, which this one is not asked for: \
                     add it to --{flag}, or {FIX}"
                );
            }
        }
        Ok(())
    }
}
