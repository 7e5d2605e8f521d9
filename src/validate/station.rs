//! Queueing theory, through plain stations.

use super::case::{Case, Group, Size, Trial, Unit};
use super::formulas::{
    blocked_m_m_c_k, erlang_b, erlang_c, quantile_m_m_1, sojourn_m_m_c_k, throughput_of_returning,
    throughput_of_window, wait_m_g_1, wait_m_m_c, waits_by_priority,
};
use super::rule::Rule;
use super::sources;
use crate::engine::Dist;
use crate::station::{Class, Source, StationPlan, StationRecord};

/// Mean service time: a millisecond.
const SERVICE: f64 = 1e-3;
/// Replications of each trial.
const RUNS: u32 = 32;

type Read = Box<dyn Fn(&StationRecord) -> f64 + Send + Sync>;

fn exponential(mean: f64) -> Dist {
    Dist::exponential(mean * 1e9).expect("above zero")
}

fn constant(length: f64) -> Dist {
    Dist::Constant(libm::round(length * 1e9) as u64)
}

fn gamma(mean: f64, cs2: f64) -> Dist {
    Dist::gamma(mean * 1e9, libm::sqrt(cs2)).expect("above zero")
}

/// One server at this load.
fn single(rho: f64, service: Dist, customers: u64) -> StationPlan {
    StationPlan::single(exponential(SERVICE / rho), service, customers)
}

/// The plan in words.
pub(super) fn in_words(plan: &StationPlan) -> String {
    let time = |dist: &Dist| {
        let mean = dist.mean() / 1e6;
        match dist {
            Dist::Constant(_) => format!("{mean} ms, constant"),
            Dist::Exponential { .. } => format!("{mean:.6} ms on average, exponential"),
            _ => format!("{mean:.6} ms on average, gamma-distributed"),
        }
    };
    let mut text = format!("servers:   {}\n", plan.servers);
    text += &match plan.capacity {
        Some(most) => format!("room for:  {most} customers, those in service included\n"),
        None => "room for:  any number of customers\n".to_owned(),
    };
    text += &format!(
        "customers: {} in each of {RUNS} replications, then until the station is empty\n",
        plan.customers
    );
    for (i, class) in plan.classes.iter().enumerate() {
        if plan.classes.len() > 1 {
            text += &format!("class {}, which goes before the later ones and interrupts nobody\n", i + 1);
        }
        text += &match &class.source {
            Source::Outside(gap) => format!("  arrivals: one every {}\n", time(gap)),
            Source::Returning { population, away } => {
                format!("  arrivals: {population} customers, each away for {}\n", time(away))
            }
        };
        text += &format!("  service:  {}\n", time(&class.service));
    }
    text
}

/// A station, its cases, and Little's law.
fn trial(name: impl Into<String>, title: &str, plan: StationPlan, mut cases: Vec<(Case, Read)>) -> Trial {
    let law = Case::predicted(
        "little",
        "area under the number inside over the summed times inside",
        Unit::Ratio,
        1.0,
        0.0,
    )
    .by("L = lambda W, from empty to empty", sources::LITTLE)
    .rule(Rule::Every { grain: 0.0 });
    cases.push((
        law,
        Box::new(|r| if r.area == r.sojourn() { 1.0 } else { r.area as f64 / r.sojourn() as f64 }),
    ));
    let (cases, reads): (Vec<Case>, Vec<Read>) = cases.into_iter().unzip();
    Trial {
        group: Group::Station,
        name: name.into(),
        title: title.to_owned(),
        script: in_words(&plan),
        replications: RUNS,
        cases,
        play: Box::new(move |stage, replication| {
            let record = stage.station(&plan, replication);
            reads.iter().map(|read| read(&record)).collect()
        }),
    }
}

fn mean_time(formula: &str, source: &'static str, value: f64, resolution: f64) -> (Case, Read) {
    let case = Case::predicted("mean", "mean time in the station", Unit::Seconds, value, resolution);
    (case.by(formula, source), Box::new(|r| r.classes[0].mean_sojourn()))
}

