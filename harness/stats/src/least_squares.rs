//! Non-negative least squares.

/// A column counts as linearly dependent if its residual, relative to its length, is below this.
const DEPENDENCE_MAX: f64 = 1e-10;
/// The decrease of the sum of squares, relative to the sum of squared targets, that justifies
/// another unknown: rounding alone stays below this.
const IMPROVEMENT_MIN: f64 = 1e-24;

/// One equation: the factors of the unknowns, and the target for their sum.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Equation<const K: usize> {
    /// The factor of each unknown.
    pub factors: [f64; K],
    /// The target.
    pub target: f64,
}

/// The non-negative unknowns that minimise the sum of squared residuals. `None` if they are not
/// determined, or a number is not finite.
///
/// Tries every set of non-zero unknowns, so keep `K` small. This is exact: the problem is convex,
/// and the non-zero unknowns of its solution solve the unconstrained problem in those unknowns. So
/// the solution is among the candidates, and no feasible candidate is better. Among equally good
/// candidates, the one with the most zeros wins.
#[must_use]
pub fn non_negative<const K: usize>(equations: &[Equation<K>]) -> Option<[f64; K]> {
    let rounding = IMPROVEMENT_MIN * equations.iter().map(|each| each.target.powi(2)).sum::<f64>();
    let mut choices: Vec<u32> = (1..1 << K).collect();
    choices.sort_by_key(|choice| choice.count_ones());
    let mut best: Option<Solution<K>> = None;
    for choice in choices {
        let solution = solve(equations, |unknown| choice >> unknown & 1 == 1);
        let allowed = solution.filter(|it| it.unknowns.iter().all(|unknown| *unknown >= 0.0));
        let Some(solution) = allowed else { continue };
        if best.as_ref().is_none_or(|best| solution.squares < best.squares - rounding) {
            best = Some(solution);
        }
    }
    best.map(|best| best.unknowns)
}

/// A candidate.
struct Solution<const K: usize> {
    /// The unknowns.
    unknowns: [f64; K],
    /// The sum of squared residuals.
    squares: f64,
}

/// Solves for the chosen unknowns, of any sign, with all others 0. Orthogonalises the columns by
/// modified Gram-Schmidt, because the normal equations would square the error.
fn solve<const K: usize>(
    equations: &[Equation<K>],
    is_chosen: impl Fn(usize) -> bool,
) -> Option<Solution<K>> {
    let mut rest: Vec<f64> = equations.iter().map(|each| each.target).collect();
    let mut directions: Vec<(usize, Vec<f64>)> = Vec::with_capacity(K);
    // The projections of each column, and of the targets, on each direction.
    let (mut projections, mut coefficients) = ([[0.0; K]; K], [0.0; K]);
    for unknown in (0..K).filter(|unknown| is_chosen(*unknown)) {
        let mut column: Vec<f64> = equations.iter().map(|each| each.factors[unknown]).collect();
        let length = dot_product(&column, &column).sqrt();
        for (earlier, direction) in &directions {
            projections[*earlier][unknown] = project_out(&mut column, direction);
        }
        let left = dot_product(&column, &column).sqrt();
        let is_determined = left.is_finite() && left > length * DEPENDENCE_MAX;
        if !is_determined {
            return None;
        }
        column.iter_mut().for_each(|number| *number /= left);
        projections[unknown][unknown] = left;
        coefficients[unknown] = project_out(&mut rest, &column);
        directions.push((unknown, column));
    }
    let mut unknowns = [0.0; K];
    for (unknown, _) in directions.iter().rev() {
        let later: f64 =
            (unknown + 1..K).map(|later| projections[*unknown][later] * unknowns[later]).sum();
        unknowns[*unknown] = (coefficients[*unknown] - later) / projections[*unknown][*unknown];
    }
    let squares = dot_product(&rest, &rest);
    squares.is_finite().then_some(Solution { unknowns, squares })
}

/// Removes the projection of `numbers` on a direction, and returns its length.
fn project_out(numbers: &mut [f64], direction: &[f64]) -> f64 {
    let share = dot_product(numbers, direction);
    numbers.iter_mut().zip(direction).for_each(|(number, part)| *number -= share * part);
    share
}

fn dot_product(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equations<const K: usize>(rows: &[([f64; K], f64)]) -> Vec<Equation<K>> {
        rows.iter()
            .map(|(factors, target)| Equation { factors: *factors, target: *target })
            .collect()
    }

    fn squares<const K: usize>(equations: &[Equation<K>], unknowns: [f64; K]) -> f64 {
        let sum = |each: &Equation<K>| dot_product(&each.factors, &unknowns);
        equations.iter().map(|each| (sum(each) - each.target).powi(2)).sum()
    }

    #[test]
    fn a_line_through_the_points_is_found() {
        let line = equations(&[([1.0, 0.0], 3.0), ([1.0, 1.0], 5.0), ([1.0, 2.0], 7.0)]);
        let [start, slope] = non_negative(&line).unwrap();
        assert!((start - 3.0).abs() < 1e-14 && (slope - 2.0).abs() < 1e-14, "{start} {slope}");
    }

    #[test]
    fn a_falling_line_is_fitted_by_its_mean() {
        let line = equations(&[([1.0, 0.0], 3.0), ([1.0, 1.0], 2.0), ([1.0, 2.0], 1.0)]);
        let [start, slope] = non_negative(&line).unwrap();
        assert!((start - 2.0).abs() < 1e-14 && slope == 0.0, "{start} {slope}");
    }

    #[test]
    fn a_solution_is_a_local_minimum() {
        // The unconstrained solution has a negative unknown, and dropping only that one is wrong.
        let rows = equations(&[
            ([1.0, 2.0, 0.5], -1.0),
            ([0.3, 1.0, 2.0], 2.0),
            ([2.0, 0.1, 1.0], 1.0),
            ([1.0, 1.0, 1.0], 0.2),
        ]);
        let best = non_negative(&rows).unwrap();
        let least = squares(&rows, best);
        for step in [-1e-4, 1e-4] {
            for unknown in 0..3 {
                let mut near = best;
                near[unknown] = (near[unknown] + step).max(0.0);
                assert!(squares(&rows, near) >= least, "{near:?} is better than {best:?}");
            }
        }
        assert!(best.contains(&0.0) && best.iter().any(|unknown| *unknown > 0.0), "{best:?}");
    }

    #[test]
    fn an_undetermined_problem_has_no_solution() {
        assert_eq!(non_negative::<2>(&[]), None);
        assert_eq!(non_negative(&equations(&[([1.0], f64::NAN)])), None);
        assert_eq!(non_negative(&equations(&[([f64::INFINITY], 1.0)])), None);
        // With two equal columns, one suffices.
        let same = equations(&[([1.0, 1.0], 2.0), ([2.0, 2.0], 4.0)]);
        let [one, other] = non_negative(&same).unwrap();
        assert!((one - 2.0).abs() < 1e-14 && other == 0.0, "{one} {other}");
    }
}
