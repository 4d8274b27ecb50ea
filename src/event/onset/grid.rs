//! Weights of every rise of a family.

use super::whitened::{Fitted, Whitened};
use super::{HALF_WAY, Onset, QUANTILES, RISE_RANGE, RISE_USUAL, Response, Shape};

/// Middles and rises compared in one pass.
const GRID: (usize, usize) = (28, 18);

/// Logarithm of the weight, below the largest, that is left out of the next, finer pass.
const NEGLIGIBLE: f64 = 9.0;

/// Passes at most.
const PASSES: usize = 8;

/// Ratio of neighbouring rises in the first search.
const FIRST_RATIO: f64 = 1.3;

/// Largest part of its explained variance that the best rise can lose to the steps of the first
/// search (an eighth of the rise in time, a third in length: measured on noiseless rises).
const FIRST_LOSS: f64 = 0.03;

/// A range of middles (seconds; the moment of half the height) and of rises (logarithm of
/// seconds). The middle and the length of a rise are known independently of each other; its
/// start is not independent of its length.
#[derive(Debug, Clone, Copy)]
struct Range {
    middle: (f64, f64),
    rise: (f64, f64),
}

impl Range {
    fn area(&self) -> f64 {
        (self.middle.1 - self.middle.0) * (self.rise.1 - self.rise.0)
    }

    fn cell(&self) -> (f64, f64) {
        (
            (self.middle.1 - self.middle.0) / GRID.0 as f64,
            (self.rise.1 - self.rise.0) / GRID.1 as f64,
        )
    }

    /// Takes in a point and `reach` around it.
    fn include(&mut self, at: (f64, f64), reach: (f64, f64)) {
        self.middle = (self.middle.0.min(at.0 - reach.0), self.middle.1.max(at.0 + reach.0));
        self.rise = (self.rise.0.min(at.1 - reach.1), self.rise.1.max(at.1 + reach.1));
    }

    const NOTHING: Self = Self { middle: (f64::MAX, f64::MIN), rise: (f64::MAX, f64::MIN) };

    /// No rise is shorter or longer than those thought of.
    fn clamped(mut self) -> Self {
        self.rise = (self.rise.0.max(RISE_RANGE.0.ln()), self.rise.1.min(RISE_RANGE.1.ln()));
        self
    }
}

/// One rise and its weight.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// Middle, and logarithm of the length.
    at: (f64, f64),
    fitted: Fitted,
}

impl Cell {
    fn compare(data: &Whitened<'_>, shape: &Shape, at: (f64, f64)) -> Self {
        let rise_s = at.1.exp();
        let start_s = at.0 - HALF_WAY * rise_s;
        let mut fitted = if start_s < data.earliest_s {
            Fitted::IMPOSSIBLE
        } else {
            data.compare(start_s, rise_s, shape)
        };
        let unusual = (rise_s / RISE_USUAL.0).ln() / RISE_USUAL.1;
        fitted.log_weight -= 0.5 * unusual * unusual;
        Self { at, fitted }
    }
}

/// The rises that carry the weight, read in one way.
pub(super) struct Grid {
    range: Range,
    cells: Vec<Cell>,
    best: Fitted,
}

impl Grid {
    /// Finds the rises of a shape that explain the samples between two moments, `frame_s` apart.
    pub(super) fn search(
        data: &Whitened<'_>,
        (first_s, last_s): (f64, f64),
        frame_s: f64,
        shape: &Shape,
    ) -> Option<Self> {
        let mut cells = Vec::new();
        let mut rise_s = RISE_RANGE.0;
        let step = |rise_s: f64| (rise_s / 8.0).max(0.5 * frame_s);
        while rise_s < RISE_RANGE.1 * FIRST_RATIO {
            // Starts from the first sample to the last.
            let count = ((last_s - first_s) / step(rise_s)).ceil() as usize;
            for k in 0..count {
                let middle_s = first_s + HALF_WAY * rise_s + k as f64 * step(rise_s);
                cells.push(Cell::compare(data, shape, (middle_s, rise_s.ln())));
            }
            rise_s *= FIRST_RATIO;
        }
        let best = best(&cells)?;
        let negligible = NEGLIGIBLE + FIRST_LOSS * best.explained;
        let mut range = Range::NOTHING;
        for cell in cells.iter().filter(|c| c.fitted.log_weight > best.log_weight - negligible) {
            range.include(cell.at, (step(cell.at.1.exp()), FIRST_RATIO.ln()));
        }
        let mut grid = Self::compare(data, shape, range.clamped())?;
        for pass in 0..PASSES {
            // Cells coarser than a strong signal's weight is wide can miss its height.
            let loss = FIRST_LOSS * grid.best.explained * 0.1_f64.powi(pass as i32);
            let narrower = grid.relevant(NEGLIGIBLE + loss);
            if loss < 1.0 && narrower.area() > 0.6 * grid.range.area() {
                break;
            }
            grid = Self::compare(data, shape, narrower)?;
        }
        Some(grid)
    }

    fn compare(data: &Whitened<'_>, shape: &Shape, range: Range) -> Option<Self> {
        let cell = range.cell();
        let cells: Vec<Cell> = (0..GRID.0 * GRID.1)
            .map(|i| {
                let (k, r) = ((i / GRID.1) as f64, (i % GRID.1) as f64);
                let middle_s = range.middle.0 + cell.0 * (k + 0.5);
                Cell::compare(data, shape, (middle_s, range.rise.0 + cell.1 * (r + 0.5)))
            })
            .collect();
        Some(Self { best: best(&cells)?, range, cells })
    }

