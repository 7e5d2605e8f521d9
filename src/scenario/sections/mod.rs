//! The tables of a scenario: one file each, with its keys and how they become a part of the plan.

pub mod cluster;
pub mod downstream;
pub mod fault;
pub mod group;
pub mod network;
pub mod precision;
pub mod producer;
pub mod top;
pub mod topic;
