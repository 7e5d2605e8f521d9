//! How many machine instructions three fixed cases take: the same number on every run of one binary, whatever
//! else the machine does, so that a change of a few percent is seen in review.
//!
//! `cargo bench --bench instructions` counts with valgrind, prints the counts beside those of
//! `benches/instructions.txt`, and fails if one has moved by more than 3 %. `LAGLAB_BLESS=1` writes them anew.
//! Counts belong to a compiler version and a processor family; the file says which.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]

use laglab::engine::{Dist, EventQueue, Rank, StreamKey, Time, WheelQueue};
use laglab::experiment::once;
use laglab::experiment::watch::Unwatched;
use laglab::scenario::{Overrides, Scenario};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

/// A piece of work, which says how many units it did.
type Work = fn() -> u64;
/// Each case by its name.
const CASES: &[(&str, Work)] = &[("hold-100k", hold), ("sparse-10s", sparse), ("dense-200ms", dense)];
/// A count that moves by more than this share is to be explained.
const TOLERANCE: f64 = 0.03;

/// 400 000 hold operations with 100 000 events pending.
fn hold() -> u64 {
    let (pending, operations) = (100_000_u32, 400_000);
    let gap = Dist::exponential(1e9).expect("the mean is above zero");
    let mut stream = StreamKey::new(42, 0).stream("hold");
    let mut queue = WheelQueue::default();
    for target in 0..pending {
        queue.push(Time(gap.sample(&mut stream)), Rank::Normal, [u64::from(target), 1, 2]);
    }
    for _ in 0..operations {
        let (at, mut event) = queue.pop().expect("as many go in as come out");
        event[1] = event[1].wrapping_add(event[0]);
        queue.push(Time(at.0 + gap.sample(&mut stream)), Rank::Normal, event);
    }
    black_box(queue.pop());
    operations
}

fn pipeline(text: &str, duration: &str) -> u64 {
    let set = vec![("duration".to_owned(), format!("\"{duration}\""))];
    let overrides = Overrides { set, ..Overrides::default() };
    let scenario =
        Scenario::parse("pipeline", text, &overrides, &mut |file| Err(format!("{file}: not needed")))
            .expect("a shipped scenario is valid");
    black_box(once::run(&scenario.variants[0].plan, 0, &Unwatched)).created
}

fn sparse() -> u64 {
    pipeline(include_str!("../scenarios/speed/sparse-pipeline.toml"), "10s")
}

fn dense() -> u64 {
    pipeline(include_str!("../scenarios/speed/dense-pipeline.toml"), "200ms")
}

/// Instructions of this program running one case, as callgrind counts them.
fn count(case: &str) -> Result<u64, String> {
    let myself = std::env::current_exe().map_err(|e| e.to_string())?;
    let done = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(myself)
        .args(["--case", case])
        .output()
        .map_err(|e| format!("valgrind cannot be run ({e}); it is needed to count instructions"))?;
    let told = String::from_utf8_lossy(&done.stderr);
    let line = told.lines().find(|line| line.contains("Collected :"));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).ok_or_else(|| format!("no count: {told}"))
}

fn compare(file: &Path) -> Result<bool, String> {
    let kept = fs::read_to_string(file).unwrap_or_default();
    let before = |case: &str| {
        let line = kept.lines().find(|line| line.split_whitespace().next() == Some(case))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let version = Command::new("rustc").arg("--version").output().map_err(|e| e.to_string())?;
    let mut anew = format!(
        "# Instructions per case: cargo bench --bench instructions\n# {}, {}\n",
        String::from_utf8_lossy(&version.stdout).trim(),
        std::env::consts::ARCH
    );
    let mut steady = true;
    for (case, _) in CASES {
        let now = count(case)?;
        let change = before(case).map(|was| now as f64 / was as f64 - 1.0);
        let moved = change.is_none_or(|c| c.abs() > TOLERANCE);
        steady &= !moved;
        let change = change.map_or("new".to_owned(), |c| format!("{:+.2} %", 100.0 * c));
        println!("{case:12} {now:>14}  {change}{}", if moved { "  <- explain this" } else { "" });
        anew.push_str(&format!("{case} {now}\n"));
    }
    if std::env::var_os("LAGLAB_BLESS").is_some() {
        fs::write(file, anew).map_err(|e| e.to_string())?;
        return Ok(true);
    }
    Ok(steady)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|a| a == "--case") {
        let case = CASES.iter().find(|(name, _)| Some(*name) == args.get(at + 1).map(String::as_str));
        let (_, work) = case.expect("a case of the list");
        black_box(work());
        return ExitCode::SUCCESS;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    match compare(&file) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            println!(
                "a count has moved by more than 3 %: say why in the commit, with LAGLAB_BLESS=1 for the new ones"
            );
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
