//! Exponential deviates by the ziggurat method, with tables and tail from `libm`.
//!
//! Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables", 2000, with 256 layers.

use rand::Rng;
use std::sync::LazyLock;

const LAYERS: usize = 256;
/// Right edge of the lowest layer, and the area of each (same paper, exponential, 256 layers).
const R: f64 = 7.697_117_470_131_05;
const AREA: f64 = 0.003_949_659_822_581_557;

struct Tables {
    /// Right edges, from the widest; `x[LAYERS]` is 0.
    x: [f64; LAYERS + 1],
    /// `exp(-x)` of each.
    f: [f64; LAYERS + 1],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut x = [0.0; LAYERS + 1];
    let mut f = [0.0; LAYERS + 1];
    x[0] = AREA / libm::exp(-R);
    x[1] = R;
    for i in 2..LAYERS {
        x[i] = -libm::log(libm::exp(-x[i - 1]) + AREA / x[i - 1]);
    }
    for i in 0..=LAYERS {
        f[i] = libm::exp(-x[i]);
    }
    Tables { x, f }
});

/// An exponential deviate of mean 1.
#[inline(always)]
pub(super) fn exponential<G: Rng + ?Sized>(rng: &mut G) -> f64 {
    let tables = &*TABLES;
    let bits = rng.next_u64();
    let layer = (bits & 0xff) as usize;
    let x = (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0) * tables.x[layer];
    if x < tables.x[layer + 1] { x } else { rare(rng, tables, layer, x) }
}

/// The wedge beside a layer or the tail: about one draw in ninety.
#[cold]
#[inline(never)]
fn rare<G: Rng + ?Sized>(rng: &mut G, tables: &Tables, mut layer: usize, mut x: f64) -> f64 {
    let unit = |rng: &mut G| ((rng.next_u64() >> 11) + 1) as f64 * (1.0 / 9_007_199_254_740_992.0);
    loop {
        if layer == 0 {
            // Memoryless: beyond R the tail is again exponential.
            return R - libm::log(unit(rng));
        }
        let height = tables.f[layer + 1] + (tables.f[layer] - tables.f[layer + 1]) * unit(rng);
        if height < libm::exp(-x) {
            return x;
        }
        let bits = rng.next_u64();
        layer = (bits & 0xff) as usize;
        x = (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0) * tables.x[layer];
        if x < tables.x[layer + 1] {
            return x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamKey;

    #[test]
    fn moments_and_tail_are_those_of_the_exponential() {
        let mut rng = StreamKey::new(3, 0).stream("ziggurat");
        let n = 2_000_000;
        let (mut sum, mut squares, mut cubes, mut beyond) = (0.0, 0.0, 0.0, [0u32; 4]);
        let cuts = [0.1, 1.0, 3.0, 8.0];
        for _ in 0..n {
            let x = exponential(&mut rng);
            sum += x;
            squares += x * x;
            cubes += x * x * x;
            for (count, cut) in beyond.iter_mut().zip(cuts) {
                *count += u32::from(x > cut);
            }
        }
        let n = f64::from(n);
        // Five standard errors of each: Var[X] = 1, Var[X^2] = 20, Var[X^3] = 684.
        assert!((sum / n - 1.0).abs() < 5.0 / libm::sqrt(n));
        assert!((squares / n - 2.0).abs() < 5.0 * libm::sqrt(20.0 / n));
        assert!((cubes / n - 6.0).abs() < 5.0 * libm::sqrt(684.0 / n));
        for (count, cut) in beyond.iter().zip(cuts) {
            let p = libm::exp(-cut);
            assert!((f64::from(*count) / n - p).abs() < 5.0 * libm::sqrt(p * (1.0 - p) / n), "beyond {cut}");
        }
    }
}
