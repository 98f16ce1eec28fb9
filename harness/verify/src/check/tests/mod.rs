//! Tests of the checker: histories written by hand, and random ones of a model.

mod acknowledged;
mod anomalies;
mod collected;
mod dice;
mod hidden;
mod model;
mod properties;
mod steps;
mod vacuity;
