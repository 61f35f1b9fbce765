//! `grpc.health.v1` and reflection beside a process's own services.

use tokio::sync::watch;
use tonic::service::RoutesBuilder;
use tonic_health::ServingStatus;

use crate::Shutdown;

/// Adds health for the named services, which follow their `ready` flags and turn NOT_SERVING at shutdown, and
/// reflection where the listener is on loopback.
///
/// # Errors
/// The descriptors cannot be read: a defect of the build.
pub async fn add_to(
    routes: &mut RoutesBuilder,
    services: Vec<(&'static str, watch::Receiver<bool>)>,
    reflect: bool,
    stop: Shutdown,
) -> Result<(), tonic_reflection::server::Error> {
    let (reporter, health) = tonic_health::server::health_reporter();
    routes.add_service(health);
    let serving = |ready: bool| if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
    for (name, mut ready) in services {
        reporter.set_service_status(name, serving(*ready.borrow())).await;
        let (reporter, stop) = (reporter.clone(), stop.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    changed = ready.changed() => if changed.is_err() {
                        // The service never changes its mind again: keep what it said last.
                        stop.cancelled().await;
                        break;
                    }
                }
                let now = *ready.borrow_and_update();
                reporter.set_service_status(name, serving(now)).await;
            }
            reporter.set_service_status(name, ServingStatus::NotServing).await;
        });
    }
    reporter.set_service_status("", ServingStatus::Serving).await;
    tokio::spawn(async move {
        stop.cancelled().await;
        reporter.set_service_status("", ServingStatus::NotServing).await;
    });
    if reflect {
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(motcua_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()?;
        routes.add_service(reflection);
    }
    Ok(())
}
