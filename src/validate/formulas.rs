//! Closed forms, each with its source. Rates per second, times in seconds. Knows nothing of what is simulated.

/// Mean wait in an M/G/1 queue, `cs2` the squared coefficient of variation of the service (Pollaczek and
/// Khinchine; Kleinrock, Queueing Systems I, 1975, section 5.6).
pub fn wait_m_g_1(rate: f64, service: f64, cs2: f64) -> f64 {
    let rho = rate * service;
    rho * (1.0 + cs2) * service / (2.0 * (1.0 - rho))
}

/// What a share `q` of the times in an M/M/1 queue do not exceed: they are exponential with rate mu - lambda
/// (Kleinrock I, section 5.7).
pub fn quantile_m_m_1(rate: f64, service: f64, q: f64) -> f64 {
    -libm::log1p(-q) / (1.0 / service - rate)
}

/// Erlang's B: the share of calls that `c` lines of offered load `a` turn away (Erlang 1917; Kleinrock I, section
/// 3.6). It holds for any distribution of the service (Sevastyanov 1957).
pub fn erlang_b(a: f64, c: u32) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// Erlang's C: the probability that all of `c` servers of offered load `a` are busy (Kleinrock I, section 3.5).
pub fn erlang_c(a: f64, c: u32) -> f64 {
    let blocked = erlang_b(a, c);
    blocked / (1.0 - a / f64::from(c) * (1.0 - blocked))
}

/// Mean wait in an M/M/c queue (Erlang 1917; Kleinrock I, section 3.5).
pub fn wait_m_m_c(rate: f64, service: f64, c: u32) -> f64 {
    let a = rate * service;
    erlang_c(a, c) * service / (f64::from(c) - a)
}

/// Probabilities of 0 to `k` customers in an M/M/c/K queue of offered load `a` (birth and death; Kleinrock I,
/// section 3.8).
fn states_m_m_c_k(a: f64, c: u32, k: u32) -> Vec<f64> {
    let mut weights = vec![1.0];
    for n in 1..=k {
        let last = weights[weights.len() - 1];
        weights.push(last * a / f64::from(n.min(c)));
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|w| w / sum).collect()
}

/// The share that an M/M/c/K queue of offered load `a` turns away.
pub fn blocked_m_m_c_k(a: f64, c: u32, k: u32) -> f64 {
    states_m_m_c_k(a, c, k)[k as usize]
}

/// Mean time in an M/M/c/K queue of those who are let in, by Little's law.
pub fn sojourn_m_m_c_k(rate: f64, service: f64, c: u32, k: u32) -> f64 {
    let states = states_m_m_c_k(rate * service, c, k);
    let inside: f64 = states.iter().zip(0_u32..).map(|(p, n)| p * f64::from(n)).sum();
    inside / (rate * (1.0 - states[k as usize]))
}

/// Mean waits by class, the most important first, in an M/G/1 queue that serves by class and interrupts nobody;
/// classes are given as (rate, mean service, its cs2) (Cobham 1954; Kleinrock, Queueing Systems II, 1976, section
/// 3.6).
pub fn waits_by_priority(classes: &[(f64, f64, f64)]) -> Vec<f64> {
    let residual: f64 = classes.iter().map(|(l, s, cs2)| l * s * s * (1.0 + cs2) / 2.0).sum();
    let mut above = 0.0;
    let wait = |&(l, s, _): &(f64, f64, f64)| {
        let before = above;
        above += l * s;
        residual / ((1.0 - before) * (1.0 - above))
    };
    classes.iter().map(wait).collect()
}

/// Mean number waiting and in service where up to `most` are served together for an exponential time, and who
/// comes later waits for the next turn (partial batches; Bailey, J. R. Stat. Soc. B 1954).
///
/// With j waiting while the server is busy, p(j) = p(0) r^j, where r in (0, 1) solves
/// mu r^(most+1) - (lambda + mu) r + lambda = 0; idle has probability p(0) mu / lambda. By Little's law lambda / mu
/// are in service.
pub fn number_in_batch_service(rate: f64, mu: f64, most: u32) -> f64 {
    let f = |r: f64| mu * libm::pow(r, f64::from(most + 1)) - (rate + mu) * r + rate;
    // f(0) > 0, f(1) = 0, and f is negative just below 1 while the queue is stable.
    let (mut low, mut high) = (0.0, 1.0 - 1e-9);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if f(middle) > 0.0 { low = middle } else { high = middle }
    }
    let r = (low + high) / 2.0;
    let p0 = 1.0 / (mu / rate + 1.0 / (1.0 - r));
    p0 * r / ((1.0 - r) * (1.0 - r)) + rate / mu
}

/// Services per second of one exponential server for `population` customers who stay away for an exponential time
/// after each (the machine repairman; Palm 1947; Kleinrock I, section 3.10).
pub fn throughput_of_returning(population: u32, away: f64, service: f64) -> f64 {
    let (mut weight, mut sum) = (1.0, 1.0);
    for n in 0..population {
        weight *= f64::from(population - n) * service / away;
        sum += weight;
    }
    (1.0 - 1.0 / sum) / service
}