fn blocked(formula: &str, source: &'static str, value: f64, resolution: f64) -> (Case, Read) {
    let case = Case::predicted("blocked", "share turned away", Unit::Ratio, value, resolution);
    (case.by(formula, source), Box::new(|r| r.classes[0].share_turned_away()))
}

/// All of them.
pub(super) fn trials(size: Size) -> Vec<Trial> {
    let mut all = markovian(size);
    all.extend(general(size));
    all.extend(several_servers(size));
    all.extend(limited(size));
    all.extend(loss(size));
    all.extend(priorities(size));
    all.extend(windows(size));
    all.push(pooled_against_partitioned(size));
    all
}

fn markovian(size: Size) -> Vec<Trial> {
    let one = |(rho, customers, mean, tail): (f64, u64, f64, f64)| {
        let plan = single(rho, exponential(SERVICE), size.long(customers)).with_distribution();
        let quantile = |name, q: f64| -> (Case, Read) {
            let figure = format!("{} of the times in the station", &name);
            let case =
                Case::predicted(name, &figure, Unit::Seconds, quantile_m_m_1(rho / SERVICE, SERVICE, q), 0.0)
                    .by("-ln(1 - q) / (mu - lambda)", sources::KLEINROCK_SOJOURN)
                    .rule(Rule::Interval { resolution: size.fine(tail), grain: 1.0 / 64.0 });
            (case, Box::new(move |r| r.classes[0].quantile(q)))
        };
        let busy =
            Case::predicted("utilisation", "share of the time at work", Unit::Ratio, rho, size.fine(0.01))
                .by("lambda E[S] / c", sources::UTILISATION);
        let cases: Vec<(Case, Read)> = vec![
            mean_time("1 / (mu - lambda)", sources::KLEINROCK_M_M_1, SERVICE / (1.0 - rho), size.fine(mean)),
            quantile("p50", 0.5),
            quantile("p99", 0.99),
            (busy, Box::new(|r| r.busy as f64 / r.end.0 as f64)),
        ];
        trial(format!("m-m-1-{rho}"), &format!("M/M/1 at load {rho}"), plan, cases)
    };
    [(0.5, 40_000, 0.015, 0.03), (0.8, 200_000, 0.03, 0.05), (0.9, 300_000, 0.05, 0.09)].map(one).into()
}

fn general(size: Size) -> Vec<Trial> {
    let one = |(name, cs2, rho, customers, resolution): (&str, f64, f64, u64, f64)| {
        let service = if cs2 == 0.0 { constant(SERVICE) } else { gamma(SERVICE, cs2) };
        let plan = single(rho, service, size.long(customers));
        let title = match cs2 {
            0.0 => format!("M/D/1 at load {rho}"),
            _ => format!("M/G/1 with cs2 = {cs2} at load {rho}"),
        };
        let expected = wait_m_g_1(rho / SERVICE, SERVICE, cs2) + SERVICE;
        let formula = "E[S] + lambda E[S^2] / (2 (1 - rho))";
        let cases = vec![mean_time(formula, sources::POLLACZEK, expected, size.fine(resolution))];
        trial(format!("{name}-{rho}"), &title, plan, cases)
    };
    [
        ("m-d-1", 0.0, 0.5, 40_000, 0.01),
        ("m-d-1", 0.0, 0.8, 60_000, 0.03),
        ("m-d-1", 0.0, 0.9, 120_000, 0.05),
        ("m-g-1-cs2-4", 4.0, 0.5, 80_000, 0.04),
        ("m-g-1-cs2-4", 4.0, 0.8, 160_000, 0.08),
    ]
    .map(one)
    .into()
}

