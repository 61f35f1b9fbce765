//! Rows of report II.06a/VPCP/KSTT. Columns are numbered as on the form.

/// One row of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// Mã lĩnh vực.
    pub field_code: String,
    /// 2: lĩnh vực.
    pub field: String,
    /// 4: received in the period, online.
    pub received_online: i64,
    /// 5: at the counter or by post.
    pub received_direct: i64,
    /// 6: open from before.
    pub carried_over: i64,
    /// 8.
    pub resolved_early: i64,
    /// 9: on the day; also withdrawn.
    pub resolved_on_time: i64,
    /// 10.
    pub resolved_late: i64,
    /// 12: also those whose clock stands still.
    pub open_in_time: i64,
    /// 13.
    pub open_overdue: i64,
}

impl Row {
    /// 3 = 4 + 5 + 6.
    #[must_use]
    pub fn received_total(&self) -> i64 {
        self.received_online + self.received_direct + self.carried_over
    }

    /// 7 = 8 + 9 + 10.
    #[must_use]
    pub fn resolved_total(&self) -> i64 {
        self.resolved_early + self.resolved_on_time + self.resolved_late
    }

    /// 11 = 12 + 13.
    #[must_use]
    pub fn open_total(&self) -> i64 {
        self.open_in_time + self.open_overdue
    }

    /// 3 = 7 + 11: nothing is lost between two periods.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.received_total() == self.resolved_total() + self.open_total()
    }

    /// The last row.
    #[must_use]
    pub fn total(rows: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> i64| rows.iter().map(of).sum();
        Self {
            field_code: String::new(),
            field: "Tổng cộng".into(),
            received_online: sum(|r| r.received_online),
            received_direct: sum(|r| r.received_direct),
            carried_over: sum(|r| r.carried_over),
            resolved_early: sum(|r| r.resolved_early),
            resolved_on_time: sum(|r| r.resolved_on_time),
            resolved_late: sum(|r| r.resolved_late),
            open_in_time: sum(|r| r.open_in_time),
            open_overdue: sum(|r| r.open_overdue),
        }
    }
}