/// Services per second with a window of `k` open requests, a round trip of `trip` and a service of `service`, both
/// constant: a full pipe or a busy server, whichever is less.
pub fn throughput_of_window(k: u32, trip: f64, service: f64) -> f64 {
    (f64::from(k) / (trip + service)).min(1.0 / service)
}

/// Mean wait of a record for its batch: the first waits the whole linger T; while it does, Poisson records join it,
/// lambda T on average, and wait half of it.
pub fn linger_wait(rate: f64, linger: f64) -> f64 {
    let company = rate * linger;
    linger * (1.0 + company / 2.0) / (1.0 + company)
}

/// Time between two automatic commits, which happen inside poll(): the first multiple of a poll's length that
/// reaches the interval.
pub fn commit_period(interval: f64, poll: f64) -> f64 {
    poll * libm::ceil(interval / poll - 1e-9)
}

/// Mean tries of a record that fails with probability `p` per try and is tried again `retries` times at most.
pub fn tries(p: f64, retries: u32) -> f64 {
    (0..=retries).map(|k| libm::pow(p, f64::from(k))).sum()
}

/// The share of the hottest of `n` keys of a Zipf distribution with this exponent: 1 / H(n, s).
pub fn zipf_share(n: u32, exponent: f64) -> f64 {
    1.0 / (1..=n).map(|k| libm::pow(f64::from(k), -exponent)).sum::<f64>()
}

/// Mean number of `bins` that stay empty when `balls` fall into them at random: bins (1 - 1/bins)^balls.
pub fn empty_bins(balls: u32, bins: u32) -> f64 {
    let bins = f64::from(bins);
    bins * libm::pow(1.0 - 1.0 / bins, f64::from(balls))
}

/// Mean of the greatest of `n` independent times, uniform from 0 to `length`.
pub fn last_of_uniform(n: u32, length: f64) -> f64 {
    length * f64::from(n) / f64::from(n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(a: f64, b: f64) {
        assert!((a / b - 1.0).abs() < 1e-3, "{a} and {b}");
    }

    /// Figures from tables (Kleinrock; Cooper, Introduction to Queueing Theory, 1981), or worked out by hand.
    #[test]
    fn the_formulas_give_the_values_of_tables() {
        close(wait_m_g_1(0.8, 1.0, 1.0), 4.0);
        close(wait_m_g_1(0.9, 1.0, 0.0), 4.5);
        close(wait_m_g_1(0.9, 1.0, 4.0), 22.5);
        close(quantile_m_m_1(0.9, 1.0, 0.99), 46.05);
        close(erlang_b(8.0, 10), 0.12166);
        close(erlang_c(8.0, 10), 0.40918);
        close(erlang_c(1.6, 2), 0.7111);
        close(wait_m_m_c(8.0, 1.0, 10), 0.40918 / 2.0);
        close(wait_m_m_c(0.8, 1.0, 1), 4.0);
        close(blocked_m_m_c_k(0.8, 1, 10), 0.02349);
        close(blocked_m_m_c_k(1.2, 1, 10), 0.19259);
        close(blocked_m_m_c_k(12.0, 10, 20), 0.17967);
        close(blocked_m_m_c_k(8.0, 10, 10), erlang_b(8.0, 10));
        close(sojourn_m_m_c_k(0.5, 1.0, 1, 60), 2.0);
        close(waits_by_priority(&[(0.3, 1.0, 1.0), (0.5, 1.0, 1.0)])[0], 1.1429);
        close(waits_by_priority(&[(0.3, 1.0, 1.0), (0.5, 1.0, 1.0)])[1], 5.7143);
        // Batches of one are M/M/1: rho / (1 - rho).
        close(number_in_batch_service(0.8, 1.0, 1), 4.0);
        close(number_in_batch_service(3.0, 1.0, 5), 7.770);
        close(number_in_batch_service(8.0, 1.0, 10), 31.27);
        // One who returns: one service per cycle.
        close(throughput_of_returning(1, 4.0, 1.0), 0.2);
        close(throughput_of_returning(200, 4.0, 1.0), 1.0);
        close(throughput_of_window(26, 100.0, 4.0), 0.25);
        close(throughput_of_window(1, 100.0, 4.0) * 4.0, 0.0385);
        close(linger_wait(100.0, 5e-3), 4.167e-3);
        close(linger_wait(1e4, 5e-3), 2.549e-3);
        close(commit_period(5.0, 0.7), 5.6);
        close(commit_period(5.0, 0.1), 5.0);
        close(tries(0.5, 3), 1.875);
        close(tries(1.0, 4), 5.0);
        close(zipf_share(1000, 1.0), 0.1336);
        close(empty_bins(12, 12), 4.2237);
        close(last_of_uniform(10, 3.0), 2.7273);
    }
}
