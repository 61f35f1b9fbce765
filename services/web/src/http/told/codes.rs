//! Codes of the dossiers that messages are about: notification knows ids only.

use std::collections::{BTreeSet, HashMap};

use futures::{StreamExt as _, stream};
use motcua_proto::status::v1::GetDossierRequest;

use crate::app::App;
use crate::upstream::{Peers, ask};

/// Asked at once.
const AT_ONCE: usize = 16;

/// Codes by dossier id; one that cannot be read is left out.
pub async fn of(app: &App, peers: &Peers, ids: BTreeSet<String>) -> HashMap<String, String> {
    let asked: Vec<_> = ids
        .into_iter()
        .filter(|id| !id.is_empty())
        .map(|id| one(peers.clone(), app.settings.centre_id.clone(), id))
        .collect();
    stream::iter(asked).buffer_unordered(AT_ONCE).filter_map(|found| async { found }).collect().await
}

async fn one(peers: Peers, centre_id: String, id: String) -> Option<(String, String)> {
    let request = GetDossierRequest { centre_id, dossier_id: id.clone() };
    let dossier = ask(peers.status().get_dossier(request)).await.ok()?.dossier?;
    Some((id, dossier.code))
}
