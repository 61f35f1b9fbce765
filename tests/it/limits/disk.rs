//! A disk that fills up under a working centre: writes are refused with a reason, and after some space is freed the
//! centre goes on with everything it had acknowledged.
use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use motcua_proto::routing::v1::{
    GetCentreRequest, IssueTicketRequest, IssueTicketResponse, issue_ticket_request::Target,
    routing_service_client::RoutingServiceClient,
};
use motcua_tests::{
    centre::{CENTRE_ID, MORNING, Plan, Process, binary, caller},
    wait,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// More tickets than the space that is left can take.
const TICKETS_MAX: usize = 2_000;

/// How this machine lets a test run out of space.
enum Full {
    /// A small file system of its own, and the file that fills it.
    Disk(PathBuf),
    /// A limit on the size of any file, where nothing may be mounted.
    Files,
}

impl Full {
    fn prepare(data: &Path) -> Self {
        fs::create_dir(data).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs"]).arg(data).output();
        match mounted {
            Ok(out) if out.status.success() => Self::Disk(data.to_owned()),
            _ => Self::Files,
        }
    }

    async fn fill(&self, process: &Process) {
        match self {
            Self::Disk(data) => {
                let mut ballast = File::create(data.join("ballast")).unwrap();
                while ballast.write_all(&[0; 4096]).is_ok() {}
            }
            Self::Files => limit(process, "4096"),
        }
    }

    fn free(&self, process: &Process) {
        match self {
            Self::Disk(data) => fs::remove_file(data.join("ballast")).unwrap(),
            Self::Files => limit(process, "unlimited"),
        }
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        if let Self::Disk(data) = self {
            let _ = Command::new("umount").arg("-l").arg(data).status();
        }
    }
}

fn limit(process: &Process, bytes: &str) {
    let done = Command::new("prlimit")
        .args(["--pid", &process.id().to_string(), &format!("--fsize={bytes}:unlimited")])
        .status()
        .unwrap();
    assert!(done.success());
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let full = Full::prepare(&data);
    // The signal of a file grown too large is ignored, so that the write fails instead.
    let command = format!(
        "trap '' XFSZ; exec '{}' up --data data --http 127.0.0.1:0 --grpc 127.0.0.1:0 --kiosk 127.0.0.1:0 --clock {MORNING}",
        binary("motcua").display()
    );
    let plan = Plan {
        name: "motcua".into(),
        command: vec!["sh".into(), "-c".into(), command],
        environment: vec![],
        folder: folder.path().to_owned(),
    };
    let mut process = Process::start(plan).await;
    let mut acked = vec![];
    let mut kiosk = kiosk(&process, &data);
    let queue = queue(&mut kiosk).await;
    for n in 0..20 {
        acked.push(tap(&mut kiosk, &queue, n).await.unwrap());
    }

    full.fill(&process).await;
    let mut refused = None;
    for n in 20..TICKETS_MAX {
        match tap(&mut kiosk, &queue, n).await {
            Ok(answer) => acked.push(answer),
            Err(status) => {
                refused = Some((n, status));
                break;
            }
        }
    }
    let (at, status) = refused.expect("a full disk refuses at last");
    let reason = status.get_details_error_info().unwrap().reason;
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let wanted = if matches!(full, Full::Disk(_)) { "DISK_FULL" } else { "STORE_UNAVAILABLE" };
    assert_eq!(reason, wanted, "{status:?}");
    // Reading goes on.
    kiosk.get_centre(GetCentreRequest { centre_id: CENTRE_ID.into() }).await.unwrap();
    assert_eq!(tap(&mut kiosk, &queue, 0).await.unwrap(), acked[0], "a known answer needs no space");

    full.free(&process);
    let went_on = wait::until("writes go on", || {
        let mut kiosk = kiosk.clone();
        let queue = queue.clone();
        async move { tap(&mut kiosk, &queue, at).await.ok() }
    })
    .await;
    acked.push(went_on);
    all_there(&mut kiosk, &queue, &acked).await;

    process.kill().await;
    process.restart().await;
    let mut kiosk = self::kiosk(&process, &data);
    all_there(&mut kiosk, &queue, &acked).await;
    assert!(process.stop().await.success());
}

type Kiosk = RoutingServiceClient<motcua_tests::centre::Caller>;

fn kiosk(process: &Process, data: &Path) -> Kiosk {
    let token = fs::read_to_string(data.join("credentials/kiosk.token")).unwrap();
    RoutingServiceClient::new(caller(&process.said["grpc"], &token))
}

async fn queue(kiosk: &mut Kiosk) -> String {
    let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
    kiosk.get_centre(request).await.unwrap().into_inner().centre.unwrap().queues.remove(0).id
}

async fn tap(kiosk: &mut Kiosk, queue: &str, n: usize) -> Result<IssueTicketResponse, Status> {
    let request = IssueTicketRequest {
        request_id: format!("tap-{n}"),
        centre_id: CENTRE_ID.into(),
        ticket_token: format!("{n:x>24}"),
        target: Some(Target::QueueId(queue.to_owned())),
        ..Default::default()
    };
    Ok(kiosk.issue_ticket(request).await?.into_inner())
}

/// Each answer again, in order, and a number for each.
async fn all_there(kiosk: &mut Kiosk, queue: &str, acked: &[IssueTicketResponse]) {
    for (n, answer) in acked.iter().enumerate() {
        assert_eq!(&tap(kiosk, queue, n).await.unwrap(), answer);
        let number = &answer.ticket.as_ref().unwrap().number;
        assert_eq!(number[1..].parse::<usize>().unwrap(), n + 1);
    }
}
