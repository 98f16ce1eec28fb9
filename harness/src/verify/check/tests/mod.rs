//! Tests of the checker: histories written by hand, and random ones of a model.

mod anomalies;
mod model;
mod properties;
mod steps;
