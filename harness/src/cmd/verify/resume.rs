//! `verify --resume`: reads earlier results and checks that they match.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::base::excerpt::excerpt;
use crate::cmd::message::say;
use crate::cmd::verify::{Arguments, FILE_NAME, sanitizer};
use crate::evidence::verification::{VerificationConfig, VerificationRun};
use crate::evidence::{Evidence, Verification};

/// Fallback advice.
const FIX: &str = "start again without --resume, or choose another folder with --out";

/// The results of an earlier run; `None` without `--resume`, or if there is none.
///
/// # Errors
/// If the earlier run had different settings; the error names the field.
pub(super) fn verification(
    arguments: &Arguments,
) -> anyhow::Result<Option<(VerificationRun, Vec<Verification>)>> {
    let Some((path, older)) = earlier(arguments)? else { return Ok(None) };
    let Some(run) = older.verification.clone() else { return nothing(&path) };
    let earlier_run = EarlierRun { path: &path, run: "verification.config" };
    earlier_run.check_same(&older, &run.config, arguments)?;
    let mut executors = names(&arguments.executors());
    executors.push(sanitizer::EXECUTOR.to_owned());
    let rows = older.verifications;
    earlier_run.check_among(
        "subjects",
        rows.iter().map(|row| &row.subject),
        &arguments.subjects,
    )?;
    earlier_run.check_among("executors", rows.iter().map(|row| &row.executor), &executors)?;
    Ok(Some((run, rows)))
}

/// The seeded faults that an earlier run hunted, like [`verification`].
///
/// # Errors
/// The same.
#[cfg(feature = "faults")]
pub(super) fn fault_hunt(
    arguments: &Arguments,
    ids: &[String],
) -> anyhow::Result<Option<Vec<crate::evidence::verification::Fault>>> {
    let Some((path, older)) = earlier(arguments)? else { return Ok(None) };
    let Some(config) = older.fault_hunt.clone() else { return nothing(&path) };
    let earlier_run = EarlierRun { path: &path, run: "fault_hunt" };
    earlier_run.check_same(&older, &config, arguments)?;
    let executors = names(&arguments.executors());
    earlier_run.check("executors", &config.executors.join(","), &executors.join(","))?;
    earlier_run.check_among("fault", older.faults.iter().map(|fault| &fault.id), ids)?;
    Ok(Some(older.faults))
}

/// The evidence to resume from, with `--resume`.
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

/// Reports that there is nothing to resume. Not an error, so that scripts can always use
/// `--resume`.
fn nothing<T>(path: &Path) -> anyhow::Result<Option<T>> {
    say(format_args!("nothing to resume in {}: starting from the beginning", path.display()));
    Ok(None)
}

fn names(all: &[impl ToString]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// The location of the earlier run, for errors.
struct EarlierRun<'a> {
    /// The file.
    path: &'a Path,
    /// The field with its settings.
    run: &'static str,
}

impl EarlierRun<'_> {
    fn check_same(
        &self,
        older: &Evidence,
        config: &VerificationConfig,
        arguments: &Arguments,
    ) -> anyhow::Result<()> {
        if older.build != crate::build::describe() {
            let path = self.path.display();
            bail!("{path}: field `build`: the earlier run used a different build: {FIX}");
        }
        self.check("profile", &config.profile, arguments.profile.as_str())?;
        self.check("seed", &config.seed.to_string(), &arguments.seed.to_string())?;
        if config.properties != names(&arguments.axioms().iter().collect::<Vec<_>>()) {
            let Self { path, run } = self;
            bail!(
                "{}: field `{run}.properties`: the earlier run checked other properties: give the \
                 same --properties or --except, or {FIX}",
                path.display()
            );
        }
        Ok(())
    }

    fn check(&self, flag: &str, earlier: &str, now: &str) -> anyhow::Result<()> {
        if earlier != now {
            let Self { path, run } = self;
            let (path, earlier) = (path.display(), excerpt(earlier));
            bail!(
                "{path}: field `{run}.{flag}`: the earlier run has {earlier}, this one {now}: use \
                 --{flag} {earlier}, or {FIX}"
            );
        }
        Ok(())
    }

    /// Rejects results that were not requested: they would be lost, or affect the exit code.
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
                    "{path}: the earlier run has results of {name}, which this one does not \
                     include: add it to --{flag}, or {FIX}"
                );
            }
        }
        Ok(())
    }
}
