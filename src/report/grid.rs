//! A small table of texts: a label per row and per column, and how to make it fit a terminal.
//!
//! Knows nothing of what the cells mean.

use comfy_table::{CellAlignment, ColumnConstraint, LineStyle, Table, TableStyle, Width};

/// Texts in rows and columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grid {
    /// What the row labels are.
    pub(crate) corner: String,
    /// Column labels.
    pub(crate) columns: Vec<String>,
    /// Row labels with one cell per column.
    pub(crate) rows: Vec<(String, Vec<String>)>,
}

/// Blank characters between columns.
const GAP: usize = 2;
/// Labels longer than this lose their middle.
const LABEL: usize = 30;

impl Grid {
    /// Rows become columns.
    pub(crate) fn transposed(&self) -> Grid {
        let rows =
            self.columns.iter().enumerate().map(|(i, label)| {
                (label.clone(), self.rows.iter().map(|(_, cells)| cells[i].clone()).collect())
            });
        Grid {
            corner: String::new(),
            columns: self.rows.iter().map(|(label, _)| label.clone()).collect(),
            rows: rows.collect(),
        }
    }

    /// The grid as lines of at most `width` characters: as it is where it fits, else transposed where that
    /// fits better, and in several parts one below the other where it must be.
    pub(crate) fn fit(&self, width: usize) -> String {
        let own = self.parts(width);
        let turned = self.transposed().parts(width);
        let height = |parts: &[Grid]| parts.iter().map(|p| p.rows.len() + 3).sum::<usize>();
        let turn = own.len() > 1 && height(&turned) < height(&own);
        let parts = if turn { turned } else { own };
        parts.iter().map(Grid::draw).collect::<Vec<_>>().join("\n\n")
    }

    /// Cuts the columns into parts that fit, each with the row labels.
    fn parts(&self, width: usize) -> Vec<Grid> {
        let label = self.rows.iter().map(|(l, _)| shown(l)).chain([shown(&self.corner)]).max().unwrap_or(0);
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        let mut used = label;
        for i in 0..self.columns.len() {
            let cells = self.rows.iter().map(|(_, cells)| length(&cells[i]));
            let needs = GAP + cells.chain([shown(&self.columns[i])]).max().unwrap_or(0);
            let last = parts.last_mut().expect("begins with one part");
            if used + needs > width && !last.is_empty() {
                used = label + needs;
                parts.push(vec![i]);
            } else {
                used += needs;
                last.push(i);
            }
        }
        parts.iter().map(|columns| self.only(columns)).collect()
    }

    fn only(&self, columns: &[usize]) -> Grid {
        Grid {
            corner: self.corner.clone(),
            columns: columns.iter().map(|&i| self.columns[i].clone()).collect(),
            rows: self
                .rows
                .iter()
                .map(|(label, cells)| (label.clone(), columns.iter().map(|&i| cells[i].clone()).collect()))
                .collect(),
        }
    }

    fn draw(&self) -> String {
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
        table.set_header(std::iter::once(&self.corner).chain(&self.columns).map(|label| shortened(label)));
        for (label, cells) in &self.rows {
            table.add_row(std::iter::once(shortened(label)).chain(cells.iter().cloned()));
        }
        let widths = table.column_max_content_widths();
        for (i, (column, width)) in table.column_iter_mut().zip(widths).enumerate() {
            let gap = if i == 0 { 0 } else { GAP as u16 };
            column.set_padding((gap, 0));
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + gap)));
            column.set_cell_alignment(if i == 0 { CellAlignment::Left } else { CellAlignment::Right });
        }
        table.trim_fmt()
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn shown(label: &str) -> usize {
    length(label).min(LABEL)
}

/// The label with its middle cut out if it is too long: the end tells `worker-1` from `worker-2`.
pub(crate) fn shortened(label: &str) -> String {
    let n = length(label);
    if n <= LABEL {
        return label.to_owned();
    }
    let tail = LABEL / 3;
    let head: String = label.chars().take(LABEL - tail - 1).collect();
    let end: String = label.chars().skip(n - tail).collect();
    format!("{head}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid(rows: usize, columns: usize, cell: &str) -> Grid {
        Grid {
            corner: "events".into(),
            columns: (0..columns).map(|i| format!("variant-{i}")).collect(),
            rows: (0..rows).map(|i| (format!("row {i}"), vec![cell.to_owned(); columns])).collect(),
        }
    }

    #[test]
    fn a_small_grid_is_drawn_as_it_is() {
        let text = grid(2, 2, "12 ± 3").fit(100);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "events  variant-0  variant-1");
        assert!(lines[1].starts_with("────"));
        assert_eq!(lines[2], "row 0      12 ± 3     12 ± 3");
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn many_columns_are_turned() {
        let text = grid(6, 40, "12 ± 3").fit(100);
        assert!(text.lines().next().is_some_and(|l| l.contains("row 0") && l.contains("row 3")), "{text}");
    }

    #[test]
    fn a_long_label_keeps_its_end() {
        let label = shortened("the-same-beginning-for-all-of-them-17");
        assert_eq!(length(&label), LABEL);
        assert!(label.ends_with("-17"));
    }

    proptest! {
        #[test]
        fn no_line_is_too_long(rows in 1usize..12, columns in 1usize..12, cell in "[a-z±]{1,20}", width in 60usize..140) {
            for line in grid(rows, columns, &cell).fit(width).lines() {
                prop_assert!(length(line) <= width, "{line}");
            }
        }
    }
}
