//! The draft out of a file, the versions that came of it, and the list that it is edited from.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::put_draft_file_request::Part;
use motcua_proto::intake::v1::*;
use tonic::{Code, Status};

use crate::drafts::{CODE, Client, begun, change, diff, draft, id, publish};
use crate::files::{csv, rows};
use crate::harness::{CENTRE, Intake, on_every_store, reason};

async fn file(admin: &mut Client, header: DraftFileHeader, bytes: Vec<u8>) -> Result<PutDraftFileResponse, Status> {
    let header = DraftFileHeader { request_id: id(), centre_id: CENTRE.into(), ..header };
    let parts = [Part::Header(header), Part::Chunk(bytes.into())].map(|part| PutDraftFileRequest { part: Some(part) });
    Ok(admin.put_draft_file(futures::stream::iter(parts)).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_the_draft_and_is_published_like_any_edit() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        let mut lines = rows(31);
        lines.remove(30);
        lines[1][1] = "Tên trong tệp".into();
        (lines[2][8], lines[2][9]) = (String::new(), String::new());
        let check = DraftFileHeader { check: true, ..Default::default() };
        let report = file(&mut admin, check, csv(&lines)).await.unwrap();
        assert_eq!((report.added, report.changed, report.closed, report.changes.len()), (1, 2, 1, 4));
        assert!(report.warnings.iter().any(|w| w.starts_with("dòng 3, cột time_qty")), "{:?}", report.warnings);
        assert!(diff(&mut admin).await.is_empty(), "a check keeps nothing");

        change(&mut admin, "1.000005", |p| p.field = "Đất đai".into()).await;
        let careful = file(&mut admin, DraftFileHeader::default(), csv(&lines)).await.unwrap_err();
        assert_eq!((careful.code(), reason(&careful).as_str()), (Code::FailedPrecondition, "DRAFT_NOT_EMPTY"));
        let replace = DraftFileHeader { replace: true, ..Default::default() };
        file(&mut admin, replace.clone(), csv(&lines)).await.unwrap();
        let codes: Vec<String> = diff(&mut admin).await.into_iter().map(|c| c.code).collect();
        assert_eq!(codes, [CODE, "1.000001", "1.000029", "1.000030"]);
        lines[1][0] = "không phải mã".into();
        let refused = file(&mut admin, replace, csv(&lines)).await.unwrap_err();
        assert_eq!(reason(&refused), "CATALOGUE_INVALID");
        assert_eq!(diff(&mut admin).await.len(), 4, "a bad file leaves the draft as it is");

        let seen = draft(&mut admin).await;
        assert_eq!(publish(&mut admin, &seen).await.unwrap().version, 3);
        let listed = ListVersionsRequest { centre_id: CENTRE.into(), page_size: 2, ..Default::default() };
        let page = admin.list_versions(listed.clone()).await.unwrap().into_inner();
        let [third, second] = &page.versions[..] else { panic!("{page:?}") };
        assert_eq!((third.version, third.added, third.changed, third.closed), (3, 1, 2, 1));
        assert_eq!((third.publish_by.as_str(), third.note.as_str()), ("hoa", "Theo Quyết định số 12/QĐ-UBND"));
        assert_eq!((second.added, second.changed, second.file_name.as_str()), (30, 0, "danh-muc.csv"));
        let rest = ListVersionsRequest { page_token: page.next_page_token, ..listed };
        let rest = admin.list_versions(rest).await.unwrap().into_inner();
        assert_eq!((rest.versions.len(), rest.versions[0].sample, rest.next_page_token.as_str()), (1, true, ""));
        let asked = DiffVersionsRequest { centre_id: CENTRE.into(), version: 3, page_size: 3, ..Default::default() };
        let changes = admin.diff_versions(asked.clone()).await.unwrap().into_inner();
        assert_eq!((changes.added, changes.changed, changes.closed, changes.changes.len()), (1, 2, 1, 3));
        let next = DiffVersionsRequest { page_token: changes.next_page_token, ..asked.clone() };
        assert_eq!(admin.diff_versions(next).await.unwrap().into_inner().changes[0].code, "1.000030");
        let unknown = admin.diff_versions(DiffVersionsRequest { version: 9, ..asked }).await.unwrap_err();
        assert_eq!(reason(&unknown), "CATALOGUE_VERSION_UNKNOWN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_searched_without_marks_narrowed_and_paged() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        change(&mut admin, "1.000003", |p| p.name = "Đăng ký biến động".into()).await;
        let all = ListDraftProceduresRequest { centre_id: CENTRE.into(), page_size: 20, ..Default::default() };
        let first = admin.list_draft_procedures(all.clone()).await.unwrap().into_inner();
        assert_eq!((first.total, first.lines.len(), first.departments.len()), (30, 20, 19));
        let second = ListDraftProceduresRequest { page_token: first.next_page_token, ..all.clone() };
        let second = admin.list_draft_procedures(second).await.unwrap().into_inner();
        assert_eq!(
            (second.lines.len(), second.lines[0].code.as_str(), second.next_page_token.as_str()),
            (10, "1.000020", "")
        );
        let narrowed = [
            (ListDraftProceduresRequest { query: "bien dong".into(), ..all.clone() }, 1),
            (ListDraftProceduresRequest { query: "1.000003".into(), ..all.clone() }, 1),
            (ListDraftProceduresRequest { department: "Sở Thử 3".into(), ..all.clone() }, 2),
            (ListDraftProceduresRequest { reception: Reception::AtAgency.into(), ..all.clone() }, 4),
            (ListDraftProceduresRequest { changed_only: true, ..all.clone() }, 1),
            (ListDraftProceduresRequest { query: "không có".into(), ..all }, 0),
        ];
        for (asked, total) in narrowed {
            let found = admin.list_draft_procedures(asked.clone()).await.unwrap().into_inner();
            assert_eq!(found.total, total, "{asked:?}");
        }
        let officer = intake.catalogue(&Identity::of(Role::Officer, "lan", CENTRE));
        let denied = { officer }.get_draft(GetDraftRequest { centre_id: CENTRE.into() }).await.unwrap_err();
        assert_eq!((denied.code(), reason(&denied).as_str()), (Code::PermissionDenied, "ROLE_DENIED"));
    })
    .await;
}
