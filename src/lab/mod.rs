//! Judges what an experiment found
