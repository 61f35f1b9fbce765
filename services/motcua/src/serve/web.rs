use std::path::Path;

use motcua_runtime::server;

use super::{Name, Process, say, spawn_ops};
use crate::fail::Fail;

/// Its pages over HTTP, and what devices ask over gRPC.
pub(super) async fn run(config: Option<&Path>) -> Result<(), Fail> {
    let (p, settings) = Process::prepare::<motcua_web::Settings>(Name::Web, config).await?;
    let signer = p.signer.clone().ok_or_else(|| {
        Fail::config(
            "auth.signing_key_file: missing; web signs identities with secrets/identity.key of `motcua keys DIR`",
        )
    })?;
    let deps = motcua_web::Deps {
        db: p.db.clone(),
        bus: p.bus.clone(),
        clock: p.clock.clone(),
        routing: p.peer("routing")?,
        intake: p.peer("intake")?,
        status: p.peer("status")?,
        notification: p.peer("notification")?,
        signer,
        shutdown: p.stop.clone(),
    };
    let web = motcua_web::start(settings, deps).await.map_err(Fail::config)?;
    say(p.name, p.listener.local_addr().map_err(Fail::other)?);
    if let Some(listener) = p.devices {
        let mut routes = tonic::service::Routes::builder();
        web.add_to(&mut routes, p.guard.clone());
        let services = vec![("motcua.web.v1.DeviceService", web.ready())];
        motcua_runtime::health::add_to(&mut routes, services, p.loopback, p.stop.clone()).await.map_err(Fail::other)?;
        let stop = p.stop.clone();
        tokio::spawn(async move {
            // Without devices the pages are still served: whoever watches sees every device lost.
            if let Err(error) = server::serve_tcp(listener, routes.routes(), stop).await {
                tracing::error!(%error, "devices' listener ended");
            }
        });
    }
    spawn_ops(p.ops, &p.telemetry, p.db, Some(p.bus), web.ready(), p.stop.clone());
    let served = web.serve(p.listener).await;
    p.telemetry.shutdown();
    served.map_err(Fail::other)
}