fn several_servers(size: Size) -> Vec<Trial> {
    let one = |(c, customers): (u32, u64)| {
        let a = 0.8 * f64::from(c);
        let rate = a / SERVICE;
        let plan = StationPlan::single(exponential(1.0 / rate), exponential(SERVICE), size.long(customers))
            .servers(c);
        let waits = Case::predicted(
            "waits",
            "share of customers who wait",
            Unit::Ratio,
            erlang_c(a, c),
            size.fine(0.03),
        )
        .by("C(c, a)", sources::ERLANG_C);
        let wait = Case::predicted(
            "wait",
            "mean wait",
            Unit::Seconds,
            wait_m_m_c(rate, SERVICE, c),
            size.fine(0.08),
        )
        .by("C(c, a) / (c mu - lambda)", sources::ERLANG_C);
        let cases: Vec<(Case, Read)> = vec![
            (waits, Box::new(|r| r.classes[0].share_waited())),
            (wait, Box::new(|r| r.classes[0].mean_wait())),
        ];
        trial(format!("m-m-{c}-0.8"), &format!("M/M/{c} at load 0.8"), plan, cases)
    };
    [(2, 100_000), (4, 100_000), (16, 160_000)].map(one).into()
}

/// Lines of limited length.
fn limited(size: Size) -> Vec<Trial> {
    let one = |(c, k, a, resolution): (u32, u32, f64, f64)| {
        let rate = a / SERVICE;
        let plan = StationPlan::single(exponential(1.0 / rate), exponential(SERVICE), size.long(60_000))
            .servers(c)
            .capacity(k);
        let share = blocked_m_m_c_k(a, c, k);
        let time = sojourn_m_m_c_k(rate, SERVICE, c, k);
        let cases = vec![
            blocked("P(K)", sources::BIRTH_DEATH, share, size.fine(resolution)),
            mean_time("L / (lambda (1 - P(K)))", sources::BIRTH_DEATH, time, size.fine(0.02)),
        ];
        trial(format!("m-m-{c}-{k}-a{a}"), &format!("M/M/{c}/{k} of offered load {a}"), plan, cases)
    };
    [(1, 10, 0.8, 0.06), (1, 10, 1.2, 0.03), (10, 20, 8.0, 0.12), (10, 20, 12.0, 0.03)].map(one).into()
}

/// Erlang's loss formula, for exponential, constant and irregular services alike.
fn loss(size: Size) -> Vec<Trial> {
    let (a, c) = (8.0, 10);
    let one = |(name, service, words): (&str, Dist, &str)| {
        let plan =
            StationPlan::single(exponential(SERVICE / a), service, size.long(60_000)).servers(c).capacity(c);
        let cases = vec![blocked("B(c, a)", sources::ERLANG_B, erlang_b(a, c), size.fine(0.04))];
        trial(
            format!("erlang-b-{name}"),
            &format!("Ten lines without a queue, offered load 8, {words} service"),
            plan,
            cases,
        )
    };
    [
        ("m", exponential(SERVICE), "exponential"),
        ("d", constant(SERVICE), "constant"),
        ("g", gamma(SERVICE, 4.0), "irregular (cs2 = 4)"),
    ]
    .map(one)
    .into()
}

fn priorities(size: Size) -> Vec<Trial> {
    let one = |(name, words, services): (&str, &str, [(f64, f64); 2])| {
        let loads = [0.3, 0.5];
        let classes: Vec<(f64, f64, f64)> =
            loads.iter().zip(services).map(|(rho, (mean, cs2))| (rho / mean, mean, cs2)).collect();
        let plan = StationPlan {
            classes: classes
                .iter()
                .map(|&(rate, mean, cs2)| Class {
                    source: Source::Outside(exponential(1.0 / rate)),
                    service: if cs2 == 1.0 { exponential(mean) } else { gamma(mean, cs2) },
                })
                .collect(),
            servers: 1,
            capacity: None,
            customers: size.long(120_000),
            distribution: false,
        };
        let waits = waits_by_priority(&classes);
        let wait = |name, figure, i: usize, resolution| -> (Case, Read) {
            let case = Case::predicted(name, figure, Unit::Seconds, waits[i], size.fine(resolution))
                .by("R / ((1 - s(k-1)) (1 - s(k))), R = sum of lambda E[S^2] / 2", sources::COBHAM);
            (case, Box::new(move |r| r.classes[i].mean_wait()))
        };
        let kept = loads.iter().zip(&waits).map(|(rho, w)| rho * w).sum();
        let conserved = Case::predicted(
            "conserved",
            "waits weighted by their class's load",
            Unit::Seconds,
            kept,
            size.fine(0.05),
        )
        .by("sum of rho W, whoever goes first", sources::CONSERVATION);
        let sum = move |r: &StationRecord| {
            r.classes.iter().zip(loads).map(|(class, rho)| rho * class.mean_wait()).sum()
        };
        let cases = vec![
            wait("first", "mean wait of those who go first", 0, 0.03),
            wait("second", "mean wait of the others", 1, 0.06),
            (conserved, Box::new(sum) as Read),
        ];
        trial(format!("priority-{name}"), &format!("Two classes, of load 0.3 and 0.5, {words}"), plan, cases)
    };
    [
        ("alike", "whose services are alike", [(SERVICE, 1.0), (SERVICE, 1.0)]),
        ("unlike", "whose services differ in length and regularity", [(SERVICE, 0.25), (2.0 * SERVICE, 2.0)]),
    ]
    .map(one)
    .into()
}

