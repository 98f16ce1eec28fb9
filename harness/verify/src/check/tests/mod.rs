//! Tests of the checker: histories written by hand, and random ones of a model.

mod acknowledged;
mod anomalies;
mod collected;
mod dice;
mod interval;
mod model;
mod partial_versions;
mod properties;
mod steps;
mod vacuity;
