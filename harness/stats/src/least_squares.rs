//! Least squares with unknowns that cannot be negative.

/// What is left of a column, as a part of it, below which it counts as a sum of the others.
const DEPENDENT: f64 = 1e-10;
/// What a sum of squares must fall by, as a part of the sum of squared targets, to be worth one
/// more unknown: rounding alone brings less.
const ROUNDING: f64 = 1e-24;

/// One equation: what the unknowns are multiplied with, and what the sum should be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Equation<const K: usize> {
    /// A factor for each unknown.
    pub factors: [f64; K],
    /// The sum that is aimed at.
    pub target: f64,
}

/// The unknowns, none negative, that make the sum of squared differences between sums and targets
/// least. `None` where they are not determined, or a number is not finite.
///
/// Every choice of unknowns that are not zero is tried (so keep `K` small), which is exact: the
/// problem is convex, and at its solution those that are not zero solve the problem without the
/// limit, so that the solution is among the tried ones, and nothing allowed is better. Of equally
/// good ones it is that with the most zeros.
#[must_use]
pub fn non_negative<const K: usize>(equations: &[Equation<K>]) -> Option<[f64; K]> {
    let rounding = ROUNDING * equations.iter().map(|each| each.target.powi(2)).sum::<f64>();
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

/// Unknowns, and the sum of squares that they leave.
struct Solution<const K: usize> {
    /// The unknowns.
    unknowns: [f64; K],
    /// The sum of squared differences.
    squares: f64,
}

/// Solves for the chosen unknowns, whatever their sign; the others are 0. By orthogonal columns
/// (modified Gram-Schmidt) and not by the normal equations, which would square the error.
fn solve<const K: usize>(
    equations: &[Equation<K>],
    is_chosen: impl Fn(usize) -> bool,
) -> Option<Solution<K>> {
    let mut rest: Vec<f64> = equations.iter().map(|each| each.target).collect();
    let mut directions: Vec<(usize, Vec<f64>)> = Vec::with_capacity(K);
    // What each column has of each earlier direction, and the targets of each direction.
    let (mut shares, mut aims) = ([[0.0; K]; K], [0.0; K]);
    for unknown in (0..K).filter(|unknown| is_chosen(*unknown)) {
        let mut column: Vec<f64> = equations.iter().map(|each| each.factors[unknown]).collect();
        let length = product(&column, &column).sqrt();
        for (earlier, direction) in &directions {
            shares[*earlier][unknown] = take_out(&mut column, direction);
        }
        let left = product(&column, &column).sqrt();
        let is_determined = left.is_finite() && left > length * DEPENDENT;
        if !is_determined {
            return None;
        }
        column.iter_mut().for_each(|number| *number /= left);
        shares[unknown][unknown] = left;
        aims[unknown] = take_out(&mut rest, &column);
        directions.push((unknown, column));
    }
    let mut unknowns = [0.0; K];
    for (unknown, _) in directions.iter().rev() {
        let later: f64 =
            (unknown + 1..K).map(|later| shares[*unknown][later] * unknowns[later]).sum();
        unknowns[*unknown] = (aims[*unknown] - later) / shares[*unknown][*unknown];
    }
    let squares = product(&rest, &rest);
    squares.is_finite().then_some(Solution { unknowns, squares })
}

/// Takes what `numbers` have of a direction out of them; returns how much it was.
fn take_out(numbers: &mut [f64], direction: &[f64]) -> f64 {
    let share = product(numbers, direction);
    numbers.iter_mut().zip(direction).for_each(|(number, part)| *number -= share * part);
    share
}

fn product(left: &[f64], right: &[f64]) -> f64 {
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
        let sum = |each: &Equation<K>| product(&each.factors, &unknowns);
        equations.iter().map(|each| (sum(each) - each.target).powi(2)).sum()
    }

    #[test]
    fn a_line_through_points_is_found() {
        let line = equations(&[([1.0, 0.0], 3.0), ([1.0, 1.0], 5.0), ([1.0, 2.0], 7.0)]);
        let [start, slope] = non_negative(&line).unwrap();
        assert!((start - 3.0).abs() < 1e-14 && (slope - 2.0).abs() < 1e-14, "{start} {slope}");
    }

    #[test]
    fn a_falling_line_becomes_the_level_one_in_its_middle() {
        let line = equations(&[([1.0, 0.0], 3.0), ([1.0, 1.0], 2.0), ([1.0, 2.0], 1.0)]);
        let [start, slope] = non_negative(&line).unwrap();
        assert!((start - 2.0).abs() < 1e-14 && slope == 0.0, "{start} {slope}");
    }

    #[test]
    fn nothing_near_a_solution_is_better() {
        // The unlimited solution has a negative number, and leaving that one out alone is wrong.
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
    fn what_is_not_determined_has_no_solution() {
        assert_eq!(non_negative::<2>(&[]), None);
        assert_eq!(non_negative(&equations(&[([1.0], f64::NAN)])), None);
        assert_eq!(non_negative(&equations(&[([f64::INFINITY], 1.0)])), None);
        // Two columns that are the same: one of them is enough.
        let same = equations(&[([1.0, 1.0], 2.0), ([2.0, 2.0], 4.0)]);
        let [one, other] = non_negative(&same).unwrap();
        assert!((one - 2.0).abs() < 1e-14 && other == 0.0, "{one} {other}");
    }
}