    /// The part of the range that holds the weight, and a cell more on each side.
    fn relevant(&self, negligible: f64) -> Range {
        let mut range = Range::NOTHING;
        let reach = self.range.cell();
        let least = self.best.log_weight - negligible;
        for cell in self.cells.iter().filter(|c| c.fitted.log_weight > least) {
            range.include(cell.at, (1.5 * reach.0, 1.5 * reach.1));
        }
        range.clamped()
    }

    /// Logarithm of the weight of a cell: of its rises each as of all of them together.
    fn log_weight(&self, cell: &Cell) -> f64 {
        let (middle_s, rise) = self.range.cell();
        cell.fitted.log_weight + (middle_s * rise).max(f64::MIN_POSITIVE).ln()
    }
}

/// Steps of half a standard deviation over which a start is spread, on either side.
const SPREAD_STEPS: i32 = 5;

/// What the rises of all grids say together, each beginning late or early by what delays and misfit
/// of the course make of it.
pub(super) fn summarise(grids: &[Grid], response: Response<'_>) -> Option<Onset> {
    let cells = || grids.iter().flat_map(|grid| grid.cells.iter().map(move |cell| (grid, cell)));
    let top = cells().map(|(grid, cell)| grid.log_weight(cell)).fold(f64::NEG_INFINITY, f64::max);
    let (mut rise_s, mut size, mut total) = (0.0, 0.0, 0.0);
    let mut starts = Vec::new();
    for (grid, cell) in cells() {
        let weight = (grid.log_weight(cell) - top).exp();
        if weight < NEGLIGIBLE_WEIGHT {
            continue;
        }
        let rise = cell.at.1.exp();
        total += weight;
        rise_s += weight * rise;
        size += weight * cell.fitted.size;
        starts.push(Start { at_s: cell.at.0 - HALF_WAY * rise, rise_s: rise, weight });
    }
    let whole = Distribution::new(&starts, response)?;
    let own = OWN_MISFIT.sqrt() * response.misfit;
    let beside = Distribution::new(&starts, Response { misfit: own, ..response })?;
    Some(Onset {
        time_s: whole.quantile(0.5),
        ci_s: [whole.quantile(0.05), whole.quantile(0.95)],
        quantiles_s: std::array::from_fn(|i| beside.quantile((i as f64 + 0.5) / QUANTILES as f64)),
        rise_s: rise_s / total,
        size: size / total,
        evidence: grids.iter().map(|grid| grid.best.explained).fold(0.0, f64::max),
    })
}

/// Weight, over the largest, below which a rise no longer counts.
const NEGLIGIBLE_WEIGHT: f64 = 1e-5;

/// Part of the misfit's variance that is a place's own: the rest is that of all muscles that one
/// nerve fires in one burst, and makes none of them earlier than another (judgment).
const OWN_MISFIT: f64 = 0.4;

/// Where a rise begins.
#[derive(Debug, Clone, Copy)]
struct Start {
    at_s: f64,
    rise_s: f64,
    weight: f64,
}

impl Start {
    /// The moments over which it is spread, with their weights.
    fn spread(self, response: Response<'_>) -> impl Iterator<Item = (f64, f64)> {
        let spread_s = response.delay_s.hypot(response.misfit * self.rise_s);
        (-SPREAD_STEPS..=SPREAD_STEPS).map(move |step| {
            let z = 0.5 * f64::from(step);
            (self.at_s + z * spread_s, self.weight * (-0.5 * z * z).exp())
        })
    }
}

/// Parts of equal length in which starts are counted: a hundredth of a usual interval each.
const PARTS: usize = 512;

/// Distribution of the start over parts of equal length.
struct Distribution {
    from_s: f64,
    part_s: f64,
    /// Weight up to the end of each part.
    up_to: Vec<f64>,
}

impl Distribution {
    /// `None` of fewer than two starts.
    fn new(starts: &[Start], response: Response<'_>) -> Option<Self> {
        if starts.len() < 2 {
            return None;
        }
        let moments = || starts.iter().flat_map(|start| start.spread(response));
        let (from_s, last_s) = moments().fold((f64::MAX, f64::MIN), |(first, last), (at_s, _)| {
            (first.min(at_s), last.max(at_s))
        });
        let part_s = ((last_s - from_s) / PARTS as f64).max(f64::EPSILON);
        let mut up_to = vec![0.0; PARTS];
        for (at_s, weight) in moments() {
            up_to[(((at_s - from_s) / part_s) as usize).min(PARTS - 1)] += weight;
        }
        let mut sum = 0.0;
        for weight in &mut up_to {
            sum += *weight;
            *weight = sum;
        }
        Some(Self { from_s, part_s, up_to })
    }

    /// The moment before which a part `q` of the weight lies, seconds.
    fn quantile(&self, q: f64) -> f64 {
        let wanted = q * self.up_to[PARTS - 1];
        let k = self.up_to.partition_point(|weight| *weight < wanted).min(PARTS - 1);
        let before = if k == 0 { 0.0 } else { self.up_to[k - 1] };
        let own = self.up_to[k] - before;
        let inside = if own > 0.0 { (wanted - before) / own } else { 0.5 };
        self.from_s + self.part_s * (k as f64 + inside)
    }
}

fn best(cells: &[Cell]) -> Option<Fitted> {
    let best = cells.iter().map(|c| c.fitted).max_by(|a, b| a.log_weight.total_cmp(&b.log_weight));
    best.filter(|best| best.log_weight.is_finite())
}
