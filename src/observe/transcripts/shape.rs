//! Lines that differ from one before in their values alone.
//!
//! Most answers of a file are written alike: the same members in the same order, and most of their values the same. A line that is known is compared
//! with the next one as bytes; only values that have been seen to change are read as JSON. What is found is what a walk through the line finds: everything
//! outside these values is the same, so JSON's grammar is in the same state before each of them.

use std::ops::Range;

use super::json::Json;
use super::members::{Found, Leaf, Values, Walk};

/// Kinds of lines that are remembered.
const KINDS: usize = 4;
/// Longer lines are not: most of such a line is one value.
const LONGEST: usize = 1 << 13;
/// Nor are lines with more values: learning which of them change takes a look at the line for each. The client's have some fifty.
const MOST_VALUES: usize = 100;

/// A line, and its values.
#[derive(Debug, Default)]
struct Shape {
    line: Vec<u8>,
    values: Vec<Value>,
}

#[derive(Debug)]
struct Value {
    leaf: Leaf,
    /// It was another in a line that was the same up to it.
    changes: bool,
}

/// Reads lines, and remembers them for the next.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// The one that was of use last comes first.
    shapes: Vec<Shape>,
    leaves: Vec<Leaf>,
}

impl Shapes {
    /// Kinds that are known.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.shapes.len()
    }

    /// The wanted values of a line; `None` when it is no JSON object.
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Option<Found<'a>> {
        let mut plain = Found { own: Values::of(line), embedded: None, is_plain: true };
        if let Some(known) = self.shapes.iter_mut().position(|shape| shape.read(line, &mut plain.own)) {
            self.shapes[..=known].rotate_right(1);
            return Some(plain);
        }
        let found = Walk::through(line, &mut self.leaves)?;
        if found.is_plain && line.len() <= LONGEST && self.leaves.len() <= MOST_VALUES {
            let mut shape = if self.shapes.len() < KINDS { None } else { self.shapes.pop() }.unwrap_or_default();
            shape.learn(line, &self.leaves);
            self.shapes.insert(0, shape);
        }
        Some(found)
    }
}

impl Shape {
    fn learn(&mut self, line: &[u8], leaves: &[Leaf]) {
        self.line.clear();
        self.line.extend_from_slice(line);
        self.values.clear();
        self.values.extend(leaves.iter().map(|leaf| Value { leaf: *leaf, changes: false }));
    }

    /// Finds the values of a line, if it has this shape.
    fn read<'a>(&mut self, line: &'a [u8], values: &mut Values<'a>) -> bool {
        loop {
            let Err(at) = self.compare(line, values) else { return true };
            // It differs in a value: one more that changes.
            let Some(value) = self.values.iter_mut().find(|value| value.holds(at)) else { return false };
            value.changes = true;
        }
    }

    /// The same, or the place in our line where the other one leaves it.
    fn compare<'a>(&self, line: &'a [u8], values: &mut Values<'a>) -> Result<(), usize> {
        *values = Values::of(line);
        // Behind what is the same: in our line, and in the other.
        let (mut ours, mut other) = (0, 0);
        for Value { leaf, changes } in &self.values {
            let mut place = other + leaf.start - ours..other + leaf.end - ours;
            if *changes {
                self.run(ours..leaf.start, line, other)?;
                place = Json::at(line, place.start).value_place().ok_or(leaf.start)?;
                (ours, other) = (leaf.end, place.end);
            }
            // Where that is beyond the line, the run that follows is too.
            if let Some(field) = leaf.field {
                values.set(field, place);
            }
        }
        let end = self.run(ours..self.line.len(), line, other)?;
        values.has_usage = true;
        if end == line.len() { Ok(()) } else { Err(self.line.len()) }
    }

    /// Compares bytes of our line with those from a place on in another; returns the place behind them.
    fn run(&self, ours: Range<usize>, line: &[u8], other: usize) -> Result<usize, usize> {
        let (start, wanted) = (ours.start, self.line.get(ours).unwrap_or_default());
        let rest = line.get(other..).unwrap_or_default();
        if rest.starts_with(wanted) {
            return Ok(other + wanted.len());
        }
        Err(start + wanted.iter().zip(rest).take_while(|(one, another)| one == another).count())
    }
}

impl Value {
    /// It was not seen to change, and a place is in it or right behind it.
    fn holds(&self, at: usize) -> bool {
        !self.changes && (self.leaf.start..=self.leaf.end).contains(&at)
    }
}
