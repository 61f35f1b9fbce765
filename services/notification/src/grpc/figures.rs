//! Figures for the manager.

use super::{Api, Status, bad, pb, store};
use crate::figures;

const DAYS_MAX: i32 = 31;

impl Api {
    pub(super) async fn figures(
        &self,
        asked: pb::GetDeliveryFiguresRequest,
    ) -> Result<pb::GetDeliveryFiguresResponse, Status> {
        let days = match asked.days {
            0 => 1,
            n if (1..=DAYS_MAX).contains(&n) => n,
            _ => return Err(bad("DAYS_INVALID", "days", "Xem được từ 1 đến 31 ngày. Mời chọn lại.")),
        };
        let (db, centre, zone) = (&self.db, &asked.centre_id, &self.sender.zone);
        let today = self.clock.now().to_zoned_datetime(zone.clone()).date();
        let days = figures::days(db, centre, today, days, zone).await.map_err(store)?;
        Ok(pb::GetDeliveryFiguresResponse {
            days: days.into_iter().map(|(day, of)| wire(day.to_string(), of)).collect(),
            calls_open: figures::calls(db, centre, "OPEN").await.map_err(store)?,
            calls_relay: figures::calls(db, centre, "RELAY").await.map_err(store)?,
            dead_letters: figures::dead(db, centre).await.map_err(store)?,
        })
    }
}

fn wire(day: String, of: figures::OfDay) -> pb::DayFigures {
    pb::DayFigures {
        day,
        kinds: of
            .kinds
            .into_iter()
            .map(|(kind, f)| pb::KindFigures {
                kind,
                told: f.told,
                delivered: f.delivered,
                open: f.open,
                unreached: f.unreached,
                called_off: f.called_off,
            })
            .collect(),
        channels: of
            .channels
            .into_iter()
            .map(|(channel, f)| pb::ChannelFigures {
                channel,
                sent: f.sent,
                delivered: f.delivered,
                open: f.open,
                failed: f.failed,
            })
            .collect(),
    }
}
