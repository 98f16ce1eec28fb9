//! The law itself: fitting it to points, and evaluating it.

use shardproof_stats::least_squares::{Equation, non_negative};

/// Throughput over thread counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Law {
    /// Operations per second of one thread.
    pub(super) lambda_ops_s: f64,
    /// Contention: cost of each further thread through serialisation.
    pub(super) sigma: f64,
    /// Coherence: half the cost of each pair of threads.
    pub(super) kappa: f64,
}

/// Throughput at one thread count.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Point {
    /// Threads at work.
    pub(super) threads: usize,
    /// Operations per second.
    pub(super) ops_s: f64,
}

impl Law {
    /// Fits the law with the least sum of squared relative errors of N / X(N), the time that a
    /// thread takes per operation. `None` if the points do not determine a law, or give one thread
    /// no speed.
    pub(super) fn fit(points: &[Point]) -> Option<Self> {
        let equations: Vec<Equation<3>> = points.iter().map(Point::equation).collect();
        let [one_s, line_s, pairs_s] = non_negative(&equations)?;
        let law =
            Self { lambda_ops_s: one_s.recip(), sigma: line_s / one_s, kappa: pairs_s / one_s };
        (one_s > 0.0).then_some(law)
    }

    /// Operations per second at a number of threads.
    pub(super) fn ops_s_at(&self, threads: f64) -> f64 {
        let Self { lambda_ops_s, sigma, kappa } = self;
        let others = threads - 1.0;
        lambda_ops_s * threads / (1.0 + sigma * others + kappa * threads * others)
    }

    /// The number of threads, at least one, with the highest throughput; `None` if more threads are
    /// never slower.
    pub(super) fn peak_threads(&self) -> Option<f64> {
        let falls = self.kappa > 0.0 || self.sigma > 1.0;
        // Contention may be so high that even the second thread lowers throughput.
        let peak = || ((1.0 - self.sigma).max(0.0) / self.kappa).sqrt().max(1.0);
        falls.then(peak)
    }

    /// The largest error, relative to the measured value.
    pub(super) fn error_max(&self, points: &[Point]) -> f64 {
        let error =
            |point: &Point| (point.ops_s - self.ops_s_at(point.threads as f64)).abs() / point.ops_s;
        points.iter().map(error).fold(0.0, f64::max)
    }
}

impl Point {
    /// The equation that the law should satisfy at this point, divided by its right side, so that
    /// all points have the same weight, however slow.
    fn equation(&self) -> Equation<3> {
        let threads = self.threads as f64;
        let time_s = threads / self.ops_s;
        let others = threads - 1.0;
        let factors = [1.0, others, threads * others].map(|factor| factor / time_s);
        Equation { factors, target: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(law: Law, threads: &[usize]) -> Vec<Point> {
        let point =
            |threads: &usize| Point { threads: *threads, ops_s: law.ops_s_at(*threads as f64) };
        threads.iter().map(point).collect()
    }

    #[test]
    fn a_law_is_recovered_from_its_own_values() {
        for (sigma, kappa) in [(0.05, 0.002), (0.9, 0.1), (1.3, 0.01), (1e-4, 1e-6), (0.0, 0.5)] {
            let law = Law { lambda_ops_s: 57e6, sigma, kappa };
            let fitted = Law::fit(&points(law, &[1, 2, 3, 4, 8, 16, 64, 256])).unwrap();
            let close = |left: f64, right: f64| (left - right).abs() <= 1e-9 * right.max(1e-3);
            assert!(close(fitted.lambda_ops_s / 57e6, 1.0), "{fitted:?}");
            assert!(close(fitted.sigma, sigma) && close(fitted.kappa, kappa), "{fitted:?}");
        }
    }

    #[test]
    fn without_coherence_cost_kappa_is_exactly_zero() {
        let law = Law { lambda_ops_s: 8e6, sigma: 0.1, kappa: 0.0 };
        let fitted = Law::fit(&points(law, &[1, 2, 4, 8, 16])).unwrap();
        assert_eq!((fitted.kappa, fitted.peak_threads()), (0.0, None));
        assert!((fitted.sigma - 0.1).abs() < 1e-12, "{fitted:?}");
    }

    #[test]
    fn superlinear_speedup_has_zero_cost_and_not_a_negative_one() {
        let point = |threads, ops_s| Point { threads, ops_s };
        let points = [point(1, 1.0), point(2, 2.1), point(4, 4.3), point(8, 8.9)];
        let fitted = Law::fit(&points).unwrap();
        assert_eq!((fitted.sigma, fitted.kappa), (0.0, 0.0));
        assert!((1.0..1.12).contains(&fitted.lambda_ops_s), "{fitted:?}");
        assert!((0.05..0.10).contains(&fitted.error_max(&points)), "{fitted:?}");
    }

    #[test]
    fn slow_points_have_the_same_weight_as_fast_ones() {
        // Ten thousand times slower for all: the same law, but for lambda.
        let law = Law { lambda_ops_s: 1e6, sigma: 0.2, kappa: 0.01 };
        let mut points = points(law, &[1, 2, 4, 8]);
        points[2].ops_s *= 1.1;
        let fast = Law::fit(&points).unwrap();
        points.iter_mut().for_each(|point| point.ops_s /= 1e4);
        let slow = Law::fit(&points).unwrap();
        assert!((fast.sigma - slow.sigma).abs() < 1e-12, "{fast:?} {slow:?}");
        // The slow end is not sacrificed for the fast one: time grows 30-fold here.
        let steep = Law { lambda_ops_s: 1e6, sigma: 0.5, kappa: 0.1 };
        let mut points = self::points(steep, &[1, 2, 4, 8, 16]);
        points[0].ops_s *= 1.02;
        let fitted = Law::fit(&points).unwrap();
        assert!(fitted.error_max(&points) < 0.02, "{}", fitted.error_max(&points));
    }

    #[test]
    fn the_peak_is_where_throughput_is_highest() {
        let law = Law { lambda_ops_s: 1e6, sigma: 0.04, kappa: 0.015 };
        let peak = law.peak_threads().unwrap();
        assert!((peak - 8.0).abs() < 1e-12, "{peak}");
        assert!(law.ops_s_at(peak) > law.ops_s_at(peak - 0.1));
        assert!(law.ops_s_at(peak) > law.ops_s_at(peak + 0.1));
    }

    #[test]
    fn if_the_second_thread_lowers_throughput_the_peak_is_one() {
        for (sigma, kappa) in [(1.5, 0.0), (1.5, 0.1), (0.5, 4.0)] {
            let law = Law { lambda_ops_s: 1e6, sigma, kappa };
            assert_eq!(law.peak_threads(), Some(1.0), "{sigma} {kappa}");
            assert!(law.ops_s_at(2.0) < law.ops_s_at(1.0));
        }
    }

    #[test]
    fn points_that_leave_one_thread_no_speed_have_no_law() {
        let point = |threads, ops_s| Point { threads, ops_s };
        let wild = [point(1, 1.0), point(2, 2_000.0), point(3, 150.0), point(4, 100.0)];
        assert_eq!(Law::fit(&wild), None);
    }
}
