//! Where keys lie among the 2^128 hashes that the shards of a stream share, and which of them a new stream's shards have.
//!
//! As in Amazon Kinesis Data Streams ("key concepts": MD5, and hash key ranges). Knows nothing of shards themselves.

use md5::{Digest, Md5};

/// The place of a key among the 2^128.
pub fn hash(key: &[u8]) -> u128 {
    u128::from_be_bytes(Md5::digest(key).into())
}

/// Where the range of the `i`-th of `n` shards begins, as a new stream has them.
pub fn range_start(i: u32, n: u32) -> u128 {
    if i == 0 {
        return 0;
    }
    // Of 2^128 - 1 the quotient and the remainder make those of 2^128.
    let (n, i) = (u128::from(n), u128::from(i));
    let (each, rest) = (u128::MAX / n, u128::MAX % n + 1);
    each * i + rest * i / n
}

/// Which of `n` shards of a new stream has this hash.
pub fn shard_of(hash: u128, n: u32) -> u32 {
    let (mut low, mut high) = (0, n - 1);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if range_start(middle, n) <= hash {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_rfc_1321() {
        for (text, hex) in [
            ("", 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e_u128),
            ("abc", 0x9001_5098_3cd2_4fb0_d696_3f7d_28e1_7f72),
            ("message digest", 0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0),
        ] {
            assert_eq!(hash(text.as_bytes()), hex);
        }
    }

    #[test]
    fn ranges_meet_and_leave_nothing_out() {
        // Of two shards and of four, as `aws kinesis describe-stream` shows them.
        assert_eq!(range_start(1, 2), 170_141_183_460_469_231_731_687_303_715_884_105_728);
        assert_eq!(range_start(3, 4), 255_211_775_190_703_847_597_530_955_573_826_158_592);
        for n in [1, 2, 3, 4, 7, 1000, 100_000] {
            assert_eq!((shard_of(0, n), shard_of(u128::MAX, n)), (0, n - 1));
            for i in (1..n).step_by(n as usize / 7 + 1) {
                let start = range_start(i, n);
                assert_eq!((shard_of(start - 1, n), shard_of(start, n)), (i - 1, i), "{i} of {n}");
            }
        }
    }
}
