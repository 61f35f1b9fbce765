//! Scans: taken by their content, kept sealed, read back by people with a hand in the dossier, forgotten if unused.

use futures::StreamExt as _;
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::upload_file_request::Part;
use motcua_proto::intake::v1::*;
use tonic::{Code, Status};

use crate::dossiers::{accept, request};
use crate::harness::{CENTRE, Client, Intake, on_every_store, reason, settings, until};

const PDF: &[u8] = b"%PDF-1.7\nSo can cuoc 086199000001\n%%EOF";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";

fn header(name: &str) -> FileHeader {
    FileHeader {
        request_id: motcua_kernel::id::new_id(),
        centre_id: CENTRE.into(),
        file_name: name.into(),
        media_type: String::new(),
        size_bytes: 0,
    }
}

async fn upload(client: &mut Client, header: FileHeader, content: &[u8]) -> Result<File, Status> {
    let mut parts = vec![UploadFileRequest { part: Some(Part::Header(header)) }];
    parts.extend(
        content.chunks(1 << 20).map(|chunk| UploadFileRequest { part: Some(Part::Chunk(chunk.to_vec().into())) }),
    );
    Ok(client.upload_file(futures::stream::iter(parts)).await?.into_inner().file.unwrap())
}

async fn read(client: &mut Client, id: &str) -> Result<(File, Vec<u8>), Status> {
    let asked = GetFileRequest { centre_id: CENTRE.into(), file_id: id.into() };
    let mut parts = client.get_file(asked).await?.into_inner();
    let (mut file, mut content) = (None, Vec::new());
    while let Some(part) = parts.next().await {
        match part?.part.unwrap() {
            get_file_response::Part::File(first) => file = Some(first),
            get_file_response::Part::Chunk(chunk) => content.extend_from_slice(&chunk),
        }
    }
    Ok((file.unwrap(), content))
}

fn as_scan_of(file: &File, ordinal: i32) -> FileUse {
    FileUse { file_id: file.id.clone(), ordinal, digitised: true, reused: false }
}

