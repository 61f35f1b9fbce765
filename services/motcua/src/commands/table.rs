//! Rows under headings, for a terminal.

/// Columns as wide as their widest cell; those named in `right` keep to the right.
pub struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
}

impl Table {
    /// A table with its headings.
    pub fn new(headings: &[&str], right: &[usize]) -> Self {
        Self { rows: vec![headings.iter().map(|&heading| heading.to_owned()).collect()], right: right.to_vec() }
    }

    /// One row more.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// A line a row.
    pub fn lines(&self) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| length(cell)).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(at, (cell, width))| {
                    let gap = " ".repeat(width - length(cell));
                    if self.right.contains(&at) { format!("{gap}{cell}") } else { format!("{cell}{gap}") }
                })
                .collect();
            cells.join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["Hàng chờ", "Chờ"], &[1]);
        table.row(vec!["Đất đai".into(), "12".into()]);
        table.row(vec!["Tư pháp, hộ tịch".into(), "3".into()]);
        assert_eq!(table.lines(), ["Hàng chờ          Chờ", "Đất đai            12", "Tư pháp, hộ tịch    3"]);
    }
}
