//! `motcua queue …` as an operator types it, beside a running centre and without one; and calls under a clock that runs.
use std::process::{Command, Output};

use motcua_proto::routing::v1::{
    CallNextRequest, GetCentreRequest, GetCounterRequest, IssueTicketRequest, Ticket, TicketState,
    issue_ticket_request::Target,
};
use motcua_tests::centre::{CENTRE_ID, Centre, Clients, binary};
use motcua_tests::wait;

fn queue(data: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("motcua"));
    command.arg("queue").args(arguments).arg("--data").arg(data).output().unwrap()
}

#[track_caller]
fn said(out: &Output) -> String {
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout.clone()).unwrap()
}

async fn take(staff: &mut Clients, tap: &str, class: &str) {
    let request = IssueTicketRequest {
        request_id: tap.into(),
        centre_id: CENTRE_ID.into(),
        priority_class: class.into(),
        target: Some(Target::QueueId("dat-dai".into())),
        ..Default::default()
    };
    staff.routing.issue_ticket(request).await.unwrap();
}

async fn call(staff: &mut Clients) -> Ticket {
    let request = CallNextRequest {
        request_id: "call-1".into(),
        centre_id: CENTRE_ID.into(),
        counter_id: "quay-1".into(),
        ..Default::default()
    };
    staff.routing.call_next(request).await.unwrap().into_inner().ticket.unwrap()
}

/// Ten business minutes are ten seconds here: in business seconds the call would have been missed long ago.
#[tokio::test]
async fn an_accelerated_morning_makes_nobody_missed() {
    let centre = Centre::embedded_with(&["--clock", "2026-11-23T08:00:00+07:00x60"]).await;
    let mut staff = centre.clients("operator");
    take(&mut staff, "tap-1", "").await;
    let called = call(&mut staff).await;
    let (call, answer) = (called.call_time.unwrap().seconds, called.answer_time.unwrap().seconds);
    assert_eq!(answer - call, 90 * 60);

    wait::until("ten minutes of the morning", || {
        let mut routing = staff.routing.clone();
        async move {
            let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
            let opening = routing.get_centre(request).await.ok()?.into_inner().centre?.opening?;
            (opening.now?.seconds >= call + 600).then_some(())
        }
    })
    .await;

    let request = GetCounterRequest { centre_id: CENTRE_ID.into(), counter_id: "quay-1".into() };
    let counter = staff.routing.get_counter(request).await.unwrap().into_inner();
    assert_eq!((counter.ticket.unwrap().state(), counter.missed.len()), (TicketState::Called, 0));
}

#[tokio::test]
async fn an_operator_asks_how_the_lines_stand_why_and_what_if() {
    let mut centre = Centre::embedded().await;
    let data = centre.data();
    let mut staff = centre.clients("operator");
    for (tap, class) in [("tap-1", ""), ("tap-2", "elderly80"), ("tap-3", "")] {
        take(&mut staff, tap, class).await;
    }
    call(&mut staff).await;

    let status = said(&queue(&data, &["status"]));
    assert!(status.contains("Tài nguyên và môi trường") && status.contains("gọi ngay"), "{status}");
    let counter = status.lines().find(|line| line.trim_start().starts_with("1 ")).unwrap();
    assert!(counter.contains("đang phục vụ") && counter.contains("A002") && counter.contains("08:"), "{status}");

    let explained = said(&queue(&data, &["explain", "a001"]));
    assert!(explained.contains("Lấy số A001"), "{explained}");
    assert!(explained.contains("1 người đến sau tối đa 20 phút được gọi trước"), "{explained}");
    assert!(!explained.contains("80 tuổi") && !explained.contains("A002"), "another citizen's data: {explained}");

    let file = data.join("moi.toml");
    let demo = Command::new(binary("motcua")).args(["centre", "demo"]).output().unwrap().stdout;
    std::fs::write(&file, &demo).unwrap();
    let file = file.display().to_string();
    let played = said(&queue(&data, &["simulate", &file, "--visitors", "150", "--seed", "7", "--target", "60"]));
    assert!(played.contains("150 khách") && played.contains("Số quầy mỗi giờ cần"), "{played}");
    assert_eq!(played, said(&queue(&data, &["simulate", &file, "--visitors", "150", "--seed", "7", "--target", "60"])));

    for (wrong, words) in [
        (vec!["explain", "12"], "A012"),
        (vec!["explain", "A999"], "TICKET_UNKNOWN"),
        (vec!["explain", "A001", "--day", "hôm qua"], "2026-11-23"),
        (vec!["simulate", "khong-co.toml"], "name a TOML file"),
        (vec!["simulate", &file, "--visitors", "0"], "from 1 to 10000"),
        (vec!["simulate", &file, "--day", "2020-01-02"], "không cấp số nào"),
    ] {
        let out = queue(&data, &wrong);
        assert_eq!(out.status.code(), Some(2), "{wrong:?}");
        let error = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(error.contains(words), "{wrong:?}: {error}");
    }
    std::fs::write(data.join("xau.toml"), "id = 3").unwrap();
    let out = queue(&data, &["simulate", &data.join("xau.toml").display().to_string()]);
    assert_eq!(out.status.code(), Some(2), "{out:?}");

    centre.process("motcua").stop().await;
    let status = said(&queue(&data, &["status"]));
    assert!(status.contains("Tài nguyên và môi trường"), "services start for the command: {status}");
    let nowhere = data.join("khong-co");
    for question in [vec!["status"], vec!["explain", "A001"]] {
        let out = queue(&nowhere, &question);
        assert_eq!((out.status.code(), nowhere.exists()), (Some(2), false), "{question:?}");
        assert!(String::from_utf8_lossy(&out.stderr).contains("no such folder"), "{question:?}");
    }
}
