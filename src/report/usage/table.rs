//! Columns: the first is cut where the line would not fit, the others are whole.

use console::{Alignment, measure_text_width, pad_str, truncate_str};

use crate::report::Style;

/// Blanks between columns.
const BETWEEN: usize = 2;

/// Lines of a table under its head. The columns of `left` stand on the left, the others on the right.
pub fn lines(head: &[&str], left: usize, rows: &[Vec<String>], style: Style) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| measure_text_width(&row[column]));
        cells.chain([measure_text_width(head[column])]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..head.len()).map(width).collect();
    let all: usize = widths.iter().sum::<usize>() + BETWEEN * (head.len() - 1);
    widths[0] -= all.saturating_sub(style.width()).min(widths[0].saturating_sub(8));
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().enumerate().map(|(column, cell)| {
            let alignment = if column < left { Alignment::Left } else { Alignment::Right };
            let cell = truncate_str(cell, widths[column], "…");
            pad_str(&cell, widths[column], alignment, None).into_owned()
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut out = format!("{}\n", style.dim(&line(head.to_vec())));
    for row in rows {
        out.push_str(&line(row.iter().map(String::as_str).collect()));
        out.push('\n');
    }
    out
}
