//! The hash by which Kafka's clients place a key: 32-bit MurmurHash2 with Kafka's seed.
//!
//! Austin Appleby's function as in `org.apache.kafka.common.utils.Utils.murmur2`. Knows nothing of
//! partitioners.

use crate::model::keys::Keys;

const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;

/// The hash of `data`, with the sign Java gives it.
pub fn murmur2(data: &[u8]) -> i32 {
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    // Java's lengths are of 32 bits, and only those bits enter the hash.
    let mut h = SEED ^ data.len() as u32;
    for word in words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k ^= k >> 24;
        h = h.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (i, byte) in rest.iter().enumerate() {
            h ^= u32::from(*byte) << (8 * i);
        }
        h = h.wrapping_mul(M);
    }
    h ^= h >> 13;
    h = h.wrapping_mul(M);
    (h ^ (h >> 15)).cast_signed()
}

/// The partition of `key` among `n`, which must not be 0: the hash without its sign bit, modulo `n`.
pub fn partition_of(key: &[u8], n: u32) -> u32 {
    (murmur2(key) & 0x7fff_ffff).cast_unsigned() % n
}

/// The partition of every key by its name.
pub(super) fn partitions_of(keys: &dyn Keys, n: u32) -> Vec<u32> {
    (0..keys.count()).map(|key| partition_of(keys.name(key).as_bytes(), n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_clients_own_tests() {
        // Kafka's UtilsTest.testMurmur2; the last two by a second implementation.
        let cases: [(&str, i32); 8] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
            ("", 275_646_681),
            ("order-0", -1_282_856_692),
        ];
        for (key, hash) in cases {
            assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
        }
        assert_eq!((partition_of(b"order-1", 6), partition_of(b"order-1", 12)), (4, 10));
        assert_eq!((partition_of(b"user-42", 6), partition_of(b"foobar", 12)), (4, 6));
    }

    #[test]
    fn keys_go_where_real_clients_sent_them() {
        let text = include_str!("../../../assets/recorded/partitioner.json");
        let data: serde_json::Value = serde_json::from_str(text).expect("the recording is JSON");
        let rows = data["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), 100);
        for row in rows {
            let key = row["key"].as_str().expect("a key");
            assert_eq!(Some(i64::from(murmur2(key.as_bytes()))), row["murmur2_i32"].as_i64(), "{key}");
            let partitions = row["partition"].as_object().expect("partitions");
            assert_eq!(partitions.len(), 4);
            for (n, partition) in partitions {
                let n = n.parse().expect("a number of partitions");
                assert_eq!(
                    Some(u64::from(partition_of(key.as_bytes(), n))),
                    partition.as_u64(),
                    "{key} of {n}"
                );
            }
        }
    }
}