fn stored(intake: &Intake) -> Vec<Vec<u8>> {
    let folder = intake.folder.join(CENTRE);
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_kept_sealed_taken_up_by_one_dossier_and_read_back_as_it_came() {
    on_every_store(async |intake: Intake| {
        let mut officer = intake.officer();
        let asked = header("C:\\quét\\Tờ khai.pdf");
        let file = upload(&mut officer, asked.clone(), PDF).await.unwrap();
        assert_eq!((file.name.as_str(), file.media_type.as_str()), ("Tờ khai.pdf", "application/pdf"));
        assert_eq!((file.size_bytes, file.sha256.len()), (PDF.len() as i64, 64));
        assert_eq!(upload(&mut officer, asked.clone(), PDF).await.unwrap(), file, "the same request");
        assert_eq!(reason(&upload(&mut officer, asked, b"%PDF-other").await.unwrap_err()), "REQUEST_ID_REUSED");
        let on_disk = stored(&intake);
        assert_eq!(on_disk.len(), 1);
        assert!(!on_disk[0].windows(12).any(|window| window == b"086199000001"), "readable on the disk");

        let whole = upload(&mut officer, header("anh.png"), PNG).await.unwrap();
        let files = vec![as_scan_of(&file, 1), as_scan_of(&whole, 0)];
        let dossier = accept(&intake, AcceptDossierRequest { files, ..request() }).await.unwrap().dossier.unwrap();
        let asked = ListFilesRequest { centre_id: CENTRE.into(), dossier_id: dossier.id.clone() };
        let listed = officer.list_files(asked).await.unwrap().into_inner().files;
        assert_eq!(
            listed.iter().map(|f| (f.ordinal, f.digitised, f.name.as_str())).collect::<Vec<_>>(),
            [(0, true, "anh.png"), (1, true, "Tờ khai.pdf")]
        );
        // One dossier's file is not another's, and nothing of the refused one stays.
        let again = AcceptDossierRequest { files: vec![as_scan_of(&file, 1)], ..request() };
        assert_eq!(reason(&accept(&intake, again).await.unwrap_err()), "FILE_UNKNOWN");
        assert_eq!(intake.value("select count(*) as n from dossier").await, 1);

        for role in [Role::Officer, Role::Department, Role::Manager] {
            let mut hand = intake.acting(&Identity::of(role, "x", CENTRE));
            let (told, content) = read(&mut hand, &file.id).await.unwrap();
            assert_eq!((told.sha256, content.as_slice()), (file.sha256.clone(), PDF));
        }
        for who in
            [Identity::of(Role::Guide, "x", CENTRE), Identity::service("web"), Identity::of(Role::Citizen, "x", CENTRE)]
        {
            let refused = read(&mut intake.acting(&who), &file.id).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused)), (Code::PermissionDenied, "ROLE_DENIED".into()));
        }
        assert_eq!(reason(&read(&mut officer, "nobody").await.unwrap_err()), "FILE_UNKNOWN");
        assert_eq!(intake.value("select count(*) as n from audit where action = 'file.store'").await, 2);
        assert_eq!(intake.value("select count(*) as n from audit where action = 'file.read'").await, 3);
        until("both events", async || (intake.events_of("file.stored").len() == 2).then_some(())).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_scan_is_refused_and_leaves_nothing() {
    on_every_store(async |intake: Intake| {
        let mut officer = intake.officer();
        let large = [b"%PDF-".as_slice(), &vec![b'x'; 10 << 20]].concat();
        let cases: [(&str, &[u8], &str); 6] = [
            ("a.pdf", b"", "FILE_EMPTY"),
            ("a.pdf", b"MZ\x90\x00", "FILE_TYPE_MISMATCH"),
            ("a.pdf", PNG, "FILE_TYPE_MISMATCH"),
            ("a.html", b"<script>", "FILE_TYPE_UNKNOWN"),
            ("a\nb.pdf", PDF, "FILE_NAME_INVALID"),
            ("a.pdf", &large, "FILE_TOO_LARGE"),
        ];
        for (name, content, expected) in cases {
            let refused = upload(&mut officer, header(name), content).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, expected));
        }
        let elsewhere = FileHeader { centre_id: "other".into(), ..header("a.pdf") };
        assert_eq!(reason(&upload(&mut officer, elsewhere, PDF).await.unwrap_err()), "CENTRE_DENIED");
        let cut = FileHeader { size_bytes: PDF.len() as i64 + 1, ..header("a.pdf") };
        assert_eq!(reason(&upload(&mut officer, cut, PDF).await.unwrap_err()), "FILE_TRUNCATED");
        let bare = futures::stream::iter(vec![UploadFileRequest { part: Some(Part::Chunk(PDF.to_vec().into())) }]);
        assert_eq!(reason(&officer.upload_file(bare).await.unwrap_err()), "FILE_HEADER_MISSING");
        assert!(stored(&intake).is_empty());
        assert_eq!(intake.value("select count(*) as n from dossier_file").await, 0);

        // Another officer's scan, or a paper that the procedure does not have.
        let file = upload(&mut officer, header("a.pdf"), PDF).await.unwrap();
        let taken = AcceptDossierRequest { files: vec![as_scan_of(&file, 1)], ..request() };
        let mut other = intake.acting(&Identity::of(Role::Officer, "minh", CENTRE));
        assert_eq!(reason(&other.accept_dossier(taken).await.unwrap_err()), "FILE_UNKNOWN");
        let nowhere = AcceptDossierRequest { files: vec![as_scan_of(&file, 9)], ..request() };
        assert_eq!(reason(&accept(&intake, nowhere).await.unwrap_err()), "COMPONENT_UNKNOWN");
        let many = AcceptDossierRequest { files: vec![as_scan_of(&file, 1); 101], ..request() };
        assert_eq!(reason(&accept(&intake, many).await.unwrap_err()), "FILE_LIMIT");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_no_dossier_takes_up_is_forgotten_after_a_day() {
    on_every_store(async |intake: Intake| {
        let mut officer = intake.officer();
        let kept = upload(&mut officer, header("a.pdf"), PDF).await.unwrap();
        let left = upload(&mut officer, header("b.png"), PNG).await.unwrap();
        accept(&intake, AcceptDossierRequest { files: vec![as_scan_of(&kept, 1)], ..request() }).await.unwrap();
        assert_eq!(intake.service.discard_files().await.unwrap(), 0);
        intake.clock.set("2026-11-24T08:31:00+07:00".parse().unwrap());
        assert_eq!(intake.service.discard_files().await.unwrap(), 1);
        assert_eq!(reason(&read(&mut officer, &left.id).await.unwrap_err()), "FILE_UNKNOWN");
        assert_eq!(read(&mut officer, &kept.id).await.unwrap().1, PDF);
        assert_eq!(stored(&intake).len(), 1);
        until("the event", async || intake.events_of("file.discarded").pop()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_folder_no_scan_is_taken_and_dossiers_are() {
    for db in motcua_store::testing::databases().await.unwrap() {
        let intake = Intake::start(db, motcua_intake::Settings { files_dir: None, ..settings() }).await;
        intake.apply(1).await;
        until("the centre", async || {
            let known = intake.value("select count(*) as n from centre where synced_version >= 1").await;
            (known == 1).then_some(())
        })
        .await;
        let refused = upload(&mut intake.officer(), header("a.pdf"), PDF).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "FILES_OFF".into()));
        accept(&intake, request()).await.unwrap();
    }
}
