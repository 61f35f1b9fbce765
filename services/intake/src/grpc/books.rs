//! The book and the report on paper over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::{authorise, bad_request, department};
use motcua_store::Micros;
use tonic::{Request, Response, Status};

use crate::app::App;

const PAGE_DEFAULT: usize = 50;
const PAGE_MAX: usize = 1_000;

/// A place in the book: number, time and id of the last line seen.
type Place = (usize, jiff::Timestamp, String);

fn token((number, time, id): &Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("{number} {} {id}", Micros::from(*time).0))
}

fn place(token: &str) -> Result<Option<Place>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let mut parts = text.splitn(3, ' ');
        let (number, time, id) = (parts.next()?, parts.next()?, parts.next()?);
        Some((number.parse().ok()?, Micros(time.parse().ok()?).timestamp(), id.to_owned()))
    };
    let gone = || bad_request("PAGE_TOKEN_INVALID", "page_token", "Trang này không còn. Mời xem lại sổ từ đầu.");
    read().map(Some).ok_or_else(gone)
}

/// What a receipt is printed on.
pub(super) fn paper(size: i32) -> Result<motcua_forms::PaperSize, Status> {
    match PaperSize::try_from(size) {
        Ok(PaperSize::A5) => Ok(motcua_forms::PaperSize::A5),
        Ok(PaperSize::A4 | PaperSize::Unspecified) => Ok(motcua_forms::PaperSize::A4),
        Err(_) => Err(bad_request("PAPER_UNKNOWN", "paper_size", "Khổ giấy là A4 hoặc A5. Mời chọn lại.")),
    }
}

pub(super) async fn list(
    app: &App,
    request: Request<ListRegisterRequest>,
) -> Result<Response<ListRegisterResponse>, Status> {
    let who = authorise(&request, Action::ReadRegister, &request.get_ref().centre_id)?;
    let asked = request.into_inner();
    let days = (asked.first_day.as_str(), asked.last_day.as_str());
    let wanted = app.book(&asked.centre_id, days, department(&who, &asked.department)?).await?;
    let size = match usize::try_from(asked.page_size) {
        Ok(0) | Err(_) => PAGE_DEFAULT,
        Ok(size) => size.min(PAGE_MAX),
    };
    let page = app.book_page(&who, &wanted, place(&asked.page_token)?, size).await?;
    Ok(Response::new(ListRegisterResponse {
        entries: page.entries,
        next_page_token: page.more.as_ref().map(token).unwrap_or_default(),
        total: i32::try_from(page.total).unwrap_or(i32::MAX),
    }))
}

pub(super) async fn export(
    app: &App,
    request: Request<ExportRegisterRequest>,
) -> Result<Response<ExportRegisterResponse>, Status> {
    let who = authorise(&request, Action::ReadRegister, &request.get_ref().centre_id)?;
    let asked = request.into_inner();
    let days = (asked.first_day.as_str(), asked.last_day.as_str());
    let wanted = app.book(&asked.centre_id, days, department(&who, &asked.department)?).await?;
    let (content, file_name) = app.book_file(&who, &wanted, asked).await?;
    Ok(Response::new(ExportRegisterResponse { content: content.into(), file_name }))
}

pub(super) async fn report(
    app: &App,
    request: Request<GetReportPdfRequest>,
) -> Result<Response<GetReportPdfResponse>, Status> {
    authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
    let (pdf, file_name) = app.report_file(request.into_inner()).await?;
    Ok(Response::new(GetReportPdfResponse { pdf: pdf.into(), file_name }))
}
