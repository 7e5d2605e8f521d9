//! The formulas, by themselves. Rates per second, times in seconds.

/// Mean wait in an M/G/1 queue, `cs2` the squared coefficient of variation of the service (Pollaczek and
/// Khinchine; Kleinrock, Queueing Systems I, 1975, section 5.6).
pub fn wait_m_g_1(rate: f64, service: f64, cs2: f64) -> f64 {
    let rho = rate * service;
    rho * (1.0 + cs2) * service / (2.0 * (1.0 - rho))
}

/// Mean wait in an M/M/c queue (Erlang 1917; Kleinrock I, section 3.5).
pub fn wait_m_m_c(rate: f64, service: f64, c: u32) -> f64 {
    let a = rate * service;
    let rho = a / f64::from(c);
    let blocked = (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b));
    let waits = blocked / (1.0 - rho * (1.0 - blocked));
    waits * service / (f64::from(c) * (1.0 - rho))
}

/// Mean number waiting and in service where up to `most` are served together for an exponential time, and
/// who comes later waits for the next turn (partial batches; Bailey, J. R. Stat. Soc. B 1954).
///
/// With j waiting while the server is busy, p(j) = p(0) r^j, where r in (0, 1) solves
/// mu r^(most+1) - (lambda + mu) r + lambda = 0; idle has probability p(0) mu / lambda. By Little's law
/// lambda / mu are in service.
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

#[test]
fn the_formulas_give_the_values_of_tables() {
    let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-3, "{a} and {b}");
    close(wait_m_g_1(0.8, 1.0, 1.0), 4.0);
    close(wait_m_g_1(0.9, 1.0, 0.0), 4.5);
    // Erlang C of 10 servers at load 8 is 0.40918; one server is M/M/1.
    close(wait_m_m_c(8.0, 1.0, 10), 0.40918 / 2.0);
    close(wait_m_m_c(0.8, 1.0, 1), 4.0);
    // Batches of one are M/M/1: rho / (1 - rho). The others agree with a separate simulation.
    close(number_in_batch_service(0.8, 1.0, 1), 4.0);
    close(number_in_batch_service(3.0, 1.0, 5), 7.770);
    close(number_in_batch_service(8.0, 1.0, 10), 31.27);
}