/// A window of open requests: a new one goes out when an answer is back.
fn windows(size: Size) -> Vec<Trial> {
    // The figures of the source: 100 ms there and back, 4 ms of service.
    let (trip, service) = (0.1, 4e-3);
    let plan = |k: u32, away: Dist, length: Dist, customers: u64| StationPlan {
        classes: vec![Class { source: Source::Returning { population: k, away }, service: length }],
        servers: 1,
        capacity: None,
        customers,
        distribution: false,
    };
    let fixed = |k: u32| {
        let expected = throughput_of_window(k, trip, service);
        // The first round trip ends without an answer: one window's worth of requests is missing.
        let customers = 20_000;
        let grain = expected * f64::from(2 * k + 2) / customers as f64;
        let case = Case::predicted("throughput", "services per second", Unit::PerSecond, expected, 0.0)
            .by("min(1 / s, k / (RTT + s))", sources::WINDOW)
            .rule(Rule::Every { grain });
        let cases: Vec<(Case, Read)> = vec![(case, Box::new(StationRecord::throughput))];
        let title = format!("A window of {k}, round trip 100 ms, service 4 ms, both constant");
        trial(format!("window-{k}"), &title, plan(k, constant(trip), constant(service), customers), cases)
    };
    let random = |k: u32| {
        let expected = throughput_of_returning(k, trip, service);
        let case =
            Case::predicted("throughput", "services per second", Unit::PerSecond, expected, size.fine(0.01))
                .by("mu (1 - P(0)), P(n) ~ k! / (k - n)! (s / RTT)^n", sources::REPAIRMAN);
        let cases: Vec<(Case, Read)> = vec![(case, Box::new(StationRecord::throughput))];
        let title = format!("A window of {k}, round trip 100 ms, service 4 ms, both exponential");
        trial(
            format!("window-{k}-m"),
            &title,
            plan(k, exponential(trip), exponential(service), size.long(40_000)),
            cases,
        )
    };
    vec![fixed(1), fixed(13), fixed(26), fixed(51), random(13), random(26)]
}

/// Ten lines with a server each against one line with ten servers.
fn pooled_against_partitioned(size: Size) -> Trial {
    let (c, rho) = (10_u32, 0.8);
    let customers = size.long(160_000);
    let apart = single(rho, exponential(SERVICE), customers);
    let together =
        StationPlan::single(exponential(SERVICE / rho / f64::from(c)), exponential(SERVICE), customers)
            .servers(c);
    let value = f64::from(c) * rho / erlang_c(rho * f64::from(c), c);
    let case = Case::predicted(
        "ratio",
        "wait in a line of one's own over wait in a common one",
        Unit::Ratio,
        value,
        size.fine(0.1),
    )
    .by("c rho / C(c, a)", sources::ERLANG_C);
    Trial {
        group: Group::Station,
        name: "pooled-partitioned".into(),
        title: "Ten lines with a server each, against one line with ten servers, at load 0.8".into(),
        script: format!("Partitioned, one of ten:\n{}\nPooled:\n{}", in_words(&apart), in_words(&together)),
        replications: RUNS,
        cases: vec![case],
        play: Box::new(move |stage, replication| {
            let [apart, together] =
                [&apart, &together].map(|plan| stage.station(plan, replication).classes[0].mean_wait());
            vec![apart / together]
        }),
    }
}
